//! Metrics contract, sections 2 and 3: an ad break has a playback of its own, whatever the content was doing.

use playhead_protocol::EventType;
use playhead_protocol::EventType::*;
use playhead_session::Playback;
use serde_json::json;

use crate::player::{View, expect};

/// Content that was halted at second 10, then a break from 12 to 30 with an ad of 15 s, then a `play` at 31.
fn halted_before_a_mid_roll(halt: EventType) -> View {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, halt).at(12, 10, AdBreakStart).at(13, 10, AdStart);
    view.at(28, 10, AdComplete).at(30, 10, AdBreakComplete).at(31, 10, Play).at(36, 15, Ping);
    view
}

#[test]
fn an_ad_that_begins_while_the_content_is_paused_is_not_0_s_long() {
    expect(
        &halted_before_a_mid_roll(PauseStart).settle(),
        &json!({"ad_time_spent": 15.0, "content_time_spent": 15.0, "total_pause_duration": 3.0, "pause_events": 1,
            "ads": [{"time_played": 15.0, "end": "completed"}]}),
    );
}

#[test]
fn an_ad_that_begins_while_the_content_buffers_is_not_0_s_long() {
    expect(
        &halted_before_a_mid_roll(BufferStart).settle(),
        &json!({"ad_time_spent": 15.0, "content_time_spent": 15.0, "total_buffer_duration": 3.0, "buffer_events": 1,
            "ads": [{"time_played": 15.0, "end": "completed"}]}),
    );
}

#[test]
fn a_pre_roll_that_begins_while_the_player_buffers_is_not_0_s_long() {
    let mut view = View::start();
    view.at(0, 0, BufferStart).at(1, 0, AdBreakStart).at(1, 0, AdStart).at(16, 0, AdComplete);
    view.at(16, 0, AdBreakComplete).at(18, 0, Play).at(20, 2, Ping);
    expect(
        &view.settle(),
        &json!({"ad_time_spent": 15.0, "total_buffer_duration": 3.0, "content_time_spent": 2.0,
            "ads": [{"time_played": 15.0}]}),
    );
}

#[test]
fn a_halt_inside_an_ad_holds_until_a_play_or_the_next_ad() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, AdBreakStart).at(10, 10, AdStart).at(15, 10, PauseStart).at(18, 10, Play);
    view.at(20, 10, BufferStart).at(24, 10, AdSkip).at(26, 10, AdStart).at(36, 10, AdComplete);
    expect(
        &view.settle(),
        &json!({"total_pause_duration": 3.0, "pause_events": 1, "total_buffer_duration": 6.0, "buffer_events": 1,
            "ads": [{"time_played": 7.0}, {"time_played": 10.0}]}),
    );
}

#[test]
fn a_break_inside_a_break_plays_even_if_the_first_was_paused() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, AdBreakStart).at(10, 10, AdStart).at(12, 10, PauseStart);
    view.at(15, 10, AdBreakStart).at(17, 10, AdStart).at(22, 10, AdComplete);
    expect(
        &view.settle(),
        &json!({"total_pause_duration": 3.0, "ads": [{"time_played": 2.0}, {"time_played": 5.0}]}),
    );
}

#[test]
fn after_the_break_the_content_does_what_it_did_or_what_the_break_was_told() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, PauseStart).at(12, 10, AdBreakStart).at(14, 10, AdBreakComplete);
    view.at(20, 10, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 10.0, "total_pause_duration": 8.0}));
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, PauseStart).at(12, 10, AdBreakStart).at(13, 10, Play).at(
        14,
        10,
        AdBreakComplete,
    );
    view.at(20, 16, Ping);
    expect(&view.settle(), &json!({"content_time_spent": 16.0, "total_pause_duration": 2.0}));
}

#[test]
fn a_pause_of_a_break_counts_although_the_content_was_paused_before() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, PauseStart).at(12, 10, AdBreakStart).at(12, 10, AdStart);
    view.at(15, 10, PauseStart).at(16, 10, PauseStart).at(18, 10, Play).at(20, 10, AdComplete);
    expect(
        &view.settle(),
        &json!({"pause_events": 2, "total_pause_duration": 5.0, "ads": [{"time_played": 5.0}]}),
    );
}

#[test]
fn the_playback_that_callers_see_is_that_of_the_open_break() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, PauseStart).at(12, 10, AdBreakStart);
    view.settle();
    assert_eq!(view.session.playback(), Playback::Playing);
    view.at(30, 10, AdBreakComplete);
    view.settle();
    assert_eq!(view.session.playback(), Playback::Paused);
}
