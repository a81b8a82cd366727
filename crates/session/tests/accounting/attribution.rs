//! Metrics contract, sections 2 and 3: the attribution of time.

use playhead_protocol::EventType::*;
use serde_json::json;

use crate::player::{Carrying, View, event, expect};

#[test]
fn playback_starts_as_starting_and_its_time_counts_for_nothing() {
    let mut view = View::start();
    view.at(10, 0, Ping);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 0.0, "ad_time_spent": 0.0, "total_pause_duration": 0.0,
            "total_buffer_duration": 0.0, "total_stall_duration": 0.0, "content_start": false,
            "active_spans": [{"from": "2023-11-14T22:13:20.000Z", "to": "2023-11-14T22:14:00.000Z"}],
            "playing_spans": [], "playing_until": null}),
    );
}

#[test]
fn an_open_ad_gets_the_time_while_starting_or_playing() {
    for first in [Ping, Play] {
        let mut view = View::start();
        view.at(0, 0, AdBreakStart).at(0, 0, AdStart).at(0, 0, first).at(7.5, 0, AdComplete);
        expect(
            &view.settle(),
            &json!({"ad_time_spent": 7.5, "media_time_spent": 7.5, "content_time_spent": 0.0,
                "ads": [{"time_played": 7.5}]}),
        );
    }
}

#[test]
fn the_gap_between_ads_is_neither_content_nor_ad() {
    for first in [Ping, Play] {
        let mut view = View::start();
        view.at(0, 0, first).at(0, 0, AdBreakStart).at(4, 0, AdStart).at(9, 0, AdComplete).at(
            11,
            0,
            AdBreakComplete,
        );
        expect(
            &view.settle(),
            &json!({"ad_time_spent": 5.0, "content_time_spent": 0.0, "total_pause_duration": 0.0,
                "playing_spans": [{"from": "2023-11-14T22:13:24.000Z", "to": "2023-11-14T22:13:29.000Z"}]}),
        );
    }
}

#[test]
fn playing_outside_a_break_is_content_and_the_open_chapters_time() {
    let mut view = View::start();
    view.at(2, 0, Play).at(5, 3, ChapterStart).at(9, 7, ChapterComplete).at(12, 10, Ping);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 10.0, "media_time_spent": 10.0, "chapters": [{"time_played": 4.0}]}),
    );
}

#[test]
fn a_pause_takes_the_time_from_content_ads_and_gaps() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, PauseStart).at(13, 10, Play).at(15, 12, AdBreakStart);
    view.at(16, 12, PauseStart).at(18, 12, AdStart).at(20, 12, PauseStart).at(25, 12, Play);
    view.at(28, 12, AdComplete).at(29, 12, AdBreakComplete);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 12.0, "ad_time_spent": 5.0, "total_pause_duration": 10.0, "pause_events": 3,
            "ads": [{"time_played": 5.0}]}),
    );
}

#[test]
fn buffering_takes_the_time_from_content_ads_and_gaps() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, BufferStart).at(13, 10, Play).at(15, 12, AdBreakStart);
    view.at(16, 12, BufferStart).at(18, 12, AdStart).at(20, 12, BufferStart).at(25, 12, Play);
    view.at(28, 12, AdComplete).at(29, 12, AdBreakComplete);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 12.0, "ad_time_spent": 5.0, "total_buffer_duration": 10.0, "buffer_events": 3,
            "ads": [{"time_played": 5.0}]}),
    );
}

#[test]
fn an_interval_goes_by_the_state_before_the_event() {
    let mut view = View::start();
    view.at(0, 0, Play)
        .at(4, 4, PauseStart)
        .at(9, 4, BufferStart)
        .at(15, 4, Play)
        .at(22, 11, SessionComplete)
        .at(30, 11, Ping);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 11.0, "total_pause_duration": 5.0, "total_buffer_duration": 6.0}),
    );
}

#[test]
fn after_the_end_of_the_content_time_goes_nowhere_except_to_post_rolls() {
    let mut view = View::start();
    view.at(0, 0, Play)
        .at(10, 10, SessionComplete)
        .at(20, 10, AdBreakStart)
        .at(25, 10, AdStart)
        .at(40, 10, AdComplete)
        .at(41, 10, AdBreakComplete)
        .at(50, 10, Ping);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 10.0, "ad_time_spent": 15.0, "ads": [{"time_played": 15.0}],
            "active_spans": [{"from": "2023-11-14T22:13:20.000Z", "to": "2023-11-14T22:13:30.000Z"},
                {"from": "2023-11-14T22:13:40.000Z", "to": "2023-11-14T22:14:01.000Z"}]}),
    );
}

#[test]
fn a_chapter_gets_content_time_only() {
    let mut view = View::start();
    view.at(0, 0, ChapterStart).at(3, 0, Play).at(8, 5, AdBreakStart).at(8, 5, AdStart).at(20, 5, AdComplete);
    view.at(20, 5, AdBreakComplete).at(26, 11, PauseStart).at(30, 11, BufferStart).at(
        33,
        11,
        ChapterComplete,
    );
    expect(&view.settle(), &json!({"content_time_spent": 11.0, "chapters": [{"time_played": 11.0}]}));
}

#[test]
fn media_time_is_content_and_ad_time() {
    let mut view = View::start();
    view.at(0, 0, AdBreakStart)
        .at(0, 0, AdStart)
        .at(8, 0, AdComplete)
        .at(8, 0, AdBreakComplete)
        .at(8, 0, Play);
    view.at(20, 12, PauseStart).at(29, 12, SessionEnd);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 12.0, "ad_time_spent": 8.0, "media_time_spent": 20.0}),
    );
}

#[test]
fn time_after_the_last_event_goes_nowhere() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, Ping);
    let rows = view.leave();
    expect(&rows, &json!({"content_time_spent": 10.0, "last_event_at": "2023-11-14T22:13:30.000Z"}));
}

#[test]
fn milliseconds_are_added_as_integers() {
    let mut view = View::start();
    view.at(0, 0, Play);
    for tenth in 1..=10 {
        view.at(f64::from(tenth) * 0.1, f64::from(tenth), Ping);
    }
    expect(&view.settle(), &json!({"content_time_spent": 1.0}));
}

#[test]
fn an_open_state_accumulates_whatever_the_playback_state_is() {
    let mut view = View::start();
    view.with(event(StateStart, 1, 0).states(&["mute"], &[]));
    view.at(3, 0, Play)
        .at(6, 3, PauseStart)
        .at(10, 3, BufferStart)
        .at(15, 3, AdBreakStart)
        .at(20, 3, AdStart);
    view.at(25, 3, SessionComplete).at(30, 3, Ping);
    view.with(event(StateEnd, 32, 3).states(&[], &["mute"])).at(40, 3, Ping);
    expect(&view.settle(), &json!({"states": [{"name": "mute", "count": 1, "time": 31.0}]}));
}
