//! Metrics contract, section 6: unique time lies within the content.

use playhead_protocol::EventType::*;
use serde_json::json;

use crate::player::{View, expect};

#[test]
fn unique_time_is_not_above_the_content_length() {
    let mut view = View::of_length(60);
    view.at(0, 0, Play).at(30, 30, Ping).at(60, 60.9, SessionComplete);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 60.0, "unique_time_played": 60.0, "watched_spans": [{"from": 0.0, "to": 60.0}],
            "diagnoses": []}),
    );
}

#[test]
fn a_part_beyond_the_end_was_not_watched() {
    let mut view = View::of_length(60);
    view.at(0, 55, Play).at(10, 65, Ping).at(20, 75, Ping).at(30, 85, Ping);
    expect(
        &view.settle(),
        &json!({"unique_time_played": 5.0, "watched_spans": [{"from": 55.0, "to": 60.0}], "rewatched_spans": [],
            "diagnoses": ["playhead_out_of_range"]}),
    );
}

#[test]
fn what_is_watched_again_lies_within_the_content_too() {
    let mut view = View::of_length(60);
    view.at(0, 50, Play).at(11, 61, PauseStart).at(12, 50, Play).at(23, 61, Ping);
    expect(
        &view.settle(),
        &json!({"unique_time_played": 10.0, "rewatched_spans": [{"from": 50.0, "to": 60.0}]}),
    );
}

#[test]
fn without_a_length_nothing_is_cut() {
    let mut view = View::of_length(0);
    view.at(0, 55, Play).at(10, 65, Ping);
    expect(&view.settle(), &json!({"unique_time_played": 10.0}));
}

#[test]
fn the_content_length_itself_as_the_last_playhead_is_no_fault() {
    for last in [60.0, 60.333, 60.9, 61.333] {
        let mut view = View::of_length(60.333);
        view.at(0, 0, Play).at(60, last, SessionComplete).at(61, last, SessionEnd);
        expect(&view.settle(), &json!({"diagnoses": [], "progress_95": true}));
    }
}
