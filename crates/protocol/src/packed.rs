//! Values of many parameters in one allocation. A million open sessions each keep what their `sessionStart` said, so
//! a list of separately allocated strings would cost more than the rest of the session.
//!
//! Layout of [`PackedParams`]: for each value the parameter's id (one byte), then by the parameter's type: strings and
//! objects as length (LEB128) and UTF-8 bytes, numbers as 8 bytes (IEEE 754, little endian), integers as 8 bytes
//! (two's complement, little endian), booleans as one byte. Layout of [`PackedPairs`]: key and value in turn, each as
//! length and UTF-8 bytes. A truncated or foreign layout reads as its intact beginning.

use serde::{Deserialize, Serialize};

use crate::param_table::{PARAMS, ParamId, ValueType};

/// A value of one parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ParamValue<'a> {
    /// Text, decoded.
    Text(&'a str),
    /// A finite number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// A truth value.
    Boolean(bool),
    /// An object as JSON text.
    Json(&'a str),
}

/// Parameter values in table order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedParams(Box<[u8]>);

/// Text pairs in the order in which they were added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedPairs(Box<[u8]>);

/// Collects values for a [`PackedParams`].
#[derive(Debug, Default)]
pub struct ParamsPacker(Vec<u8>);

/// Collects pairs for a [`PackedPairs`].
#[derive(Debug, Default)]
pub struct PairsPacker(Vec<u8>);

impl ParamsPacker {
    /// Adds a value. Values whose variant does not fit the parameter's type in the table, and arrays, which have no
    /// column, are not kept.
    pub fn push(&mut self, id: ParamId, value: ParamValue<'_>) {
        match (id.param().value_type, value) {
            (ValueType::String, ParamValue::Text(text)) | (ValueType::Object, ParamValue::Json(text)) => {
                self.0.push(id.as_byte());
                push_text(&mut self.0, text);
            }
            (ValueType::Number, ParamValue::Number(number)) => {
                self.0.push(id.as_byte());
                self.0.extend(number.to_le_bytes());
            }
            (ValueType::Integer, ParamValue::Integer(integer)) => {
                self.0.push(id.as_byte());
                self.0.extend(integer.to_le_bytes());
            }
            (ValueType::Boolean, ParamValue::Boolean(boolean)) => {
                self.0.push(id.as_byte());
                self.0.push(u8::from(boolean));
            }
            _ => {}
        }
    }

    /// The packed values.
    pub fn finish(self) -> PackedParams {
        PackedParams(self.0.into_boxed_slice())
    }
}

impl PackedParams {
    /// The values in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (ParamId, ParamValue<'_>)> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || take_value(&mut rest))
    }

    /// The value of one parameter.
    pub fn get(&self, id: ParamId) -> Option<ParamValue<'_>> {
        self.iter().find(|&(found, _)| found == id).map(|(_, value)| value)
    }

    /// The text of a string parameter.
    pub fn text(&self, id: ParamId) -> Option<&str> {
        match self.get(id)? {
            ParamValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a number parameter.
    pub fn number(&self, id: ParamId) -> Option<f64> {
        match self.get(id)? {
            ParamValue::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The value of a boolean parameter.
    pub fn boolean(&self, id: ParamId) -> Option<bool> {
        match self.get(id)? {
            ParamValue::Boolean(boolean) => Some(boolean),
            _ => None,
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes that the values take.
    pub fn len_bytes(&self) -> usize {
        self.0.len()
    }
}

impl PairsPacker {
    /// Adds a pair.
    pub fn push(&mut self, key: &str, value: &str) {
        push_text(&mut self.0, key);
        push_text(&mut self.0, value);
    }

    /// The packed pairs.
    pub fn finish(self) -> PackedPairs {
        PackedPairs(self.0.into_boxed_slice())
    }
}

impl PackedPairs {
    /// The pairs in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || Some((take_text(&mut rest)?, take_text(&mut rest)?)))
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes that the pairs take.
    pub fn len_bytes(&self) -> usize {
        self.0.len()
    }
}

fn push_text(packed: &mut Vec<u8>, text: &str) {
    let mut length = text.len();
    while length >= 0x80 {
        packed.push(length as u8 | 0x80);
        length >>= 7;
    }
    packed.push(length as u8);
    packed.extend(text.as_bytes());
}

fn take_value<'a>(rest: &mut &'a [u8]) -> Option<(ParamId, ParamValue<'a>)> {
    let index = usize::from(take_bytes(rest, 1)?[0]);
    let value = match PARAMS.get(index)?.value_type {
        ValueType::String => ParamValue::Text(take_text(rest)?),
        ValueType::Object => ParamValue::Json(take_text(rest)?),
        ValueType::Number => ParamValue::Number(f64::from_le_bytes(take_bytes(rest, 8)?.try_into().ok()?)),
        ValueType::Integer => ParamValue::Integer(i64::from_le_bytes(take_bytes(rest, 8)?.try_into().ok()?)),
        ValueType::Boolean => ParamValue::Boolean(take_bytes(rest, 1)?[0] != 0),
        ValueType::Array => return None,
    };
    Some((ParamId::at(index), value))
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let mut length = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let byte = take_bytes(rest, 1)?[0];
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return std::str::from_utf8(take_bytes(rest, length)?).ok();
        }
    }
    None
}

fn take_bytes<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_in_order() {
        let long = "x".repeat(70_000);
        let values = [
            (ParamId::named("visitor.customerIDs"), ParamValue::Json("{}")),
            (ParamId::named("media.id"), ParamValue::Text(&long)),
            (ParamId::named("media.length"), ParamValue::Number(60.5)),
            (ParamId::named("media.resume"), ParamValue::Boolean(true)),
            (ParamId::named("media.ad.podIndex"), ParamValue::Integer(-3)),
            (ParamId::named("media.name"), ParamValue::Text("")),
        ];
        let mut packer = ParamsPacker::default();
        for (id, value) in values {
            packer.push(id, value);
        }
        packer.push(ParamId::named("media.show"), ParamValue::Number(1.0));
        let packed = packer.finish();
        assert_eq!(packed.iter().collect::<Vec<_>>(), values);
        assert_eq!(packed.number(ParamId::named("media.length")), Some(60.5));
        assert_eq!(packed.text(ParamId::named("media.show")), None);
    }

    #[test]
    fn pairs_come_back_in_order_and_a_torn_layout_ends_early() {
        let mut packer = PairsPacker::default();
        packer.push("genre", "drama");
        packer.push("empty", "");
        let packed = packer.finish();
        assert_eq!(packed.iter().collect::<Vec<_>>(), [("genre", "drama"), ("empty", "")]);
        let torn = PackedPairs(packed.0[..packed.0.len() - 3].into());
        assert_eq!(torn.iter().collect::<Vec<_>>(), [("genre", "drama")]);
    }
}
