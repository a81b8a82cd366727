//! `extract` and `date_part` as PostgreSQL counts: seconds with their fraction, and the parts of a length of time.
//!
//! The query engine cuts the fraction of a second off, and gives of the time between two moments all hours, all minutes and all
//! seconds, where PostgreSQL gives the hours beyond its days, the minutes beyond its hours and the seconds beyond its minutes.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Field, FieldRef, Int32Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult};
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
};
use playhead_protocol::time::DAY_SECONDS;

use crate::functions::lengths::{Length, lengths_of};

/// The function, to be registered under its own name.
pub(crate) fn date_part() -> ScalarUDF {
    ScalarUDF::new_from_impl(DatePart { inner: datafusion::functions::datetime::date_part() })
}

/// Plans `extract(part from value)` with this function; the engine's own planner would take the engine's.
#[derive(Debug)]
pub(crate) struct ExtractPlanner;

impl ExprPlanner for ExtractPlanner {
    fn plan_extract(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(date_part().call(args)))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DatePart {
    inner: Arc<ScalarUDF>,
}

/// A part that is counted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Epoch,
    Millennium,
    Century,
    Decade,
    Year,
    Quarter,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl Part {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "epoch" => Self::Epoch,
            "millennium" | "millenniums" | "millennia" | "mil" | "mils" => Self::Millennium,
            "century" | "centuries" | "cent" | "c" => Self::Century,
            "decade" | "decades" | "dec" | "decs" => Self::Decade,
            "year" | "years" | "y" | "yr" | "yrs" => Self::Year,
            "quarter" | "quarters" | "qtr" => Self::Quarter,
            "month" | "months" | "mon" | "mons" => Self::Month,
            "day" | "days" | "d" => Self::Day,
            "hour" | "hours" | "h" | "hr" | "hrs" => Self::Hour,
            "minute" | "minutes" | "m" | "min" | "mins" => Self::Minute,
            "second" | "seconds" | "s" | "sec" | "secs" => Self::Second,
            "millisecond" | "milliseconds" | "ms" | "msec" | "msecs" | "msecond" | "mseconds" => {
                Self::Millisecond
            }
            "microsecond" | "microseconds" | "us" | "usec" | "usecs" | "usecond" | "useconds" => {
                Self::Microsecond
            }
            "nanosecond" | "nanoseconds" | "ns" | "nsec" | "nsecs" => Self::Nanosecond,
            _ => return None,
        })
    }

    /// `None` if the engine counts this part of a value of this type as PostgreSQL does.
    fn of(name: Option<&ScalarValue>, data_type: &DataType) -> Option<Self> {
        let name = name?.try_as_str().flatten()?.trim_matches(['\'', '"']).to_lowercase();
        let part = Self::named(&name)?;
        let is_here = match data_type {
            DataType::Duration(_) | DataType::Interval(_) => true,
            DataType::Timestamp(..) => {
                matches!(
                    part,
                    Self::Epoch
                        | Self::Second
                        | Self::Millisecond
                        | Self::Century
                        | Self::Decade
                        | Self::Millennium
                )
            }
            DataType::Time32(_) | DataType::Time64(_) => matches!(part, Self::Second | Self::Millisecond),
            DataType::Date32 | DataType::Date64 => {
                matches!(part, Self::Century | Self::Decade | Self::Millennium)
            }
            _ => false,
        };
        is_here.then_some(part)
    }

    /// Whether its counts have a fraction.
    const fn is_float(self) -> bool {
        matches!(self, Self::Epoch | Self::Second | Self::Millisecond)
    }

    fn count(
        self,
        values: &ArrayRef,
        inner: impl Fn(&ArrayRef, &str) -> Result<ArrayRef>,
    ) -> Result<ArrayRef> {
        match values.data_type() {
            DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 if !self.is_float() => {
                let years = inner(values, "year")?;
                let years = years.as_primitive::<Int32Type>();
                Ok(Arc::new(
                    years
                        .iter()
                        .map(|year| year.map(|year| self.of_year(i64::from(year))))
                        .collect::<Int64Array>(),
                ))
            }
            DataType::Timestamp(..) => {
                // All time zones have had offsets of whole minutes for as long as there is streaming.
                let utc = cast(values, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
                let us = utc.as_primitive::<TimestampMicrosecondType>().iter();
                if self == Self::Epoch {
                    // The engine counts nanoseconds, which have more digits than a float.
                    let seconds = us.map(|us| us.map(|us| us as f64 / 1e6));
                    return Ok(Arc::new(seconds.collect::<Float64Array>()));
                }
                let minute =
                    us.map(|us| us.map(|us| Length { us: us.rem_euclid(60_000_000), ..Length::default() }));
                self.counts(&minute.collect::<Vec<_>>())
            }
            _ => self.counts(&lengths_of(values)?),
        }
    }

    fn counts(self, lengths: &[Option<Length>]) -> Result<ArrayRef> {
        if self.is_float() {
            let counts: Float64Array =
                lengths.iter().map(|length| length.map(|length| self.float(length))).collect();
            return Ok(Arc::new(counts));
        }
        let counts: Int64Array =
            lengths.iter().map(|length| length.map(|length| self.whole(length))).collect();
        Ok(Arc::new(counts))
    }

    fn float(self, length: Length) -> f64 {
        let seconds = length.us % 60_000_000;
        match self {
            Self::Epoch => {
                // A year is 365.25 days here and a month 30, as in PostgreSQL.
                let years = f64::from(length.months / 12) * 31_557_600.0;
                let months = f64::from(length.months % 12) * 2_592_000.0;
                years + months + length.days as f64 * DAY_SECONDS + length.us as f64 / 1e6
            }
            Self::Millisecond => seconds as f64 / 1e3,
            _ => seconds as f64 / 1e6,
        }
    }

    fn whole(self, length: Length) -> i64 {
        let (years, months) = (i64::from(length.months / 12), i64::from(length.months % 12));
        match self {
            Self::Millennium => years / 1_000,
            Self::Century => years / 100,
            Self::Decade => years / 10,
            Self::Year => years,
            Self::Quarter => months / 3 + 1,
            Self::Month => months,
            Self::Day => length.days,
            Self::Hour => length.us / 3_600_000_000,
            Self::Minute => length.us / 60_000_000 % 60,
            Self::Nanosecond => length.us % 60_000_000 * 1_000,
            _ => length.us % 60_000_000,
        }
    }

    /// The millennium, century or decade of a year.
    const fn of_year(self, year: i64) -> i64 {
        match self {
            Self::Millennium => (year + 999).div_euclid(1_000),
            Self::Century => (year + 99).div_euclid(100),
            _ => year.div_euclid(10),
        }
    }
}

impl ScalarUDFImpl for DatePart {
    says_as_inner!();

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        if let ([name, ..], [_, value]) = (args.scalar_arguments, args.arg_fields)
            && let Some(part) = Part::of(*name, value.data_type())
        {
            let data_type = if part.is_float() { DataType::Float64 } else { DataType::Int64 };
            return Ok(Arc::new(Field::new(self.name(), data_type, value.is_nullable())));
        }
        self.inner.return_field_from_args(args)
    }

    fn preimage(&self, args: &[Expr], value: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        self.inner.preimage(args, value, info)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [ColumnarValue::Scalar(name), value] = args.args.as_slice() else {
            return self.inner.invoke_with_args(args);
        };
        let Some(part) = Part::of(Some(name), &value.data_type()) else {
            return self.inner.invoke_with_args(args);
        };
        let by_engine = |values: &ArrayRef, name: &str| -> Result<ArrayRef> {
            let name = ColumnarValue::Scalar(ScalarValue::from(name));
            let args = ScalarFunctionArgs {
                args: vec![name, ColumnarValue::Array(values.clone())],
                arg_fields: args.arg_fields.clone(),
                number_rows: values.len(),
                return_field: Arc::new(Field::new(self.name(), DataType::Int32, true)),
                config_options: args.config_options.clone(),
            };
            self.inner.invoke_with_args(args)?.into_array(values.len())
        };
        Ok(match value {
            ColumnarValue::Array(values) => ColumnarValue::Array(part.count(values, by_engine)?),
            ColumnarValue::Scalar(value) => {
                let counted = part.count(&value.to_array()?, by_engine)?;
                ColumnarValue::Scalar(ScalarValue::try_from_array(&counted, 0)?)
            }
        })
    }
}
