//! `to_timestamp` and `to_date` with PostgreSQL's patterns; those of `strftime` are the engine's.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Date32Array, TimestampMicrosecondArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
};
use jiff::tz::TimeZone;

use crate::functions::postgres::moments::zone_of_type;
use crate::functions::postgres::pattern::{Item, check_pattern, is_of_postgres, items_of};
use crate::functions::postgres::reading::{read_date, read_moment};

/// These functions, each to be registered under its own name.
pub(super) fn to_moments(config: &ConfigOptions) -> [ScalarUDF; 2] {
    [
        (datafusion::functions::datetime::to_timestamp(config), false),
        (datafusion::functions::datetime::to_date(), true),
    ]
    .map(|(inner, is_date)| ScalarUDF::new_from_impl(ToMoment { inner, is_date }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ToMoment {
    inner: Arc<ScalarUDF>,
    is_date: bool,
}

impl ScalarUDFImpl for ToMoment {
    says_as_inner!();

    fn with_updated_config(&self, config: &ConfigOptions) -> Option<ScalarUDF> {
        let inner = self.inner.inner().with_updated_config(config)?;
        Some(ScalarUDF::new_from_impl(Self { inner: Arc::new(inner), is_date: self.is_date }))
    }

    fn return_field_from_args(
        &self,
        args: ReturnFieldArgs<'_>,
    ) -> Result<datafusion::arrow::datatypes::FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.inner().coerce_types(arg_types)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if let [seconds] = args.args.as_slice()
            && matches!(seconds.data_type(), DataType::Float64)
            && !self.is_date
        {
            return Ok(match seconds {
                ColumnarValue::Scalar(seconds) => {
                    let moment = of_seconds(&seconds.to_array()?, args.return_type())?;
                    ColumnarValue::Scalar(ScalarValue::try_from_array(&moment, 0)?)
                }
                ColumnarValue::Array(seconds) => {
                    ColumnarValue::Array(of_seconds(seconds, args.return_type())?)
                }
            });
        }
        let [texts, patterns] = args.args.as_slice() else { return self.inner.invoke_with_args(args) };
        if let ColumnarValue::Scalar(pattern) = patterns
            && pattern.try_as_str().flatten().is_some_and(|pattern| !is_of_postgres(pattern))
        {
            return self.inner.invoke_with_args(args);
        }
        if !matches!(texts.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
            return self.inner.invoke_with_args(args);
        }
        let is_constant = matches!((texts, patterns), (ColumnarValue::Scalar(_), ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let texts = cast(&texts.to_array(rows)?, &DataType::Utf8)?;
        let patterns = cast(&patterns.to_array(rows)?, &DataType::Utf8)?;
        let read = self.read(&texts, &patterns, args.return_type())?;
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&read, 0)?));
        }
        Ok(ColumnarValue::Array(read))
    }
}

/// The moments of these seconds since 1970, to the nearest microsecond. The engine cuts off what floats lose of nanoseconds.
fn of_seconds(seconds: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
    let us = |seconds: f64| {
        let us = (seconds * 1e6).round();
        if us.is_nan() || us.abs() >= 9.2e18 {
            return exec_err!("a moment is outside the calendar: {seconds} seconds since 1970");
        }
        Ok(us as i64)
    };
    let moments = seconds.as_primitive::<Float64Type>().iter().map(|seconds| seconds.map(us).transpose());
    as_wanted(TimestampMicrosecondArray::from(moments.collect::<Result<Vec<_>>>()?), wanted)
}

/// Moments in the type that the engine wants.
fn as_wanted(moments: TimestampMicrosecondArray, wanted: &DataType) -> Result<ArrayRef> {
    let moments: ArrayRef = match wanted {
        DataType::Timestamp(_, Some(zone)) => Arc::new(moments.with_timezone(zone.clone())),
        _ => Arc::new(moments),
    };
    // A moment that the engine's type cannot hold is an error, not nothing.
    let options = datafusion::arrow::compute::CastOptions { safe: false, ..Default::default() };
    Ok(datafusion::arrow::compute::cast_with_options(&moments, wanted, &options)?)
}

impl ToMoment {
    fn read(&self, texts: &ArrayRef, patterns: &ArrayRef, wanted: &DataType) -> Result<ArrayRef> {
        let (texts, patterns) = (texts.as_string::<i32>(), patterns.as_string::<i32>());
        let zone = match wanted {
            DataType::Timestamp(_, Some(zone)) => zone_of_type(zone)?,
            _ => TimeZone::UTC,
        };
        let mut items_by_pattern: HashMap<&str, Vec<Item>> = HashMap::new();
        let (mut dates, mut moments) = (Vec::new(), Vec::new());
        for (text, pattern) in texts.iter().zip(patterns) {
            let both = text.zip(pattern);
            pattern.map_or(Ok(()), check_pattern)?;
            let items = both.map(|(text, pattern)| {
                (text, &*items_by_pattern.entry(pattern).or_insert_with(|| items_of(pattern)))
            });
            if self.is_date {
                dates.push(items.map(|(text, items)| read_date(text, items)).transpose()?);
            } else {
                moments.push(items.map(|(text, items)| read_moment(text, items, &zone)).transpose()?);
            }
        }
        if self.is_date {
            return Ok(cast(&(Arc::new(Date32Array::from(dates)) as ArrayRef), wanted)?);
        }
        as_wanted(TimestampMicrosecondArray::from(moments), wanted)
    }
}
