//! Runs queries over all tables: each in its turn, within limits of memory and time.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use datafusion::execution::SessionStateBuilder;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{GreedyMemoryPool, MemoryPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::planner::ExprPlanner;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use playhead_lake::{Exclusions, Lake, Table};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::engine::column_comments::register_column_comments;
use crate::engine::deadline::{Note, NotedDeadline};
use crate::engine::exclusions::{EXCLUSIONS, ExclusionTable, exclusions};
use crate::engine::memory::QueryMemory;
use crate::engine::scratch::Scratch;
use crate::engine::unstored::Unstored;
use crate::engine::whole_table::WholeTable;
use crate::error::Error;
use crate::functions::date_part::{ExtractPlanner, date_part};
use crate::functions::growing::limit_growing_functions;
use crate::functions::postgres;
use crate::functions::postgres::operators::OperatorPlanner;
use crate::functions::type_texts::limit_type_texts;
use crate::limits;
use crate::time::range::Zone;

/// The catalogue that holds the tables; for the PostgreSQL protocol, the database.
pub const CATALOG: &str = "playhead";

/// The schema that holds the tables.
pub const SCHEMA: &str = "public";

/// The limits of queries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct EngineSettings {
    /// Memory for all queries together, bytes.
    pub memory_bytes: usize,
    /// Memory for one query, bytes.
    pub query_memory_bytes: usize,
    /// Time for one query, from its turn on; a query waits for its turn for at most as long.
    pub query_time: Duration,
    /// Queries that run at a time.
    pub queries: usize,
    /// Queries that wait for their turn.
    pub queries_waiting: usize,
    /// Parts of one query that are computed side by side; `None`: one for each core, two at least.
    pub query_threads: Option<NonZeroUsize>,
    /// Rows that pass through a query at a time.
    pub batch_rows: usize,
    /// Directory to which queries spill if their memory is used up; `None`: they fail instead.
    pub spill_directory: Option<PathBuf>,
    /// Bytes that all queries together may spill.
    pub spill_bytes: u64,
    /// The time zone of a query that names none.
    pub time_zone: Zone,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            memory_bytes: limits::MEMORY_BYTES,
            query_memory_bytes: limits::QUERY_MEMORY_BYTES,
            query_time: limits::QUERY_TIME,
            queries: limits::QUERIES,
            queries_waiting: limits::QUERIES_WAITING,
            query_threads: None,
            batch_rows: limits::BATCH_ROWS,
            spill_directory: None,
            spill_bytes: limits::SPILL_BYTES,
            time_zone: Zone::UTC,
        }
    }
}

/// The queries over one lake.
#[derive(Clone)]
pub struct Reports {
    lake: Arc<Lake>,
    unstored: Arc<dyn Unstored>,
    settings: EngineSettings,
    /// The template for the query session of each query.
    context: SessionContext,
    memory: Arc<dyn MemoryPool>,
    scratch: Arc<Scratch>,
    turns: Arc<Semaphore>,
    /// One permit for each query that waits for a turn.
    places: Arc<Semaphore>,
    /// Where the deadline of a turn is noted, for whoever watches over the query.
    noted: Option<Arc<NotedDeadline>>,
}

/// The right to run, and its deadline.
#[derive(Debug)]
pub struct Turn {
    deadline: Instant,
    limit: Duration,
    note: Option<Note>,
    _permit: OwnedSemaphorePermit,
}

/// The fewest parts that a query is computed in, unless the settings say one. One alone would run within the task that watches
/// over its time, and nothing could end it before it pauses.
const FEWEST_PARTS: usize = 2;

impl EngineSettings {
    /// The parts of one query that are computed side by side.
    pub fn parts(&self) -> usize {
        let by_cores = || available_parallelism().map_or(FEWEST_PARTS, |cores| cores.get().max(FEWEST_PARTS));
        self.query_threads.map_or_else(by_cores, NonZeroUsize::get)
    }
}

impl Reports {
    /// Queries over `lake` and the rows that are not in it yet. This reads nothing, so a broken table fails only the
    /// queries about it.
    ///
    /// # Errors
    ///
    /// If the query engine cannot be set up. A spill directory that cannot be made is no reason: it is tried again with
    /// each query.
    pub fn new(
        lake: Arc<Lake>,
        unstored: impl Unstored + 'static,
        settings: EngineSettings,
    ) -> Result<Self, Error> {
        let unstored: Arc<dyn Unstored> = Arc::new(unstored);
        let memory: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(settings.memory_bytes));
        let scratch = Scratch::new(settings.spill_directory.clone(), settings.spill_bytes)?;
        // The template spills nowhere: each query gets its place when it begins.
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(memory.clone())
            .with_disk_manager_builder(disk)
            .build_arc()?;
        let mut config = SessionConfig::new()
            .with_information_schema(true)
            .with_default_catalog_and_schema(CATALOG, SCHEMA)
            .with_batch_size(settings.batch_rows);
        // Stored text has the type that the tables declare, like text that is not stored yet.
        config.options_mut().execution.parquet.schema_force_view_types = false;
        // Files that move between threads would be added in another order each time, and a sum of the same rows would differ in
        // its last digits.
        config.options_mut().execution.enable_file_stream_work_stealing = false;
        // Moments of the session are in UTC, and say so.
        config.options_mut().execution.time_zone = Some("UTC".to_owned());
        config = config.with_target_partitions(settings.parts());
        // The first planner that knows an expression plans it.
        let state = SessionStateBuilder::new().with_config(config).with_runtime_env(runtime);
        let planners: Vec<Arc<dyn ExprPlanner>> = vec![Arc::new(ExtractPlanner), Arc::new(OperatorPlanner)];
        let state = state.with_expr_planners(planners).with_default_features().build();
        let context = SessionContext::new_with_state(state);
        context.register_udf(date_part());
        let made_bytes = settings.query_memory_bytes / limits::FUNCTION_PART;
        postgres::register(&context, made_bytes);
        for table in Table::ALL {
            let whole = WholeTable::new(table, lake.clone(), unstored.clone());
            context.register_table(table.name(), Arc::new(whole))?;
        }
        let excluded = ExclusionTable::new(lake.clone(), unstored.clone());
        context.register_table(EXCLUSIONS, Arc::new(excluded))?;
        register_column_comments(&context, CATALOG)?;
        limit_growing_functions(&context, made_bytes);
        limit_type_texts(&context);
        let turns = Arc::new(Semaphore::new(settings.queries));
        let places = Arc::new(Semaphore::new(settings.queries_waiting));
        let scratch = Arc::new(scratch);
        Ok(Self { lake, unstored, settings, context, memory, scratch, turns, places, noted: None })
    }

    /// The same, with the deadline of each turn noted in `noted`: for one query, or queries one after the other.
    #[must_use]
    pub fn noting(&self, noted: Arc<NotedDeadline>) -> Self {
        Self { noted: Some(noted), ..self.clone() }
    }

    /// The lake.
    pub fn lake(&self) -> &Arc<Lake> {
        &self.lake
    }

    /// The sessions that are excluded now, which no query counts.
    ///
    /// # Errors
    ///
    /// If the journal or the table of exclusions cannot be read.
    pub async fn exclusions(&self) -> Result<Exclusions, Error> {
        exclusions(&self.lake, &*self.unstored).await
    }

    /// The limits of queries.
    pub fn settings(&self) -> &EngineSettings {
        &self.settings
    }

    /// A new query session over all tables, for one query, with a memory limit of its own.
    pub fn context(&self) -> SessionContext {
        let state = self.context.state();
        let runtime = self.context.runtime_env();
        let memory = QueryMemory::new(self.memory.clone(), self.settings.query_memory_bytes);
        let runtime = RuntimeEnv {
            memory_pool: Arc::new(memory),
            disk_manager: self.scratch.for_query(),
            cache_manager: runtime.cache_manager.clone(),
            object_store_registry: runtime.object_store_registry.clone(),
        };
        let state = SessionStateBuilder::new_from_existing(state).with_runtime_env(Arc::new(runtime)).build();
        SessionContext::new_with_state(state)
    }

    /// A table with its stored and unstored rows, each session once; in a query session of its own.
    ///
    /// # Errors
    ///
    /// If the table is missing, which does not happen.
    pub async fn table(&self, table: Table) -> Result<DataFrame, Error> {
        Ok(self.context().table(table.name()).await?)
    }

    /// Waits for a turn.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if too many queries wait already, or if no turn comes within the time of one query.
    pub async fn turn(&self) -> Result<Turn, Error> {
        let limit = self.settings.query_time;
        let permit = match self.turns.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let _place = self.places.try_acquire().map_err(|_| Error::Busy)?;
                let turn = tokio::time::timeout(limit, self.turns.clone().acquire_owned()).await;
                turn.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)?
            }
        };
        let deadline = Instant::now() + limit;
        let note = self.noted.clone().map(|noted| Note::new(noted, deadline));
        Ok(Turn { deadline, limit, note, _permit: permit })
    }

    /// Runs a query in its turn, within its time. Call it once for each query: a query that waits for a second turn
    /// may wait for itself.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] as for [`Reports::turn`], [`Error::TooSlow`] if the time is up, and the query's own errors,
    /// translated from those of the query engine ([`Reports::explain`]).
    pub async fn run<T>(&self, query: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let turn = self.turn().await?;
        match turn.within(query).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.explain(error).await),
        }
    }

    /// Translates an error of the query engine: out of memory, or a table that cannot be read, with the name of the
    /// file at fault. Other errors stay as they are.
    pub async fn explain(&self, error: Error) -> Error {
        let error = error.explained(self.settings.query_memory_bytes);
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
    /// The deadline.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The same turn with another limit, from now on.
    pub(crate) fn extended(self, limit: Duration) -> Self {
        let deadline = Instant::now() + limit;
        if let Some(note) = &self.note {
            note.change(deadline);
        }
        Self { deadline, limit, ..self }
    }

    /// The error of a query that took longer.
    pub fn too_slow(&self) -> Error {
        Error::TooSlow { limit_ms: u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX) }
    }

    /// Runs `work` until the deadline.
    ///
    /// # Errors
    ///
    /// [`Error::TooSlow`] if the time is up; otherwise the errors of `work`.
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
