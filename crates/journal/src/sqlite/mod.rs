//! The journal in an SQLite database: log and progress in one transaction.

mod backup;
mod closed;
mod closed_states;
mod events;
mod lock;
mod meta;
mod numbers;
mod reader;
mod recovery;
mod schema;
mod verification;
mod wal_copier;
mod writer;

pub use backup::copy_journal;
pub use lock::LOCK_FILE_NAME;
pub use reader::{SqliteReader, open_reader};
pub use schema::{JOURNAL_FILE_NAME, OpenOptions};
pub use wal_copier::{WalCopier, WalState};
pub use writer::SqliteJournal;
