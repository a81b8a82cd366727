//! Schedules of reports: kept like everything else, and shown with what became of them.

use axum::response::Response;
use playhead_node::kept::OnShelf;
use playhead_node::kept::schedule::Schedule;

use crate::error::Error;
use crate::http::api::call::ApiRequest;
use crate::http::api::kept::{added, body_of, changed, created, holder_of};
use crate::http::api::query::Query;
use crate::http::wire::responses;

/// `GET /reports/v1/schedules`.
pub(crate) async fn list(request: ApiRequest) -> Result<Response, Error> {
    Query::parse(request.query())?.finish()?;
    Ok(responses::json(&request.app.schedules.list(&holder_of(&request)?)))
}

/// `GET /reports/v1/schedules/{id}`.
pub(crate) async fn get(request: ApiRequest) -> Result<Response, Error> {
    Query::parse(request.query())?.finish()?;
    let kept = Schedule::shelf(&request.app.node.kept).get(&holder_of(&request)?, request.segment.text())?;
    Ok(responses::json(&request.app.schedules.shown(kept)))
}

/// `POST /reports/v1/schedules`.
pub(crate) async fn add(request: ApiRequest) -> Result<Response, Error> {
    let (app, kept) = added(request).await?;
    Ok(created(&app.schedules.shown(kept)))
}

/// `PUT /reports/v1/schedules/{id}`.
pub(crate) async fn change(request: ApiRequest) -> Result<Response, Error> {
    let (app, kept) = changed(request).await?;
    Ok(responses::json(&app.schedules.shown(kept)))
}

/// `POST /reports/v1/schedules/{id}/run`.
pub(crate) async fn run(request: ApiRequest) -> Result<Response, Error> {
    let holder = holder_of(&request)?;
    let (app, id) = (request.app.clone(), request.segment.text().to_owned());
    let body = body_of(request).await?;
    if !body.is_empty() {
        return Err(Error::fault("", "must be empty: a run takes what its schedule says"));
    }
    app.node.status.check_taking_events()?;
    Ok(responses::json(&app.schedules.run_now(&holder, &id).await?))
}
