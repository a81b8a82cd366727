//! `age` and `make_interval`.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, IntervalMonthDayNanoArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Float64Type, Int64Type, IntervalMonthDayNano, IntervalUnit, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use jiff::civil::DateTime;
use playhead_protocol::time::DAY_US;

use crate::functions::postgres::moments::{civil, local, us_of_civil, zone_of_type};

/// These functions.
pub(super) fn spans() -> [ScalarUDF; 2] {
    [Span::Age, Span::Made].map(|span| {
        let signature = Signature::user_defined(Volatility::Immutable);
        ScalarUDF::new_from_impl(SpanFunction { span, signature })
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Span {
    /// The years, months, days and time from the second moment to the first.
    Age,
    /// Years, months, weeks, days, hours, minutes and seconds, put together.
    Made,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct SpanFunction {
    span: Span,
    signature: Signature,
}

const INTERVAL: DataType = DataType::Interval(IntervalUnit::MonthDayNano);

impl ScalarUDFImpl for SpanFunction {
    fn name(&self) -> &str {
        match self.span {
            Span::Age => "age",
            Span::Made => "make_interval",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        match (self.span, arg_types) {
            (Span::Age, [_, _]) => {
                let zone = arg_types.iter().find_map(|data_type| match data_type {
                    DataType::Timestamp(_, zone) => zone.clone(),
                    _ => None,
                });
                Ok(vec![DataType::Timestamp(TimeUnit::Microsecond, zone); 2])
            }
            (Span::Age, _) => plan_err!("age takes two moments: age(later, earlier)"),
            (Span::Made, parts) if parts.len() <= 7 => {
                let whole = std::iter::repeat_n(DataType::Int64, parts.len().min(6));
                Ok(whole.chain(parts.get(6).map(|_| DataType::Float64)).collect())
            }
            (Span::Made, _) => {
                plan_err!("make_interval takes years, months, weeks, days, hours, minutes and seconds")
            }
        }
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(INTERVAL)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let columns: Vec<ArrayRef> = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<_>>()?;
        let mut lengths = Vec::with_capacity(rows);
        for row in 0..rows {
            let is_null = columns.iter().any(|column| column.is_null(row));
            lengths.push(match self.span {
                _ if is_null => None,
                Span::Age => Some(age_at(&columns, row)?),
                Span::Made => Some(made_at(&columns, row)?),
            });
        }
        let array: ArrayRef = Arc::new(IntervalMonthDayNanoArray::from(lengths));
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

fn age_at(columns: &[ArrayRef], row: usize) -> Result<IntervalMonthDayNano> {
    let [later, earlier] = columns else { return exec_err!("age takes two moments") };
    let shown = |column: &ArrayRef| -> Result<DateTime> {
        let us = column.as_primitive::<TimestampMicrosecondType>().value(row);
        match column.data_type() {
            DataType::Timestamp(_, Some(zone)) => local(us, &zone_of_type(zone)?),
            _ => civil(us),
        }
    };
    let (later, earlier) = (shown(later)?, shown(earlier)?);
    if later >= earlier {
        return age(later, earlier);
    }
    let turned = age(earlier, later)?;
    Ok(IntervalMonthDayNano::new(-turned.months, -turned.days, -turned.nanoseconds))
}

/// The time from one moment to a later one: whole months first, then days and what is left. A month that has to be lent to the
/// days is the earlier moment's.
fn age(later: DateTime, earlier: DateTime) -> Result<IntervalMonthDayNano> {
    let month = |moment: DateTime| i32::from(moment.year()) * 12 + i32::from(moment.month());
    let us_of_day = |moment: DateTime| -> Result<i64> {
        Ok(us_of_civil(moment)? - us_of_civil(moment.date().to_datetime(jiff::civil::Time::midnight()))?)
    };
    let mut months = month(later) - month(earlier);
    let mut days = i32::from(later.day()) - i32::from(earlier.day());
    let mut us = us_of_day(later)? - us_of_day(earlier)?;
    if us < 0 {
        us += DAY_US;
        days -= 1;
    }
    if days < 0 {
        days += i32::from(earlier.date().days_in_month());
        months -= 1;
    }
    Ok(IntervalMonthDayNano::new(months, days, us * 1_000))
}

fn made_at(columns: &[ArrayRef], row: usize) -> Result<IntervalMonthDayNano> {
    let part = |place: usize| -> i64 {
        columns.get(place).map_or(0, |column| column.as_primitive::<Int64Type>().value(row))
    };
    let seconds = match columns.get(6) {
        Some(column) => cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().value(row),
        None => 0.0,
    };
    let too_long = || exec_datafusion_err!("an interval is out of range");
    let whole = |part: Option<i64>| part.and_then(|part| i32::try_from(part).ok()).ok_or_else(too_long);
    let months = whole(part(0).checked_mul(12).and_then(|months| months.checked_add(part(1))))?;
    let days = whole(part(2).checked_mul(7).and_then(|days| days.checked_add(part(3))))?;
    let minutes = part(4).checked_mul(60).and_then(|minutes| minutes.checked_add(part(5)));
    let ns = minutes.and_then(|minutes| minutes.checked_mul(60_000_000_000)).ok_or_else(too_long)?;
    let fraction = (seconds * 1e6).round();
    if fraction.is_nan() || fraction.abs() >= 9e15 {
        return Err(too_long());
    }
    let ns = ns.checked_add(fraction as i64 * 1_000).ok_or_else(too_long)?;
    Ok(IntervalMonthDayNano::new(months, days, ns))
}
