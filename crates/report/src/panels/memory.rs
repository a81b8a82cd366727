//! Memory that panels use beside the query engine's, counted against the limit of one query.

use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::prelude::SessionContext;

use crate::error::Error;

/// The memory of one panel; released on drop.
#[derive(Debug)]
pub(crate) struct PanelMemory(MemoryReservation);

impl PanelMemory {
    /// An empty reservation against the limit of that session's query.
    pub(crate) fn new(context: &SessionContext) -> Self {
        Self(MemoryConsumer::new("panel").register(&context.runtime_env().memory_pool))
    }

    /// Reserves bytes.
    pub(crate) fn take(&self, bytes: usize) -> Result<(), Error> {
        Ok(self.0.try_grow(bytes)?)
    }

    /// Makes room in a list for one more value.
    pub(crate) fn make_room<T>(&self, list: &mut Vec<T>) -> Result<(), Error> {
        if list.len() < list.capacity() {
            return Ok(());
        }
        const FIRST: usize = 1_024;
        let (old, new) = (list.capacity(), (list.capacity() * 2).max(FIRST));
        // While the list grows, the old and the new buffer both exist.
        self.0.try_grow(new * size_of::<T>())?;
        list.reserve_exact(new - list.len());
        self.0.shrink(old * size_of::<T>());
        Ok(())
    }
}

/// The error of a column that does not have the declared type, which does not happen.
pub(crate) fn unexpected_column(name: &str) -> Error {
    Error::Query(DataFusionError::Internal(format!(
        "the column {name} does not have the type that the table declares"
    )))
}
