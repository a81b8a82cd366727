//! Facts that a door knew about an event beside its body, and that a replay must know again.
//!
//! Facts are packed: of each a number (1 byte), the length of its text (LEB128) and the text, in ascending order of the
//! numbers. Most events have none and take no byte.

use crate::limits::FACTS_BYTES;

/// One thing that a door knows beside the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// The report suite that a configuration or a path gives to a `sessionStart` that names none.
    ReportSuite,
    /// The time of receipt, ms since the epoch, that stands in for a missing timestamp.
    Timestamp,
    /// The content id that was made for a `sessionStart` that names none.
    ContentId,
}

impl Fact {
    const ALL: [Self; 3] = [Self::ReportSuite, Self::Timestamp, Self::ContentId];

    /// Its stable number in what is kept.
    const fn number(self) -> u8 {
        match self {
            Self::ReportSuite => 1,
            Self::Timestamp => 2,
            Self::ContentId => 3,
        }
    }
}

/// Packed facts, borrowed from where they are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts<'a>(&'a [u8]);

/// Packed facts of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackedFacts(Box<[u8]>);

impl<'a> Facts<'a> {
    /// No facts.
    pub const NONE: Facts<'static> = Facts(&[]);

    /// The facts in these bytes; `None` unless they are packed facts within their limit.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut last = 0;
        while !rest.is_empty() {
            let (number, _text) = take_fact(&mut rest)?;
            if number <= last || !Fact::ALL.iter().any(|fact| fact.number() == number) {
                return None;
            }
            last = number;
        }
        (bytes.len() <= FACTS_BYTES).then_some(Self(bytes))
    }

    /// The bytes to keep.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The text of one fact.
    pub fn text(self, fact: Fact) -> Option<&'a str> {
        let mut rest = self.0;
        std::iter::from_fn(|| take_fact(&mut rest))
            .find_map(|(number, text)| (number == fact.number()).then_some(text))
    }

    /// The time of receipt that stands in for a missing timestamp, ms since the epoch.
    pub(crate) fn timestamp_ms(self) -> Option<i64> {
        self.text(Fact::Timestamp)?.parse().ok()
    }

    /// A copy on its own.
    pub fn to_packed(self) -> PackedFacts {
        PackedFacts(self.0.into())
    }
}

impl PackedFacts {
    /// Packs facts; `None` when together they are longer than the limit of facts.
    pub fn pack<'a>(facts: impl IntoIterator<Item = (Fact, &'a str)>) -> Option<Self> {
        let mut facts: Vec<_> = facts.into_iter().collect();
        facts.sort_by_key(|&(fact, _)| fact);
        facts.dedup_by_key(|&mut (fact, _)| fact);
        let mut packed = Vec::new();
        for (fact, text) in facts {
            packed.push(fact.number());
            let mut length = text.len();
            while length >= 0x80 {
                packed.push((length & 0x7f) as u8 | 0x80);
                length >>= 7;
            }
            packed.push(length as u8);
            packed.extend(text.as_bytes());
        }
        (packed.len() <= FACTS_BYTES).then(|| Self(packed.into_boxed_slice()))
    }

    /// The facts.
    pub fn facts(&self) -> Facts<'_> {
        Facts(&self.0)
    }
}

fn take_fact<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a str)> {
    let (&number, mut bytes) = rest.split_first()?;
    let mut length = 0_usize;
    for shift in [0, 7, 14] {
        let (&byte, behind) = bytes.split_first()?;
        bytes = behind;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let (text, behind) = bytes.split_at_checked(length)?;
            *rest = behind;
            return Some((number, std::str::from_utf8(text).ok()?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_come_back_and_torn_or_unknown_ones_are_no_facts() {
        let long = "s".repeat(300);
        let packed =
            PackedFacts::pack([(Fact::Timestamp, "1793491200000"), (Fact::ReportSuite, &*long)]).unwrap();
        let facts = Facts::read(packed.facts().as_bytes()).unwrap();
        assert_eq!(facts.text(Fact::ReportSuite), Some(&*long));
        assert_eq!(facts.timestamp_ms(), Some(1_793_491_200_000));
        assert_eq!(facts.text(Fact::ContentId), None);
        let bytes = packed.facts().as_bytes();
        for length in 1..bytes.len() {
            // The first fact alone is a whole.
            assert_eq!(Facts::read(&bytes[..length]).is_some(), length == 303, "{length}");
        }
        assert_eq!(Facts::read(&[9, 0]), None, "an unknown number");
        assert_eq!(Facts::read(&[2, 0, 1, 0]), None, "out of order");
        assert_eq!(Facts::read(&[1, 1, 0xff]), None, "not text");
        assert_eq!(PackedFacts::pack([(Fact::ContentId, &*"x".repeat(FACTS_BYTES))]), None, "too long");
        assert!(Facts::read(&[]).unwrap().is_empty());
    }
}
