//! The report API's sessions (report contract, section 3).

use axum::response::Response;
use hyper::StatusCode;
use playhead_protocol::SessionId;
use playhead_report::StartFilters;

use crate::error::Error;
use crate::http::api::call::ApiRequest;
use crate::http::api::queries;
use crate::http::api::query::Query;
use crate::http::wire::responses;
use playhead_node::limits::{PAGE_EVENTS, PAGE_SESSIONS};
use playhead_node::sessions::filter::SessionFilter;
use playhead_node::sessions::list::read_cursor;
use playhead_node::tables::queries::Report;

/// Rows of a page if the request does not say how many.
const USUAL_LIMIT: usize = 100;

/// The parameters of a list that only a query over the tables can follow.
const OF_QUERIES: [&str; 4] = ["segment", "include_open", "time_zone", "order_by"];

/// `GET /reports/v1/sessions`.
pub(crate) async fn list(request: ApiRequest) -> Result<Response, Error> {
    if is_of_queries(request.query().unwrap_or_default()) {
        return queries::report(Report::Sessions, request).await;
    }
    let mut query = Query::parse(request.query())?;
    let zone = &request.app.node.settings.queries.time_zone;
    let filter = SessionFilter {
        from_ms: query.time_ms("from", zone),
        to_ms: query.time_ms("to", zone),
        report_suite: query.text("report_suite"),
        content_id: query.text("content_id"),
        visitor_id: query.text("visitor_id"),
        open: query.boolean("open"),
        diagnosis: query.diagnosis("diagnosis"),
        filters: query.start_filters(&[]),
        q: query.text("q"),
    };
    let limit = query.limit("limit", USUAL_LIMIT, PAGE_SESSIONS);
    let before = query.parsed("cursor", "a cursor of an earlier page", read_cursor);
    query.finish()?;
    let page = request.app.node.sessions.list(filter, before, limit).await?;
    Ok(responses::json(&page))
}

/// Whether a list is one of a query over the tables. What the starts of sessions decide, memory and journal can tell.
fn is_of_queries(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, value)| {
        let is_beyond_starts = || name == "filters" && StartFilters::parse("", Some(&value), &[]).is_err();
        OF_QUERIES.contains(&&*name) || is_beyond_starts()
    })
}

/// `GET /reports/v1/sessions/{sid}`.
pub(crate) async fn session(request: ApiRequest) -> Result<Response, Error> {
    let id = session_id(request.segment.text())?;
    let rows = request.app.node.sessions.session(id).await?;
    let rows = rows.ok_or(Error::NotFound("session"))?;
    Ok(responses::text(StatusCode::OK, "application/json", rows))
}

/// `GET /reports/v1/sessions/{sid}/events`.
pub(crate) async fn events(request: ApiRequest) -> Result<Response, Error> {
    let node = &request.app.node;
    let id = session_id(request.segment.text())?;
    let mut query = Query::parse(request.query())?;
    let limit = query.limit("limit", USUAL_LIMIT, PAGE_EVENTS);
    let skipped = query.parsed("cursor", "a cursor of an earlier page", |text| text.parse::<usize>().ok());
    query.finish()?;
    let skipped = skipped.unwrap_or(0);
    let places = skipped..skipped.saturating_add(limit);
    let page = node.sessions.events(id, places, node.clock.now_ms(), &node.settings.accounting).await?;
    Ok(responses::json(&page.ok_or(Error::NotFound("session"))?))
}

/// `GET /reports/v1/sessions/{sid}/explain`.
pub(crate) async fn explanation(request: ApiRequest) -> Result<Response, Error> {
    let node = &request.app.node;
    let id = session_id(request.segment.text())?;
    let explanation = node.sessions.explain(id, node.clock.now_ms(), &node.settings.accounting).await?;
    let explanation = explanation.ok_or(Error::NotFound("session with all its events"))?;
    Ok(responses::json(&explanation))
}

/// The session that a path names.
pub(crate) fn session_id(sid: &str) -> Result<SessionId, Error> {
    sid.parse().map_err(|_| Error::NotFound("session"))
}
