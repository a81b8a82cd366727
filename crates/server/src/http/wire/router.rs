//! The paths of the server, and the function behind each; those of the report API come from its own table.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, options, post};

use crate::app::App;
use crate::http::api::operations;
use crate::http::api::routes::{api_routes, only_get};
use crate::http::doors::collection;
use crate::http::pages;

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
        .merge(api_routes())
        .merge(page_routes())
        .route("/livez", get(operations::livez).fallback(only_get))
        .route("/readyz", get(operations::readyz).fallback(only_get))
        .route("/metrics", get(operations::metrics).fallback(only_get))
        .fallback(pages::file)
        .with_state(app)
}

/// The pages of the dashboard: all are one file, which chooses by itself what to show.
fn page_routes() -> Router<Arc<App>> {
    pages::PAGES
        .iter()
        .fold(Router::new(), |router, path| router.route(path, get(pages::page).fallback(pages::file)))
}
