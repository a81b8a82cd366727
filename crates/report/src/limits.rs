//! Every limit of queries, in one place.

use std::time::Duration;

/// Memory that all running queries may use together, bytes.
pub(crate) const MEMORY_BYTES: usize = 1024 * 1024 * 1024;

/// Memory that one query may use, bytes.
pub const QUERY_MEMORY_BYTES: usize = 512 * 1024 * 1024;

/// The divisor of that memory for the result of one SQL function over the rows that pass through it at a time.
pub(crate) const FUNCTION_PART: usize = 4;

/// How long one query may take.
pub(crate) const QUERY_TIME: Duration = Duration::from_secs(60);

/// Queries that run at a time.
pub const QUERIES: usize = 4;

/// Queries that wait for their turn.
pub(crate) const QUERIES_WAITING: usize = 64;

/// Rows that pass through a query at a time.
pub(crate) const BATCH_ROWS: usize = 8_192;

/// Bytes that queries may spill to disk, if they may spill at all.
pub const SPILL_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// Bytes of a query in SQL.
pub(crate) const SQL_BYTES: usize = 256 * 1024;

/// Operators, postfixes and the like in one expression of a query in SQL, including the expressions around it. Each may
/// nest in the one before it, and the query engine walks through them by recursion.
pub(crate) const SQL_EXPRESSION_PARTS: usize = 200;

/// Words of a query in SQL in a row, without a name's period, an operator, a comma or a bracket between them: some of them may
/// nest (`explain explain ...`, `interval interval ...`).
pub(crate) const SQL_WORDS: usize = 200;

/// Queries that one query in SQL becomes when those that `with` names are put in place of their names.
pub(crate) const SQL_NAMED_PARTS: u64 = 1_000;

/// How deep queries that `with` names may name each other.
pub(crate) const SQL_NAMED_DEPTH: u64 = 50;

/// Bytes of a pattern by which a value is written or read, as in `to_char(now(), 'YYYY')`: each row may become as long.
pub(crate) const SQL_PATTERN_BYTES: usize = 1_024;

/// How deep a type may nest that is given as a text, as in `arrow_cast(1, 'List(Int64)')`.
pub(crate) const SQL_TYPE_DEPTH: usize = 16;

/// Tables that one query in SQL joins, and queries that it unites, together.
pub(crate) const SQL_JOINS: usize = 100;

/// How long an export may take in all.
pub(crate) const EXPORT_TIME: Duration = Duration::from_secs(60 * 60);

/// How long the first row of an export may take.
pub(crate) const SORTED_EXPORT_TIME: Duration = Duration::from_secs(10 * 60);

/// Rows in a JSON response to a query in SQL; files have all.
pub(crate) const SQL_ROWS: u64 = 100_000;

/// Bytes in a JSON response to a query in SQL.
pub(crate) const SQL_RESPONSE_BYTES: u64 = 256 * 1024 * 1024;

/// Bytes of a response that are made at a time.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Values of one filter that are looked for in the sessions in memory themselves; with more, their rows are made and then filtered.
pub(crate) const WANTED_VALUES: usize = 2_000;

/// Metrics in one query.
pub const QUERY_METRICS: usize = 50;

/// Dimensions in one query (report contract, section 3).
pub(crate) const QUERY_DIMENSIONS: usize = 3;

/// Columns by which one query orders.
pub(crate) const QUERY_ORDERS: usize = 10;

/// Sessions on one page of a list.
pub const LISTED_SESSIONS: usize = 1_000;

/// Sessions on one page of a list that names no limit.
pub(crate) const USUAL_LISTED_SESSIONS: usize = 100;

/// Rows in the response to a query without a limit.
pub(crate) const QUERY_ROWS: usize = 1_000;

/// Rows that a query may request.
pub(crate) const MOST_QUERY_ROWS: usize = 100_000;

/// Bytes of a query's body.
pub const QUERY_BYTES: usize = 1024 * 1024;

/// Groups that a query may make before it is ordered and cut.
pub const QUERY_GROUPS: usize = 1_000_000;

/// Values in all groups of a query: with more metrics, fewer groups are allowed.
pub const QUERY_VALUES: usize = 8_000_000;

/// Buckets of time in one query.
pub(crate) const BUCKETS: usize = 100_000;

/// Conditions in the filters of one query.
pub const FILTER_CONDITIONS: usize = 100;

/// Conditions in one filter of open sessions, which is looked at for each of them and for each event.
pub(crate) const START_FILTER_CONDITIONS: usize = 8;

/// How deep `and` and `or` may nest.
pub const FILTER_DEPTH: usize = 5;

/// Values of one condition.
pub(crate) const FILTER_VALUES: usize = 1_000;

/// Bytes of one text in a filter.
pub const FILTER_TEXT_BYTES: usize = 4_096;

/// Bytes of a key of custom metadata that is a dimension.
pub(crate) const METADATA_KEY_BYTES: usize = 1_024;

/// Values that a panel breaks its numbers down into if the request has no limit; the others come together.
pub(crate) const USUAL_PANEL_GROUPS: usize = 10;

/// Values that a request may ask a panel to break its numbers down into.
pub(crate) const PANEL_GROUPS: usize = 50;

/// The default range of a panel that needs one, ms: a day.
pub(crate) const USUAL_PANEL_RANGE_MS: i64 = 24 * 60 * 60 * 1_000;

/// Points of a concurrency series: seven days by second, or 420 days by minute.
pub(crate) const CONCURRENCY_POINTS: u32 = 7 * 24 * 60 * 60;

/// Points of all series of one concurrency response: with a breakdown, each series may have fewer.
pub(crate) const CONCURRENCY_VALUES: usize = 4_000_000;

/// Buckets of time in a panel: 34 days of 5 minutes, 416 days of hours.
pub(crate) const PANEL_BUCKETS: usize = 10_000;

/// Seconds of a content that panels cover: the longest audiobooks have 400,000.
pub(crate) const CONTENT_SECONDS: u32 = 500_000;

/// Names of an id that a response lists beside the latest one.
pub(crate) const NAMES_LISTED: usize = 5;

/// Ids up to which their names are looked for among the rows of these ids only; for more, all rows are as quick.
pub(crate) const SELECTED_IDS: usize = 1_000;

/// Bytes that the groups of a query may take.
pub(crate) const QUERY_GROUP_BYTES: usize = 256 * 1024 * 1024;

/// Dimensions that one request looks through for what got worse.
pub(crate) const WORSENED_DIMENSIONS: usize = 20;

/// Values of each of them that are looked at: those with the most affected sessions.
pub(crate) const WORSENED_VALUES: usize = 1_000;

/// Buckets of bitrates that the quality panel distinguishes.
pub(crate) const PANEL_BITRATES: usize = 500;

/// Positions of ads in their breaks and of breaks in their contents that the ads panel distinguishes.
pub(crate) const PANEL_POSITIONS: usize = 500;
