//! Values in rows, and how they are written as JSON.

use std::borrow::Cow;

use playhead_protocol::{PackedPairs, ParamValue};
use serde::{Serialize, Serializer};

use crate::accounting::views::PlayerState;

/// A value in a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'row> {
    /// Nothing.
    Null,
    /// Text.
    Text(Cow<'row, str>),
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A duration, in ms; written in seconds.
    Seconds(i64),
    /// A moment, in ms since the epoch; written as RFC 3339.
    Time(i64),
    /// JSON text, written as it is.
    Json(Cow<'row, str>),
    /// Texts.
    Texts(Vec<Cow<'row, str>>),
    /// A map of texts.
    Pairs(Cow<'row, PackedPairs>),
    /// Player states.
    States(Cow<'row, [PlayerState]>),
    /// Spans of wall-clock time, in ms since the epoch.
    TimeSpans(Cow<'row, [(i64, i64)]>),
    /// Spans of content, in seconds.
    ContentSpans(Cow<'row, [(f64, f64)]>),
}

impl<'row> Cell<'row> {
    /// Whether it is a list of spans.
    pub const fn is_spans(&self) -> bool {
        matches!(self, Self::TimeSpans(_) | Self::ContentSpans(_))
    }

    pub(crate) fn texts(texts: &'row [Box<str>]) -> Self {
        Self::Texts(texts.iter().map(|text| Cow::Borrowed(&**text)).collect())
    }
}

impl<'row> From<&'row str> for Cell<'row> {
    fn from(text: &'row str) -> Self {
        Self::Text(text.into())
    }
}

impl From<u32> for Cell<'_> {
    fn from(count: u32) -> Self {
        Self::Integer(count.into())
    }
}

impl From<f64> for Cell<'_> {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl<'row, T: Into<Self>> From<Option<T>> for Cell<'row> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'row> From<ParamValue<'row>> for Cell<'row> {
    fn from(value: ParamValue<'row>) -> Self {
        match value {
            ParamValue::Text(text) => Self::Text(text.into()),
            ParamValue::Number(number) => Self::Number(number),
            ParamValue::Integer(integer) => Self::Integer(integer),
            ParamValue::Boolean(boolean) => Self::Boolean(boolean),
            ParamValue::Json(text) => Self::Json(text.into()),
        }
    }
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Self::Integer(integer) => serializer.serialize_i64(*integer),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Seconds(ms) => serializer.serialize_f64(seconds(*ms)),
            Self::Time(ms) => serializer.serialize_str(&rfc3339(*ms)),
            Self::Json(text) => json_value(text).serialize(serializer),
            Self::Texts(texts) => texts.serialize(serializer),
            Self::Pairs(pairs) => serializer.collect_map(pairs.iter()),
            Self::States(states) => serializer.collect_seq(states.iter().map(StateCell::of)),
            Self::TimeSpans(spans) => serializer
                .collect_seq(spans.iter().map(|&(from, to)| Span { from: rfc3339(from), to: rfc3339(to) })),
            Self::ContentSpans(spans) => serializer.collect_seq(
                spans.iter().map(|&(from, to)| Span { from: to_ms_precision(from), to: to_ms_precision(to) }),
            ),
        }
    }
}

#[derive(Serialize)]
struct Span<T> {
    from: T,
    to: T,
}

#[derive(Serialize)]
struct StateCell<'row> {
    name: &'row str,
    count: u32,
    time: f64,
}

impl<'row> StateCell<'row> {
    fn of(state: &'row PlayerState) -> Self {
        Self { name: &state.name, count: state.count, time: seconds(state.time_ms) }
    }
}

fn json_value(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or(serde_json::Value::Null)
}

/// Seconds of a duration in ms.
pub fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}

/// A moment in ms since the epoch as RFC 3339 in UTC with milliseconds; a moment that no calendar holds is written as a
/// number.
pub fn rfc3339(ms: i64) -> String {
    match jiff::Timestamp::from_millisecond(ms) {
        Ok(timestamp) => format!("{timestamp:.3}"),
        Err(_) => ms.to_string(),
    }
}

/// Reads a moment as rows have it written, in ms since the epoch.
pub(crate) fn parse_time_ms(text: &str) -> Option<i64> {
    match text.parse::<jiff::Timestamp>() {
        Ok(time) => Some(time.as_millisecond()),
        Err(_) => text.parse().ok(),
    }
}

/// Reads a duration of so many seconds, in ms: the one that is written as this number, if there is one.
pub(crate) fn duration_ms(written: f64) -> i64 {
    let nearest = (written * 1_000.0).round();
    // Beyond 2^51 ms, dividing by 1,000 and multiplying again may miss by a step or two.
    let (below, above) = (nearest.next_down(), nearest.next_up());
    let candidates = [nearest, below, above, below.next_down(), above.next_up()].map(|ms| ms as i64);
    candidates.into_iter().find(|&ms| seconds(ms) == written).unwrap_or(nearest as i64)
}

/// Seconds rounded to whole milliseconds.
pub(crate) fn to_ms_precision(seconds: f64) -> f64 {
    (seconds * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_durations_of_any_size_come_back() {
        let mut ms = 1_i64;
        while ms < i64::MAX / 3 {
            for ms in [ms, -ms, ms + 1, ms * 2 - 1] {
                assert_eq!(parse_time_ms(&rfc3339(ms)), Some(ms));
                assert_eq!(seconds(duration_ms(seconds(ms))).to_bits(), seconds(ms).to_bits(), "{ms}");
            }
            ms = ms * 3 + 1;
        }
        assert_eq!(duration_ms(seconds(i64::MAX)), i64::MAX);
    }
}
