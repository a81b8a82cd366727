//! The writing side of the journal in SQLite.

use std::ops::Range;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::closed_states::ClosedStates;
use super::lock::WriterLock;
use super::meta;
use super::numbers::{count_of, number_of, sequence_of};
use super::reader::open_reader;
use super::schema::{self, JOURNAL_FILE_NAME, OpenOptions};
use super::wal_copier::{WalCopier, WalState, copy_wal};
use crate::checksums;
use crate::error::{Error, SqliteContext};
use crate::group::encode_group;
use crate::journal::{Journal, JournalReader, Upkeep, check_commit, check_meta};
use crate::kinds::{
    META_ACCOUNTING, META_ACKNOWLEDGED, META_FIRST_SEQUENCE, META_NEXT_SEQUENCE, META_PROBE,
    META_REPLAY_FROM, MetaKey,
};
use crate::limits;
use crate::log::Log;
use crate::place::{OutboxPosition, Sequence};
use crate::progress::Progress;
use crate::records::{ClosedSession, Commit, Committed, NewEvent, Trimmed};

/// The journal in an SQLite database, open for writing.
#[derive(Debug)]
pub struct SqliteJournal {
    /// Declared before the lock, so closed before the lock is let go.
    connection: Connection,
    _lock: WriterLock,
    directory: PathBuf,
    options: OpenOptions,
    next_sequence: Sequence,
    replay_from: Sequence,
    acknowledged: OutboxPosition,
    closed_states: ClosedStates,
    /// The encoded group, kept for its capacity.
    group: Vec<u8>,
    /// A transaction failed, and what it left in the write-ahead log is not overwritten yet (see the crate's docs).
    needs_probe: bool,
    has_copier: bool,
}

impl SqliteJournal {
    /// Opens the journal of `directory` for writing, creating the directory and the journal when they are missing.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] when another writer has it open, [`Error::NewerVersion`] and [`Error::Foreign`] when the file
    /// is not one that this release reads, and failures of the disk.
    pub fn open(directory: &Path, options: OpenOptions) -> Result<Self, Error> {
        create_directory(directory)?;
        let lock = WriterLock::acquire(directory)?;
        let connection = schema::open_for_writing(directory, &options)?;
        schema::limit_size(&connection, options.max_bytes)?;
        Ok(Self {
            next_sequence: meta::read_next_sequence(&connection)?,
            replay_from: meta::read_replay_from(&connection)?,
            acknowledged: meta::read_acknowledged(&connection)?,
            closed_states: ClosedStates::read(&connection)?,
            connection,
            _lock: lock,
            directory: directory.into(),
            options,
            group: Vec::new(),
            needs_probe: false,
            has_copier: false,
        })
    }

    /// Changes [`OpenOptions::max_bytes`] of the open journal.
    ///
    /// # Errors
    ///
    /// [`Error::Sqlite`] when SQLite does not take the limit.
    pub fn set_max_bytes(&mut self, max_bytes: Option<u64>) -> Result<(), Error> {
        schema::limit_size(&self.connection, max_bytes)?;
        self.options.max_bytes = max_bytes;
        Ok(())
    }

    /// How much of the write-ahead log is in use.
    ///
    /// # Errors
    ///
    /// [`Error::Sqlite`] and [`Error::Io`] when SQLite cannot say.
    pub fn wal_state(&self) -> Result<WalState, Error> {
        copy_wal(&self.connection, "NOOP")
    }

    /// Copies all of the write-ahead log into the database and empties it, as far as readers let it; for a backup.
    ///
    /// # Errors
    ///
    /// As for [`Journal::commit`].
    pub fn copy_whole_wal(&mut self) -> Result<WalState, Error> {
        self.probe_if_needed()?;
        copy_wal(&self.connection, "TRUNCATE")
    }

    /// Runs `work` as one transaction. When it fails, nothing of it is visible.
    fn transact<T>(&mut self, work: impl FnOnce(&Self) -> Result<T, Error>) -> Result<T, Error> {
        self.probe_if_needed()?;
        self.transact_without_probe(work)
    }

    fn transact_without_probe<T>(
        &mut self,
        work: impl FnOnce(&Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let result = self.begin_work_commit(work);
        if result.is_err() {
            self.needs_probe = true;
            self.roll_back();
        }
        result
    }

    fn begin_work_commit<T>(&self, work: impl FnOnce(&Self) -> Result<T, Error>) -> Result<T, Error> {
        self.execute("beginning a transaction", "BEGIN IMMEDIATE", [])?;
        let value = work(self)?;
        self.execute("committing to the journal", "COMMIT", [])?;
        Ok(value)
    }

    /// Ends a failed transaction that SQLite has not ended itself. If even that fails the transaction stays open, and
    /// the next one tries again before it begins: see [`Self::probe_if_needed`].
    fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            let _tried_again_before_the_next = self.execute("rolling back", "ROLLBACK", []);
        }
    }

    /// After a failure: ends what is left of it, overwrites its frames in the write-ahead log with a tiny
    /// transaction, and makes sure that nothing of it became visible.
    fn probe_if_needed(&mut self) -> Result<(), Error> {
        if !self.needs_probe {
            return Ok(());
        }
        self.roll_back();
        self.transact_without_probe(|journal| {
            let stored = meta::read_next_sequence(&journal.connection)?;
            if stored != journal.next_sequence {
                return Err(Error::Corrupt(format!(
                    "its next event is {stored}, where this writer expects {}; \
                     something else wrote to it, open it again",
                    journal.next_sequence
                )));
            }
            journal.execute(
                "probing the disk",
                "INSERT INTO meta (key, value) VALUES (?1, 1) ON CONFLICT (key) DO UPDATE SET value = value + 1",
                [META_PROBE.key],
            )
        })?;
        self.needs_probe = false;
        Ok(())
    }

    fn execute<P: rusqlite::Params>(&self, context: &'static str, sql: &str, params: P) -> Result<(), Error> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params))
            .map(|_rows| ())
            .context(context)
    }

    fn set_meta(&self, key: MetaKey, value: impl rusqlite::ToSql) -> Result<(), Error> {
        meta::set(&self.connection, key.key, value)
    }

    fn write(&self, commit: &Commit<'_>, sequence_after: Sequence) -> Result<(), Error> {
        if !commit.events.is_empty() {
            self.execute(
                "storing events",
                "INSERT INTO groups (first_sequence, last_sequence, received_at, data) VALUES (?1, ?2, ?3, ?4)",
                (
                    number_of(self.next_sequence.get()),
                    number_of(sequence_after.get() - 1),
                    commit.received_at_ms,
                    self.group.as_slice(),
                ),
            )?;
        }
        for checkpoint in commit.checkpoints {
            self.execute(
                "storing a checkpoint",
                "INSERT OR REPLACE INTO open_sessions (start_sequence, state, checksum) VALUES (?1, ?2, ?3)",
                (
                    number_of(checkpoint.start_sequence.get()),
                    checkpoint.state,
                    checksums::of_state(checkpoint.start_sequence, checkpoint.state),
                ),
            )?;
        }
        for closed in commit.closed {
            self.write_closed(closed)?;
        }
        if let Some(replay_from) = commit.replay_from {
            self.set_meta(META_REPLAY_FROM, number_of(replay_from.get()))?;
            // On the same page, and it shows when the last groups are lost.
            self.set_meta(META_NEXT_SEQUENCE, number_of(sequence_after.get()))?;
        }
        if let Some(accounting) = commit.accounting {
            self.set_meta(META_ACCOUNTING, accounting)?;
        }
        Ok(())
    }

    /// Records from where to where events are kept, after a trim of events before `trimmed_before`. If it trimmed the last
    /// group, nothing else remembers its sequences; and a group that is missing behind it is a lost one.
    fn remember_ends(&self, trimmed_before: Sequence) -> Result<(), Error> {
        let recorded = meta::read_first_sequence(&self.connection)?;
        let first_group = meta::read_first_group(&self.connection)?.unwrap_or(self.next_sequence);
        let first = first_group.min(trimmed_before).max(recorded);
        self.set_meta(META_FIRST_SEQUENCE, number_of(first.get()))?;
        self.set_meta(META_NEXT_SEQUENCE, number_of(self.next_sequence.get()))
    }

    fn write_closed(&self, closed: &ClosedSession<'_>) -> Result<(), Error> {
        // A session that is there already takes no position: a position without a row is a lost one.
        self.execute(
            "storing a closed session",
            "INSERT INTO closed_sessions (session_id, start_sequence, last_sequence, started_at, closed_at, \
             report_suite, content_id, visitor_id, row, checksum, row_checksum) \
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 \
             WHERE NOT EXISTS (SELECT 1 FROM closed_sessions WHERE session_id = ?1)",
            (
                closed.session.as_bytes(),
                number_of(closed.start_sequence.get()),
                number_of(closed.last_sequence.get()),
                closed.started_at_ms,
                closed.closed_at_ms,
                closed.report_suite,
                closed.content_id,
                closed.visitor_id,
                closed.row,
                checksums::of_closed(closed),
                checksums::of_row(closed.start_sequence, closed.row),
            ),
        )
    }

    /// Removes some of the states of closed sessions that are to go.
    fn remove_states(&mut self, limit: usize) -> Result<(), Error> {
        self.transact(|journal| journal.closed_states.remove(&journal.connection, limit))?;
        self.closed_states.are_removed(limit);
        Ok(())
    }

    /// Copies the write-ahead log into the database, if that is due.
    fn copy_wal_if_due(&self) -> Result<(), Error> {
        let wal = self.wal_state()?;
        if wal.log_bytes >= self.options.restart_after_bytes {
            return self.restart_wal();
        }
        // With the routine work done elsewhere, help only when it falls behind.
        let patience = if self.has_copier { 4 } else { 1 };
        let is_due = wal.pending_bytes >= self.options.copy_after_bytes.saturating_mul(patience);
        // The log starts over only when all of it was copied, which never happens beside a busy writer; between
        // two commits the little that the copier left is copied in no time.
        let nearly_done = wal.log_bytes >= self.options.copy_after_bytes.saturating_mul(2)
            && wal.pending_bytes <= self.options.copy_after_bytes / 8;
        if is_due || nearly_done {
            copy_wal(&self.connection, "PASSIVE")?;
        }
        Ok(())
    }

    /// Starts the log over, waiting only a moment for readers; they can hold it up again, but not the commits.
    fn restart_wal(&self) -> Result<(), Error> {
        schema::wait_for_locks(&self.connection, limits::RESTART_WAIT_MS)?;
        let result = copy_wal(&self.connection, "RESTART");
        schema::wait_for_locks(&self.connection, limits::BUSY_WAIT_MS)?;
        result.map(|_state| ())
    }

    /// Gives pages that trims have freed back to the file system, a bounded number at a time.
    fn shrink_if_due(&self) -> Result<(), Error> {
        let count = |pragma: &str| -> Result<u64, Error> {
            let pages: i64 = self
                .connection
                .prepare_cached(pragma)
                .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
                .context("counting pages")?;
            count_of(pages, pragma)
        };
        let free_pages = count("PRAGMA freelist_count")?;
        if free_pages <= limits::FREE_PAGES_KEPT {
            return Ok(());
        }
        if free_pages * 100 <= count("PRAGMA page_count")? * limits::FREE_PAGES_KEPT_PERCENT {
            return Ok(());
        }
        let context = "giving back free pages";
        let pages = limits::FREE_PAGES_PER_MAINTENANCE;
        let mut statement =
            self.connection.prepare(&format!("PRAGMA incremental_vacuum({pages})")).context(context)?;
        // Each step frees one page.
        let mut steps = statement.query([]).context(context)?;
        while steps.next().context(context)?.is_some() {}
        Ok(())
    }
}

impl Journal for SqliteJournal {
    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, Error> {
        let first_sequence = self.next_sequence;
        let sequence_after = check_commit(first_sequence, self.replay_from, commit)?;
        encode_group(first_sequence, commit.received_at_ms, commit.events, &mut self.group)?;
        self.transact(|journal| journal.write(commit, sequence_after))?;
        self.closed_states.add(commit.closed.iter().map(|closed| closed.start_sequence));
        self.next_sequence = sequence_after;
        self.replay_from = commit.replay_from.unwrap_or(self.replay_from);
        Ok(Committed { first_sequence, event_count: commit.events.len() as u64 })
    }

    fn meta_set(&mut self, key: &str, value: &[u8]) -> Result<(), Error> {
        check_meta(key, value)?;
        self.transact(|journal| meta::set(&journal.connection, &meta::caller_key(key), value))
    }

    fn maintain(&mut self) -> Result<(), Error> {
        self.probe_if_needed()?;
        let result = self.shrink_if_due().and_then(|()| self.copy_wal_if_due());
        if result.is_err() {
            self.needs_probe = true;
        }
        result?;
        self.closed_states.begin_if_due(&self.connection)?;
        if self.closed_states.are_going() {
            self.remove_states(limits::CLOSED_STATES_PER_MAINTENANCE)?;
        }
        Ok(())
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, Error> {
        Ok(Box::new(open_reader(&self.directory)?))
    }

    fn size_bytes(&self) -> Result<u64, Error> {
        let database = self.directory.join(JOURNAL_FILE_NAME);
        let size = |path: PathBuf| match std::fs::metadata(&path) {
            Ok(metadata) => Ok(metadata.len()),
            // The log comes with the first write.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(source) => Err(Error::File { context: "cannot read the size of", path, source }),
        };
        Ok(size(database)?.saturating_add(size(schema::wal_path(&self.directory))?))
    }

    fn upkeep(&mut self) -> Result<Option<Box<dyn Upkeep>>, Error> {
        let copier = WalCopier {
            connection: schema::open_for_copying(&self.directory)?,
            copy_after_bytes: self.options.copy_after_bytes,
        };
        self.has_copier = true;
        Ok(Some(Box::new(copier)))
    }
}

impl Log for SqliteJournal {
    fn append(&mut self, received_at_ms: i64, events: &[NewEvent<'_>]) -> Result<Committed, Error> {
        self.commit(&Commit { received_at_ms, events, ..Commit::default() })
    }

    fn next_sequence(&self) -> Sequence {
        self.next_sequence
    }

    fn trim(&mut self, up_to_sequence: Sequence, group_limit: usize) -> Result<Trimmed, Error> {
        let trimmed_before = number_of(up_to_sequence.min(self.replay_from).get());
        let limit = number_of(group_limit.min(limits::MAX_TRIM_ROWS) as u64);
        let context = "finding events to trim";
        let has_any: bool = self
            .connection
            .prepare_cached("SELECT 1 FROM groups WHERE first_sequence < ?1 ORDER BY first_sequence LIMIT 1")
            .and_then(|mut statement| statement.exists([trimmed_before]))
            .context(context)?;
        if !has_any {
            return Ok(Trimmed::default());
        }
        let groups = self.transact(|journal| {
            let trimmed = journal
                .connection
                .prepare_cached(
                    "DELETE FROM groups WHERE first_sequence IN (SELECT first_sequence FROM groups \
                     WHERE first_sequence < ?1 AND last_sequence < ?1 ORDER BY first_sequence LIMIT ?2)",
                )
                .and_then(|mut statement| statement.execute([trimmed_before, limit]))
                .context("trimming events")?;
            journal.remember_ends(sequence_of(trimmed_before, "end of a trim")?)?;
            Ok(trimmed)
        })?;
        Ok(Trimmed { groups: groups as u64 })
    }
}

impl Progress for SqliteJournal {
    fn replay_from(&self) -> Sequence {
        self.replay_from
    }

    fn acknowledge(&mut self, position: OutboxPosition) -> Result<(), Error> {
        if position <= self.acknowledged {
            return Ok(());
        }
        let last_position = meta::read_last_position(&self.connection)?;
        if position > last_position {
            return Err(Error::Refused(format!(
                "acknowledging position {position}; the last closed session has position {last_position}"
            )));
        }
        self.transact(|journal| journal.set_meta(META_ACKNOWLEDGED, number_of(position.get())))?;
        self.acknowledged = position;
        Ok(())
    }

    fn trim_closed(&mut self, kept_ms: Range<i64>, limit: usize) -> Result<u64, Error> {
        let context = "finding closed sessions to trim";
        let replay_from = number_of(self.replay_from.get());
        let limit = number_of(limit.min(limits::MAX_TRIM_ROWS) as u64);
        let last_to_go: Option<i64> = self
            .connection
            .prepare_cached(
                "SELECT position, closed_at, start_sequence FROM closed_sessions WHERE position <= ?1 \
                 ORDER BY position LIMIT ?2",
            )
            .and_then(|mut statement| {
                let mut rows = statement.query((number_of(self.acknowledged.get()), limit))?;
                let mut last_to_go = None;
                while let Some(row) = rows.next()? {
                    if kept_ms.contains(&row.get(1)?) || row.get::<_, i64>(2)? >= replay_from {
                        break;
                    }
                    last_to_go = Some(row.get(0)?);
                }
                Ok(last_to_go)
            })
            .context(context)?;
        let Some(last_to_go) = last_to_go else {
            return Ok(0);
        };
        if last_to_go > number_of(self.closed_states.removed_up_to().get()) {
            // Nothing would tell a recovery that these have closed.
            self.closed_states.begin(&self.connection)?;
            self.remove_states(usize::MAX)?;
        }
        let sessions = self.transact(|journal| {
            journal
                .connection
                .prepare_cached("DELETE FROM closed_sessions WHERE position <= ?1")
                .and_then(|mut statement| statement.execute([last_to_go]))
                .context("trimming closed sessions")
        })?;
        Ok(sessions as u64)
    }
}

/// Creates the data directory, and makes its name durable.
fn create_directory(directory: &Path) -> Result<(), Error> {
    if directory.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(directory).map_err(|source| Error::File {
        context: "cannot create the data directory",
        path: directory.into(),
        source,
    })?;
    match directory.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => schema::sync_directory(parent),
        _ => schema::sync_directory(Path::new(".")),
    }
}
