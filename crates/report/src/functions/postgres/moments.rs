//! Moments as clocks show them, in arrays of the query engine.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, TimestampMicrosecondArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use datafusion::common::{Result, exec_datafusion_err};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use crate::time::range::Zone;

/// The time zone of moments that have no other.
pub(super) const UTC: &str = "UTC";

/// The time zone that a text names, in any case.
///
/// # Errors
///
/// In words, with the nearest known name. An offset as text is refused: PostgreSQL counts it west of Greenwich there, other
/// engines east.
pub(super) fn zone_named(name: &str) -> Result<TimeZone> {
    let name = name.trim();
    if name.starts_with(['+', '-']) {
        return Err(exec_datafusion_err!(
            "the time zone \"{name}\" is not clear: as a text, an offset counts west of Greenwich; use a name like \
             Asia/Tokyo, or an interval like interval '9 hours'"
        ));
    }
    if ["utc", "gmt", "z", "zulu", "etc/utc"].contains(&name.to_lowercase().as_str()) {
        return Ok(TimeZone::UTC);
    }
    Zone::named(name)
        .map(|zone| zone.rules().clone())
        .map_err(|fault| exec_datafusion_err!("the text of a time zone {fault}"))
}

/// The time zone of a type of the query engine: a name, or an offset that counts east.
pub(super) fn zone_of_type(name: &str) -> Result<TimeZone> {
    let Some((sign, digits)) = name
        .strip_prefix('+')
        .map(|digits| (1, digits))
        .or_else(|| name.strip_prefix('-').map(|digits| (-1, digits)))
    else {
        return zone_named(name);
    };
    let digits: Vec<i32> = digits.split(':').map_while(|part| part.parse().ok()).collect();
    let seconds = match digits.as_slice() {
        [hours] => hours * 3_600,
        [hours, minutes, ..] => hours * 3_600 + minutes * 60,
        [] => 0,
    };
    Offset::from_seconds(sign * seconds).map(TimeZone::fixed).map_err(outside)
}

/// The error of a moment that no calendar here has.
pub(super) fn outside(_error: jiff::Error) -> datafusion::common::DataFusionError {
    exec_datafusion_err!("a moment is outside the calendar (years -9999 to 9999)")
}

/// The moment of these microseconds since the epoch.
pub(super) fn moment(us: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(us).map_err(outside)
}

/// What clocks show at a moment that is counted without a time zone.
pub(super) fn civil(us: i64) -> Result<DateTime> {
    Ok(Offset::UTC.to_datetime(moment(us)?))
}

/// What the clocks of a zone show at a moment.
pub(super) fn local(us: i64, zone: &TimeZone) -> Result<DateTime> {
    Ok(zone.to_datetime(moment(us)?))
}

/// Microseconds since the epoch, of a time without a zone.
pub(super) fn us_of_civil(civil: DateTime) -> Result<i64> {
    Ok(Offset::UTC.to_timestamp(civil).map_err(outside)?.as_microsecond())
}

/// The moment at which the clocks of a zone show this. Where they show it twice, PostgreSQL takes the second time; where they
/// skip it, it counts on from before.
pub(super) fn us_of_local(civil: DateTime, zone: &TimeZone) -> Result<i64> {
    let offset = match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } => before,
        AmbiguousOffset::Fold { after, .. } => after,
    };
    Ok(offset.to_timestamp(civil).map_err(outside)?.as_microsecond())
}

/// Moments in microseconds, with the time zone of their type.
pub(super) fn in_microseconds(moments: &ArrayRef) -> Result<(TimestampMicrosecondArray, Option<Arc<str>>)> {
    let zone = match moments.data_type() {
        DataType::Timestamp(_, zone) => zone.clone(),
        _ => None,
    };
    let cast = cast(moments, &DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?;
    Ok((cast.as_primitive::<TimestampMicrosecondType>().clone(), zone))
}
