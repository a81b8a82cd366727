//! The sessions and the length of one content, for its panels.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Float64Type;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::{SessionContext, ident};
use playhead_lake::Table;

use crate::error::Error;
use crate::names::dimension::Fact;
use crate::panels::panel_request::Scope;

/// The sessions of one content.
pub(crate) fn sessions_of(content_id: &str, scope: &Scope) -> Option<Expr> {
    let is_of_content = ident("content_id").eq(lit(content_id));
    Some(match scope.started(Fact::Sessions) {
        Some(condition) => is_of_content.and(condition),
        None => is_of_content,
    })
}

/// The length of a content, seconds: the most frequent length above 0 among its sessions; among equals the longest.
/// `None` if no session has one, as for live streams.
pub(crate) async fn content_length(
    context: &SessionContext,
    sessions: Option<Expr>,
) -> Result<Option<f64>, Error> {
    let length = || ident("content_length");
    let says_one = length().gt(lit(0.0)).and(length().lt(lit(f64::INFINITY)));
    let condition = sessions.map_or(says_one.clone(), |sessions| sessions.and(says_one));
    let frame = context.table(Table::Sessions.name()).await?.filter(condition)?;
    let frame = frame.aggregate(vec![length()], vec![count(lit(1)).alias("said_by")])?;
    let order = vec![ident("said_by").sort(false, false), length().sort(false, false)];
    let batches = frame.sort(order)?.limit(0, Some(1))?.collect().await?;
    let found = batches.iter().find(|batch| batch.num_rows() > 0);
    Ok(found.and_then(|batch| Some(batch.column(0).as_primitive_opt::<Float64Type>()?.value(0))))
}
