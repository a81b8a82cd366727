//! Rows of sessions, ads, chapters and errors as Arrow batches: from the rows of a session in memory, and from the JSON
//! in which a closed session leaves them in the journal. Both give the same batch.

pub(crate) mod column_builder;
pub(crate) mod event_rows;
pub(crate) mod row_json;

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use playhead_protocol::ParamId;
use playhead_protocol::time::DAY_MS;
use playhead_session::{AD_EVENTS, CHAPTER_EVENTS, Cell, RowCells, SessionRows, view_columns};
use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::Error;
use crate::rows::column_builder::{ColumnBuilder, Input, time_ms};
use crate::tables::{DAY, Kind, Table, VISITOR_KEY};

/// How far behind its arrival a session's start may lie and still choose the session's partition.
const LATEST_ARRIVAL_MS: i64 = 30 * DAY_MS;

/// How far ahead of its arrival a session's start may lie and still choose the session's partition.
const EARLIEST_ARRIVAL_MS: i64 = DAY_MS;

/// The columns that say who watched, the first that is not empty counting.
pub const VISITOR_COLUMNS: [&str; 4] =
    ["marketing_cloud_user_id", "visitor_id", "app_installation_id", "session_id"];

/// The day since the epoch under which a session's rows are kept. Devices with clocks that are far off must not make
/// partitions at will, so those count by their arrival.
pub fn partition_day(started_at_ms: i64, received_at_ms: i64) -> i64 {
    let is_plausible = started_at_ms >= received_at_ms.saturating_sub(LATEST_ARRIVAL_MS)
        && started_at_ms <= received_at_ms.saturating_add(EARLIEST_ARRIVAL_MS);
    let counted_ms = if is_plausible { started_at_ms } else { received_at_ms };
    counted_ms.div_euclid(DAY_MS)
}

/// Who watched, as a number.
pub fn visitor_key(visitor: &str) -> i64 {
    xxh3_64(visitor.as_bytes()).cast_signed()
}

/// Collects rows of one table.
#[derive(Debug)]
pub struct RowsBuilder {
    table: Table,
    columns: Vec<Column>,
    schema: SchemaRef,
    rows: usize,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    kind: Kind,
    origin: Origin,
    builder: ColumnBuilder,
    /// Where the row's cells had it last time.
    place: usize,
}

/// Where a column's values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Day,
    VisitorKey,
    /// The place of the view in its session.
    Number,
    /// The session's row.
    Session,
    /// The row of the ad, chapter or error.
    View,
}

/// A row, from where it comes.
#[derive(Clone, Copy)]
enum Row<'a> {
    Cells(&'a [(&'static str, Cell<'a>)]),
    Json(&'a Map<String, Value>),
}

impl<'a> Row<'a> {
    fn get(self, name: &str, place: &mut usize) -> Input<'a> {
        match self {
            Self::Cells(cells) => {
                if cells.get(*place).is_none_or(|(found, _)| *found != name) {
                    let Some(found) = cells.iter().position(|(found, _)| *found == name) else {
                        return Input::Null;
                    };
                    *place = found;
                }
                Input::Cell(&cells[*place].1)
            }
            Self::Json(row) => row.get(name).map_or(Input::Null, Input::Json),
        }
    }

    fn text(self, name: &str) -> Option<&'a str> {
        match self.get(name, &mut 0) {
            Input::Cell(Cell::Text(text)) => Some(text),
            Input::Json(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    fn time_ms(self, name: &str) -> i64 {
        time_ms(self.get(name, &mut 0)).unwrap_or(0)
    }
}

/// The JSON of a session's row, read.
#[derive(Debug)]
pub(crate) struct JsonRow(Map<String, Value>);

impl JsonRow {
    /// Reads the JSON of a session's row.
    ///
    /// # Errors
    ///
    /// [`Error::Row`] when it is none.
    pub(crate) fn parse(row: &str) -> Result<Self, Error> {
        let row: Map<String, Value> = serde_json::from_str(row).map_err(Error::Row)?;
        let has = |name: &str| row.get(name).is_some_and(Value::is_string);
        // Without these it would be a row that no question finds again, in a partition of 1970.
        if let Some(missing) = ["session_id", "started_at", "received_at"].iter().find(|name| !has(name)) {
            return Err(Error::Row(serde::de::Error::missing_field(missing)));
        }
        Ok(Self(row))
    }
}

impl RowsBuilder {
    /// A builder of rows of `table`, which is not `events`; with the columns at these places only, when they are given.
    pub fn new(table: Table, projection: Option<&[usize]>) -> Self {
        let all = table.columns();
        let places: Vec<usize> = projection.map_or_else(|| (0..all.len()).collect(), <[usize]>::to_vec);
        let columns = places
            .iter()
            .filter_map(|&place| all.get(place))
            .map(|column| Column {
                name: column.name,
                kind: column.kind,
                origin: origin(table, column.name),
                builder: ColumnBuilder::new(column.kind),
                place: 0,
            })
            .collect();
        let full = table.schema();
        let fields: Vec<_> = places.iter().filter_map(|&place| full.fields().get(place).cloned()).collect();
        Self { table, columns, schema: Arc::new(Schema::new(fields)), rows: 0 }
    }

    /// Rows added since the last batch.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether no row was added since the last batch.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The schema of the batches.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Adds what a session has of this table's rows.
    pub fn push(&mut self, rows: &SessionRows) {
        let cells: Vec<_> = rows.session.cells().collect();
        let session = Row::Cells(&cells);
        let metadata = &rows.session.custom_metadata;
        match self.table {
            Table::Sessions => self.push_row(session, None, 0),
            Table::Ads => {
                let views: Vec<_> = rows.ads.iter().map(|ad| ad.cells(metadata)).collect();
                self.push_views(session, &views);
            }
            Table::Chapters => {
                let views: Vec<_> = rows.chapters.iter().map(|chapter| chapter.cells(metadata)).collect();
                self.push_views(session, &views);
            }
            Table::Errors => {
                let views: Vec<_> = rows.errors.iter().map(|error| error.cells()).collect();
                self.push_views(session, &views);
            }
            Table::Events => {}
        }
    }

    fn push_views(&mut self, session: Row<'_>, views: &[RowCells<'_>]) {
        for (index, view) in views.iter().enumerate() {
            self.push_row(session, Some(Row::Cells(&view.0)), index + 1);
        }
    }

    /// Adds what a session has of this table's rows, from the JSON of its row.
    ///
    /// # Errors
    ///
    /// [`Error::Row`] when it is not the JSON of a session's row.
    pub fn push_json(&mut self, row: &str) -> Result<(), Error> {
        let row = JsonRow::parse(row)?;
        self.push_json_from(&row, 0, usize::MAX);
        Ok(())
    }

    /// Adds what a session has of this table's rows from the `first` one on, until the texts of all rows added since the
    /// last batch have `bytes` bytes. Returns the row to go on with after the next batch, if there is one.
    pub(crate) fn push_json_from(&mut self, row: &JsonRow, first: usize, bytes: usize) -> Option<usize> {
        let session = Row::Json(&row.0);
        let views = match self.table {
            Table::Sessions => {
                self.push_row(session, None, 0);
                return None;
            }
            table => row.0.get(table.name()).and_then(Value::as_array)?,
        };
        let mut views = views.iter().filter_map(Value::as_object).enumerate().skip(first);
        while let Some((index, view)) = views.next() {
            self.push_row(session, Some(Row::Json(view)), index + 1);
            if self.text_bytes() >= bytes {
                return views.next().map(|(index, _)| index);
            }
        }
        None
    }

    /// Bytes of the texts of all rows added since the last batch.
    pub(crate) fn text_bytes(&self) -> usize {
        self.columns.iter().map(|column| column.builder.text_bytes()).sum()
    }

    fn push_row(&mut self, session: Row<'_>, view: Option<Row<'_>>, number: usize) {
        for column in &mut self.columns {
            match column.origin {
                Origin::Day => {
                    let day = partition_day(session.time_ms("started_at"), session.time_ms("received_at"));
                    column.builder.append_integer(day);
                }
                Origin::VisitorKey => {
                    let visitor = VISITOR_COLUMNS
                        .iter()
                        .filter_map(|name| session.text(name))
                        .find(|text| !text.is_empty());
                    column.builder.append_integer(visitor_key(visitor.unwrap_or_default()));
                }
                Origin::Number => column.builder.append_integer(number as i64),
                Origin::Session => column.builder.append(session.get(column.name, &mut column.place)),
                Origin::View => {
                    let input = view.map_or(Input::Null, |view| view.get(column.name, &mut column.place));
                    column.builder.append(input);
                }
            }
        }
        self.rows += 1;
    }

    /// The rows added since the last batch.
    ///
    /// # Errors
    ///
    /// [`Error::Arrow`] when they make no batch, which does not happen.
    pub fn finish(&mut self) -> Result<RecordBatch, Error> {
        let columns: Vec<ArrayRef> = self
            .columns
            .iter_mut()
            .map(|column| column.builder.finish(column.kind))
            .collect::<Result<_, _>>()
            .map_err(Error::Arrow)?;
        let options = RecordBatchOptions::new().with_row_count(Some(std::mem::take(&mut self.rows)));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options).map_err(Error::Arrow)
    }
}

fn origin(table: Table, name: &str) -> Origin {
    let is_named = |column: (ParamId, &'static str)| column.1 == name;
    let is_of_view =
        matches!(name, "ad_started_at" | "chapter_started_at" | "time_played" | "end" | "custom_metadata");
    let is_views = match table {
        Table::Ads => is_of_view || view_columns(AD_EVENTS).any(is_named),
        Table::Chapters => is_of_view || view_columns(CHAPTER_EVENTS).any(is_named),
        Table::Errors => matches!(name, "error_id" | "source" | "at" | "playhead"),
        Table::Sessions | Table::Events => false,
    };
    match name {
        DAY => Origin::Day,
        VISITOR_KEY => Origin::VisitorKey,
        "ad_number" | "chapter_number" | "error_number" => Origin::Number,
        _ if is_views => Origin::View,
        _ => Origin::Session,
    }
}
