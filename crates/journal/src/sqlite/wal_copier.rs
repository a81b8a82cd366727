//! Copies SQLite's write-ahead log: when commits wait in it, and how they get into the database.

use rusqlite::Connection;

use crate::error::{Error, SqliteContext};
use crate::journal::Upkeep;
use crate::limits;

/// How much of the write-ahead log is in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WalState {
    /// Bytes of the log's valid frames. The file may be longer: it is reused from its start.
    pub log_bytes: u64,
    /// Of those, bytes that wait to be copied into the database.
    pub pending_bytes: u64,
}

/// Copies finished parts of the write-ahead log of an [`SqliteJournal`](crate::SqliteJournal) into the database, on a
/// thread of its own.
#[derive(Debug)]
pub struct WalCopier {
    pub(crate) connection: Connection,
    pub(crate) copy_after_bytes: u64,
}

impl Upkeep for WalCopier {
    fn work_if_due(&mut self) -> Result<(), Error> {
        let wal = copy_wal(&self.connection, "NOOP")?;
        if wal.pending_bytes >= self.copy_after_bytes {
            // Passive: takes no lock that a commit waits for.
            copy_wal(&self.connection, "PASSIVE")?;
        }
        Ok(())
    }
}

/// Copies the log as `mode` (of SQLite's `wal_checkpoint`) says, and returns what it holds after that.
pub(crate) fn copy_wal(connection: &Connection, mode: &str) -> Result<WalState, Error> {
    /// Bytes that SQLite puts before each page in the log.
    const FRAME_HEADER_BYTES: u64 = 24;
    let (frames, copied): (i64, i64) = connection
        .prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))
        .and_then(|mut statement| statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?))))
        .context("copying the write-ahead log")?;
    let bytes = |frames: i64| u64::try_from(frames).unwrap_or(0) * (limits::PAGE_BYTES + FRAME_HEADER_BYTES);
    let log_bytes = bytes(frames);
    Ok(WalState { log_bytes, pending_bytes: log_bytes.saturating_sub(bytes(copied)) })
}
