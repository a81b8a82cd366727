//! The database file: how it is laid out, created, recognised and opened.
//!
//! The tables and the values in `meta` are registered in [`crate::kinds`].
//!
//! Settings of the file, made at creation: pages of 8 KiB, because groups are tens of kilobytes and small pages would
//! chain many overflow pages; incremental auto-vacuum, so that trimming can shrink the file; a write-ahead log, so
//! that readers and the writer do not wait for each other. The tables are created before the write-ahead log is
//! switched on, so that they do not hang on the log's health.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::meta;
use super::numbers::number_of;
use crate::error::{Error, SqliteContext};
use crate::kinds::{
    META_ACKNOWLEDGED, META_CLOSED_CHECKED, META_CREATED_AT, META_FIRST_SEQUENCE, META_NEXT_SEQUENCE,
    META_REPLAY_FROM, META_STATES_CHECKED, META_STATES_REMOVED,
};
use crate::limits;
use crate::place::Sequence;

/// The database file's name in the data directory.
pub const JOURNAL_FILE_NAME: &str = "journal.sqlite3";

/// Format of the journal that this release writes, and the newest that it reads; kept as SQLite's `user_version`.
///
/// Format 2 differs from format 1 in the layout of groups alone ([`mod@crate::group`]). Format 3 brings checksums of states and
/// of closed sessions, and records what a reader may find missing. Format 4 has groups with packed bodies, rows of closed sessions
/// as bytes beside those as text, no index of closed sessions but that by their id, and states of sessions that have closed,
/// until they are removed together. What was written before is read as it is, so a journal of an earlier format goes on: opening
/// it for writing marks it as the newest, which earlier releases refuse.
pub(crate) const FORMAT_VERSION: i64 = 4;

/// Marks the file as this crate's, kept as SQLite's `application_id`: the letters `PHJl`.
const APPLICATION_ID: i64 = 0x5048_4A6C;

const TABLES: &str = "
CREATE TABLE groups (
    first_sequence INTEGER PRIMARY KEY,
    last_sequence INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    data BLOB NOT NULL
);
CREATE TABLE open_sessions (
    start_sequence INTEGER PRIMARY KEY,
    state BLOB NOT NULL,
    checksum INTEGER
);
CREATE TABLE closed_sessions (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id BLOB NOT NULL UNIQUE,
    start_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    closed_at INTEGER NOT NULL,
    report_suite TEXT NOT NULL,
    content_id TEXT NOT NULL,
    visitor_id TEXT NOT NULL,
    row BLOB NOT NULL,
    checksum INTEGER,
    row_checksum INTEGER
);
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value NOT NULL,
    checksum INTEGER
) WITHOUT ROWID;
";

/// The columns that format 3 added.
const CHECKSUM_COLUMNS: &str = "
ALTER TABLE meta ADD COLUMN checksum INTEGER;
ALTER TABLE open_sessions ADD COLUMN checksum INTEGER;
ALTER TABLE closed_sessions ADD COLUMN checksum INTEGER;
ALTER TABLE closed_sessions ADD COLUMN row_checksum INTEGER;
";

/// The indexes that format 4 does without: each cost a page of the disk for each session that closed.
const WITHOUT_INDEXES: &str = "
DROP INDEX IF EXISTS closed_by_start;
DROP INDEX IF EXISTS closed_by_suite;
DROP INDEX IF EXISTS closed_by_content;
DROP INDEX IF EXISTS closed_by_visitor;
";

/// How a journal is opened for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOptions {
    /// Recorded as the creation time when the journal is new: milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// Size that the database file may grow to, in bytes; commits that need more fail with [`Error::DiskFull`] until
    /// room is made or the limit is raised. `None` for no limit but the disk's. A file that is larger already may
    /// stay so but not grow. The write-ahead log comes on top; see [`limits::RESTART_AFTER_BYTES`].
    pub max_bytes: Option<u64>,
    /// Bytes of the write-ahead log that wait to be copied into the database from which on a copy is due.
    pub copy_after_bytes: u64,
    /// Bytes of the write-ahead log from which on it is started over.
    pub restart_after_bytes: u64,
}

impl OpenOptions {
    /// The usual settings; `now_ms` is the creation time if the journal is new.
    pub const fn new(now_ms: i64) -> Self {
        Self {
            created_at_ms: now_ms,
            max_bytes: None,
            copy_after_bytes: limits::COPY_AFTER_BYTES,
            restart_after_bytes: limits::RESTART_AFTER_BYTES,
        }
    }
}

/// Opens the database of `directory` for writing, creating what is missing. The caller holds the lock.
pub(crate) fn open_for_writing(directory: &Path, options: &OpenOptions) -> Result<Connection, Error> {
    let path = directory.join(JOURNAL_FILE_NAME);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).context("opening the journal")?;
    wait_for_locks(&connection, limits::BUSY_WAIT_MS)?;
    if recognise(&connection, &path)? == Recognised::Empty {
        create(&connection, options.created_at_ms)?;
        sync_directory(directory)?;
    }
    configure(&connection, limits::WRITER_CACHE_KIB)?;
    let context = "setting up the journal";
    let journal_mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).context(context)?;
    if journal_mode != "wal" {
        let message = format!("a write-ahead log is not possible here (journal mode {journal_mode})");
        return Err(Error::Sqlite { context, message, code: 0 });
    }
    // FULL: each commit syncs the log. The log is copied deliberately, never in the middle of a commit.
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = {};",
            limits::WAL_KEPT_BYTES
        ))
        .context(context)?;
    // From here on groups of the newest layout may stand in it, which releases before could not read.
    if meta::format_of(&connection)? < FORMAT_VERSION {
        upgrade(&connection)?;
    }
    Ok(connection)
}

/// Opens the database of `directory` for reading.
pub(crate) fn open_for_reading(directory: &Path) -> Result<Connection, Error> {
    let path = directory.join(JOURNAL_FILE_NAME);
    if !path.exists() {
        return Err(Error::Missing { path });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).context("opening the journal to read")?;
    wait_for_locks(&connection, limits::BUSY_WAIT_MS)?;
    if recognise(&connection, &path)? == Recognised::Empty {
        return Err(Error::Missing { path });
    }
    configure(&connection, limits::READER_CACHE_KIB)?;
    Ok(connection)
}

/// Opens the database of `directory` to copy its write-ahead log; it exists, for the writer has it open.
pub(crate) fn open_for_copying(directory: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(directory.join(JOURNAL_FILE_NAME), flags)
        .context("opening the journal to copy its log")?;
    wait_for_locks(&connection, limits::BUSY_WAIT_MS)?;
    configure(&connection, limits::READER_CACHE_KIB)?;
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")
        .context("setting up the journal to copy its log")?;
    Ok(connection)
}

/// Makes the names of new files in `directory` durable; their content alone would not be found after a power cut.
pub(crate) fn sync_directory(directory: &Path) -> Result<(), Error> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    File::open(directory).and_then(|opened| opened.sync_all()).map_err(|source| Error::File {
        context: "cannot sync the directory",
        path: directory.into(),
        source,
    })
}

/// The write-ahead log beside the database.
pub(crate) fn wal_path(directory: &Path) -> PathBuf {
    directory.join(format!("{JOURNAL_FILE_NAME}-wal"))
}

/// Limits the database file to `max_bytes`.
pub(crate) fn limit_size(connection: &Connection, max_bytes: Option<u64>) -> Result<(), Error> {
    // The highest number of pages that SQLite knows.
    const NO_LIMIT: u64 = 4_294_967_294;
    let pages = max_bytes.map_or(NO_LIMIT, |bytes| (bytes / limits::PAGE_BYTES).clamp(1, NO_LIMIT));
    connection
        .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
        .context("limiting the journal's size")
}

/// How long statements of this connection wait for locks of others.
pub(crate) fn wait_for_locks(connection: &Connection, wait_ms: u64) -> Result<(), Error> {
    connection.busy_timeout(Duration::from_millis(wait_ms)).context("setting up the connection")
}

fn configure(connection: &Connection, cache_kib: u32) -> Result<(), Error> {
    let context = "setting up the connection";
    connection.set_prepared_statement_cache_capacity(64);
    connection
        .execute_batch(&format!(
            "PRAGMA cache_size = -{cache_kib}; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;"
        ))
        .context(context)?;
    // Mapped memory turns a disk failure into a signal that ends the process.
    connection.query_row("PRAGMA mmap_size = 0", [], |_| Ok(())).optional().context(context)?;
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Recognised {
    Journal,
    /// A file without content, as a crash during creation leaves it.
    Empty,
}

/// Reads what the file says it is, before anything writes to it.
fn recognise(connection: &Connection, path: &Path) -> Result<Recognised, Error> {
    let foreign = |found: String| Error::Foreign { path: path.into(), found };
    let number = |pragma: &str| {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0)).map_err(|error| {
            match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::NotADatabase) => foreign("it is not an SQLite database".into()),
                _ => Error::sqlite("reading the journal's format", error),
            }
        })
    };
    let application_id = number("application_id")?;
    let version = number("user_version")?;
    if application_id == 0 && version == 0 {
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .context("reading the journal's tables")?;
        if tables == 0 {
            return Ok(Recognised::Empty);
        }
    }
    if application_id != APPLICATION_ID {
        return Err(foreign(format!(
            "it is an SQLite database of another application (application id {application_id:#010x})"
        )));
    }
    if version > FORMAT_VERSION {
        return Err(Error::NewerVersion { path: path.into(), found: version, supported: FORMAT_VERSION });
    }
    if version < 1 {
        return Err(foreign(format!("it has format version {version}, which never existed")));
    }
    Ok(Recognised::Journal)
}

/// Brings a journal of an earlier format to the newest. One transaction, so a crash leaves it of one format or the other.
fn upgrade(connection: &Connection) -> Result<(), Error> {
    let context = "bringing the journal to a newer format";
    let transaction = connection.unchecked_transaction().context(context)?;
    if meta::format_of(&transaction)? < meta::FORMAT_WITH_CHECKSUMS {
        add_checksums(&transaction)?;
    }
    // Until now, a state went with the commit that closed its session.
    let last_position = meta::read_last_position(&transaction)?;
    meta::set(&transaction, META_STATES_REMOVED.key, number_of(last_position.get()))?;
    transaction.execute_batch(WITHOUT_INDEXES).context(context)?;
    transaction.pragma_update(None, "user_version", FORMAT_VERSION).context(context)?;
    transaction.commit().context(context)
}

fn add_checksums(transaction: &Connection) -> Result<(), Error> {
    let places = [
        (META_REPLAY_FROM, meta::read_replay_from(transaction)?.get()),
        (META_NEXT_SEQUENCE, meta::read_next_sequence(transaction)?.get()),
        (META_FIRST_SEQUENCE, meta::read_first_sequence(transaction)?.get()),
        (META_ACKNOWLEDGED, meta::read_acknowledged(transaction)?.get()),
        (META_STATES_CHECKED, meta::read_next_sequence(transaction)?.get()),
        (META_CLOSED_CHECKED, meta::read_last_position(transaction)?.get()),
    ];
    transaction.execute_batch(CHECKSUM_COLUMNS).context("adding checksums to the journal")?;
    for (key, place) in places {
        meta::set(transaction, key.key, number_of(place))?;
    }
    meta::seal_all(transaction)
}

/// Creates the tables in an empty file. One transaction, so a crash leaves the file empty or complete.
fn create(connection: &Connection, created_at_ms: i64) -> Result<(), Error> {
    let context = "creating the journal";
    let page_bytes = limits::PAGE_BYTES;
    connection
        .execute_batch(&format!(
            "PRAGMA page_size = {page_bytes}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = EXTRA;"
        ))
        .context(context)?;
    let transaction = connection.unchecked_transaction().context(context)?;
    transaction.execute_batch(TABLES).context(context)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID).context(context)?;
    transaction.pragma_update(None, "user_version", FORMAT_VERSION).context(context)?;
    let values = [
        (META_CREATED_AT, created_at_ms),
        (META_REPLAY_FROM, number_of(Sequence::FIRST.get())),
        (META_NEXT_SEQUENCE, number_of(Sequence::FIRST.get())),
        (META_ACKNOWLEDGED, 0),
        (META_FIRST_SEQUENCE, number_of(Sequence::FIRST.get())),
        (META_STATES_CHECKED, number_of(Sequence::FIRST.get())),
        (META_CLOSED_CHECKED, 0),
        (META_STATES_REMOVED, 0),
    ];
    for (key, value) in values {
        meta::set(&transaction, key.key, value)?;
    }
    transaction.commit().context(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without these a commit is not on disk when it returns, or waits for a copy of the log; no other test could tell.
    #[test]
    fn commits_sync_the_log_and_never_copy_it_by_themselves() {
        let directory = tempfile::tempdir().unwrap();
        let writer = open_for_writing(directory.path(), &OpenOptions::new(0)).unwrap();
        let copier = open_for_copying(directory.path()).unwrap();
        for connection in [&writer, &copier] {
            let number = |pragma: &str| -> i64 {
                connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0)).unwrap()
            };
            assert_eq!(number("synchronous"), 2, "FULL");
            assert_eq!(number("wal_autocheckpoint"), 0);
            let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
            assert_eq!(mode, "wal");
        }
        assert_eq!(meta::number(&writer, META_CREATED_AT).unwrap(), Some(0));
    }
}
