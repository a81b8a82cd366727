//! Metrics contract, section 7: metrics derived from others.

use playhead_protocol::EventType::*;
use playhead_protocol::Quality;
use serde_json::json;

use crate::player::{Carrying, View, event, expect, start_event};

#[test]
fn average_minute_audience_is_content_time_by_length() {
    let mut view = View::of_length(60);
    view.at(0, 0, Play).at(45, 45, Ping);
    expect(&view.settle(), &json!({"average_minute_audience": 0.75}));
    expect(&View::of_length(60).rows(), &json!({"average_minute_audience": 0.0}));
    expect(&View::of_length(0).rows(), &json!({"average_minute_audience": null}));
    expect(&View::opened_by(event(SessionStart, 0, 0)).rows(), &json!({"average_minute_audience": null}));
}

#[test]
fn average_minute_audience_can_exceed_one() {
    let mut view = View::of_length(10);
    view.at(0, 0, Play).at(30, 5, Ping);
    expect(&view.settle(), &json!({"average_minute_audience": 3.0}));
}

#[test]
fn a_stream_is_estimated_for_each_started_half_hour_of_media_time() {
    expect(&View::start().rows(), &json!({"estimated_streams": 1}));
    for (content_s, streams) in [(1_799.999, 1), (1_800.0, 2), (3_599.999, 2), (3_600.0, 3)] {
        let mut view = View::of_length(0);
        view.settings.idle_timeout_ms *= 100;
        view.settings.playhead_timeout_ms *= 100;
        view.at(0, 0, Play).at(content_s, content_s, Ping);
        expect(&view.settle(), &json!({"estimated_streams": streams}));
    }
    let mut view = View::of_length(0);
    view.settings.idle_timeout_ms *= 100;
    view.settings.playhead_timeout_ms *= 100;
    view.at(0, 0, AdBreakStart)
        .at(0, 0, AdStart)
        .at(900, 0, AdBreakComplete)
        .at(900, 0, Play)
        .at(1_800, 900, Ping);
    expect(&view.settle(), &json!({"estimated_streams": 2, "media_time_spent": 1800.0}));
}

#[test]
fn a_drop_before_start_is_a_session_that_closes_without_content() {
    let mut view = View::start();
    view.at(0, 0, AdBreakStart).at(0, 0, AdStart).at(5, 0, Ping);
    expect(&view.settle(), &json!({"drop_before_start": false, "is_open": true}));
    expect(&view.leave(), &json!({"drop_before_start": true, "is_open": false}));
    let mut view = View::start();
    view.at(0, 0, Play);
    expect(&view.leave(), &json!({"drop_before_start": false}));
}

#[test]
fn the_average_bitrate_is_weighted_by_time_spent_playing() {
    let mut view = View::start();
    view.at(0, 0, Play);
    view.with(event(BitrateChange, 10, 10).bitrate(2_000.0));
    view.with(event(BitrateChange, 20, 20).bitrate(5_000.0)).at(50, 50, Ping);
    expect(
        &view.settle(),
        &json!({"average_bitrate": 4250.0, "average_bitrate_bucket": "4200-4299", "bitrate_changes": 2}),
    );
}

#[test]
fn ads_and_stalls_count_for_the_average_bitrate_and_nothing_else_does() {
    let mut view = View::opened_by(start_event(1_000).bitrate(1_000.0));
    view.at(0, 0, AdBreakStart).at(0, 0, AdStart);
    view.with(event(AdComplete, 10, 0).bitrate(9_000.0)).at(15, 0, AdBreakComplete);
    view.with(event(Play, 15, 0).bitrate(3_000.0))
        .at(17, 0, Ping)
        .at(19, 0, Ping)
        .at(25, 0, Ping)
        .at(35, 0, Ping);
    view.with(event(PauseStart, 35, 0).bitrate(9_000.0))
        .at(60, 0, BufferStart)
        .at(90, 0, SessionComplete)
        .at(95, 0, Ping);
    expect(
        &view.settle(),
        &json!({"average_bitrate": 70_000.0 / 30.0, "total_stall_duration": 20.0, "stall_events": 1}),
    );
}

#[test]
fn without_time_spent_playing_the_last_bitrate_is_the_average_and_without_any_there_is_none() {
    let mut view = View::start();
    expect(&view.settle(), &json!({"average_bitrate": null, "average_bitrate_bucket": null}));
    view.with(event(Ping, 1, 0).bitrate(800.0));
    view.with(event(Ping, 2, 0).bitrate(99.9));
    view.at(3, 0, PauseStart).at(9, 0, Ping);
    expect(&view.settle(), &json!({"average_bitrate": 99.9, "average_bitrate_bucket": "0-99"}));
}

#[test]
fn time_before_a_bitrate_is_known_does_not_count_for_the_average() {
    let mut view = View::start();
    view.at(0, 0, Play);
    view.with(event(Ping, 100, 100).bitrate(3_200.0)).at(101, 101, Ping);
    expect(&view.settle(), &json!({"average_bitrate": 3200.0, "average_bitrate_bucket": "3200-3299"}));
}

#[test]
fn a_bitrate_holds_until_another_is_sent() {
    let mut view = View::start();
    view.with(event(Play, 0, 0).bitrate(1_000.0));
    view.with(event(Ping, 10, 10).quality(Quality { dropped_frames: Some(3.0), ..Quality::default() }))
        .at(20, 20, Ping);
    expect(&view.settle(), &json!({"average_bitrate": 1000.0, "dropped_frames": 3.0}));
}

#[test]
fn dropped_frames_and_frame_rate_are_the_last_values_sent() {
    let mut view = View::start();
    expect(
        &view.rows(),
        &json!({"dropped_frames": null, "frames_per_second": null, "time_to_start_ms": null}),
    );
    for (at, dropped_frames, frames_per_second) in
        [(1, Some(12.0), None), (2, Some(4.0), Some(25.0)), (3, None, Some(0.0))]
    {
        let quality = Quality { dropped_frames, frames_per_second, ..Quality::default() };
        view.with(event(Ping, at, 0).quality(quality));
    }
    expect(&view.settle(), &json!({"dropped_frames": 4.0, "frames_per_second": 0.0}));
}

#[test]
fn time_to_start_is_the_last_value_above_zero() {
    let mut view = View::start();
    for (at, value) in [(1, 0.0), (2, 900.0), (3, 1_250.0), (4, 0.0), (5, -7.0)] {
        view.with(
            event(Ping, at, 0).quality(Quality { time_to_start_ms: Some(value), ..Quality::default() }),
        );
    }
    expect(&view.settle(), &json!({"time_to_start_ms": 1250.0}));
}

#[test]
fn quality_values_on_session_start_count() {
    let quality = Quality {
        bitrate: Some(500.0),
        dropped_frames: Some(1.0),
        frames_per_second: Some(50.0),
        time_to_start_ms: Some(80.0),
    };
    let view = View::opened_by(start_event(10).quality(quality));
    expect(
        &view.rows(),
        &json!({"average_bitrate": 500.0, "average_bitrate_bucket": "500-599", "dropped_frames": 1.0,
            "frames_per_second": 50.0, "time_to_start_ms": 80.0}),
    );
}

/// The sum of an empty list was -0.0, and a row contained that.
#[test]
fn nothing_watched_is_written_as_zero() {
    let text = serde_json::to_string(&View::start().session.row()).unwrap();
    assert!(text.contains(r#""unique_time_played":0.0"#), "{text}");
}
