//! A table as queries see it: stored and unstored rows together, each session once.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::MemoryPool;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::union::UnionExec;
use futures::FutureExt;
use futures::TryStreamExt;
use playhead_lake::{Exclusions, Lake, RolledUp, Rollup, Snapshot, Table};
use playhead_protocol::SessionId;

use crate::engine::exclusions::{exclusions, with_session, without_sessions};
use crate::engine::held_rows::{HeldRows, HeldSessions};
use crate::engine::unstored::{Rows, Unstored};
use crate::engine::wanted::{InMemory, Wanted};
use crate::error::Error;

/// A table with its stored and unstored rows.
#[derive(Debug)]
pub(crate) struct WholeTable {
    table: Table,
    lake: Arc<Lake>,
    unstored: Arc<dyn Unstored>,
}

/// The parts that make up a table at one moment.
#[derive(Debug)]
struct Parts {
    /// The lake's rows; `None` if the query cannot want any.
    stored: Option<Snapshot>,
    /// `None` for events, which are of the journal alone.
    in_memory: Option<HeldRows>,
    in_journal: Option<InJournal>,
}

/// The parts of the table of sessions, with a rollup in place of some stored rows.
#[derive(Debug)]
pub(crate) struct RolledUpTable {
    /// The lake's part.
    pub(crate) stored: Option<RolledUp>,
    /// The rows that it does not have yet, with the projected columns and, if sessions do not count, that of the session.
    pub(crate) unstored: Vec<Arc<dyn TableProvider>>,
    /// The sessions among the lake's rows that do not count.
    pub(crate) hidden: HashSet<SessionId>,
    /// The sessions among the other rows that do not count.
    pub(crate) excluded: HashSet<SessionId>,
}

/// Rows that only the journal has; read on demand.
#[derive(Debug)]
struct InJournal {
    table: Table,
    unstored: Arc<dyn Unstored>,
    projection: Vec<usize>,
    schema: SchemaRef,
    after: u64,
    /// The last position that counts; `None` for events: all that have arrived.
    until: Option<u64>,
}

impl WholeTable {
    /// The table of that lake with the rows that are not in it yet.
    pub(crate) fn new(table: Table, lake: Arc<Lake>, unstored: Arc<dyn Unstored>) -> Self {
        Self { table, lake, unstored }
    }

    /// Reads all sources in the order that shows each session once. Only of the rows in memory, those of excluded sessions
    /// are left out.
    async fn look(
        &self,
        projection: &[usize],
        wanted: &Wanted,
        excluded: &HashSet<SessionId>,
        memory: &Arc<dyn MemoryPool>,
    ) -> Result<Parts, Error> {
        if self.table == Table::Events {
            let stored = self.lake.snapshot(self.table).await?;
            let in_journal = Some(self.in_journal(projection, stored.taken(), None)?);
            return Ok(Parts { stored: Some(stored), in_memory: None, in_journal });
        }
        let schema = self.projected(projection)?;
        let open = self.unstored.open_rows(self.table, projection, wanted).await?;
        let open = HeldSessions::take(open, memory).await?;
        if wanted.state == InMemory::Open {
            let in_memory = Some(open.without(excluded, schema)?);
            return Ok(Parts { stored: None, in_memory, in_journal: None });
        }
        let stored = self.lake.snapshot(self.table).await?;
        let closed = self.unstored.closed_since(open.since).await?;
        let taken = stored.taken();
        let in_journal = (closed.until > taken)
            .then(|| self.in_journal(projection, taken, Some(closed.until)))
            .transpose()?;
        let elsewhere = closed.sessions.union(excluded).copied().collect();
        let in_memory = Some(open.without(&elsewhere, schema)?);
        Ok(Parts { stored: Some(stored), in_memory, in_journal })
    }

    /// The table of sessions with a rollup in place of the sessions that it sums up, all as of one moment; of the other rows, at
    /// least those that pass a condition. `None` if the rollup is good for no day: the rows in memory are not asked for then.
    pub(crate) async fn rolled_up(
        &self,
        rollup: &'static Rollup,
        projection: &[usize],
        condition: Option<&Expr>,
        memory: &Arc<dyn MemoryPool>,
    ) -> Result<Option<RolledUpTable>, Error> {
        let exclusions = exclusions(&self.lake, &*self.unstored).await?;
        let left_out = exclusions.days_in_tables();
        let stored = self.lake.snapshot(self.table).await?;
        if self.lake.rolled_up(rollup, &stored, &left_out).await?.days().is_empty() {
            return Ok(None);
        }
        let (excluded, hidden) = (exclusions.sessions(), self.hidden_in_tables(&exclusions));
        let is_plain = excluded.is_empty() && hidden.is_empty();
        let projection = if is_plain { projection.to_vec() } else { with_session(self.table, projection) };
        let wanted = Wanted::of(self.table, condition.map_or(&[], std::slice::from_ref));
        let Parts { stored, in_memory, in_journal } =
            self.look(&projection, &wanted, &excluded, memory).await?;
        let schema = self.projected(&projection)?;
        let in_memory = in_memory.map(|rows| Arc::new(rows) as Arc<dyn PartitionStream>);
        let in_journal = in_journal.map(|rows| Arc::new(rows) as Arc<dyn PartitionStream>);
        let mut unstored: Vec<Arc<dyn TableProvider>> = Vec::new();
        for rows in in_memory.into_iter().chain(in_journal) {
            unstored.push(Arc::new(StreamingTable::try_new(schema.clone(), vec![rows])?));
        }
        let stored = match stored {
            Some(stored) => Some(self.lake.rolled_up(rollup, &stored, &left_out).await?),
            None => None,
        };
        Ok(Some(RolledUpTable { stored, unstored, hidden, excluded }))
    }

    /// The excluded sessions whose rows this table may have in its files. Events stay where they are: they are the record
    /// from which rows can be made again.
    fn hidden_in_tables(&self, exclusions: &Exclusions) -> HashSet<SessionId> {
        if self.table == Table::Events { exclusions.sessions() } else { exclusions.in_tables() }
    }

    fn in_journal(&self, projection: &[usize], after: u64, until: Option<u64>) -> Result<InJournal, Error> {
        Ok(InJournal {
            table: self.table,
            unstored: self.unstored.clone(),
            projection: projection.to_vec(),
            schema: self.projected(projection)?,
            after,
            until,
        })
    }

    fn projected(&self, projection: &[usize]) -> Result<SchemaRef, Error> {
        let schema = self.table.schema().project(projection);
        Ok(Arc::new(schema.map_err(|error| Error::Query(error.into()))?))
    }
}

#[async_trait]
impl TableProvider for WholeTable {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all: Vec<usize> = (0..self.schema().fields().len()).collect();
        let projection = projection.unwrap_or(&all);
        let exclusions = exclusions(&self.lake, &*self.unstored).boxed().await.map_err(external)?;
        let excluded = exclusions.sessions();
        let wanted = Wanted::of(self.table, filters);
        let memory = &state.runtime_env().memory_pool;
        let looked = self.look(projection, &wanted, &excluded, memory).boxed().await;
        let Parts { stored, in_memory, in_journal } = looked.map_err(external)?;
        let schema = self.projected(projection).map_err(external)?;
        // Unstored rows come unfiltered: the filters apply again after the union.
        let mut parts: Vec<Arc<dyn ExecutionPlan>> = Vec::with_capacity(3);
        let stored = match &stored {
            Some(stored) => stored.provider().boxed().await.map_err(|error| external(error.into()))?,
            None => None,
        };
        if let Some(stored) = stored {
            let hidden = self.hidden_in_tables(&exclusions);
            parts.push(if hidden.is_empty() {
                stored.scan(state, Some(projection), filters, limit).await?
            } else {
                let wider = with_session(self.table, projection);
                let rows = stored.scan(state, Some(&wider), filters, None).await?;
                without_sessions(rows, &hidden, projection.len(), state)?
            });
        }
        if let Some(in_journal) = in_journal {
            parts.push(if excluded.is_empty() {
                in_one_stream(schema.clone(), Arc::new(in_journal), limit)?
            } else {
                let wider = with_session(self.table, projection);
                let in_journal = self.in_journal(&wider, in_journal.after, in_journal.until);
                let in_journal = in_journal.map_err(external)?;
                let rows = in_one_stream(in_journal.schema.clone(), Arc::new(in_journal), None)?;
                without_sessions(rows, &excluded, projection.len(), state)?
            });
        }
        if let Some(in_memory) = in_memory.filter(|rows| parts.is_empty() || !rows.is_empty()) {
            parts.push(in_one_stream(schema, Arc::new(in_memory), limit)?);
        }
        match parts.len() {
            1 => Ok(parts.remove(0)),
            _ => UnionExec::try_new(parts),
        }
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // Stored rows are skipped by whole files; the rest is filtered after the union.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}

impl PartitionStream for InJournal {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows: Rows = match self.until {
            Some(until) => self.unstored.closed_rows(self.table, &self.projection, self.after, until),
            None => self.unstored.events(&self.projection, self.after),
        };
        let rows = rows.map_err(external);
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), rows))
    }
}

fn in_one_stream(
    schema: SchemaRef,
    rows: Arc<dyn PartitionStream>,
    limit: Option<usize>,
) -> Result<Arc<dyn ExecutionPlan>> {
    Ok(Arc::new(StreamingTableExec::try_new(schema, vec![rows], None, None, false, limit)?))
}

fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
