//! What operators and their tools ask: is it alive, is it ready, how is it doing.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use hyper::{HeaderMap, StatusCode};

use crate::app::App;
use crate::error::Error;
use crate::http::wire::caller::Caller;
use crate::http::wire::responses;

/// `GET /livez`: the process answers.
pub(crate) async fn livez() -> Response {
    responses::text(StatusCode::OK, "text/plain; charset=utf-8", "alive\n")
}

/// `GET /readyz`: events are taken. Not while the journal is replayed, the disk fails, or the server stops.
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Response {
    match app.node.status.check_ready() {
        Ok(()) => responses::text(StatusCode::OK, "text/plain; charset=utf-8", "ready\n"),
        Err(error) => responses::error(&error.into()),
    }
}

/// `GET /metrics`: OpenMetrics text, behind a token unless set open.
pub(crate) async fn metrics(State(app): State<Arc<App>>, caller: Caller, headers: HeaderMap) -> Response {
    let access = if app.node.settings.metrics_open {
        Ok(())
    } else {
        app.access.to_read(caller.address, &headers).map(|_| ())
    };
    match access.and_then(|()| app.node.telemetry.encode().map_err(|_| Error::Internal)) {
        Ok(text) => responses::text(
            StatusCode::OK,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            text,
        ),
        Err(error) => {
            app.node.telemetry.count_refused(error.answer().reason);
            responses::error(&error)
        }
    }
}
