//! The paths of the dashboard, and all paths that do not exist.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use hyper::header::{ACCEPT, IF_NONE_MATCH};
use hyper::{HeaderMap, Method, StatusCode, Uri};
use playhead_dashboard::PAGE;

use crate::app::App;
use crate::http::assets;
use crate::http::doors::collection;
use crate::http::meant::path_meant;

/// The paths of the dashboard's pages.
pub(crate) const PAGES: &[&str] = &[
    "/",
    "/overview",
    "/side-by-side",
    "/content",
    "/content/{id}",
    "/concurrency",
    "/quality",
    "/ads",
    "/sessions",
    "/sessions/{sid}",
    "/visitors/{id}",
    "/boards",
    "/boards/{id}",
    "/sql",
    "/connect",
    "/login",
];

/// A page of the dashboard.
pub(crate) async fn page(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    match app.assets.get(PAGE) {
        Some(asset) => asset.answer(PAGE, &headers),
        None => assets::not_built(),
    }
}

/// A file of the dashboard. Any other path does not exist, and nothing can be sent to one that does: a player that
/// tries has the wrong address, which a browser shows its developer.
pub(crate) async fn file(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_asked_for = method == Method::GET || method == Method::HEAD;
    match app.assets.get(path).filter(|_| is_asked_for) {
        Some(asset) => asset.answer(path, &headers),
        None if is_asked_for && wants_page(uri.path(), &headers) => lost(&app, headers),
        None => collection::unknown_path(&app, uri.path(), path_meant(uri.path()), &headers),
    }
}

/// Whether the request comes from navigation in a browser and not from a player or a program.
fn wants_page(path: &str, request: &HeaderMap) -> bool {
    let accepts = request.get(ACCEPT).and_then(|accepted| accepted.to_str().ok());
    let is_of_api = ["/api/", "/reports/", "/assets/"].iter().any(|prefix| path.starts_with(prefix));
    !is_of_api && accepts.is_some_and(|accepted| accepted.contains("text/html"))
}

/// The dashboard, which says by itself that there is no such page.
fn lost(app: &App, mut request: HeaderMap) -> Response {
    let Some(asset) = app.assets.get(PAGE) else { return assets::not_built() };
    request.remove(IF_NONE_MATCH);
    let mut response = asset.answer(PAGE, &request);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
