//! Logging in and out, and what a request's token or cookie allows.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use hyper::header::{CACHE_CONTROL, HeaderValue, SET_COOKIE};
use hyper::{HeaderMap, Request, StatusCode};
use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::app::App;
use crate::error::Error;
use crate::http::api::sessions::answer;
use crate::http::wire::body::read_whole;
use crate::http::wire::responses;
use playhead_node::limits::LOGIN_BODY_BYTES;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    token: String,
}

#[derive(Serialize)]
struct LoggedIn {
    role: Role,
}

/// What the dashboard has to know before it shows anything.
#[derive(Serialize)]
struct Told<'app> {
    role: Role,
    version: &'static str,
    validation: &'static str,
    report_suites: &'app [String],
    reorder_window_ms: i64,
    idle_timeout_ms: i64,
}

/// `POST /reports/v1/login`.
pub(crate) async fn log_in(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    let work = async {
        let (head, body) = request.into_parts();
        let body = read_whole(body, LOGIN_BODY_BYTES, app.node.settings.capacity.body_timeout).await?;
        let login: Login = serde_json::from_slice(&body).map_err(|_| {
            Error::fault("", "must be an object with the token as text: {\"token\": \"...\"}")
        })?;
        let (role, cookie) = app.access.log_in(&login.token, &head.headers, &app.node.random)?;
        let mut response = responses::json(&LoggedIn { role });
        set_cookie(&mut response, &cookie)?;
        Ok(response)
    };
    answer(&app, work.await)
}

/// `POST /reports/v1/logout`.
pub(crate) async fn log_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let work = || {
        let cookie = app.access.log_out(&headers)?;
        let mut response = responses::empty(StatusCode::NO_CONTENT);
        set_cookie(&mut response, &cookie)?;
        Ok(response)
    };
    answer(&app, work())
}

/// `GET /reports/v1/access`.
pub(crate) async fn tell_access(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let told = app.access.to_read(&headers).map(|role| {
        let settings = &app.node.settings;
        let mut response = responses::json(&Told {
            role,
            version: env!("CARGO_PKG_VERSION"),
            validation: settings.validation.name(),
            report_suites: &settings.report_suites,
            reorder_window_ms: settings.accounting.reorder_window_ms,
            idle_timeout_ms: settings.accounting.idle_timeout_ms,
        });
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    });
    answer(&app, told)
}

fn set_cookie(response: &mut Response, cookie: &str) -> Result<(), Error> {
    let cookie = HeaderValue::from_str(cookie).map_err(|_| Error::Internal)?;
    let headers = response.headers_mut();
    headers.insert(SET_COOKIE, cookie);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(())
}
