//! The report API as an OpenAPI 3.1 document: made from one table of its calls, served, and committed as
//! `docs/openapi.json`.

use playhead_lake::Table;
use playhead_session::Diagnosis;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::access::Right;
use crate::error::{ENCODINGS, Error};
use crate::http::api::call::{ApiRequest, Call, Parameter, RequestBody, Response, Verb};
use crate::http::api::request_schemas::{reference, request_schemas};
use crate::http::api::shapes::ErrorResponse;
use crate::http::wire::responses;

/// The document of these calls.
pub(crate) fn document(calls: &[Call]) -> Value {
    let mut generator = schema_generator();
    let mut paths = Map::new();
    for call in calls {
        let methods = paths.entry(call.full_path()).or_insert_with(|| json!({}));
        methods[call.verb.name()] = operation(call, &mut generator);
    }
    generator.subschema_for::<ErrorResponse>();
    let mut schemas = request_schemas();
    schemas.append(&mut generator.take_definitions(true));
    schemas.sort_keys();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Playhead report API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Queries over sessions, ads, chapters, errors and events: running and finished ones as one. \
                Times are RFC 3339 in UTC with milliseconds, durations seconds to the millisecond.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"login": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "login": {"type": "apiKey", "in": "cookie", "name": "playhead_login"},
            },
            "schemas": schemas,
        },
    })
}

/// `GET /reports/v1/openapi.json`.
pub(crate) async fn serve(request: ApiRequest) -> Result<axum::response::Response, Error> {
    Ok(responses::json(&document(request.calls)))
}

/// Makes schemas as responses are written, in the place that OpenAPI gives them.
fn schema_generator() -> SchemaGenerator {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    settings.into_generator()
}

fn operation(call: &Call, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": call.name,
        "summary": call.summary,
        "responses": responses_of(call, generator),
    });
    let in_path = call.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path.map(path_parameter).collect();
    parameters.extend(call.parameters.iter().map(query_parameter));
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if call.needs == Right::Nothing {
        operation["security"] = json!([]);
    }
    if let Some(body) = call.body {
        let schema = match body {
            RequestBody::ReportQuery => "ReportQuery",
            RequestBody::Sql => "Sql",
            RequestBody::Login => "Login",
            RequestBody::Exclusion => "ExcludeSession",
            RequestBody::NewView => "NewView",
            RequestBody::ChangedView => "ChangedView",
            RequestBody::NewBoard => "NewBoard",
            RequestBody::ChangedBoard => "ChangedBoard",
            RequestBody::NewAnnotation => "NewAnnotation",
            RequestBody::ChangedAnnotation => "ChangedAnnotation",
            RequestBody::NewSchedule => "NewSchedule",
            RequestBody::ChangedSchedule => "ChangedSchedule",
        };
        operation["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": reference(schema)}},
        });
    }
    operation
}

fn path_parameter(name: &str) -> Value {
    let (schema, description) = match name {
        "id" => (json!({"type": "string", "pattern": "^[0-9a-f]{16}$"}), "The id."),
        "sid" => (json!({"type": "string", "pattern": "^[0-9a-f]{64}$"}), "The session's id."),
        _ => {
            let tables: Vec<_> = Table::ALL.iter().map(|table| table.name()).collect();
            (json!({"type": "string", "enum": tables}), "The table.")
        }
    };
    json!({"name": name, "in": "path", "required": true, "schema": schema, "description": description})
}

fn query_parameter(parameter: &Parameter) -> Value {
    let mut schema = match parameter.values {
        [] => json!({"type": parameter.kind}),
        values => json!({"type": parameter.kind, "enum": values}),
    };
    if parameter.name == "diagnosis" {
        let names: Vec<_> = Diagnosis::ALL.iter().map(|diagnosis| diagnosis.name()).collect();
        schema["enum"] = json!(names);
    }
    json!({
        "name": parameter.name,
        "in": "query",
        "required": parameter.is_required,
        "schema": schema,
        "description": parameter.meaning,
    })
}

fn content_of(call: &Call, generator: &mut SchemaGenerator) -> Value {
    match call.response {
        Response::Json(schema) | Response::Created(schema) => {
            json!({"application/json": {"schema": schema(generator)}})
        }
        Response::Tabular(schema) => json!({
            "application/json": {"schema": schema(generator)},
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.apache.parquet": {"schema": {"type": "string", "contentEncoding": "binary"}},
            "application/vnd.apache.arrow.stream": {"schema": {"type": "string", "contentEncoding": "binary"}},
        }),
        Response::File => json!({
            "application/vnd.apache.parquet": {"schema": {"type": "string", "contentEncoding": "binary"}},
            "text/csv": {"schema": {"type": "string"}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        }),
        Response::Events(schema) => json!({"text/event-stream": {"schema": schema(generator)}}),
        Response::Empty => Value::Null,
    }
}

/// The response of a refusal.
fn error(description: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/json": {"schema": reference("Error")}},
    })
}

fn responses_of(call: &Call, generator: &mut SchemaGenerator) -> Value {
    let content = content_of(call, generator);
    let mut responses = json!({
        "200": {"description": "The answer.", "content": content},
        "400": error("The request is invalid: all faults, each with its place and, for an unknown name, the nearest valid one."),
        "401": error("A valid token is needed."),
        "503": error("The server is starting, stopping or busy: try again after Retry-After."),
    });
    if matches!(call.response, Response::Empty) {
        responses = json!({"204": {"description": "Done."}});
    }
    if matches!(call.response, Response::Created(_)) {
        responses["201"] = responses["200"].take();
        responses.as_object_mut().map(|responses| responses.remove("200"));
    }
    if call.needs != Right::Nothing || call.body == Some(RequestBody::Login) {
        responses["429"] = error(
            "The token is wrong, and the address has sent too many wrong ones: try again after Retry-After.",
        );
    }
    if call.verb != Verb::Get || call.needs == Right::AdminToken {
        responses["403"] = error(match call.needs {
            Right::AdminToken => {
                "The admin token is needed; or the request has the login cookie, and not the header `X-Playhead-Request: dashboard`."
            }
            _ if call.path.contains("{id}") => {
                "It belongs to another token; or the request has the login cookie, and not the header `X-Playhead-Request: dashboard`, or comes from another site."
            }
            _ => {
                "The request has the login cookie, and not the header `X-Playhead-Request: dashboard`; or it comes from another site."
            }
        });
    }
    if call.body.is_some() {
        responses["408"] = error("The body did not arrive in time.");
        responses["413"] = error("The body is longer than this call takes, as it came or unpacked.");
        let encodings = format!("The body has a Content-Encoding other than {ENCODINGS}.");
        responses["415"] = error(&encodings);
    }
    if call.path.contains("{sid}") {
        responses["404"] = error("There is no such session.");
    }
    if call.path.contains("{id}") {
        responses["404"] = error("There is none with this id, or its owner does not share it.");
    }
    if call.verb == Verb::Put {
        responses["409"] = error("It was changed since the version that the request names.");
    }
    if call.is_query {
        responses["422"] =
            error("The query needs more memory or time than its limit; the same query fails again.");
        responses["500"] = error("A table cannot be read; the message names the file.");
    }
    responses
}
