//! The rules for one event, each by example (protocol contract, sections 2 and 3).

#![allow(clippy::unwrap_used, clippy::panic, reason = "what panics here is a failed test")]

mod bodies;

use bodies::{accepted, accepted_on, faults, faults_at, faults_on, full, lines, minimal, with, without};
use playhead_protocol::{
    Endpoint, EventType, ParamId, ParamValue, Quality, Rejection, Remarks, Validation, parse_event,
};
use serde_json::{Value, json};

const SILENT: Remarks = Remarks { unknown_param: false, missing_param: false };

fn start() -> Value {
    minimal(EventType::SessionStart)
}

fn ping() -> Value {
    minimal(EventType::Ping)
}

#[test]
fn every_event_type_is_accepted_bare_and_full_at_every_level() {
    for &event_type in EventType::ALL {
        for validation in Validation::ALL {
            for body in [minimal(event_type), full(event_type)] {
                let event = accepted_on(&body, validation);
                assert_eq!(event.event_type, event_type);
                assert_eq!(event.remarks, SILENT, "{body}");
            }
        }
    }
}

#[test]
fn a_full_start_keeps_every_value_that_has_a_column() {
    let body = full(EventType::SessionStart);
    let event = accepted(&body);
    assert_eq!(event.ts_ms, 1_700_000_000_000);
    let detail = event.detail.unwrap();
    let kept: Vec<_> = detail.params.iter().map(|(id, _)| id).collect();
    let expected: Vec<_> = ParamId::all()
        .filter(|id| id.param().is_sent_on(EventType::SessionStart) && id.param().column.is_some())
        .collect();
    assert_eq!(kept, expected, "all of them, in table order");
    assert_eq!(detail.params.text(ParamId::named("media.id")), Some("the media.id"));
    assert_eq!(detail.params.number(ParamId::named("media.length")), Some(60.5));
    assert_eq!(detail.params.boolean(ParamId::named("media.downloaded")), Some(false));
    assert_eq!(detail.custom_metadata.iter().collect::<Vec<_>>(), [("genre", "drama"), ("a_b.C9", "")]);
    assert_eq!(detail.error, None);
}

#[test]
fn customer_ids_are_kept_as_they_were_written() {
    let written = r#"{ "crm" : {"id":"c\u0031", "authState": 2.0, "own": []}, "gone": null }"#;
    let marked = with(start(), &[("/params/visitor.customerIDs", json!("here"))]).to_string();
    let text = marked.replace("\"here\"", written);
    let event = parse_event(text.as_bytes(), Endpoint::SessionStart, Validation::Strict).unwrap();
    let detail = event.detail.unwrap();
    assert_eq!(detail.params.get(ParamId::named("visitor.customerIDs")), Some(ParamValue::Json(written)));
}

#[test]
fn customer_ids_of_another_shape_are_faults() {
    let ids = json!({ "a": "c1", "b": { "id": 1 }, "c": { "authState": 3 }, "d": { "authState": "1" } });
    let body = with(start(), &[("/params/visitor.customerIDs", ids)]);
    assert_eq!(
        faults(&body),
        [
            "/params/visitor.customerIDs/a must be an object, is a string",
            "/params/visitor.customerIDs/b/id must be a string, is a number",
            "/params/visitor.customerIDs/c/authState must be 0, 1 or 2",
            "/params/visitor.customerIDs/d/authState must be an integer, is a string",
        ]
    );
}

#[test]
fn a_bare_ping_boxes_nothing() {
    let body = with(ping(), &[("/params", json!({})), ("/qoeData", json!({ "media.qoe.errorID": "e" }))]);
    let event = accepted(&body);
    assert_eq!((event.quality, event.detail), (None, None));
}

#[test]
fn quality_may_have_fractions_and_ride_on_any_event() {
    for &event_type in EventType::ALL {
        let body = with(minimal(event_type), &[("/qoeData", json!({ "media.qoe.bitrate": 3200.5 }))]);
        let quality = accepted(&body).quality.unwrap();
        assert_eq!(*quality, Quality { bitrate: Some(3200.5), ..Quality::default() });
    }
}

#[test]
fn player_time_and_event_type_are_mandatory_at_every_level() {
    for validation in Validation::ALL {
        let nothing = faults_at("{}", Endpoint::Events, validation);
        assert_eq!(lines(&nothing), ["/eventType is required", "/playerTime is required"]);
        let empty_time = with(ping(), &[("/playerTime", json!({ "ts": null }))]);
        assert_eq!(
            faults_on(&empty_time, validation),
            ["/playerTime/ts is required", "/playerTime/playhead is required"]
        );
    }
}

#[test]
fn all_faults_of_a_body_come_at_once() {
    let body = json!({
        "playerTime": { "playhead": "0", "ts": true },
        "eventType": "adStart",
        "params": { "media.ad.length": "15", "media.ad.podPosition": 1.5, "media.ad.playerName": [] },
        "qoeData": { "media.qoe.bitrate": {} },
        "customMetadata": { "not a key": "x", "number": 1 },
    });
    assert_eq!(
        faults(&body),
        [
            "/playerTime/ts must be an integer, is a boolean",
            "/playerTime/playhead must be a number, is a string",
            "/params/media.ad.id is required",
            "/params/media.ad.length must be a number, is a string",
            "/params/media.ad.podPosition must be an integer, is a number with a fraction",
            "/params/media.ad.playerName must be a string, is an array",
            "/qoeData/media.qoe.bitrate must be a number, is an object",
            "/customMetadata/not a key must have a key of letters (a-z, A-Z), digits, underscores and dots",
            "/customMetadata/number must be a string, is a number",
        ]
    );
}

#[test]
fn a_fault_is_written_as_path_and_message() {
    let body = with(start(), &[("/params/media.length", json!("60"))]).to_string();
    let faults = faults_at(body, Endpoint::SessionStart, Validation::Standard);
    let expected = json!([{ "path": "/params/media.length", "message": "must be a number, is a string" }]);
    assert_eq!(serde_json::to_value(&faults).unwrap(), expected);
    assert_eq!(Rejection::Invalid(faults).to_string(), "/params/media.length must be a number, is a string");
}

#[test]
fn faults_of_an_unknown_event_type_still_include_the_rest() {
    let body = json!({ "eventType": "Play", "params": [], "qoeData": { "media.qoe.bitrate": "1" } });
    assert_eq!(
        faults(&body),
        [
            "/eventType must be one of the documented event types",
            "/playerTime is required",
            "/params must be an object, is an array",
            "/qoeData/media.qoe.bitrate must be a number, is a string",
        ]
    );
}

#[test]
fn the_endpoint_decides_between_start_and_other_events() {
    let wrong_start = faults_at(ping().to_string(), Endpoint::SessionStart, Validation::Lenient);
    assert_eq!(lines(&wrong_start), ["/eventType must be sessionStart where sessions are opened, is ping"]);
    let second_start = faults_at(start().to_string(), Endpoint::Events, Validation::Lenient);
    assert_eq!(
        lines(&second_start),
        ["/eventType must not be sessionStart in a session that is open already"]
    );
}

#[test]
fn a_single_start_must_not_be_downloaded() {
    for value in [json!(false), Value::Null] {
        accepted(&with(start(), &[("/params/media.downloaded", value)]));
    }
    let found = faults(&with(start(), &[("/params/media.downloaded", json!(true))]));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("/params/media.downloaded must not be true in a single event"), "{found:?}");
}

#[test]
fn null_is_absent_everywhere() {
    let body = json!({
        "playerTime": { "playhead": 1, "ts": 1 },
        "eventType": "ping",
        "params": null,
        "qoeData": { "media.qoe.bitrate": null },
        "customMetadata": null,
    });
    for validation in Validation::ALL {
        let event = accepted_on(&body, validation);
        assert_eq!((event.remarks, event.quality, event.detail), (SILENT, None, None));
    }
    assert_eq!(faults(&with(start(), &[("/params", Value::Null)])), ["/params is required"]);
    assert_eq!(
        faults(&with(start(), &[("/params/media.id", Value::Null)])),
        ["/params/media.id is required"]
    );
    let metadata = with(start(), &[("/customMetadata", json!({ "a": null, "b": "x" }))]);
    let detail = accepted(&metadata).detail.unwrap();
    assert_eq!(detail.custom_metadata.iter().collect::<Vec<_>>(), [("b", "x")]);
}

#[test]
fn lenient_remarks_on_missing_keys_and_refuses_events_without_their_id() {
    for &event_type in EventType::ALL.iter().filter(|event_type| event_type.requires_params()) {
        let body = without(minimal(event_type), "/params");
        assert_eq!(faults(&body), ["/params is required"]);
        assert_eq!(faults_on(&body, Validation::Strict), ["/params is required"]);
        match event_type {
            EventType::SessionStart => {
                assert_eq!(faults_on(&body, Validation::Lenient), ["/params/media.id is required"]);
            }
            EventType::AdStart => {
                assert_eq!(faults_on(&body, Validation::Lenient), ["/params/media.ad.id is required"]);
            }
            _ => assert!(accepted_on(&body, Validation::Lenient).remarks.missing_param),
        }
    }
    let bare = with(start(), &[("/params", json!({ "media.id": "m" }))]);
    let event = accepted_on(&bare, Validation::Lenient);
    assert_eq!(event.remarks, Remarks { missing_param: true, unknown_param: false });
    assert_eq!(faults(&bare).len(), 7, "each missing key of params that are there");
}

#[test]
fn a_wrong_type_is_a_fault_at_every_level() {
    let body =
        with(start(), &[("/params/media.length", json!("60")), ("/params/media.resume", json!("true"))]);
    for validation in Validation::ALL {
        assert_eq!(
            faults_on(&body, validation),
            [
                "/params/media.length must be a number, is a string",
                "/params/media.resume must be a boolean, is a string"
            ]
        );
    }
}

#[test]
fn unknown_keys_are_remarked_on_and_refused_when_strict() {
    let body = with(
        ping(),
        &[("/params", json!({ "a~b/c": 1, "media.id": 5 })), ("/qoeData", json!({ "media.name": null }))],
    );
    for validation in [Validation::Lenient, Validation::Standard] {
        assert!(
            accepted_on(&body, validation).remarks.unknown_param,
            "not documented for ping, so not checked"
        );
    }
    assert_eq!(
        faults_on(&body, Validation::Strict),
        [
            "/params/a~0b~1c is not documented for this event",
            "/params/media.id is not documented for this event",
            "/qoeData/media.name is not documented for this event",
        ]
    );
}

#[test]
fn unknown_members_of_the_event_and_of_player_time_are_ignored() {
    let body = with(ping(), &[("/more", json!([1])), ("/playerTime/more", json!("x"))]);
    for validation in Validation::ALL {
        assert_eq!(accepted_on(&body, validation).remarks, SILENT);
    }
}

#[test]
fn the_content_id_must_not_be_empty() {
    let body = with(start(), &[("/params/media.id", json!(""))]);
    for validation in Validation::ALL {
        assert_eq!(faults_on(&body, validation), ["/params/media.id must not be empty"]);
    }
}

#[test]
fn a_start_lies_in_its_content() {
    let at = |playhead: f64, content_type: &str, length: f64| {
        with(
            start(),
            &[
                ("/playerTime/playhead", json!(playhead)),
                ("/params/media.contentType", json!(content_type)),
                ("/params/media.length", json!(length)),
            ],
        )
    };
    for (playhead, content_type, length) in [
        (0.0, "vod", 60.5),
        (60.4, "VOD", 60.5),
        (1e18, "vod", 0.0),
        (-0.0, "vod", 1.0),
        (5.0, "vod", -1.0),
        (86_399.9, "live", 60.0),
        (86_399.9, "Linear", 0.0),
    ] {
        accepted(&at(playhead, content_type, length));
    }
    let below_length = "/playerTime/playhead must be below media.length, the length of the content";
    let below_day =
        "/playerTime/playhead must be below 86400 for live content, where it is the second of the day";
    let negative = "/playerTime/playhead must be at least 0 on sessionStart";
    for (playhead, content_type, length, message) in [
        (60.5, "vod", 60.5, below_length),
        (1e18, "vod", 60.5, below_length),
        (86_400.0, "LIVE", 1e9, below_day),
        (1e18, "linear", 0.0, below_day),
        (-0.1, "vod", 0.0, negative),
        (-1.0, "live", 0.0, negative),
    ] {
        assert_eq!(faults(&at(playhead, content_type, length)), [message]);
    }
}

#[test]
fn the_range_holds_without_a_sound_length_or_params_too() {
    let body = with(start(), &[("/playerTime/playhead", json!(-1)), ("/params/media.length", json!("1"))]);
    assert_eq!(
        faults(&body),
        [
            "/params/media.length must be a number, is a string",
            "/playerTime/playhead must be at least 0 on sessionStart"
        ]
    );
    let unknown_length =
        with(without(start(), "/params/media.length"), &[("/playerTime/playhead", json!(1e9))]);
    accepted_on(&unknown_length, Validation::Lenient);
}

#[test]
fn a_playhead_outside_the_content_is_accepted_on_later_events() {
    for playhead in [-5.0, 1e18, 86_400.0] {
        assert_eq!(accepted(&with(ping(), &[("/playerTime/playhead", json!(playhead))])).playhead, playhead);
    }
}

#[test]
fn metadata_is_checked_and_kept_only_where_it_belongs() {
    let metadata = json!({ "not a key": 1, "b": "x" });
    for &event_type in EventType::ALL {
        let body = with(minimal(event_type), &[("/customMetadata", metadata.clone())]);
        if event_type.keeps_custom_metadata() {
            assert_eq!(faults(&body).len(), 2, "{event_type}");
        } else {
            let event = accepted_on(&body, Validation::Strict);
            assert!(event.detail.is_none_or(|detail| detail.custom_metadata.is_empty()));
        }
        let no_object = with(minimal(event_type), &[("/customMetadata", json!([]))]);
        assert_eq!(faults(&no_object), ["/customMetadata must be an object, is an array"]);
    }
}

#[test]
fn ts_lies_after_the_epoch_and_before_the_year_2200() {
    let at = |ts: Value| with(ping(), &[("/playerTime/ts", ts)]);
    for (ts, expected) in
        [(json!(1), 1), (json!(7_258_118_399_999_i64), 7_258_118_399_999), (json!(10.0), 10)]
    {
        assert_eq!(accepted(&at(ts)).ts_ms, expected);
    }
    let range = "/playerTime/ts must be above 0 and below 7258118400000, the year 2200";
    for ts in [json!(0), json!(-1), json!(7_258_118_400_000_i64), json!(253_402_300_799_000_i64)] {
        assert_eq!(faults(&at(ts)), [range]);
    }
    assert_eq!(faults(&at(json!(1.5))), ["/playerTime/ts must be an integer, is a number with a fraction"]);
    assert_eq!(
        faults(&at(json!(9_007_199_254_740_992_i64))),
        ["/playerTime/ts must be from -9007199254740991 to 9007199254740991"]
    );
}

#[test]
fn an_event_above_64_kib_is_too_large_whatever_it_holds() {
    let limit_bytes = 64 * 1024;
    let mut body = ping().to_string();
    body.push_str(&" ".repeat(limit_bytes - body.len()));
    parse_event(body.as_bytes(), Endpoint::Events, Validation::Strict).unwrap();
    body.push(' ');
    let rejection = parse_event(body.as_bytes(), Endpoint::Events, Validation::Strict).unwrap_err();
    assert_eq!(rejection, Rejection::TooLarge { limit_bytes });
    assert_eq!(rejection.to_string(), "the body is longer than 65536 bytes");
}
