//! The clocks of time zones, for the dashboard: a browser has a database of its own, which may be of another year.

use axum::response::Response;
use playhead_node::error::QueryError;
use playhead_report::ZoneClocks;

use crate::error::Error;
use crate::http::api::call::ApiRequest;
use crate::http::api::query::Query;
use crate::http::wire::responses;

/// `GET /reports/v1/time-zone`.
pub(crate) async fn clocks(request: ApiRequest) -> Result<Response, Error> {
    let mut query = Query::parse(request.query())?;
    let name = query.text("name");
    query.finish()?;
    let name = name.ok_or_else(|| Error::fault("?name", "is required"))?;
    let clocks = ZoneClocks::of(&name).map_err(QueryError::from)?;
    Ok(responses::json(&clocks))
}
