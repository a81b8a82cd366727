//! The tables and their columns, made from the table of parameters and the table of session columns, so that each column
//! has its name, type and meaning in one place.

pub(crate) mod definition;
pub(crate) mod exclusion_table;
pub(crate) mod reference;
pub mod rollup_tables;

use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use playhead_protocol::{ParamId, ValueType};
use playhead_session::{AD_EVENTS, CHAPTER_EVENTS, ColumnType, SESSION_COLUMNS, start_columns, view_columns};

/// The partition column of every table.
pub const DAY: &str = "day";
/// The visitor as a number, for the metric `visitors`.
pub const VISITOR_KEY: &str = "visitor_key";

/// A table of rows (report contract, section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// One row for each session.
    Sessions,
    /// One row for each ad view.
    Ads,
    /// One row for each chapter view.
    Chapters,
    /// One row for each error.
    Errors,
    /// One row for each accepted event, as it was received.
    Events,
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A truth value.
    Boolean,
    /// A whole number of 64 bits.
    Integer,
    /// A 64-bit float.
    Number,
    /// A moment in UTC; microseconds, of which the last three digits are zero.
    Time,
    /// A day in UTC.
    Day,
    /// A list of texts.
    Texts,
    /// A map of texts.
    TextMap,
    /// A list of `{name, count, time}`, time in seconds.
    States,
    /// A list of `{from, to}`, moments.
    TimeSpans,
    /// A list of `{from, to}`, content seconds.
    ContentSpans,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct TableColumn {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its meaning, with its unit; the comment of the column in the files.
    pub meaning: String,
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 5] = [Self::Sessions, Self::Ads, Self::Chapters, Self::Errors, Self::Events];

    /// Its name, everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Ads => "ads",
            Self::Chapters => "chapters",
            Self::Errors => "errors",
            Self::Events => "events",
        }
    }

    /// The table of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The meaning of one row.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Sessions => "One row for each session.",
            Self::Ads => "One row for each ad view, with the dimensions of its session.",
            Self::Chapters => "One row for each chapter view, with the dimensions of its session.",
            Self::Errors => "One row for each error, with the dimensions of its session.",
            Self::Events => "One row for each accepted event, as it was received.",
        }
    }

    /// Its columns, in order.
    pub fn columns(self) -> &'static [TableColumn] {
        static COLUMNS: LazyLock<[Vec<TableColumn>; 5]> = LazyLock::new(|| Table::ALL.map(columns_of));
        &COLUMNS[self as usize]
    }

    /// The place of a column.
    pub fn column_index(self, name: &str) -> Option<usize> {
        self.columns().iter().position(|column| column.name == name)
    }

    /// Its schema, with column comments.
    pub fn schema(self) -> SchemaRef {
        static SCHEMAS: LazyLock<[SchemaRef; 5]> = LazyLock::new(|| {
            Table::ALL.map(|table| {
                Arc::new(Schema::new(table.columns().iter().map(TableColumn::field).collect::<Fields>()))
            })
        });
        SCHEMAS[self as usize].clone()
    }

    /// The columns by which the rows of a file are sorted: those that queries filter by.
    pub const fn sort_columns(self) -> &'static [&'static str] {
        match self {
            Self::Events => &["session_id", "sequence"],
            Self::Sessions => &["report_suite", "content_id", "started_at", "session_id"],
            Self::Ads => &["report_suite", "content_id", "started_at", "session_id", "ad_number"],
            Self::Chapters => &["report_suite", "content_id", "started_at", "session_id", "chapter_number"],
            Self::Errors => &["report_suite", "content_id", "started_at", "session_id", "error_number"],
        }
    }

    /// The columns whose lowest and highest values the log keeps for each file, so that readers can skip files.
    pub const fn pruning_columns(self) -> &'static [&'static str] {
        match self {
            Self::Events => &["session_id", "sequence", "received_at", "ts"],
            Self::Sessions => {
                &["session_id", "report_suite", "content_id", "started_at", "last_event_at", "received_at"]
            }
            _ => &["session_id", "report_suite", "content_id", "started_at"],
        }
    }

    /// The column to which the time range of a query applies.
    pub const fn time_column(self) -> &'static str {
        match self {
            Self::Events => "received_at",
            _ => "started_at",
        }
    }
}

impl TableColumn {
    /// The column as an Arrow field, with its meaning as the comment.
    pub fn field(&self) -> Field {
        // All columns are nullable: a row may lack any value.
        Field::new(self.name, self.kind.data_type(), true)
            .with_metadata([("comment".to_owned(), self.meaning.clone())].into())
    }
}

impl Kind {
    /// The Arrow type.
    pub fn data_type(self) -> DataType {
        let list = |fields: Vec<Field>| {
            let item = Field::new("element", DataType::Struct(fields.into()), true);
            DataType::List(Arc::new(item))
        };
        match self {
            Self::Text => DataType::Utf8,
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Time => time_type(),
            Self::Day => DataType::Date32,
            Self::Texts => DataType::List(Arc::new(Field::new("element", DataType::Utf8, true))),
            Self::TextMap => DataType::Map(
                Arc::new(Field::new("key_value", DataType::Struct(text_map_fields()), false)),
                false,
            ),
            Self::States => list(vec![
                Field::new("name", DataType::Utf8, true),
                Field::new("count", DataType::Int64, true),
                Field::new("time", DataType::Float64, true),
            ]),
            Self::TimeSpans => {
                list(vec![Field::new("from", time_type(), true), Field::new("to", time_type(), true)])
            }
            Self::ContentSpans => list(vec![
                Field::new("from", DataType::Float64, true),
                Field::new("to", DataType::Float64, true),
            ]),
        }
    }

    /// The type in words, for docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Time => "time (UTC, ms)",
            Self::Day => "day (UTC)",
            Self::Texts => "list of texts",
            Self::TextMap => "map of texts",
            Self::States => "list of {name, count, time}",
            Self::TimeSpans => "list of {from, to}, times",
            Self::ContentSpans => "list of {from, to}, content seconds",
        }
    }
}

/// Moments in microseconds, because the table format does not have milliseconds.
pub(crate) fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

pub(crate) fn text_map_fields() -> Fields {
    vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Utf8, true)].into()
}

fn columns_of(table: Table) -> Vec<TableColumn> {
    let mut columns = vec![column(DAY, Kind::Day, day_meaning(table))];
    match table {
        Table::Sessions => {
            columns.extend(session_dimensions());
            columns.push(visitor_key());
            columns.extend(SESSION_COLUMNS.iter().map(|session_column| {
                column(
                    session_column.name,
                    kind_of_column(session_column.column_type),
                    session_column.meaning,
                )
            }));
        }
        Table::Ads => {
            columns.extend(view_start());
            columns.push(column("ad_number", Kind::Integer, "Which ad of the session it is, from 1."));
            columns.extend(view_columns(AD_EVENTS).map(param_column));
            columns.extend(view_end("ad_started_at", "ad"));
        }
        Table::Chapters => {
            columns.extend(view_start());
            columns.push(column(
                "chapter_number",
                Kind::Integer,
                "Which chapter of the session it is, from 1.",
            ));
            columns.extend(view_columns(CHAPTER_EVENTS).map(param_column));
            columns.extend(view_end("chapter_started_at", "chapter"));
        }
        Table::Errors => {
            columns.extend(view_start());
            columns.push(column("error_number", Kind::Integer, "Which error of the session it is, from 1."));
            columns.push(column(
                "error_id",
                Kind::Text,
                "The player's id of the error; null when it sent none.",
            ));
            columns.push(column("source", Kind::Text, "player, external, or what else the player wrote."));
            columns.push(column(
                "at",
                Kind::Time,
                "When it happened, by the device's clock, corrected where that is wrong.",
            ));
            columns.push(column("playhead", Kind::Number, "Its playhead, seconds, as sent."));
            columns.push(column("custom_metadata", Kind::TextMap, "The session's custom metadata."));
        }
        Table::Events => columns.extend(event_columns()),
    }
    columns
}

fn column(name: &'static str, kind: Kind, meaning: impl Into<String>) -> TableColumn {
    TableColumn { name, kind, meaning: meaning.into() }
}

const fn day_meaning(table: Table) -> &'static str {
    match table {
        Table::Events => "The UTC day on which it arrived; the tables are partitioned by it.",
        _ => {
            "The UTC day of the session's start, or of its arrival where the device's clock is more than 30 days \
             behind or a day ahead; the tables are partitioned by it."
        }
    }
}

fn session_id() -> TableColumn {
    column("session_id", Kind::Text, "The id in Location: 64 hexadecimal digits.")
}

fn visitor_key() -> TableColumn {
    column(
        VISITOR_KEY,
        Kind::Integer,
        "Who watched, as a 64-bit fingerprint of marketing_cloud_user_id, else visitor_id, else app_installation_id, \
         else session_id, each where it is not empty, together with which of them it is; what the metric visitors \
         counts.",
    )
}

/// The columns that every row has from its session.
fn session_dimensions() -> impl Iterator<Item = TableColumn> {
    std::iter::once(session_id()).chain(start_columns().map(param_column))
}

fn view_start() -> impl Iterator<Item = TableColumn> {
    session_dimensions().chain([
        visitor_key(),
        column(
            "started_at",
            Kind::Time,
            "When the session began, by the device's clock, corrected where that is wrong.",
        ),
        column("is_open", Kind::Boolean, "Whether the session may still change."),
    ])
}

fn view_end(started_at: &'static str, what: &str) -> [TableColumn; 4] {
    [
        column(
            started_at,
            Kind::Time,
            format!("When the {what} began, by the device's clock, corrected where that is wrong."),
        ),
        column("time_played", Kind::Number, "Seconds for which it played."),
        column("end", Kind::Text, "completed, skipped or not_completed; null while open."),
        column(
            "custom_metadata",
            Kind::TextMap,
            format!("The session's custom metadata with the {what}'s own laid over it."),
        ),
    ]
}

fn event_columns() -> [TableColumn; 10] {
    [
        session_id(),
        column("sequence", Kind::Integer, "Its place in the order of arrival at its server, from 1."),
        column("received_at", Kind::Time, "When it arrived, by the server's clock."),
        column("event_type", Kind::Text, "Its type, such as ping."),
        column("ts", Kind::Time, "When it happened, as the device's clock said."),
        column("playhead", Kind::Number, "Its playhead, seconds, as sent."),
        column("body", Kind::Text, "The event as it was received, JSON."),
        column("source", Kind::Text, "The door through which it came: collection_v1, edge or downloaded."),
        column("is_end_of_batch", Kind::Boolean, "It was the last event of a batch that came as one."),
        column("server", Kind::Text, "The data directory whose server took it in; sequences are its own."),
    ]
}

fn param_column((id, name): (ParamId, &'static str)) -> TableColumn {
    let param = id.param();
    column(name, kind_of_param(param.value_type), format!("{} ({})", param.meaning, param.key))
}

const fn kind_of_param(value_type: ValueType) -> Kind {
    match value_type {
        ValueType::String => Kind::Text,
        ValueType::Number => Kind::Number,
        ValueType::Integer => Kind::Integer,
        ValueType::Boolean => Kind::Boolean,
        ValueType::Object | ValueType::Array => Kind::Text,
    }
}

const fn kind_of_column(column_type: ColumnType) -> Kind {
    match column_type {
        ColumnType::Text => Kind::Text,
        ColumnType::Boolean => Kind::Boolean,
        ColumnType::Count | ColumnType::Milliseconds => Kind::Integer,
        ColumnType::Number | ColumnType::Seconds => Kind::Number,
        ColumnType::Time => Kind::Time,
        ColumnType::Texts => Kind::Texts,
        ColumnType::TextMap => Kind::TextMap,
        ColumnType::States => Kind::States,
        ColumnType::TimeSpans => Kind::TimeSpans,
        ColumnType::ContentSpans => Kind::ContentSpans,
    }
}
