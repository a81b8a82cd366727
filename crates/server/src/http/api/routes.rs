//! The routes of the report API: a fold over the table of its calls. The fold checks the right of each call before its
//! handler runs, so that a handler cannot forget it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use hyper::http::request::Parts;
use hyper::{Request, StatusCode};

use crate::app::App;
use crate::error::Error;
use crate::http::api::call::{ApiRequest, Call, Verb};
use crate::http::api::calls::CALLS;
use crate::http::wire::caller::Caller;
use crate::http::wire::responses;
use crate::http::wire::segment::Segment;

/// All calls.
pub(crate) fn api_routes() -> Router<Arc<App>> {
    CALLS.iter().fold(Router::new(), |router, call| {
        let serve = move |State(app): State<Arc<App>>, segment: Segment, request: Request<Body>| {
            serve(call, app, segment, request)
        };
        let route = match call.verb {
            Verb::Get => get(serve).fallback(only_get),
            Verb::Post => post(serve).fallback(only_post),
        };
        router.route(&call.full_path(), route)
    })
}

/// Any other method on a path that takes `GET` alone.
pub(crate) async fn only_get(State(app): State<Arc<App>>) -> Response {
    respond(&app, Err(Error::MethodNotAllowed { allow: Verb::Get.allow() }))
}

/// Any other method on a path that takes `POST` alone.
async fn only_post(State(app): State<Arc<App>>) -> Response {
    respond(&app, Err(Error::MethodNotAllowed { allow: Verb::Post.allow() }))
}

async fn serve(call: &'static Call, app: Arc<App>, segment: Segment, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let outcome = answer(call, &app, segment, head, body).await;
    respond(&app, outcome)
}

async fn answer(
    call: &'static Call,
    app: &Arc<App>,
    segment: Segment,
    head: Parts,
    body: Body,
) -> Result<Response, Error> {
    let client = Caller::of(&head)?.address;
    let role = app.access.admit(call.needs, &call.method(), client, &head.headers)?;
    (call.handler)(ApiRequest { app: app.clone(), calls: CALLS, role, client, segment, head, body }).await
}

/// The response, with a refusal counted.
fn respond(app: &App, outcome: Result<Response, Error>) -> Response {
    outcome.unwrap_or_else(|error| {
        let answer = error.answer();
        app.node.telemetry.count_refused(answer.reason);
        if answer.status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(%error, "a report failed");
        }
        responses::error(&error)
    })
}
