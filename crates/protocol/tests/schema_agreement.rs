//! The schemas that are served and the checks of the server come to the same verdict.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what panics here is a failed test")]

mod bodies;
mod mutations;

use std::collections::HashMap;

use bodies::{endpoint_of, event_type_of, full, minimal, with};
use jsonschema::Validator;
use mutations::body_of_seed;
use playhead_protocol::{EventType, Fault, Rejection, Validation, parse_event, schema};
use serde_json::{Value, json};

const BODIES_PER_LEVEL: u64 = 10_000;

fn compile(event_type: EventType, validation: Validation) -> Validator {
    let schema = schema(event_type, validation);
    assert!(jsonschema::draft4::meta::is_valid(&schema), "not a schema of draft 4: {schema}");
    jsonschema::draft4::new(&schema).unwrap()
}

/// Rules that a schema of one event cannot hold: draft 4 compares no two values, and the path that an event is sent
/// to is not in the event.
fn is_beyond_the_schema(fault: &Fault) -> bool {
    (fault.path == "/playerTime/playhead" && fault.message.starts_with("must be below media.length"))
        || (fault.path == "/params/media.downloaded"
            && fault.message.starts_with("must not be true in a single"))
}

fn server_accepts(body: &Value, validation: Validation) -> (bool, Vec<Fault>) {
    match parse_event(body.to_string().as_bytes(), endpoint_of(event_type_of(body)), validation) {
        Ok(_) => (true, Vec::new()),
        Err(Rejection::Invalid(faults)) => (faults.iter().all(is_beyond_the_schema), faults),
        Err(other) => panic!("{other}"),
    }
}

fn agree_on_generated_bodies(validation: Validation) {
    let validators: HashMap<_, _> =
        EventType::ALL.iter().map(|&event_type| (event_type, compile(event_type, validation))).collect();
    let mut accepted = 0;
    for seed in 0..BODIES_PER_LEVEL {
        let body = body_of_seed(seed);
        let (server_verdict, faults) = server_accepts(&body, validation);
        let schema_verdict = validators[&event_type_of(&body)].is_valid(&body);
        assert_eq!(server_verdict, schema_verdict, "server against schema, {validation}: {body}\n{faults:?}");
        accepted += u64::from(server_verdict);
    }
    let share = accepted * 100 / BODIES_PER_LEVEL;
    assert!((20..=80).contains(&share), "{share} % accepted: the comparison says little");
}

#[test]
fn server_and_schema_agree_when_lenient() {
    agree_on_generated_bodies(Validation::Lenient);
}

#[test]
fn server_and_schema_agree_by_default() {
    agree_on_generated_bodies(Validation::Standard);
}

#[test]
fn server_and_schema_agree_when_strict() {
    agree_on_generated_bodies(Validation::Strict);
}

#[test]
fn sound_bodies_satisfy_the_schema_of_their_own_type_only() {
    for validation in Validation::ALL {
        for &event_type in EventType::ALL {
            let validator = compile(event_type, validation);
            for &other in EventType::ALL {
                for body in [minimal(other), full(other)] {
                    assert_eq!(validator.is_valid(&body), other == event_type, "{event_type}: {body}");
                }
            }
        }
    }
}

#[test]
fn the_playhead_of_a_recorded_start_is_left_to_the_server() {
    let start = minimal(EventType::SessionStart);
    let body =
        with(start, &[("/playerTime/playhead", json!(61)), ("/params/media.contentType", json!("vod"))]);
    assert!(compile(EventType::SessionStart, Validation::Strict).is_valid(&body));
    let description = schema(EventType::SessionStart, Validation::Strict)["description"].clone();
    assert!(description.as_str().unwrap().contains("must be below media.length"), "{description}");
}

#[test]
fn a_schema_names_itself_and_describes_every_key() {
    for &event_type in EventType::ALL {
        let schema = schema(event_type, Validation::Standard);
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-04/schema#");
        assert_eq!(schema["title"], event_type.name());
        for object in ["params", "qoeData"] {
            for (key, property) in schema["properties"][object]["properties"].as_object().unwrap() {
                assert!(property["description"].is_string(), "{event_type} {key}");
            }
        }
    }
}
