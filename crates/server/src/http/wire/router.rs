//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, options, post};

use crate::app::App;
use crate::http::api::calls::CALLS;
use crate::http::api::{live, login, operations, queries, sessions};
use crate::http::assets;
use crate::http::doors::collection;

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
        .route("/reports/v1/sessions", get(sessions::list_sessions).fallback(sessions::only_get))
        .route("/reports/v1/sessions/{sid}", get(sessions::get_session).fallback(sessions::only_get))
        .route("/reports/v1/sessions/{sid}/events", get(sessions::list_events).fallback(sessions::only_get))
        .route("/reports/v1/sessions/{sid}/explain", get(sessions::explain).fallback(sessions::only_get))
        .route("/reports/v1/login", post(login::log_in).fallback(queries::only_post))
        .route("/reports/v1/logout", post(login::log_out).fallback(queries::only_post))
        .route("/reports/v1/access", get(login::tell_access).fallback(sessions::only_get))
        .route("/reports/v1/live", get(live::watch).fallback(sessions::only_get))
        .route("/reports/v1/live/history", get(live::history).fallback(sessions::only_get))
        .route("/reports/v1/faults", get(live::list_faults).fallback(sessions::only_get))
        .merge(query_routes())
        .merge(page_routes())
        .route("/reports/v1/maintenance", post(queries::maintain).fallback(queries::only_post))
        .route("/reports/v1/openapi.json", get(queries::openapi).fallback(sessions::only_get))
        .route("/livez", get(operations::livez).fallback(sessions::only_get))
        .route("/readyz", get(operations::readyz).fallback(sessions::only_get))
        .route("/metrics", get(operations::metrics).fallback(sessions::only_get))
        .fallback(assets::file)
        .with_state(app)
}

/// The questions over the tables, from the table of calls.
fn query_routes() -> Router<Arc<App>> {
    CALLS.iter().filter(|call| call.is_question).fold(Router::new(), |router, call| {
        let route = match call.method {
            "post" => post(queries::ask).fallback(queries::only_post),
            _ => get(queries::ask).fallback(sessions::only_get),
        };
        router.route(call.path, route)
    })
}

/// The pages of the dashboard: all are one file, which finds out by itself what to show.
fn page_routes() -> Router<Arc<App>> {
    assets::PAGES
        .iter()
        .fold(Router::new(), |router, path| router.route(path, get(assets::page).fallback(assets::file)))
}
