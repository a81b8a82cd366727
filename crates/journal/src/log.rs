//! The log: events that must be durable before their answer.

use crate::error::Error;
use crate::place::Sequence;
use crate::records::{Committed, NewEvent, OwnedEvent, Trimmed};

/// The writing side of a log: one writer at a time. Each log numbers its own events.
pub trait Log: Send {
    /// Makes events durable in arrival order, or none of them; they get consecutive sequences. Nothing else is written
    /// with them: progress follows later, because a replay makes it again.
    ///
    /// # Errors
    ///
    /// As for [`Journal::commit`](crate::Journal::commit).
    fn append(&mut self, received_at_ms: i64, events: &[NewEvent<'_>]) -> Result<Committed, Error>;

    /// Sequence that the next event gets.
    fn next_sequence(&self) -> Sequence;

    /// Removes the oldest groups whose events all lie before `up_to_sequence`, at most `group_limit` of them, and
    /// never one that a recovery replays.
    ///
    /// # Errors
    ///
    /// As for [`Journal::commit`](crate::Journal::commit).
    fn trim(&mut self, up_to_sequence: Sequence, group_limit: usize) -> Result<Trimmed, Error>;
}

/// The reading side of a log: any number, on any thread. Sees what was committed before the call.
pub trait LogReader: Send {
    /// The events of the session whose last event is `last_sequence`, in sequence order: at most the last `limit` of
    /// them. Trimmed events are missing at the front; nothing is returned when the last one was trimmed.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`](crate::JournalReader::recover).
    fn events_of(&mut self, last_sequence: Sequence, limit: usize) -> Result<Vec<OwnedEvent>, Error>;

    /// The stored events from `from_sequence` on, in sequence order: at least one when there is any, then up to
    /// `limit`, and no more once they have [`PAGE_EVENT_BYTES`](crate::limits::PAGE_EVENT_BYTES). Trimmed events are passed
    /// over, lost ones are not: a page ends before them.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if the first one is lost, with the numbers of all that are lost beside it; otherwise as for [`JournalReader::recover`](crate::JournalReader::recover).
    fn events_from(&mut self, from_sequence: Sequence, limit: usize) -> Result<Vec<OwnedEvent>, Error>;

    /// The sequence before which all events arrived earlier than `received_at_ms`: where a trim of everything older
    /// may end. Takes arrival times to ascend; if the clock was set back meanwhile, the answer lies somewhere in the
    /// stretch that this put out of order.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`](crate::JournalReader::recover).
    fn sequence_before(&mut self, received_at_ms: i64) -> Result<Sequence, Error>;
}
