//! Reading one cell. A value of another type than its column's reads as nothing.

use std::borrow::Cow;
use std::fmt;

use playhead_protocol::{PairsPacker, ValueType};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::accounting::views::PlayerState;
use crate::rows::cell::{Cell, duration_ms, parse_time_ms};
use crate::rows::columns::ColumnType;

/// How the values of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Boolean,
    Integer,
    /// A duration as well: it is read as the number of seconds that was written.
    Number,
    Time,
    Json,
    Texts,
    Pairs,
    States,
    TimeSpans,
    ContentSpans,
}

impl From<ColumnType> for Shape {
    fn from(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Text => Self::Text,
            ColumnType::Boolean => Self::Boolean,
            ColumnType::Count | ColumnType::Milliseconds => Self::Integer,
            ColumnType::Number | ColumnType::Seconds => Self::Number,
            ColumnType::Time => Self::Time,
            ColumnType::Texts => Self::Texts,
            ColumnType::TextMap => Self::Pairs,
            ColumnType::States => Self::States,
            ColumnType::TimeSpans => Self::TimeSpans,
            ColumnType::ContentSpans => Self::ContentSpans,
        }
    }
}

impl From<ValueType> for Shape {
    fn from(value_type: ValueType) -> Self {
        match value_type {
            ValueType::String => Self::Text,
            ValueType::Number => Self::Number,
            ValueType::Integer => Self::Integer,
            ValueType::Boolean => Self::Boolean,
            ValueType::Object | ValueType::Array => Self::Json,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Shape {
    type Value = Cell<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Shape {
    fn text(self, text: Cow<'_, str>) -> Cell<'_> {
        match self {
            Self::Text | Self::Json => Cell::Text(text),
            Self::Time => parse_time_ms(&text).map_or(Cell::Null, Cell::Time),
            _ => Cell::Null,
        }
    }
}

impl<'de> Visitor<'de> for Shape {
    type Value = Cell<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a value of a row")
    }

    fn visit_unit<E: Error>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Cell<'de>, E> {
        Ok(if self == Self::Boolean { Cell::Boolean(value) } else { Cell::Null })
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Cell<'de>, E> {
        Ok(match self {
            Self::Integer => Cell::Integer(value),
            Self::Number => Cell::Number(value as f64),
            _ => Cell::Null,
        })
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Cell<'de>, E> {
        Ok(match (self, i64::try_from(value)) {
            (Self::Integer, Ok(value)) => Cell::Integer(value),
            (Self::Number, _) => Cell::Number(value as f64),
            _ => Cell::Null,
        })
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Cell<'de>, E> {
        Ok(if self == Self::Number { Cell::Number(value) } else { Cell::Null })
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Cell<'de>, E> {
        Ok(self.text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Cell<'de>, E> {
        Ok(self.text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Cell<'de>, A::Error> {
        Ok(match self {
            Self::Texts => Cell::Texts(collect(items, |text: Text<'de>| text.0)?),
            Self::States => Cell::States(collect(items, WrittenState::read)?.into()),
            Self::TimeSpans => Cell::TimeSpans(collect(items, WrittenTimes::read)?.into()),
            Self::ContentSpans => Cell::ContentSpans(collect(items, WrittenContent::read)?.into()),
            Self::Json => json(&serde_json::Value::deserialize(SeqAccessDeserializer::new(items))?),
            _ => {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Cell::Null
            }
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Cell<'de>, A::Error> {
        Ok(match self {
            Self::Pairs => {
                let mut pairs = PairsPacker::default();
                while let Some(key) = entries.next_key::<Text<'de>>()? {
                    if let Cell::Text(value) = entries.next_value_seed(Self::Text)? {
                        pairs.push(&key.0, &value);
                    }
                }
                Cell::Pairs(Cow::Owned(pairs.finish()))
            }
            Self::Json => json(&serde_json::Value::deserialize(MapAccessDeserializer::new(entries))?),
            _ => {
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Cell::Null
            }
        })
    }
}

fn json<'de>(value: &serde_json::Value) -> Cell<'de> {
    Cell::Json(Cow::Owned(value.to_string()))
}

fn collect<'de, A: SeqAccess<'de>, T: Deserialize<'de>, R>(
    mut items: A,
    read: impl Fn(T) -> R,
) -> Result<Vec<R>, A::Error> {
    let mut found = Vec::new();
    while let Some(item) = items.next_element()? {
        found.push(read(item));
    }
    Ok(found)
}

/// A text, borrowed if it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

#[derive(Deserialize)]
struct WrittenState<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    count: u32,
    time: f64,
}

impl WrittenState<'_> {
    fn read(self) -> PlayerState {
        PlayerState {
            name: self.name.into(),
            count: self.count,
            time_ms: duration_ms(self.time),
            is_open: false,
        }
    }
}

#[derive(Deserialize)]
struct WrittenTimes<'a> {
    #[serde(borrow)]
    from: Cow<'a, str>,
    #[serde(borrow)]
    to: Cow<'a, str>,
}

impl WrittenTimes<'_> {
    fn read(self) -> (i64, i64) {
        let ms = |text: &str| parse_time_ms(text).unwrap_or_default();
        (ms(&self.from), ms(&self.to))
    }
}

/// A number that is not finite is written as null.
#[derive(Deserialize)]
struct WrittenContent {
    from: Option<f64>,
    to: Option<f64>,
}

impl WrittenContent {
    fn read(self) -> (f64, f64) {
        (self.from.unwrap_or(f64::NAN), self.to.unwrap_or(f64::NAN))
    }
}
