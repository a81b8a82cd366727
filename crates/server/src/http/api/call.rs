//! A call of the report API as one declaration: router, check of the right and OpenAPI document come from it.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response as HttpResponse;
use futures::future::BoxFuture;
use hyper::Method;
use hyper::http::request::Parts;
use playhead_node::ingest::addresses::ClientAddress;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::access::{Right, Role};
use crate::app::App;
use crate::error::Error;
use crate::http::wire::segment::Segment;

/// The folder of all calls.
pub(crate) const REPORTS: &str = "/reports/v1/";

/// A call.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    /// Its name in the document.
    pub(crate) name: &'static str,
    /// Its method.
    pub(crate) verb: Verb,
    /// Its path within [`REPORTS`], with `{...}` for the segment that varies.
    pub(crate) path: &'static str,
    /// The function that serves it.
    pub(crate) handler: Handler,
    /// The right that a request needs before the handler sees it.
    pub(crate) needs: Right,
    /// A sentence on the response.
    pub(crate) summary: &'static str,
    /// Parameters of its query string.
    pub(crate) parameters: &'static [Parameter],
    /// Its body.
    pub(crate) body: Option<RequestBody>,
    /// The response.
    pub(crate) response: Response,
    /// Whether it reads the tables, within the limits of queries.
    pub(crate) is_query: bool,
}

/// The method of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// `GET`, and with it `HEAD`.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `DELETE`.
    Delete,
}

impl Verb {
    /// The name in the document.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Delete => "delete",
        }
    }

    /// The methods of a path that takes these, for a request with another one.
    pub(crate) fn allow(verbs: &[Self]) -> String {
        let methods =
            [(Self::Get, "GET, HEAD"), (Self::Post, "POST"), (Self::Put, "PUT"), (Self::Delete, "DELETE")];
        let allowed: Vec<&str> =
            methods.iter().filter(|(verb, _)| verbs.contains(verb)).map(|(_, name)| *name).collect();
        allowed.join(", ")
    }
}

/// A request that has the right that its call needs.
pub(crate) struct ApiRequest {
    pub(crate) app: Arc<App>,
    /// All calls of the API, for the call that lists them.
    pub(crate) calls: &'static [Call],
    /// The role of the token or the cookie; `None` for a call that needs neither.
    pub(crate) role: Option<Role>,
    /// The address of the client.
    pub(crate) client: ClientAddress,
    /// The segment of the path that varies.
    pub(crate) segment: Segment,
    pub(crate) head: Parts,
    pub(crate) body: Body,
}

impl ApiRequest {
    /// The query string.
    pub(crate) fn query(&self) -> Option<&str> {
        self.head.uri.query()
    }
}

/// Serves a request; an error becomes the response that the table of errors gives it.
pub(crate) type Handler = fn(ApiRequest) -> BoxFuture<'static, Result<HttpResponse, Error>>;

/// A parameter of a query string.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// The JSON type of its value.
    pub(crate) kind: &'static str,
    pub(crate) is_required: bool,
    /// The values that it takes; empty for any.
    pub(crate) values: &'static [&'static str],
    pub(crate) meaning: &'static str,
}

/// The body of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestBody {
    /// Metrics by dimensions.
    ReportQuery,
    /// A statement.
    Sql,
    /// A token.
    Login,
    /// Why a session is excluded.
    Exclusion,
    /// A new view.
    NewView,
    /// A view with the version that it changes.
    ChangedView,
    /// A new board.
    NewBoard,
    /// A board with the version that it changes.
    ChangedBoard,
    /// A new annotation.
    NewAnnotation,
    /// An annotation with the version that it changes.
    ChangedAnnotation,
    /// A new schedule.
    NewSchedule,
    /// A schedule with the version that it changes.
    ChangedSchedule,
}

impl Call {
    /// Its whole path.
    pub(crate) fn full_path(&self) -> String {
        format!("{REPORTS}{}", self.path)
    }

    /// Its method, as a request has it.
    pub(crate) const fn method(&self) -> Method {
        match self.verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
            Verb::Delete => Method::DELETE,
        }
    }
}

/// Adds the JSON Schema of a type to a document, and returns a reference to it.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The response of a call.
#[derive(Clone, Copy)]
pub(crate) enum Response {
    /// JSON.
    Json(SchemaOf),
    /// JSON, of what was made.
    Created(SchemaOf),
    /// JSON, CSV, Parquet or an Arrow stream, by `Accept`.
    Tabular(SchemaOf),
    /// A file in the format that the query string names.
    File,
    /// Server-sent events.
    Events(SchemaOf),
    /// Nothing.
    Empty,
}

/// The schema of a type that is sent as JSON.
pub(crate) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
