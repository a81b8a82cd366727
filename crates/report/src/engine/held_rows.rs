//! The rows of sessions in memory that a query holds, counted as memory of the query from the moment on in which they arrive.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::Result as EngineResult;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::spill::get_record_batch_memory_size;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::TryStreamExt;
use playhead_protocol::SessionId;

use crate::engine::unstored::{OpenBatch, OpenRows};
use crate::error::Error;

/// Rows of sessions that were in memory.
#[derive(Debug)]
pub(crate) struct HeldRows {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    _memory: MemoryReservation,
}

/// Rows of which those sessions are known that they are of.
#[derive(Debug)]
pub(crate) struct HeldSessions {
    /// The last position of a closed session before the rows were read.
    pub(crate) since: u64,
    batches: Vec<OpenBatch>,
    memory: MemoryReservation,
}

impl HeldSessions {
    /// Takes rows in, as far as the query's memory goes.
    pub(crate) async fn take(open: OpenRows, memory: &Arc<dyn MemoryPool>) -> Result<Self, Error> {
        let memory = MemoryConsumer::new("the rows of open sessions").register(memory);
        let mut arriving = open.batches;
        let mut batches = Vec::new();
        while let Some(batch) = arriving.try_next().await? {
            if batch.sessions.is_empty() {
                continue;
            }
            memory.try_grow(bytes(&batch.rows) + batch.sessions.len() * SessionId::LENGTH)?;
            batches.push(batch);
        }
        Ok(Self { since: open.since, batches, memory })
    }

    /// The rows without those of sessions that are counted elsewhere.
    pub(crate) fn without(
        self,
        elsewhere: &HashSet<SessionId>,
        schema: SchemaRef,
    ) -> Result<HeldRows, Error> {
        let keep = |batch: OpenBatch| {
            let is_elsewhere = |session: &SessionId| elsewhere.contains(session);
            if elsewhere.is_empty() || !batch.sessions.iter().any(is_elsewhere) {
                return Ok(batch.rows);
            }
            let is_kept: BooleanArray =
                batch.sessions.iter().map(|session| Some(!is_elsewhere(session))).collect();
            filter_record_batch(&batch.rows, &is_kept).map_err(|error| Error::Query(error.into()))
        };
        let batches = self.batches.into_iter().map(keep).collect::<Result<Vec<_>, Error>>()?;
        self.memory.try_resize(batches.iter().map(bytes).sum())?;
        Ok(HeldRows { schema, batches, _memory: self.memory })
    }
}

/// Columns that came together share what they came in, which counts once.
fn bytes(rows: &RecordBatch) -> usize {
    get_record_batch_memory_size(rows)
}

impl HeldRows {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }
}

impl PartitionStream for HeldRows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = futures::stream::iter(self.batches.clone().into_iter().map(EngineResult::Ok));
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), rows))
    }
}
