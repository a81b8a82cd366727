//! Metrics contract, section 1: retries of accepted events.

use playhead_protocol::EventType::*;
use playhead_session::{Admission, Fingerprint};
use serde_json::json;

use crate::player::{View, event, expect, fingerprint, moment, start_event};

/// The number of accepted bodies that a session remembers by the contract.
const REMEMBERED: u8 = 32;

#[test]
fn a_retry_is_a_duplicate_and_is_not_accounted_for() {
    let mut view = View::start();
    view.at(0, 0, Play).at(1, 1, Error);
    assert_eq!(view.send(event(Error, 1, 1)), Admission::Duplicate);
    view.settle();
    assert_eq!(view.send(event(Error, 1, 1)), Admission::Duplicate, "also when it has left the window");
    expect(&view.settle(), &json!({"error_events": 1, "event_count": 3, "diagnoses": []}));
}

#[test]
fn a_body_that_differs_in_anything_is_not_a_duplicate() {
    let mut view = View::start();
    view.at(1, 1, Ping);
    assert_eq!(view.send(event(Ping, 1.001, 1)), Admission::Accept);
    assert_eq!(view.send(event(Ping, 1, 1.001)), Admission::Accept);
    assert_eq!(view.send(event(Play, 1, 1)), Admission::Accept);
}

#[test]
fn the_last_thirty_two_accepted_bodies_are_remembered() {
    for (others, expected) in [(REMEMBERED - 1, Admission::Duplicate), (REMEMBERED, Admission::Accept)] {
        let mut view = View::start();
        view.at(1, 1, Ping);
        for place in 0..others {
            view.at(2 + place, 2, Ping);
        }
        assert_eq!(view.send(event(Ping, 1, 1)), expected, "{others} others");
    }
}

#[test]
fn a_duplicate_is_not_remembered_again() {
    let mut view = View::start();
    view.at(1, 1, Ping);
    for place in 0..REMEMBERED - 1 {
        view.at(2 + place, 2, Ping);
    }
    assert_eq!(view.send(event(Ping, 1, 1)), Admission::Duplicate);
    view.at(60, 2, Ping);
    assert_eq!(view.send(event(Ping, 1, 1)), Admission::Accept, "32 others were accepted since");
}

#[test]
fn session_start_is_the_first_of_the_remembered_bodies() {
    let mut view = View::start();
    let start = start_event(1_000);
    assert_eq!(view.session.admit(&start, fingerprint(&start), &[]), Admission::Duplicate);
    for place in 0..REMEMBERED {
        view.at(place, 2, Ping);
    }
    assert_eq!(view.session.admit(&start, fingerprint(&start), &[]), Admission::Accept);
}

#[test]
fn events_that_are_accepted_but_not_applied_yet_count_among_the_thirty_two() {
    let mut view = View::start();
    view.at(1, 1, Ping);
    let known = event(Ping, 1, 1);
    let newer: Vec<_> = (0_u8..32).map(|place| Fingerprint::of(&[place])).collect();
    let retry = event(Ping, 2, 2);
    assert_eq!(view.session.admit(&known, fingerprint(&known), &newer[..31]), Admission::Duplicate);
    assert_eq!(view.session.admit(&known, fingerprint(&known), &newer), Admission::Accept);
    assert_eq!(view.session.admit(&retry, newer[3], &newer), Admission::Duplicate);
    assert_eq!(view.session.admit(&retry, fingerprint(&retry), &newer), Admission::Accept);
}

#[test]
fn a_retry_does_not_keep_a_session_from_timing_out() {
    let mut view = View::start();
    view.at(1, 1, Ping);
    assert_eq!(view.send_at(moment(300), event(Ping, 1, 1)), Admission::Duplicate);
    view.advance(601);
    expect(&view.rows(), &json!({"close_reason": "idle_10m"}));
}
