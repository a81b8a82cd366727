//! Rows that are not in the lake yet: those of open sessions, and of sessions that closed a moment ago.

use std::collections::HashSet;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use futures::StreamExt;
use futures::stream::BoxStream;
use playhead_lake::{Exclusion, Table};
use playhead_protocol::SessionId;

use crate::engine::wanted::Wanted;
use crate::error::Error;

/// The source of rows that the lake does not have yet.
///
/// A query sees each session once although sessions move on while it reads: it takes the sessions in memory first
/// ([`Unstored::open_rows`]), then a version of the lake, then notes how far sessions have closed
/// ([`Unstored::closed_since`]), and reads the rows between the version and there ([`Unstored::closed_rows`]). A session
/// that closed in between is among the last and is dropped from the first.
///
/// Rows that the lake took over stay readable in the journal for as long as a query may take: a query may read them
/// there although the lake has them by then.
#[async_trait]
pub trait Unstored: Send + Sync + std::fmt::Debug {
    /// The rows of a table from the sessions in memory, with the columns at these places of [`Table::columns`]: at least those of the
    /// sessions that are wanted.
    async fn open_rows(&self, table: Table, projection: &[usize], wanted: &Wanted)
    -> Result<OpenRows, Error>;

    /// The sessions that closed after position `since` of the journal, and how far the journal goes.
    async fn closed_since(&self, since: u64) -> Result<Closed, Error>;

    /// Rows of sessions that closed after position `after`, up to and including `until`; read from the journal page
    /// by page, on demand.
    fn closed_rows(&self, table: Table, projection: &[usize], after: u64, until: u64) -> Rows;

    /// The sessions that the journal has as excluded; none without a journal. The other calls return their rows all the
    /// same.
    async fn exclusions(&self) -> Result<Vec<Exclusion>, Error> {
        Ok(Vec::new())
    }

    /// Events of the journal after sequence `after`, up to those that had arrived when the first page was requested;
    /// read page by page, on demand.
    fn events(&self, projection: &[usize], after: u64) -> Rows;
}

/// Batches of rows, on demand.
pub type Rows = BoxStream<'static, Result<RecordBatch, Error>>;

/// No rows.
pub fn no_rows() -> Rows {
    futures::stream::empty().boxed()
}

/// Rows of sessions in memory.
pub struct OpenRows {
    /// The last position of a closed session before these rows were read.
    pub since: u64,
    /// The rows, made as they are taken.
    pub batches: OpenBatches,
}

/// Rows of sessions in memory, batch by batch.
pub type OpenBatches = BoxStream<'static, Result<OpenBatch, Error>>;

impl OpenRows {
    /// These rows.
    pub fn of(since: u64, batches: Vec<OpenBatch>) -> Self {
        Self { since, batches: futures::stream::iter(batches.into_iter().map(Ok)).boxed() }
    }
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
    /// The sessions that closed since, whether or not the lake has them.
    pub sessions: HashSet<SessionId>,
    /// The last position of a closed session.
    pub until: u64,
}

/// No unstored rows: all rows are in the lake.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingUnstored;

#[async_trait]
impl Unstored for NothingUnstored {
    async fn open_rows(&self, _: Table, _: &[usize], _: &Wanted) -> Result<OpenRows, Error> {
        Ok(OpenRows::of(0, Vec::new()))
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
