//! The errors of the quality panel by source and id, from the table of errors. The lists of ids in the rows of sessions would not
//! do: they have no errors without an id, at most twenty ids, and two sources.

use datafusion::functions_aggregate::expr_fn::count_distinct;
use datafusion::logical_expr::JoinType;
use datafusion::prelude::{DataFrame, SessionContext, ident};
use playhead_lake::Table;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::filter::Filters;
use crate::functions::session_key::session_key;
use crate::names::dimension::Fact;
use crate::panels::groups::{Group, count, grouped_rows, row_count, rows_of};
use crate::panels::panel_request::Scope;
use crate::panels::share;

/// One error.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct ErrorShare {
    /// The error's id; null for errors that came without one.
    pub error_id: Option<String>,
    /// `player`, `external`, or what else the player wrote.
    pub source: String,
    /// How often it came.
    pub errors: u64,
    /// Sessions with this error.
    pub sessions: u64,
    /// Their share of all sessions.
    pub error_rate: Option<f64>,
}

/// The errors that the list leaves out. Sessions may have several of them, so they are not added up.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct OtherErrors {
    /// How many there are, by source and id.
    pub values: u64,
    /// How often they came.
    pub errors: u64,
}

/// The errors in the most sessions, the most first, and the others.
pub(crate) async fn errors_by_id(
    context: &SessionContext,
    scope: &Scope,
    sessions: u64,
    top: usize,
) -> Result<(Vec<ErrorShare>, Option<OtherErrors>), Error> {
    let rows = rows_of_errors(context, scope).await?;
    let keys = vec![ident("source"), ident("error_id")];
    let sums = vec![count_distinct(session_key(ident("session_id"))), row_count()];
    let groups = grouped_rows(rows, keys, sums, top).await?;
    let values = groups.other_groups;
    let other = groups.other.map(|sums| OtherErrors { values, errors: count(sums[1]) });
    Ok((groups.top.into_iter().map(|group| error_share(group, sessions)).collect(), other))
}

fn error_share(mut group: Group, of_sessions: u64) -> ErrorShare {
    let error_id = group.values.pop().flatten();
    let [sessions, errors] = [count(group.sums[0]), count(group.sums[1])];
    let source = group.values.pop().flatten().unwrap_or_default();
    ErrorShare { error_id, source, errors, sessions, error_rate: share(sessions, of_sessions) }
}

/// The errors of the sessions of a scope.
async fn rows_of_errors(context: &SessionContext, scope: &Scope) -> Result<DataFrame, Error> {
    if scope.filters.missing_on(Fact::Errors).is_none() {
        return rows_of(context, Table::Errors, scope.started(Fact::Errors)).await;
    }
    // A filter names what only rows of sessions have, such as how long content played.
    let unfiltered = Scope { filters: Filters::default(), ..scope.clone() };
    let errors = rows_of(context, Table::Errors, unfiltered.started(Fact::Errors)).await?;
    let sessions = rows_of(context, Table::Sessions, scope.started(Fact::Sessions)).await?;
    let sessions = sessions.select(vec![ident("session_id").alias("of_session")])?;
    Ok(errors.join(sessions, JoinType::LeftSemi, &["session_id"], &["of_session"], None)?)
}
