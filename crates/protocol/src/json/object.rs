//! Reading JSON without building a tree: objects and arrays are walked once, their values stay slices of the body
//! until they are needed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;

use serde::de::{Deserialize, Deserializer as _, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::param_table::ValueType;

/// The type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonType {
    String,
    Number,
    Boolean,
    Object,
    Array,
    Null,
}

impl JsonType {
    /// The type that the first byte of a JSON value gives away; `None` when no value starts with it.
    pub(crate) const fn of_first_byte(byte: u8) -> Option<Self> {
        match byte {
            b'"' => Some(Self::String),
            b'-' | b'0'..=b'9' => Some(Self::Number),
            b't' | b'f' => Some(Self::Boolean),
            b'{' => Some(Self::Object),
            b'[' => Some(Self::Array),
            b'n' => Some(Self::Null),
            _ => None,
        }
    }

    /// The type of a parsed value.
    pub(crate) fn of(raw: &RawValue) -> Self {
        raw.get().bytes().next().and_then(Self::of_first_byte).unwrap_or(Self::Null)
    }

    /// The type with its article, for messages.
    const fn phrase(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Object => "an object",
            Self::Array => "an array",
            Self::Null => "null",
        }
    }
}

/// The message about a value of the wrong type.
pub(crate) struct WrongType {
    pub(crate) wanted: ValueType,
    pub(crate) found: JsonType,
}

impl fmt::Display for WrongType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let article = match self.wanted {
            ValueType::Integer | ValueType::Object | ValueType::Array => "an",
            ValueType::String | ValueType::Number | ValueType::Boolean => "a",
        };
        write!(f, "must be {article} {}, is {}", self.wanted.name(), self.found.phrase())
    }
}

/// The first byte that is not JSON's white space.
pub(crate) fn first_byte(body: &[u8]) -> Option<u8> {
    body.iter().copied().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

/// The value, unless it is `null`: `null` stands for an absent value everywhere.
pub(crate) fn present(raw: &RawValue) -> Option<&RawValue> {
    if raw.get() == "null" { None } else { Some(raw) }
}

/// The text of a string, borrowed unless it holds escapes.
pub(crate) fn decode_text(raw: &RawValue) -> Result<Cow<'_, str>, serde_json::Error> {
    serde_json::from_str::<Text<'_>>(raw.get()).map(|text| text.0)
}

/// Calls `entry` for each pair of an object in the order of the text, repeated keys included.
pub(crate) fn for_each_entry<'a>(
    object: &'a str,
    entry: impl FnMut(Cow<'a, str>, &'a RawValue),
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(object);
    deserializer.deserialize_map(Entries { entry, lifetime: PhantomData })?;
    deserializer.end()
}

/// Calls `element` for each element of an array until it breaks, which ends in an error of no further meaning.
pub(crate) fn for_each_element<'a>(
    array: &'a str,
    element: impl FnMut(&'a RawValue) -> ControlFlow<()>,
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(array);
    deserializer.deserialize_seq(Elements { element, lifetime: PhantomData })?;
    deserializer.end()
}

/// The pairs of an object whose keys are the client's own: in the order of their first appearance, with the last value
/// of each key. Pairs whose last value is `null` are kept, because rules about keys hold for them too.
pub(crate) fn entries(object: &str) -> Result<Vec<(Cow<'_, str>, &RawValue)>, serde_json::Error> {
    let mut by_key = BTreeMap::new();
    let mut appeared = 0_usize;
    for_each_entry(object, |key, value| {
        let (_, last) = by_key.entry(key).or_insert((appeared, value));
        *last = value;
        appeared += 1;
    })?;
    let mut pairs: Vec<_> = by_key.into_iter().collect();
    pairs.sort_unstable_by_key(|&(_, (place, _))| place);
    Ok(pairs.into_iter().map(|(key, (_, value))| (key, value)).collect())
}

/// `Cow` that borrows where it can; serde's own implementation for `Cow` always copies.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

struct Entries<'a, F> {
    entry: F,
    lifetime: PhantomData<&'a str>,
}

impl<'de: 'a, 'a, F: FnMut(Cow<'a, str>, &'a RawValue)> Visitor<'de> for Entries<'a, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            (self.entry)(key.0, value);
        }
        Ok(())
    }
}

struct Elements<'a, F> {
    element: F,
    lifetime: PhantomData<&'a str>,
}

impl<'de: 'a, 'a, F: FnMut(&'a RawValue) -> ControlFlow<()>> Visitor<'de> for Elements<'a, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut sequence: A) -> Result<(), A::Error> {
        while let Some(value) = sequence.next_element::<&'de RawValue>()? {
            if (self.element)(value).is_break() {
                return Err(A::Error::custom("stopped by the reader"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_keys_and_strings_are_borrowed_from_the_body() {
        let mut keys = Vec::new();
        for_each_entry(r#"{"plain": "text", "esc\u0061ped": 1}"#, |key, _| keys.push(key)).unwrap();
        assert!(matches!(keys[0], Cow::Borrowed("plain")));
        assert_eq!(keys[1], "escaped");
        let raw: &RawValue = serde_json::from_str(r#" "text" "#).unwrap();
        assert!(matches!(decode_text(raw), Ok(Cow::Borrowed("text"))));
    }

    #[test]
    fn entries_keep_the_first_place_and_the_last_value() {
        let pairs = entries(r#"{"b":1,"a":2,"b":3,"c":null}"#).unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(key, value)| (&**key, value.get())).collect();
        assert_eq!(pairs, [("b", "3"), ("a", "2"), ("c", "null")]);
    }
}
