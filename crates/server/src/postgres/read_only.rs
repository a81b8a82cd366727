//! Allows statements that read, and no others.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::common::ParamValues;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::sqlparser::ast::Statement;
use datafusion_postgres::QueryHook;
use datafusion_postgres::arrow_pg::datatypes::df::encode_dataframe;
use datafusion_postgres::hooks::HookClient;
use datafusion_postgres::pgwire::api::ClientInfo;
use datafusion_postgres::pgwire::api::portal::Format;
use datafusion_postgres::pgwire::api::results::Response;
use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use datafusion_postgres::pgwire::types::format::FormatOptions;

use crate::postgres::catalogue;

/// `read_only_sql_transaction`.
const READ_ONLY: &str = "25006";

/// Refuses statements that do not only read.
pub(super) struct ReadOnly;

/// The plan of a statement that reads.
async fn plan(statement: &Statement, context: &SessionContext) -> PgWireResult<LogicalPlan> {
    let plan = catalogue::plan(context, statement.clone()).await;
    let plan = plan.map_err(|error| PgWireError::ApiError(Box::new(error)))?;
    let reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reads.verify_plan(&plan).map_err(|_| {
        let message = "only statements that read are possible here".to_owned();
        PgWireError::UserError(Box::new(ErrorInfo::new("ERROR".to_owned(), READ_ONLY.to_owned(), message)))
    })?;
    Ok(plan)
}

/// Runs a statement and answers in text.
async fn answer(
    statement: &Statement,
    context: &SessionContext,
    client: &mut dyn HookClient,
) -> PgWireResult<Response> {
    let plan = plan(statement, context).await?;
    let rows = context.execute_logical_plan(plan).await;
    let rows = rows.map_err(|error| PgWireError::ApiError(Box::new(error)))?;
    let options = Arc::new(FormatOptions::from_client_metadata(client.metadata()));
    Ok(Response::Query(encode_dataframe(rows, &Format::UnifiedText, Some(options)).await?))
}

#[async_trait]
impl QueryHook for ReadOnly {
    async fn handle_simple_query(
        &self,
        statement: &Statement,
        context: &SessionContext,
        client: &mut dyn HookClient,
    ) -> Option<PgWireResult<Response>> {
        Some(answer(statement, context, client).await)
    }

    async fn handle_extended_parse_query(
        &self,
        statement: &Statement,
        context: &SessionContext,
        _client: &(dyn ClientInfo + Send + Sync),
    ) -> Option<PgWireResult<LogicalPlan>> {
        Some(plan(statement, context).await)
    }

    async fn handle_extended_query(
        &self,
        _statement: &Statement,
        _plan: &LogicalPlan,
        _params: &ParamValues,
        _context: &SessionContext,
        _client: &mut dyn HookClient,
    ) -> Option<PgWireResult<Response>> {
        None
    }
}
