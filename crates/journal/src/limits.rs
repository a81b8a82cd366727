//! Every limit of the journal, in one place.

/// Bytes of one group, entries and header together. A commit whose events need more is refused; it is far above
/// what the collection endpoints let into one commit, and far below what SQLite takes as one value.
pub const MAX_GROUP_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of the checkpoint state of one open session.
pub(crate) const MAX_STATE_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of the rows of one closed session.
pub(crate) const MAX_ROW_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of a key for [`Journal::meta_set`](crate::Journal::meta_set).
pub(crate) const MAX_META_KEY_BYTES: usize = 128;

/// Bytes of a value for [`Journal::meta_set`](crate::Journal::meta_set), and of
/// [`Commit::accounting`](crate::Commit::accounting).
pub const MAX_META_VALUE_BYTES: usize = 1024 * 1024;

/// Rows of one page of closed sessions or of the outbox; a higher limit asked for is taken as this one.
pub(crate) const MAX_PAGE_ROWS: usize = 10_000;

/// Events returned for one session or in one page; a higher limit asked for is taken as this one.
pub const MAX_SESSION_EVENTS: usize = 1_000_000;

/// Bytes of bodies after which a page of events ends.
pub(crate) const PAGE_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// Groups or closed sessions removed by one call; a higher limit asked for is taken as this one. Keeps the
/// transaction of a trim short beside the commits that wait for it.
pub(crate) const MAX_TRIM_ROWS: usize = 10_000;

/// States of closed sessions that are removed together at the latest, so that those that lie side by side go at once.
pub(crate) const CLOSED_STATES_TOGETHER: usize = 262_144;

/// Calls of the maintenance after which they are removed however few they are.
pub(crate) const CLOSED_STATES_CALLS: u32 = 60;

/// States of closed sessions removed by one maintenance call.
pub(crate) const CLOSED_STATES_PER_MAINTENANCE: usize = 4_096;

/// Findings that a verification lists before it stops.
pub(crate) const MAX_FINDINGS: usize = 1_000;

/// Bytes of the write-ahead log not yet copied into the database from which on a copy is due.
pub(crate) const COPY_AFTER_BYTES: u64 = 32 * 1024 * 1024;

/// Bytes of the write-ahead log from which on it is started over, even if that means waiting for readers a moment.
pub(crate) const RESTART_AFTER_BYTES: u64 = 256 * 1024 * 1024;

/// Bytes to which the file of the write-ahead log is cut back when it starts over.
pub(crate) const WAL_KEPT_BYTES: u64 = 64 * 1024 * 1024;

/// How long starting the write-ahead log over waits for readers, in milliseconds, before it is put off.
pub(crate) const RESTART_WAIT_MS: u64 = 250;

/// How long any other statement waits for a lock of another process, in milliseconds.
pub(crate) const BUSY_WAIT_MS: u64 = 5_000;

/// Bytes of a page of the database file.
pub const PAGE_BYTES: u64 = 8192;

/// Memory for pages of the writing connection, in KiB.
pub(crate) const WRITER_CACHE_KIB: u32 = 16 * 1024;

/// Memory for pages of each reading connection, in KiB.
pub(crate) const READER_CACHE_KIB: u32 = 4 * 1024;

/// Free pages are given back to the file system once they are more than this share of the file, in percent.
pub(crate) const FREE_PAGES_KEPT_PERCENT: u64 = 25;

/// Free pages that are kept whatever their share, because the next commits fill them.
pub const FREE_PAGES_KEPT: u64 = 1_024;

/// Free pages given back by one maintenance call, so that it stays short beside the commits that wait for it.
pub(crate) const FREE_PAGES_PER_MAINTENANCE: u64 = 512;
