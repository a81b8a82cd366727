//! Places in a journal: of an event in its log, and of a closed session in its outbox. Each log and each outbox counts for
//! itself.

use std::fmt;

/// The place of an event in its log: 1 for the first, then one more for each. The default, 0, is before the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(u64);

/// The place of a closed session in the outbox, in the order of closing. Numbers may be left out; none is given twice. The
/// default, 0, is before the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutboxPosition(u64);

impl Sequence {
    /// That of the first event.
    pub const FIRST: Self = Self(1);

    /// The place with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The place `events` further on; the highest of all if there is none so far.
    #[must_use]
    pub const fn after(self, events: u64) -> Self {
        Self(self.0.saturating_add(events))
    }

    /// The next place.
    #[must_use]
    pub const fn next(self) -> Self {
        self.after(1)
    }
}

impl OutboxPosition {
    /// The place with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for OutboxPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
