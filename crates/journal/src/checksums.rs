//! Checksums of what is not a group of events: states of open sessions, closed sessions, and single values. Groups of events carry their own
//! ([`mod@crate::group`]).
//!
//! Each is XXH3, 64 bits, seeded with what ties it to its place: the sequence of the session's first event, or the key. A
//! closed session has two: one of its row, which is nearly all of its bytes and can be made again from its events, and one of
//! everything that says which events these are.

use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_64_with_seed};

use crate::place::Sequence;
use crate::records::ClosedSession;

/// The checksum of the state of an open session, as SQLite keeps numbers.
pub(crate) fn of_state(start_sequence: Sequence, state: &[u8]) -> i64 {
    xxh3_64_with_seed(state, start_sequence.get()).cast_signed()
}

/// The checksum of the row of a closed session.
pub(crate) fn of_row(start_sequence: Sequence, row: &[u8]) -> i64 {
    xxh3_64_with_seed(row, start_sequence.get()).cast_signed()
}

/// The checksum of a closed session without its row.
pub(crate) fn of_closed(closed: &ClosedSession<'_>) -> i64 {
    let mut hash = Xxh3::with_seed(closed.start_sequence.get());
    hash.update(closed.session.as_bytes());
    hash.update(&closed.last_sequence.get().to_le_bytes());
    hash.update(&closed.started_at_ms.to_le_bytes());
    hash.update(&closed.closed_at_ms.to_le_bytes());
    for text in [closed.report_suite, closed.content_id, closed.visitor_id] {
        // The length keeps two neighbours from passing letters to each other.
        hash.update(&(text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.digest().cast_signed()
}

/// The checksum of a single value.
pub(crate) fn of_value(key: &str, value: &[u8]) -> i64 {
    xxh3_64_with_seed(value, xxh3_64(key.as_bytes())).cast_signed()
}
