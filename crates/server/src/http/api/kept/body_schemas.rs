//! The schemas of the bodies with which something is kept or changed.

use playhead_node::limits::{
    ANNOTATION_TEXT_BYTES, BOARD_PANELS, KEPT_NAME_BYTES, PANEL_PARAMETERS_BYTES, VIEW_ADDRESS_BYTES,
};
use serde_json::{Map, Value, json};

/// All of them, by name: one of what is new, and one of what is changed, which names a version.
pub(crate) fn body_schemas() -> Map<String, Value> {
    let kinds = [("View", view()), ("Board", board()), ("Annotation", annotation())];
    let both = kinds.into_iter().flat_map(|(kind, schema)| {
        let mut changed = schema.clone();
        changed["properties"]["version"] =
            json!({"type": "integer", "minimum": 1, "description": "The version that was read."});
        if let Some(required) = changed["required"].as_array_mut() {
            required.push("version".into());
        }
        [(format!("New{kind}"), schema), (format!("Changed{kind}"), changed)]
    });
    both.collect()
}

fn name() -> Value {
    json!({"type": "string", "minLength": 1, "description": format!("One line of at most {KEPT_NAME_BYTES} bytes.")})
}

fn is_shared() -> Value {
    json!({"type": "boolean", "default": false, "description": "Whether all tokens see it, or only its owner and the admin token."})
}

fn view() -> Value {
    json!({
        "type": "object",
        "required": ["name", "address"],
        "additionalProperties": false,
        "properties": {
            "name": name(),
            "address": {"type": "string", "pattern": "^/", "description": format!("Path and query of a page of the dashboard, at most {VIEW_ADDRESS_BYTES} bytes.")},
            "is_shared": is_shared(),
        },
    })
}

fn board() -> Value {
    json!({
        "type": "object",
        "required": ["name"],
        "additionalProperties": false,
        "properties": {
            "name": name(),
            "is_shared": is_shared(),
            "panels": {
                "type": "array",
                "maxItems": BOARD_PANELS,
                "description": "From the top down.",
                "items": {
                    "type": "object",
                    "required": ["title", "kind"],
                    "additionalProperties": false,
                    "properties": {
                        "title": name(),
                        "kind": {"enum": ["series", "breakdown", "concurrency", "quality"]},
                        "parameters": {"type": "object", "description": format!("What POST /query (series, breakdown), GET /concurrency or GET /quality takes, without from, to and time_zone; at most {PANEL_PARAMETERS_BYTES} bytes as JSON.")},
                    },
                },
            },
        },
    })
}

fn annotation() -> Value {
    json!({
        "type": "object",
        "required": ["at", "text"],
        "additionalProperties": false,
        "properties": {
            "at": {"type": "string", "format": "date-time", "description": "When it happened, or began."},
            "to": {"type": ["string", "null"], "format": "date-time", "description": "When it ended; absent for a moment."},
            "kind": {"enum": ["release", "outage", "other"], "default": "other"},
            "text": {"type": "string", "minLength": 1, "description": format!("What happened: one line of at most {ANNOTATION_TEXT_BYTES} bytes.")},
            "report_suite": {"type": ["string", "null"], "description": "The report suite that it concerns; absent for all."},
        },
    })
}
