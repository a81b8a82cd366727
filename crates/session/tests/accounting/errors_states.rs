//! Metrics contract, sections 8 and 9: errors and player states.

use playhead_protocol::EventType::*;
use serde_json::json;

use crate::player::{Carrying, View, event, expect};

#[test]
fn error_ids_go_to_the_list_of_their_source() {
    let mut view = View::start();
    view.with(event(Error, 1, 0).error(Some("decode"), "player"));
    view.with(event(Error, 2, 0).error(Some("cdn"), "external"));
    view.with(event(Error, 3, 0).error(Some("drm"), "something else"));
    view.with(event(Error, 4, 0).error(None, "player"));
    view.at(5, 1, Error);
    expect(
        &view.settle(),
        &json!({"error_events": 5, "player_errors": ["decode", "drm"], "external_errors": ["cdn"],
        "errors": [
            {"error_id": "decode", "source": "player", "at": "2023-11-14T22:13:21.000Z", "playhead": 0.0},
            {"error_id": "cdn", "source": "external"},
            {"error_id": "drm", "source": "something else"},
            {"error_id": null, "source": "player"},
            {"error_id": null, "source": "player", "playhead": 1.0},
        ]}),
    );
}

#[test]
fn lists_of_error_ids_are_distinct_and_in_order_of_first_appearance() {
    let mut view = View::start();
    for (at, id) in ["b", "a", "b", "c", "a"].into_iter().enumerate() {
        view.with(event(Error, at as f64, 0).error(Some(id), "player"));
    }
    view.with(event(Error, 9, 0).error(Some("b"), "external"));
    expect(
        &view.settle(),
        &json!({"error_events": 6, "player_errors": ["b", "a", "c"], "external_errors": ["b"]}),
    );
}

#[test]
fn each_list_of_error_ids_holds_twenty() {
    let mut view = View::start();
    for source in ["player", "external"] {
        for number in 0..25 {
            view.with(event(Error, number, 0).error(Some(&format!("{source}-{number}")), source));
        }
    }
    let rows = view.settle();
    assert_eq!(rows["error_events"], 50);
    assert_eq!(rows["errors"].as_array().unwrap().len(), 50, "each error has its row");
    for (list, source) in [("player_errors", "player"), ("external_errors", "external")] {
        let expected: Vec<String> = (0..20).map(|number| format!("{source}-{number}")).collect();
        assert_eq!(rows[list], json!(expected));
    }
}

#[test]
fn each_state_reports_count_and_time_in_order_of_first_appearance() {
    let mut view = View::start();
    view.with(event(StateStart, 0, 0).states(&["inFocus"], &[]));
    view.with(event(StateStart, 2, 0).states(&["my.state_1"], &[]));
    view.with(event(StateEnd, 3, 0).states(&[], &["inFocus"]));
    view.with(event(StateStart, 5, 0).states(&["inFocus"], &[])).at(9, 0, Ping);
    expect(
        &view.settle(),
        &json!({"states": [{"name": "inFocus", "count": 2, "time": 7.0}, {"name": "my.state_1", "count": 1, "time": 7.0}]}),
    );
}

#[test]
fn a_session_keeps_ten_states() {
    let names: Vec<String> = (0..12).map(|number| format!("state{number}")).collect();
    let mut view = View::start();
    for name in &names[..10] {
        view.with(event(StateStart, 0, 0).states(&[name], &[]));
    }
    expect(&view.settle(), &json!({"diagnoses": []}));
    view.with(event(StateEnd, 5, 0).states(&[], &["state3"]));
    view.with(event(StateStart, 6, 0).states(&["state10"], &[]));
    view.with(event(StateStart, 7, 0).states(&["state3"], &[])).at(10, 0, Ping);
    let rows = view.settle();
    expect(&rows, &json!({"diagnoses": ["too_many_states"]}));
    let states = rows["states"].as_array().unwrap();
    assert_eq!(states.len(), 10);
    assert_eq!(states[3], json!({"name": "state3", "count": 2, "time": 8.0}), "a known state opens again");
}

#[test]
fn the_end_of_a_state_that_is_not_open_is_diagnosed_and_makes_no_state() {
    let mut view = View::start();
    view.with(event(StateEnd, 5, 0).states(&[], &["mute"]));
    expect(&view.settle(), &json!({"diagnoses": ["state_not_started"], "states": []}));
}

#[test]
fn remarks_of_validation_become_diagnoses() {
    let mut start = event(SessionStart, 0, 0);
    start.remarks.missing_param = true;
    let mut view = View::opened_by(start);
    expect(&view.rows(), &json!({"diagnoses": ["missing_param"]}));
    let mut ping = event(Ping, 1, 0);
    ping.remarks.unknown_param = true;
    view.with(ping);
    expect(&view.settle(), &json!({"diagnoses": ["unknown_param", "missing_param"]}));
}
