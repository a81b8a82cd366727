//! Metrics contract, section 6: progress marks, segment, watched spans.

use playhead_protocol::EventType::*;
use playhead_protocol::ParamValue;
use serde_json::{Value, json};

use crate::player::{Carrying, View, event, expect, start_event};

fn marks(rows: &Value) -> Vec<u8> {
    [10, 25, 50, 75, 95].into_iter().filter(|mark| rows[format!("progress_{mark}")] == true).collect()
}

#[test]
fn a_mark_is_set_when_the_playhead_reaches_its_share() {
    let mut view = View::of_length(1_000);
    view.at(0, 0, Play);
    for (at, playhead, expected) in [
        (1, 99.999, &[][..]),
        (2, 100.0, &[10]),
        (3, 249.999, &[10]),
        (4, 250.0, &[10, 25]),
        (5, 500.0, &[10, 25, 50]),
        (6, 749.0, &[10, 25, 50]),
        (7, 750.0, &[10, 25, 50, 75]),
        (8, 949.999, &[10, 25, 50, 75]),
        (9, 950.0, &[10, 25, 50, 75, 95]),
    ] {
        view.at(at, playhead, Ping);
        assert_eq!(marks(&view.settle()), expected, "{playhead}");
    }
}

#[test]
fn marks_are_compared_as_64_bit_floats() {
    // In 64-bit floats, 0.3 / 3 is slightly below 0.1, and 0.9 / 9 is not.
    for (length, playhead, is_set) in
        [(3.0, 0.3, false), (9.0, 0.9, true), (60.333_333_333_333_3, 45.25, true)]
    {
        let mut view = View::of_length(length);
        view.at(0, playhead, Play);
        let mark = if length > 60.0 { 75 } else { 10 };
        assert_eq!(marks(&view.settle()).contains(&mark), is_set, "{playhead} of {length}");
    }
}

#[test]
fn a_jump_forward_sets_every_mark_that_it_passes_and_none_is_ever_unset() {
    let mut view = View::of_length(1_000);
    view.at(0, 0, Play).at(1, 800, Ping);
    assert_eq!(marks(&view.settle()), [10, 25, 50, 75]);
    view.at(2, 0, Ping);
    assert_eq!(marks(&view.settle()), [10, 25, 50, 75]);
}

#[test]
fn marks_need_a_length_above_zero() {
    for length in [Some(0.0), Some(-5.0), None] {
        let mut start = event(SessionStart, 0, 0);
        if let Some(length) = length {
            start = start.param("media.length", ParamValue::Number(length));
        }
        let mut view = View::opened_by(start);
        view.at(0, 0, Play).at(1, 500, Ping);
        let rows = view.settle();
        assert!(marks(&rows).is_empty());
        assert_eq!(rows["average_minute_audience"], Value::Null);
    }
}

#[test]
fn playheads_count_from_the_event_that_starts_content_on() {
    let mut view = View::of_length(1_000);
    view.at(1, 900, Ping);
    let rows = view.settle();
    expect(&rows, &json!({"content_segment": null}));
    assert!(marks(&rows).is_empty(), "content has not started");
    view.at(2, 300, Play);
    let rows = view.settle();
    expect(&rows, &json!({"content_segment": "5-10"}));
    assert_eq!(marks(&rows), [10, 25], "the event that starts content counts");
}

#[test]
fn playheads_in_an_ad_break_do_not_count() {
    let mut view = View::of_length(1_000);
    view.at(0, 0, Play).at(1, 1, AdBreakStart).at(2, 900, AdStart).at(3, 900, AdComplete);
    let rows = view.settle();
    assert!(marks(&rows).is_empty());
    expect(&rows, &json!({"content_segment": "0-5"}));
    view.at(4, 500, AdBreakComplete);
    assert_eq!(
        marks(&view.settle()),
        [10, 25, 50],
        "the event that ends the break counts: none is open then"
    );
}

#[test]
fn the_event_that_opens_a_break_does_not_count() {
    let mut view = View::of_length(1_000);
    view.at(0, 0, Play).at(1, 900, AdBreakStart);
    assert!(marks(&view.settle()).is_empty());
}

#[test]
fn playheads_count_in_every_playback_state() {
    for event_type in [PauseStart, BufferStart, SessionComplete, SessionEnd] {
        let mut view = View::of_length(1_000);
        view.at(0, 0, Play).at(1, 600, event_type);
        assert_eq!(marks(&view.settle()), [10, 25, 50], "{event_type}");
    }
}

#[test]
fn segments_are_written_in_minutes_of_five() {
    for (low, high, expected) in [
        (40.0, 130.0, "0-5"),
        (400.0, 1_000.0, "5-20"),
        (300.0, 300.0, "5-10"),
        (0.0, 0.0, "0-5"),
        (0.0, 300.0, "0-5"),
        (0.0, 300.5, "0-10"),
        (299.9, 300.0, "0-5"),
        (86_399.0, 86_399.0, "1435-1440"),
    ] {
        for [first, second] in [[low, high], [high, low]] {
            let mut view = View::start();
            view.at(0, first, Play).at(1, second, Error);
            expect(&view.settle(), &json!({"content_segment": expected}));
        }
    }
}

#[test]
fn a_negative_playhead_counts_as_zero() {
    let mut view = View::start();
    view.at(0, -100, Play).at(2, 2, Ping);
    expect(
        &view.settle(),
        &json!({"content_segment": "0-5", "unique_time_played": 2.0, "watched_spans": [{"from": 0.0, "to": 2.0}],
            "diagnoses": ["playhead_out_of_range"]}),
    );
}

#[test]
fn an_error_row_has_the_playhead_as_it_was_sent() {
    let mut view = View::start();
    view.at(1, -2.5, Error);
    expect(&view.settle(), &json!({"errors": [{"playhead": -2.5}]}));
}

/// The watched spans of one content interval of 10 s in which the playhead goes from 100 to `to`.
fn watched(to: f64) -> Value {
    let mut view = View::start();
    view.at(0, 100, Play).at(10, to, Ping);
    view.settle()["watched_spans"].take()
}

#[test]
fn a_plausible_move_of_the_playhead_was_watched_and_another_was_a_seek() {
    assert_eq!(watched(110.0), json!([{"from": 100.0, "to": 110.0}]));
    assert_eq!(watched(100.001), json!([{"from": 100.0, "to": 100.001}]));
    assert_eq!(watched(127.0), json!([{"from": 100.0, "to": 127.0}]), "2.5 times 10 s and 2 s");
    assert_eq!(watched(127.001), json!([]));
    assert_eq!(watched(100.0), json!([]), "a standstill");
    assert_eq!(watched(99.0), json!([]), "a seek back");
}

#[test]
fn a_seek_counts_as_time_spent_and_not_as_watched() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, Ping).at(20, 500, Ping).at(30, 510, Ping);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 30.0, "unique_time_played": 20.0,
            "watched_spans": [{"from": 0.0, "to": 10.0}, {"from": 500.0, "to": 510.0}]}),
    );
}

#[test]
fn a_part_watched_twice_is_unique_once() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, PauseStart).at(11, 4, Play).at(21, 14, Ping);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 20.0, "unique_time_played": 14.0,
            "watched_spans": [{"from": 0.0, "to": 14.0}],
            "rewatched_spans": [{"from": 4.0, "to": 10.0}]}),
    );
}

#[test]
fn each_time_that_something_is_watched_again_counts() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, PauseStart).at(11, 4, Play).at(13, 6, Ping).at(15, 8, Ping);
    view.at(15, 2, PauseStart).at(16, 2, Play).at(21, 7, Ping);
    expect(
        &view.settle(),
        &json!({"unique_time_played": 10.0, "watched_spans": [{"from": 0.0, "to": 10.0}],
            "rewatched_spans": [{"from": 4.0, "to": 8.0}, {"from": 2.0, "to": 7.0}]}),
    );
}

#[test]
fn only_content_time_is_watched() {
    for [begin, end] in [[PauseStart, Play], [BufferStart, Play], [AdBreakStart, AdBreakComplete]] {
        let mut view = View::start();
        view.at(0, 0, Play).at(5, 5, begin).at(15, 15, end);
        expect(&view.settle(), &json!({"unique_time_played": 5.0}));
    }
    let mut view = View::start();
    view.at(5, 5, Ping);
    expect(&view.settle(), &json!({"unique_time_played": 0.0}));
}

/// The contract counts intervals; two events of one timestamp have none between them.
#[test]
fn a_move_without_elapsed_time_is_not_watched() {
    let mut view = View::start();
    view.at(0, 0, Play).at(5, 5, Ping).at(5, 6, Error).at(10, 11, Ping);
    expect(&view.settle(), &json!({"watched_spans": [{"from": 0.0, "to": 5.0}, {"from": 6.0, "to": 11.0}]}));
}

#[test]
fn a_playhead_outside_the_content_is_diagnosed() {
    let live = start_event(0).param("media.contentType", ParamValue::Text("Live"));
    let linear = event(SessionStart, 0, 0)
        .param("media.length", ParamValue::Number(100.0))
        .param("media.contentType", ParamValue::Text("LINEAR"));
    let unknown = event(SessionStart, 0, 0);
    for (start, playhead, is_outside) in [
        (start_event(100), 99.9, false),
        (start_event(100), 100.0, false),
        (start_event(100), 101.0, false),
        (start_event(100), 101.1, true),
        (start_event(100), -0.1, true),
        (start_event(0), 1e9, false),
        (unknown, 1e9, false),
        (live.clone(), 86_399.9, false),
        (live.clone(), 86_400.0, false),
        (live, 86_401.1, true),
        (linear, 86_399.9, false),
    ] {
        let mut view = View::opened_by(start);
        view.at(1, playhead, Ping);
        let diagnosis = view.settle()["diagnoses"].take();
        assert_eq!(diagnosis == json!(["playhead_out_of_range"]), is_outside, "{playhead}");
    }
}
