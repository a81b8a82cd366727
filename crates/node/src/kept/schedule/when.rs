//! When a schedule is due, by the clocks of a time zone.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use playhead_protocol::time::{HOUR_MS, MINUTE_MS};
use playhead_report::Zone;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::kept::fields::Fields;

/// Days that are looked through for the next or the latest one: two months, and one for zones that skip a day.
const DAYS_AROUND: i64 = 64;

/// Minutes that are looked through for an hour's minute: where clocks are set, the next one may be an hour further away.
const MINUTES_AROUND: i64 = 3 * 60;

/// A time of day: hours and minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay {
    hour: i8,
    minute: i8,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// The first one.
    Monday,
    /// The second one.
    Tuesday,
    /// The third one.
    Wednesday,
    /// The fourth one.
    Thursday,
    /// The fifth one.
    Friday,
    /// The sixth one.
    Saturday,
    /// The seventh one.
    Sunday,
}

/// When a schedule is due. A time that the clocks skip is due when they have skipped it; one that they show twice is due
/// the first time. An hour that comes twice is two hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(tag = "every", rename_all = "snake_case")]
pub enum When {
    /// Each hour.
    Hour {
        /// The minute of the hour.
        minute: u8,
    },
    /// Each day.
    Day {
        /// The time of day, such as 06:00.
        #[schemars(with = "String")]
        at: TimeOfDay,
    },
    /// Each week.
    Week {
        /// The day of the week.
        weekday: Weekday,
        /// The time of day.
        #[schemars(with = "String")]
        at: TimeOfDay,
    },
    /// Each month.
    Month {
        /// The day of the month; the last one of a month that has fewer.
        day: u8,
        /// The time of day.
        #[schemars(with = "String")]
        at: TimeOfDay,
    },
}

#[derive(Clone, Copy)]
enum Every {
    Hour,
    Day,
    Week,
    Month,
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

impl When {
    /// Reads it from the field of a body; hourly if the field is at fault.
    pub(crate) fn read(schedule: &mut Fields<'_>) -> Self {
        let path = schedule.path_of("when");
        let Some(value) = schedule.value("when") else {
            schedule.fault("when", "is required");
            return Self::Hour { minute: 0 };
        };
        let mut fields = Fields::of(value, path, schedule.faults());
        let choices =
            [("hour", Every::Hour), ("day", Every::Day), ("week", Every::Week), ("month", Every::Month)];
        let when = match fields.choice("every", &choices, None) {
            Some(Every::Hour) => Self::Hour { minute: whole(&mut fields, "minute", 0, 59) },
            Some(Every::Day) => Self::Day { at: time_of_day(&mut fields) },
            Some(Every::Week) => {
                let weekday = fields.choice("weekday", &WEEKDAYS, None).unwrap_or(Weekday::Monday);
                Self::Week { weekday, at: time_of_day(&mut fields) }
            }
            Some(Every::Month) => {
                Self::Month { day: whole(&mut fields, "day", 1, 31), at: time_of_day(&mut fields) }
            }
            // What else is there means something or nothing, depending on the choice.
            None => return Self::Hour { minute: 0 },
        };
        fields.finish();
        when
    }

    /// The first moment after this one at which it is due; `None` beyond the calendar.
    pub(crate) fn next_ms(&self, after_ms: i64, zone: &Zone) -> Option<i64> {
        let rules = zone.rules();
        if let Self::Hour { minute } = self {
            let first_ms = after_ms.div_euclid(MINUTE_MS).saturating_add(1).saturating_mul(MINUTE_MS);
            let mut minutes = (0..MINUTES_AROUND).map(|step| first_ms.saturating_add(step * MINUTE_MS));
            return minutes.find(|ms| minute_of(rules, *ms) == Some(i64::from(*minute)));
        }
        let today = date_of(rules, after_ms)?;
        let days = (-2..=DAYS_AROUND).filter_map(|step| today.checked_add(step.days()).ok());
        days.filter_map(|date| self.on(date, rules)).find(|due_ms| *due_ms > after_ms)
    }

    /// The last moment up to this one, which counts, at which it was due.
    pub(crate) fn latest_ms(&self, until_ms: i64, zone: &Zone) -> Option<i64> {
        let rules = zone.rules();
        if let Self::Hour { minute } = self {
            let last_ms = until_ms.div_euclid(MINUTE_MS).saturating_mul(MINUTE_MS);
            let mut minutes = (0..MINUTES_AROUND).map(|step| last_ms.saturating_sub(step * MINUTE_MS));
            return minutes.find(|ms| minute_of(rules, *ms) == Some(i64::from(*minute)));
        }
        let today = date_of(rules, until_ms)?;
        let days = (-2..=DAYS_AROUND).filter_map(|step| today.checked_sub(step.days()).ok());
        days.filter_map(|date| self.on(date, rules)).find(|due_ms| *due_ms <= until_ms)
    }

    /// When it is due on a day.
    fn on(&self, date: Date, rules: &TimeZone) -> Option<i64> {
        let at = match self {
            Self::Hour { .. } => return None,
            Self::Day { at } => at,
            Self::Week { weekday, at } => {
                let place = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
                if WEEKDAYS.get(place)?.1 != *weekday {
                    return None;
                }
                at
            }
            Self::Month { day, at } => {
                let day = i8::try_from(*day).ok()?.min(date.days_in_month());
                if date.day() != day {
                    return None;
                }
                at
            }
        };
        let time = Time::new(at.hour, at.minute, 0, 0).ok()?;
        moment_ms(date.to_datetime(time), rules)
    }
}

/// The first moment at which the clocks show a date and time; where they skip it, the first moment behind the gap.
pub(crate) fn moment_ms(local: DateTime, rules: &TimeZone) -> Option<i64> {
    match rules.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            Some(offset.to_timestamp(local).ok()?.as_millisecond())
        }
        AmbiguousOffset::Gap { before, .. } => {
            // `preceding` excludes a change at the moment itself.
            let behind = before.to_timestamp(local).ok()?.checked_add(1.nanosecond()).ok()?;
            rules.preceding(behind).next().map(|change| change.timestamp().as_millisecond())
        }
    }
}

/// The date that the clocks show.
pub(crate) fn date_of(rules: &TimeZone, ms: i64) -> Option<Date> {
    Some(rules.to_datetime(Timestamp::from_millisecond(ms).ok()?).date())
}

/// How far the clocks are ahead of UTC.
pub(crate) fn offset_ms(rules: &TimeZone, ms: i64) -> Option<i64> {
    Some(i64::from(rules.to_offset(Timestamp::from_millisecond(ms).ok()?).seconds()) * 1_000)
}

/// The minute of the hour that the clocks show.
fn minute_of(rules: &TimeZone, ms: i64) -> Option<i64> {
    Some(ms.saturating_add(offset_ms(rules, ms)?).rem_euclid(HOUR_MS) / MINUTE_MS)
}

fn whole(fields: &mut Fields<'_>, name: &'static str, least: u8, most: u8) -> u8 {
    let value = fields.value(name);
    let number = value.as_ref().and_then(Value::as_u64).and_then(|number| u8::try_from(number).ok());
    number.filter(|number| (least..=most).contains(number)).unwrap_or_else(|| {
        fields.fault(name, format!("must be a whole number from {least} to {most}"));
        least
    })
}

fn time_of_day(fields: &mut Fields<'_>) -> TimeOfDay {
    let value = fields.value("at");
    value.as_ref().and_then(Value::as_str).and_then(TimeOfDay::parse).unwrap_or_else(|| {
        fields.fault("at", "must be a time of day from 00:00 to 23:59, such as 06:30");
        TimeOfDay { hour: 0, minute: 0 }
    })
}

impl TimeOfDay {
    fn parse(text: &str) -> Option<Self> {
        let is_form = text.len() == 5
            && text.bytes().enumerate().all(|(place, byte)| match place {
                2 => byte == b':',
                _ => byte.is_ascii_digit(),
            });
        let (hour, minute) = text.split_once(':').filter(|_| is_form)?;
        let time = Self { hour: hour.parse().ok()?, minute: minute.parse().ok()? };
        (time.hour < 24 && time.minute < 60).then_some(time)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:02}:{:02}", self.hour, self.minute))
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("is not a time of day"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn at(text: &str) -> TimeOfDay {
        TimeOfDay::parse(text).unwrap()
    }

    /// The next times after a moment, as the clocks of the zone show them.
    fn times(when: When, zone: &str, after: &str, count: usize) -> Vec<String> {
        let zone = Zone::named(zone).unwrap();
        let mut due_ms = ms(after);
        let mut times = Vec::new();
        for _ in 0..count {
            due_ms = when.next_ms(due_ms, &zone).unwrap();
            assert_eq!(when.latest_ms(due_ms, &zone), Some(due_ms));
            assert!(when.latest_ms(due_ms - 1, &zone).unwrap() < due_ms);
            times.push(zone.written(due_ms));
        }
        times
    }

    #[test]
    fn a_time_that_clocks_skip_comes_behind_the_gap_and_one_that_comes_twice_counts_once() {
        let night = When::Day { at: at("02:30") };
        assert_eq!(
            times(night, "Europe/Berlin", "2026-03-27T12:00:00Z", 3),
            ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]
        );
        assert_eq!(
            times(night, "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]
        );
        let midnight = When::Day { at: at("00:00") };
        assert_eq!(
            times(midnight, "America/Sao_Paulo", "2018-11-03T12:00:00Z", 2),
            ["2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"]
        );
        // A whole day that there was not.
        assert_eq!(
            times(When::Day { at: at("12:00") }, "Pacific/Apia", "2011-12-29T12:00:00Z", 3),
            ["2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00"]
        );
    }

    #[test]
    fn weeks_and_months_have_their_day() {
        let monday = When::Week { weekday: Weekday::Monday, at: at("06:00") };
        assert_eq!(
            times(monday, "Asia/Kathmandu", "2026-11-01T00:00:00Z", 2),
            ["2026-11-02T06:00:00+05:45", "2026-11-09T06:00:00+05:45"]
        );
        assert_eq!(
            times(When::Month { day: 31, at: at("23:59") }, "UTC", "2027-01-30T00:00:00Z", 3),
            ["2027-01-31T23:59:00Z", "2027-02-28T23:59:00Z", "2027-03-31T23:59:00Z"]
        );
    }

    #[test]
    fn hours_follow_the_minutes_of_the_clocks() {
        assert_eq!(
            times(When::Hour { minute: 15 }, "Europe/Berlin", "2026-10-24T23:30:00Z", 3),
            ["2026-10-25T02:15:00+02:00", "2026-10-25T02:15:00+01:00", "2026-10-25T03:15:00+01:00"]
        );
        assert_eq!(
            times(When::Hour { minute: 0 }, "Asia/Kathmandu", "2026-01-01T00:15:00Z", 2),
            ["2026-01-01T07:00:00+05:45", "2026-01-01T08:00:00+05:45"]
        );
        // Clocks go back by half an hour.
        assert_eq!(
            times(When::Hour { minute: 45 }, "Australia/Lord_Howe", "2026-04-04T14:00:00Z", 3),
            ["2026-04-05T01:45:00+11:00", "2026-04-05T01:45:00+10:30", "2026-04-05T02:45:00+10:30"]
        );
    }

    #[test]
    fn moments_outside_the_calendar_have_no_next_one() {
        let daily = When::Day { at: at("06:00") };
        for ms in [i64::MIN, i64::MAX, i64::MAX / 2] {
            assert_eq!(daily.next_ms(ms, &Zone::UTC), None);
            assert_eq!(daily.latest_ms(ms, &Zone::UTC), None);
            assert_eq!(When::Hour { minute: 5 }.next_ms(ms, &Zone::UTC), None);
        }
        for text in ["6:00", "24:00", "06:60", "0600", "06:0a", "+6:00"] {
            assert_eq!(TimeOfDay::parse(text), None, "{text}");
        }
    }
}
