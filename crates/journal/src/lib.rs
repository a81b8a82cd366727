//! The durable log of accepted events, the checkpoints of open sessions, and the outbox of closed ones.
//!
//! # Constraints
//!
//! - **Durable before answered.** When [`Journal::commit`] returns `Ok`, everything in the commit is on disk
//!   (the write-ahead log is synced). Nothing that a client was told is kept anywhere else first.
//! - **All or nothing.** A commit is one transaction. When it fails nothing of it is visible and its sequences are
//!   not used up; the same commit can be tried again.
//! - **Order is law.** Events carry sequences 1, 2, 3, ... without gaps. That order is the order of accounting, so a
//!   replay from any checkpoint meets the same events in the same order.
//! - **One writer.** A lock file in the data directory keeps a second writer out. Readers need no lock, may live in
//!   other threads or other processes, and work with and without a running writer.
//! - **Bounded.** Groups, pages of results, stored values and the write-ahead log have limits, all in [`limits`].
//!   Reading streams: no call loads the journal into memory.
//! - **Bytes are suspect.** Whatever is read back is checked (checksum, layout, sequences) before a byte of it is used;
//!   damage is an [`Error::Corrupt`] or an [`Error::DamagedRow`], never a panic, and never an early end: sequences and
//!   positions have no gaps, so what is not found where something must be is lost.
//! - **Only this crate knows SQLite.** The crates above speak to [`Journal`] and [`JournalReader`], so that another
//!   log can take its place. [`MemoryJournal`] is one, for tests.
//!
//! # Log and progress
//!
//! [`Log`] holds what must be durable before the answer: the events. [`Progress`] holds what may trail, because a replay
//! of the log makes it again: states of open sessions, rows of closed ones. A [`Journal`] is both; a commit writes them
//! in one transaction. A `checkpoint` is always one of open sessions; copying SQLite's write-ahead log into the database
//! is the affair of [`WalCopier`].
//!
//! # What is kept
//!
//! | what | written by | gone when |
//! |---|---|---|
//! | events, in groups of one commit ([`mod@group`]) | [`Commit::events`] | trimmed, never at or above `replay_from` |
//! | states of open sessions | [`Commit::checkpoints`] | the session closes |
//! | closed sessions, also the outbox | [`Commit::closed`] | trimmed, never before they were taken over |
//! | where a replay starts | [`Commit::replay_from`] | never; it only moves forward |
//! | accounting settings | [`Commit::accounting`] | replaced by the next |
//! | small values of the server | [`Journal::meta_set`] | replaced by the next |
//!
//! # What a failed disk leaves behind
//!
//! When the disk takes the frames of a commit but fails to sync them, the commit is refused, yet its frames lie in
//! the write-ahead log behind the last good one, complete with valid checksums. A crash of the process at that
//! moment would make the next opening take them for committed. So after any failed commit the writer first makes a
//! tiny probe write, which takes the place of the first stale frame; frame checksums are chained, so that voids all
//! of the others. What remains: if the process dies between the failed commit and a successful probe, a commit that
//! was refused may be there after all. Its clients were told to try again, and what they send again is then a
//! duplicate, byte for byte, which the accounting recognises; nothing is lost or counted twice.

mod checksums;
mod error;
pub mod group;
mod journal;
mod kinds;
pub mod limits;
mod log;
mod memory;
mod packing;
mod place;
mod progress;
mod records;
mod sqlite;

pub use error::{DamagedRow, DamagedSession, Error};
pub use group::{decode_group, encode_group};
pub use journal::{Journal, JournalReader, Upkeep};
pub use log::{Log, LogReader};
pub use memory::{Failure, MemoryJournal, MemoryReader, MemoryStore};
pub use place::{OutboxPosition, Sequence};
pub use progress::{Progress, ProgressReader};
pub use records::{
    CheckpointEntry, CheckpointState, ClosedFilter, ClosedRecord, ClosedSession, Commit, Committed, Ends,
    NewEvent, OwnedEvent, PageCursor, Recovery, RecoveryItem, StoredEvent, Trimmed,
};
pub use sqlite::{
    JOURNAL_FILE_NAME, LOCK_FILE_NAME, OpenOptions, SqliteJournal, SqliteReader, WalCopier, WalState,
    copy_journal, open_reader,
};
