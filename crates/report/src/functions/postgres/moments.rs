//! Moments as clocks show them, in arrays of the query engine.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, TimestampMicrosecondArray};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use datafusion::common::{DataFusionError, Result, exec_datafusion_err};
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
    // With a colon between hours and minutes, or without.
    let digits = digits.replace(':', "");
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(exec_datafusion_err!("\"{name}\" is no offset from UTC"));
    }
    let number = |from: usize| digits.get(from..from + 2).and_then(|digits| digits.parse::<i32>().ok());
    let seconds = match (digits.len(), number(0), number(2)) {
        (2, Some(hours), _) => hours * 3_600,
        (4, Some(hours), Some(minutes)) => hours * 3_600 + minutes * 60,
        _ => return Err(exec_datafusion_err!("\"{name}\" is no offset from UTC")),
    };
    Offset::from_seconds(sign * seconds).map(TimeZone::fixed).map_err(outside)
}

/// The error of a moment that no calendar here has.
pub(super) fn outside(_error: jiff::Error) -> DataFusionError {
    out_of_calendar()
}

fn out_of_calendar() -> DataFusionError {
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

/// Moments, or days, in microseconds, with the time zone of their type.
///
/// # Errors
///
/// If one is further away than microseconds count. The engine would make a null of it.
pub(super) fn in_microseconds(moments: &ArrayRef) -> Result<(TimestampMicrosecondArray, Option<Arc<str>>)> {
    let zone = match moments.data_type() {
        DataType::Timestamp(_, zone) => zone.clone(),
        _ => None,
    };
    let options = CastOptions { safe: false, ..Default::default() };
    let wanted = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
    let moments = cast_with_options(moments, &wanted, &options).map_err(|_| out_of_calendar())?;
    Ok((moments.as_primitive::<TimestampMicrosecondType>().clone(), zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_without_a_colon_was_hundreds_of_hours() {
        let seconds = |name| zone_of_type(name).map(|zone| zone.to_offset(Timestamp::UNIX_EPOCH).seconds());
        for (name, expected) in
            [("+09:00", 32_400), ("+0900", 32_400), ("+09", 32_400), ("-03:30", -12_600), ("-0330", -12_600)]
        {
            assert_eq!(seconds(name).unwrap(), expected, "{name}");
        }
        for name in ["+", "+9", "+999999999", "+99:00", "+1x:00", "+-1:00"] {
            assert!(seconds(name).is_err(), "{name}");
        }
    }
}
