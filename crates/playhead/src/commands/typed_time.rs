//! Times as people type them: a time, a date, a word, or so long ago.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};
use playhead_report::Zone;

use crate::error::Error;
use crate::settings::period::Delay;

/// The forms of a time, for help and faults.
const FORMS: &str = "write a time such as 2026-11-01T12:00:00Z, a date such as 2026-11-01, `now`, `today`, `yesterday`, \
                     or how long ago: 30m, 24h, 7d";

/// A time as it was typed. Which moment it means depends on the time zone and on now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypedTime {
    text: String,
    meaning: Meaning,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// A moment anywhere.
    Moment(Timestamp),
    /// What clocks and calendars of the time zone show; a date is its first moment.
    Local(DateTime),
    Now,
    /// The first moment of the day that is so many days before today.
    DayBegins {
        days_ago: i64,
    },
    /// So long before now.
    Before(Delay),
}

impl FromStr for TypedTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let meaning = if let Some(word) = word(text) {
            word
        } else if let Ok(moment) = text.parse() {
            Meaning::Moment(moment)
        } else if let Ok(local) = text.parse() {
            Meaning::Local(local)
        } else {
            // Other programs write `-7d` for the same.
            let length = text.strip_prefix('-').unwrap_or(text);
            let is_length = length.starts_with(|c: char| c.is_ascii_digit())
                && length.ends_with(|c: char| c.is_ascii_alphabetic())
                && length.bytes().all(|byte| byte.is_ascii_alphanumeric());
            match length.parse() {
                Ok(length) => Meaning::Before(length),
                Err(why) if is_length => return Err(format!("{why}; or {FORMS}")),
                Err(_) => return Err(format!("`{text}` is not a time; {FORMS}")),
            }
        };
        Ok(Self { text: text.to_owned(), meaning })
    }
}

fn word(text: &str) -> Option<Meaning> {
    match text.to_ascii_lowercase().as_str() {
        "now" => Some(Meaning::Now),
        "today" => Some(Meaning::DayBegins { days_ago: 0 }),
        "yesterday" => Some(Meaning::DayBegins { days_ago: 1 }),
        _ => None,
    }
}

impl fmt::Display for TypedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TypedTime {
    /// The moment, ms since the epoch.
    fn moment_ms(&self, zone: &Zone, now: Timestamp) -> Result<i64, jiff::Error> {
        let rules = zone.rules();
        let moment = match self.meaning {
            Meaning::Moment(moment) => moment,
            Meaning::Local(local) => rules.to_zoned(local)?.timestamp(),
            Meaning::Now => now,
            Meaning::DayBegins { days_ago } => {
                let day = rules.to_datetime(now).date().checked_sub(days_ago.days())?;
                rules.to_zoned(day.into())?.timestamp()
            }
            Meaning::Before(length) => now.checked_sub(length.as_ms().milliseconds())?,
        };
        Ok(moment.as_millisecond())
    }

    /// The moment that the value of a flag means, ms since the epoch.
    ///
    /// # Errors
    ///
    /// [`Error::WrongCall`] if it is outside the calendar.
    pub(crate) fn ms(&self, flag: &str, zone: &Zone, now_ms: i64) -> Result<i64, Error> {
        let now = Timestamp::from_millisecond(now_ms)
            .map_err(|_| Error::WrongCall("the clock of this machine is outside the calendar".into()))?;
        let outside = |_| Error::WrongCall(format!("{flag} {self} is outside the calendar"));
        self.moment_ms(zone, now).map_err(outside)
    }

    /// Whether it is another moment in another time zone.
    pub(crate) fn depends_on_zone(&self) -> bool {
        matches!(self.meaning, Meaning::Local(_) | Meaning::DayBegins { .. })
    }

    /// Whether it depends on when it was typed.
    fn is_relative(&self) -> bool {
        !matches!(self.meaning, Meaning::Moment(_) | Meaning::Local(_))
    }
}

/// The flags of a range of time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypedRange<'args> {
    pub from: Option<&'args TypedTime>,
    pub to: Option<&'args TypedTime>,
    pub time_zone: Option<&'args str>,
}

/// One end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    /// The moment, ms since the epoch.
    pub ms: i64,
    /// The same for a query that names the time zone as well.
    pub text: String,
}

impl TypedRange<'_> {
    /// Checks the time zone, for a command that asks nobody who would.
    ///
    /// # Errors
    ///
    /// [`Error::WrongCall`] if there is no such zone.
    pub(crate) fn check_zone(self) -> Result<(), Error> {
        match self.time_zone.map(Zone::named) {
            Some(Err(why)) => Err(Error::WrongCall(format!("--time-zone {why}"))),
            _ => Ok(()),
        }
    }

    /// The ends of the range, the second of which is not part of it. Without a time zone, they are in the `usual` one, which
    /// is asked for if it matters. An unknown one counts as UTC: the query that names it says so, beside its other faults.
    ///
    /// # Errors
    ///
    /// [`Error::WrongCall`] if a time is outside the calendar, or the range has no moment; otherwise if the usual zone
    /// cannot be told.
    pub(crate) fn ends(
        self,
        now_ms: i64,
        usual: impl FnOnce() -> Result<Zone, Error>,
    ) -> Result<(Option<End>, Option<End>), Error> {
        let zone = match self.time_zone {
            Some(name) => Zone::named(name).unwrap_or(Zone::UTC),
            None if [self.from, self.to].into_iter().flatten().any(TypedTime::depends_on_zone) => usual()?,
            None => Zone::UTC,
        };
        let end = |flag: &str, typed: &TypedTime| {
            let ms = typed.ms(flag, &zone, now_ms)?;
            let text = if typed.is_relative() { zone.written(ms) } else { typed.text.clone() };
            Ok::<_, Error>(End { ms, text })
        };
        let from = self.from.map(|typed| end("--from", typed)).transpose()?;
        let to = self.to.map(|typed| end("--to", typed)).transpose()?;
        if let (Some(from), Some(to)) = (&from, &to)
            && to.ms <= from.ms
        {
            let is = if to.ms < from.ms { "is before" } else { "is the same moment as" };
            return Err(Error::WrongCall(format!(
                "--to {is} --from ({} and {}), so there is nothing between them; --to is not part of the range: all of \
                 yesterday is --from yesterday --to today",
                zone.written(to.ms),
                zone.written(from.ms),
            )));
        }
        Ok((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-02T00:30:00Z";

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn ends(from: &str, to: &str, time_zone: Option<&str>) -> Result<(i64, i64), String> {
        let (from, to) = (from.parse::<TypedTime>()?, to.parse::<TypedTime>()?);
        let range = TypedRange { from: Some(&from), to: Some(&to), time_zone };
        range.check_zone().map_err(|error| error.to_string())?;
        let (from, to) = range.ends(ms(NOW), || Ok(Zone::UTC)).map_err(|error| error.to_string())?;
        Ok((from.unwrap().ms, to.unwrap().ms))
    }

    fn from(text: &str, time_zone: Option<&str>) -> i64 {
        ends(text, "2027-01-01", time_zone).unwrap().0
    }

    #[test]
    fn words_and_dates_are_days_of_the_time_zone() {
        assert_eq!(from("today", None), ms("2026-11-02T00:00:00Z"));
        assert_eq!(from("Yesterday", None), ms("2026-11-01T00:00:00Z"));
        // In New York it is still the day before, on which clocks were set back.
        let new_york = Some("America/New_York");
        assert_eq!(from("today", new_york), ms("2026-11-01T04:00:00Z"));
        assert_eq!(from("yesterday", new_york), ms("2026-10-31T04:00:00Z"));
        assert_eq!(from("2026-11-02", new_york), ms("2026-11-02T05:00:00Z"));
        assert_eq!(from("2026-11-01T12:00", new_york), ms("2026-11-01T17:00:00Z"));
        assert_eq!(from("2026-11-01T12:00:00+01:00", new_york), ms("2026-11-01T11:00:00Z"));
        assert_eq!(from("now", new_york), ms(NOW));
    }

    #[test]
    fn lengths_are_so_long_ago() {
        assert_eq!(from("30m", None), ms("2026-11-02T00:00:00Z"));
        assert_eq!(from("24h", Some("America/New_York")), ms("2026-11-01T00:30:00Z"));
        assert_eq!(from("7d", None), ms("2026-10-26T00:30:00Z"));
        assert_eq!(from("-1h30m", None), ms("2026-11-01T23:00:00Z"));
        assert_eq!(ends("7d", "0d", None).unwrap().1, ms(NOW));
    }

    #[test]
    fn a_range_without_a_moment_is_refused_with_the_way_to_ask_for_a_day() {
        let error = ends("yesterday", "yesterday", None).unwrap_err();
        assert!(error.starts_with("--to is the same moment as --from (2026-11-01T00:00:00Z and "), "{error}");
        assert!(error.contains("--from yesterday --to today"), "{error}");
        assert!(ends("now", "7d", None).unwrap_err().starts_with("--to is before --from"));
        assert!(ends("yesterday", "today", None).is_ok());
    }

    #[test]
    fn what_is_no_time_is_refused_with_all_forms() {
        let texts =
            ["", "tomorow", "7", "7 d", "2026-13-01", "2026-11-31", "11/01/2026", "d", "--to", "日", "1e9d"];
        for text in texts {
            let error = text.parse::<TypedTime>().unwrap_err();
            assert!(error.contains("not a time") || error.contains("not a duration"), "{text}: {error}");
            assert!(error.contains("`yesterday`") && error.contains("7d"), "{text}: {error}");
        }
        assert!("7w".parse::<TypedTime>().unwrap_err().contains("the units are ms, s, m, h and d"));
        assert!("99999999d".parse::<TypedTime>().unwrap_err().contains("longer than ten years"));
        let error = ends("today", "now", Some("Europe/Berln")).unwrap_err();
        assert_eq!(error, "--time-zone names no time zone: \"Europe/Berln\" (did you mean Europe/Berlin?)");
        let error = ends("-009999-01-01", "now", Some("Asia/Tokyo")).unwrap_err();
        assert!(error.contains("outside the calendar"), "{error}");
    }

    #[test]
    fn a_query_gets_dates_as_they_were_typed_and_moments_for_words() {
        let (yesterday, date): (TypedTime, TypedTime) =
            ("yesterday".parse().unwrap(), "2026-11-02".parse().unwrap());
        let time_zone = Some("Asia/Tokyo");
        let range = TypedRange { from: Some(&yesterday), to: Some(&date), time_zone };
        let (from, to) = range.ends(ms(NOW), || panic!("a zone is named")).unwrap();
        assert_eq!(from.unwrap().text, "2026-11-01T00:00:00+09:00");
        assert_eq!(to.unwrap().text, "2026-11-02");
    }

    #[test]
    fn days_without_a_zone_are_those_of_the_server() {
        let (today, now): (TypedTime, TypedTime) = ("today".parse().unwrap(), "now".parse().unwrap());
        // In Tokyo it is half past nine in the morning; in Samoa, half past one of the same day.
        let in_zone = |zone: &str| {
            let range = TypedRange { from: Some(&today), to: Some(&now), time_zone: None };
            range.ends(ms(NOW), || Ok(Zone::named(zone).unwrap())).unwrap().0.unwrap().ms
        };
        assert_eq!(in_zone("Asia/Tokyo"), ms("2026-11-01T15:00:00Z"));
        assert_eq!(in_zone("UTC"), ms("2026-11-02T00:00:00Z"));
        let lengths = TypedRange { from: None, to: Some(&now), time_zone: None };
        lengths.ends(ms(NOW), || panic!("no zone matters")).unwrap();
    }
}
