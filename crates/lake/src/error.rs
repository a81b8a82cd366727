//! What can go wrong with the lake.

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use deltalake::{DeltaTableError, ObjectStoreError};

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The place of the lake makes no sense.
    #[error("{location:?} is no place for a lake: {message}")]
    Location {
        /// What was given.
        location: String,
        /// What is wrong with it.
        message: String,
    },
    /// A table cannot be read or written.
    #[error("table {table}: {message}")]
    Table {
        /// The table.
        table: String,
        /// What is wrong, naming the file where one is at fault.
        message: String,
    },
    /// The table has columns that this release does not write, or lacks some.
    #[error("table {table} was written by another release: {message}")]
    OtherSchema {
        /// The table.
        table: String,
        /// What differs.
        message: String,
    },
    /// Another process took over what this one was about to.
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
    /// The row of a closed session is not what the accounting writes.
    #[error("a closed session's row cannot be read: {0}")]
    Row(serde_json::Error),
    /// Rows make no batch.
    #[error(transparent)]
    Arrow(ArrowError),
    /// The files of the lake cannot be reached.
    #[error("the lake cannot be reached: {0}")]
    Store(#[from] ObjectStoreError),
    /// A file of the lake was not brought to disk.
    #[error("{path}: {source}")]
    Sync {
        /// The file or directory.
        path: String,
        /// Why.
        source: std::io::Error,
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
