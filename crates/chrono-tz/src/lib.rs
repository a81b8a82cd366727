//! Time zones for Arrow and the query engine, out of the database that everything else here uses: that of jiff.
//!
//! Both know named zones through a crate `chrono-tz`, whose database is older than jiff's: zones that changed their clocks
//! since then had one time in SQL and another in the report API. This crate stands in its place (`[patch.crates-io]` in the
//! workspace's `Cargo.toml`) and offers what the two use: [`Tz`], by its name, as a `chrono` time zone.

mod convert;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Display};
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::{LazyLock, OnceLock};

use chrono::{FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use jiff::tz::{self, AmbiguousOffset, TimeZoneDatabase};

use crate::convert::{civil, fixed, moment};

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// All zones by their names in lower case. Their rules are read when somebody asks for one.
static ZONES: LazyLock<BTreeMap<String, Zone>> = LazyLock::new(|| {
    let names = DATABASE.available().map(|name| name.as_str().to_owned());
    names.map(|name| (name.to_lowercase(), Zone { name, rules: OnceLock::new() })).collect()
});

#[derive(Debug)]
struct Zone {
    name: String,
    rules: OnceLock<tz::TimeZone>,
}

/// A time zone of the IANA database.
#[derive(Clone, Copy)]
pub struct Tz {
    name: &'static str,
    rules: &'static tz::TimeZone,
}

/// No time zone has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError(());

impl Tz {
    /// Its name in the IANA database.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl FromStr for Tz {
    type Err = ParseError;

    /// The zone of that name, without regard to case.
    fn from_str(name: &str) -> Result<Self, ParseError> {
        let zone = ZONES.get(&name.to_lowercase()).ok_or(ParseError(()))?;
        let rules = match zone.rules.get() {
            Some(rules) => rules,
            None => {
                let read = DATABASE.get(&zone.name).map_err(|_| ParseError(()))?;
                zone.rules.get_or_init(|| read)
            }
        };
        Ok(Self { name: &zone.name, rules })
    }
}

impl TimeZone for Tz {
    type Offset = TzOffset;

    fn from_offset(offset: &TzOffset) -> Self {
        offset.zone
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> LocalResult<TzOffset> {
        self.offset_from_local_datetime(&local.and_time(NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> LocalResult<TzOffset> {
        let of = |offset: tz::Offset| TzOffset { zone: *self, offset: fixed(offset) };
        match self.rules.to_ambiguous_timestamp(civil(local)).offset() {
            AmbiguousOffset::Unambiguous { offset } => LocalResult::Single(of(offset)),
            AmbiguousOffset::Fold { before, after } => LocalResult::Ambiguous(of(before), of(after)),
            AmbiguousOffset::Gap { .. } => LocalResult::None,
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> TzOffset {
        self.offset_from_utc_datetime(&utc.and_time(NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> TzOffset {
        TzOffset { zone: *self, offset: fixed(self.rules.to_offset(moment(utc))) }
    }
}

impl Display for Tz {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name)
    }
}

impl fmt::Debug for Tz {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl PartialEq for Tz {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Tz {}

impl Hash for Tz {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no time zone has this name")
    }
}

impl Error for ParseError {}

/// The offset of a zone at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TzOffset {
    zone: Tz,
    offset: FixedOffset,
}

impl Offset for TzOffset {
    fn fix(&self) -> FixedOffset {
        self.offset
    }
}

impl Display for TzOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.offset, formatter)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn clocks_of_a_zone_are_those_of_jiff() {
        for name in DATABASE.available() {
            let zone: Tz = name.as_str().parse().unwrap();
            let rules = DATABASE.get(name.as_str()).unwrap();
            // Every 29 days from 1950 to 2100.
            for step in 0..1_890_i64 {
                let seconds = -631_152_000 + step * 2_505_600;
                let utc = chrono::DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
                let expected = rules.to_offset(jiff::Timestamp::from_second(seconds).unwrap());
                let found = zone.offset_from_utc_datetime(&utc).fix();
                assert_eq!(found.local_minus_utc(), expected.seconds(), "{zone} at {utc}");
            }
        }
    }

    #[test]
    fn a_local_time_that_a_zone_skips_is_none_and_one_that_comes_twice_is_both() {
        let berlin: Tz = "europe/BERLIN".parse().unwrap();
        assert_eq!(berlin.to_string(), "Europe/Berlin");
        let hours = |text: &str| {
            let found = berlin.offset_from_local_datetime(&local(text));
            found.map(|offset| offset.fix().local_minus_utc() / 3_600)
        };
        assert_eq!(hours("2026-07-01T12:00:00"), LocalResult::Single(2));
        assert_eq!(hours("2026-03-29T02:30:00"), LocalResult::None);
        assert_eq!(hours("2026-10-25T02:30:00"), LocalResult::Ambiguous(2, 1));
    }

    #[test]
    fn moments_outside_the_calendar_have_the_offset_of_its_end() {
        let tokyo: Tz = "Asia/Tokyo".parse().unwrap();
        for utc in [NaiveDateTime::MAX, NaiveDateTime::MIN] {
            assert!(tokyo.offset_from_utc_datetime(&utc).fix().local_minus_utc() > 9 * 3_600 - 1);
            assert!(tokyo.offset_from_local_datetime(&utc).earliest().is_some());
        }
        assert!("Mars/Olympus".parse::<Tz>().is_err());
    }
}
