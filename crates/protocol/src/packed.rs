//! Values of many parameters in one allocation. A million open sessions each keep what their `sessionStart` said, so
//! a list of separately allocated strings would cost more than the rest of the session.
//!
//! Layout of [`PackedParams`]: for each value the parameter's id (one byte), then by the parameter's type: strings and
//! objects as length (LEB128) and UTF-8 bytes, numbers as 8 bytes (IEEE 754, little endian), integers as 8 bytes
//! (two's complement, little endian), booleans as one byte. Layout of [`PackedPairs`]: key and value in turn, each as
//! length and UTF-8 bytes. A truncated or foreign layout reads as its intact beginning.
//!
//! Thousands of sessions watch the same content in the same player, and the same ads, so all but what tells viewers apart
//! can be kept once for all of them ([`SharedBytes`]). Values and pairs are equal if they say the same, however they are kept.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::param_table::{Kin, PARAMS, ParamId, ValueType};
use crate::shared_bytes::{Bytes, Read, SharedBytes, Written};

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
#[derive(Debug, Clone, Default)]
pub struct PackedParams {
    own: Box<[u8]>,
    /// Values that others have as well, by their [`Kin`]. All parts are in table order if there is more than one.
    shared: [Option<Arc<Bytes>>; Kin::SHARED],
}

/// Text pairs in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct PackedPairs(Pairs);

#[derive(Debug, Clone)]
enum Pairs {
    Own(Bytes),
    Shared(Arc<Bytes>),
}

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
        PackedParams { own: self.0.into_boxed_slice(), shared: [None, None] }
    }
}

impl PackedParams {
    /// The values in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (ParamId, ParamValue<'_>)> {
        let mut parts = self.parts();
        std::iter::from_fn(move || {
            let filled = parts.iter_mut().filter(|part| !part.is_empty());
            take_value(filled.min_by_key(|part| part[0])?)
        })
    }

    /// The value of one parameter.
    pub fn get(&self, id: ParamId) -> Option<ParamValue<'_>> {
        // A part that is shared has all values of its kin.
        let shared = id.kin().place().and_then(|place| self.shared[place].as_ref());
        let mut rest: &[u8] = shared.map_or(&self.own, |part| part);
        while *rest.first()? != id.as_byte() {
            skip_value(&mut rest)?;
        }
        take_value(&mut rest).map(|(_, value)| value)
    }

    fn parts(&self) -> [&[u8]; 1 + Kin::SHARED] {
        let [content, player] = &self.shared;
        [&self.own, content.as_ref().map_or(&[], |part| part), player.as_ref().map_or(&[], |part| part)]
    }

    fn is_shared(&self) -> bool {
        self.shared.iter().any(Option::is_some)
    }

    /// Keeps only once what others have as well, unless it tells viewers apart.
    pub fn share(&mut self, shared_bytes: &mut SharedBytes) {
        if self.is_shared() {
            self.shared.iter_mut().flatten().for_each(|part| shared_bytes.adopt(part));
            return;
        }
        let mut of_kin = [const { Vec::new() }; Kin::SHARED];
        let mut rest = &*self.own;
        let mut previous = None;
        while !rest.is_empty() {
            // What cannot be taken apart, or put together again in its order, stays as it is.
            let Some((id, value)) = take_raw(&mut rest).filter(|&(id, _)| previous < Some(id)) else {
                return;
            };
            previous = Some(id);
            if let Some(part) = id.kin().place() {
                of_kin[part].extend_from_slice(value);
            }
        }
        self.shared = of_kin.map(|part| shared_bytes.find_or_keep(part));
        if self.is_shared() {
            let mut own = Vec::new();
            let mut rest = &*self.own;
            while let Some((id, value)) = take_raw(&mut rest) {
                if id.kin().place().is_none_or(|part| self.shared[part].is_none()) {
                    own.extend_from_slice(value);
                }
            }
            self.own = own.into_boxed_slice();
        }
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
        self.own.is_empty() && !self.is_shared()
    }

    /// Bytes that the values take, shared ones as well.
    pub fn len_bytes(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    /// Bytes that are kept for these values alone.
    pub fn own_bytes(&self) -> usize {
        self.own.len()
    }
}

impl PartialEq for PackedParams {
    fn eq(&self, other: &Self) -> bool {
        if self.is_shared() || other.is_shared() {
            self.iter().eq(other.iter())
        } else {
            self.own == other.own
        }
    }
}

impl Serialize for PackedParams {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.parts().map(Written).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PackedParams {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [Read(own), content, player] = Deserialize::deserialize(deserializer)?;
        let shared = [content, player].map(|Read(part)| (!part.is_empty()).then(|| Arc::new(part)));
        Ok(Self { own, shared })
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
        PackedPairs(Pairs::Own(self.0.into_boxed_slice()))
    }
}

impl PackedPairs {
    /// The pairs in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = self.bytes();
        std::iter::from_fn(move || Some((take_text(&mut rest)?, take_text(&mut rest)?)))
    }

    fn bytes(&self) -> &[u8] {
        match &self.0 {
            Pairs::Own(bytes) => bytes,
            Pairs::Shared(bytes) => bytes,
        }
    }

    /// Keeps the pairs only once for all that have the same.
    pub fn share(&mut self, shared_bytes: &mut SharedBytes) {
        match &mut self.0 {
            Pairs::Own(bytes) => {
                if let Some(shared) = shared_bytes.find_or_keep(bytes.to_vec()) {
                    self.0 = Pairs::Shared(shared);
                }
            }
            Pairs::Shared(bytes) => shared_bytes.adopt(bytes),
        }
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    /// Bytes that the pairs take, shared ones as well.
    pub fn len_bytes(&self) -> usize {
        self.bytes().len()
    }

    /// Bytes that are kept for these pairs alone.
    pub fn own_bytes(&self) -> usize {
        match &self.0 {
            Pairs::Own(bytes) => bytes.len(),
            Pairs::Shared(_) => 0,
        }
    }
}

impl Default for Pairs {
    fn default() -> Self {
        Self::Own(Bytes::default())
    }
}

impl PartialEq for PackedPairs {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for PackedPairs {}

impl Serialize for PackedPairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = match &self.0 {
            Pairs::Own(bytes) => [Written(bytes), Written(&[])],
            Pairs::Shared(bytes) => [Written(&[]), Written(bytes)],
        };
        parts.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PackedPairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [Read(own), Read(shared)] = Deserialize::deserialize(deserializer)?;
        Ok(Self(if shared.is_empty() { Pairs::Own(own) } else { Pairs::Shared(Arc::new(shared)) }))
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

/// A value and its bytes, those of its id among them.
fn take_raw<'a>(rest: &mut &'a [u8]) -> Option<(ParamId, &'a [u8])> {
    let from = *rest;
    let (id, _) = take_value(rest)?;
    Some((id, &from[..from.len() - rest.len()]))
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

/// Goes past a value without reading it.
fn skip_value(rest: &mut &[u8]) -> Option<()> {
    let index = usize::from(take_bytes(rest, 1)?[0]);
    let length = match PARAMS.get(index)?.value_type {
        ValueType::String | ValueType::Object => take_length(rest)?,
        ValueType::Number | ValueType::Integer => 8,
        ValueType::Boolean => 1,
        ValueType::Array => return None,
    };
    take_bytes(rest, length).map(|_| ())
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = take_length(rest)?;
    std::str::from_utf8(take_bytes(rest, length)?).ok()
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    let mut length = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let byte = take_bytes(rest, 1)?[0];
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(length);
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
        let torn = PackedPairs(Pairs::Own(packed.bytes()[..packed.len_bytes() - 3].into()));
        assert_eq!(torn.iter().collect::<Vec<_>>(), [("genre", "drama")]);
    }

    fn start(visitor: &str, name: &str) -> PackedParams {
        let mut packer = ParamsPacker::default();
        for (key, value) in [
            ("analytics.reportSuite", ParamValue::Text("the suite of a publisher")),
            ("analytics.visitorId", ParamValue::Text(visitor)),
            ("visitor.marketingCloudOrgId", ParamValue::Text("org")),
            ("media.name", ParamValue::Text(name)),
            ("media.length", ParamValue::Number(60.5)),
        ] {
            packer.push(ParamId::named(key), value);
        }
        packer.finish()
    }

    #[test]
    fn shared_values_read_as_before_and_are_kept_once() {
        let mut shared_bytes = SharedBytes::default();
        for (visitor, name) in [("zoe", "a long film"), ("yan", "another film")] {
            start(visitor, name).share(&mut shared_bytes);
        }
        let apart = [start("ann", "a long film"), start("bob", "a long film"), start("bob", "another film")];
        let mut together = apart.clone();
        together.iter_mut().for_each(|params| params.share(&mut shared_bytes));
        let two_films = shared_bytes.heap_bytes();
        for (apart, together) in apart.iter().zip(&together) {
            assert_eq!(together, apart);
            assert!(together.iter().eq(apart.iter()));
            assert!(ParamId::all().all(|id| together.get(id) == apart.get(id)));
            assert_eq!(together.len_bytes(), apart.len_bytes());
            assert!(together.own_bytes() < 10, "what tells viewers apart");
            let mut written = serde_json::from_str(&serde_json::to_string(together).unwrap()).unwrap();
            assert_eq!(&written, apart);
            PackedParams::share(&mut written, &mut shared_bytes);
            assert_eq!(written.own_bytes(), together.own_bytes());
        }
        assert_ne!(together[0], together[1]);
        assert_eq!(shared_bytes.heap_bytes(), two_films, "what was written is not kept again");
    }

    #[test]
    fn what_nobody_has_or_only_one_has_takes_no_memory() {
        let mut shared_bytes = SharedBytes::default();
        for number in 0..10_000 {
            let name = format!("film number {number} {}", "x".repeat(number % 100 * 10));
            let (mut one, mut two) = (start("ann", &name), start("bob", &name));
            one.share(&mut shared_bytes);
            two.share(&mut shared_bytes);
            assert!(two.own_bytes() < one.own_bytes());
        }
        let left = shared_bytes.heap_bytes();
        assert!(left < 100_000, "{left} bytes that nobody has");
        let mut alone: Vec<_> = (0..10_000).map(|number| start("ann", &format!("only {number}"))).collect();
        alone.iter_mut().for_each(|params| params.share(&mut shared_bytes));
        assert!(shared_bytes.heap_bytes() <= left + 1_000, "{left} bytes more for what only one has");
    }

    #[test]
    fn values_out_of_order_and_torn_ones_are_not_shared() {
        let mut shared_bytes = SharedBytes::default();
        let mut packer = ParamsPacker::default();
        packer.push(ParamId::named("media.name"), ParamValue::Text("film"));
        packer.push(ParamId::named("media.id"), ParamValue::Text("a long text to be shared"));
        let out_of_order = packer.finish();
        let own = start("ann", "film").own;
        let torn = PackedParams { own: own[..own.len() - 3].into(), shared: [None, None] };
        for params in [out_of_order, torn] {
            for _ in 0..3 {
                let mut shared = params.clone();
                shared.share(&mut shared_bytes);
                assert!(shared.iter().eq(params.iter()));
                assert_eq!(shared.own_bytes(), params.own_bytes());
            }
        }
    }

    #[test]
    fn pairs_are_kept_once() {
        let mut shared_bytes = SharedBytes::default();
        let mut packer = PairsPacker::default();
        packer.push("genre", "drama and comedy");
        let apart = packer.finish();
        apart.clone().share(&mut shared_bytes);
        let mut together = apart.clone();
        together.share(&mut shared_bytes);
        assert_eq!(together, apart);
        assert_eq!((together.own_bytes(), together.len_bytes()), (0, apart.len_bytes()));
    }
}
