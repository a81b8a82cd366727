//! The shapes of responses that are not written by a derive: the catalogue, the rows of queries and statements, and
//! errors. A test holds real responses against them.

use std::collections::BTreeMap;

use playhead_report::AlsoKnownAs;
use schemars::JsonSchema;

/// Everything that a query can name.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, made from the fields")]
pub(crate) struct Catalogue {
    metrics: Vec<MetricEntry>,
    state_metrics: StateMetrics,
    dimensions: Vec<DimensionEntry>,
    metadata_dimensions: MetadataDimensions,
    segments: Vec<NamedEntry>,
    operators: Vec<NamedEntry>,
    granularities: Vec<Granularity>,
    limits: QueryLimits,
    /// The time zone of a query that names none.
    time_zone: String,
    /// The release of the IANA database that all time zones are from, such as 2026a.
    time_zone_database: String,
}

/// A metric.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, made from the fields")]
struct MetricEntry {
    name: String,
    aliases: Vec<String>,
    unit: Unit,
    #[schemars(extend("enum" = ["integer", "number"]))]
    r#type: String,
    definition: String,
    formula: String,
    source: String,
    facts: Vec<Fact>,
    /// Whether sessions can be filtered and ordered by it: its value in each session alone.
    can_filter: bool,
    /// Whether its values over parts of the sessions add up to that over all of them, as numbers of starts do and numbers of
    /// visitors do not.
    adds_up: bool,
    /// Whether it is 0, and not null, where nothing was counted.
    is_zero_without_rows: bool,
    is_exact: bool,
}

/// Metrics of any player state.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a schema, made from the fields")]
struct StateMetrics {
    patterns: Vec<String>,
    prefix: String,
    definition: String,
}

/// A dimension.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, made from the fields")]
struct DimensionEntry {
    name: String,
    aliases: Vec<String>,
    r#type: ValueType,
    definition: String,
    facts: Vec<Fact>,
    can_break_down: bool,
    is_list: bool,
    is_caseless: bool,
    /// The dimension that names its values, such as `content_name` those of `content_id`; null if none does.
    named_by: Option<String>,
    /// Whether live numbers and lists of sessions can be filtered by it: a text that `sessionStart` gives.
    filters_open_sessions: bool,
}

/// Dimensions of custom metadata.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a schema, made from the fields")]
struct MetadataDimensions {
    pattern: String,
    definition: String,
}

/// A segment or an operator.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, made from the fields")]
struct NamedEntry {
    name: String,
    definition: String,
}

/// The limits of a query.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a schema, made from the fields")]
struct QueryLimits {
    metrics: usize,
    dimensions: usize,
    conditions: usize,
    values: usize,
    rows: usize,
    buckets: usize,
}

/// The unit of a metric.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema, made from the variants")]
enum Unit {
    Count,
    Seconds,
    Ms,
    Ratio,
    Bitrate,
    Frames,
    FramesPerSecond,
    Viewers,
    Points,
}

/// The table over which a metric is counted.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema, made from the variants")]
enum Fact {
    Sessions,
    Ads,
    Chapters,
    Errors,
}

/// The type of a dimension's values.
#[derive(JsonSchema)]
#[schemars(rename = "DimensionType", rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema, made from the variants")]
enum ValueType {
    Text,
    Boolean,
    Integer,
    Number,
    Time,
}

/// The step of a series.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema, made from the variants")]
enum Granularity {
    None,
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

/// Metrics by dimensions and time.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, made from the fields")]
pub(crate) struct Answer {
    columns: Vec<AnswerColumn>,
    rows: Vec<Vec<Cell>>,
    /// Each metric over everything that was counted.
    totals: BTreeMap<String, Cell>,
    /// Rows without a limit.
    row_count_total: usize,
    /// Whether the limit left no row out.
    is_complete: bool,
    time_zone: String,
    /// Sessions that started in the range and are left out because an operator excluded them, whatever the filters.
    excluded_sessions: u64,
    /// Of each row, whether its bucket of time holds moments outside the range, or that have not come yet; null without
    /// buckets of time.
    is_partial: Option<Vec<bool>>,
    /// Other names of the ids in the rows, of those that have some; null unless the query asks for names.
    also_known_as: Option<Vec<AlsoKnownAs>>,
}

/// A column of a query's rows.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, made from the fields")]
struct AnswerColumn {
    name: String,
    #[schemars(extend("enum" = ["time", "dimension", "name", "metric"]))]
    kind: String,
    r#type: ValueType,
    /// Of a metric only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Unit")]
    unit: Option<Unit>,
}

/// A value in a query's rows.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "a schema, made from the variants")]
enum Cell {
    Text(String),
    Number(f64),
    Boolean(bool),
    Null(()),
}

/// The rows of a statement.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, made from the fields")]
pub(crate) struct Rows {
    columns: Vec<RowsColumn>,
    rows: Vec<Vec<SqlValue>>,
    /// Whether there are more rows than these.
    is_truncated: bool,
}

/// A column of a statement's rows.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a schema, made from the fields")]
struct RowsColumn {
    name: String,
    /// Its type in SQL.
    r#type: String,
}

/// A value in a statement's rows.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "a schema, made from the variants")]
enum SqlValue {
    Text(String),
    Number(f64),
    Boolean(bool),
    Null(()),
    List(Vec<SqlValue>),
    Map(BTreeMap<String, SqlValue>),
}

/// A request that was refused.
#[derive(JsonSchema)]
#[schemars(rename = "Error")]
#[expect(dead_code, reason = "a schema, made from the fields")]
pub(crate) struct ErrorResponse {
    message: String,
    /// All faults of an invalid request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Fault>")]
    errors: Option<Vec<Fault>>,
}

/// A fault of a request.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, made from the fields")]
struct Fault {
    /// A JSON path, or the name of a parameter.
    path: String,
    message: String,
}
