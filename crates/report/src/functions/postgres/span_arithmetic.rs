//! Lengths of time times a number, by a number, and as one number by which they compare. The query engine has none of these.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Decimal128Array, IntervalMonthDayNanoArray};
use datafusion::arrow::datatypes::{DataType, Float64Type, IntervalMonthDayNano, IntervalUnit};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use playhead_protocol::time::{DAY_SECONDS, DAY_US};

use crate::functions::lengths::{Length, lengths_of};

/// Days of a month where months are counted in days.
const MONTH_DAYS: i64 = 30;

const INTERVAL: DataType = DataType::Interval(IntervalUnit::MonthDayNano);
/// Holds the microseconds of any interval.
const MICROSECONDS: DataType = DataType::Decimal128(38, 0);

/// A length times a number.
pub(super) fn span_times() -> ScalarUDF {
    function(Arithmetic::Times)
}

/// A length by a number.
pub(super) fn span_divided() -> ScalarUDF {
    function(Arithmetic::Divided)
}

/// All of a length in microseconds: a day is 24 hours and a month 30 days.
pub(super) fn length_in_us() -> ScalarUDF {
    function(Arithmetic::InMicroseconds)
}

fn function(arithmetic: Arithmetic) -> ScalarUDF {
    let signature = Signature::user_defined(Volatility::Immutable);
    ScalarUDF::new_from_impl(SpanArithmetic { arithmetic, signature })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Arithmetic {
    Times,
    Divided,
    InMicroseconds,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct SpanArithmetic {
    arithmetic: Arithmetic,
    signature: Signature,
}

impl ScalarUDFImpl for SpanArithmetic {
    fn name(&self) -> &str {
        match self.arithmetic {
            Arithmetic::Times => "interval_times",
            Arithmetic::Divided => "interval_divided",
            Arithmetic::InMicroseconds => "interval_us",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match (self.arithmetic, arg_types) {
            (Arithmetic::InMicroseconds, [length]) => Ok(vec![length.clone()]),
            (Arithmetic::Times | Arithmetic::Divided, [length, _]) => {
                Ok(vec![length.clone(), DataType::Float64])
            }
            _ => plan_err!("{} takes a length of time and a number", self.name()),
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(if self.arithmetic == Arithmetic::InMicroseconds { MICROSECONDS } else { INTERVAL })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let columns: Vec<ArrayRef> = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<_>>()?;
        let array = match (self.arithmetic, columns.as_slice()) {
            (Arithmetic::InMicroseconds, [lengths]) => in_microseconds(lengths)?,
            (_, [lengths, numbers]) => self.made(lengths, numbers)?,
            _ => return exec_err!("{} takes a length of time and a number", self.name()),
        };
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

impl SpanArithmetic {
    fn made(&self, lengths: &ArrayRef, numbers: &ArrayRef) -> Result<ArrayRef> {
        let numbers = numbers.as_primitive::<Float64Type>();
        let both = lengths_of(lengths)?.into_iter().zip(numbers);
        let made = both.map(|(length, number)| {
            let Some((length, number)) = length.zip(number) else { return Ok(None) };
            if self.arithmetic == Arithmetic::Times {
                return scaled(length, |part| part * number).map(Some);
            }
            if number == 0.0 {
                return Err(DataFusionError::from(datafusion::arrow::error::ArrowError::DivideByZero));
            }
            scaled(length, |part| part / number).map(Some)
        });
        Ok(Arc::new(IntervalMonthDayNanoArray::from(made.collect::<Result<Vec<_>>>()?)))
    }
}

/// Scales each part of a length. What is left of months becomes days, and what is left of days becomes time, as PostgreSQL does it.
fn scaled(length: Length, scale: impl Fn(f64) -> f64) -> Result<IntervalMonthDayNano> {
    let to_microseconds = |number: f64| (number * 1e6).round_ties_even() / 1e6;
    let months = scale(f64::from(length.months));
    let days = scale(length.days as f64);
    let of_months = to_microseconds((months - months.trunc()) * MONTH_DAYS as f64);
    let seconds = to_microseconds((days - days.trunc() + of_months - of_months.trunc()) * DAY_SECONDS);
    let more_days = (seconds / DAY_SECONDS).trunc();
    let us = scale(length.us as f64) + (seconds - more_days * DAY_SECONDS) * 1e6;
    let ns = whole(us.round_ties_even())?.checked_mul(1_000).ok_or_else(out_of_range)?;
    let part = |number: f64| i32::try_from(whole(number)?).map_err(|_| out_of_range());
    Ok(IntervalMonthDayNano::new(
        part(months.trunc())?,
        part(days.trunc() + of_months.trunc() + more_days)?,
        ns,
    ))
}

fn whole(number: f64) -> Result<i64> {
    if number.is_nan() || number.abs() >= 9e18 { Err(out_of_range()) } else { Ok(number as i64) }
}

fn out_of_range() -> DataFusionError {
    exec_datafusion_err!("an interval is out of range")
}

fn in_microseconds(lengths: &ArrayRef) -> Result<ArrayRef> {
    let us = |length: Length| {
        let days = i128::from(length.months) * i128::from(MONTH_DAYS) + i128::from(length.days);
        days * i128::from(DAY_US) + i128::from(length.us)
    };
    let all = lengths_of(lengths)?.into_iter().map(|length| length.map(us));
    Ok(Arc::new(all.collect::<Decimal128Array>().with_precision_and_scale(38, 0)?))
}
