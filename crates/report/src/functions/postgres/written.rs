//! Moments and lengths of time as a pattern writes them.

use datafusion::common::{Result, exec_err};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::functions::lengths::Length;
use crate::functions::postgres::pattern::{Case, DAYS, Field, Item, MONTHS};

/// What there is to be written.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// The date; a length of time has none.
    date: Option<Date>,
    years: i64,
    months: i64,
    days: i64,
    hours: i64,
    minutes: i64,
    seconds: i64,
    us: i64,
    /// The offset from UTC, seconds.
    offset_s: i32,
    zone: String,
}

const ROMAN: [&str; 12] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

impl Shown {
    /// A moment, as clocks show it; with the zone of the clocks, if it has one.
    pub(super) fn of_moment(shown: DateTime, zone: Option<(&TimeZone, Timestamp)>) -> Self {
        let (offset_s, name) = zone.map_or((0, String::new()), |(zone, moment)| {
            let info = zone.to_offset_info(moment);
            (info.offset().seconds(), info.abbreviation().to_owned())
        });
        Self {
            date: Some(shown.date()),
            years: i64::from(shown.year()),
            months: i64::from(shown.month()),
            days: i64::from(shown.day()),
            hours: i64::from(shown.hour()),
            minutes: i64::from(shown.minute()),
            seconds: i64::from(shown.second()),
            us: i64::from(shown.subsec_nanosecond() / 1_000),
            offset_s,
            zone: name,
        }
    }

    /// A length of time.
    pub(super) fn of_length(length: Length) -> Self {
        let seconds = length.us / 1_000_000;
        Self {
            date: None,
            years: i64::from(length.months / 12),
            months: i64::from(length.months % 12),
            days: length.days,
            hours: seconds / 3_600,
            minutes: seconds / 60 % 60,
            seconds: seconds % 60,
            us: length.us % 1_000_000,
            offset_s: 0,
            zone: String::new(),
        }
    }

    /// The year without a sign: there is no year 0 before the first.
    const fn year(&self) -> i64 {
        if self.date.is_some() && self.years <= 0 { 1 - self.years } else { self.years }
    }
}

/// Writes a value by a pattern.
///
/// # Errors
///
/// If a length of time has no such part, or the year has none.
pub(super) fn write_items(items: &[Item], shown: &Shown) -> Result<String> {
    let mut out = String::new();
    for item in items {
        match item {
            Item::Text(text, _) => out.push_str(text),
            Item::Field { field, is_plain, ordinal } => {
                write_field(*field, *is_plain, *ordinal, shown, &mut out)?;
            }
        }
    }
    Ok(out)
}

fn write_field(
    field: Field,
    is_plain: bool,
    ordinal: Option<Case>,
    shown: &Shown,
    out: &mut String,
) -> Result<()> {
    if let Some((number, width)) = number_of(field, shown)? {
        let width = if is_plain { 0 } else { width };
        let sign = if number < 0 { "-" } else { "" };
        out.push_str(&format!("{sign}{:0width$}", number.unsigned_abs()));
        if let Some(case) = ordinal {
            out.push_str(&in_case(ordinal_ending(number), case));
        }
        return Ok(());
    }
    match field {
        Field::Fraction(digits) => {
            let text = format!("{:06}", shown.us.unsigned_abs());
            out.push_str(text.get(..digits).unwrap_or(&text));
        }
        Field::YearWithComma => {
            let year = shown.year();
            out.push_str(&format!("{},{:03}", year / 1_000, year % 1_000));
        }
        Field::Half(case, has_periods) => {
            let half = match (shown.hours.rem_euclid(24) >= 12, has_periods) {
                (false, false) => "am",
                (true, false) => "pm",
                (false, true) => "a.m.",
                (true, true) => "p.m.",
            };
            out.push_str(&in_case(half, case));
        }
        Field::ZoneName(case) => out.push_str(&in_case(&shown.zone, case)),
        Field::ZoneHours => out.push_str(&format!("{}{:02}", sign_of(shown), shown.offset_s.abs() / 3_600)),
        Field::ZoneMinutes => out.push_str(&format!("{:02}", shown.offset_s.abs() / 60 % 60)),
        Field::ZoneOffset => {
            out.push_str(&format!("{}{:02}", sign_of(shown), shown.offset_s.abs() / 3_600));
            if shown.offset_s % 3_600 != 0 {
                out.push_str(&format!(":{:02}", shown.offset_s.abs() / 60 % 60));
            }
        }
        _ => write_word(field, is_plain, shown, out)?,
    }
    Ok(())
}

const fn sign_of(shown: &Shown) -> char {
    if shown.offset_s < 0 { '-' } else { '+' }
}

/// The number that a part is, and its width; `None` if it is not a number.
fn number_of(field: Field, shown: &Shown) -> Result<Option<(i64, usize)>> {
    let last = |year: i64, digits: usize| match digits {
        4 => (year, 4),
        digits => (year % 10_i64.pow(u32::try_from(digits).unwrap_or(0)), digits),
    };
    let clock = match field {
        Field::Year(digits) => Some(last(shown.year(), digits)),
        Field::Month => Some((shown.months, 2)),
        Field::Day => Some((shown.days, 2)),
        Field::Quarter => Some(((shown.months.max(1) - 1) / 3 + 1, 1)),
        Field::Hour24 => Some((shown.hours, 2)),
        Field::Hour12 => Some(((shown.hours + 11).rem_euclid(12) + 1, 2)),
        Field::Minute => Some((shown.minutes, 2)),
        Field::Second => Some((shown.seconds, 2)),
        Field::SecondOfDay => Some((shown.hours * 3_600 + shown.minutes * 60 + shown.seconds, 0)),
        Field::Century => {
            let year = shown.year();
            Some((if shown.date.is_some() { (year - 1) / 100 + 1 } else { year / 100 }, 2))
        }
        _ => None,
    };
    if clock.is_some() {
        return Ok(clock);
    }
    let Some(date) = shown.date else { return Ok(None) };
    let day_of_year = i64::from(date.day_of_year());
    let from_monday = i64::from(date.weekday().to_monday_one_offset());
    let week = date.iso_week_date();
    Ok(match field {
        Field::IsoYear(digits) => Some(last(i64::from(week.year()), digits)),
        Field::IsoWeek => Some((i64::from(week.week()), 2)),
        Field::Week => Some(((day_of_year - 1) / 7 + 1, 2)),
        Field::WeekOfMonth => Some(((shown.days - 1) / 7 + 1, 1)),
        Field::DayOfYear => Some((day_of_year, 3)),
        Field::IsoDayOfYear => Some(((i64::from(week.week()) - 1) * 7 + from_monday, 3)),
        Field::DayOfWeek => Some((from_monday % 7 + 1, 1)),
        Field::IsoDayOfWeek => Some((from_monday, 1)),
        Field::Julian => Some((julian(date), 0)),
        _ => None,
    })
}

/// The days since the first of January 4713 BC.
fn julian(date: Date) -> i64 {
    /// The first of January 1970.
    const EPOCH: i64 = 2_440_588;
    let days = Date::constant(1970, 1, 1).until((jiff::Unit::Day, date));
    EPOCH + days.map_or(0, |span| i64::from(span.get_days()))
}

fn write_word(field: Field, is_plain: bool, shown: &Shown, out: &mut String) -> Result<()> {
    let Some(date) = shown.date else {
        return exec_err!(
            "a length of time has no date: it cannot be written by names of days, months or weeks"
        );
    };
    let month = usize::try_from(shown.months - 1).unwrap_or(0);
    let day = usize::try_from(date.weekday().to_sunday_zero_offset()).unwrap_or(0);
    let name = |names: &[&'static str], place: usize| names.get(place).copied().unwrap_or_default();
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    let (word, case, width) = match field {
        Field::MonthName(case) => (name(&MONTHS, month), case, 9),
        Field::MonthShort(case) => (short(name(&MONTHS, month)), case, 0),
        Field::MonthRoman(case) => (name(&ROMAN, month), case, 4),
        Field::DayName(case) => (name(&DAYS, day), case, 9),
        Field::DayShort(case) => (short(name(&DAYS, day)), case, 0),
        Field::Era(case, has_periods) => {
            let word = match (shown.years <= 0, has_periods) {
                (false, false) => "AD",
                (true, false) => "BC",
                (false, true) => "A.D.",
                (true, true) => "B.C.",
            };
            (word, case, 0)
        }
        _ => return Ok(()),
    };
    let width = if is_plain { 0 } else { width };
    out.push_str(&format!("{:width$}", in_case(word, case)));
    Ok(())
}

fn in_case(word: &str, case: Case) -> String {
    match case {
        Case::Upper => word.to_uppercase(),
        Case::Lower => word.to_lowercase(),
        Case::Capital => word.to_owned(),
    }
}

/// The ending that makes a number an ordinal.
pub(super) const fn ordinal_ending(number: i64) -> &'static str {
    match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}
