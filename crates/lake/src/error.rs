//! Errors of the lake.

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use deltalake::{DeltaTableError, ObjectStoreError};

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lake's location is invalid.
    #[error("{location:?} cannot hold a lake: {message}")]
    Location {
        /// The location as given.
        location: String,
        /// The reason.
        message: String,
    },
    /// A table cannot be read or written.
    #[error("table {table}: {message}")]
    Table {
        /// The table.
        table: String,
        /// The reason; it names the file if a file is at fault.
        message: String,
    },
    /// The table has columns that this release does not write, or lacks some.
    #[error("table {table} was written by another release: {message}")]
    OtherSchema {
        /// The table.
        table: String,
        /// The difference.
        message: String,
    },
    /// Another process handed over what this process was about to hand over.
    #[error("table {table}: another process writes for the same data directory")]
    TakenOver {
        /// The table.
        table: String,
    },
    /// Another process changed the same files first; nothing was changed.
    #[error("table {table}: another process changed the same files first; nothing was changed")]
    Conflict {
        /// The table.
        table: String,
    },
    /// The row of a closed session is not one that the accounting writes.
    #[error("a closed session's row cannot be read: {0}")]
    Row(playhead_session::RowsError),
    /// The rows do not form a batch.
    #[error(transparent)]
    Arrow(ArrowError),
    /// The files of the lake cannot be reached.
    #[error("the lake cannot be reached: {0}")]
    Store(#[from] ObjectStoreError),
    /// A file of the lake was not flushed to disk.
    #[error("{path}: {source}")]
    Sync {
        /// The file or directory.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// A file of a copy is not what was copied.
    #[error("{path} is damaged: it is not what was copied")]
    Damaged {
        /// The file, within the copy.
        path: String,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    /// A query over the lake failed.
    #[error(transparent)]
    Query(#[from] DataFusionError),
}

impl Error {
    /// The error of a table.
    pub(crate) fn table(table: &str, error: &DeltaTableError) -> Self {
        Self::Table { table: table.to_owned(), message: error.to_string() }
    }
}
