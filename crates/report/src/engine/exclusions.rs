//! Sessions that an operator excluded: queries leave them out, and the table `exclusions` lists them.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DFSchema, Result};
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, TableType, lit};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExecBuilder;
use datafusion::prelude::ident;
use playhead_lake::{Exclusion, Exclusions, Kind, Lake, Table};
use playhead_protocol::SessionId;

use crate::engine::unstored::Unstored;
use crate::error::Error;

/// The name of the table.
pub const EXCLUSIONS: &str = "exclusions";

/// The meaning of one row.
pub const EXCLUSIONS_MEANING: &str = "A session that an operator excluded; no report counts it.";

/// Its columns: name, type, meaning.
pub const EXCLUSION_COLUMNS: [(&str, Kind, &str); 5] = [
    ("session_id", Kind::Text, "The session, which no report counts."),
    ("reason", Kind::Text, "Why, as the operator wrote it."),
    ("excluded_at", Kind::Time, "Since when, by the server's clock."),
    ("started_at", Kind::Time, "When the session started, by the device's clock."),
    ("ended_at", Kind::Time, "When its last event happened; null if more may come."),
];

/// The column by which rows belong to sessions.
const SESSION_ID: &str = "session_id";

/// The sessions that are excluded now.
pub(crate) async fn exclusions(lake: &Lake, unstored: &dyn Unstored) -> Result<Exclusions, Error> {
    let own = unstored.exclusions().await?;
    Ok(Exclusions::of(own, &lake.exclusions().await?))
}

/// The condition that a row is of none of these sessions.
pub(crate) fn is_of_none(sessions: &HashSet<SessionId>) -> Expr {
    ident(SESSION_ID).in_list(sessions.iter().map(|session| lit(session.to_string())).collect(), true)
}

/// The columns at these places of a table, and behind them the one that says the session, unless it is among them.
pub(crate) fn with_session(table: Table, projection: &[usize]) -> Vec<usize> {
    let session = table.column_index(SESSION_ID).filter(|place| !projection.contains(place));
    projection.iter().copied().chain(session).collect()
}

/// The rows of a plan that are of none of these sessions, with its first so many columns.
pub(crate) fn without_sessions(
    plan: Arc<dyn ExecutionPlan>,
    sessions: &HashSet<SessionId>,
    columns: usize,
    state: &dyn Session,
) -> Result<Arc<dyn ExecutionPlan>> {
    let known = DFSchema::try_from(plan.schema())?;
    let predicate = state.create_physical_expr(is_of_none(sessions), &known)?;
    let filter = FilterExecBuilder::new(predicate, plan).apply_projection(Some((0..columns).collect()))?;
    Ok(Arc::new(filter.build()?))
}

/// The table of excluded sessions.
#[derive(Debug)]
pub(crate) struct ExclusionTable {
    lake: Arc<Lake>,
    unstored: Arc<dyn Unstored>,
}

impl ExclusionTable {
    pub(crate) fn new(lake: Arc<Lake>, unstored: Arc<dyn Unstored>) -> Self {
        Self { lake, unstored }
    }
}

fn exclusion_schema() -> SchemaRef {
    let field = |(name, kind, meaning): (&str, Kind, &str)| {
        let comment = [("comment".to_owned(), meaning.to_owned())].into();
        Field::new(name, kind.data_type(), true).with_metadata(comment)
    };
    Arc::new(Schema::new(EXCLUSION_COLUMNS.map(field).to_vec()))
}

fn exclusion_rows(list: &[Exclusion]) -> Result<RecordBatch> {
    let texts = |text: fn(&Exclusion) -> String| -> ArrayRef {
        Arc::new(list.iter().map(|exclusion| Some(text(exclusion))).collect::<StringArray>())
    };
    let times = |ms: fn(&Exclusion) -> Option<i64>| -> ArrayRef {
        let times: TimestampMicrosecondArray =
            list.iter().map(|exclusion| ms(exclusion).map(|ms| ms.saturating_mul(1_000))).collect();
        Arc::new(times.with_timezone("UTC"))
    };
    let columns = vec![
        texts(|exclusion| exclusion.session.to_string()),
        texts(|exclusion| exclusion.reason.clone()),
        times(|exclusion| Some(exclusion.excluded_at_ms)),
        times(|exclusion| Some(exclusion.started_at_ms)),
        times(|exclusion| exclusion.ended_at_ms),
    ];
    Ok(RecordBatch::try_new(exclusion_schema(), columns)?)
}

#[async_trait]
impl TableProvider for ExclusionTable {
    fn schema(&self) -> SchemaRef {
        exclusion_schema()
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
        let found = exclusions(&self.lake, &*self.unstored).await;
        let found = found.map_err(|error| DataFusionError::External(Box::new(error)))?;
        let rows = exclusion_rows(&found.list())?;
        MemTable::try_new(self.schema(), vec![vec![rows]])?.scan(state, projection, filters, limit).await
    }
}
