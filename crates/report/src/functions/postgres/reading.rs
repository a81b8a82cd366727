//! Moments read from text by a pattern.

use datafusion::common::{Result, exec_datafusion_err, exec_err};
use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use playhead_protocol::time::DAY_US;

use crate::functions::postgres::moments::{us_of_civil, us_of_local};
use crate::functions::postgres::pattern::{DAYS, Field, Item, MONTHS};

/// Digits of a number that ends by itself.
const MOST_DIGITS: usize = 9;

/// What is read of a moment.
#[derive(Debug, Default)]
struct Read {
    year: Option<i64>,
    iso_year: Option<i64>,
    iso_week: Option<i64>,
    iso_day: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    julian: Option<i64>,
    hour: Option<i64>,
    is_twelve_hours: bool,
    is_afternoon: Option<bool>,
    minute: i64,
    second: i64,
    second_of_day: Option<i64>,
    us: i64,
    is_before_christ: bool,
    offset: Option<(i64, i64)>,
}

/// Reads a moment: microseconds since the epoch. Without an offset in the text, it is of this zone.
///
/// # Errors
///
/// In words, if the text is not of the pattern, or no moment.
pub(super) fn read_moment(text: &str, items: &[Item], zone: &TimeZone) -> Result<i64> {
    let read = read(text, items)?;
    let civil = DateTime::from_parts(date_of(&read, text)?, time_of(&read, text)?);
    match read.offset {
        None => us_of_local(civil, zone),
        Some((hours, minutes)) => {
            let seconds = (hours.abs() * 60 + minutes) * 60 * if hours < 0 { -1 } else { 1 };
            let offset = i32::try_from(seconds).ok().and_then(|seconds| Offset::from_seconds(seconds).ok());
            match offset {
                Some(offset) => us_of_local(civil, &TimeZone::fixed(offset)),
                None => exec_err!("\"{text}\" has no offset from UTC that is one"),
            }
        }
    }
}

/// Reads a date: days since the epoch.
///
/// # Errors
///
/// As for [`read_moment`].
pub(super) fn read_date(text: &str, items: &[Item]) -> Result<i32> {
    let date = date_of(&read(text, items)?, text)?;
    let us = us_of_civil(date.to_datetime(Time::midnight()))?;
    i32::try_from(us.div_euclid(DAY_US)).map_err(|_| exec_datafusion_err!("\"{text}\" is no date"))
}

fn read(text: &str, items: &[Item]) -> Result<Read> {
    let mut read = Read::default();
    let mut rest = text.trim_start();
    for (index, item) in items.iter().enumerate() {
        match item {
            Item::Text(pattern, is_quoted) => rest = skip(rest, pattern, *is_quoted),
            Item::Field { field, .. } => {
                // A number ends by itself unless another one follows at once.
                let is_followed = match items.get(index + 1) {
                    Some(Item::Field { field, .. }) => is_number(*field),
                    Some(Item::Text(text, _)) => text.starts_with(|char: char| char.is_ascii_digit()),
                    None => false,
                };
                rest = read_field(*field, rest.trim_start(), is_followed, &mut read).ok_or_else(|| {
                    exec_datafusion_err!(
                        "\"{text}\" does not have the form of its pattern, from \"{rest}\" on"
                    )
                })?;
            }
        }
    }
    Ok(read)
}

/// Goes past what stands between the parts of a moment: signs stand for any signs, and letters for as many characters.
fn skip<'a>(text: &'a str, pattern: &str, is_quoted: bool) -> &'a str {
    let mut rest = text;
    for char in pattern.chars() {
        if !is_quoted && !char.is_alphanumeric() {
            // A minus before a digit may be the sign of an offset, which is read with it.
            let trimmed = rest.trim_start_matches(|next: char| next.is_whitespace());
            let mut chars = trimmed.chars();
            rest = match chars.next() {
                Some(next) if !next.is_alphanumeric() && (!"+-".contains(next) || char == next) => {
                    chars.as_str()
                }
                _ => trimmed,
            };
        } else {
            let mut chars = rest.chars();
            chars.next();
            rest = chars.as_str();
        }
    }
    rest
}

const fn is_number(field: Field) -> bool {
    !matches!(
        field,
        Field::MonthName(_)
            | Field::MonthShort(_)
            | Field::MonthRoman(_)
            | Field::DayName(_)
            | Field::DayShort(_)
            | Field::Half(..)
            | Field::Era(..)
            | Field::ZoneHours
            | Field::ZoneOffset
            | Field::ZoneName(_)
    )
}

fn digits(rest: &str, most: usize) -> Option<(i64, usize, &str)> {
    let length = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, behind) = rest.split_at_checked(length)?;
    Some((digits.parse().ok()?, length, behind))
}

/// Reads a part and gives what is behind it; `None` if it is not there.
fn read_field<'a>(field: Field, rest: &'a str, is_followed: bool, read: &mut Read) -> Option<&'a str> {
    let number = |width: usize| {
        digits(rest, if is_followed { width } else { MOST_DIGITS })
            .map(|(number, _, behind)| (number, behind))
    };
    let behind;
    match field {
        Field::Year(4) => (read.year, behind) = some(number(4)?),
        Field::Year(2) => {
            let (year, after) = number(2)?;
            // The years from 1970 to 2069.
            read.year = Some(if year >= 100 {
                year
            } else if year < 70 {
                2_000 + year
            } else {
                1_900 + year
            });
            behind = after;
        }
        Field::IsoYear(4) => (read.iso_year, behind) = some(number(4)?),
        Field::IsoWeek => (read.iso_week, behind) = some(number(2)?),
        Field::IsoDayOfWeek => (read.iso_day, behind) = some(number(1)?),
        Field::Month => (read.month, behind) = some(number(2)?),
        Field::Day => (read.day, behind) = some(number(2)?),
        Field::DayOfYear => (read.day_of_year, behind) = some(number(3)?),
        Field::Julian => (read.julian, behind) = some(number(7)?),
        Field::Hour24 => (read.hour, behind) = some(number(2)?),
        Field::Hour12 => {
            (read.hour, behind) = some(number(2)?);
            read.is_twelve_hours = true;
        }
        Field::Minute => (read.minute, behind) = number(2)?,
        Field::Second => (read.second, behind) = number(2)?,
        Field::SecondOfDay => (read.second_of_day, behind) = some(number(5)?),
        Field::Fraction(width) => {
            let (fraction, length, after) = digits(rest, if is_followed { width } else { 6 })?;
            read.us = fraction * 10_i64.pow(u32::try_from(6_usize.saturating_sub(length)).ok()?);
            behind = after.trim_start_matches(|char: char| char.is_ascii_digit());
        }
        // They say nothing that the date does not.
        Field::DayOfWeek | Field::WeekOfMonth | Field::Quarter => behind = number(1)?.1,
        Field::ZoneHours | Field::ZoneOffset => behind = read_offset(rest, field == Field::ZoneOffset, read)?,
        Field::ZoneMinutes => {
            let (minutes, after) = number(2)?;
            read.offset = Some((read.offset.map_or(0, |(hours, _)| hours), minutes));
            behind = after;
        }
        _ => behind = read_word(field, rest, read)?,
    }
    Some(behind)
}

fn some((number, behind): (i64, &str)) -> (Option<i64>, &str) {
    (Some(number), behind)
}

fn read_offset<'a>(rest: &'a str, has_minutes: bool, read: &mut Read) -> Option<&'a str> {
    let (sign, bare) = match rest.strip_prefix('-') {
        Some(bare) => (-1, bare),
        None => (1, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let (hours, _, behind) = digits(bare, 2)?;
    let minutes = behind.strip_prefix(':').filter(|_| has_minutes).and_then(|rest| digits(rest, 2));
    read.offset = Some((sign * hours, minutes.map_or(0, |(minutes, ..)| minutes)));
    Some(minutes.map_or(behind, |(.., behind)| behind))
}

fn read_word<'a>(field: Field, rest: &'a str, read: &mut Read) -> Option<&'a str> {
    let after = |word: &str| {
        rest.get(..word.len())
            .filter(|found| found.eq_ignore_ascii_case(word))
            .and_then(|_| rest.get(word.len()..))
    };
    let among = |words: &[&str], length: Option<usize>| {
        words.iter().enumerate().find_map(|(place, word)| {
            let word = length.and_then(|length| word.get(..length)).unwrap_or(word);
            after(word).map(|behind| (i64::try_from(place).unwrap_or(0), behind))
        })
    };
    match field {
        Field::MonthName(_) | Field::MonthShort(_) => {
            let found = among(&MONTHS, None).or_else(|| among(&MONTHS, Some(3)));
            let (month, behind) = found?;
            read.month = Some(month + 1);
            Some(behind)
        }
        Field::DayName(_) | Field::DayShort(_) => {
            Some(among(&DAYS, None).or_else(|| among(&DAYS, Some(3)))?.1)
        }
        Field::Half(..) => {
            let (half, behind) = among(&["a.m.", "p.m.", "am", "pm"], None)?;
            read.is_afternoon = Some(half % 2 == 1);
            Some(behind)
        }
        Field::Era(..) => {
            let (era, behind) = among(&["a.d.", "b.c.", "ad", "bc"], None)?;
            read.is_before_christ = era % 2 == 1;
            Some(behind)
        }
        _ => None,
    }
}

fn date_of(read: &Read, text: &str) -> Result<Date> {
    let no_date = || exec_datafusion_err!("\"{text}\" is no date of the calendar");
    if let Some(julian) = read.julian {
        let days = jiff::Span::new().try_days(julian - 2_440_588).map_err(|_| no_date())?;
        return Date::constant(1970, 1, 1).checked_add(days).map_err(|_| no_date());
    }
    if let (Some(year), Some(week)) = (read.iso_year, read.iso_week) {
        let day = i8::try_from(read.iso_day.unwrap_or(1))
            .ok()
            .and_then(|day| Weekday::from_monday_one_offset(day).ok());
        let week = i16::try_from(year).ok().zip(i8::try_from(week).ok()).zip(day);
        let date = week.and_then(|((year, week), day)| ISOWeekDate::new(year, week, day).ok());
        return date.map(ISOWeekDate::date).ok_or_else(no_date);
    }
    let Some(year) = read.year else {
        return exec_err!("the pattern has no year (YYYY or YY) to read from \"{text}\"");
    };
    let year = if read.is_before_christ { 1 - year } else { year };
    let year = i16::try_from(year).map_err(|_| no_date())?;
    if let Some(day) = read.day_of_year {
        let day = i16::try_from(day).map_err(|_| no_date())?;
        return Date::new(year, 1, 1)
            .and_then(|first| first.with().day_of_year(day).build())
            .map_err(|_| no_date());
    }
    let part = |part: Option<i64>| i8::try_from(part.unwrap_or(1)).map_err(|_| no_date());
    Date::new(year, part(read.month)?, part(read.day)?).map_err(|_| no_date())
}

fn time_of(read: &Read, text: &str) -> Result<Time> {
    let no_time = || exec_datafusion_err!("\"{text}\" has no time of day that is one");
    let mut hour = read.hour.unwrap_or(0);
    if read.is_twelve_hours {
        if !(1..=12).contains(&hour) {
            return Err(exec_datafusion_err!(
                "hour \"{hour}\" is not on a clock of 12 hours; HH24 counts to 23"
            ));
        }
        hour %= 12;
    }
    if read.is_afternoon == Some(true) {
        hour = hour % 12 + 12;
    }
    let (hour, minute, second) = match read.second_of_day {
        Some(second) => (second / 3_600, second / 60 % 60, second % 60),
        None => (hour, read.minute, read.second),
    };
    let part = |part: i64| i8::try_from(part).map_err(|_| no_time());
    let ns = i32::try_from(read.us * 1_000).map_err(|_| no_time())?;
    Time::new(part(hour)?, part(minute)?, part(second)?, ns).map_err(|_| no_time())
}
