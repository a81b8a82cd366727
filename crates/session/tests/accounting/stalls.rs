//! Metrics contract, section 5: stalls.

use playhead_protocol::EventType;
use playhead_protocol::EventType::*;
use playhead_protocol::ParamValue;
use serde_json::json;

use crate::player::{Carrying, View, event, expect};

/// A session that has played 10 s of content, and then stands still for some events, 2 s apart.
fn standing_still(events: u8) -> View {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, Ping);
    for place in 1..=events {
        view.at(10 + 2 * place, 10, Ping);
    }
    view
}

#[test]
fn two_events_without_progress_are_no_stall() {
    expect(
        &standing_still(2).settle(),
        &json!({"stall_events": 0, "total_stall_duration": 0.0, "content_time_spent": 14.0}),
    );
}

#[test]
fn the_third_event_makes_a_stall_and_moves_the_whole_run() {
    expect(
        &standing_still(3).settle(),
        &json!({"stall_events": 1, "total_stall_duration": 6.0, "content_time_spent": 10.0, "media_time_spent": 10.0,
            "playing_spans": [{"from": "2023-11-14T22:13:20.000Z", "to": "2023-11-14T22:13:30.000Z"}]}),
    );
}

#[test]
fn while_it_lasts_its_time_goes_to_the_stall() {
    expect(
        &standing_still(6).settle(),
        &json!({"stall_events": 1, "total_stall_duration": 12.0, "content_time_spent": 10.0}),
    );
}

#[test]
fn a_change_of_the_playhead_ends_the_run() {
    let mut view = standing_still(5);
    view.at(25, 15, Ping).at(27, 15, Ping).at(29, 15, Ping);
    expect(
        &view.settle(),
        &json!({"stall_events": 1, "total_stall_duration": 10.0, "content_time_spent": 19.0}),
    );
    let mut view = standing_still(2);
    view.at(16, 11, Ping).at(18, 11, Ping).at(20, 11, Ping);
    expect(&view.settle(), &json!({"stall_events": 0, "content_time_spent": 20.0}));
}

#[test]
fn a_change_of_the_playhead_without_time_ends_the_run_too() {
    let mut view = standing_still(2);
    view.at(14, 11, Ping).at(14, 10, Error).at(16, 10, Ping).at(18, 10, Ping);
    expect(&view.settle(), &json!({"stall_events": 0, "content_time_spent": 18.0}));
}

#[test]
fn a_late_event_with_another_playhead_ends_the_run() {
    let mut view = standing_still(2);
    view.settle();
    view.at(5, 5, Ping);
    view.settle();
    view.at(30, 10, Ping).at(32, 10, Ping);
    expect(&view.settle(), &json!({"stall_events": 0, "diagnoses": ["late_event"]}));
}

/// Two events of a run, then events that end it and resume content playback, then two more events.
fn interrupted(interruption: &[EventType]) -> View {
    let mut view = standing_still(2);
    for &event_type in interruption {
        view.at(14, 10, event_type);
    }
    view.at(16, 10, Ping).at(18, 10, Ping);
    view
}

#[test]
fn any_change_of_playback_ad_break_or_ad_ends_the_run() {
    let interruptions: [&[EventType]; 4] = [
        &[PauseStart, Play],
        &[BufferStart, Play],
        &[AdBreakStart, AdBreakComplete],
        &[AdBreakStart, AdStart, AdComplete, AdBreakComplete],
    ];
    for interruption in interruptions {
        let mut view = interrupted(interruption);
        expect(&view.settle(), &json!({"stall_events": 0, "total_stall_duration": 0.0}));
        view.at(40, 10, Ping);
        expect(&view.settle(), &json!({"stall_events": 1}));
    }
}

#[test]
fn time_that_is_not_content_ends_the_run() {
    let mut view = standing_still(2);
    view.at(14, 10, PauseStart).at(16, 10, Play).at(18, 10, Ping).at(20, 10, Ping);
    expect(
        &view.settle(),
        &json!({"stall_events": 0, "content_time_spent": 18.0, "total_pause_duration": 2.0}),
    );
}

#[test]
fn events_that_change_nothing_of_that_do_not_end_the_run() {
    for event_type in
        [Play, Error, BitrateChange, StatesUpdate, ChapterStart, ChapterComplete, AdStart, AdComplete]
    {
        let mut view = interrupted(&[event_type]);
        expect(
            &view.settle(),
            &json!({"stall_events": 1, "total_stall_duration": 8.0, "content_time_spent": 10.0}),
        );
    }
}

#[test]
fn events_without_elapsed_time_do_not_count() {
    let mut view = standing_still(2);
    view.at(14, 10, Error).at(14, 10, BitrateChange).at(14, 10, Play);
    expect(&view.settle(), &json!({"stall_events": 0, "content_time_spent": 14.0}));
}

#[test]
fn the_event_that_ends_a_run_by_its_effect_still_counts_for_its_time() {
    let mut view = standing_still(2);
    view.at(16, 10, PauseStart).at(20, 10, Ping);
    expect(
        &view.settle(),
        &json!({"stall_events": 1, "total_stall_duration": 6.0, "content_time_spent": 10.0,
            "total_pause_duration": 4.0}),
    );
}

#[test]
fn another_run_is_another_stall() {
    let mut view = standing_still(4);
    view.at(20, 12, Ping).at(21, 12, Ping).at(22, 12, Ping).at(23, 12, Ping).at(24, 12, Ping);
    expect(
        &view.settle(),
        &json!({"stall_events": 2, "total_stall_duration": 12.0, "content_time_spent": 12.0}),
    );
}

#[test]
fn a_paused_or_buffering_player_and_an_ad_do_not_stall() {
    for state in [PauseStart, BufferStart, SessionComplete] {
        let mut view = View::start();
        view.at(0, 0, Play).at(10, 10, state);
        for at in 11..20 {
            view.at(at, 10, Ping);
        }
        expect(&view.settle(), &json!({"stall_events": 0, "content_time_spent": 10.0}));
    }
    let mut view = View::start();
    view.at(0, 0, AdBreakStart).at(0, 0, AdStart).at(0, 0, Play);
    for at in 1..10 {
        view.at(at, 0, Ping);
    }
    expect(&view.settle(), &json!({"stall_events": 0, "ad_time_spent": 9.0}));
}

#[test]
fn a_stall_takes_its_time_from_the_chapter_too() {
    let mut view = View::start();
    view.at(0, 0, Play)
        .at(0, 0, ChapterStart)
        .at(10, 10, Ping)
        .at(12, 10, Ping)
        .at(14, 10, Ping)
        .at(16, 10, Ping);
    view.at(18, 10, Ping).at(20, 12, ChapterComplete);
    expect(
        &view.settle(),
        &json!({"total_stall_duration": 8.0, "content_time_spent": 12.0, "chapters": [{"time_played": 12.0}]}),
    );
}

#[test]
fn of_a_run_across_chapters_only_the_part_in_the_open_one_is_taken_from_it() {
    let mut view = View::start();
    view.at(0, 0, Play).at(0, 0, ChapterStart).at(10, 10, Ping).at(12, 10, ChapterComplete).at(
        13,
        10,
        ChapterStart,
    );
    view.at(18, 10, Ping).at(19, 11, ChapterComplete);
    expect(
        &view.settle(),
        &json!({"total_stall_duration": 8.0, "content_time_spent": 11.0, "stall_events": 1,
            "chapters": [{"time_played": 12.0}, {"time_played": 1.0}]}),
    );
}

#[test]
fn a_chapter_that_replaces_another_begins_the_part_anew() {
    let mut view = View::start();
    view.at(0, 0, Play).at(0, 0, ChapterStart).at(10, 10, Ping).at(12, 10, Ping).at(13, 10, ChapterStart);
    view.at(18, 10, Ping).at(19, 11, ChapterComplete);
    expect(&view.settle(), &json!({"chapters": [{"time_played": 13.0}, {"time_played": 1.0}]}));
}

#[test]
fn without_an_open_chapter_no_chapter_loses_time() {
    let mut view = View::start();
    view.at(0, 0, Play).at(0, 0, ChapterStart).at(10, 10, Ping).at(12, 10, Ping).at(13, 10, ChapterComplete);
    view.at(18, 10, Ping);
    expect(
        &view.settle(),
        &json!({"total_stall_duration": 8.0, "content_time_spent": 10.0, "chapters": [{"time_played": 13.0}]}),
    );
}

#[test]
fn the_chapter_that_the_third_event_closes_was_open_at_that_moment() {
    let mut view = View::start();
    view.at(0, 0, Play).at(0, 0, ChapterStart).at(10, 10, Ping).at(12, 10, Ping).at(13, 10, Ping);
    view.at(18, 10, ChapterComplete);
    expect(
        &view.settle(),
        &json!({"total_stall_duration": 8.0, "chapters": [{"time_played": 10.0, "end": "completed"}]}),
    );
}

#[test]
fn negative_playheads_all_stand_at_zero() {
    let mut view = View::start();
    view.at(0, -1, Play).at(2, -2, Ping).at(4, 0, Ping).at(6, -30, Ping);
    expect(&view.settle(), &json!({"stall_events": 1, "total_stall_duration": 6.0}));
}

/// A live stream whose player reports one playhead all the time.
#[test]
fn a_playhead_that_never_moves_says_why_all_its_time_is_a_stall() {
    let live = event(SessionStart, 0, 40_000)
        .param("media.length", ParamValue::Number(0.0))
        .param("media.contentType", ParamValue::Text("live"));
    let mut view = View::opened_by(live);
    view.at(0, 40_000, Play);
    for at in 1..=6 {
        view.at(at * 10, 40_000, Ping);
    }
    expect(&view.settle(), &json!({"total_stall_duration": 60.0, "diagnoses": []}));
    view.at(70, 40_000, Ping);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 0.0, "total_stall_duration": 70.0, "diagnoses": ["playhead_frozen"]}),
    );
}

#[test]
fn two_stalls_of_less_than_a_minute_are_no_frozen_playhead() {
    let mut view = View::start();
    view.at(0, 0, Play).at(20, 0, Ping).at(40, 0, Ping).at(55, 0, Ping);
    view.at(56, 1, Ping).at(76, 1, Ping).at(96, 1, Ping).at(110, 1, Ping);
    expect(&view.settle(), &json!({"stall_events": 2, "total_stall_duration": 109.0, "diagnoses": []}));
}

#[test]
fn a_pause_of_more_than_a_minute_is_no_frozen_playhead() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, PauseStart).at(50, 10, Ping).at(90, 10, Ping).at(130, 10, Ping);
    expect(&view.settle(), &json!({"stall_events": 0, "diagnoses": []}));
}
