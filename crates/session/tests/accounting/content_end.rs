//! Metrics contract, sections 2 to 4: content that has ended stays so until its playhead moves; post-rolls and end cards.

use playhead_protocol::EventType;
use playhead_protocol::EventType::*;
use serde_json::json;

use crate::player::{View, expect};

/// Content of 60 s that has been watched to its end.
fn watched_to_the_end() -> View {
    let mut view = View::of_length(60);
    view.at(0, 0, Play).at(30, 30, Ping).at(60, 60, SessionComplete);
    view
}

/// The same with events that come after the end, all with the playhead of the end, then pings for two minutes.
fn and_then(events: &[(f64, EventType)]) -> View {
    let mut view = watched_to_the_end();
    for &(at, event_type) in events {
        view.at(at, 60, event_type);
    }
    for at in 10..=21 {
        view.at(at * 10, 60, Ping);
    }
    view
}

#[test]
fn a_post_roll_after_the_end_is_not_0_s_long() {
    let mut view =
        and_then(&[(60.1, AdBreakStart), (60.1, AdStart), (75.1, AdComplete), (75.1, AdBreakComplete)]);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 60.0, "ad_time_spent": 15.0, "media_time_spent": 75.0, "ad_completes": 1,
            "ads": [{"time_played": 15.0, "end": "completed"}]}),
    );
}

#[test]
fn the_play_of_a_post_roll_does_not_bring_the_content_back_to_life() {
    let in_break: [&[(f64, EventType)]; 3] =
        [&[(60.1, Play)], &[(61.0, PauseStart), (61.5, Play)], &[(61.0, BufferStart), (61.5, Play)]];
    for events in in_break {
        let begin = [(60.1, AdBreakStart), (60.1, AdStart)];
        let end = [(75.1, AdComplete), (75.1, AdBreakComplete)];
        let mut view = and_then(&[&begin, events, &end].concat());
        expect(
            &view.settle(),
            &json!({"content_time_spent": 60.0, "total_stall_duration": 0.0, "stall_events": 0}),
        );
    }
}

#[test]
fn a_play_while_the_end_card_stays_is_neither_content_nor_a_stall_of_two_minutes() {
    for play_again in
        [&[(76.0, Play)][..], &[(61.0, PauseStart), (61.0, Play)], &[(61.0, BufferStart), (61.0, Play)]]
    {
        let mut view = and_then(play_again);
        expect(
            &view.settle(),
            &json!({"content_time_spent": 60.0, "total_stall_duration": 0.0, "stall_events": 0,
                "total_pause_duration": 0.0, "total_buffer_duration": 0.0}),
        );
    }
}

#[test]
fn a_pause_after_the_end_is_a_pause_and_its_play_no_replay() {
    for (halt, column) in [(PauseStart, "total_pause_duration"), (BufferStart, "total_buffer_duration")] {
        let mut view = and_then(&[(70.0, halt), (75.0, Play)]);
        expect(
            &view.settle(),
            &json!({column: 5.0, "content_time_spent": 60.0, "total_stall_duration": 0.0}),
        );
    }
}

#[test]
fn a_content_that_its_player_pauses_for_the_post_roll_does_not_play_on_after_it() {
    let mut view = and_then(&[
        (60.0, PauseStart),
        (60.1, AdBreakStart),
        (60.1, AdStart),
        (60.1, Play),
        (75.1, AdComplete),
        (75.1, AdBreakComplete),
        (76.0, Play),
    ]);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 60.0, "ad_time_spent": 15.0, "total_stall_duration": 0.0}),
    );
}

#[test]
fn the_end_inside_a_break_leaves_the_ad_its_time() {
    let mut view = View::of_length(60);
    view.at(0, 0, Play).at(60, 60, AdBreakStart).at(60, 60, AdStart).at(61, 60, SessionComplete);
    view.at(75, 60, AdComplete).at(75, 60, AdBreakComplete).at(80, 60, Ping);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 60.0, "ad_time_spent": 15.0, "content_complete": true}),
    );
}

#[test]
fn a_replay_begins_when_the_playhead_of_its_play_or_of_a_later_event_has_moved() {
    let mut view = watched_to_the_end();
    view.at(70, 0, Play).at(80, 10, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 70.0}));

    let mut view = watched_to_the_end();
    view.at(70, 60, Play).at(72, 2, Ping).at(80, 10, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 68.0}));
}

#[test]
fn a_playhead_that_moves_by_a_second_at_the_end_is_no_replay() {
    let mut view = watched_to_the_end();
    view.at(70, 61, Play).at(80, 61, Ping).at(90, 59, Ping).at(100, 60.5, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 60.0}));
    view.at(110, 58.9, Ping).at(111, 59.9, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 61.0}));
}

#[test]
fn a_playhead_that_moves_without_a_play_is_no_replay() {
    let mut view = watched_to_the_end();
    view.at(70, 0, Ping).at(80, 10, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 60.0}));
    view.at(90, 60, Play).at(91, 60, PauseStart).at(100, 0, Ping).at(101, 1, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 60.0, "total_pause_duration": 10.0}));
}

#[test]
fn the_playhead_of_a_post_roll_is_no_replay() {
    let mut view = watched_to_the_end();
    view.at(61, 60, Play).at(62, 60, AdBreakStart).at(62, 0, AdStart).at(72, 10, AdComplete);
    view.at(72, 60, AdBreakComplete).at(90, 60, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 60.0, "ad_time_spent": 10.0}));
}

#[test]
fn a_late_event_from_before_the_end_does_not_bring_the_content_back_to_life() {
    for late in [&[(40.0, 40.0, Play)][..], &[(41.0, 41.0, Play), (42.0, 42.0, Ping)]] {
        let mut view = watched_to_the_end();
        view.settle();
        for &(at, playhead, event_type) in late {
            view.at(at, playhead, event_type);
        }
        view.settle();
        view.at(90, 60, Ping).at(100, 60, Ping);
        expect(&view.settle(), &json!({"content_time_spent": 60.0, "diagnoses": ["late_event"]}));
    }
    let mut view = watched_to_the_end();
    view.at(61, 60, Play);
    view.settle();
    view.at(42, 42, Ping);
    view.settle();
    view.at(90, 60, Ping).at(100, 60, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 60.0, "diagnoses": ["late_event"]}));
}

#[test]
fn a_replay_has_an_end_and_post_rolls_of_its_own() {
    let mut view = watched_to_the_end();
    view.at(70, 0, Play)
        .at(130, 60, SessionComplete)
        .at(131, 60, AdBreakStart)
        .at(131, 60, AdStart)
        .at(132, 60, Play);
    view.at(141, 60, AdComplete).at(141, 60, AdBreakComplete).at(142, 60, Play).at(200, 60, Ping);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 120.0, "unique_time_played": 60.0, "ad_time_spent": 10.0}),
    );
}
