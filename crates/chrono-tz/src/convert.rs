//! Moments and local times of chrono as those of jiff, and offsets of jiff as those of chrono. The calendar of chrono is
//! longer; beyond jiff's, the first or last moment of jiff's calendar stands for it.

use chrono::{Datelike, FixedOffset, NaiveDateTime, Offset, Timelike, Utc};
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz;

pub(crate) fn moment(utc: &NaiveDateTime) -> Timestamp {
    let seconds = utc.and_utc().timestamp();
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

pub(crate) fn civil(local: &NaiveDateTime) -> DateTime {
    // Numbers of a date and of a time fit into 8 bits.
    let small = |number: u32| i8::try_from(number).unwrap_or(i8::MAX);
    let time = Time::new(small(local.hour()), small(local.minute()), small(local.second()), 0);
    let year = i16::try_from(local.year()).ok();
    let date =
        year.and_then(|year| DateTime::new(year, small(local.month()), small(local.day()), 0, 0, 0, 0).ok());
    match (date, time) {
        (Some(date), Ok(time)) => date.date().to_datetime(time),
        _ if local.year() < 0 => DateTime::MIN,
        _ => DateTime::MAX,
    }
}

pub(crate) fn fixed(offset: tz::Offset) -> FixedOffset {
    // No zone is a day away from UTC.
    FixedOffset::east_opt(offset.seconds()).unwrap_or(Utc.fix())
}
