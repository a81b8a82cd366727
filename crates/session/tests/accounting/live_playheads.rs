//! Metrics contract, section 6: a live playhead is the second of the day, and runs on over midnight.

use playhead_protocol::EventType::*;
use playhead_protocol::ParamValue;
use serde_json::json;

use crate::player::{Carrying, View, event, expect};

fn live(content_type: &str, length: f64, playhead: f64) -> View {
    let start = event(SessionStart, 0, playhead)
        .param("media.length", ParamValue::Number(length))
        .param("media.contentType", ParamValue::Text(content_type));
    let mut view = View::opened_by(start);
    view.at(0, playhead, Play);
    view
}

#[test]
fn live_content_over_midnight_is_not_the_segment_of_a_whole_day() {
    for content_type in ["live", "LIVE", "livestream", "Linear", "linear-tv"] {
        let mut view = live(content_type, 0.0, 86_370.0);
        view.at(10, 86_380, Ping).at(20, 86_390, Ping).at(30, 0, Ping).at(40, 10, Ping);
        expect(
            &view.settle(),
            &json!({"content_time_spent": 40.0, "unique_time_played": 40.0, "content_segment": "1435-1445",
                "watched_spans": [{"from": 86_370.0, "to": 86_410.0}], "diagnoses": []}),
        );
    }
}

#[test]
fn each_midnight_of_a_long_session_counts() {
    let mut view = live("live", 0.0, 86_399.0);
    for at in (2..86_402).step_by(400) {
        view.at(at, (at + 86_399) % 86_400, Ping);
    }
    view.at(86_402, 1, Ping);
    expect(&view.settle(), &json!({"content_segment": "1435-2885", "unique_time_played": 86_402.0}));
}

#[test]
fn going_back_over_midnight_takes_the_day_off_again() {
    let mut view = live("live", 0.0, 86_390.0);
    view.at(20, 10, PauseStart).at(30, 86_380, Play).at(40, 86_390, Ping).at(60, 10, Ping);
    expect(
        &view.settle(),
        &json!({"content_segment": "1435-1445", "unique_time_played": 30.0,
            "watched_spans": [{"from": 86_380.0, "to": 86_410.0}],
            "rewatched_spans": [{"from": 86_390.0, "to": 86_410.0}]}),
    );
}

#[test]
fn a_live_session_that_begins_at_playhead_0_has_passed_no_midnight() {
    let mut view = live("live", 0.0, 0.0);
    view.at(1, 80_000, Ping).at(11, 80_010, Ping);
    expect(&view.settle(), &json!({"watched_spans": [{"from": 80_000.0, "to": 80_010.0}]}));
}

#[test]
fn a_viewer_who_goes_back_by_less_than_half_a_day_has_passed_no_midnight() {
    let mut view = live("live", 0.0, 50_000.0);
    view.at(1, 6_800, Ping).at(11, 6_810, Ping);
    expect(&view.settle(), &json!({"watched_spans": [{"from": 6_800.0, "to": 6_810.0}]}));
}

#[test]
fn recorded_content_has_no_midnight() {
    for content_type in ["vod", "aod", "alive", "li"] {
        let mut view = live(content_type, 0.0, 86_390.0);
        view.at(20, 10, Ping).at(30, 20, Ping);
        expect(&view.settle(), &json!({"watched_spans": [{"from": 10.0, "to": 20.0}]}));
    }
}

#[test]
fn the_length_of_a_live_stream_does_not_cut_its_seconds_of_the_day() {
    let mut view = live("live", 7_200.0, 72_000.0);
    view.at(10, 72_010, Ping);
    expect(&view.settle(), &json!({"unique_time_played": 10.0, "diagnoses": []}));
}
