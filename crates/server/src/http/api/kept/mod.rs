//! What people keep here: the calls are the same for views, boards, annotations and schedules.

pub(crate) mod body_schemas;
pub(crate) mod lists;
pub(crate) mod schedules;

use std::sync::Arc;

use axum::response::Response;
use hyper::StatusCode;
use hyper::body::Bytes;
use playhead_node::kept::{Kept, OnShelf, TokenHolder};
use playhead_node::limits::KEPT_BODY_BYTES;
use serde::Serialize;

use crate::access::Role;
use crate::app::App;
use crate::error::Error;
use crate::http::api::call::ApiRequest;
use crate::http::api::query::Query;
use crate::http::wire::body::read_whole;
use crate::http::wire::responses;

/// `GET /reports/v1/{kind}/{id}`.
pub(crate) async fn get<T: OnShelf>(request: ApiRequest) -> Result<Response, Error> {
    Query::parse(request.query())?.finish()?;
    let holder = holder_of(&request)?;
    let kept = T::shelf(&request.app.node.kept).get(&holder, request.segment.text())?;
    Ok(responses::json(&kept))
}

/// `POST /reports/v1/{kind}`.
pub(crate) async fn add<T: OnShelf>(request: ApiRequest) -> Result<Response, Error> {
    Ok(created(&added::<T>(request).await?.1))
}

async fn added<T: OnShelf>(request: ApiRequest) -> Result<(Arc<App>, Kept<T>), Error> {
    let holder = holder_of(&request)?;
    let app = request.app.clone();
    let body = body_of(request).await?;
    app.node.status.check_taking_events()?;
    let kept = T::shelf(&app.node.kept).add(holder, &body, &app.node.random).await?;
    Ok((app, kept))
}

/// `PUT /reports/v1/{kind}/{id}`.
pub(crate) async fn change<T: OnShelf>(request: ApiRequest) -> Result<Response, Error> {
    Ok(responses::json(&changed::<T>(request).await?.1))
}

async fn changed<T: OnShelf>(request: ApiRequest) -> Result<(Arc<App>, Kept<T>), Error> {
    let holder = holder_of(&request)?;
    let (app, id) = (request.app.clone(), request.segment.text().to_owned());
    let body = body_of(request).await?;
    app.node.status.check_taking_events()?;
    let kept = T::shelf(&app.node.kept).change(holder, id, &body).await?;
    Ok((app, kept))
}

fn created(kept: &impl Serialize) -> Response {
    let mut response = responses::json(kept);
    *response.status_mut() = StatusCode::CREATED;
    response
}

/// `DELETE /reports/v1/{kind}/{id}`.
pub(crate) async fn remove<T: OnShelf>(request: ApiRequest) -> Result<Response, Error> {
    Query::parse(request.query())?.finish()?;
    let holder = holder_of(&request)?;
    request.app.node.status.check_taking_events()?;
    let id = request.segment.text().to_owned();
    T::shelf(&request.app.node.kept).remove(holder, id).await?;
    Ok(responses::empty(StatusCode::NO_CONTENT))
}

async fn body_of(request: ApiRequest) -> Result<Bytes, Error> {
    Query::parse(request.query())?.finish()?;
    let ApiRequest { app, head, body, .. } = request;
    let timeout = app.node.settings.capacity.body_timeout;
    read_whole(&head.headers, body, KEPT_BODY_BYTES, timeout).await
}

/// Who asks: what is kept belongs to a token.
fn holder_of(request: &ApiRequest) -> Result<TokenHolder, Error> {
    let role = request.role.ok_or(Error::Unauthorized)?;
    Ok(TokenHolder { name: role.name().to_owned(), is_admin: role == Role::Admin })
}
