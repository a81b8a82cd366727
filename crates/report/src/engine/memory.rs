//! The memory of one query: a share of the memory for all queries.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

/// The start of the error for memory that is all in use, mostly by other queries.
const ALL_TAKEN: &str = "all memory for queries is in use";

/// The memory of one query.
#[derive(Debug)]
pub(crate) struct QueryMemory {
    all: Arc<dyn MemoryPool>,
    limit_bytes: usize,
    used_bytes: AtomicUsize,
}

impl QueryMemory {
    /// At most `limit_bytes` of `all`.
    pub(crate) fn new(all: Arc<dyn MemoryPool>, limit_bytes: usize) -> Self {
        Self { all, limit_bytes, used_bytes: AtomicUsize::new(0) }
    }
}

/// Whether a query failed because other queries held the memory, and not because of its own limit.
pub(crate) fn is_all_taken(message: &str) -> bool {
    message.contains(ALL_TAKEN)
}

impl MemoryPool for QueryMemory {
    fn name(&self) -> &str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.all.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.all.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.used_bytes.fetch_add(additional, Ordering::Relaxed);
        self.all.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.used_bytes.fetch_sub(shrink, Ordering::Relaxed);
        self.all.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let grown = |used: usize| used.checked_add(additional).filter(|bytes| *bytes <= self.limit_bytes);
        if self.used_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown).is_err() {
            return Err(DataFusionError::ResourcesExhausted(format!(
                "{} needs {additional} more bytes than the {} bytes of one query allow",
                reservation.consumer().name(),
                self.limit_bytes
            )));
        }
        self.all.try_grow(reservation, additional).map_err(|_| {
            self.used_bytes.fetch_sub(additional, Ordering::Relaxed);
            DataFusionError::ResourcesExhausted(ALL_TAKEN.to_owned())
        })
    }

    fn reserved(&self) -> usize {
        self.used_bytes.load(Ordering::Relaxed)
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit_bytes)
    }
}

impl fmt::Display for QueryMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "query(limit: {} bytes)", self.limit_bytes)
    }
}
