//! Sessions that are excluded from all reports.

use axum::response::Response;
use hyper::StatusCode;
use playhead_node::exclusions::checked_reason;
use playhead_node::limits::EXCLUSION_BODY_BYTES;
use serde::Deserialize;

use crate::error::Error;
use crate::http::api::call::ApiRequest;
use crate::http::api::query::Query;
use crate::http::api::sessions::session_id;
use crate::http::wire::body::read_whole;
use crate::http::wire::responses;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exclude {
    reason: String,
}

/// `GET /reports/v1/exclusions`.
pub(crate) async fn list(request: ApiRequest) -> Result<Response, Error> {
    Query::parse(request.query())?.finish()?;
    Ok(responses::json(&request.app.node.exclusions.list()))
}

/// `GET /reports/v1/sessions/{sid}/exclusion`.
pub(crate) async fn get(request: ApiRequest) -> Result<Response, Error> {
    let id = session_id(request.segment.text())?;
    let exclusion = request.app.node.exclusions.exclusion(&id);
    Ok(responses::json(&exclusion.ok_or(Error::NotFound("exclusion"))?))
}

/// `POST /reports/v1/sessions/{sid}/exclusion`.
pub(crate) async fn exclude(request: ApiRequest) -> Result<Response, Error> {
    let ApiRequest { app, segment, head, body, .. } = request;
    let id = session_id(segment.text())?;
    let timeout = app.node.settings.capacity.body_timeout;
    let body = read_whole(&head.headers, body, EXCLUSION_BODY_BYTES, timeout).await?;
    let wanted: Exclude = serde_json::from_slice(&body)
        .map_err(|_| Error::fault("", "must be an object with the reason as text: {\"reason\": \"...\"}"))?;
    let reason = checked_reason(&wanted.reason).map_err(|message| Error::fault("/reason", message))?;
    app.node.status.check_taking_events()?;
    Ok(responses::json(&app.node.exclusions.exclude(id, reason).await?))
}

/// `DELETE /reports/v1/sessions/{sid}/exclusion`.
pub(crate) async fn undo(request: ApiRequest) -> Result<Response, Error> {
    let id = session_id(request.segment.text())?;
    request.app.node.status.check_taking_events()?;
    request.app.node.exclusions.undo(id).await?;
    Ok(responses::empty(StatusCode::NO_CONTENT))
}
