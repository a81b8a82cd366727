//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get, options, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::error::Error;
use crate::http::{App, answers, collection, operations, reports};

/// All endpoints.
pub(crate) fn router(app: Arc<App>) -> Router {
    let collects = |route| options(collection::preflight).fallback(collection::only_post).merge(route);
    Router::new()
        .route("/api/v1/sessions", collects(post(collection::post_session)))
        .route("/api/v1/downloaded", collects(post(collection::post_downloaded)))
        .route("/api/v1/sessions/{sid}/events", collects(post(collection::post_event)))
        .route(
            "/api/v1/schemas/{event_type}",
            get(collection::get_schema).options(collection::preflight).fallback(collection::only_get),
        )
        .route("/api/{*path}", any(collection::unknown_path))
        .route("/reports/v1/sessions", get(reports::list_sessions).fallback(reports::only_get))
        .route("/reports/v1/sessions/{sid}", get(reports::get_session).fallback(reports::only_get))
        .route("/reports/v1/sessions/{sid}/events", get(reports::list_events).fallback(reports::only_get))
        .route("/livez", get(operations::livez))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .fallback(async || answers::error(&Error::NotFound("path")))
        .layer(CatchPanicLayer::custom(|_| answers::allow_any_origin(answers::error(&Error::Internal))))
        .with_state(app)
}
