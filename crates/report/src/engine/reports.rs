//! Where questions are asked: over all tables, each in its turn, within limits of memory and time.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{GreedyMemoryPool, MemoryPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use playhead_lake::{Lake, Table};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::engine::column_comments::register_column_comments;
use crate::engine::memory::QueryMemory;
use crate::engine::unstored::Unstored;
use crate::engine::whole_table::WholeTable;
use crate::error::Error;
use crate::functions::growing::limit_growing_functions;
use crate::limits;

/// The catalogue that the tables are in; for the PostgreSQL protocol, the database.
pub const CATALOG: &str = "playhead";

/// The schema that the tables are in.
pub const SCHEMA: &str = "public";

/// What questions may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineSettings {
    /// Memory for all questions together, bytes.
    pub memory_bytes: usize,
    /// Memory for one question, bytes.
    pub question_memory_bytes: usize,
    /// Time for one question, from its turn on; it waits for its turn no longer than this.
    pub question_time: Duration,
    /// Queries that are answered at a time.
    pub questions: usize,
    /// Queries that wait for their turn.
    pub questions_waiting: usize,
    /// Threads that work on one question; `None`: as many as there are cores.
    pub question_threads: Option<NonZeroUsize>,
    /// Rows that pass through a question at a time.
    pub batch_rows: usize,
    /// Where questions put down what they have no memory for; `None`: nowhere, they fail.
    pub spill_directory: Option<PathBuf>,
    /// Bytes that all questions together may put down there.
    pub spill_bytes: u64,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            memory_bytes: limits::MEMORY_BYTES,
            question_memory_bytes: limits::QUERY_MEMORY_BYTES,
            question_time: limits::QUERY_TIME,
            questions: limits::QUERIES,
            questions_waiting: limits::QUERIES_WAITING,
            question_threads: None,
            batch_rows: limits::BATCH_ROWS,
            spill_directory: None,
            spill_bytes: limits::SPILL_BYTES,
        }
    }
}

/// Everything that can be asked.
#[derive(Clone)]
pub struct Reports {
    lake: Arc<Lake>,
    settings: EngineSettings,
    /// What the query session of each question is made from.
    context: SessionContext,
    memory: Arc<dyn MemoryPool>,
    turns: Arc<Semaphore>,
    /// For those that wait for a turn.
    places: Arc<Semaphore>,
}

/// The right to be answered, and until when.
#[derive(Debug)]
pub struct Turn {
    deadline: Instant,
    limit: Duration,
    _permit: OwnedSemaphorePermit,
}

impl Reports {
    /// Queries over `lake` and what is not in it yet. Nothing is read yet, so a broken table breaks none but the
    /// questions about it.
    ///
    /// # Errors
    ///
    /// When the query engine cannot be set up, such as when the directory to spill to cannot be made.
    pub fn new(
        lake: Arc<Lake>,
        unstored: impl Unstored + 'static,
        settings: EngineSettings,
    ) -> Result<Self, Error> {
        let unstored: Arc<dyn Unstored> = Arc::new(unstored);
        let memory: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(settings.memory_bytes));
        let mode = settings
            .spill_directory
            .as_ref()
            .map_or(DiskManagerMode::Disabled, |path| DiskManagerMode::Directories(vec![path.clone()]));
        let disk =
            DiskManagerBuilder::default().with_mode(mode).with_max_temp_directory_size(settings.spill_bytes);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(memory.clone())
            .with_disk_manager_builder(disk)
            .build_arc()?;
        let mut config = SessionConfig::new()
            .with_information_schema(true)
            .with_default_catalog_and_schema(CATALOG, SCHEMA)
            .with_batch_size(settings.batch_rows);
        // Stored text comes as the type that the tables say, as the text does that is not stored yet.
        config.options_mut().execution.parquet.schema_force_view_types = false;
        if let Some(threads) = settings.question_threads {
            config = config.with_target_partitions(threads.get());
        }
        let context = SessionContext::new_with_config_rt(config, runtime);
        for table in Table::ALL {
            let whole = WholeTable::new(table, lake.clone(), unstored.clone());
            context.register_table(table.name(), Arc::new(whole))?;
        }
        register_column_comments(&context, CATALOG)?;
        limit_growing_functions(&context, settings.question_memory_bytes / limits::FUNCTION_PART);
        let turns = Arc::new(Semaphore::new(settings.questions));
        let places = Arc::new(Semaphore::new(settings.questions_waiting));
        Ok(Self { lake, settings, context, memory, turns, places })
    }

    /// The lake.
    pub fn lake(&self) -> &Arc<Lake> {
        &self.lake
    }

    /// What questions may take.
    pub fn settings(&self) -> &EngineSettings {
        &self.settings
    }

    /// A new query session over all tables, for one question: what it has of the memory is limited by itself.
    pub fn context(&self) -> SessionContext {
        let state = self.context.state();
        let runtime = self.context.runtime_env();
        let memory = QueryMemory::new(self.memory.clone(), self.settings.question_memory_bytes);
        let runtime = RuntimeEnv {
            memory_pool: Arc::new(memory),
            disk_manager: runtime.disk_manager.clone(),
            cache_manager: runtime.cache_manager.clone(),
            object_store_registry: runtime.object_store_registry.clone(),
        };
        let state = SessionStateBuilder::new_from_existing(state).with_runtime_env(Arc::new(runtime)).build();
        SessionContext::new_with_state(state)
    }

    /// A table, stored and not, each session once; in a query session of its own.
    ///
    /// # Errors
    ///
    /// When the table cannot be found, which does not happen.
    pub async fn table(&self, table: Table) -> Result<DataFrame, Error> {
        Ok(self.context().table(table.name()).await?)
    }

    /// Waits for a turn.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when too many wait already, or when no turn comes in the time that a question may take.
    pub async fn turn(&self) -> Result<Turn, Error> {
        let limit = self.settings.question_time;
        let permit = match self.turns.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let _place = self.places.try_acquire().map_err(|_| Error::Busy)?;
                let turn = tokio::time::timeout(limit, self.turns.clone().acquire_owned()).await;
                turn.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)?
            }
        };
        Ok(Turn { deadline: Instant::now() + limit, limit, _permit: permit })
    }

    /// Answers a question in its turn, within its time. To be called once a question: a question that waits for a turn
    /// while it has one may wait for itself.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] as for [`Reports::turn`], [`Error::TooSlow`] when time is up, and what the question says,
    /// with what the query engine means by it ([`Reports::explain`]).
    pub async fn run<T>(&self, question: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let turn = self.turn().await?;
        match turn.within(question).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.explain(error).await),
        }
    }

    /// What an error of the query engine means: out of memory, or a table that cannot be read, with the name of the
    /// file that is at fault. Other errors stay as they are.
    pub async fn explain(&self, error: Error) -> Error {
        let error = error.explained(self.settings.question_memory_bytes);
        if !matches!(error, Error::Unreadable(_)) {
            return error;
        }
        for table in Table::ALL {
            if let Some(fault) = self.lake.explain_failure(table).await {
                return Error::Unreadable(fault);
            }
        }
        error
    }
}

impl Turn {
    /// Until when.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The same turn with another limit, from now on.
    pub fn extended(self, limit: Duration) -> Self {
        Self { deadline: Instant::now() + limit, limit, ..self }
    }

    /// The error of having taken longer.
    pub fn too_slow(&self) -> Error {
        Error::TooSlow { limit_ms: u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX) }
    }

    /// Does what is to be done until then.
    ///
    /// # Errors
    ///
    /// [`Error::TooSlow`] when time is up; otherwise as the work says.
    pub async fn within<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match tokio::time::timeout_at(self.deadline, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.too_slow()),
        }
    }
}

impl std::fmt::Debug for Reports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reports").field("lake", &self.lake).finish_non_exhaustive()
    }
}
