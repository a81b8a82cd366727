//! The rules for player states and errors, each by example (metrics contract, sections 8 and 9).

#![allow(clippy::unwrap_used, clippy::panic, reason = "what panics here is a failed test")]

mod bodies;

use bodies::{accepted, accepted_on, faults, faults_on, full, minimal, with};
use playhead_protocol::{EventType, Remarks, Validation};
use serde_json::{Value, json};

#[test]
fn states_go_to_the_list_that_the_event_means() {
    let name = json!({ "media.state.name": "fullscreen" });
    let begun = accepted(&with(minimal(EventType::StateStart), &[("/params", name.clone())])).detail.unwrap();
    assert_eq!((begun.states_start, begun.states_end), (vec!["fullScreen".into()], vec![]));
    let ended = accepted(&with(minimal(EventType::StateEnd), &[("/params", name)])).detail.unwrap();
    assert_eq!((ended.states_start, ended.states_end), (vec![], vec!["fullScreen".into()]));
    let updated = accepted(&full(EventType::StatesUpdate)).detail.unwrap();
    assert_eq!(updated.states_start, ["fullScreen".into(), "mute".into()]);
    assert_eq!(updated.states_end, updated.states_start);
    assert!(updated.params.is_empty());
}

#[test]
fn state_names_follow_their_rule_at_every_level() {
    let longest = "x".repeat(64);
    for name in ["fullScreen", "a.b_C9", &longest] {
        accepted(&with(minimal(EventType::StateStart), &[("/params/media.state.name", json!(name))]));
    }
    let too_long = "x".repeat(65);
    for name in ["", "a b", "é", "mute\n", &too_long] {
        for validation in Validation::ALL {
            let body = with(minimal(EventType::StateEnd), &[("/params/media.state.name", json!(name))]);
            let found = faults_on(&body, validation);
            assert_eq!(found.len(), 1);
            assert!(found[0].starts_with("/params/media.state.name must be 1 to 64 letters"), "{found:?}");
        }
    }
}

#[test]
fn a_states_update_needs_a_list() {
    let body = with(minimal(EventType::StatesUpdate), &[("/params", json!({ "statesStart": null }))]);
    assert_eq!(faults(&body), ["/params must have statesStart or statesEnd"]);
    let event = accepted_on(&body, Validation::Lenient);
    assert!(event.remarks.missing_param && event.detail.is_none());
    accepted(&with(body, &[("/params/statesEnd", json!([]))]));
}

#[test]
fn elements_of_state_lists_are_checked_one_by_one() {
    let list =
        json!([{ "media.state.name": "mute", "x": 1 }, {}, null, "mute", { "media.state.name": "a b" }]);
    let body = with(minimal(EventType::StatesUpdate), &[("/params", json!({ "statesStart": list }))]);
    let found = faults_on(&body, Validation::Strict);
    assert_eq!(
        found[..3],
        [
            "/params/statesStart/0/x is not documented for this event",
            "/params/statesStart/1/media.state.name is required",
            "/params/statesStart/3 must be an object, is a string",
        ]
    );
    assert!(found[3].starts_with("/params/statesStart/4/media.state.name must be 1 to 64"), "{found:?}");
    assert_eq!(found.len(), 4);

    let list = json!([{ "x": 1 }, { "media.state.name": "mute" }]);
    let body = with(minimal(EventType::StatesUpdate), &[("/params", json!({ "statesStart": list }))]);
    let event = accepted_on(&body, Validation::Lenient);
    assert_eq!(event.remarks, Remarks { unknown_param: true, missing_param: true });
    assert_eq!(event.detail.unwrap().states_start, ["mute".into()], "the nameless state is skipped");
}

#[test]
fn an_error_takes_its_id_from_quality_first() {
    let error = |params: Value, quality: Value| {
        let body = with(minimal(EventType::Error), &[("/params", params), ("/qoeData", quality)]);
        let found = accepted(&body).detail.unwrap().error.unwrap();
        (found.id.map(String::from), String::from(found.source))
    };
    let in_params = json!({ "media.errorId": "p", "media.errorSource": "external" });
    let in_quality = json!({ "media.qoe.errorID": "q", "media.qoe.errorSource": "player" });
    assert_eq!(error(in_params.clone(), in_quality), (Some("q".into()), "player".into()));
    assert_eq!(error(in_params.clone(), Value::Null), (Some("p".into()), "external".into()));
    assert_eq!(error(in_params, json!({ "media.qoe.errorID": "q" })), (Some("q".into()), "external".into()));
    assert_eq!(error(Value::Null, Value::Null), (None, "player".into()));
}
