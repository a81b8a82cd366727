//! The bounds of background work: memory, threads, and disk for rows that do not fit into memory.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use deltalake::DeltaTable;

use crate::delta::scan::StoredRows;
use crate::error::Error;
use crate::limits::{SORT_BATCH_ROWS, SPILL_BYTES, WRITER_BYTES};

/// The bounds of background work.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Bytes of memory for rows in progress, including the file being written.
    pub memory_bytes: usize,
    /// Threads that work at the same time.
    pub threads: usize,
    /// The directory for rows that do not fit into memory.
    pub spill_directory: PathBuf,
}

impl Bounds {
    /// 512 MiB of memory and one thread.
    pub fn new(spill_directory: impl Into<PathBuf>) -> Self {
        Self { memory_bytes: 512 * 1024 * 1024, threads: 1, spill_directory: spill_directory.into() }
    }

    /// The bounds of each of so many pieces of work that go side by side.
    pub(crate) fn shared_by(&self, pieces: usize) -> Self {
        let pieces = pieces.max(1);
        Self {
            memory_bytes: self.memory_bytes / pieces,
            threads: (self.threads / pieces).max(1),
            spill_directory: self.spill_directory.clone(),
        }
    }

    /// A query session within these bounds.
    pub(crate) fn context(&self) -> Result<SessionContext, Error> {
        let directory = &self.spill_directory;
        std::fs::create_dir_all(directory)
            .map_err(|source| Error::Sync { path: directory.display().to_string(), source })?;
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![directory.clone()]))
            .with_max_temp_directory_size(SPILL_BYTES);
        let pool_bytes = self.memory_bytes.saturating_sub(WRITER_BYTES).max(self.memory_bytes / 2);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(pool_bytes)))
            .with_disk_manager_builder(disk)
            .build_arc()?;
        let mut config = SessionConfig::new()
            .with_target_partitions(self.threads.max(1))
            .with_batch_size(SORT_BATCH_ROWS)
            .with_sort_spill_reservation_bytes(pool_bytes / 8);
        // Views would keep the buffers of whole batches alive behind single values.
        config.options_mut().execution.parquet.schema_force_view_types = false;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_default_features()
            .build();
        Ok(SessionContext::new_with_state(state))
    }

    /// The rows of some files of a table, with the columns of this release.
    pub(crate) fn rows_of(
        &self,
        context: &SessionContext,
        table: &DeltaTable,
        of_release: &Schema,
        paths: impl IntoIterator<Item = String>,
    ) -> Result<DataFrame, Error> {
        let provider = StoredRows::of_files(table, of_release, paths)?;
        Ok(context.read_table(Arc::new(provider))?)
    }
}
