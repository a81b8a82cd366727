//! Memory that panels take beside the query engine's, counted against what one question may have.

use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::prelude::SessionContext;

use crate::error::Error;

/// What one panel has taken; given back when it goes.
#[derive(Debug)]
pub(crate) struct PanelMemory(MemoryReservation);

impl PanelMemory {
    /// Nothing yet, of what the question of that session may have.
    pub(crate) fn new(context: &SessionContext) -> Self {
        Self(MemoryConsumer::new("panel").register(&context.runtime_env().memory_pool))
    }

    /// Takes so many bytes.
    pub(crate) fn take(&self, bytes: usize) -> Result<(), Error> {
        Ok(self.0.try_grow(bytes)?)
    }

    /// Makes room in a list for one value more.
    pub(crate) fn make_room<T>(&self, list: &mut Vec<T>) -> Result<(), Error> {
        if list.len() < list.capacity() {
            return Ok(());
        }
        const FIRST: usize = 1_024;
        let (old, new) = (list.capacity(), (list.capacity() * 2).max(FIRST));
        // While it grows, both are there.
        self.0.try_grow(new * size_of::<T>())?;
        list.reserve_exact(new - list.len());
        self.0.shrink(old * size_of::<T>());
        Ok(())
    }
}

/// The error of a column that is not what the table says, which does not happen.
pub(crate) fn unexpected_column(name: &str) -> Error {
    Error::Query(DataFusionError::Internal(format!(
        "the column {name} does not have the type that the table declares"
    )))
}
