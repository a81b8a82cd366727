//! A log and its progress together, free of where they are kept.

use crate::error::Error;
use crate::limits;
use crate::log::{Log, LogReader};
use crate::place::Sequence;
use crate::progress::{Progress, ProgressReader};
use crate::records::{Commit, Committed, Ends, Recovery};

/// The writing side: one at a time for each journal.
pub trait Journal: Log + Progress {
    /// Makes everything in `commit` durable, or nothing.
    ///
    /// # Errors
    ///
    /// [`Error::DiskFull`] and [`Error::Io`] pass when the disk does; the same commit can be tried again.
    /// [`Error::Refused`] and [`Error::TooLarge`] are mistakes of the caller. In each case nothing is visible and no
    /// sequence is used up.
    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, Error>;

    /// Stores a small value under a name of the caller's choice.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] beyond [`MAX_META_KEY_BYTES`](limits::MAX_META_KEY_BYTES) or
    /// [`MAX_META_VALUE_BYTES`](limits::MAX_META_VALUE_BYTES); otherwise as for [`Journal::commit`].
    fn meta_set(&mut self, key: &str, value: &[u8]) -> Result<(), Error>;

    /// Upkeep that is due, in small parts: the check after a failure that the disk takes writes again, space given
    /// back. Cheap if nothing is due; to be called between commits, about every second or every few dozen commits.
    ///
    /// # Errors
    ///
    /// As for [`Journal::commit`]. An `Ok` after a failed commit says that the disk takes writes again.
    fn maintain(&mut self) -> Result<(), Error>;

    /// Upkeep that the journal wants to do on a thread of its own, beside commits instead of between them. Once it is
    /// given out, [`Journal::maintain`] helps only if it falls behind. `None` if the journal has no such upkeep.
    ///
    /// # Errors
    ///
    /// As for opening the journal.
    fn upkeep(&mut self) -> Result<Option<Box<dyn Upkeep>>, Error> {
        Ok(None)
    }

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

/// A journal's upkeep away from the writer's thread.
pub trait Upkeep: Send {
    /// Does a part of the upkeep if one is due. To be called about every 100 milliseconds under load.
    ///
    /// # Errors
    ///
    /// As for [`Journal::commit`]. A failure harms no commit: the work stays due.
    fn work_if_due(&mut self) -> Result<(), Error>;
}

/// The reading side: any number, on any thread. Sees what was committed before the call. Here stands what needs log
/// and progress as of one moment.
pub trait JournalReader: LogReader + ProgressReader {
    /// Everything that a restart needs. Keeps one state of the journal in view until the result is dropped, which holds up the
    /// reuse of the write-ahead log meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] for damage; [`Error::Io`] and [`Error::Sqlite`] when reading fails.
    fn recover(&mut self) -> Result<Recovery<'_>, Error>;

    /// The sequence that the next event gets, and the last position that a closed session has had (0 before the
    /// first), both as of one moment.
    ///
    /// # Errors
    ///
    /// As for [`JournalReader::recover`].
    fn ends(&mut self) -> Result<Ends, Error>;

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
pub(crate) fn check_commit(
    next_sequence: Sequence,
    replay_from: Sequence,
    commit: &Commit<'_>,
) -> Result<Sequence, Error> {
    let sequence_after = next_sequence
        .get()
        .checked_add(commit.events.len() as u64)
        .filter(|sequence| i64::try_from(*sequence).is_ok())
        .map(Sequence::new)
        .ok_or_else(|| Error::Refused("the journal has no sequences left".into()))?;
    if let Some(new_replay_from) = commit.replay_from
        && !(replay_from..=sequence_after).contains(&new_replay_from)
    {
        return Err(Error::Refused(format!(
            "replay from event {new_replay_from}: it may not go back before {replay_from}, \
             nor beyond {sequence_after}, the event after the commit"
        )));
    }
    let known = Sequence::FIRST..sequence_after;
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
        check_size("the row of a closed session", closed.row, limits::MAX_ROW_BYTES)?;
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
