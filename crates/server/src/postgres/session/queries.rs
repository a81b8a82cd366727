//! Queries of a connection: planned, started, and delivered row by row.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::sqlparser::ast;
use datafusion_postgres::pgwire::error::PgWireResult;
use playhead_report::Reports;
use playhead_report::engine::time_zone::show_in;
use playhead_report::sql::statement::check_read_only;

use crate::postgres::catalogue;
use crate::postgres::refusal::{READ_ONLY, engine, refusal};
use crate::postgres::session::running::{Gates, Piece, Rows, guarded};
use crate::postgres::values::columns::Columns;
use crate::postgres::wire::Delivery;

/// The query engine, as one connection has it.
#[derive(Clone)]
pub(in crate::postgres) struct Queries {
    pub(in crate::postgres) context: Arc<SessionContext>,
    pub(in crate::postgres) reports: Reports,
    pub(in crate::postgres) gates: Gates,
}

/// A query that has begun.
pub(super) struct Started {
    pub(super) columns: Arc<Columns>,
    pub(super) rows: Rows,
}

impl Queries {
    /// The plan of a statement that reads.
    ///
    /// # Errors
    ///
    /// If it is wrong, or does not only read.
    pub(super) async fn plan(&self, statement: &ast::Statement) -> PgWireResult<LogicalPlan> {
        let refused = || refusal(READ_ONLY, "only statements that read are possible here".to_owned());
        if !reads(statement) {
            return Err(refused());
        }
        let plan = catalogue::plan(&self.context, statement.clone());
        let plan = guarded(async { plan.await.map_err(engine) }).await?;
        check_read_only(&plan).map_err(|_| refused())?;
        Ok(plan)
    }

    /// Shows moments in a time zone from now on.
    pub(super) async fn show_in(&self, zone: &str) -> PgWireResult<()> {
        show_in(&self.context, &self.reports, zone).await.map_err(engine)
    }

    /// Starts a planned query.
    pub(super) async fn start(
        &self,
        plan: LogicalPlan,
        columns: Arc<Columns>,
        timeout_ms: Option<u64>,
    ) -> PgWireResult<Started> {
        let running = self.gates.begin(timeout_ms).await?;
        let started = async {
            let frame = self.context.execute_logical_plan(plan).await.map_err(engine)?;
            frame.execute_stream().await.map_err(engine)
        };
        let rows = running.within(started).await?;
        Ok(Started { columns: columns.clone(), rows: running.rows(rows, columns) })
    }
}

/// Whether a statement is of a kind that only reads; what it holds is seen in its plan.
fn reads(statement: &ast::Statement) -> bool {
    matches!(
        statement,
        ast::Statement::Query(_)
            | ast::Statement::Explain { .. }
            | ast::Statement::ExplainTable { .. }
            | ast::Statement::ShowTables { .. }
            | ast::Statement::ShowColumns { .. }
            | ast::Statement::ShowFunctions { .. }
            | ast::Statement::ShowDatabases { .. }
            | ast::Statement::ShowSchemas { .. }
    )
}

/// The columns that a plan gives.
pub(super) fn columns_of(plan: &LogicalPlan) -> Arc<Columns> {
    Arc::new(Columns::new(plan.schema().as_arrow()))
}

/// Rows from which a client takes as many as it wants.
pub(super) struct Source {
    rows: Rows,
    /// Rows of which some are sent, and how many.
    begun: Option<(Piece, usize)>,
}

impl Source {
    pub(super) fn new(rows: Rows) -> Self {
        Self { rows, begun: None }
    }

    /// Sends so many rows, or all without a number; how many there were, and whether these were the last. Nothing is sent without a
    /// delivery.
    pub(super) async fn deliver(
        &mut self,
        mut delivery: Option<&mut Delivery<'_>>,
        most: Option<u64>,
    ) -> PgWireResult<(u64, bool)> {
        let mut sent = 0;
        while most.is_none_or(|most| sent < most) {
            let (piece, row) = match self.begun.take() {
                Some(begun) => begun,
                None => match self.rows.next().await? {
                    Some(piece) => (piece, 0),
                    None => return Ok((sent, true)),
                },
            };
            if let Some(delivery) = &mut delivery {
                delivery.send(&piece.batch, row).await?;
            }
            sent += 1;
            if row + 1 < piece.batch.num_rows() {
                self.begun = Some((piece, row + 1));
            }
        }
        Ok((sent, false))
    }
}

/// A small table of texts, as of settings.
pub(super) fn texts(names: &[&str], rows: &[Vec<String>]) -> PgWireResult<(Arc<Columns>, RecordBatch)> {
    let fields: Vec<Field> = names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let columns = (0..names.len()).map(|place| {
        let texts = rows.iter().map(|row| row.get(place).cloned());
        Arc::new(texts.collect::<StringArray>()) as _
    });
    let batch = RecordBatch::try_new(schema.clone(), columns.collect());
    let batch = batch.map_err(|error| engine(DataFusionError::from(error)))?;
    let columns = Columns::new(&schema);
    let kept = columns.keep(&batch).map_err(|error| engine(DataFusionError::from(error)))?;
    Ok((Arc::new(columns), kept))
}
