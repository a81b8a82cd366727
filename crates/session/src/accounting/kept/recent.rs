//! Recognises retries by the bodies of a session's last accepted events (metrics contract, section 1).

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::REMEMBERED_BODIES_MAX;

/// Fingerprints that memory is taken for at first.
const FIRST_PLACES: usize = 4;

/// Bytes of a fingerprint as it is written.
const FINGERPRINT_BYTES: usize = 8;

/// The hash of a body. Two different bodies share a fingerprint with a probability of 2^-64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The fingerprint of a body. It is the same on every machine and in every release, because checkpoints store it.
    pub fn of(body: &[u8]) -> Self {
        Self(xxhash_rust::xxh3::xxh3_64(body))
    }

    /// The fingerprint as a number.
    pub fn as_u64(self) -> u64 {
        self.0
    }
}

/// How many places to have for so many fingerprints.
const fn places_for(len: usize) -> usize {
    if len > FIRST_PLACES { REMEMBERED_BODIES_MAX } else { FIRST_PLACES }
}

/// The fingerprints of the last accepted events. Memory is taken for a few of them, then for all: growing step by step
/// would leave holes of many sizes behind when many sessions begin at once.
#[derive(Debug, Clone, Default)]
pub struct RecentBodies {
    /// In order until it has as many as are remembered; from then on the newest takes the place of the oldest. Places behind
    /// `len` are free.
    places: Box<[Fingerprint]>,
    len: u8,
    /// The place of the oldest.
    oldest: u8,
}

impl RecentBodies {
    /// Adds a body and removes the oldest one if the list is full.
    pub fn remember(&mut self, body: Fingerprint) {
        let len = usize::from(self.len);
        if len == REMEMBERED_BODIES_MAX {
            let oldest = usize::from(self.oldest);
            self.places[oldest] = body;
            self.oldest = ((oldest + 1) % REMEMBERED_BODIES_MAX) as u8;
            return;
        }
        if len == self.places.len() {
            let mut places = std::mem::take(&mut self.places).into_vec();
            places.resize(places_for(len + 1), body);
            self.places = places.into_boxed_slice();
        }
        self.places[len] = body;
        self.len += 1;
    }

    /// Whether the body is among the last ones; `newer` is the number of events accepted since the last call of
    /// [`Self::remember`].
    pub fn contains(&self, body: Fingerprint, newer: usize) -> bool {
        let remembered = REMEMBERED_BODIES_MAX.saturating_sub(newer);
        let (older, newest) = self.parts();
        let from_newest = newest.iter().rev().chain(older.iter().rev());
        from_newest.take(remembered).any(|&known| known == body)
    }

    /// The fingerprints, oldest first.
    fn parts(&self) -> (&[Fingerprint], &[Fingerprint]) {
        let (newest, older) = self.places[..usize::from(self.len)].split_at(usize::from(self.oldest));
        (older, newest)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.places)
    }
}

impl PartialEq for RecentBodies {
    fn eq(&self, other: &Self) -> bool {
        let ((older, newest), (other_older, other_newest)) = (self.parts(), other.parts());
        older.iter().chain(newest).eq(other_older.iter().chain(other_newest))
    }
}

impl Eq for RecentBodies {}

impl Serialize for RecentBodies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = [0; REMEMBERED_BODIES_MAX * FINGERPRINT_BYTES];
        let (older, newest) = self.parts();
        for (written, body) in bytes.chunks_exact_mut(FINGERPRINT_BYTES).zip(older.iter().chain(newest)) {
            written.copy_from_slice(&body.0.to_le_bytes());
        }
        serializer.serialize_bytes(&bytes[..usize::from(self.len) * FINGERPRINT_BYTES])
    }
}

impl<'de> Deserialize<'de> for RecentBodies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(RecentVisitor)
    }
}

struct RecentVisitor;

impl Visitor<'_> for RecentVisitor {
    type Value = RecentBodies;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("fingerprints of bodies, eight bytes each, oldest first")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<RecentBodies, E> {
        let (bodies, []) = bytes.as_chunks::<FINGERPRINT_BYTES>() else {
            return Err(E::invalid_length(bytes.len(), &self));
        };
        if bodies.len() > REMEMBERED_BODIES_MAX {
            return Err(E::invalid_length(bytes.len(), &self));
        }
        let capacity = places_for(bodies.len());
        let mut places = Vec::with_capacity(capacity);
        places.extend(bodies.iter().map(|body| Fingerprint(u64::from_le_bytes(*body))));
        places.resize(capacity, Fingerprint(0));
        Ok(RecentBodies { places: places.into_boxed_slice(), len: bodies.len() as u8, oldest: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_known_until_thirty_two_others_came() {
        let mut recent = RecentBodies::default();
        let first = Fingerprint::of(b"first");
        recent.remember(first);
        for index in 0..REMEMBERED_BODIES_MAX - 1 {
            recent.remember(Fingerprint::of(index.to_string().as_bytes()));
        }
        assert!(recent.contains(first, 0));
        assert!(!recent.contains(first, 1), "one more that is not remembered yet pushes it out");
        recent.remember(Fingerprint::of(b"last"));
        assert!(!recent.contains(first, 0));
    }

    #[test]
    fn what_was_written_goes_on_as_if_nothing_had_happened() {
        for events in 0..100_u32 {
            let mut recent = RecentBodies::default();
            let body = |number: u32| Fingerprint::of(&number.to_le_bytes());
            (0..events).for_each(|number| recent.remember(body(number)));
            let written = postcard::to_stdvec(&recent).unwrap();
            let mut read: RecentBodies = postcard::from_bytes(&written).unwrap();
            assert_eq!(read, recent);
            for number in events..events + 40 {
                read.remember(body(number));
                recent.remember(body(number));
                assert_eq!(read, recent);
                for known in number.saturating_sub(40)..=number {
                    let age = (number - known) as usize;
                    assert_eq!(read.contains(body(known), 0), age < REMEMBERED_BODIES_MAX);
                    assert_eq!(recent.contains(body(known), 7), age + 7 < REMEMBERED_BODIES_MAX);
                }
            }
        }
    }

    #[test]
    fn a_list_that_is_too_long_is_refused() {
        for bytes in [1, 33 * FINGERPRINT_BYTES] {
            let written = postcard::to_stdvec(&vec![0_u8; bytes]).unwrap();
            postcard::from_bytes::<RecentBodies>(&written).unwrap_err();
        }
    }
}
