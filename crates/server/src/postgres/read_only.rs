//! Allows statements that read, and no others.

use async_trait::async_trait;
use datafusion::common::ParamValues;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement as AnyStatement;
use datafusion::sql::sqlparser::ast::Statement;
use datafusion_postgres::QueryHook;
use datafusion_postgres::hooks::HookClient;
use datafusion_postgres::pgwire::api::ClientInfo;
use datafusion_postgres::pgwire::api::results::Response;
use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError, PgWireResult};

/// `read_only_sql_transaction`.
const READ_ONLY: &str = "25006";

/// Refuses statements that do not only read.
pub(super) struct ReadOnly;

/// The plan of a statement that reads.
async fn plan(statement: &Statement, context: &SessionContext) -> PgWireResult<LogicalPlan> {
    let statement = AnyStatement::Statement(Box::new(statement.clone()));
    let plan = context.state().statement_to_plan(statement).await;
    let plan = plan.map_err(|error| PgWireError::ApiError(Box::new(error)))?;
    let reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reads.verify_plan(&plan).map_err(|_| {
        let message = "only statements that read are possible here".to_owned();
        PgWireError::UserError(Box::new(ErrorInfo::new("ERROR".to_owned(), READ_ONLY.to_owned(), message)))
    })?;
    Ok(plan)
}

#[async_trait]
impl QueryHook for ReadOnly {
    async fn handle_simple_query(
        &self,
        statement: &Statement,
        context: &SessionContext,
        _client: &mut dyn HookClient,
    ) -> Option<PgWireResult<Response>> {
        plan(statement, context).await.err().map(Err)
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
