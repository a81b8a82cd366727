//! What the clocks of a zone show, for programs that show times themselves: with these they show the same times as reports.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::time::range::{ZONES_RELEASE, Zone};

/// From when on, 1970, and until when, 2100, changes of clocks are listed, s since the epoch.
const LISTED_SECONDS: (i64, i64) = (0, 4_102_444_800);

/// The clocks of a time zone.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct ZoneClocks {
    /// Its name in the IANA database.
    pub time_zone: String,
    /// The release of the database, such as 2026a.
    pub time_zone_database: String,
    /// How far its clocks are ahead of UTC, in order of time, from 1970 to 2100.
    pub offsets: Vec<ClockOffset>,
}

/// How far clocks are ahead of UTC from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
pub struct ClockOffset {
    /// The moment, ms since the epoch; null for the first offset.
    pub from_ms: Option<i64>,
    /// How far, ms; below 0 west of Greenwich.
    pub ahead_ms: i64,
}

impl ZoneClocks {
    /// The clocks of the zone of that name.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with the nearest known name, if the name is unknown.
    pub fn of(name: &str) -> Result<Self, Error> {
        let zone = Zone::named(name).map_err(|message| Error::fault("?name", message))?;
        let (from, to) = LISTED_SECONDS;
        let first = Timestamp::from_second(from).unwrap_or(Timestamp::UNIX_EPOCH);
        let ahead_ms = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * 1_000;
        let mut offsets =
            vec![ClockOffset { from_ms: None, ahead_ms: ahead_ms(zone.rules().to_offset(first)) }];
        let changes = zone.rules().following(first);
        for change in changes.take_while(|change| change.timestamp().as_second() < to) {
            let next = ahead_ms(change.offset());
            // Some changes are of names or of what counts as summer alone.
            if offsets.last().is_none_or(|last| last.ahead_ms != next) {
                let from_ms = Some(change.timestamp().as_millisecond());
                offsets.push(ClockOffset { from_ms, ahead_ms: next });
            }
        }
        let time_zone_database = ZONES_RELEASE.unwrap_or_default().to_owned();
        Ok(Self { time_zone: zone.name().to_owned(), time_zone_database, offsets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_offset_holds_until_the_next() {
        for name in ["Europe/Berlin", "America/Havana", "Africa/Casablanca", "Asia/Kathmandu", "UTC"] {
            let clocks = ZoneClocks::of(name).unwrap();
            let rules = Zone::named(name).unwrap();
            for day in 0..47_000_i64 {
                let ms = day * 86_400_000 + 7_000;
                let holds =
                    clocks.offsets.iter().rev().find(|offset| offset.from_ms.is_none_or(|from| from <= ms));
                let expected = rules.rules().to_offset(Timestamp::from_millisecond(ms).unwrap());
                assert_eq!(holds.unwrap().ahead_ms, i64::from(expected.seconds()) * 1_000, "{name} {ms}");
            }
            assert!(clocks.offsets.len() < 400, "{name}");
        }
        assert!(ZoneClocks::of("Europe/Berln").is_err());
    }
}
