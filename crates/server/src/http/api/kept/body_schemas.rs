//! The schemas of the bodies with which something is kept or changed.

use playhead_node::limits::{
    ANNOTATION_TEXT_BYTES, BOARD_PANELS, KEPT_NAME_BYTES, PANEL_PARAMETERS_BYTES, SCHEDULE_FOLDER_BYTES,
    SCHEDULE_FOLDER_DEPTH, VIEW_ADDRESS_BYTES, WEBHOOK_URL_BYTES,
};
use serde_json::{Map, Value, json};

/// All of them, by name: one of what is new, and one of what is changed, which names a version.
pub(crate) fn body_schemas() -> Map<String, Value> {
    let kinds =
        [("View", view()), ("Board", board()), ("Annotation", annotation()), ("Schedule", schedule())];
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
                        "kind": {"enum": ["series", "breakdown", "concurrency", "quality", "side_by_side"]},
                        "parameters": {"type": "object", "description": format!("What POST /query (series, breakdown, side_by_side), GET /concurrency or GET /quality takes, without from, to and time_zone; of side_by_side also a and b, each with a name and filters; at most {PANEL_PARAMETERS_BYTES} bytes as JSON.")},
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

fn schedule() -> Value {
    let at = json!({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "description": "The time of day."});
    let every = |name: &str, more: Value| {
        let mut properties = json!({"every": {"const": name}});
        let mut required = vec!["every".to_owned()];
        for (name, schema) in more.as_object().into_iter().flatten() {
            properties[name] = schema.clone();
            required.push(name.clone());
        }
        json!({"type": "object", "required": required, "additionalProperties": false, "properties": properties})
    };
    let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    json!({
        "type": "object",
        "required": ["name", "report", "range", "when", "format", "to"],
        "additionalProperties": false,
        "properties": {
            "name": name(),
            "report": {
                "type": "object",
                "required": ["kind"],
                "additionalProperties": false,
                "properties": {
                    "kind": {"enum": ["query", "series", "breakdown", "concurrency", "quality"]},
                    "parameters": {"type": "object", "description": format!("What POST /query takes, without from, to and time_zone; at most {PANEL_PARAMETERS_BYTES} bytes as JSON. Of a panel, as a board has it.")},
                },
            },
            "range": {"type": "string", "pattern": "^(today|yesterday|last_week|last_month|[1-9][0-9]{0,2}[dh])$", "description": "The range when the schedule is due: whole days or hours before, today up to that moment, the last week or month."},
            "time_zone": {"type": ["string", "null"], "description": "An IANA time zone; that of reports that name none (`--time-zone`) when it is missing."},
            "when": {"oneOf": [
                every("hour", json!({"minute": {"type": "integer", "minimum": 0, "maximum": 59}})),
                every("day", json!({"at": at})),
                every("week", json!({"weekday": {"enum": weekdays}, "at": at})),
                every("month", json!({"day": {"type": "integer", "minimum": 1, "maximum": 31, "description": "The last day of a month that has fewer."}, "at": at})),
            ]},
            "format": {"enum": ["csv", "png"]},
            "to": {"oneOf": [
                {"type": "object", "required": ["folder"], "additionalProperties": false, "properties": {
                    "folder": {"type": "string", "minLength": 1, "description": format!("A folder below the operator's directory for reports, which is `.` itself; at most {SCHEDULE_FOLDER_BYTES} bytes and {SCHEDULE_FOLDER_DEPTH} parts.")}}},
                {"type": "object", "required": ["webhook"], "additionalProperties": false, "properties": {
                    "webhook": {"type": "string", "format": "uri", "description": format!("A URL at one of the origins that the operator allows; at most {WEBHOOK_URL_BYTES} bytes.")}}},
            ]},
            "is_paused": {"type": "boolean", "default": false, "description": "Whether it is kept without being sent."},
        },
    })
}
