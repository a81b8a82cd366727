//! Recognises retries by the bodies of a session's last accepted events (metrics contract, section 1).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::limits::REMEMBERED_BODIES_MAX;

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

/// The fingerprints of the last accepted events, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentBodies(VecDeque<Fingerprint>);

impl RecentBodies {
    /// Adds a body and removes the oldest one if the list is full.
    pub fn remember(&mut self, body: Fingerprint) {
        if self.0.len() == REMEMBERED_BODIES_MAX {
            self.0.pop_front();
        }
        self.0.push_back(body);
    }

    /// Whether the body is among the last ones; `newer` is the number of events accepted since the last call of
    /// [`Self::remember`].
    pub fn contains(&self, body: Fingerprint, newer: usize) -> bool {
        let remembered = REMEMBERED_BODIES_MAX.saturating_sub(newer);
        self.0.iter().rev().take(remembered).any(|&known| known == body)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.capacity() * size_of::<Fingerprint>()
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
}
