//! The report API's sessions (report contract, section 3). Every call needs a token.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use hyper::{HeaderMap, StatusCode};
use playhead_protocol::SessionId;

use crate::app::App;
use crate::error::Error;
use crate::http::api::query::Query;
use crate::http::wire::responses;
use crate::http::wire::segment::Segment;
use playhead_node::limits::{PAGE_EVENTS, PAGE_SESSIONS};
use playhead_node::sessions::filter::SessionFilter;
use playhead_node::sessions::list;

/// Rows of a page when the request does not say how many.
const USUAL_LIMIT: usize = 100;

/// `GET /reports/v1/sessions`.
pub(crate) async fn list_sessions(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    answer(&app, sessions(&app, &headers, query.as_deref()).await)
}

/// `GET /reports/v1/sessions/{sid}`.
pub(crate) async fn get_session(State(app): State<Arc<App>>, headers: HeaderMap, sid: Segment) -> Response {
    answer(&app, session(&app, &headers, sid.text()).await)
}

/// `GET /reports/v1/sessions/{sid}/events`.
pub(crate) async fn list_events(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    sid: Segment,
    RawQuery(query): RawQuery,
) -> Response {
    answer(&app, events(&app, &headers, sid.text(), query.as_deref()).await)
}

/// `GET /reports/v1/sessions/{sid}/explain`.
pub(crate) async fn explain(State(app): State<Arc<App>>, headers: HeaderMap, sid: Segment) -> Response {
    answer(&app, explanation(&app, &headers, sid.text()).await)
}

/// Any other method.
pub(crate) async fn only_get(State(app): State<Arc<App>>) -> Response {
    answer(&app, Err(Error::MethodNotAllowed { allow: "GET, HEAD" }))
}

pub(super) fn answer(app: &App, outcome: Result<Response, Error>) -> Response {
    outcome.unwrap_or_else(|error| {
        let answer = error.answer();
        app.node.telemetry.count_refused(answer.reason);
        if answer.status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(%error, "a report failed");
        }
        responses::error(&error)
    })
}

async fn sessions(app: &App, headers: &HeaderMap, query: Option<&str>) -> Result<Response, Error> {
    app.access.to_read(headers)?;
    let mut query = Query::parse(query)?;
    let filter = SessionFilter {
        from_ms: query.time_ms("from"),
        to_ms: query.time_ms("to"),
        report_suite: query.text("report_suite"),
        content_id: query.text("content_id"),
        visitor_id: query.text("visitor_id"),
        open: query.boolean("open"),
        diagnosis: query.diagnosis("diagnosis"),
        q: query.text("q"),
    };
    let limit = query.limit("limit", USUAL_LIMIT, PAGE_SESSIONS);
    let before = query.parsed("cursor", "a cursor of an earlier page", list::read_cursor);
    query.finish()?;
    let page = app.node.sessions.list(filter, before, limit).await?;
    Ok(responses::json(&page))
}

async fn session(app: &App, headers: &HeaderMap, sid: &str) -> Result<Response, Error> {
    app.access.to_read(headers)?;
    let id = session_id(sid)?;
    let rows = app.node.sessions.session(id).await?;
    let rows = rows.ok_or(Error::NotFound("session"))?;
    Ok(responses::text(StatusCode::OK, "application/json", rows))
}

async fn events(app: &App, headers: &HeaderMap, sid: &str, query: Option<&str>) -> Result<Response, Error> {
    app.access.to_read(headers)?;
    let id = session_id(sid)?;
    let mut query = Query::parse(query)?;
    let limit = query.limit("limit", USUAL_LIMIT, PAGE_EVENTS);
    let skipped = query.parsed("cursor", "a cursor of an earlier page", |text| text.parse::<usize>().ok());
    query.finish()?;
    let skipped = skipped.unwrap_or(0);
    let places = skipped..skipped.saturating_add(limit);
    let page =
        app.node.sessions.events(id, places, app.node.clock.now_ms(), &app.node.settings.accounting).await?;
    Ok(responses::json(&page.ok_or(Error::NotFound("session"))?))
}

async fn explanation(app: &App, headers: &HeaderMap, sid: &str) -> Result<Response, Error> {
    app.access.to_read(headers)?;
    let id = session_id(sid)?;
    let explanation =
        app.node.sessions.explain(id, app.node.clock.now_ms(), &app.node.settings.accounting).await?;
    let explanation = explanation.ok_or(Error::NotFound("session with all its events"))?;
    Ok(responses::json(&explanation))
}

fn session_id(sid: &str) -> Result<SessionId, Error> {
    sid.parse().map_err(|_| Error::NotFound("session"))
}
