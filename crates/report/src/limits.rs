//! Every limit of questions, in one place.

use std::time::Duration;

/// Memory that all questions under way may have together, bytes.
pub const MEMORY_BYTES: usize = 1024 * 1024 * 1024;

/// Memory that one question may have, bytes.
pub const QUERY_MEMORY_BYTES: usize = 512 * 1024 * 1024;

/// What part of that a function of SQL may make, at most, of the rows that pass through it at a time: one in so many.
pub const FUNCTION_PART: usize = 4;

/// How long one question may take.
pub const QUERY_TIME: Duration = Duration::from_secs(60);

/// Queries that are answered at a time.
pub const QUERIES: usize = 4;

/// Queries that wait for their turn.
pub const QUERIES_WAITING: usize = 64;

/// Rows that pass through a question at a time.
pub const BATCH_ROWS: usize = 8_192;

/// Bytes that one question may put down on disk, where it may.
pub const SPILL_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// Bytes of a query in SQL.
pub const SQL_BYTES: usize = 256 * 1024;

/// How many operators, postfixes and the like may stand in one expression of a query in SQL, with all that it stands in.
/// Each may lie in the one before it, and the query engine goes through them by recursion.
pub const SQL_EXPRESSION_PARTS: usize = 200;

/// Tables that one query in SQL joins and queries that it unites, together.
pub const SQL_JOINS: usize = 100;

/// How long an export may take: as long as somebody takes it.
pub const EXPORT_TIME: Duration = Duration::from_secs(60 * 60);

/// How long it may take until the first row of an export comes.
pub const SORTED_EXPORT_TIME: Duration = Duration::from_secs(10 * 60);

/// Rows in an answer to a query in SQL.
pub const SQL_ROWS: u64 = 100_000;

/// Bytes in an answer to a query in SQL.
pub const SQL_ANSWER_BYTES: u64 = 256 * 1024 * 1024;

/// Bytes of an answer that are made at a time.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Metrics in one query.
pub const QUERY_METRICS: usize = 50;

/// Dimensions in one query (report contract, section 3).
pub const QUERY_DIMENSIONS: usize = 3;

/// Columns by which one query orders.
pub const QUERY_ORDERS: usize = 10;

/// Rows in an answer to a query that names no limit.
pub const QUERY_ROWS: usize = 1_000;

/// Rows that a query may ask for.
pub const MOST_QUERY_ROWS: usize = 100_000;

/// Bytes of a query's body.
pub const QUERY_BYTES: usize = 1024 * 1024;

/// Groups that a query may make before it is ordered and cut.
pub const QUERY_GROUPS: usize = 1_000_000;

/// Values in all groups of a query: with more metrics, there may be fewer groups.
pub const QUERY_VALUES: usize = 8_000_000;

/// Buckets of time that one question may have.
pub const BUCKETS: usize = 100_000;

/// Conditions in the filters of one question.
pub const FILTER_CONDITIONS: usize = 100;

/// How deep `and` and `or` may stand in each other.
pub const FILTER_DEPTH: usize = 5;

/// Values of one condition.
pub const FILTER_VALUES: usize = 1_000;

/// Bytes of one text to filter by.
pub const FILTER_TEXT_BYTES: usize = 4_096;

/// Bytes of a key of custom metadata that is a dimension.
pub const METADATA_KEY_BYTES: usize = 1_024;

/// Values that a panel breaks its numbers down into when the question names no limit; the others come together.
pub const USUAL_PANEL_GROUPS: usize = 10;

/// Values that a panel may be asked to break its numbers down into.
pub const PANEL_GROUPS: usize = 50;

/// The range of a panel that needs one when the question names none, ms: a day.
pub const USUAL_PANEL_RANGE_MS: i64 = 24 * 60 * 60 * 1_000;

/// Points of a concurrency series: seven days by second, or 420 days by minute.
pub const CONCURRENCY_POINTS: u32 = 7 * 24 * 60 * 60;

/// Points of all series of one answer on concurrency: with a breakdown, there may be fewer of them each.
pub const CONCURRENCY_VALUES: usize = 4_000_000;

/// Buckets of time in a panel: 34 days of 5 minutes, 416 days of hours.
pub const PANEL_BUCKETS: usize = 10_000;

/// Seconds of a content that panels look at: the longest audiobooks have 400,000.
pub const CONTENT_SECONDS: u32 = 500_000;

/// Bytes that the groups of a query may take.
pub const QUERY_GROUP_BYTES: usize = 256 * 1024 * 1024;

/// Buckets of bitrates that the quality panel tells apart.
pub const PANEL_BITRATES: usize = 500;

/// Positions of ads in their breaks and of breaks in their contents that the ads panel tells apart.
pub const PANEL_POSITIONS: usize = 500;
