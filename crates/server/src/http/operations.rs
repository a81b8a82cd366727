//! What operators and their tools ask: is it alive, is it ready, how is it doing.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use hyper::{HeaderMap, StatusCode};

use crate::http::{App, answers};

/// `GET /livez`: the process answers.
pub(crate) async fn livez() -> Response {
    answers::text(StatusCode::OK, "text/plain; charset=utf-8", "alive\n")
}

/// `GET /readyz`: events are taken. Not while the journal is replayed, the disk fails, or the server stops.
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Response {
    match app.status.check_ready() {
        Ok(()) => answers::text(StatusCode::OK, "text/plain; charset=utf-8", "ready\n"),
        Err(error) => answers::error(&error),
    }
}

/// `GET /metrics`: OpenMetrics text, behind a token unless set open.
pub(crate) async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let access = if app.settings.metrics_open { Ok(()) } else { app.access.to_read(&headers).map(|_| ()) };
    match access.and_then(|()| app.metrics.encode()) {
        Ok(text) => {
            answers::text(StatusCode::OK, "application/openmetrics-text; version=1.0.0; charset=utf-8", text)
        }
        Err(error) => {
            app.metrics.count_refused(error.answer().reason);
            answers::error(&error)
        }
    }
}
