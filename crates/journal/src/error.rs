//! Errors of the journal.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use playhead_protocol::SessionId;

use crate::place::{OutboxPosition, Sequence};

/// Any failure of this crate. After each of them nothing of the failed call is visible.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process (or another writer of this one) has the data directory open for writing.
    #[error(
        "{} is in use by another writer{}; only one server may use a data directory",
        path.display(),
        pid.map_or(String::new(), |pid| format!(" (process {pid})"))
    )]
    InUse {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, as far as it has said so.
        pid: Option<u32>,
    },

    /// The journal was written by a newer release.
    #[error(
        "{} has journal format {found}, newer than format {supported}, the newest that this release reads; \
         use the release that wrote it, or a later one",
        path.display()
    )]
    NewerVersion {
        /// The database file.
        path: PathBuf,
        /// Its format version.
        found: i64,
        /// The newest version that this release reads.
        supported: i64,
    },

    /// The file bears the journal's name but is something else.
    #[error("{} is not a journal: {found}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The actual content.
        found: String,
    },

    /// There is no journal to read.
    #[error("there is no journal at {}", path.display())]
    Missing {
        /// Where the database file should be.
        path: PathBuf,
    },

    /// The disk, or the size that the journal may have, is used up. Works again when there is room.
    #[error(
        "{context}: no room left on the disk or within the journal's size limit ({message}, SQLite code {code})"
    )]
    DiskFull {
        /// The step that failed.
        context: &'static str,
        /// SQLite's words.
        message: String,
        /// SQLite's extended result code.
        code: i32,
    },

    /// The disk failed below SQLite.
    #[error("{context}: disk failure ({message}, SQLite code {code})")]
    Io {
        /// The step that failed.
        context: &'static str,
        /// SQLite's words.
        message: String,
        /// SQLite's extended result code, which names the failed operation.
        code: i32,
    },

    /// A file or directory beside the database could not be used.
    #[error("{context} {}: {source}", path.display())]
    File {
        /// The step that failed.
        context: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The operating system's words.
        source: std::io::Error,
    },

    /// Any other failure inside SQLite.
    #[error("{context}: {message} (SQLite code {code})")]
    Sqlite {
        /// The step that failed.
        context: &'static str,
        /// SQLite's words.
        message: String,
        /// SQLite's extended result code; 0 when the failure was found above SQLite.
        code: i32,
    },

    /// Stored bytes are not what was written.
    #[error("the journal is damaged: {0}")]
    Corrupt(String),

    /// A closed session, or several, are not what was written; they may be made anew from their events.
    #[error("the journal is damaged: {0}")]
    DamagedRow(Box<DamagedRow>),

    /// A call that would break a rule of the journal; a mistake of the caller, refused before anything is written.
    #[error("refused: {0}")]
    Refused(String),

    /// A value is larger than its limit.
    #[error("{what} takes {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// Which value.
        what: &'static str,
        /// Its size, as far as it was counted.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

/// Closed sessions whose rows cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedRow {
    /// Their first position in the outbox.
    pub first: OutboxPosition,
    /// Their last one.
    pub last: OutboxPosition,
    /// Which session it is, if it is one only and what stands beside its row can be read.
    pub session: Option<DamagedSession>,
    /// What is wrong.
    pub finding: String,
}

/// A closed session whose row cannot be read, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DamagedSession {
    /// The session.
    pub session: SessionId,
    /// Sequence of its first event.
    pub start_sequence: Sequence,
    /// Sequence of its last event.
    pub last_sequence: Sequence,
    /// Its start by the device's clock: milliseconds since the Unix epoch.
    pub started_at_ms: i64,
    /// Its close by the server's clock: milliseconds since the Unix epoch.
    pub closed_at_ms: i64,
    /// All of this is certainly what was written.
    pub is_sure: bool,
}

impl Display for DamagedRow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { first, last, session, finding } = self;
        match session {
            Some(known) if known.is_sure => write!(f, "closed session {} (position {first})", known.session)?,
            _ if first == last => write!(f, "the closed session at position {first}")?,
            _ => write!(f, "the closed sessions at positions {first} to {last}")?,
        }
        write!(f, " cannot be read: {finding}")
    }
}

impl Error {
    /// Whether stored bytes are not what was written, which trying again does not change.
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Corrupt(_) | Self::DamagedRow(_))
    }

    /// An error of SQLite while `context` was being done.
    pub(crate) fn sqlite(context: &'static str, error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;

        let code = error.sqlite_extended_error_code().unwrap_or(0);
        let kind = error.sqlite_error_code();
        // Bytes that are not of the type that was written, or lengths that never were.
        let is_damage = matches!(
            error,
            rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..)
        );
        let message = match error {
            rusqlite::Error::SqliteFailure(_, Some(message)) => message,
            other => other.to_string(),
        };
        match kind {
            Some(ErrorCode::DiskFull) => Self::DiskFull { context, message, code },
            Some(ErrorCode::SystemIoFailure) => Self::Io { context, message, code },
            None if is_damage => Self::Corrupt(format!("{context}: {message}")),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::TooBig) => {
                Self::Corrupt(format!("{context}: {message} (SQLite code {code})"))
            }
            _ => Self::Sqlite { context, message, code },
        }
    }
}

/// Names the step at which SQLite failed.
pub(crate) trait SqliteContext<T> {
    /// The value, or the failure with the step's name.
    fn context(self, context: &'static str) -> Result<T, Error>;
}

impl<T> SqliteContext<T> for rusqlite::Result<T> {
    fn context(self, context: &'static str) -> Result<T, Error> {
        self.map_err(|error| Error::sqlite(context, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_is_wrong_and_where() {
        let in_use = Error::InUse { path: "/data/playhead.lock".into(), pid: Some(4711) };
        assert_eq!(
            in_use.to_string(),
            "/data/playhead.lock is in use by another writer (process 4711); \
             only one server may use a data directory"
        );
        let newer = Error::NewerVersion { path: "/data/journal.sqlite3".into(), found: 7, supported: 1 };
        assert_eq!(
            newer.to_string(),
            "/data/journal.sqlite3 has journal format 7, newer than format 1, the newest that this release reads; \
             use the release that wrote it, or a later one"
        );
    }

    #[test]
    fn full_disk_failed_disk_and_damage_are_told_apart() {
        let failure = |code| rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        assert!(matches!(Error::sqlite("x", failure(13)), Error::DiskFull { code: 13, .. }));
        let failed_sync = Error::sqlite("committing", failure(1034));
        assert!(matches!(failed_sync, Error::Io { code: 1034, .. }));
        assert!(failed_sync.to_string().contains("1034"), "{failed_sync}");
        assert!(matches!(Error::sqlite("x", failure(11)), Error::Corrupt(_)));
        assert!(matches!(Error::sqlite("x", failure(5)), Error::Sqlite { code: 5, .. }));
    }
}
