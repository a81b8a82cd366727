//! Rows of sessions, ads, chapters and errors as Arrow batches: from the rows of a session in memory, and from what
//! a closed session leaves of them in the journal. Both give the same batch.

pub(crate) mod column_builder;
pub(crate) mod event_rows;
pub(crate) mod row_json;

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use playhead_protocol::ParamId;
use playhead_protocol::time::DAY_MS;
use playhead_session::{
    AD_EVENTS, CHAPTER_EVENTS, Cell, ColumnChoice, ReadRows, RowCells, RowOf, RowsOf, Session, Visitor,
    view_columns,
};

use crate::error::Error;
use crate::rows::column_builder::ColumnBuilder;
use crate::tables::{DAY, Kind, Table, VISITOR_KEY};

/// How far behind its arrival a session's start may lie and still choose the session's partition.
const LATEST_ARRIVAL_MS: i64 = 30 * DAY_MS;

/// How far ahead of its arrival a session's start may lie and still choose the session's partition.
const EARLIEST_ARRIVAL_MS: i64 = DAY_MS;

/// The day since the epoch under which a session's rows are kept. Devices with clocks that are far off must not make
/// partitions at will, so those count by their arrival.
pub(crate) fn partition_day(started_at_ms: i64, received_at_ms: i64) -> i64 {
    let is_plausible = started_at_ms >= received_at_ms.saturating_sub(LATEST_ARRIVAL_MS)
        && started_at_ms <= received_at_ms.saturating_add(EARLIEST_ARRIVAL_MS);
    let counted_ms = if is_plausible { started_at_ms } else { received_at_ms };
    counted_ms.div_euclid(DAY_MS)
}

/// Collects rows of one table.
#[derive(Debug)]
pub struct RowsBuilder {
    table: Table,
    columns: Vec<Column>,
    /// The columns that come from the row of a session in memory.
    of_session: ColumnChoice,
    schema: SchemaRef,
    rows: usize,
    /// Bytes of the texts of all rows added since the last batch.
    text_bytes: usize,
    /// Where the row before had the two times that choose its day.
    places_of_times: [usize; 2],
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

/// The cell of a column, which is looked for where the row before had it.
fn cell_at<'row, 'cells>(
    row: &'cells RowCells<'row>,
    name: &str,
    place: &mut usize,
) -> Option<&'cells Cell<'row>> {
    // Names come from the same tables, so they are nearly always at the same address.
    let is_it = |found: &str| std::ptr::eq(found, name) || found == name;
    if row.0.get(*place).is_none_or(|(found, _)| !is_it(found)) {
        *place = row.0.iter().position(|(found, _)| is_it(found))?;
    }
    row.0.get(*place).map(|(_, cell)| cell)
}

/// The moment of a column, in ms since the epoch.
fn time_ms_at(row: &RowCells<'_>, name: &str, place: &mut usize) -> i64 {
    match cell_at(row, name, place) {
        Some(Cell::Time(ms)) => *ms,
        _ => 0,
    }
}

impl RowsBuilder {
    /// A builder of rows of `table`, which is not `events`; with the columns at these places only, when they are given.
    pub fn new(table: Table, projection: Option<&[usize]>) -> Self {
        let all = table.columns();
        let places: Vec<usize> = projection.map_or_else(|| (0..all.len()).collect(), <[usize]>::to_vec);
        let columns: Vec<Column> = places
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
        let is_of_session = |column: &&Column| column.origin == Origin::Session;
        let of_session: Vec<&str> = columns.iter().filter(is_of_session).map(|column| column.name).collect();
        let of_session = ColumnChoice::new(&of_session);
        Self {
            table,
            columns,
            of_session,
            schema: Arc::new(Schema::new(fields)),
            rows: 0,
            text_bytes: 0,
            places_of_times: [0; 2],
        }
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

    /// Adds what a session in memory has of this table's rows; of its values, only those that the columns show are made.
    pub fn push_open(&mut self, session: &Session) {
        let rows = self.of_session.rows_of(session);
        self.push(&rows);
    }

    /// Adds what a session has of this table's rows.
    pub fn push(&mut self, rows: &RowsOf<'_>) {
        match self.table {
            Table::Sessions => self.push_views(&rows.session, &[RowCells(Vec::new())]),
            Table::Ads => self.push_views(&rows.session, &rows.ad_cells()),
            Table::Chapters => self.push_views(&rows.session, &rows.chapter_cells()),
            Table::Errors => self.push_views(&rows.session, &rows.error_cells()),
            Table::Events => {}
        }
    }

    fn push_views(&mut self, row: &RowOf<'_>, views: &[RowCells<'_>]) {
        if views.is_empty() {
            return;
        }
        let of_session = self.of_session.cells(row);
        for (view, number) in views.iter().zip(1..) {
            let mut of_session = of_session.iter();
            for column in &mut self.columns {
                match column.origin {
                    Origin::Day => {
                        let day = partition_day(row.started_at_ms, row.received_at_ms);
                        column.builder.append_integer(day);
                    }
                    Origin::VisitorKey => column.builder.append_integer(row.visitor_key()),
                    Origin::Number => column.builder.append_integer(number),
                    Origin::Session => self.text_bytes += column.builder.append(of_session.next()),
                    Origin::View => {
                        let cell = cell_at(view, column.name, &mut column.place);
                        self.text_bytes += column.builder.append(cell);
                    }
                }
            }
            self.rows += 1;
        }
    }

    /// Adds what a session that was read has of this table's rows.
    pub fn push_read(&mut self, rows: &ReadRows<'_>) {
        self.push_read_from(rows, 0, usize::MAX);
    }

    /// Adds what a session that was read has of this table's rows from the `first` one on, until the texts of all rows
    /// added since the last batch have `bytes` bytes. Returns the row to go on with after the next batch, if there is
    /// one.
    pub(crate) fn push_read_from(
        &mut self,
        rows: &ReadRows<'_>,
        first: usize,
        bytes: usize,
    ) -> Option<usize> {
        let views = match self.table {
            Table::Sessions => None,
            Table::Ads => Some(&*rows.ads),
            Table::Chapters => Some(&*rows.chapters),
            Table::Errors => Some(&*rows.errors),
            Table::Events => return None,
        };
        self.push_rows(&rows.session, views, first, bytes)
    }

    fn push_rows(
        &mut self,
        session: &RowCells<'_>,
        views: Option<&[RowCells<'_>]>,
        first: usize,
        bytes: usize,
    ) -> Option<usize> {
        let Some(views) = views else {
            self.push_row(session, None, 0);
            return None;
        };
        for (index, view) in views.iter().enumerate().skip(first) {
            self.push_row(session, Some(view), index + 1);
            if self.text_bytes >= bytes {
                return Some(index + 1).filter(|&next| next < views.len());
            }
        }
        None
    }

    /// Bytes of the texts of all rows added since the last batch.
    pub const fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    fn push_row(&mut self, session: &RowCells<'_>, view: Option<&RowCells<'_>>, number: usize) {
        let [started_at, received_at] = &mut self.places_of_times;
        for column in &mut self.columns {
            match column.origin {
                Origin::Day => {
                    let started_at_ms = time_ms_at(session, "started_at", started_at);
                    let received_at_ms = time_ms_at(session, "received_at", received_at);
                    column.builder.append_integer(partition_day(started_at_ms, received_at_ms));
                }
                Origin::VisitorKey => {
                    // Each session has an id at least.
                    column.builder.append_integer(session.visitor().map(Visitor::key).unwrap_or_default());
                }
                Origin::Number => column.builder.append_integer(number as i64),
                Origin::Session => {
                    let cell = cell_at(session, column.name, &mut column.place);
                    self.text_bytes += column.builder.append(cell);
                }
                Origin::View => {
                    let cell = view.and_then(|view| cell_at(view, column.name, &mut column.place));
                    self.text_bytes += column.builder.append(cell);
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
        self.text_bytes = 0;
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

/// Whether a column of a table says what the rows of sessions say in their column of that name.
pub fn is_of_session(table: Table, name: &str) -> bool {
    table != Table::Events && table.column_index(name).is_some() && origin(table, name) == Origin::Session
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

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, AsArray};
    use datafusion::arrow::datatypes::DataType;
    use playhead_samples::{SampleSettings, Sessions};

    use super::*;

    /// Bytes of all texts in a column.
    fn texts(values: &dyn Array) -> usize {
        match values.data_type() {
            DataType::Utf8 => values.as_string::<i32>().value_data().len(),
            DataType::List(_) => texts(values.as_list::<i32>().values()),
            DataType::Map(..) => texts(values.as_map().entries()),
            DataType::Struct(_) => values.as_struct().columns().iter().map(texts_of).sum(),
            _ => 0,
        }
    }

    fn texts_of(values: &ArrayRef) -> usize {
        texts(values.as_ref())
    }

    /// They say when rows are written, so that few sessions with many errors do not fill the memory.
    #[test]
    fn bytes_of_texts_that_were_counted_are_those_of_the_batch() {
        let sessions = || Sessions::new(5, SampleSettings { sessions: 200, ..SampleSettings::default() });
        for table in [Table::Sessions, Table::Ads, Table::Chapters, Table::Errors] {
            let mut builder = RowsBuilder::new(table, None);
            for read in [true, false, true] {
                for rows in sessions() {
                    if read {
                        builder.push_read(&ReadRows::read(&rows.pack()).unwrap());
                    } else {
                        builder.push(&rows);
                    }
                }
                let counted = builder.text_bytes();
                let batch = builder.finish().unwrap();
                assert_eq!(counted, batch.columns().iter().map(texts_of).sum::<usize>(), "{table:?}");
                assert!(counted > 1_000 && builder.text_bytes() == 0);
            }
        }
    }
}
