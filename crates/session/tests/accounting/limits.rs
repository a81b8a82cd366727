//! The limits of a session, and the data that a client loses beyond them.

use playhead_protocol::EventType::*;
use playhead_session::limits::{KEPT_BYTES_MAX, SPANS_MAX};
use serde_json::json;

use crate::player::{Carrying, View, event, expect};

#[test]
fn a_session_that_is_too_large_loses_rows_and_no_numbers() {
    let mut view = View::start();
    view.at(0, 0, AdBreakStart);
    let long = "x".repeat(60_000);
    for at in 0..6 {
        view.with(event(AdStart, at * 2, 0).metadata(&[("text", &long)])).at(at * 2 + 1, 0, AdComplete);
    }
    let rows = view.settle();
    expect(
        &rows,
        &json!({"diagnoses": ["session_too_large"], "ad_count": 6, "ad_completes": 6, "ad_time_spent": 6.0}),
    );
    assert_eq!(rows["ads"].as_array().unwrap().len(), 4);
    assert!(view.session.memory_bytes() < KEPT_BYTES_MAX + 10_000);
}

#[test]
fn long_error_ids_do_not_exceed_the_limit_of_a_session() {
    let mut view = View::start();
    for at in 0..30 {
        let id = format!("{at}{}", "x".repeat(60_000));
        view.with(event(Error, at, 0).error(Some(&id), if at % 2 == 0 { "player" } else { "external" }));
    }
    expect(&view.settle(), &json!({"diagnoses": ["session_too_large"], "error_events": 30}));
    let rows = view.session.rows();
    let lists = rows.session.player_errors.iter().chain(rows.session.external_errors.iter());
    let kept: usize =
        lists.chain(rows.errors.iter().flat_map(|error| &error.error_id)).map(|id| id.len()).sum();
    assert!(kept < KEPT_BYTES_MAX, "{kept}");
    assert!(view.session.memory_bytes() < KEPT_BYTES_MAX + 10_000, "{}", view.session.memory_bytes());
}

#[test]
fn lists_of_spans_stop_growing_and_say_so() {
    let mut view = View::of_length(0);
    view.at(0, 0, Play);
    for place in 0..=SPANS_MAX as u32 {
        view.at(place * 2 + 1, place * 10 + 1, Ping).at(place * 2 + 2, place * 10 + 10, Ping);
    }
    let rows = view.settle();
    expect(&rows, &json!({"diagnoses": ["session_too_large"], "content_time_spent": 4002.0}));
    assert_eq!(rows["watched_spans"].as_array().unwrap().len(), SPANS_MAX);
}
