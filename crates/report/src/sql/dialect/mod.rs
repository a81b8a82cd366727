//! SQL as PostgreSQL means it. The query engine reads some of it differently; this puts it into words that the engine reads
//! as PostgreSQL would, before it plans.
//!
//! Every door plans through here, so a query means the same at each.

mod arguments;
mod calls;
mod columns;
mod conversions;
mod days;
mod expressions;
mod lists;
mod literals;
mod subqueries;
mod tables;

use datafusion::config::Dialect;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::Statement as EngineStatement;
use datafusion::sql::sqlparser::ast::{Statement, VisitMut};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};

use crate::sql::dialect::arguments::put_in_order;
use crate::sql::dialect::columns::{restore_names, tell_columns_apart};
use crate::sql::dialect::days::take_zones_from_days;
use crate::sql::dialect::expressions::Expressions;
use crate::sql::dialect::subqueries::make_values_of_conditions;

/// The plan of a query that is one statement. A query that is not PostgreSQL's SQL may be that of the engine.
///
/// # Errors
///
/// If the SQL is invalid or is not one statement.
pub(crate) async fn plan_text(state: &SessionState, query: &str) -> Result<LogicalPlan, DataFusionError> {
    let statement = match state.sql_to_statement(query, &Dialect::PostgreSQL) {
        Ok(statement) => statement,
        Err(error) => match state.sql_to_statement(query, &Dialect::Generic) {
            Ok(statement) => statement,
            Err(_) => return Err(error),
        },
    };
    plan_engine_statement(state, statement).await
}

/// The statements of a text, as PostgreSQL separates and reads them.
///
/// # Errors
///
/// If the SQL is invalid.
pub fn parse(text: &str) -> Result<Vec<Statement>, ParserError> {
    Parser::new(&PostgreSqlDialect {}).try_with_sql(text)?.parse_statements()
}

/// The plan of a statement.
///
/// # Errors
///
/// If the statement has no meaning for the engine.
pub async fn plan(state: &SessionState, statement: Statement) -> Result<LogicalPlan, DataFusionError> {
    plan_engine_statement(state, EngineStatement::Statement(Box::new(statement))).await
}

async fn plan_engine_statement(
    state: &SessionState,
    mut statement: EngineStatement,
) -> Result<LogicalPlan, DataFusionError> {
    put_into_words_of_engine(state, &mut statement)?;
    restore_names(take_zones_from_days(state.statement_to_plan(statement).await?)?)
}

fn put_into_words_of_engine(
    state: &SessionState,
    statement: &mut EngineStatement,
) -> Result<(), DataFusionError> {
    match statement {
        EngineStatement::Statement(statement) => rewrite(state, statement),
        EngineStatement::Explain(explain) => put_into_words_of_engine(state, &mut explain.statement),
        _ => Ok(()),
    }
}

/// Puts a statement into words of the engine. Doing so twice changes nothing more.
///
/// # Errors
///
/// If it has a meaning in PostgreSQL that the engine cannot be told.
fn rewrite(state: &SessionState, statement: &mut Statement) -> Result<(), DataFusionError> {
    put_in_order(statement);
    make_values_of_conditions(statement);
    let mut expressions = Expressions::new(state);
    let _ = statement.visit(&mut expressions);
    expressions.outcome()?;
    let mut inner = statement;
    while let Statement::Explain { statement, .. } = inner {
        inner = statement;
    }
    if let Statement::Query(query) = inner {
        tell_columns_apart(query);
    }
    Ok(())
}
