//! Sequences and positions as SQLite keeps numbers.

use crate::error::Error;
use crate::place::Sequence;

/// A stored sequence.
pub(crate) fn sequence_of(number: i64, what: &str) -> Result<Sequence, Error> {
    count_of(number, what).map(Sequence::new)
}

/// A stored number that must not be negative.
pub(crate) fn count_of(number: i64, what: &str) -> Result<u64, Error> {
    u64::try_from(number).map_err(|_| Error::Corrupt(format!("{what}: {number} is below 0")))
}

/// A sequence or position as SQLite keeps it. Those that were given out always fit; the highest stands for the rest.
pub(crate) fn number_of(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
