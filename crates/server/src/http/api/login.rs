//! Logging in and out, and the rights of a request's token or cookie.

use axum::response::Response;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, HeaderValue, SET_COOKIE};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::error::Error;
use crate::http::api::call::ApiRequest;
use crate::http::wire::body::read_whole;
use crate::http::wire::responses;
use playhead_node::limits::LOGIN_BODY_BYTES;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    token: String,
}

/// The role of a login.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Role")]
pub(crate) struct LoggedIn {
    role: Role,
}

/// The role of a request, and the settings that the dashboard shows.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Access")]
pub(crate) struct AccessResponse<'app> {
    role: Role,
    version: &'static str,
    #[schemars(extend("enum" = ["lenient", "standard", "strict"]))]
    validation: &'static str,
    /// The report suites that are collected; empty for all.
    report_suites: &'app [String],
    reorder_window_ms: i64,
    idle_timeout_ms: i64,
    /// The time zone of reports that name none.
    time_zone: &'app str,
}

/// `POST /reports/v1/login`.
pub(crate) async fn log_in(request: ApiRequest) -> Result<Response, Error> {
    let ApiRequest { app, client, head, body, .. } = request;
    let body =
        read_whole(&head.headers, body, LOGIN_BODY_BYTES, app.node.settings.capacity.body_timeout).await?;
    let login: Login = serde_json::from_slice(&body)
        .map_err(|_| Error::fault("", "must be an object with the token as text: {\"token\": \"...\"}"))?;
    let (role, cookie) = app.access.log_in(&login.token, client, &head.headers, &app.node.random)?;
    let mut response = responses::json(&LoggedIn { role });
    set_cookie(&mut response, &cookie)?;
    Ok(response)
}

/// `POST /reports/v1/logout`.
pub(crate) async fn log_out(request: ApiRequest) -> Result<Response, Error> {
    let cookie = request.app.access.log_out(request.client, &request.head.headers)?;
    let mut response = responses::empty(StatusCode::NO_CONTENT);
    set_cookie(&mut response, &cookie)?;
    Ok(response)
}

/// `GET /reports/v1/access`.
pub(crate) async fn access(request: ApiRequest) -> Result<Response, Error> {
    let settings = &request.app.node.settings;
    let mut response = responses::json(&AccessResponse {
        role: request.role.ok_or(Error::Unauthorized)?,
        version: env!("CARGO_PKG_VERSION"),
        validation: settings.validation.name(),
        report_suites: &settings.report_suites,
        reorder_window_ms: settings.accounting.reorder_window_ms,
        idle_timeout_ms: settings.accounting.idle_timeout_ms,
        time_zone: settings.queries.time_zone.name(),
    });
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn set_cookie(response: &mut Response, cookie: &str) -> Result<(), Error> {
    let cookie = HeaderValue::from_str(cookie).map_err(|_| Error::Internal)?;
    let headers = response.headers_mut();
    headers.insert(SET_COOKIE, cookie);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(())
}
