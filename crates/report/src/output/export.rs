//! Exports: all rows of a table in a range of time, live ones included, as a file.

use datafusion::logical_expr::lit;
use datafusion::prelude::ident;
use futures::StreamExt;
use futures::stream::try_unfold;
use playhead_lake::{Table, rows_json};
use serde_json::Value;

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::faults::Faults;
use crate::limits::{EXPORT_TIME, SORTED_EXPORT_TIME};
use crate::output::adobe_feed::context_data;
use crate::output::formats::{Bytes, SqlFormat};
use crate::panels::panel_request::Params;
use crate::sql::statement::{SqlLimits, SqlResponse};
use crate::time::range::{TimeRange, Zone};

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A Parquet file.
    Parquet,
    /// CSV with a line of names.
    Csv,
    /// One JSON object on each line, as in the report API.
    Jsonl,
    /// One JSON object of context data on each line.
    AdobeFeed,
}

/// A request for an export.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportRequest {
    /// The table.
    pub table: Table,
    /// The range of the sessions' starts; for events, of their arrival.
    pub range: TimeRange,
    /// The format.
    pub format: ExportFormat,
    /// Whether rows of open sessions are exported.
    pub include_open: bool,
}

impl ExportFormat {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Parquet => SqlFormat::Parquet.media_type(),
            Self::Csv => SqlFormat::Csv.media_type(),
            Self::Jsonl | Self::AdobeFeed => "application/x-ndjson",
        }
    }
}

impl ExportRequest {
    /// Parses a table's name and the parameters `from`, `to`, `time_zone`, `format` (`parquet`, `csv`, `jsonl`,
    /// `adobe-feed`), `include_open`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse(table: &str, pairs: &[(String, String)]) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let zone = params.text("time_zone").map(Value::from);
        let zone = Zone::parse(zone.as_ref(), "time_zone", &Zone::UTC, &mut params.faults);
        let (from, to) = (params.text("from").map(Value::from), params.text("to").map(Value::from));
        let range = TimeRange::parse((from.as_ref(), "from"), (to.as_ref(), "to"), &zone, &mut params.faults);
        let format = params.choice(
            "format",
            &[
                ("parquet", ExportFormat::Parquet),
                ("csv", ExportFormat::Csv),
                ("jsonl", ExportFormat::Jsonl),
                ("adobe-feed", ExportFormat::AdobeFeed),
            ],
        );
        let include_open = params.choice("include_open", &[("true", true), ("false", false)]);
        let table = known_table(table, &mut params.faults);
        if format == ExportFormat::AdobeFeed && matches!(table, Table::Errors | Table::Events) {
            params.faults.push("format", "adobe-feed is for sessions, ads and chapters");
        }
        params.finish(Self { table, range, format, include_open })
    }
}

fn known_table(name: &str, faults: &mut Faults) -> Table {
    Table::named(name).unwrap_or_else(|| {
        let names = Table::ALL.map(Table::name);
        let near = crate::nearest::did_you_mean(name, names);
        faults.push("table", format_args!("must be one of {}{near}", names.join(", ")));
        Table::Sessions
    })
}

impl Reports {
    /// The rows as bytes in order of time, made on demand.
    ///
    /// # Errors
    ///
    /// As for [`Reports::sql`]; an export may take longer.
    pub async fn export(&self, request: &ExportRequest) -> Result<Bytes, Error> {
        let turn = self.turn().await?.extended(EXPORT_TIME);
        let context = self.context();
        let started = async {
            let mut frame = context.table(request.table.name()).await?;
            if let Some(in_range) = request.range.expr(request.table.time_column()) {
                frame = frame.filter(in_range)?;
            }
            if !request.include_open && request.table != Table::Events {
                frame = frame.filter(ident("is_open").eq(lit(false)))?;
            }
            let order = vec![ident(request.table.time_column()).sort(true, true)];
            Ok(frame.sort(order)?.execute_stream().await?)
        };
        let started = tokio::time::timeout(SORTED_EXPORT_TIME, turn.within(started)).await;
        let rows = match started {
            Ok(Ok(rows)) => rows,
            Ok(Err(error)) => return Err(self.explain_sql(error).await),
            Err(_) => return Err(turn.too_slow()),
        };
        let response = SqlResponse::of(self.clone(), turn, rows, SqlLimits::NONE);
        match request.format {
            ExportFormat::Parquet => response.into_bytes(SqlFormat::Parquet),
            ExportFormat::Csv => response.into_bytes(SqlFormat::Csv),
            ExportFormat::Jsonl => Ok(lines(response, request.table, false)),
            ExportFormat::AdobeFeed => Ok(lines(response, request.table, true)),
        }
    }
}

/// One JSON object on each line.
fn lines(response: SqlResponse, table: Table, is_context_data: bool) -> Bytes {
    let next = move |mut response: SqlResponse| async move {
        let Some(batch) = response.next().await? else { return Ok(None) };
        let mut text = Vec::new();
        for row in rows_json(table, &batch)? {
            let row = if is_context_data { context_data(table, &row) } else { row };
            serde_json::to_writer(&mut text, &row).map_err(|error| Error::Unreadable(error.to_string()))?;
            text.push(b'\n');
        }
        Ok(Some((text, response)))
    };
    try_unfold(response, next).boxed()
}
