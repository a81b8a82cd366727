//! `format`: a text with places for others: `%s`, a name `%I`, a quoted text `%L`.

use std::iter::Peekable;
use std::str::Chars;

use datafusion::common::{Result, exec_datafusion_err, exec_err};

use super::{Column, quoting, too_large};

/// The widest place, in characters: as wide as a row of any report is read.
const WIDEST: usize = 10_000;

/// A place in the text.
struct Place {
    /// The number of its argument, from 1; the next one without.
    number: Option<usize>,
    is_left: bool,
    width: usize,
    kind: char,
}

/// The text of a row; null if the pattern is.
pub(super) fn format(columns: &[Column], row: usize, limit_bytes: usize) -> Result<Option<String>> {
    let Some((pattern, arguments)) = columns.split_first() else {
        return exec_err!("format takes a text, and values for its places");
    };
    let Some(pattern) = pattern.text(row) else { return Ok(None) };
    let mut made = String::with_capacity(pattern.len());
    let mut letters = pattern.chars().peekable();
    let mut next = 1;
    while let Some(letter) = letters.next() {
        if letter != '%' {
            made.push(letter);
            continue;
        }
        if letters.next_if_eq(&'%').is_some() {
            made.push('%');
            continue;
        }
        let place = place(&mut letters)?;
        let number = place.number.unwrap_or(next);
        next = number.saturating_add(1);
        let argument = number.checked_sub(1).and_then(|number| arguments.get(number));
        let argument = argument.ok_or_else(|| exec_datafusion_err!("too few arguments for format()"))?;
        let text = match (place.kind, argument.text(row)) {
            ('s', text) => text.unwrap_or_default().to_owned(),
            ('I', Some(text)) => quoting::name(text),
            ('I', None) => return exec_err!("null values cannot be formatted as an SQL identifier"),
            ('L', Some(text)) => quoting::text(text),
            ('L', None) => "NULL".to_owned(),
            (kind, _) => return exec_err!("unrecognized format() type specifier \"{kind}\""),
        };
        let space = " ".repeat(place.width.saturating_sub(text.chars().count()));
        let (before, behind) = if place.is_left { ("", space.as_str()) } else { (space.as_str(), "") };
        made.extend([before, text.as_str(), behind]);
        // A short pattern can ask for more than there is memory: it is not left to finish.
        if made.len() > limit_bytes {
            return Err(too_large("format", limit_bytes));
        }
    }
    Ok(Some(made))
}

/// What stands behind a `%`: `[number$][-][width]kind`.
fn place(letters: &mut Peekable<Chars<'_>>) -> Result<Place> {
    let mut place = Place { number: None, is_left: false, width: 0, kind: 's' };
    let mut digits = digits_of(letters);
    if !digits.is_empty() && letters.next_if_eq(&'$').is_some() {
        let number = digits.parse();
        place.number =
            Some(number.map_err(|_| exec_datafusion_err!("a position in format() is out of range"))?);
        digits.clear();
    }
    if digits.is_empty() {
        place.is_left = letters.next_if_eq(&'-').is_some();
        digits = digits_of(letters);
    }
    place.width = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(usize::MAX) };
    if place.width > WIDEST {
        return exec_err!("a place in format() may be {WIDEST} characters wide");
    }
    match letters.next() {
        Some(kind) => Ok(Place { kind, ..place }),
        None => exec_err!("unterminated format() type specifier"),
    }
}

fn digits_of(letters: &mut Peekable<Chars<'_>>) -> String {
    std::iter::from_fn(|| letters.next_if(char::is_ascii_digit)).collect()
}
