//! `at time zone`: a moment becomes what the clocks of a zone show, and what they show becomes a moment.
//!
//! The query engine keeps both as moments with a zone, so `date_trunc('day', t at time zone 'Asia/Tokyo')` came back as 15:00
//! UTC of the day before.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, IntervalMonthDayNanoType, IntervalUnit, TimeUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, exec_datafusion_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use jiff::tz::{Offset, TimeZone};
use playhead_protocol::time::DAY_NS;

use crate::functions::postgres::TIME_ZONE;
use crate::functions::postgres::moments::{
    UTC, civil, in_microseconds, local, us_of_civil, us_of_local, zone_named,
};

/// The function behind `at time zone`, for a session in UTC.
pub(super) fn time_zone() -> ScalarUDF {
    ScalarUDF::new_from_impl(TimeZoneFunction {
        signature: Signature::user_defined(Volatility::Stable),
        session: UTC.into(),
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TimeZoneFunction {
    signature: Signature,
    /// The time zone of the session, in which moments are shown.
    session: Arc<str>,
}

impl ScalarUDFImpl for TimeZoneFunction {
    fn name(&self) -> &str {
        TIME_ZONE
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn with_updated_config(&self, config: &ConfigOptions) -> Option<ScalarUDF> {
        let session = config.execution.time_zone.as_deref().unwrap_or(UTC).into();
        Some(ScalarUDF::new_from_impl(Self { signature: self.signature.clone(), session }))
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let [zone, moment] = arg_types else {
            return plan_err!("{TIME_ZONE} takes a time zone and a moment");
        };
        let zone = match zone {
            DataType::Interval(_) | DataType::Duration(_) => DataType::Interval(IntervalUnit::MonthDayNano),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => DataType::Utf8,
            other => return plan_err!("a time zone is a text or an interval, not {other}"),
        };
        let moment = match moment {
            DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
            DataType::Date32
            | DataType::Date64
            | DataType::Null
            | DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View => DataType::Timestamp(TimeUnit::Microsecond, Some(self.session.clone())),
            other => return plan_err!("at time zone needs a moment, not {other}"),
        };
        Ok(vec![zone, moment])
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        let zone = match arg_types.get(1) {
            Some(DataType::Timestamp(_, None)) => Some(self.session.clone()),
            _ => None,
        };
        Ok(DataType::Timestamp(TimeUnit::Microsecond, zone))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let return_type = args.return_type().clone();
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let [zone, moments] = args.args.as_slice() else {
            return Err(exec_datafusion_err!("{TIME_ZONE} takes a time zone and a moment"));
        };
        let moments = moments.to_array(rows)?;
        let moved = match zone {
            ColumnarValue::Scalar(zone) if zone.is_null() => none(rows),
            ColumnarValue::Scalar(zone) => moved(&moments, &[zone_at(&zone.to_array()?, 0)?], |_| 0)?,
            ColumnarValue::Array(zones) => {
                let (known, places) = distinct(zones)?;
                moved(&moments, &known, |row| places.get(row).copied().unwrap_or(0))?
            }
        };
        let array: ArrayRef =
            cast(&(Arc::new(moved) as ArrayRef), &DataType::Timestamp(TimeUnit::Microsecond, None))?;
        // The numbers are right already; only the type says in which zone they are shown.
        let array = match return_type {
            DataType::Timestamp(_, Some(zone)) => {
                let plain = array.as_primitive::<datafusion::arrow::datatypes::TimestampMicrosecondType>();
                Arc::new(plain.clone().with_timezone(zone))
            }
            _ => array,
        };
        if is_constant {
            return Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

fn none(rows: usize) -> TimestampMicrosecondArray {
    TimestampMicrosecondArray::new_null(rows)
}

/// The moments as the other kind, each in one of these zones.
fn moved(
    moments: &ArrayRef,
    zones: &[Option<TimeZone>],
    place: impl Fn(usize) -> usize,
) -> Result<TimestampMicrosecondArray> {
    let (moments, zone) = in_microseconds(moments)?;
    let mut moved = Vec::with_capacity(moments.len());
    for (row, us) in moments.iter().enumerate() {
        moved.push(match (us, zones.get(place(row)).and_then(Option::as_ref)) {
            (Some(us), Some(rules)) if zone.is_some() => Some(us_of_civil(local(us, rules)?)?),
            (Some(us), Some(rules)) => Some(us_of_local(civil(us)?, rules)?),
            _ => None,
        });
    }
    Ok(moved.into())
}

/// The different zones of a column, and the place of each row's among them.
fn distinct(zones: &ArrayRef) -> Result<(Vec<Option<TimeZone>>, Vec<usize>)> {
    let mut known: Vec<Option<TimeZone>> = Vec::new();
    let mut by_text = std::collections::HashMap::new();
    let mut places = Vec::with_capacity(zones.len());
    for row in 0..zones.len() {
        let text = datafusion::arrow::util::display::array_value_to_string(zones, row)?;
        let place = match by_text.get(&text) {
            Some(place) => *place,
            None => {
                known.push(zone_at(zones, row)?);
                by_text.insert(text, known.len() - 1);
                known.len() - 1
            }
        };
        places.push(place);
    }
    Ok((known, places))
}

fn zone_at(zones: &ArrayRef, row: usize) -> Result<Option<TimeZone>> {
    if zones.is_null(row) {
        return Ok(None);
    }
    if let DataType::Interval(_) = zones.data_type() {
        let interval = zones.as_primitive::<IntervalMonthDayNanoType>().value(row);
        let day_ns = i64::try_from(DAY_NS).unwrap_or(i64::MAX);
        let ns = i64::from(interval.days).saturating_mul(day_ns).saturating_add(interval.nanoseconds);
        let offset = i32::try_from(ns / 1_000_000_000).ok().filter(|_| interval.months == 0);
        let offset = offset.and_then(|seconds| Offset::from_seconds(seconds).ok());
        return match offset {
            Some(offset) => Ok(Some(TimeZone::fixed(offset))),
            None => Err(exec_datafusion_err!("an interval is too long for the offset of a time zone")),
        };
    }
    zone_named(zones.as_string::<i32>().value(row)).map(Some)
}
