//! The routes of the report API: a fold over the table of its calls. The fold checks the right of each call before its
//! handler runs, so that a handler cannot forget it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post, put};
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
    let mut calls_by_path: BTreeMap<String, Vec<&'static Call>> = BTreeMap::new();
    for call in CALLS {
        calls_by_path.entry(call.full_path()).or_default().push(call);
    }
    calls_by_path.into_iter().fold(Router::new(), |router, (path, calls)| {
        let verbs: Vec<Verb> = calls.iter().map(|call| call.verb).collect();
        let refuse = move |State(app): State<Arc<App>>| async move { not_allowed(&app, &verbs) };
        let route = calls.into_iter().fold(MethodRouter::new(), |route, call| route.merge(route_of(call)));
        router.route(&path, route.fallback(refuse))
    })
}

fn route_of(call: &'static Call) -> MethodRouter<Arc<App>> {
    let serve = move |State(app): State<Arc<App>>, segment: Segment, request: Request<Body>| {
        serve(call, app, segment, request)
    };
    match call.verb {
        Verb::Get => get(serve),
        Verb::Post => post(serve),
        Verb::Put => put(serve),
        Verb::Delete => delete(serve),
    }
}

/// Any other method on a path that takes `GET` alone.
pub(crate) async fn only_get(State(app): State<Arc<App>>) -> Response {
    not_allowed(&app, &[Verb::Get])
}

fn not_allowed(app: &App, verbs: &[Verb]) -> Response {
    respond(app, Err(Error::MethodNotAllowed { allow: Verb::allow(verbs).into() }))
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
