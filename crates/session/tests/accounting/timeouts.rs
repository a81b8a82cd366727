//! Metrics contract, section 10: timeouts on the arrival clock.

use playhead_protocol::EventType::*;
use playhead_session::Admission;
use serde_json::json;

use crate::player::{Carrying, View, event, expect, moment};

#[test]
fn ten_minutes_of_silence_close_a_session() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, Ping);
    view.advance(609.999);
    expect(&view.rows(), &json!({"is_open": true, "close_reason": null}));
    view.advance(610);
    let rows = view.rows();
    expect(&rows, &json!({"is_open": false, "close_reason": "idle_10m"}));
    assert_eq!(rows["last_event_at"], "2023-11-14T22:13:30.000Z", "the close lies at the last event");
}

#[test]
fn a_session_that_never_sends_another_event_closes_too() {
    let mut view = View::start();
    view.advance(600);
    expect(&view.rows(), &json!({"close_reason": "idle_10m", "drop_before_start": true}));
}

#[test]
fn silence_is_measured_on_the_arrival_clock() {
    let mut view = View::start();
    view.send_at(moment(400), event(Play, 0, 0));
    view.send_at(moment(900), event(Ping, 3, 3));
    view.advance(1_499.999);
    expect(&view.rows(), &json!({"is_open": true}));
    view.advance(1_500);
    expect(&view.rows(), &json!({"close_reason": "idle_10m", "content_time_spent": 3.0}));
}

#[test]
fn an_event_that_arrives_at_the_deadline_is_too_late() {
    for (at, admission) in [(599.999, Admission::Accept), (600.0, Admission::Closed)] {
        let mut view = View::start();
        assert_eq!(view.send_at(moment(at), event(Ping, 1, 1)), admission);
    }
}

#[test]
fn open_views_at_a_timeout_close_as_not_completed() {
    let mut view = View::start();
    view.at(0, 0, ChapterStart).at(0, 0, AdBreakStart).at(0, 0, AdStart).at(4, 0, Ping);
    expect(
        &view.leave(),
        &json!({"close_reason": "idle_10m", "ads": [{"end": "not_completed", "time_played": 4.0}],
            "chapters": [{"end": "not_completed"}], "ad_completes": 0, "diagnoses": []}),
    );
}

#[test]
fn thirty_minutes_without_progress_close_a_session_that_still_sends() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, PauseStart);
    for at in (70..=1_810).step_by(60) {
        assert_eq!(
            view.send(event(Ping, at, 10)),
            if at < 1_810 { Admission::Accept } else { Admission::Closed }
        );
    }
    let rows = view.rows();
    expect(&rows, &json!({"close_reason": "idle_playhead_30m", "total_pause_duration": 1740.0}));
    assert_eq!(rows["last_event_at"], "2023-11-14T22:42:30.000Z");
}

#[test]
fn any_change_of_the_playhead_keeps_a_session_open() {
    let mut view = View::start();
    for at in (60..7_200).step_by(60) {
        let playhead = if at % 1_740 == 0 { 5.0 + f64::from(at) } else { f64::from(at / 1_740) };
        view.at(at, playhead, Ping);
    }
    expect(&view.settle(), &json!({"is_open": true}));
}

#[test]
fn negative_playheads_are_no_progress() {
    let mut view = View::start();
    for at in (60..1_800).step_by(60) {
        view.at(at, -at, Ping);
    }
    view.advance(1_800);
    expect(&view.rows(), &json!({"close_reason": "idle_playhead_30m"}));
}

#[test]
fn a_timeout_empties_the_window_at_once() {
    let mut view = View::start();
    view.settings.reorder_window_ms = 3_600_000;
    view.at(20, 20, Ping).at(30, 30, PauseStart);
    assert_eq!(view.send_at(moment(31), event(Play, 0, 0)), Admission::Accept);
    expect(
        &view.leave(),
        &json!({"close_reason": "idle_10m", "content_time_spent": 30.0, "pause_events": 1, "diagnoses": []}),
    );
}

#[test]
fn a_session_end_that_still_waits_at_a_timeout_is_the_reason() {
    let mut view = View::start();
    view.settings.reorder_window_ms = 3_600_000;
    view.at(0, 0, Play).at(30, 30, SessionEnd);
    expect(&view.leave(), &json!({"close_reason": "session_end", "content_time_spent": 30.0}));
}

#[test]
fn both_timeouts_are_settings() {
    let mut view = View::start();
    view.settings.idle_timeout_ms = 20_000;
    view.at(10, 10, Ping).advance(29.999);
    expect(&view.rows(), &json!({"is_open": true}));
    view.advance(30);
    expect(&view.rows(), &json!({"close_reason": "idle_10m"}));
    let mut view = View::start();
    view.settings.playhead_timeout_ms = 20_000;
    view.at(5, 10, Ping).at(15, 10, Ping).advance(25);
    expect(&view.rows(), &json!({"close_reason": "idle_playhead_30m"}));
}

#[test]
fn after_a_timeout_everything_is_refused_and_nothing_changes() {
    let mut view = View::start();
    view.with(event(StateStart, 0, 0).states(&["mute"], &[])).at(0, 0, Play).at(10, 10, Ping);
    let rows = view.leave();
    for event_type in [Play, Ping, AdBreakStart, SessionComplete, Error] {
        assert_eq!(view.send(event(event_type, 20, 20)), Admission::Closed);
    }
    assert_eq!(view.rows(), rows);
}

#[test]
fn a_session_end_after_a_timeout_is_not_a_retry() {
    let mut view = View::start();
    view.at(0, 0, Play);
    let rows = view.leave();
    assert_eq!(view.send(event(SessionEnd, 10, 10)), Admission::Closed);
    assert_eq!(view.rows(), rows);
}
