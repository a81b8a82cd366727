//! Every limit of the lake, in one place.

use std::time::Duration;

/// Rows of a row group: what a reader decodes at least.
pub const ROW_GROUP_ROWS: usize = 131_072;

/// Bytes of a row group in a file that leaves the lake; what its making needs in memory.
pub const ROW_GROUP_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of a data file from which on another one is begun.
pub const FILE_BYTES: u64 = 256 * 1024 * 1024;

/// How old what a question sees of other processes' writes may be: the log of a table is listed at most so often.
pub const RECENT: Duration = Duration::from_secs(1);

/// Closed sessions that one version of a table takes in.
pub const COMMIT_SESSIONS: usize = 50_000;

/// Bytes of closed sessions' rows, as JSON, that one version of a table takes in; one row more at most.
pub const COMMIT_ROW_BYTES: usize = 128 * 1024 * 1024;

/// Events that one version of the table of events takes in.
pub const COMMIT_EVENTS: usize = 500_000;

/// Bytes of texts in rows that are in order among each other in one file, and in memory together: a session of many
/// errors repeats its dimensions for each of them, and may be thousands of times as large as its JSON.
pub const SORTED_BYTES: usize = 64 * 1024 * 1024;

/// How long the whole of a table's files is read to find the one that let a question fail.
pub const EXPLAIN: Duration = Duration::from_secs(10);

/// Versions of a table after which a checkpoint is made: what a reader reads at most beside it.
pub const CHECKPOINT_VERSIONS: u64 = 50;

/// Files that are looked at at the same time: a store answers late but many at once.
pub const FILES_AT_ONCE: usize = 16;

/// How strongly new files are compressed: fast, because they are written anew soon.
pub const APPEND_ZSTD_LEVEL: i32 = 3;

/// How strongly files are compressed when days are put together.
pub const COMPACT_ZSTD_LEVEL: i32 = 9;

/// How strongly the events of a day that is over are compressed: some 12,000 a second and core, which a day has once.
pub const EVENTS_ZSTD_LEVEL: i32 = 19;

/// Bytes of a page of columns: what a reader decompresses at least.
pub const PAGE_BYTES: usize = 256 * 1024;

/// Bytes of a page of event bodies, larger so that bodies that are alike are found in one page.
pub const BODY_PAGE_BYTES: usize = 1024 * 1024;

/// Small files of a day that is not over from which on they are put together.
pub const SMALL_FILES: usize = 16;

/// How long a day that is over must have had no new rows before it is put together, unless small files have gathered.
pub const LATE_ROWS_WAIT_MS: i64 = 10 * 60 * 1_000;

/// How many times as large as what came since files may be that are taken along when a day is put together.
pub const TIER_RATIO: u64 = 4;

/// Bytes of a day that is over up to which it is put together as a whole.
pub const WHOLE_DAY_BYTES: u64 = 1024 * 1024 * 1024;

/// Rows of a batch on its way through a sort.
pub const SORT_BATCH_ROWS: usize = 2_048;

/// Bytes of disk that rows on their way may take.
pub const SPILL_BYTES: u64 = 100 * 1024 * 1024 * 1024;

/// Bytes of memory that a file being written takes.
pub const WRITER_BYTES: usize = 96 * 1024 * 1024;

/// Times that an exchange of files is tried again because somebody made another version first.
pub const COMMIT_ATTEMPTS: usize = 50;

/// Sessions of a day from which on a rollup of it is made: fewer are read as fast.
pub const ROLLUP_SESSIONS: u64 = 2_000;

/// How long after a failure a piece of background work is left alone.
pub const RETRY_AFTER_MS: i64 = 10 * 60 * 1_000;

/// How often unreferenced files of a table are looked for.
pub const VACUUM_EVERY_MS: i64 = 6 * 60 * 60 * 1_000;
