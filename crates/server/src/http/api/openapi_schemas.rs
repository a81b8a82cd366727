//! The schemas of the report API's bodies and answers.

use playhead_report::names::metric::metrics;
use serde_json::{Map, Value, json};

use playhead_node::limits::LIVE_CONTENT;

/// Points to a schema.
pub(crate) fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

/// All schemas, by name.
pub(crate) fn schemas() -> Value {
    let operators = ["=", "!=", "in", "not in", "contains", "exists", ">", ">=", "<", "<="];
    json!({
        "Error": {
            "type": "object",
            "required": ["message"],
            "properties": {
                "message": {"type": "string"},
                "errors": {"type": "array", "items": {
                    "type": "object",
                    "required": ["path", "message"],
                    "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
                }},
            },
        },
        "Session": {
            "type": "object",
            "description": "A session's row; its columns are those of the table `sessions`.",
            "required": ["session_id", "report_suite", "started_at", "is_open"],
        },
        "Sessions": {
            "type": "object",
            "required": ["sessions", "next_cursor"],
            "properties": {
                "sessions": {"type": "array", "items": reference("Session")},
                "next_cursor": {"type": ["string", "null"]},
            },
        },
        "Events": {
            "type": "object",
            "required": ["events", "next_cursor"],
            "properties": {
                "events": {"type": "array", "items": {"type": "object"}},
                "next_cursor": {"type": ["string", "null"]},
            },
        },
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
                "time_zone": {"type": "string", "default": "UTC", "description": "An IANA time zone."},
                "include_open": {"type": "boolean", "default": true},
                "order_by": {"description": "What rows are ordered by."},
                "limit": {"type": "integer", "minimum": 1},
            },
        },
        "Answer": {
            "type": "object",
            "required": ["columns", "rows", "totals"],
            "properties": {
                "columns": {"type": "array", "items": {"type": "object"}},
                "rows": {"type": "array", "items": {"type": "array"}},
                "totals": {"type": "object"},
            },
        },
        "Sql": {
            "type": "object",
            "required": ["query"],
            "additionalProperties": false,
            "properties": {"query": {"type": "string", "description": "One statement that reads."}},
        },
        "Rows": {
            "type": "object",
            "required": ["columns", "rows", "is_truncated"],
            "properties": {
                "columns": {"type": "array", "items": {"type": "object"}},
                "rows": {"type": "array", "items": {"type": "array"}},
                "is_truncated": {"type": "boolean"},
            },
        },
        "Login": {
            "type": "object",
            "required": ["token"],
            "additionalProperties": false,
            "properties": {"token": {"type": "string"}},
        },
        "Role": {
            "type": "object",
            "required": ["role"],
            "properties": {"role": {"enum": ["admin", "read"]}},
        },
        "Access": {
            "type": "object",
            "required": ["role", "version", "validation", "report_suites", "reorder_window_ms", "idle_timeout_ms"],
            "properties": {
                "role": {"enum": ["admin", "read"]},
                "version": {"type": "string"},
                "validation": {"enum": ["lenient", "standard", "strict"]},
                "report_suites": {"type": "array", "items": {"type": "string"}, "description": "Those that are collected; empty for all."},
                "reorder_window_ms": {"type": "integer"},
                "idle_timeout_ms": {"type": "integer"},
            },
        },
        "Live": live(),
        "LiveHistory": {
            "type": "object",
            "description": "Columns of one length.",
            "required": ["at"],
            "properties": {"at": {"type": "array", "items": {"type": "string", "format": "date-time"}}},
            "additionalProperties": {"type": "array", "items": {"type": ["integer", "null"]}},
        },
        "Faults": {
            "type": "object",
            "required": ["faults"],
            "properties": {"faults": {"type": "array", "items": {
                "type": "object",
                "required": ["at", "status", "reason", "path", "message", "errors", "body", "body_bytes", "body_is_cut"],
                "properties": {
                    "at": {"type": "string", "format": "date-time"},
                    "status": {"type": "integer"},
                    "reason": {"type": "string"},
                    "path": {"type": "string"},
                    "session_id": {"type": ["string", "null"]},
                    "report_suite": {"type": ["string", "null"]},
                    "message": {"type": "string"},
                    "errors": {"type": "array", "items": {"type": "object"}},
                    "body": {"type": "string", "description": "Its first 4 KiB; empty when it was not read to its end."},
                    "body_bytes": {"type": "integer", "description": "Bytes that were read."},
                    "body_is_cut": {"type": "boolean"},
                    "user_agent": {"type": ["string", "null"]},
                    "origin": {"type": ["string", "null"]},
                },
            }}},
        },
        "Metric": {
            "type": "object",
            "description": "Either the intervals that add up to the value, or the events that changed it.",
            "required": ["value", "unit"],
            "properties": {
                "value": {"type": ["number", "boolean", "string", "null"]},
                "unit": {"type": "string"},
                "intervals": {"type": "array", "items": {"type": "object"}},
                "events": {"type": "array", "items": {"type": "object"}},
            },
        },
        "Explanation": {
            "type": "object",
            "required": ["session_id", "metrics", "ads", "chapters"],
            "properties": {
                "session_id": {"type": "string"},
                "metrics": {"type": "object", "additionalProperties": reference("Metric")},
                "ads": {"type": "array", "items": {"type": "object", "properties": {"time_played": reference("Metric")}}},
                "chapters": {"type": "array", "items": {"type": "object", "properties": {"time_played": reference("Metric")}}},
            },
        },
    })
}

fn live() -> Value {
    let mut properties = Map::new();
    for moment in ["at", "server_started_at", "counted_at"] {
        properties.insert(moment.to_owned(), json!({"type": "string", "format": "date-time"}));
    }
    let counts = [
        "sessions_active",
        "sessions_playing",
        "sessions_buffering",
        "viewers_active",
        "viewers_playing",
        "content_count",
        "media_starts",
        "events",
        "errors",
        "refused",
        "buffer_events",
    ];
    for count in counts {
        properties.insert(count.to_owned(), json!({"type": "integer", "minimum": 0}));
    }
    properties.insert(
        "content".to_owned(),
        json!({"type": "array", "maxItems": LIVE_CONTENT, "items": {"type": "object"}}),
    );
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "required": required, "properties": properties})
}
