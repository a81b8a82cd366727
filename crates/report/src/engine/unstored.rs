//! Rows that are not in the lake yet: those of open sessions, and of sessions that closed a moment ago.

use std::collections::HashSet;

use async_trait::async_trait;
use datafusion::arrow::array::{BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use futures::StreamExt;
use futures::stream::BoxStream;
use playhead_lake::Table;
use playhead_protocol::SessionId;

use crate::error::Error;

/// Where rows are until the lake has them.
///
/// A question sees each session once although sessions move on while it looks: it takes those in memory first
/// ([`Unstored::open_rows`]), then a version of the lake, then notes how far sessions have closed
/// ([`Unstored::closed_since`]), and reads the rows between the version and there ([`Unstored::closed_rows`]). Whatever
/// closed meanwhile is among the last, and is dropped from the first.
///
/// What the lake took over stays readable in the journal for as long as a question may take: a question may read it
/// there although the lake has it by then.
#[async_trait]
pub trait Unstored: Send + Sync + std::fmt::Debug {
    /// The rows of a table that sessions in memory have, with the columns at these places of [`Table::columns`].
    async fn open_rows(
        &self,
        table: Table,
        projection: &[usize],
        wanted: InMemory,
    ) -> Result<OpenRows, Error>;

    /// The sessions that closed behind position `since` of the journal, and how far the journal goes.
    async fn closed_since(&self, since: u64) -> Result<Closed, Error>;

    /// Rows of sessions that closed behind position `after`, up to and including `until`; read from the journal page
    /// by page, as they are asked for.
    fn closed_rows(&self, table: Table, projection: &[usize], after: u64, until: u64) -> Rows;

    /// Events of the journal behind sequence `after`, up to those that had arrived when the first page was asked for;
    /// read page by page, as they are asked for.
    fn events(&self, projection: &[usize], after: u64) -> Rows;
}

/// Batches of rows as they are asked for.
pub type Rows = BoxStream<'static, Result<RecordBatch, Error>>;

/// No rows.
pub fn no_rows() -> Rows {
    futures::stream::empty().boxed()
}

/// Which sessions in memory are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InMemory {
    /// All.
    All,
    /// Those that may still change (`is_open`).
    Open,
    /// Those that have closed and are not in the journal yet.
    Closed,
}

/// Rows of sessions in memory.
#[derive(Debug, Default)]
pub struct OpenRows {
    /// The last position that a closed session had had before these were looked at.
    pub since: u64,
    /// The rows.
    pub batches: Vec<OpenBatch>,
}

/// Some rows of sessions in memory.
#[derive(Debug)]
pub struct OpenBatch {
    /// The session of each row.
    pub sessions: Vec<SessionId>,
    /// The rows.
    pub rows: RecordBatch,
}

/// Sessions that closed a moment ago.
#[derive(Debug, Default)]
pub struct Closed {
    /// Those that closed since, whether or not the lake has them.
    pub sessions: HashSet<SessionId>,
    /// The last position that a closed session has had.
    pub until: u64,
}

impl OpenRows {
    /// The rows without those of sessions that have closed meanwhile.
    pub fn without(self, closed: &HashSet<SessionId>) -> Result<Vec<RecordBatch>, Error> {
        let keep = |batch: OpenBatch| {
            if closed.is_empty() || batch.sessions.iter().all(|session| !closed.contains(session)) {
                return Ok(batch.rows);
            }
            let is_open: BooleanArray =
                batch.sessions.iter().map(|session| Some(!closed.contains(session))).collect();
            filter_record_batch(&batch.rows, &is_open).map_err(|error| Error::Query(error.into()))
        };
        self.batches.into_iter().map(keep).collect()
    }
}

/// Nothing: all rows are in the lake.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingUnstored;

#[async_trait]
impl Unstored for NothingUnstored {
    async fn open_rows(&self, _: Table, _: &[usize], _: InMemory) -> Result<OpenRows, Error> {
        Ok(OpenRows::default())
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
