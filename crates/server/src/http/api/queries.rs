//! Queries over the tables (report contract, section 3).

use axum::body::Body;
use axum::response::Response;
use futures::StreamExt;
use hyper::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use playhead_protocol::Fault;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::http::api::call::ApiRequest;
use crate::http::wire::body::read_whole;
use crate::http::wire::responses;
use playhead_node::limits::{QUERY_BODY_BYTES, QUERY_BYTES};
use playhead_node::tables::queries::{Report, ReportQuery};

/// Any report from the tables.
pub(crate) async fn report(report: Report, request: ApiRequest) -> Result<Response, Error> {
    let ApiRequest { app, segment, head, body, .. } = request;
    let body =
        read_whole(&head.headers, body, QUERY_BODY_BYTES, app.node.settings.capacity.body_timeout).await?;
    let query = ReportQuery {
        report,
        table: segment.text(),
        pairs: pairs(head.uri.query())?,
        body: &body,
        accept: head.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default(),
    };
    let found = app.node.queries.run(query).await?;
    let mut response = Response::new(Body::from_stream(found.body.map(|chunk| {
        // The status is sent already: breaking off is the one way to keep a client from taking half a response for a
        // whole one.
        chunk.inspect_err(|error| tracing::error!(%error, "a response broke off"))
    })));
    let content_type = HeaderValue::from_str(&found.content_type).map_err(|_| Error::Internal)?;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    if let Some(length_bytes) = found.length_bytes {
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

/// The steps that were taken, in sentences.
#[derive(JsonSchema, Serialize)]
pub(crate) struct Maintained {
    done: Vec<String>,
}

/// `POST /reports/v1/maintenance`.
pub(crate) async fn maintain(request: ApiRequest) -> Result<Response, Error> {
    let done = request.app.node.keeper.maintain().await?;
    Ok(responses::json(&Maintained { done }))
}
