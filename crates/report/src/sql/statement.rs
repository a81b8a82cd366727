//! Queries in SQL: read-only, one statement each, within limits of memory, time, rows and bytes.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::spill::get_record_batch_memory_size;
use datafusion::prelude::{SQLOptions, SessionContext};
use futures::StreamExt;
use playhead_lake::Table;

use crate::engine::exclusions::{EXCLUSION_COLUMNS, EXCLUSIONS, EXCLUSIONS_MEANING};
use crate::engine::reports::{Reports, Turn};
use crate::engine::time_zone::in_zone_of;
use crate::error::Error;
use crate::limits;
use crate::sql::dialect::plan_text;
use crate::sql::nesting::check_nesting;

/// The limits of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlLimits {
    /// Rows.
    pub rows: u64,
    /// Bytes, as they are written.
    pub bytes: u64,
}

impl SqlLimits {
    /// As many as there are.
    pub(crate) const NONE: Self = Self { rows: u64::MAX, bytes: u64::MAX };
}

impl Default for SqlLimits {
    fn default() -> Self {
        Self { rows: limits::SQL_ROWS, bytes: limits::SQL_RESPONSE_BYTES }
    }
}

/// A response in progress. It keeps its turn until it is dropped.
pub struct SqlResponse {
    reports: Reports,
    turn: Turn,
    schema: SchemaRef,
    rows: SendableRecordBatchStream,
    limits: SqlLimits,
    rows_left: u64,
    is_truncated: bool,
}

/// The names that a prompt can complete.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Completions {
    /// The tables with their columns.
    pub tables: Vec<CompletedTable>,
    /// Names of functions.
    pub functions: Vec<String>,
}

/// A table that a prompt can complete.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CompletedTable {
    /// Its name.
    pub name: &'static str,
    /// The meaning of one row.
    pub meaning: &'static str,
    /// Its columns, in order.
    pub columns: Vec<&'static str>,
}

impl Reports {
    /// Runs a query in SQL, in its turn.
    ///
    /// # Errors
    ///
    /// [`Error::Sql`] with the query engine's message if the query is invalid or not allowed, [`Error::Busy`] if no turn
    /// comes, [`Error::TooSlow`] and [`Error::TooMuchMemory`] at the limits, [`Error::Unreadable`] for a broken table.
    pub async fn sql(&self, query: &str, limits: SqlLimits) -> Result<SqlResponse, Error> {
        check_extent(query)?;
        let turn = self.turn().await?;
        let context = self.context();
        let started = async {
            let context = in_zone_of(context, self, self.settings().time_zone.name()).await?;
            let plan = read_only_plan(&context, query).await?;
            Ok(context.execute_logical_plan(plan).await?.execute_stream().await?)
        };
        let rows = match turn.within(started).await {
            Ok(rows) => rows,
            Err(error) => return Err(self.explain_sql(error).await),
        };
        Ok(SqlResponse::of(self.clone(), turn, rows, limits))
    }

    /// Like [`Reports::explain`], for SQL: any error that remains is an error of the SQL.
    pub(crate) async fn explain_sql(&self, error: Error) -> Error {
        self.explain(error.into_sql(self.settings().query_memory_bytes)).await
    }

    /// The names that a prompt can complete.
    pub fn completions(&self) -> Completions {
        let excluded = CompletedTable {
            name: EXCLUSIONS,
            meaning: EXCLUSIONS_MEANING,
            columns: EXCLUSION_COLUMNS.map(|(name, _, _)| name).to_vec(),
        };
        let tables = Table::ALL.into_iter().map(|table| CompletedTable {
            name: table.name(),
            meaning: table.meaning(),
            columns: table.columns().iter().map(|column| column.name).collect(),
        });
        let state = self.context().state();
        let mut functions: Vec<String> = state
            .scalar_functions()
            .keys()
            .chain(state.aggregate_functions().keys())
            .chain(state.window_functions().keys())
            .cloned()
            .collect();
        functions.sort_unstable();
        functions.dedup();
        Completions { tables: tables.chain([excluded]).collect(), functions }
    }
}

/// The plan of one read-only statement.
///
/// # Errors
///
/// If the SQL is invalid, is not one statement, or would change anything: tables, files, settings.
pub(crate) async fn read_only_plan(
    context: &SessionContext,
    query: &str,
) -> Result<LogicalPlan, DataFusionError> {
    let plan = plan_text(&context.state(), query).await?;
    check_read_only(&plan)?;
    Ok(plan)
}

/// Checks that a plan only reads.
///
/// # Errors
///
/// If it would change anything: tables, files, settings.
pub fn check_read_only(plan: &LogicalPlan) -> Result<(), DataFusionError> {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(plan)
}

/// Checks the length and the nesting of a query.
///
/// # Errors
///
/// [`Error::Sql`] if either exceeds its limit.
pub fn check_extent(query: &str) -> Result<(), Error> {
    if query.len() > limits::SQL_BYTES {
        return Err(Error::Sql(format!("a query may have at most {} bytes", limits::SQL_BYTES)));
    }
    check_nesting(query).map_err(Error::Sql)
}

impl SqlResponse {
    /// A response of these rows, in this turn.
    pub(crate) fn of(
        reports: Reports,
        turn: Turn,
        rows: SendableRecordBatchStream,
        limits: SqlLimits,
    ) -> Self {
        let schema = rows.schema();
        Self { reports, turn, schema, rows, limits, rows_left: limits.rows, is_truncated: false }
    }

    /// The columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Its limits.
    pub fn limits(&self) -> SqlLimits {
        self.limits
    }

    /// Whether there were more rows than the limits allow. Known once [`SqlResponse::next`] has returned `None`.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// Ends it here and marks it as cut.
    pub(crate) fn truncate(&mut self) {
        self.is_truncated = true;
    }

    /// The next rows; `None` after the last row or at the limit.
    ///
    /// # Errors
    ///
    /// As for [`Reports::sql`].
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        while !self.is_truncated {
            let rows = &mut self.rows;
            let next = self.turn.within(async { rows.next().await.transpose().map_err(Error::Query) }).await;
            let batch = match next {
                Ok(Some(batch)) => batch,
                Ok(None) => return Ok(None),
                Err(error) => return Err(self.reports.explain_sql(error).await),
            };
            let limit_bytes = self.reports.settings().query_memory_bytes;
            if get_record_batch_memory_size(&batch) > limit_bytes {
                return Err(Error::TooMuchMemory { limit_bytes });
            }
            let rows = batch.num_rows() as u64;
            if rows > self.rows_left {
                self.is_truncated = true;
            }
            let kept = rows.min(self.rows_left);
            self.rows_left -= kept;
            if kept > 0 {
                return Ok(Some(batch.slice(0, usize::try_from(kept).unwrap_or(usize::MAX))));
            }
        }
        Ok(None)
    }

    /// All rows that are left.
    ///
    /// # Errors
    ///
    /// As for [`Reports::sql`].
    pub async fn collect(&mut self) -> Result<Vec<RecordBatch>, Error> {
        let mut batches = Vec::new();
        while let Some(batch) = self.next().await? {
            batches.push(batch);
        }
        Ok(batches)
    }
}

impl std::fmt::Debug for SqlResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlResponse").field("limits", &self.limits).finish_non_exhaustive()
    }
}
