//! Durations as people write them: `500ms`, `5s`, `1h30m`, `30d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use playhead_protocol::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::settings::written_value;

/// The longest duration of a setting: ten years, leap days included. A longer one is a typing mistake.
const LONGEST_MS: u64 = 3_653 * DAY_MS.unsigned_abs();

/// Units, the longest first.
const UNITS: [(&str, u64); 5] = [
    ("d", DAY_MS.unsigned_abs()),
    ("h", HOUR_MS.unsigned_abs()),
    ("m", MINUTE_MS.unsigned_abs()),
    ("s", 1_000),
    ("ms", 1),
];

/// The text is not a duration, or the setting does not allow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongPeriod(String);

/// A duration of at least a millisecond and at most ten years, or less where a setting has a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period<const MOST_MS: u64 = LONGEST_MS> {
    ms: u64,
}

/// A duration that may be zero, if zero disables something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Delay {
    ms: u64,
}

impl<const MOST_MS: u64> Period<MOST_MS> {
    /// A number of seconds; only for defaults, which are known to be within the limits.
    pub(crate) const fn seconds(seconds: u64) -> Self {
        Self { ms: seconds * 1_000 }
    }

    /// A number of days; only for defaults, which are known to be within the limits.
    pub(crate) const fn days(days: u64) -> Self {
        Self { ms: days * DAY_MS.unsigned_abs() }
    }

    /// In milliseconds.
    pub(crate) const fn as_ms(self) -> i64 {
        // At most ten years: far from the end of the range.
        self.ms.cast_signed()
    }
}

impl Delay {
    /// A number of seconds; only for defaults, which are known to be within the limits.
    pub(crate) const fn seconds(seconds: u64) -> Self {
        Self { ms: seconds * 1_000 }
    }

    /// In milliseconds.
    pub(crate) const fn as_ms(self) -> i64 {
        self.ms.cast_signed()
    }
}

impl From<Period> for Duration {
    fn from(period: Period) -> Self {
        Self::from_millis(period.ms)
    }
}

fn parse_ms(text: &str) -> Result<u64, WrongPeriod> {
    let wrong = |why: &str| {
        WrongPeriod(format!(
            "`{text}` is not a duration: {why}; write for example 500ms, 5s, 10m, 24h or 30d"
        ))
    };
    if text.is_empty() {
        return Err(wrong("it is empty"));
    }
    if text.starts_with('-') {
        return Err(wrong("it is negative"));
    }
    let mut sum_ms = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at(digits);
        let letters = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        if number.is_empty() {
            return Err(wrong("each unit needs a whole number before it"));
        }
        if unit.is_empty() {
            return Err(wrong("it has no unit"));
        }
        let Some((_, unit_ms)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(wrong("the units are ms, s, m, h and d"));
        };
        let part_ms = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*unit_ms));
        sum_ms = part_ms
            .and_then(|part_ms| sum_ms.checked_add(part_ms))
            .filter(|&sum_ms| sum_ms <= LONGEST_MS)
            .ok_or_else(|| WrongPeriod(format!("`{text}` is longer than ten years")))?;
        rest = behind;
    }
    Ok(sum_ms)
}

fn write_ms(ms: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (unit, unit_ms) =
        UNITS.iter().find(|(_, unit_ms)| ms > 0 && ms.is_multiple_of(*unit_ms)).unwrap_or(&("s", 1_000));
    write!(f, "{}{unit}", ms / unit_ms)
}

impl<const MOST_MS: u64> FromStr for Period<MOST_MS> {
    type Err = WrongPeriod;

    fn from_str(text: &str) -> Result<Self, WrongPeriod> {
        match parse_ms(text)? {
            0 => Err(WrongPeriod(format!("`{text}` is zero; this setting needs a longer duration"))),
            ms if ms > MOST_MS => {
                let most = Self { ms: MOST_MS };
                Err(WrongPeriod(format!("`{text}` is longer than {most}, the most for this setting")))
            }
            ms => Ok(Self { ms }),
        }
    }
}

impl FromStr for Delay {
    type Err = WrongPeriod;

    fn from_str(text: &str) -> Result<Self, WrongPeriod> {
        parse_ms(text).map(|ms| Self { ms })
    }
}

impl<const MOST_MS: u64> fmt::Display for Period<MOST_MS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_ms(self.ms, f)
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_ms(self.ms, f)
    }
}

impl<const MOST_MS: u64> Serialize for Period<MOST_MS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Delay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const MOST_MS: u64> Deserialize<'de> for Period<MOST_MS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written_value::deserialize(deserializer)
    }
}

impl<'de> Deserialize<'de> for Delay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written_value::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_alike() {
        for text in ["500ms", "5s", "10m", "24h", "30d", "90s", "1500ms", "3653d"] {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.to_string().parse(), Ok(period), "{text}");
        }
        assert_eq!("1h30m".parse::<Period>().unwrap().as_ms(), 5_400_000);
        assert_eq!("1h30m".parse::<Period>().unwrap().to_string(), "90m");
        assert_eq!("24h".parse::<Period>().unwrap().to_string(), "1d");
        assert_eq!("1500ms".parse::<Period>().unwrap().to_string(), "1500ms");
        assert_eq!("0s".parse::<Delay>().unwrap().to_string(), "0s");
    }

    #[test]
    fn a_limit_of_its_own_was_kept_without_a_word() {
        type Hour = Period<3_600_000>;
        assert_eq!("60m".parse::<Hour>().unwrap().as_ms(), 3_600_000);
        let error = "60m1ms".parse::<Hour>().unwrap_err().to_string();
        assert_eq!(error, "`60m1ms` is longer than 1h, the most for this setting");
    }

    #[test]
    fn an_invalid_duration_is_refused_with_the_reason() {
        let cases = [
            ("", "empty"),
            ("5", "no unit"),
            ("-5s", "negative"),
            ("s", "whole number"),
            ("1.5s", "the units are"),
            ("5 s", "the units are"),
            ("5sec", "the units are"),
            ("5µs", "the units are"),
            ("0s", "zero"),
            ("0m0s", "zero"),
            ("11000d", "longer than ten years"),
            ("3653d1ms", "longer than ten years"),
            ("99999999999999999999999d", "longer than ten years"),
        ];
        for (text, reason) in cases {
            let error = text.parse::<Period>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
