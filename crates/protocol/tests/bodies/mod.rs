//! Sound bodies of every event type, built from the table, and short ways to ask for the faults of others.

#![allow(dead_code, reason = "each test file uses a part")]

use playhead_protocol::{
    Carrier, Endpoint, Event, EventType, Fault, ParamId, Rejection, Requirement, TextRule, Validation,
    ValueType, parse_event,
};
use serde_json::{Map, Value, json};

/// Where such an event is sent alone.
pub(crate) fn endpoint_of(event_type: EventType) -> Endpoint {
    if event_type == EventType::SessionStart { Endpoint::SessionStart } else { Endpoint::Events }
}

/// A body with what is required and nothing else.
pub(crate) fn minimal(event_type: EventType) -> Value {
    let mut body = json!({
        "playerTime": { "playhead": 0, "ts": 1_700_000_000_000_u64 },
        "eventType": event_type.name(),
    });
    if event_type.requires_params() {
        body["params"] =
            Value::Object(params(event_type, |id| id.param().requirement == Requirement::Required));
    }
    if event_type == EventType::StatesUpdate {
        body["params"]["statesEnd"] = json!([{ "media.state.name": "mute" }]);
    }
    body
}

/// A body with every documented key.
pub(crate) fn full(event_type: EventType) -> Value {
    let mut body = minimal(event_type);
    body["params"] = Value::Object(params(event_type, |_| true));
    body["customMetadata"] = json!({ "genre": "drama", "a_b.C9": "" });
    let quality = ParamId::all().filter(|id| id.param().carrier == Carrier::Quality);
    body["qoeData"] = quality.map(|id| (id.param().key.to_owned(), sample(id))).collect::<Map<_, _>>().into();
    body
}

fn params(event_type: EventType, wanted: impl Fn(ParamId) -> bool) -> Map<String, Value> {
    let ids = ParamId::all().filter(|id| id.param().is_sent_on(event_type) && wanted(*id));
    ids.map(|id| (id.param().key.to_owned(), sample(id))).collect()
}

fn sample(id: ParamId) -> Value {
    match (id.param().value_type, id.param().text_rule) {
        (ValueType::String, TextRule::StateName) => json!("pictureInPicture"),
        (ValueType::String, _) => json!(format!("the {}", id.param().key)),
        (ValueType::Number, _) => json!(60.5),
        (ValueType::Integer, _) => json!(3),
        (ValueType::Boolean, _) => json!(false),
        (ValueType::Object, _) => json!({ "crm": { "id": "c1", "authState": 1 }, "other": {} }),
        (ValueType::Array, _) => {
            json!([{ "media.state.name": "fullscreen" }, { "media.state.name": "mute" }])
        }
    }
}

/// The faults of a body sent to that endpoint.
pub(crate) fn faults_at(body: impl AsRef<[u8]>, endpoint: Endpoint, validation: Validation) -> Vec<Fault> {
    match parse_event(body.as_ref(), endpoint, validation) {
        Ok(event) => panic!("accepted as {event:?}"),
        Err(Rejection::Invalid(faults)) => faults,
        Err(other) => panic!("{other}"),
    }
}

/// The faults, as `path message`, of a body at the default level, sent where its event type belongs.
pub(crate) fn faults(body: &Value) -> Vec<String> {
    faults_on(body, Validation::Standard)
}

/// The faults, as `path message`, of a body at a level, sent where its event type belongs.
pub(crate) fn faults_on(body: &Value, validation: Validation) -> Vec<String> {
    lines(&faults_at(body.to_string(), endpoint_of(event_type_of(body)), validation))
}

/// `path message` of each fault.
pub(crate) fn lines(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| format!("{} {}", fault.path, fault.message)).collect()
}

/// The event of a body at the default level, sent where its event type belongs.
pub(crate) fn accepted(body: &Value) -> Event {
    accepted_on(body, Validation::Standard)
}

/// The event of a body at a level, sent where its event type belongs.
pub(crate) fn accepted_on(body: &Value, validation: Validation) -> Event {
    let text = body.to_string();
    parse_event(text.as_bytes(), endpoint_of(event_type_of(body)), validation)
        .unwrap_or_else(|rejection| panic!("{rejection}: {text}"))
}

/// The event type of a body; `ping` when it names none.
pub(crate) fn event_type_of(body: &Value) -> EventType {
    body["eventType"].as_str().and_then(EventType::from_name).unwrap_or(EventType::Ping)
}

/// A body with some values replaced, by JSON pointer; the parents must be there.
pub(crate) fn with(mut body: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[key] = value.clone();
    }
    body
}

/// A body without the value at a JSON pointer.
pub(crate) fn without(mut body: Value, pointer: &str) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    body
}
