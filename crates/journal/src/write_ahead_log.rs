//! Checkpoints of SQLite's write-ahead log: when commits wait in it, and how they get into the database.

use rusqlite::Connection;

use crate::error::{Error, SqliteContext};
use crate::journal::Checkpointer;
use crate::limits;

/// How much of the write-ahead log is in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WalState {
    /// Bytes of the log's valid frames. The file may be longer: it is reused from its start.
    pub log_bytes: u64,
    /// Of those, bytes that wait to be copied into the database.
    pub pending_bytes: u64,
}

/// Does the routine checkpoints of an [`SqliteJournal`](crate::SqliteJournal) from a thread of its own.
#[derive(Debug)]
pub struct SqliteCheckpointer {
    pub(crate) connection: Connection,
    pub(crate) checkpoint_after_bytes: u64,
}

impl Checkpointer for SqliteCheckpointer {
    fn checkpoint_if_due(&mut self) -> Result<(), Error> {
        let wal = wal_checkpoint(&self.connection, "NOOP")?;
        if wal.pending_bytes >= self.checkpoint_after_bytes {
            // Passive: takes no lock that a commit waits for.
            wal_checkpoint(&self.connection, "PASSIVE")?;
        }
        Ok(())
    }
}

/// Runs a checkpoint and says what the log holds after it.
pub(crate) fn wal_checkpoint(connection: &Connection, mode: &str) -> Result<WalState, Error> {
    /// Bytes that SQLite puts before each page in the log.
    const FRAME_HEADER_BYTES: u64 = 24;
    let (frames, copied): (i64, i64) = connection
        .prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))
        .and_then(|mut statement| statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?))))
        .context("checkpointing the write-ahead log")?;
    let bytes = |frames: i64| u64::try_from(frames).unwrap_or(0) * (limits::PAGE_BYTES + FRAME_HEADER_BYTES);
    let log_bytes = bytes(frames);
    Ok(WalState { log_bytes, pending_bytes: log_bytes.saturating_sub(bytes(copied)) })
}
