//! Every limit of the lake, in one place.

use std::time::Duration;

/// Rows of a row group: the least that a reader decodes.
pub(crate) const ROW_GROUP_ROWS: usize = 131_072;

/// Bytes of a row group in a file that leaves the lake; writing it needs as much memory.
pub(crate) const ROW_GROUP_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of a data file after which the next file begins.
pub(crate) const FILE_BYTES: u64 = 256 * 1024 * 1024;

/// How old the writes of other processes may be in a query: the shortest time between two listings of a table's log.
pub const RECENT: Duration = Duration::from_secs(1);

/// Closed sessions that one version of a table adds.
pub const COMMIT_SESSIONS: usize = 50_000;

/// Bytes of closed sessions' rows, as JSON, that one version of a table adds; at most one row more.
pub(crate) const COMMIT_ROW_BYTES: usize = 128 * 1024 * 1024;

/// Events that one version of the table of events adds.
pub const COMMIT_EVENTS: usize = 500_000;

/// Bytes of texts in rows that are sorted together, in memory and in one file: a session with many errors repeats its
/// dimensions for each of them, and may be thousands of times as large as its JSON.
pub const SORTED_BYTES: usize = 64 * 1024 * 1024;

/// How long a search may read a table's files to find the one that made a query fail.
pub const EXPLAIN: Duration = Duration::from_secs(10);

/// Versions of a table between two checkpoints: the most that a reader reads beside a checkpoint.
pub const CHECKPOINT_VERSIONS: u64 = 50;

/// Files that are checked at the same time: a store responds slowly, but to many requests at once.
pub(crate) const FILES_AT_ONCE: usize = 16;

/// The compression level of new files: fast, because they are rewritten soon.
pub(crate) const APPEND_ZSTD_LEVEL: i32 = 3;

/// The compression level of merged files.
pub(crate) const COMPACT_ZSTD_LEVEL: i32 = 9;

/// The compression level of the events of a past day: some 12,000 events a second and core, once for each day.
pub(crate) const EVENTS_ZSTD_LEVEL: i32 = 19;

/// Bytes of a page of columns: the least that a reader decompresses.
pub const PAGE_BYTES: usize = 256 * 1024;

/// Bytes of a page of event bodies; larger, so that similar bodies are in one page.
pub(crate) const BODY_PAGE_BYTES: usize = 1024 * 1024;

/// Small files of the current day at which they are merged.
pub const SMALL_FILES: usize = 16;

/// How long a past day must have no new rows before its files are merged, unless too many small files gather.
pub const LATE_ROWS_WAIT_MS: i64 = 10 * 60 * 1_000;

/// How many times as large as the newer files a file may be to be merged with them.
pub(crate) const TIER_RATIO: u64 = 4;

/// Bytes of a past day up to which all its files are merged.
pub(crate) const WHOLE_DAY_BYTES: u64 = 1024 * 1024 * 1024;

/// Rows of a batch in a sort.
pub(crate) const SORT_BATCH_ROWS: usize = 2_048;

/// Bytes of disk that rows in progress may take.
pub const SPILL_BYTES: u64 = 100 * 1024 * 1024 * 1024;

/// Bytes of memory that a file being written takes.
pub(crate) const WRITER_BYTES: usize = 96 * 1024 * 1024;

/// Bytes of a file that are copied at a time.
pub(crate) const COPY_BYTES: usize = 1024 * 1024;

/// Attempts at an exchange of files while other processes make versions first.
pub(crate) const COMMIT_ATTEMPTS: usize = 50;

/// Sessions of a day from which on it gets a rollup: fewer sessions can be read as fast.
pub(crate) const ROLLUP_SESSIONS: u64 = 2_000;

/// How long a piece of background work waits after a failure.
pub(crate) const RETRY_AFTER_MS: i64 = 10 * 60 * 1_000;

/// How often upkeep searches for unreferenced files of a table.
pub(crate) const VACUUM_EVERY_MS: i64 = 6 * 60 * 60 * 1_000;

/// Exclusions that were undone and that the tables remember, so that a journal that is put back from an older copy does not
/// revive them; the oldest go first.
pub(crate) const RETURNED_EXCLUSIONS: usize = 1_000;
