//! The two sides of a journal, free of where it is kept.

use playhead_protocol::SessionId;

use crate::error::Error;
use crate::limits;
use crate::records::{
    ClosedFilter, ClosedRecord, Commit, Committed, Ends, OwnedEvent, PageCursor, Recovery, Trimmed,
};

/// The writing side: one at a time for each journal.
pub trait Journal: Send {
    /// Makes everything in `commit` durable, or nothing.
    ///
    /// # Errors
    ///
    /// [`Error::DiskFull`] and [`Error::Io`] pass when the disk does; the same commit can be tried again.
    /// [`Error::Refused`] and [`Error::TooLarge`] are mistakes of the caller. In each case nothing is visible and no
    /// sequence is used up.
    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, Error>;

    /// Sequence that the next event gets.
    fn next_sequence(&self) -> u64;

    /// Sequence from which a recovery would replay events.
    fn replay_from(&self) -> u64;

    /// Records that the outbox was taken over up to and including `position`. An earlier position than the recorded
    /// one changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for a position that no closed session has had yet; otherwise as for [`Journal::commit`].
    fn acknowledge(&mut self, position: u64) -> Result<(), Error>;

    /// Removes the oldest groups whose events all lie before `up_to_sequence`, at most `group_limit` of them, and
    /// never one that a recovery replays.
    ///
    /// # Errors
    ///
    /// As for [`Journal::commit`].
    fn trim(&mut self, up_to_sequence: u64, group_limit: usize) -> Result<Trimmed, Error>;

    /// Removes the longest-closed sessions that closed before `closed_before_ms`, at most `limit` of them, and never
    /// one that the outbox still holds. Returns how many. Stops at the first session that has to stay.
    ///
    /// # Errors
    ///
    /// As for [`Journal::commit`].
    fn trim_closed(&mut self, closed_before_ms: i64, limit: usize) -> Result<u64, Error>;

    /// Stores a small value under a name of the caller's choice.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] beyond [`MAX_META_KEY_BYTES`](limits::MAX_META_KEY_BYTES) or
    /// [`MAX_META_VALUE_BYTES`](limits::MAX_META_VALUE_BYTES); otherwise as for [`Journal::commit`].
    fn meta_set(&mut self, key: &str, value: &[u8]) -> Result<(), Error>;

    /// Upkeep that is due: the probe after a failure, checkpoints of the write-ahead log, free pages given back. Cheap
    /// when nothing is due; to be called between commits, about every second or every few dozen commits.
    ///
    /// # Errors
    ///
    /// As for [`Journal::commit`]. An `Ok` after a failed commit says that the disk takes writes again.
    fn maintain(&mut self) -> Result<(), Error>;

    /// A handle that does the routine checkpoints on another thread, beside commits instead of between them. Once it
    /// is given out, [`Journal::maintain`] checkpoints only when the handle falls behind. `None` when the journal has
    /// no use for one.
    ///
    /// # Errors
    ///
    /// As for opening the journal.
    fn checkpointer(&mut self) -> Result<Option<Box<dyn Checkpointer>>, Error>;

    /// An independent reader of this journal.
    ///
    /// # Errors
    ///
    /// As for opening the journal.
    fn reader(&self) -> Result<Box<dyn JournalReader>, Error>;

    /// Bytes on disk: the database and its write-ahead log.
    ///
    /// # Errors
    ///
    /// [`Error::File`] when the file system does not say.
    fn size_bytes(&self) -> Result<u64, Error>;
}

/// Copies finished parts of the write-ahead log into the database, away from the writer's thread.
pub trait Checkpointer: Send {
    /// Does a checkpoint if one is due. To be called about every 100 milliseconds under load.
    ///
    /// # Errors
    ///
    /// As for [`Journal::commit`]. A failure harms no commit: the log keeps everything until a later checkpoint.
    fn checkpoint_if_due(&mut self) -> Result<(), Error>;
}

/// The reading side: any number, on any thread. Sees what was committed before the call.
pub trait JournalReader: Send {
    /// What a restart needs. Keeps one state of the journal in view until the result is dropped, which holds up the
    /// reuse of the write-ahead log meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] for damage; [`Error::Io`] and [`Error::Sqlite`] when reading fails.
    fn recover(&mut self) -> Result<Recovery<'_>, Error>;

    /// The events of the session whose last event is `last_sequence`, in sequence order: at most the last `limit` of
    /// them. Trimmed events are missing at the front; nothing is returned when the last one was trimmed.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn events_of(&mut self, last_sequence: u64, limit: usize) -> Result<Vec<OwnedEvent>, Error>;

    /// The stored events from `from_sequence` on, in sequence order: at least one when there is any, then up to
    /// `limit`, and no more once they have [`PAGE_EVENT_BYTES`](limits::PAGE_EVENT_BYTES). Trimmed events are passed
    /// over.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn events_from(&mut self, from_sequence: u64, limit: usize) -> Result<Vec<OwnedEvent>, Error>;

    /// The sequence that the next event gets, and the last position that a closed session has had (0 before the
    /// first), both as of one moment.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn ends(&mut self) -> Result<Ends, Error>;

    /// The closed session of this id.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn closed_session(&self, session: &SessionId) -> Result<Option<ClosedRecord>, Error>;

    /// Closed sessions that `filter` admits, the latest start first, sessions of one start by descending id; those
    /// behind `before` when it is given, at most `limit`.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn closed_sessions_page(
        &self,
        filter: &ClosedFilter<'_>,
        before: Option<PageCursor>,
        limit: usize,
    ) -> Result<Vec<ClosedRecord>, Error>;

    /// Closed sessions behind `after_position` in the order of closing, at most `limit`. Positions start at 1.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn outbox(&self, after_position: u64, limit: usize) -> Result<Vec<ClosedRecord>, Error>;

    /// The closed sessions behind `after_position` in the order of closing, at most `limit`, by position and id alone.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn outbox_sessions(&self, after_position: u64, limit: usize) -> Result<Vec<(u64, SessionId)>, Error>;

    /// The position up to which the outbox was taken over; 0 before the first [`Journal::acknowledge`].
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn acknowledged(&self) -> Result<u64, Error>;

    /// The sequence before which all events arrived earlier than `received_at_ms`: where a trim of everything older
    /// may end. Takes arrival times to ascend; if the clock was set back meanwhile, the answer lies somewhere in the
    /// stretch that this put out of order.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn sequence_before(&mut self, received_at_ms: i64) -> Result<u64, Error>;

    /// The value stored under `key` by [`Journal::meta_set`].
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn meta_get(&self, key: &str) -> Result<Option<Vec<u8>>, Error>;

    /// When the journal was created, by the server's clock: milliseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn created_at_ms(&self) -> Result<i64, Error>;

    /// Reads everything and checks it: checksums, continuity of sequences, the database's own structure. What is
    /// wrong comes back as text, at most [`MAX_FINDINGS`](limits::MAX_FINDINGS) findings; nothing when all is well.
    ///
    /// # Errors
    ///
    /// When reading itself is impossible.
    fn verify(&mut self) -> Result<Vec<String>, Error>;
}

/// The rules of a commit that hold wherever it goes; returns the sequence after its last event.
pub(crate) fn check_commit(next_sequence: u64, replay_from: u64, commit: &Commit<'_>) -> Result<u64, Error> {
    let sequence_after = next_sequence
        .checked_add(commit.events.len() as u64)
        .filter(|sequence| i64::try_from(*sequence).is_ok())
        .ok_or_else(|| Error::Refused("the journal has no sequences left".into()))?;
    if let Some(new_replay_from) = commit.replay_from
        && !(replay_from..=sequence_after).contains(&new_replay_from)
    {
        return Err(Error::Refused(format!(
            "replay from event {new_replay_from}: it may not go back before {replay_from}, \
             nor beyond {sequence_after}, the event after the commit"
        )));
    }
    let known = 1..sequence_after;
    for checkpoint in commit.checkpoints {
        check_size("the state of an open session", checkpoint.state, limits::MAX_STATE_BYTES)?;
        if !known.contains(&checkpoint.start_sequence) {
            return Err(Error::Refused(format!(
                "checkpoint of a session from event {}, which does not exist",
                checkpoint.start_sequence
            )));
        }
    }
    for closed in commit.closed {
        check_size("the row of a closed session", closed.row.as_bytes(), limits::MAX_ROW_BYTES)?;
        let is_range = closed.start_sequence <= closed.last_sequence;
        if !is_range || !known.contains(&closed.start_sequence) || !known.contains(&closed.last_sequence) {
            return Err(Error::Refused(format!(
                "closed session from event {} to event {}, which do not exist",
                closed.start_sequence, closed.last_sequence
            )));
        }
    }
    commit
        .accounting
        .map_or(Ok(()), |value| check_size("accounting settings", value, limits::MAX_META_VALUE_BYTES))?;
    Ok(sequence_after)
}

/// The limits of a stored value.
pub(crate) fn check_meta(key: &str, value: &[u8]) -> Result<(), Error> {
    check_size("the name of a stored value", key.as_bytes(), limits::MAX_META_KEY_BYTES)?;
    check_size("a stored value", value, limits::MAX_META_VALUE_BYTES)
}

fn check_size(what: &'static str, value: &[u8], limit: usize) -> Result<(), Error> {
    if value.len() > limit {
        return Err(Error::TooLarge { what, bytes: value.len(), limit });
    }
    Ok(())
}
