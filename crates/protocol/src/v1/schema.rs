//! JSON Schemas of the events, generated from the table of parameters for one validation level.
//!
//! Draft 4, which the documents promise and old validators read. Its `integer` is not used: whether `10.0` is one is
//! answered differently by validators, while `multipleOf` is not. `null` stands for an absent value, so optional
//! values have the type of their value or `null`.

use serde_json::{Map, Value, json};

use crate::event_type::EventType;
use crate::limits::{STATE_NAME_BYTES, TS_END_MS, WHOLE_NUMBER_MAX};
use crate::param_table::{Carrier, Param, ParamId, TextRule, ValueType};
use crate::time::DAY_SECONDS;
use crate::v1::check_entries::AUTH_STATE_MAX;
use crate::v1::check_states::NAME_KEY;
use crate::validation::Validation;

const DIALECT: &str = "http://json-schema.org/draft-04/schema#";
const METADATA_KEY_PATTERN: &str = "^[a-zA-Z0-9_.]+$";
/// `live` and `linear` without regard to case, which JSON Schema's patterns cannot be told to disregard.
const LIVE_PATTERN: &str = "^([Ll][Ii][Vv][Ee]|[Ll][Ii][Nn][Ee][Aa][Rr])$";

/// The JSON Schema (draft 4) of one event type at one validation level. A body that satisfies it is accepted where
/// the event type is, with one exception, which the schema's description names because draft 4 cannot compare two
/// values: the playhead of `sessionStart` lies below `media.length`. What depends on the path that an event is sent
/// to is no part of the schema.
pub fn schema(event_type: EventType, validation: Validation) -> Value {
    let params_required = requires_params(event_type, validation);
    let mut required = vec!["playerTime", "eventType"];
    if params_required {
        required.push("params");
    }
    let mut root = json!({
        "$schema": DIALECT,
        "title": event_type.name(),
        "description": description(event_type),
        "type": "object",
        "required": required,
        "properties": {
            "eventType": {
                "description": event_type.meaning(),
                "enum": [event_type.name()],
            },
            "playerTime": player_time(event_type),
            "params": params(event_type, validation, params_required),
            "qoeData": quality(validation),
            "customMetadata": custom_metadata(event_type),
        },
    });
    if event_type == EventType::SessionStart {
        root["anyOf"] = first_playhead();
    }
    root
}

fn description(event_type: EventType) -> String {
    let meaning = event_type.meaning();
    if event_type == EventType::SessionStart {
        return format!(
            "{meaning}. Not expressed below: unless media.contentType is live or linear, playerTime.playhead must be \
             below media.length when that is above 0."
        );
    }
    meaning.to_owned()
}

/// Whether `params` must be there: by the contract, or because a key in it must be.
fn requires_params(event_type: EventType, validation: Validation) -> bool {
    if validation.tolerates_missing() {
        return ParamId::all().any(|id| id.param().is_sent_on(event_type) && validation.requires(id));
    }
    event_type.requires_params()
}

fn player_time(event_type: EventType) -> Value {
    let mut playhead = json!({
        "description": "seconds into the content, or the second of the day for live content",
        "type": "number",
    });
    if event_type == EventType::SessionStart {
        playhead["minimum"] = json!(0);
    }
    json!({
        "description": "when and where in the content",
        "type": "object",
        "required": ["ts", "playhead"],
        "properties": {
            "ts": {
                "description": "the device's clock, ms since the Unix epoch (UTC)",
                "type": "number",
                "multipleOf": 1,
                "minimum": 0,
                "exclusiveMinimum": true,
                "maximum": TS_END_MS,
                "exclusiveMaximum": true,
            },
            "playhead": playhead,
        },
    })
}

/// Live and linear content starts within the day; the range of other content is only in the description.
fn first_playhead() -> Value {
    json!([
        {
            "properties": { "params": { "properties": {
                "media.contentType": { "not": { "type": "string", "pattern": LIVE_PATTERN } },
            } } },
        },
        {
            "properties": { "playerTime": { "properties": {
                "playhead": { "maximum": DAY_SECONDS, "exclusiveMaximum": true },
            } } },
        },
    ])
}

fn params(event_type: EventType, validation: Validation, is_required: bool) -> Value {
    let ids = || ParamId::all().filter(|id| id.param().is_sent_on(event_type));
    let mut object = documented_object(ids(), validation);
    object["description"] = json!("parameters of the event");
    object["type"] = type_of("object", is_required);
    let required: Vec<_> = ids().filter(|&id| validation.requires(id)).map(|id| id.param().key).collect();
    // Draft 4 forbids an empty list here.
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    if event_type == EventType::StatesUpdate && !validation.tolerates_missing() {
        let lists = ids().map(|id| id.param().key);
        object["anyOf"] = lists
            .map(|key| json!({ "required": [key], "properties": { (key): { "type": "array" } } }))
            .collect();
    }
    object
}

fn quality(validation: Validation) -> Value {
    let ids = ParamId::all().filter(|id| id.param().carrier == Carrier::Quality);
    let mut object = documented_object(ids, validation);
    object["description"] = json!("quality of playback");
    object["type"] = type_of("object", false);
    object
}

fn documented_object(ids: impl Iterator<Item = ParamId>, validation: Validation) -> Value {
    let properties: Map<_, _> = ids
        .map(|id| (id.param().key.to_owned(), value(id.param(), validation.requires(id), validation)))
        .collect();
    let mut object = json!({ "properties": properties });
    refuse_unknown_keys(&mut object, validation);
    object
}

fn refuse_unknown_keys(object: &mut Value, validation: Validation) {
    if !validation.tolerates_unknown() {
        object["additionalProperties"] = json!(false);
    }
}

fn value(param: &Param, is_required: bool, validation: Validation) -> Value {
    let mut schema = match param.value_type {
        ValueType::Integer => json!({
            "multipleOf": 1,
            "minimum": -WHOLE_NUMBER_MAX,
            "maximum": WHOLE_NUMBER_MAX,
        }),
        ValueType::Array => json!({ "items": state(validation) }),
        ValueType::Object => json!({ "additionalProperties": customer_id() }),
        ValueType::String => text(param.text_rule),
        ValueType::Number | ValueType::Boolean => json!({}),
    };
    let type_name = match param.value_type {
        ValueType::Integer => ValueType::Number.name(),
        other => other.name(),
    };
    schema["type"] = type_of(type_name, is_required);
    schema["description"] = json!(param.meaning);
    schema
}

fn text(rule: TextRule) -> Value {
    match rule {
        TextRule::Any => json!({}),
        TextRule::NotEmpty => json!({ "minLength": 1 }),
        TextRule::StateName => json!({ "pattern": format!("^[a-zA-Z0-9_.]{{1,{STATE_NAME_BYTES}}}$") }),
    }
}

/// An element of a list of states; an element that is `null` is absent.
fn state(validation: Validation) -> Value {
    let name_required = !validation.tolerates_missing();
    let mut name = text(TextRule::StateName);
    name["type"] = type_of("string", name_required);
    let mut element = json!({ "type": type_of("object", false), "properties": { (NAME_KEY): name } });
    if name_required {
        element["required"] = json!([NAME_KEY]);
    }
    refuse_unknown_keys(&mut element, validation);
    element
}

/// A member of `visitor.customerIDs`, the only documented object.
fn customer_id() -> Value {
    json!({
        "type": type_of("object", false),
        "properties": {
            "id": { "type": type_of("string", false) },
            "authState": {
                "type": type_of("number", false),
                "multipleOf": 1,
                "minimum": 0,
                "maximum": AUTH_STATE_MAX,
            },
        },
    })
}

fn custom_metadata(event_type: EventType) -> Value {
    if !event_type.keeps_custom_metadata() {
        return json!({
            "description": "kept with the event as it is, and reported nowhere",
            "type": type_of("object", false),
        });
    }
    json!({
        "description": "metadata of the client's own",
        "type": type_of("object", false),
        "patternProperties": { (METADATA_KEY_PATTERN): { "type": type_of("string", false) } },
        "additionalProperties": false,
    })
}

fn type_of(name: &str, is_required: bool) -> Value {
    if is_required { json!(name) } else { json!([name, "null"]) }
}
