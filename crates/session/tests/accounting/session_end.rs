//! Metrics contract, section 1: the effect of `sessionEnd`, and events that arrive after it.

use playhead_protocol::EventType::*;
use playhead_session::Admission;
use serde_json::json;

use crate::player::{View, event, expect, moment};

#[test]
fn session_end_closes_when_it_leaves_the_window() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, SessionEnd);
    assert!(view.session.is_ending());
    view.advance(14.999);
    expect(&view.rows(), &json!({"is_open": true, "close_reason": null}));
    view.advance(15);
    expect(
        &view.rows(),
        &json!({"is_open": false, "close_reason": "session_end", "content_time_spent": 10.0}),
    );
    assert!(!view.session.is_ending());
}

#[test]
fn until_session_end_leaves_events_up_to_its_ts_are_accepted_and_later_ones_refused() {
    let mut view = View::start();
    view.at(0, 0, AdBreakStart).at(0, 0, AdStart).at(10, 0, SessionEnd);
    assert_eq!(view.send_at(moment(11), event(Ping, 10.001, 0)), Admission::Closed);
    assert_eq!(view.send_at(moment(12), event(AdComplete, 9, 0)), Admission::Accept);
    assert_eq!(view.send_at(moment(14.999), event(AdBreakComplete, 10, 0)), Admission::Accept);
    assert_eq!(view.send_at(moment(15), event(Ping, 10, 1)), Admission::Closed, "it has left by then");
    expect(
        &view.rows(),
        &json!({"ads": [{"end": "completed", "time_played": 9.0}], "event_count": 6, "diagnoses": []}),
    );
}

#[test]
fn a_repeated_session_end_is_answered_and_changes_nothing() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, SessionEnd);
    let before = view.rows();
    assert_eq!(view.send(event(SessionEnd, 10, 10)), Admission::Duplicate);
    for at in [9, 11] {
        assert_eq!(view.send(event(SessionEnd, at, 11)), Admission::RepeatedEnd);
    }
    assert_eq!(view.rows(), before);
    let after = view.settle();
    for at in [10, 11] {
        assert_eq!(view.send(event(SessionEnd, at, 11)), Admission::RepeatedEnd);
    }
    assert_eq!(view.rows(), after);
}

#[test]
fn a_retry_while_the_end_waits_is_a_duplicate() {
    let mut view = View::start();
    view.at(12, 0, Ping).at(10, 10, SessionEnd);
    assert_eq!(view.send(event(Ping, 12, 0)), Admission::Duplicate, "although it lies behind the end");
}

#[test]
fn events_that_waited_behind_the_end_have_no_effect() {
    let mut view = View::start();
    view.at(0, 0, Play).at(20, 20, Error);
    assert_eq!(view.send_at(moment(20), event(SessionEnd, 10, 10)), Admission::Accept);
    let rows = view.settle();
    expect(
        &rows,
        &json!({"close_reason": "session_end", "error_events": 0, "content_time_spent": 10.0, "event_count": 4}),
    );
    assert_eq!(rows["last_event_at"], "2023-11-14T22:13:30.000Z");
    assert_eq!(view.recorder.ignored.len(), 1);
    assert_eq!(view.session.waiting_events(), 0);
}

#[test]
fn an_event_that_is_due_earlier_takes_the_end_with_it() {
    let mut view = View::start();
    view.send_at(moment(5), event(Ping, 20, 0));
    view.send_at(moment(8), event(SessionEnd, 10, 10));
    view.advance(10);
    expect(&view.rows(), &json!({"close_reason": "session_end"}));
}

#[test]
fn session_complete_does_not_close() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, SessionComplete);
    view.settle();
    assert_eq!(view.send(event(Ping, 30, 10)), Admission::Accept);
    expect(&view.settle(), &json!({"is_open": true, "content_complete": true, "content_time_spent": 10.0}));
}

#[test]
fn after_the_end_everything_is_refused_and_nothing_changes() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, SessionEnd);
    let rows = view.settle();
    for event_type in [Play, Ping, AdBreakStart, SessionComplete, Error] {
        assert_eq!(view.send(event(event_type, 5, 5)), Admission::Closed);
    }
    assert_eq!(view.send(event(Play, 0, 0)), Admission::Closed, "also the retry of an accepted event");
    view.advance(10_000);
    assert_eq!(view.rows(), rows);
}
