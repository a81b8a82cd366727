//! Ranges that move along with the time: what a schedule reports on when it is due.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use playhead_protocol::time::HOUR_MS;
use playhead_report::Zone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kept::schedule::when::{date_of, moment_ms, offset_ms};

/// The most days or hours of a range.
const MOST_UNITS: u16 = 366;

/// The longest range that is drawn by minutes, ms.
const MINUTES_UP_TO_MS: i64 = 6 * HOUR_MS;

/// The longest range that is drawn by hours, ms.
const HOURS_UP_TO_MS: i64 = 96 * HOUR_MS;

/// A range that ends when a schedule is due, or before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelativeRange {
    /// From midnight to the moment at which the schedule is due.
    Today,
    /// The day before.
    Yesterday,
    /// The week before this one, from Monday to Monday.
    LastWeek,
    /// The month before this one.
    LastMonth,
    /// So many whole days before today.
    Days(u16),
    /// So many whole hours before this one.
    Hours(u16),
}

/// From and to, exclusive, ms since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
}

impl RelativeRange {
    /// The range of a schedule that is due at this moment; `None` beyond the calendar.
    pub(crate) fn ends(self, due_ms: i64, zone: &Zone) -> Option<Ends> {
        let rules = zone.rules();
        let today = date_of(rules, due_ms)?;
        let days = |from: Date, to: Date| {
            Some(Ends { from_ms: midnight_ms(from, rules)?, to_ms: midnight_ms(to, rules)? })
        };
        match self {
            Self::Today => Some(Ends { from_ms: midnight_ms(today, rules)?, to_ms: due_ms }),
            Self::Yesterday => days(today.checked_sub(1.day()).ok()?, today),
            Self::LastWeek => {
                let since_monday = i64::from(today.weekday().to_monday_zero_offset());
                let monday = today.checked_sub(since_monday.days()).ok()?;
                days(monday.checked_sub(1.week()).ok()?, monday)
            }
            Self::LastMonth => {
                let first = today.first_of_month();
                days(first.checked_sub(1.month()).ok()?, first)
            }
            Self::Days(count) => days(today.checked_sub(i64::from(count).days()).ok()?, today),
            Self::Hours(count) => {
                let shown_ms = due_ms.saturating_add(offset_ms(rules, due_ms)?);
                let to_ms = due_ms.saturating_sub(shown_ms.rem_euclid(HOUR_MS));
                Some(Ends { from_ms: to_ms.saturating_sub(i64::from(count) * HOUR_MS), to_ms })
            }
        }
    }
}

fn midnight_ms(date: Date, rules: &TimeZone) -> Option<i64> {
    moment_ms(date.to_datetime(Time::midnight()), rules)
}

impl Ends {
    /// The buckets that the dashboard draws of a range of this length.
    pub(crate) const fn granularity(self) -> &'static str {
        let length_ms = self.to_ms.saturating_sub(self.from_ms);
        if length_ms <= MINUTES_UP_TO_MS {
            "minute"
        } else if length_ms <= HOURS_UP_TO_MS {
            "hour"
        } else {
            "day"
        }
    }
}

impl fmt::Display for RelativeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => f.write_str("today"),
            Self::Yesterday => f.write_str("yesterday"),
            Self::LastWeek => f.write_str("last_week"),
            Self::LastMonth => f.write_str("last_month"),
            Self::Days(count) => write!(f, "{count}d"),
            Self::Hours(count) => write!(f, "{count}h"),
        }
    }
}

impl FromStr for RelativeRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let count = |unit: char| {
            let digits = text.strip_suffix(unit)?;
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
            digits.parse().ok().filter(|count| is_number && (1..=MOST_UNITS).contains(count))
        };
        match text {
            "today" => Ok(Self::Today),
            "yesterday" => Ok(Self::Yesterday),
            "last_week" => Ok(Self::LastWeek),
            "last_month" => Ok(Self::LastMonth),
            _ => count('d').map(Self::Days).or_else(|| count('h').map(Self::Hours)).ok_or_else(|| {
                format!(
                    "must be today, yesterday, last_week, last_month, or whole days or hours such as 7d or 24h, at most {MOST_UNITS}"
                )
            }),
        }
    }
}

impl Serialize for RelativeRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RelativeRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(range: &str, zone: &str, due: &str) -> [String; 2] {
        let zone = Zone::named(zone).unwrap();
        let due_ms = zone.moment_ms(due).unwrap();
        let ends = range.parse::<RelativeRange>().unwrap().ends(due_ms, &zone).unwrap();
        [zone.written(ends.from_ms), zone.written(ends.to_ms)]
    }

    #[test]
    fn ranges_end_with_whole_days_and_hours_of_the_zone() {
        let berlin = |range| ends(range, "Europe/Berlin", "2026-10-26T06:20:00");
        assert_eq!(berlin("today"), ["2026-10-26T00:00:00+01:00", "2026-10-26T06:20:00+01:00"]);
        // A day of 25 hours.
        assert_eq!(berlin("yesterday"), ["2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"]);
        assert_eq!(berlin("7d"), ["2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"]);
        assert_eq!(berlin("last_week"), ["2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"]);
        assert_eq!(berlin("last_month"), ["2026-09-01T00:00:00+02:00", "2026-10-01T00:00:00+02:00"]);
        assert_eq!(berlin("24h"), ["2026-10-25T06:00:00+01:00", "2026-10-26T06:00:00+01:00"]);
        assert_eq!(
            ends("1h", "Asia/Kathmandu", "2026-01-01T10:20:00"),
            ["2026-01-01T09:00:00+05:45", "2026-01-01T10:00:00+05:45"]
        );
    }

    #[test]
    fn other_ranges_are_refused_with_those_that_there_are() {
        for text in ["", "0d", "07d", "367d", "7", "7w", "-1d", "+7d", "99999999999d", "last year"] {
            assert!(text.parse::<RelativeRange>().unwrap_err().contains("such as 7d or 24h"), "{text}");
        }
        assert_eq!("366d".parse::<RelativeRange>().unwrap().to_string(), "366d");
    }
}
