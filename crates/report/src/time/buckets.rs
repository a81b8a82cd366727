//! Buckets of time: minutes, hours, days, weeks and months as the clocks of a time zone show them.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use playhead_protocol::time::{HOUR_MS, MINUTE_MS};

use crate::limits::BUCKETS;
use crate::nearest::{did_you_mean, quoted};
use crate::time::range::{TimeRange, Zone};

/// How long buckets are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Granularity {
    /// No buckets: the whole range as one.
    #[default]
    None,
    /// Minutes.
    Minute,
    /// Hours. If clocks are set back, the hour that comes twice is two buckets.
    Hour,
    /// Days, from midnight to midnight; 23 or 25 hours long if clocks change.
    Day,
    /// Weeks, from Monday to Monday.
    Week,
    /// Months.
    Month,
}

impl Granularity {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::None, Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The granularity of that name.
    ///
    /// # Errors
    ///
    /// A phrase for a fault, with the nearest known name, if the name is unknown.
    pub fn named(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|granularity| granularity.name() == name).ok_or_else(|| {
            let near = did_you_mean(name, names);
            format!(
                "is not a granularity: {}{near}; the granularities are {}",
                quoted(name),
                names.join(", ")
            )
        })
    }

    /// The length of the shortest bucket, ms.
    const fn shortest_ms(self) -> i64 {
        match self {
            Self::None => i64::MAX,
            Self::Minute => MINUTE_MS,
            Self::Hour => HOUR_MS,
            Self::Day => 20 * HOUR_MS,
            Self::Week => 6 * 24 * HOUR_MS,
            Self::Month => 27 * 24 * HOUR_MS,
        }
    }
}

/// Buckets that follow each other without a gap and cover a range.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Buckets {
    /// The start of each, ms since the epoch, ascending; then the end of the last.
    bounds_ms: Vec<i64>,
}

impl Buckets {
    /// The buckets that cover `from_ms` to `to_ms`, exclusive, as the clocks of `zone` show them. The first begins at
    /// or before `from_ms`. An empty range has none.
    ///
    /// # Errors
    ///
    /// A phrase for a fault: there are too many buckets, with a granularity that fits; or the range is outside the
    /// calendar.
    pub(crate) fn cover(
        granularity: Granularity,
        from_ms: i64,
        to_ms: i64,
        zone: &Zone,
    ) -> Result<Self, String> {
        if to_ms <= from_ms || granularity == Granularity::None {
            return Ok(Self { bounds_ms: Vec::new() });
        }
        let about = |granularity: Granularity| to_ms.saturating_sub(from_ms) / granularity.shortest_ms();
        let most = i64::try_from(BUCKETS).unwrap_or(i64::MAX) - 2;
        if about(granularity) > most {
            let fitting = Granularity::ALL.into_iter().skip(1).find(|longer| about(*longer) <= most);
            let advice = fitting.map_or("use a shorter range".to_owned(), |longer| {
                format!("use {}, or a shorter range", longer.name())
            });
            return Err(format!("makes more than {BUCKETS} buckets of this range; {advice}"));
        }
        let rules = zone.rules();
        let bounds = match granularity {
            Granularity::Minute => clock_bounds(rules, from_ms, to_ms, MINUTE_MS),
            Granularity::Hour => clock_bounds(rules, from_ms, to_ms, HOUR_MS),
            _ => calendar_bounds(granularity, rules, from_ms, to_ms),
        };
        let bounds_ms = bounds.map_err(|_| "reaches outside the calendar".to_owned())?;
        Ok(Self { bounds_ms })
    }

    /// Buckets of `unit_ms`, which must divide an hour, like those of [`Buckets::cover`]. The caller ensures that there
    /// are not too many.
    ///
    /// # Errors
    ///
    /// A phrase for a fault, if the range is outside the calendar.
    pub(crate) fn of_clock(unit_ms: i64, from_ms: i64, to_ms: i64, zone: &Zone) -> Result<Self, String> {
        if to_ms <= from_ms {
            return Ok(Self::default());
        }
        let bounds = clock_bounds(zone.rules(), from_ms, to_ms, unit_ms);
        let bounds_ms = bounds.map_err(|_| "reaches outside the calendar".to_owned())?;
        Ok(Self { bounds_ms })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.bounds_ms.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When each begins, ms since the epoch.
    pub(crate) fn starts_ms(&self) -> &[i64] {
        &self.bounds_ms[..self.len()]
    }

    /// When the last ends, ms since the epoch.
    pub(crate) fn end_ms(&self) -> Option<i64> {
        self.bounds_ms.last().copied()
    }

    /// The first so many of them.
    pub(crate) fn first(&self, buckets: usize) -> Self {
        let bounds = if buckets == 0 { 0 } else { self.bounds_ms.len().min(buckets + 1) };
        Self { bounds_ms: self.bounds_ms[..bounds].to_vec() }
    }

    /// How many of them a series shows at a moment, if the first `counted` hold all that was counted: those that have begun,
    /// and what a wrong clock has put behind them.
    pub(crate) fn shown(&self, counted: usize, now_ms: Option<i64>) -> usize {
        let begun = |now_ms| self.starts_ms().partition_point(|start_ms| *start_ms <= now_ms);
        now_ms.map_or(self.len(), begun).max(counted).min(self.len())
    }

    /// Whether a bucket holds moments outside the range that is counted, or that have not come yet.
    pub(crate) fn is_partial(&self, bucket: usize, counted: TimeRange) -> bool {
        let (start_ms, end_ms) = (self.bounds_ms.get(bucket), self.bounds_ms.get(bucket + 1));
        let begins_before =
            counted.from_ms.zip(start_ms).is_some_and(|(from_ms, start_ms)| *start_ms < from_ms);
        begins_before || counted.to_ms.zip(end_ms).is_some_and(|(to_ms, end_ms)| *end_ms > to_ms)
    }

    /// The bucket that holds a moment; `None` outside all buckets.
    pub(crate) fn index_of(&self, ms: i64) -> Option<usize> {
        self.finder().find(ms)
    }

    /// Finds the buckets of many moments.
    pub(crate) fn finder(&self) -> BucketFinder<'_> {
        let (first, last) = (self.bounds_ms.first().copied(), self.bounds_ms.last().copied());
        let (first_ms, end_ms) = (first.unwrap_or(0), last.unwrap_or(0));
        let per_ms = self.len() as f64 / (end_ms.saturating_sub(first_ms)).max(1) as f64;
        BucketFinder { bounds_ms: &self.bounds_ms, first_ms, end_ms, per_ms }
    }
}

/// Finds the buckets of moments: buckets have nearly equal lengths, so the right one is where it would be with equal
/// lengths, or beside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BucketFinder<'a> {
    bounds_ms: &'a [i64],
    first_ms: i64,
    end_ms: i64,
    per_ms: f64,
}

impl BucketFinder<'_> {
    /// The bucket that holds a moment; `None` outside all buckets.
    pub(crate) fn find(&self, ms: i64) -> Option<usize> {
        if ms < self.first_ms || ms >= self.end_ms {
            return None;
        }
        let last = self.bounds_ms.len() - 2;
        let mut index = (((ms - self.first_ms) as f64 * self.per_ms) as usize).min(last);
        while self.bounds_ms[index] > ms {
            index -= 1;
        }
        while self.bounds_ms[index + 1] <= ms {
            index += 1;
        }
        Some(index)
    }
}

/// Bounds of clock units: each moment at which the clock shows a whole unit, and each at which it is set.
fn clock_bounds(rules: &TimeZone, from_ms: i64, to_ms: i64, unit_ms: i64) -> Result<Vec<i64>, jiff::Error> {
    let from = Timestamp::from_millisecond(from_ms)?;
    let last_change = |at: Timestamp| {
        // `preceding` excludes a change at the moment itself.
        let mut before = rules.preceding(at.checked_add(1.nanosecond()).unwrap_or(at));
        before.next().map_or(i64::MIN, |change| change.timestamp().as_millisecond())
    };
    let changes = rules.following(from).map(|change| change.timestamp().as_millisecond());
    let mut changes = changes.take_while(|change_ms| *change_ms < to_ms).peekable();
    let offset_ms = |ms: i64| -> Result<i64, jiff::Error> {
        Ok(i64::from(rules.to_offset(Timestamp::from_millisecond(ms)?).seconds()) * 1_000)
    };
    let mut offset = offset_ms(from_ms)?;
    let floor = |ms: i64, offset: i64| (ms + offset).div_euclid(unit_ms) * unit_ms - offset;
    let mut bound_ms = floor(from_ms, offset).max(last_change(from));
    let mut bounds = vec![bound_ms];
    while bound_ms < to_ms {
        let next_ms = floor(bound_ms, offset) + unit_ms;
        bound_ms = match changes.next_if(|change_ms| *change_ms <= next_ms) {
            Some(change_ms) => {
                offset = offset_ms(change_ms)?;
                change_ms
            }
            None => next_ms,
        };
        bounds.push(bound_ms);
    }
    Ok(bounds)
}

/// Bounds of calendar units: the start of the first day of each unit.
fn calendar_bounds(
    granularity: Granularity,
    rules: &TimeZone,
    from_ms: i64,
    to_ms: i64,
) -> Result<Vec<i64>, jiff::Error> {
    let from = rules.to_datetime(Timestamp::from_millisecond(from_ms)?).date();
    let mut date = match granularity {
        Granularity::Month => from.first_of_month(),
        Granularity::Week => from.checked_sub(i64::from(from.weekday().since(Weekday::Monday)).days())?,
        _ => from,
    };
    let mut bounds = vec![start_ms(rules, date)?];
    while bounds.last().is_some_and(|bound_ms| *bound_ms < to_ms) {
        date = match granularity {
            Granularity::Month => date.checked_add(1.month())?,
            Granularity::Week => date.checked_add(1.week())?,
            _ => date.tomorrow()?,
        };
        let bound_ms = start_ms(rules, date)?;
        // A zone that crosses the date line skips days.
        if bounds.last() != Some(&bound_ms) {
            bounds.push(bound_ms);
        }
    }
    Ok(bounds)
}

/// When a day begins: at midnight, or after the gap if clocks skip midnight.
fn start_ms(rules: &TimeZone, date: Date) -> Result<i64, jiff::Error> {
    Ok(rules.to_zoned(DateTime::from(date))?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn written(granularity: Granularity, zone: &str, from: &str, to: &str) -> Vec<String> {
        let zone = Zone::named(zone).unwrap();
        let buckets = Buckets::cover(granularity, ms(from), ms(to), &zone).unwrap();
        buckets.starts_ms().iter().map(|start_ms| zone.written(*start_ms)).collect()
    }

    #[test]
    fn days_follow_the_clocks() {
        let days = written(Granularity::Day, "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-26T23:00:00Z");
        assert_eq!(
            days,
            ["2026-10-24T00:00:00+02:00", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"]
        );
        let days =
            written(Granularity::Day, "Asia/Kathmandu", "2026-01-01T18:15:00Z", "2026-01-03T18:15:00Z");
        assert_eq!(days, ["2026-01-02T00:00:00+05:45", "2026-01-03T00:00:00+05:45"]);
        // Clocks skip midnight, and a whole day.
        let days =
            written(Granularity::Day, "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T12:00:00Z");
        assert_eq!(days, ["2018-11-03T00:00:00-03:00", "2018-11-04T01:00:00-02:00"]);
        let days = written(Granularity::Day, "Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-30T12:00:00Z");
        assert_eq!(days, ["2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"]);
    }

    #[test]
    fn hours_follow_the_clocks() {
        let hours =
            written(Granularity::Hour, "Europe/Berlin", "2026-10-24T23:30:00Z", "2026-10-25T02:00:00Z");
        assert_eq!(
            hours,
            ["2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]
        );
        let hours =
            written(Granularity::Hour, "Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T01:15:00Z");
        assert_eq!(hours, ["2026-01-01T05:00:00+05:45", "2026-01-01T06:00:00+05:45"]);
        // Clocks go back by half an hour.
        let hours =
            written(Granularity::Hour, "Australia/Lord_Howe", "2026-04-04T14:00:00Z", "2026-04-04T16:30:00Z");
        assert_eq!(
            hours,
            ["2026-04-05T01:00:00+11:00", "2026-04-05T01:30:00+10:30", "2026-04-05T02:00:00+10:30"]
        );
        // A range that begins between the change and the next whole hour.
        let hours =
            written(Granularity::Hour, "Australia/Lord_Howe", "2026-04-04T15:10:00Z", "2026-04-04T15:20:00Z");
        assert_eq!(hours, ["2026-04-05T01:30:00+10:30"]);
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let weeks = written(Granularity::Week, "UTC", "2026-11-01T00:00:00Z", "2026-11-09T00:00:00.001Z");
        assert_eq!(weeks, ["2026-10-26T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-09T00:00:00Z"]);
        let months =
            written(Granularity::Month, "America/St_Johns", "2026-02-01T02:00:00Z", "2026-04-01T02:30:00Z");
        assert_eq!(
            months,
            ["2026-01-01T00:00:00-03:30", "2026-02-01T00:00:00-03:30", "2026-03-01T00:00:00-03:30"]
        );
    }

    #[test]
    fn every_moment_is_found_in_its_bucket() {
        for (granularity, zone) in [
            (Granularity::Minute, "Asia/Kathmandu"),
            (Granularity::Hour, "Australia/Lord_Howe"),
            (Granularity::Day, "Europe/Berlin"),
            (Granularity::Week, "America/St_Johns"),
            (Granularity::Month, "America/New_York"),
        ] {
            let zone = Zone::named(zone).unwrap();
            let (from_ms, to_ms) = (ms("2026-03-20T13:17:11Z"), ms("2026-05-02T00:00:00Z"));
            let buckets = Buckets::cover(granularity, from_ms, to_ms, &zone).unwrap();
            assert!(buckets.starts_ms()[0] <= from_ms);
            assert!(buckets.end_ms().unwrap() >= to_ms);
            assert!(buckets.starts_ms().last().unwrap() < &to_ms);
            for (index, start_ms) in buckets.starts_ms().iter().enumerate() {
                assert_eq!(buckets.index_of(*start_ms), Some(index));
                assert_eq!(buckets.index_of(*start_ms - 1), index.checked_sub(1));
            }
            assert_eq!(buckets.index_of(buckets.end_ms().unwrap()), None);
        }
    }

    #[test]
    fn too_many_buckets_name_the_granularity_that_would_do() {
        let (from_ms, to_ms) = (ms("2026-01-01T00:00:00Z"), ms("2027-01-01T00:00:00Z"));
        let message = Buckets::cover(Granularity::Minute, from_ms, to_ms, &Zone::UTC).unwrap_err();
        assert_eq!(
            message,
            format!("makes more than {BUCKETS} buckets of this range; use hour, or a shorter range")
        );
        assert!(Buckets::cover(Granularity::Month, i64::MIN / 2, i64::MAX / 2, &Zone::UTC).is_err());
        assert!(Buckets::cover(Granularity::Day, 5, 5, &Zone::UTC).unwrap().is_empty());
        assert!(Granularity::named("mounth").unwrap_err().contains("did you mean month?"));
    }
}
