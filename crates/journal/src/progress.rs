//! Progress: what may trail the log, because a replay of the log makes it again. States of open sessions, rows of
//! closed sessions, which sessions have closed, and how far the outbox was taken over.

use std::ops::Range;

use playhead_protocol::SessionId;

use crate::error::Error;
use crate::place::{OutboxPosition, Sequence};
use crate::records::{ClosedFilter, ClosedRecord, PageCursor};

/// The writing side of progress. What is made together with events is written by
/// [`Journal::commit`](crate::Journal::commit).
pub trait Progress: Send {
    /// Sequence from which a recovery would replay events.
    fn replay_from(&self) -> Sequence;

    /// Records that the outbox was taken over up to and including `position`. An earlier position than the recorded
    /// one changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for a position that no closed session has had yet; otherwise as for [`Journal::commit`](crate::Journal::commit).
    fn acknowledge(&mut self, position: OutboxPosition) -> Result<(), Error>;

    /// Removes the longest-closed sessions that closed outside the times of `kept_ms`, at most `limit` of them, and never
    /// one that the outbox still holds or that a recovery would open again. Returns how many. Stops at the first session
    /// that has to stay. A close that lies behind `kept_ms` is of a clock that was set back since; it would otherwise hold up
    /// those after it until the clock shows that time again.
    ///
    /// # Errors
    ///
    /// As for [`Journal::commit`](crate::Journal::commit).
    fn trim_closed(&mut self, kept_ms: Range<i64>, limit: usize) -> Result<u64, Error>;
}

/// The reading side of progress: any number, on any thread. Sees what was committed before the call.
pub trait ProgressReader: Send {
    /// The closed session of this id.
    ///
    /// # Errors
    ///
    /// [`Error::DamagedRow`] if it is not what was written; otherwise as for [`JournalReader::recover`](crate::JournalReader::recover).
    fn closed_session(&self, session: &SessionId) -> Result<Option<ClosedRecord>, Error>;

    /// Closed sessions that were not taken over yet and that `filter` admits, the latest start first, sessions of one start by descending id; those
    /// behind `before` when it is given, at most `limit`. Ends before one that is damaged.
    ///
    /// # Errors
    ///
    /// [`Error::DamagedRow`] if the first one is damaged; otherwise as for [`JournalReader::recover`](crate::JournalReader::recover).
    fn closed_sessions_page(
        &self,
        filter: &ClosedFilter<'_>,
        before: Option<PageCursor>,
        limit: usize,
    ) -> Result<Vec<ClosedRecord>, Error>;

    /// Closed sessions behind `after_position` in the order of closing, at most `limit`. Positions start at 1. Ends before one
    /// that is damaged or lost.
    ///
    /// # Errors
    ///
    /// [`Error::DamagedRow`] if the first one is damaged or lost; otherwise as for [`JournalReader::recover`](crate::JournalReader::recover).
    fn outbox(&self, after_position: OutboxPosition, limit: usize) -> Result<Vec<ClosedRecord>, Error>;

    /// The closed sessions behind `after_position` in the order of closing, at most `limit`, by position and id alone.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`](crate::JournalReader::recover).
    fn outbox_sessions(
        &self,
        after_position: OutboxPosition,
        limit: usize,
    ) -> Result<Vec<(OutboxPosition, SessionId)>, Error>;

    /// The position up to which the outbox was taken over; 0 before the first [`Progress::acknowledge`].
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`](crate::JournalReader::recover).
    fn acknowledged(&self) -> Result<OutboxPosition, Error>;
}
