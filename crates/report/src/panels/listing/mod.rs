//! The list of sessions behind a number: those that pass the filters of a panel, in the order of any number of theirs, page
//! by page.

pub(crate) mod conditions;
mod order;
mod views;

use std::collections::HashMap;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::{DataFrame, SessionContext, ident};
use playhead_lake::{Table, rows_json};
use serde_json::{Map, Value};

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::limits::{LISTED_SESSIONS, USUAL_LISTED_SESSIONS};
use crate::names::dimension::Fact;
use crate::panels::groups::rows_of;
use crate::panels::memory::unexpected_column;
use crate::panels::panel_request::{Params, Scope};
use crate::panels::values::{text, texts};
use crate::time::range::moment_literal;

pub use conditions::SessionTraits;
use order::{Cursor, Order};
use views::ViewFilters;

/// A request for a list of sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionListRequest {
    /// Which sessions: those that started in the range.
    pub scope: Scope,
    /// Only open sessions, or only closed ones.
    open: Option<bool>,
    /// What they have.
    traits: SessionTraits,
    /// What an ad, a chapter or an error of theirs has.
    views: Vec<ViewFilters>,
    order: Order,
    /// The end of the page before.
    after: Option<Cursor>,
    /// The sessions of a page.
    limit: usize,
}

/// A list of sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionList {
    /// Session rows, in order.
    pub sessions: Vec<Map<String, Value>>,
    /// How many sessions there are on all pages.
    pub total: u64,
    /// The beginning of the next page; `None` on the last one.
    pub next_cursor: Option<String>,
}

impl SessionListRequest {
    /// Parses the parameters `from`, `to`, `time_zone`, `filters`, `segment`, `include_open`, `report_suite`, `content_id`,
    /// `visitor_id`, `open`, `diagnosis`, `q`, `order_by`, `limit`, `cursor`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse(pairs: &[(String, String)]) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let mut scope = params.scope_of_any_rows();
        let views = ViewFilters::take_from(&mut scope.filters, &mut params.faults);
        let open = params.chosen("open", &[("true", true), ("false", false)]);
        let traits = SessionTraits::parse(&mut params);
        let order = Order::parse(params.text("order_by"), &mut params.faults);
        let after = params.text("cursor").and_then(|text| {
            let cursor = order.read_cursor(text);
            if cursor.is_none() {
                params.faults.push("cursor", "must be a cursor of an earlier page in this order");
            }
            cursor
        });
        let limit = params.limit(USUAL_LISTED_SESSIONS, LISTED_SESSIONS);
        params.finish(Self { scope, open, traits, views, order, after, limit })
    }

    fn condition(&self) -> Option<Expr> {
        let of_state = self.open.map(|open| ident("is_open").eq(lit(open)));
        let all = self.scope.started(Fact::Sessions).into_iter().chain(of_state).chain(self.traits.exprs());
        all.reduce(Expr::and)
    }

    /// All sessions of the list.
    async fn rows(&self, context: &SessionContext) -> Result<DataFrame, Error> {
        let mut rows = rows_of(context, Table::Sessions, self.condition()).await?;
        for views in &self.views {
            rows = views.with_such_a_view(context, rows, &self.scope).await?;
        }
        Ok(rows)
    }
}

/// A session's place in the list.
struct Place {
    cursor: Cursor,
    started_at_ms: i64,
}

impl Reports {
    /// A page of the sessions that pass.
    ///
    /// The page, its rows and the total are read one after the other, so they may be a moment apart while sessions are open.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn session_list(&self, request: &SessionListRequest) -> Result<SessionList, Error> {
        self.run(self.session_list_in_turn(request)).await
    }

    async fn session_list_in_turn(&self, request: &SessionListRequest) -> Result<SessionList, Error> {
        let context = self.context();
        let mut places = places(&context, request).await?;
        let has_more = places.len() > request.limit;
        places.truncate(request.limit);
        let next_cursor = places.last().filter(|_| has_more).map(|last| request.order.write(&last.cursor));
        let total = match (&request.after, has_more) {
            (None, false) => places.len() as u64,
            _ => total(&context, request).await?,
        };
        let sessions = sessions_at(&context, &places).await?;
        Ok(SessionList { sessions, total, next_cursor })
    }
}

/// The places of a page, and one more if there is another page. Only what the order needs is read of all sessions.
async fn places(context: &SessionContext, request: &SessionListRequest) -> Result<Vec<Place>, Error> {
    let rows = request.rows(context).await?;
    let columns = vec![ident("session_id"), ident("started_at"), request.order.key().alias("key")];
    let mut rows = rows.select(columns)?;
    if let Some(after) = &request.after {
        rows = rows.filter(request.order.is_behind(after, ident("key")))?;
    }
    let rows = rows.sort(request.order.sort("key"))?.limit(0, Some(request.limit + 1))?;
    let mut places = Vec::new();
    for batch in rows.collect().await? {
        let ids = texts(batch.column(0), "session_id")?;
        let started = batch.column(1).as_primitive_opt::<TimestampMicrosecondType>();
        let started = started.ok_or_else(|| unexpected_column("started_at"))?;
        let keys = batch.column(2).as_primitive_opt::<Float64Type>();
        let keys = keys.ok_or_else(|| unexpected_column("key"))?;
        for row in 0..batch.num_rows() {
            let key = keys.is_valid(row).then(|| keys.value(row));
            let session_id = text(ids, row).unwrap_or_default().to_owned();
            let cursor = Cursor { key, session_id };
            places.push(Place { cursor, started_at_ms: started.value(row).div_euclid(1_000) });
        }
    }
    Ok(places)
}

async fn total(context: &SessionContext, request: &SessionListRequest) -> Result<u64, Error> {
    let rows = request.rows(context).await?;
    let batches = rows.aggregate(Vec::new(), vec![count(lit(1)).alias("total")])?.collect().await?;
    let total = batches.first().and_then(|batch| batch.column(0).as_primitive_opt::<Int64Type>());
    let total = total.filter(|total| !total.is_empty()).ok_or_else(|| unexpected_column("total"))?;
    Ok(u64::try_from(total.value(0)).unwrap_or(0))
}

/// The rows of the sessions at these places, in their order.
async fn sessions_at(context: &SessionContext, places: &[Place]) -> Result<Vec<Map<String, Value>>, Error> {
    let starts = || places.iter().map(|place| place.started_at_ms);
    let (Some(first_ms), Some(last_ms)) = (starts().min(), starts().max()) else { return Ok(Vec::new()) };
    // The days of the starts tell which files to read.
    let from = ident("started_at").gt_eq(moment_literal(first_ms));
    let to = ident("started_at").lt(moment_literal(last_ms.saturating_add(1)));
    let ids = places.iter().map(|place| lit(place.cursor.session_id.as_str())).collect();
    let is_listed = from.and(to).and(ident("session_id").in_list(ids, false));
    let mut found: HashMap<String, Map<String, Value>> = HashMap::new();
    for batch in rows_of(context, Table::Sessions, Some(is_listed)).await?.collect().await? {
        for row in rows_json(Table::Sessions, &batch)? {
            if let Some(id) = row.get("session_id").and_then(Value::as_str) {
                found.insert(id.to_owned(), row);
            }
        }
    }
    // One that was excluded in between is missing.
    Ok(places.iter().filter_map(|place| found.remove(&place.cursor.session_id)).collect())
}
