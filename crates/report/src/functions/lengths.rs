//! Lengths of time: what PostgreSQL calls an interval, with months, days and time apart.

use std::fmt::Write as _;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, IntervalMonthDayNanoArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, DurationMicrosecondType, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit,
    Time64MicrosecondType, TimeUnit,
};
use datafusion::arrow::error::ArrowError;
use datafusion::common::Result;
use playhead_protocol::time::DAY_US;

/// A length of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Length {
    /// Whole months.
    pub(crate) months: i32,
    /// Days beyond them.
    pub(crate) days: i64,
    /// Microseconds beyond them.
    pub(crate) us: i64,
}

impl Length {
    /// The time between two moments: days of 24 hours, and what is left.
    pub(crate) const fn between(us: i64) -> Self {
        Self { months: 0, days: us / DAY_US, us: us % DAY_US }
    }

    /// As PostgreSQL writes it: `1 year 2 mons 3 days 04:05:06.7`.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut was_negative = false;
        let mut part = |count: i64, one: &str, many: &str| {
            if count == 0 {
                return;
            }
            let space = if text.is_empty() { "" } else { " " };
            let sign = if was_negative && count > 0 { "+" } else { "" };
            let unit = if count == 1 { one } else { many };
            let _ = write!(text, "{space}{sign}{count} {unit}");
            was_negative = count < 0;
        };
        part(i64::from(self.months / 12), "year", "years");
        part(i64::from(self.months % 12), "mon", "mons");
        part(self.days, "day", "days");
        if self.us != 0 || text.is_empty() {
            let sign = if self.us < 0 {
                "-"
            } else if was_negative {
                "+"
            } else {
                ""
            };
            let space = if text.is_empty() { "" } else { " " };
            let us = self.us.unsigned_abs();
            let seconds = us / 1_000_000;
            let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
            let _ = write!(text, "{space}{sign}{hours:02}:{minutes:02}:{seconds:02}");
            text.push_str(&fraction_text(us % 1_000_000));
        }
        text
    }
}

/// The length of time of a row, as PostgreSQL writes it; nothing if the array has no intervals.
pub fn interval_text(array: &ArrayRef, row: usize) -> Option<String> {
    let intervals = array.as_primitive_opt::<IntervalMonthDayNanoType>()?;
    Some(length_of(intervals.value(row)).text())
}

/// Durations and intervals as intervals: the time between two moments has its days apart, as in PostgreSQL. The engine would
/// count them as hours.
///
/// # Errors
///
/// If a length is longer than an interval can be.
pub fn intervals(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if !matches!(array.data_type(), DataType::Duration(_)) {
        return cast(array, &DataType::Interval(IntervalUnit::MonthDayNano));
    }
    let interval = |length: Length| {
        let days = i32::try_from(length.days)
            .map_err(|_| ArrowError::ArithmeticOverflow("an interval is out of range".to_owned()))?;
        Ok(IntervalMonthDayNano::new(length.months, days, length.us * 1_000))
    };
    let lengths = lengths_of(array)?.into_iter().map(|length| length.map(interval).transpose());
    let intervals = lengths.collect::<Result<Vec<_>, ArrowError>>()?;
    Ok(Arc::new(IntervalMonthDayNanoArray::from(intervals)))
}

const fn length_of(interval: IntervalMonthDayNano) -> Length {
    Length { months: interval.months, days: interval.days as i64, us: interval.nanoseconds / 1_000 }
}

/// A fraction of a second with its point, without zeros at its end; nothing if it is none.
pub(crate) fn fraction_text(us: u64) -> String {
    if us == 0 {
        return String::new();
    }
    format!(".{us:06}").trim_end_matches('0').to_owned()
}

/// The lengths in an array of durations, intervals or times of day.
pub(crate) fn lengths_of(array: &ArrayRef) -> Result<Vec<Option<Length>>> {
    Ok(match array.data_type() {
        DataType::Duration(_) => {
            let array = cast(array, &DataType::Duration(TimeUnit::Microsecond))?;
            let array = array.as_primitive::<DurationMicrosecondType>();
            array.iter().map(|us| us.map(Length::between)).collect()
        }
        DataType::Time32(_) | DataType::Time64(_) => {
            let array = cast(array, &DataType::Time64(TimeUnit::Microsecond))?;
            let array = array.as_primitive::<Time64MicrosecondType>();
            array.iter().map(|us| us.map(|us| Length { us, ..Length::default() })).collect()
        }
        DataType::Interval(_) => {
            let array = cast(array, &DataType::Interval(IntervalUnit::MonthDayNano))?;
            let array = array.as_primitive::<IntervalMonthDayNanoType>();
            array.iter().map(|interval| interval.map(length_of)).collect()
        }
        _ => vec![None; array.len()],
    })
}
