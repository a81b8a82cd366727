//! What happens now, and what was refused.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use hyper::header::{CACHE_CONTROL, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::app::App;
use crate::error::Error;
use crate::http::api::query::Query;
use crate::http::api::sessions::answer;
use crate::http::doors::refusals::{RefusalReport, latest};
use crate::http::wire::responses;
use playhead_node::limits::REFUSALS;

/// `GET /reports/v1/live`.
pub(crate) async fn watch(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let stream = app.access.to_read(&headers).and_then(|_| Ok(app.node.live.watch()?));
    answer(
        &app,
        stream.map(|stream| {
            fresh(responses::text(StatusCode::OK, "text/event-stream", Body::from_stream(stream)))
        }),
    )
}

/// `GET /reports/v1/live/history`.
pub(crate) async fn history(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let history = app.access.to_read(&headers).map(|_| fresh(responses::json(&app.node.live.history())));
    answer(&app, history)
}

#[derive(Serialize)]
struct FaultList {
    faults: Vec<RefusalReport>,
}

/// `GET /reports/v1/faults`.
pub(crate) async fn list_faults(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    answer(&app, faults(&app, &headers, query.as_deref()))
}

fn faults(app: &App, headers: &HeaderMap, query: Option<&str>) -> Result<Response, Error> {
    app.access.to_read(headers)?;
    let mut query = Query::parse(query)?;
    let limit = query.limit("limit", REFUSALS, REFUSALS);
    query.finish()?;
    let faults = latest(app, limit);
    Ok(fresh(responses::json(&FaultList { faults })))
}

/// An answer that is old as soon as it is given.
fn fresh(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
