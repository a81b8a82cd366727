//! The live numbers, and the requests that were refused.

use axum::body::Body;
use axum::response::Response;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, HeaderValue};
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::http::api::call::ApiRequest;
use crate::http::api::query::Query;
use crate::http::doors::refusals::{RefusalReport, latest};
use crate::http::wire::responses;
use playhead_node::limits::REFUSALS;
use playhead_report::StartFilters;

/// The dimensions that have a parameter of their own.
const DIMENSIONS: [&str; 4] = ["report_suite", "channel", "content_id", "player_name"];

fn filters(request: &ApiRequest) -> Result<Option<StartFilters>, Error> {
    let mut query = Query::parse(request.query())?;
    let filters = query.start_filters(&DIMENSIONS);
    query.finish()?;
    Ok(filters)
}

/// `GET /reports/v1/live`.
pub(crate) async fn watch(request: ApiRequest) -> Result<Response, Error> {
    let stream = request.app.node.live.watch(filters(&request)?)?;
    let mut response = fresh(responses::text(StatusCode::OK, "text/event-stream", Body::from_stream(stream)));
    // Proxies that buffer (nginx does unless told) would hold back each second's numbers.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// `GET /reports/v1/live/history`.
pub(crate) async fn history(request: ApiRequest) -> Result<Response, Error> {
    let filters = filters(&request)?;
    Ok(fresh(responses::json(&request.app.node.live.history(filters.as_ref()))))
}

/// The refused requests.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Faults")]
pub(crate) struct FaultList {
    faults: Vec<RefusalReport>,
}

/// `GET /reports/v1/faults`.
pub(crate) async fn list_faults(request: ApiRequest) -> Result<Response, Error> {
    let mut query = Query::parse(request.query())?;
    let limit = query.limit("limit", REFUSALS, REFUSALS);
    query.finish()?;
    let faults = latest(&request.app, limit);
    Ok(fresh(responses::json(&FaultList { faults })))
}

/// A response that is out of date as soon as it is sent.
fn fresh(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
