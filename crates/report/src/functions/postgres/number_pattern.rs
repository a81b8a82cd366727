//! Numbers as PostgreSQL's patterns write them: `999,990.00` and the like.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::common::{Result, not_impl_err};

use crate::functions::postgres::written::ordinal_ending;

/// A number as its sign and its digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Digits {
    /// Not a number, or without an end.
    None,
    /// The digits before and behind the point.
    Some { is_negative: bool, whole: String, fraction: String },
}

/// The digits of a number in a column. A float has as many as tell it apart.
///
/// # Errors
///
/// If the column cannot be read as text.
pub(super) fn digits_of(numbers: &ArrayRef, row: usize) -> Result<Digits> {
    let text = match numbers.data_type() {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let floats = cast(&numbers.slice(row, 1), &DataType::Float64)?;
            let float = floats.as_primitive::<Float64Type>().value(0);
            if !float.is_finite() {
                return Ok(Digits::None);
            }
            format!("{float}")
        }
        _ => array_value_to_string(numbers, row)?,
    };
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text.as_str()), |bare| (true, bare));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.trim_start_matches('0').to_owned();
    Ok(Digits::Some { is_negative, whole, fraction: fraction.to_owned() })
}

/// A place of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// A digit; whether it is written where the number has none.
    Digit(bool),
    Group,
    Point,
    /// `S`, where it stands.
    Sign,
    Minus,
    Plus,
    PlusOrMinus,
    Ordinal(bool),
    Text(String),
}

/// A pattern, taken apart.
#[derive(Debug)]
pub(super) struct NumberPattern {
    places: Vec<Place>,
    is_plain: bool,
    has_brackets: bool,
}

impl NumberPattern {
    /// Takes a pattern apart.
    ///
    /// # Errors
    ///
    /// If it asks for a form that is not written here.
    pub(super) fn new(pattern: &str) -> Result<Self> {
        let mut taken = Self { places: Vec::new(), is_plain: false, has_brackets: false };
        let mut rest = pattern;
        while let Some(char) = rest.chars().next() {
            let upper: String = rest.chars().take(4).collect::<String>().to_uppercase();
            if upper.starts_with("EEEE") || upper.starts_with("RN") || char == 'V' || char == 'L' {
                return not_impl_err!(
                    "to_char writes no {char} of a number: it knows 9 0 . , D G S MI PL SG PR FM and TH"
                );
            }
            let (place, length) = match upper.get(..2).unwrap_or_default() {
                "FM" => {
                    taken.is_plain = true;
                    (None, 2)
                }
                "PR" => {
                    taken.has_brackets = true;
                    (None, 2)
                }
                "MI" => (Some(Place::Minus), 2),
                "PL" => (Some(Place::Plus), 2),
                "SG" => (Some(Place::PlusOrMinus), 2),
                "TH" => (Some(Place::Ordinal(char == 'T')), 2),
                _ => match char {
                    '9' => (Some(Place::Digit(false)), 1),
                    '0' => (Some(Place::Digit(true)), 1),
                    ',' | 'G' | 'g' => (Some(Place::Group), 1),
                    '.' | 'D' | 'd' => (Some(Place::Point), 1),
                    'S' | 's' => (Some(Place::Sign), 1),
                    '"' => {
                        let quoted: String = rest.chars().skip(1).take_while(|char| *char != '"').collect();
                        let length = (quoted.len() + 2).min(rest.len());
                        (Some(Place::Text(quoted)), length)
                    }
                    char => (Some(Place::Text(char.to_string())), char.len_utf8()),
                },
            };
            taken.places.extend(place);
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(taken)
    }

    fn digits(&self) -> (usize, usize) {
        let point = self.places.iter().position(|place| *place == Place::Point).unwrap_or(self.places.len());
        let count = |places: &[Place]| places.iter().filter(|place| matches!(place, Place::Digit(_))).count();
        let (before, behind) = self.places.split_at(point);
        (count(before), count(behind))
    }

    /// A number by this pattern; `#` for each digit if it has more than the pattern.
    pub(super) fn write(&self, digits: &Digits) -> String {
        let (before, behind) = self.digits();
        let rounded = match digits {
            Digits::None => None,
            Digits::Some { is_negative, whole, fraction } => {
                let (whole, fraction) = round(whole, fraction, behind);
                let is_zero = whole.is_empty() && fraction.bytes().all(|digit| digit == b'0');
                Some((*is_negative && !is_zero, whole, fraction))
            }
        };
        let (is_negative, whole, fraction, is_too_long) = match rounded {
            Some((is_negative, whole, fraction)) if whole.len() <= before => {
                (is_negative, whole, fraction, false)
            }
            Some((is_negative, ..)) => (is_negative, "#".repeat(before), "#".repeat(behind), true),
            None => (false, "#".repeat(before), "#".repeat(behind), true),
        };
        let mut writing =
            Writing { pattern: self, is_negative, is_too_long, out: String::new(), is_begun: false };
        writing.all(&whole, &fraction, before, behind);
        writing.out
    }
}

/// Rounds digits behind the point to so many, a half away from zero.
fn round(whole: &str, fraction: &str, behind: usize) -> (String, String) {
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(behind).collect();
    let is_up = fraction.as_bytes().get(behind).is_some_and(|digit| *digit >= b'5');
    let mut digits: Vec<u8> = whole.bytes().chain(kept.bytes()).collect();
    if is_up {
        let mut carries = true;
        for digit in digits.iter_mut().rev() {
            if !carries {
                break;
            }
            carries = *digit == b'9';
            *digit = if carries { b'0' } else { *digit + 1 };
        }
        if carries {
            digits.insert(0, b'1');
        }
    }
    let text = String::from_utf8_lossy(&digits).into_owned();
    let (whole, fraction) = text.split_at_checked(text.len() - behind).unwrap_or((&text, ""));
    (whole.trim_start_matches('0').to_owned(), fraction.to_owned())
}

/// A number on its way into text.
struct Writing<'a> {
    pattern: &'a NumberPattern,
    is_negative: bool,
    is_too_long: bool,
    out: String,
    /// Whether the first digit is written.
    is_begun: bool,
}

impl Writing<'_> {
    fn all(&mut self, whole: &str, fraction: &str, before: usize, behind: usize) {
        let places = &self.pattern.places;
        let zeros = places.iter().take_while(|place| **place != Place::Point);
        let zeros_from = zeros
            .filter_map(|place| if let Place::Digit(zero) = place { Some(*zero) } else { None })
            .position(|zero| zero)
            .unwrap_or(before);
        // A number below 1 has a zero before its point only if there is nothing behind it, or the pattern asks for it.
        let shown = if whole.is_empty() && behind == 0 { "0" } else { whole };
        let blanks = before.saturating_sub(shown.len());
        let behind_point = places.iter().skip_while(|place| **place != Place::Point);
        let kept = behind_point.filter(|place| matches!(place, Place::Digit(_))).collect::<Vec<_>>();
        let kept = kept.iter().rposition(|place| **place == Place::Digit(true)).map_or(0, |place| place + 1);
        let last = fraction.trim_end_matches('0').len().max(kept);
        let (mut at, mut is_behind) = (0, false);
        for place in places {
            match place {
                Place::Digit(_) if !is_behind => {
                    if at >= blanks {
                        self.digit(shown.as_bytes().get(at - blanks).copied());
                    } else if at >= zeros_from {
                        self.digit(Some(b'0'));
                    } else if !self.pattern.is_plain {
                        self.out.push(' ');
                    }
                    at += 1;
                }
                Place::Digit(_) => {
                    if !self.pattern.is_plain || at < last || self.is_too_long {
                        self.digit(fraction.as_bytes().get(at).copied());
                    }
                    at += 1;
                }
                Place::Point => {
                    self.begin();
                    self.out.push('.');
                    (at, is_behind) = (0, true);
                }
                Place::Group if self.is_begun => self.out.push(','),
                Place::Group if !self.pattern.is_plain => self.out.push(' '),
                Place::Group => {}
                other => self.other(other, whole),
            }
        }
        if self.pattern.has_brackets {
            self.out.push_str(match (self.is_negative, self.pattern.is_plain) {
                (true, _) => ">",
                (false, false) => " ",
                (false, true) => "",
            });
        }
    }

    fn digit(&mut self, digit: Option<u8>) {
        self.begin();
        self.out.push(char::from(digit.unwrap_or(b'0')));
    }

    /// Writes the sign that stands before the first digit.
    fn begin(&mut self) {
        if std::mem::replace(&mut self.is_begun, true) {
            return;
        }
        let is_signed_elsewhere =
            |place: &Place| matches!(place, Place::Sign | Place::Minus | Place::Plus | Place::PlusOrMinus);
        let first_sign = self.pattern.places.iter().position(|place| *place == Place::Sign);
        let first_digit = self.pattern.places.iter().position(|place| matches!(place, Place::Digit(_)));
        if first_sign.is_some() && first_sign < first_digit {
            self.out.push(if self.is_negative { '-' } else { '+' });
        } else if self.pattern.has_brackets {
            self.out.push_str(if self.is_negative { "<" } else { self.blank() });
        } else if !self.pattern.places.iter().any(is_signed_elsewhere) {
            self.out.push_str(if self.is_negative { "-" } else { self.blank() });
        }
    }

    const fn blank(&self) -> &'static str {
        if self.pattern.is_plain { "" } else { " " }
    }

    fn other(&mut self, place: &Place, whole: &str) {
        match place {
            // One before the first digit is written with it.
            Place::Sign if self.is_begun => self.out.push(if self.is_negative { '-' } else { '+' }),
            Place::Minus => self.out.push_str(if self.is_negative { "-" } else { self.blank() }),
            Place::Plus => self.out.push_str(if self.is_negative { self.blank() } else { "+" }),
            Place::PlusOrMinus => self.out.push(if self.is_negative { '-' } else { '+' }),
            Place::Ordinal(is_upper) if !self.is_negative => {
                let ending = ordinal_ending(whole.parse().unwrap_or(0));
                self.out.push_str(&if *is_upper { ending.to_uppercase() } else { ending.to_owned() });
            }
            Place::Text(text) => self.out.push_str(text),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(number: &str, pattern: &str) -> String {
        let (is_negative, bare) = number.strip_prefix('-').map_or((false, number), |bare| (true, bare));
        let (whole, fraction) = bare.split_once('.').unwrap_or((bare, ""));
        let whole = whole.trim_start_matches('0').to_owned();
        let digits = Digits::Some { is_negative, whole, fraction: fraction.to_owned() };
        NumberPattern::new(pattern).unwrap().write(&digits)
    }

    #[test]
    fn numbers_are_written_as_in_the_manual_of_postgresql() {
        for (number, pattern, expected) in [
            ("-0.1", "99.99", "  -.10"),
            ("-0.1", "FM9.99", "-.1"),
            ("0.1", "0.9", " 0.1"),
            ("12", "9990999.9", "    0012.0"),
            ("12", "FM9990999.9", "0012."),
            ("485", "999", " 485"),
            ("-485", "999", "-485"),
            ("1485", "9,999", " 1,485"),
            ("1485", "9G999", " 1,485"),
            ("148.5", "999.999", " 148.500"),
            ("148.5", "FM999.999", "148.5"),
            ("148.5", "FM999.990", "148.500"),
            ("-485", "999S", "485-"),
            ("-485", "999MI", "485-"),
            ("485", "999MI", "485 "),
            ("485", "FM999MI", "485"),
            ("485", "PL999", "+485"),
            ("485", "SG999", "+485"),
            ("-485", "SG999", "-485"),
            ("-485", "9SG99", "4-85"),
            ("-485", "999PR", "<485>"),
            ("482", "999th", " 482nd"),
            ("485", "\"Good number:\"999", "Good number: 485"),
            ("1234", "999", " ###"),
            ("0", "999", "   0"),
            ("0.5", "9.99", "  .50"),
            ("99.996", "990.99", " 100.00"),
            ("-12", "S9999", "  -12"),
        ] {
            assert_eq!(written(number, pattern), expected, "{number} as {pattern}");
        }
    }
}
