//! Metrics contract, section 4: the effect of each event.

use playhead_protocol::EventType::*;
use playhead_protocol::ParamValue;
use serde_json::json;

use crate::player::{Carrying, View, event, expect, start_event};

#[test]
fn a_start_counts_as_media_start_unless_it_resumes() {
    expect(&View::start().rows(), &json!({"media_start": true, "content_resume": false}));
    for (resume, media_start) in [(true, false), (false, true)] {
        let view = View::opened_by(start_event(100).param("media.resume", ParamValue::Boolean(resume)));
        expect(&view.rows(), &json!({"media_start": media_start, "content_resume": resume}));
    }
}

#[test]
fn play_outside_a_break_starts_content() {
    let mut view = View::start();
    view.at(1, 0, Play);
    expect(&view.settle(), &json!({"content_start": true, "content_time_spent": 0.0}));
}

#[test]
fn play_inside_a_break_does_not_start_content_but_the_first_content_interval_does() {
    let mut view = View::start();
    view.at(0, 0, AdBreakStart).at(1, 0, Play).at(2, 0, AdStart).at(5, 0, Play).at(9, 0, AdBreakComplete);
    expect(&view.settle(), &json!({"content_start": false}));
    view.at(30, 5, Ping);
    expect(&view.settle(), &json!({"content_start": true, "content_time_spent": 21.0}));
}

#[test]
fn play_after_the_end_of_the_content_is_a_replay() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, SessionComplete).at(30, 0, Play).at(35, 5, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 15.0, "content_complete": true, "is_open": true}));
}

#[test]
fn a_pause_counts_once_until_it_ends() {
    let mut view = View::start();
    view.at(0, 0, Play).at(1, 1, PauseStart).at(2, 1, PauseStart).at(3, 1, Play).at(4, 2, PauseStart);
    view.at(5, 2, BufferStart).at(6, 2, PauseStart);
    expect(&view.settle(), &json!({"pause_events": 3, "buffer_events": 1, "total_pause_duration": 3.0}));
}

#[test]
fn buffering_counts_once_until_it_ends() {
    let mut view = View::start();
    view.at(0, 0, BufferStart).at(1, 0, BufferStart).at(2, 0, Play).at(4, 2, BufferStart).at(
        7,
        2,
        SessionComplete,
    );
    view.at(9, 2, BufferStart);
    expect(&view.settle(), &json!({"buffer_events": 3, "total_buffer_duration": 5.0}));
}

#[test]
fn a_ping_does_nothing_beyond_time() {
    let mut view = View::start();
    let before = view.rows();
    view.at(0, 0, Ping);
    let mut after = view.settle();
    after["event_count"] = before["event_count"].clone();
    assert_eq!(after, before);
}

#[test]
fn bitrate_changes_and_errors_are_counted() {
    let mut view = View::start();
    view.at(1, 0, BitrateChange).at(2, 0, BitrateChange).at(3, 0, Error);
    expect(&view.settle(), &json!({"bitrate_changes": 2, "error_events": 1}));
}

#[test]
fn a_break_inside_a_break_closes_the_open_one_and_its_ad() {
    let mut view = View::start();
    view.at(0, 0, AdBreakStart)
        .at(0, 0, AdStart)
        .at(5, 0, AdBreakStart)
        .at(8, 0, AdStart)
        .at(10, 0, AdComplete);
    expect(
        &view.settle(),
        &json!({"diagnoses": ["ad_break_not_completed"], "ad_count": 2, "ad_completes": 1,
            "ads": [{"end": "not_completed", "time_played": 5.0}, {"end": "completed", "time_played": 2.0}]}),
    );
}

#[test]
fn an_ad_inside_an_ad_closes_the_open_one() {
    let mut view = View::start();
    view.at(0, 0, AdBreakStart).at(0, 0, AdStart).at(5, 0, AdStart).at(9, 0, AdComplete);
    expect(
        &view.settle(),
        &json!({"diagnoses": ["ad_not_completed"], "ad_count": 2, "ad_completes": 1, "ad_time_spent": 9.0,
            "ads": [{"end": "not_completed", "time_played": 5.0}, {"end": "completed", "time_played": 4.0}]}),
    );
}

#[test]
fn an_ad_outside_a_break_is_ignored_and_its_time_stays_content_time() {
    let mut view = View::start();
    view.at(0, 0, Play).at(5, 5, AdStart).at(15, 15, AdComplete);
    expect(
        &view.settle(),
        &json!({"diagnoses": ["ad_outside_break", "ad_not_started"], "ad_count": 0, "ads": [],
            "ad_time_spent": 0.0, "content_time_spent": 15.0}),
    );
}

#[test]
fn ads_end_completed_or_skipped_and_an_end_without_an_ad_is_ignored() {
    let mut view = View::start();
    view.at(0, 0, AdBreakStart).at(0, 0, AdStart).at(4, 0, AdComplete).at(4, 0, AdStart).at(6, 0, AdSkip);
    expect(
        &view.settle(),
        &json!({"diagnoses": [], "ad_count": 2, "ad_completes": 1,
        "ads": [{"end": "completed"}, {"end": "skipped"}]}),
    );
    for end in [AdComplete, AdSkip] {
        let mut view = View::start();
        view.at(0, 0, AdBreakStart).at(2, 0, end);
        expect(&view.settle(), &json!({"diagnoses": ["ad_not_started"], "ad_completes": 0, "ads": []}));
    }
}

#[test]
fn the_end_of_a_break_closes_its_ad_as_not_completed() {
    let mut view = View::start();
    view.at(0, 0, AdBreakStart).at(0, 0, AdStart).at(6, 0, AdBreakComplete).at(6, 0, Play).at(9, 3, Ping);
    expect(
        &view.settle(),
        &json!({"ads": [{"end": "not_completed", "time_played": 6.0}], "ad_completes": 0,
            "content_time_spent": 3.0, "diagnoses": []}),
    );
}

#[test]
fn the_end_of_a_break_that_is_not_open_is_ignored() {
    let mut view = View::start();
    view.at(0, 0, Play).at(6, 6, AdBreakComplete).at(9, 9, Ping);
    expect(&view.settle(), &json!({"diagnoses": ["ad_break_not_started"], "content_time_spent": 9.0}));
}

#[test]
fn a_mid_roll_needs_no_new_play() {
    let mut view = View::start();
    view.at(0, 0, Play).at(5, 5, AdBreakStart).at(5, 5, AdStart).at(15, 5, AdComplete).at(
        15,
        5,
        AdBreakComplete,
    );
    view.at(25, 15, Ping);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 15.0, "ad_time_spent": 10.0, "unique_time_played": 15.0}),
    );
}

#[test]
fn chapters_end_completed_skipped_or_cut_short() {
    let mut view = View::start();
    view.at(0, 0, Play).at(0, 0, ChapterStart).at(4, 4, ChapterComplete).at(5, 5, ChapterStart).at(
        7,
        7,
        ChapterSkip,
    );
    view.at(8, 8, ChapterStart).at(9, 9, ChapterStart).at(11, 11, SessionEnd);
    expect(
        &view.settle(),
        &json!({"diagnoses": ["chapter_not_completed"], "chapter_count": 4, "chapter_completes": 1,
            "chapters": [{"end": "completed", "time_played": 4.0}, {"end": "skipped", "time_played": 2.0},
                {"end": "not_completed", "time_played": 1.0}, {"end": "not_completed", "time_played": 2.0}]}),
    );
}

#[test]
fn the_end_of_a_chapter_that_is_not_open_is_ignored() {
    for end in [ChapterComplete, ChapterSkip] {
        let mut view = View::start();
        view.at(2, 0, end);
        expect(&view.settle(), &json!({"diagnoses": ["chapter_not_started"], "chapter_completes": 0}));
    }
}

#[test]
fn states_open_once_and_close_once() {
    let mut view = View::start();
    view.with(event(StateStart, 1, 0).states(&["mute"], &[]));
    view.with(event(StateStart, 2, 0).states(&["mute"], &[]));
    view.with(event(StateEnd, 5, 0).states(&[], &["mute"]));
    expect(&view.settle(), &json!({"diagnoses": [], "states": [{"name": "mute", "count": 1, "time": 4.0}]}));
    view.with(event(StateEnd, 30, 0).states(&[], &["mute"]));
    expect(
        &view.settle(),
        &json!({"diagnoses": ["state_not_started"], "states": [{"count": 1, "time": 4.0}]}),
    );
}

#[test]
fn one_update_ends_states_before_it_begins_others() {
    let mut view = View::start();
    view.with(event(StatesUpdate, 1, 0).states(&["mute", "inFocus"], &[]));
    view.with(event(StatesUpdate, 4, 0).states(&["mute"], &["mute", "inFocus"]));
    view.at(6, 0, Ping);
    expect(
        &view.settle(),
        &json!({"diagnoses": [], "states": [{"name": "mute", "count": 2, "time": 5.0},
            {"name": "inFocus", "count": 1, "time": 3.0}]}),
    );
}

#[test]
fn session_complete_ends_playback_and_stays_open() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, SessionComplete).at(20, 10, Ping);
    expect(&view.settle(), &json!({"content_complete": true, "content_time_spent": 10.0, "is_open": true}));
}

#[test]
fn session_end_closes_what_is_open_as_not_completed() {
    let mut view = View::start();
    view.at(0, 0, Play).at(1, 1, ChapterStart).at(3, 3, AdBreakStart).at(3, 3, AdStart).at(9, 3, SessionEnd);
    expect(
        &view.settle(),
        &json!({"close_reason": "session_end", "diagnoses": [], "content_complete": false,
            "ads": [{"end": "not_completed", "time_played": 6.0}],
            "chapters": [{"end": "not_completed", "time_played": 2.0}]}),
    );
}

#[test]
fn an_open_ad_and_chapter_have_no_end_yet() {
    let mut view = View::start();
    view.at(0, 0, ChapterStart).at(0, 0, AdBreakStart).at(0, 0, AdStart);
    expect(&view.settle(), &json!({"ads": [{"end": null}], "chapters": [{"end": null}]}));
}

#[test]
fn quality_values_take_effect_after_the_time_before_their_event() {
    let mut view = View::start();
    view.with(event(Play, 0, 0).bitrate(1_000.0));
    view.with(event(Ping, 10, 10).bitrate(3_000.0));
    expect(&view.settle(), &json!({"average_bitrate": 1000.0}));
    view.with(event(Ping, 20, 20).bitrate(9_000.0));
    expect(&view.settle(), &json!({"average_bitrate": 2000.0}));
}
