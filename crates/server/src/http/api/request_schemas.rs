//! The schemas of the report API's request bodies, whose parsers find every fault of a body and are not derived.

use playhead_node::limits::EXCLUSION_REASON_BYTES;
use playhead_report::names::metric_table::metrics;
use serde_json::{Map, Value, json};

use crate::http::api::kept::body_schemas::body_schemas;

/// Points to a schema.
pub(crate) fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

/// All of them, by name.
pub(crate) fn request_schemas() -> Map<String, Value> {
    let operators = ["=", "!=", "in", "not in", "contains", "exists", ">", ">=", "<", "<="];
    let schemas = json!({
        "Filter": {
            "oneOf": [
                {
                    "type": "object",
                    "required": ["dimension", "operator"],
                    "properties": {
                        "dimension": {"type": "string"},
                        "operator": {"enum": operators},
                        "value": {"type": ["string", "number", "boolean"]},
                        "values": {"type": "array", "items": {"type": ["string", "number", "boolean"]}},
                    },
                    "additionalProperties": false,
                },
                {"type": "object", "required": ["and"], "additionalProperties": false,
                    "properties": {"and": {"type": "array", "items": reference("Filter")}}},
                {"type": "object", "required": ["or"], "additionalProperties": false,
                    "properties": {"or": {"type": "array", "items": reference("Filter")}}},
            ],
        },
        "ReportQuery": {
            "type": "object",
            "required": ["metrics"],
            "additionalProperties": false,
            "properties": {
                "from": {"type": "string", "description": "The earliest start of a session: RFC 3339, or a date in the time zone."},
                "to": {"type": "string", "description": "Sessions that started before it."},
                "metrics": {"type": "array", "minItems": 1, "items": {"type": "string", "examples": metrics().iter().map(|metric| &*metric.name).collect::<Vec<_>>()}},
                "dimensions": {"type": "array", "maxItems": 3, "items": {"type": "string"}},
                "filters": {"type": "array", "items": reference("Filter")},
                "segment": {"type": "string", "description": "A standard segment, by name."},
                "granularity": {"enum": ["none", "minute", "hour", "day", "week", "month"], "default": "none"},
                "time_zone": {"type": "string", "description": "An IANA time zone; the server's (`--time-zone`) when it is missing."},
                "include_open": {"type": "boolean", "default": true},
                "names": {"type": "boolean", "default": false, "description": "Whether the latest name of each content and ad stands beside its id, and the other names in also_known_as."},
                "order_by": {"description": "What rows are ordered by."},
                "limit": {"type": "integer", "minimum": 1, "description": "The most rows. Without it, 1,000 as JSON and all of them as CSV or Parquet."},
            },
        },
        "Sql": {
            "type": "object",
            "required": ["query"],
            "additionalProperties": false,
            "properties": {"query": {"type": "string", "description": "One statement that reads."}},
        },
        "Login": {
            "type": "object",
            "required": ["token"],
            "additionalProperties": false,
            "properties": {"token": {"type": "string"}},
        },
        "ExcludeSession": {
            "type": "object",
            "required": ["reason"],
            "additionalProperties": false,
            "properties": {"reason": {"type": "string", "minLength": 1, "description": format!("Why no report is to count the session: one line of at most {EXCLUSION_REASON_BYTES} bytes.")}},
        },
    });
    let mut schemas = if let Value::Object(schemas) = schemas { schemas } else { Map::new() };
    schemas.append(&mut body_schemas());
    schemas
}
