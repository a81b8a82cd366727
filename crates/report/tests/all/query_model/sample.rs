//! Sessions in a lake and in memory, and their JSON.

use std::sync::Arc;

use async_trait::async_trait;
use playhead_lake::{Lake, Location, RowsBuilder, Table};
use playhead_report::engine::unstored::{Closed, OpenBatch, OpenRows, Rows, no_rows};
use playhead_report::engine::wanted::Wanted;
use playhead_report::{EngineSettings, Error, QueryRequest, Reports, Unstored};
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::SessionRows;
use serde_json::Value;

const TABLES: [Table; 4] = [Table::Sessions, Table::Ads, Table::Chapters, Table::Errors];

/// Sessions, and the reports over them.
pub(crate) struct Sample {
    pub(crate) reports: Reports,
    pub(crate) lake: Arc<Lake>,
    /// Each session's row, with those of its ads, chapters and errors.
    pub(crate) rows: Vec<Value>,
}

/// Sessions that are still open.
#[derive(Debug)]
struct InMemoryOnly(Vec<SessionRows>);

impl Sample {
    /// These sessions: the closed ones in the lake, in two appends, the open ones in memory.
    pub(crate) async fn of(sessions: Vec<SessionRows>) -> Self {
        let rows = sessions.iter().map(|session| serde_json::to_value(session).unwrap()).collect();
        let (closed, open): (Vec<_>, Vec<_>) =
            sessions.into_iter().partition(|rows| rows.session.close_reason.is_some());
        let lake = Arc::new(Lake::new(Location::memory().unwrap(), "test").unwrap());
        let (first, second) = closed.split_at(closed.len() / 3);
        for (position, part) in [(1, first), (2, second)] {
            for table in TABLES {
                lake.append(table, [batch(table, None, part)], position).await.unwrap();
            }
        }
        let reports = Reports::new(lake.clone(), InMemoryOnly(open), EngineSettings::default()).unwrap();
        Self { reports, lake, rows }
    }

    /// Sessions of a seed.
    pub(crate) async fn seeded(seed: u64, settings: SampleSettings) -> Self {
        Self::of(Sessions::new(seed, settings).collect()).await
    }

    /// The response to a query, as JSON.
    pub(crate) async fn response(&self, query: &Value) -> Value {
        let request = QueryRequest::parse(query.to_string().as_bytes());
        let request = request.unwrap_or_else(|error| panic!("{query}: {error:?}"));
        let response = self.reports.query(&request).await;
        serde_json::to_value(response.unwrap_or_else(|error| panic!("{query}: {error:?}"))).unwrap()
    }

    /// The error of a query that only shows when it is counted.
    pub(crate) async fn error(&self, query: &Value) -> Error {
        let request = QueryRequest::parse(query.to_string().as_bytes()).unwrap();
        self.reports.query(&request).await.unwrap_err()
    }
}

fn batch(
    table: Table,
    projection: Option<&[usize]>,
    sessions: &[SessionRows],
) -> datafusion::arrow::array::RecordBatch {
    let mut builder = RowsBuilder::new(table, projection);
    sessions.iter().for_each(|rows| builder.push(rows));
    builder.finish().unwrap()
}

#[async_trait]
impl Unstored for InMemoryOnly {
    async fn open_rows(&self, table: Table, projection: &[usize], _: &Wanted) -> Result<OpenRows, Error> {
        let rows = batch(table, Some(projection), &self.0);
        let sessions = vec![self.0.first().map(|rows| rows.session.session_id); rows.num_rows()];
        let sessions = sessions.into_iter().flatten().collect();
        Ok(OpenRows::of(0, vec![OpenBatch { sessions, rows }]))
    }

    async fn closed_since(&self, _: u64) -> Result<Closed, Error> {
        Ok(Closed::default())
    }

    fn closed_rows(&self, _: Table, _: &[usize], _: u64, _: u64) -> Rows {
        no_rows()
    }

    fn events(&self, _: &[usize], _: u64) -> Rows {
        no_rows()
    }
}
