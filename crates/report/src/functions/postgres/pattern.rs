//! The patterns in which PostgreSQL writes and reads moments: `YYYY-MM-DD HH24:MI:SS` and the like.

use datafusion::common::{Result, exec_err};

use crate::limits::SQL_PATTERN_BYTES;

/// Checks the length of a pattern.
///
/// # Errors
///
/// If it is too long.
pub(super) fn check_pattern(pattern: &str) -> Result<()> {
    if pattern.len() > SQL_PATTERN_BYTES {
        return exec_err!("a pattern may have at most {SQL_PATTERN_BYTES} bytes");
    }
    Ok(())
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Upper,
    Capital,
    Lower,
}

/// A part of a moment in a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// The last so many digits of the year.
    Year(usize),
    /// The year with a comma before its last three digits.
    YearWithComma,
    /// The last so many digits of the year that the week belongs to.
    IsoYear(usize),
    Century,
    Era(Case, bool),
    Quarter,
    Month,
    MonthName(Case),
    MonthShort(Case),
    MonthRoman(Case),
    Week,
    IsoWeek,
    WeekOfMonth,
    DayOfYear,
    IsoDayOfYear,
    Day,
    DayOfWeek,
    IsoDayOfWeek,
    DayName(Case),
    DayShort(Case),
    Julian,
    Hour12,
    Hour24,
    Minute,
    Second,
    /// So many digits of the fraction of a second.
    Fraction(usize),
    SecondOfDay,
    /// Before or after noon; with periods or without.
    Half(Case, bool),
    ZoneName(Case),
    ZoneHours,
    ZoneMinutes,
    ZoneOffset,
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A text, as it is; whether it was in quotes.
    Text(String, bool),
    /// A part of the moment; without its padding; with the ending of an ordinal number.
    Field { field: Field, is_plain: bool, ordinal: Option<Case> },
}

/// The parts that are written in capitals or in small letters.
const NUMBERS: [(&str, Field); 43] = [
    ("Y,YYY", Field::YearWithComma),
    ("YYYY", Field::Year(4)),
    ("YYY", Field::Year(3)),
    ("YY", Field::Year(2)),
    ("Y", Field::Year(1)),
    ("IYYY", Field::IsoYear(4)),
    ("IYY", Field::IsoYear(3)),
    ("IY", Field::IsoYear(2)),
    ("IDDD", Field::IsoDayOfYear),
    ("ID", Field::IsoDayOfWeek),
    ("IW", Field::IsoWeek),
    ("I", Field::IsoYear(1)),
    ("CC", Field::Century),
    ("Q", Field::Quarter),
    ("MM", Field::Month),
    ("MI", Field::Minute),
    ("MS", Field::Fraction(3)),
    ("WW", Field::Week),
    ("W", Field::WeekOfMonth),
    ("DDD", Field::DayOfYear),
    ("DD", Field::Day),
    ("D", Field::DayOfWeek),
    ("J", Field::Julian),
    ("HH24", Field::Hour24),
    ("HH12", Field::Hour12),
    ("HH", Field::Hour12),
    ("SSSSS", Field::SecondOfDay),
    ("SSSS", Field::SecondOfDay),
    ("SS", Field::Second),
    ("US", Field::Fraction(6)),
    ("FF1", Field::Fraction(1)),
    ("FF2", Field::Fraction(2)),
    ("FF3", Field::Fraction(3)),
    ("FF4", Field::Fraction(4)),
    ("FF5", Field::Fraction(5)),
    ("FF6", Field::Fraction(6)),
    ("TZH", Field::ZoneHours),
    ("TZM", Field::ZoneMinutes),
    ("OF", Field::ZoneOffset),
    ("RM", Field::MonthRoman(Case::Upper)),
    ("rm", Field::MonthRoman(Case::Lower)),
    ("TZ", Field::ZoneName(Case::Upper)),
    ("tz", Field::ZoneName(Case::Lower)),
];

/// The parts whose letters say how the word is written.
const WORDS: [(&str, Field); 28] = [
    ("MONTH", Field::MonthName(Case::Upper)),
    ("Month", Field::MonthName(Case::Capital)),
    ("month", Field::MonthName(Case::Lower)),
    ("MON", Field::MonthShort(Case::Upper)),
    ("Mon", Field::MonthShort(Case::Capital)),
    ("mon", Field::MonthShort(Case::Lower)),
    ("DAY", Field::DayName(Case::Upper)),
    ("Day", Field::DayName(Case::Capital)),
    ("day", Field::DayName(Case::Lower)),
    ("DY", Field::DayShort(Case::Upper)),
    ("Dy", Field::DayShort(Case::Capital)),
    ("dy", Field::DayShort(Case::Lower)),
    ("A.M.", Field::Half(Case::Upper, true)),
    ("P.M.", Field::Half(Case::Upper, true)),
    ("a.m.", Field::Half(Case::Lower, true)),
    ("p.m.", Field::Half(Case::Lower, true)),
    ("AM", Field::Half(Case::Upper, false)),
    ("PM", Field::Half(Case::Upper, false)),
    ("am", Field::Half(Case::Lower, false)),
    ("pm", Field::Half(Case::Lower, false)),
    ("A.D.", Field::Era(Case::Upper, true)),
    ("B.C.", Field::Era(Case::Upper, true)),
    ("a.d.", Field::Era(Case::Lower, true)),
    ("b.c.", Field::Era(Case::Lower, true)),
    ("AD", Field::Era(Case::Upper, false)),
    ("BC", Field::Era(Case::Upper, false)),
    ("ad", Field::Era(Case::Lower, false)),
    ("bc", Field::Era(Case::Lower, false)),
];

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Whether a pattern is one of PostgreSQL's. One with `%` is the engine's own, as in `strftime`.
pub(super) fn is_of_postgres(pattern: &str) -> bool {
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        if char == '%'
            && chars.peek().is_some_and(|next| next.is_ascii_alphanumeric() || "+.:-_".contains(*next))
        {
            return false;
        }
    }
    true
}

/// Takes a pattern apart.
pub(super) fn items_of(pattern: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        rest = take_item(rest, &mut items);
    }
    items
}

fn take_item<'a>(rest: &'a str, items: &mut Vec<Item>) -> &'a str {
    if let Some(quoted) = rest.strip_prefix('"') {
        return take_quoted(quoted, items);
    }
    let (mut behind, mut is_plain) = (rest, false);
    for prefix in ["FM", "fm", "TM", "tm", "FX", "fx"] {
        if let Some(bare) = behind.strip_prefix(prefix) {
            is_plain |= prefix.eq_ignore_ascii_case("fm") || prefix.eq_ignore_ascii_case("tm");
            behind = bare;
        }
    }
    if let Some((name, field)) = field_at(behind) {
        behind = behind.get(name..).unwrap_or_default();
        let ordinal = [("TH", Case::Upper), ("th", Case::Lower)];
        let ordinal = ordinal.into_iter().find(|(suffix, _)| behind.starts_with(suffix));
        if ordinal.is_some() {
            behind = behind.get(2..).unwrap_or_default();
        }
        items.push(Item::Field { field, is_plain, ordinal: ordinal.map(|(_, case)| case) });
        return behind;
    }
    if behind.len() < rest.len() {
        return behind;
    }
    let bare = rest.strip_prefix('\\').filter(|bare| bare.starts_with('"')).unwrap_or(rest);
    let length = bare.chars().next().map_or(0, char::len_utf8);
    let (char, behind) = bare.split_at_checked(length).unwrap_or((bare, ""));
    match items.last_mut() {
        Some(Item::Text(text, false)) => text.push_str(char),
        _ => items.push(Item::Text(char.to_owned(), false)),
    }
    behind
}

fn take_quoted<'a>(quoted: &'a str, items: &mut Vec<Item>) -> &'a str {
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => {
                items.push(Item::Text(text, true));
                return quoted.get(at + 1..).unwrap_or_default();
            }
            '\\' => text.extend(chars.next().map(|(_, char)| char)),
            char => text.push(char),
        }
    }
    items.push(Item::Text(text, true));
    ""
}

/// The longest part that a pattern begins with, and its length.
fn field_at(rest: &str) -> Option<(usize, Field)> {
    let words = WORDS.iter().filter(|(name, _)| rest.starts_with(name));
    let numbers =
        NUMBERS.iter().filter(|(name, _)| rest.starts_with(name) || rest.starts_with(&name.to_lowercase()));
    words.chain(numbers).max_by_key(|(name, _)| name.len()).map(|(name, field)| (name.len(), *field))
}
