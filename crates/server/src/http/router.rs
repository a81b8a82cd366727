//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, options, post};

use crate::http::calls::CALLS;
use crate::http::{App, assets, collection, live, login, operations, questions, reports};

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
        .route("/reports/v1/sessions", get(reports::list_sessions).fallback(reports::only_get))
        .route("/reports/v1/sessions/{sid}", get(reports::get_session).fallback(reports::only_get))
        .route("/reports/v1/sessions/{sid}/events", get(reports::list_events).fallback(reports::only_get))
        .route("/reports/v1/sessions/{sid}/explain", get(reports::explain).fallback(reports::only_get))
        .route("/reports/v1/login", post(login::log_in).fallback(questions::only_post))
        .route("/reports/v1/logout", post(login::log_out).fallback(questions::only_post))
        .route("/reports/v1/access", get(login::tell_access).fallback(reports::only_get))
        .route("/reports/v1/live", get(live::watch).fallback(reports::only_get))
        .route("/reports/v1/live/history", get(live::history).fallback(reports::only_get))
        .route("/reports/v1/faults", get(live::list_faults).fallback(reports::only_get))
        .merge(question_routes())
        .merge(page_routes())
        .route("/reports/v1/maintenance", post(questions::maintain).fallback(questions::only_post))
        .route("/reports/v1/openapi.json", get(questions::openapi).fallback(reports::only_get))
        .route("/livez", get(operations::livez).fallback(reports::only_get))
        .route("/readyz", get(operations::readyz).fallback(reports::only_get))
        .route("/metrics", get(operations::metrics).fallback(reports::only_get))
        .fallback(assets::file)
        .with_state(app)
}

/// The questions over the tables, from the table of calls.
fn question_routes() -> Router<Arc<App>> {
    CALLS.iter().filter(|call| call.is_question).fold(Router::new(), |router, call| {
        let route = match call.method {
            "post" => post(questions::ask).fallback(questions::only_post),
            _ => get(questions::ask).fallback(reports::only_get),
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
