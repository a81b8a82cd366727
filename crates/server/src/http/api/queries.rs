//! Queries over the tables (report contract, section 3). Every call needs a token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use futures::StreamExt;
use hyper::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, Request};
use playhead_protocol::Fault;
use serde::Serialize;

use crate::app::App;
use crate::error::Error;
use crate::http::api::openapi::openapi_document;
use crate::http::api::sessions::answer;
use crate::http::wire::body::read_whole;
use crate::http::wire::responses;
use playhead_node::limits::{QUERY_BODY_BYTES, QUERY_BYTES};
use playhead_node::tables::queries::ReportQuery;

/// Any question over the tables.
pub(crate) async fn ask(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    answer(&app, asked(&app, request).await)
}

async fn asked(app: &App, request: Request<Body>) -> Result<Response, Error> {
    match *request.method() {
        Method::GET | Method::HEAD => app.access.to_read(request.headers())?,
        _ => app.access.to_send(request.headers())?,
    };
    let (head, body) = request.into_parts();
    let body = read_whole(body, QUERY_BODY_BYTES, app.node.settings.capacity.body_timeout).await?;
    let question = ReportQuery {
        path: head.uri.path().strip_prefix("/reports/v1/").unwrap_or_default(),
        pairs: pairs(head.uri.query())?,
        body: &body,
        accept: head.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default(),
    };
    let answered = app.node.queries.ask(question).await?;
    let mut response = Response::new(Body::from_stream(answered.body.map(|chunk| {
        // The status is sent already: all that is left is to break off, so that half an answer is not taken for one.
        chunk.inspect_err(|error| tracing::error!(%error, "an answer broke off"))
    })));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(answered.content_type));
    if let Some(length_bytes) = answered.length_bytes {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length_bytes));
    }
    Ok(response)
}

/// The parameters of a query string.
fn pairs(query: Option<&str>) -> Result<Vec<(String, String)>, Error> {
    let query = query.unwrap_or_default();
    if query.len() > QUERY_BYTES {
        return Err(Error::fault("", format!("the query is longer than {QUERY_BYTES} bytes")));
    }
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut twice: Vec<Fault> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
        if pairs.iter().any(|(known, _)| *known == name) {
            twice.push(Fault { path: format!("?{name}"), message: "is given twice".into() });
        }
        pairs.push((name, value));
    }
    if twice.is_empty() { Ok(pairs) } else { Err(Error::Invalid(twice)) }
}

#[derive(Serialize)]
struct Maintained {
    done: Vec<String>,
}

/// `POST /reports/v1/maintenance`.
pub(crate) async fn maintain(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let work = async {
        app.access.to_administrate(&headers)?;
        let done = app.node.keeper.maintain().await?;
        Ok(responses::json(&Maintained { done }))
    };
    answer(&app, work.await)
}

/// `GET /reports/v1/openapi.json`.
pub(crate) async fn openapi(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(_): RawQuery,
) -> Response {
    let document = app.access.to_read(&headers).map(|_| responses::json(&openapi_document()));
    answer(&app, document)
}

/// Any other method than POST.
pub(crate) async fn only_post(State(app): State<Arc<App>>) -> Response {
    answer(&app, Err(Error::MethodNotAllowed { allow: "POST" }))
}
