//! Bodies that break naive readers: not JSON, barely JSON, and JSON at its limits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what panics here is a failed test")]

mod bodies;

use bodies::{faults_at, lines, minimal, with};
use playhead_protocol::{
    Endpoint, Event, EventType, Fact, Origin, PackedFacts, ParamId, Recorded, Rejection, Validation, decode,
    is_array, parse_event,
};
use serde_json::json;

fn ping_with(members: &str) -> String {
    format!(r#"{{"playerTime":{{"playhead":1,"ts":1}},"eventType":"ping"{members}}}"#)
}

fn faults(body: impl AsRef<[u8]>) -> Vec<String> {
    lines(&faults_at(body, Endpoint::Events, Validation::Standard))
}

#[track_caller]
fn accepted(body: &str) -> Event {
    parse_event(body.as_bytes(), Endpoint::Events, Validation::Standard).unwrap()
}

#[test]
fn what_is_no_object_is_named() {
    for (body, message) in [
        ("", " is empty, must be JSON"),
        (" \r\n\t", " is empty, must be JSON"),
        ("null", " must be an object, is null"),
        ("true", " must be an object, is a boolean"),
        (" 12 ", " must be an object, is a number"),
        ("\"{}\"", " must be an object, is a string"),
        ("[{}]", " must be an object, is an array"),
    ] {
        assert_eq!(faults(body), [message], "{body}");
    }
}

#[test]
fn syntax_errors_say_where() {
    for (body, place) in [
        ("{", "line 1 column 1"),
        ("{\n  \"a\" 1}", "line 2 column 7"),
        ("truth", "line 1 column 4"),
        ("[1,", "line 1 column 3"),
        ("NaN", "line 1 column 1"),
        ("{\"a\": -}", "line 1 column 8"),
        ("{\"a\": 01}", "line 1 column 8"),
        ("{'a': 1}", "line 1 column 2"),
        ("\u{feff}{}", "line 1 column 1"),
        ("{\"a\": \"\u{1}\"}", "line 1 column 7"),
        ("{\"a\": \"\0\"}", "line 1 column 7"),
        ("{\"a\": \"\\x\"}", "line 1 column 9"),
        ("{\"a\": 1,}", "line 1 column 9"),
    ] {
        let found = faults(body);
        assert_eq!(found.len(), 1, "{body:?}: {found:?}");
        assert!(
            found[0].starts_with(" is not valid JSON: ") && found[0].ends_with(place),
            "{body:?}: {found:?}"
        );
    }
}

#[test]
fn nan_and_infinity_are_not_json() {
    for literal in ["NaN", "Infinity", "-Infinity", "+1", ".5", "0x10", "1."] {
        let found = faults(format!(r#"{{"playerTime":{{"playhead":{literal},"ts":1}},"eventType":"ping"}}"#));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with(" is not valid JSON: "), "{literal}: {found:?}");
    }
}

#[test]
fn bytes_after_the_value_are_a_fault() {
    let found = faults(ping_with("") + " {}");
    assert!(found[0].starts_with(" is not valid JSON: trailing characters at line 1"), "{found:?}");
    accepted(&(ping_with("") + " \n"));
}

#[test]
fn numbers_beyond_a_double_are_faults_at_their_place() {
    let body =
        ping_with(r#","qoeData":{"media.qoe.bitrate":1e400,"media.qoe.droppedFrames":-1e999},"x":1e400"#);
    assert_eq!(
        faults(body),
        [
            "/qoeData/media.qoe.bitrate must be a finite number",
            "/qoeData/media.qoe.droppedFrames must be a finite number"
        ]
    );
    let time = r#"{"playerTime":{"playhead":1e400,"ts":1e400},"eventType":"ping"}"#;
    assert_eq!(
        faults(time),
        ["/playerTime/ts must be a finite number", "/playerTime/playhead must be a finite number"]
    );
    let tiny = accepted(r#"{"playerTime":{"playhead":1e-400,"ts":1},"eventType":"ping"}"#);
    assert_eq!(tiny.playhead, 0.0);
}

#[test]
fn numbers_of_17_digits_are_read_to_the_last_bit() {
    let event = accepted(r#"{"playerTime":{"playhead":0.30000000000000004,"ts":1.5e12},"eventType":"ping"}"#);
    assert_eq!(event.playhead.to_bits(), (0.1_f64 + 0.2).to_bits());
    assert_eq!(event.ts_ms, 1_500_000_000_000);
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    for depth in [33, 10_000, 30_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let value = open.repeat(depth.min(10_000)) + "1" + &close.repeat(depth.min(10_000));
            let body = ping_with(&format!(r#","params":{{"x":{value}}}"#));
            if body.len() <= 64 * 1024 {
                assert_eq!(faults(body), [" is nested deeper than 32 levels"]);
            }
        }
        assert_eq!(faults("[".repeat(depth)), [" is nested deeper than 32 levels"], "never closed");
    }
    // The event and `params` are the first two levels.
    let deepest = ping_with(&format!(r#","params":{{"x":{}{}}}"#, "[".repeat(30), "]".repeat(30)));
    accepted(&deepest);
}

#[test]
fn lone_surrogates_are_refused_in_any_string_and_key() {
    for members in [
        r#","unread":"\ud800""#,
        r#","un\udc00read":1"#,
        r#","params":{"x":["\ud800\u0041"]}"#,
        r#","params":{"media.\uDFFFid":1}"#,
    ] {
        let found = faults(ping_with(members));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with(" has an escaped surrogate without its other half at byte "),
            "{found:?}"
        );
    }
    accepted(&ping_with(r#","unread":"\ud83d\ude00 \\ud800""#));
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let mut body = ping_with(r#","x":"?""#).into_bytes();
    let place = body.iter().position(|&byte| byte == b'?').unwrap();
    for byte in [0x80, 0xff, 0xc0, 0xed] {
        body[place] = byte;
        assert_eq!(faults(&body), [format!(" is not UTF-8 text at byte {place}")]);
    }
}

#[test]
fn an_escaped_nul_is_text_like_any_other() {
    let start = with(minimal(EventType::SessionStart), &[("/params/media.id", json!("a\0b"))]).to_string();
    assert!(start.contains("\\u0000"));
    let event = parse_event(start.as_bytes(), Endpoint::SessionStart, Validation::Strict).unwrap();
    assert_eq!(event.detail.unwrap().params.text(ParamId::named("media.id")), Some("a\0b"));
}

#[test]
fn escaped_slashes_and_escaped_keys_mean_what_they_spell() {
    let text = r#"{"event\u0054ype":"p\u0069ng","player\u0054ime":{"\u0074s":1,"playhead":2},
        "qoeData":{"media.qoe.\u0062itrate":5},"more":"a\/b"}"#;
    let event = accepted(text);
    assert_eq!((event.event_type, event.quality.unwrap().bitrate), (EventType::Ping, Some(5.0)));
    let start = with(minimal(EventType::SessionStart), &[("/params/media.id", json!("a/b"))]).to_string();
    let start = start.replace("a/b", "a\\/b");
    let event = parse_event(start.as_bytes(), Endpoint::SessionStart, Validation::Strict).unwrap();
    assert_eq!(event.detail.unwrap().params.text(ParamId::named("media.id")), Some("a/b"));
}

#[test]
fn keys_may_come_in_any_order() {
    let orders = [
        r#"{"qoeData":{},"params":{},"eventType":"ping","playerTime":{"ts":1,"playhead":2}}"#,
        r#"{"playerTime":{"playhead":2,"ts":1},"params":{},"eventType":"ping","qoeData":{}}"#,
    ];
    assert_eq!(accepted(orders[0]), accepted(orders[1]));
}

#[test]
fn of_repeated_keys_the_last_counts_and_is_checked_alone() {
    let event = accepted(
        r#"{"eventType":5,"playerTime":"x","playerTime":{"ts":"x","ts":7,"playhead":{},"playhead":2},
            "qoeData":[],"qoeData":{"media.qoe.bitrate":"x","media.qoe.bitrate":1,
            "media.qoe.timeToStart":8,"media.qoe.timeToStart":null},"eventType":"ping"}"#,
    );
    assert_eq!((event.ts_ms, event.playhead), (7, 2.0));
    let quality = event.quality.unwrap();
    assert_eq!((quality.bitrate, quality.time_to_start_ms), (Some(1.0), None));

    let found = faults(ping_with(r#","eventType":null"#));
    assert_eq!(found, ["/eventType is required"]);
    let strict = ping_with(r#","params":{"x":1,"x":2}"#);
    let found = lines(&faults_at(strict, Endpoint::Events, Validation::Strict));
    assert_eq!(found, ["/params/x is not documented for this event"]);
}

#[test]
fn repeated_metadata_keys_keep_their_first_place_and_last_value() {
    let start = with(minimal(EventType::SessionStart), &[("/customMetadata", json!("here"))]).to_string();
    let body = start.replace("\"here\"", r#"{"a":1,"b":"2","a":"3","c":"4","c":null}"#);
    let event = parse_event(body.as_bytes(), Endpoint::SessionStart, Validation::Strict).unwrap();
    assert_eq!(event.detail.unwrap().custom_metadata.iter().collect::<Vec<_>>(), [("a", "3"), ("b", "2")]);
}

#[test]
fn long_keys_are_cut_in_faults_and_refused_above_the_limit() {
    let key = "k".repeat(65_000);
    let found =
        faults_at(ping_with(&format!(r#","params":{{"{key}":1}}"#)), Endpoint::Events, Validation::Strict);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, format!("/params/{}…", "k".repeat(256)));
    let too_large = ping_with(&format!(r#","{}":1"#, "k".repeat(64 * 1024)));
    let rejection = parse_event(too_large.as_bytes(), Endpoint::Events, Validation::Standard).unwrap_err();
    assert_eq!(rejection, Rejection::TooLarge { limit_bytes: 64 * 1024 });
}

#[test]
fn thousands_of_faults_are_listed_up_to_a_hundred() {
    let values: Vec<_> = (0..5000).map(|index| format!("\"k{index}\":1")).collect();
    let start = with(minimal(EventType::SessionStart), &[("/customMetadata", json!("here"))]).to_string();
    let body = start.replace("\"here\"", &format!("{{{}}}", values.join(",")));
    let found = lines(&faults_at(body, Endpoint::SessionStart, Validation::Standard));
    assert_eq!(found.len(), 100);
    assert_eq!(found[98], "/customMetadata/k98 must be a string, is a number");
    assert_eq!(found[99], " has 4901 more faults");
}

#[test]
fn the_first_byte_tells_a_batch() {
    assert!(is_array(b" \t\r\n[") && is_array(b"[]"));
    assert!(!is_array(b"") && !is_array(b"{}") && !is_array(b"\xef\xbb\xbf[]") && !is_array(b"\x0b["));
}

#[test]
fn what_was_never_accepted_is_not_read_back() {
    assert!(decode(&Recorded::new(Origin::COLLECTION_V1, b"{}")).is_err());
    assert!(decode(&Recorded::new(Origin::COLLECTION_V1, b"\xff")).is_err());
}

/// What a door knows beside a body stands in for what the body lacks, and for nothing else.
#[test]
fn facts_stand_in_for_what_a_body_lacks() {
    let facts = PackedFacts::pack([
        (Fact::ReportSuite, "suite-of-the-path"),
        (Fact::Timestamp, "1793491200000"),
        (Fact::ContentId, "made-1"),
    ])
    .unwrap();
    let decoded = |body: &str| {
        let recorded = Recorded::new(Origin::COLLECTION_V1, body.as_bytes());
        decode(&Recorded { facts: facts.facts(), ..recorded }).unwrap()
    };
    let text = |event: &Event, key| {
        event.detail.as_ref().unwrap().params.text(ParamId::named(key)).map(str::to_owned)
    };
    let event = decoded(
        r#"{"eventType": "sessionStart", "playerTime": {"playhead": 0}, "params": {"media.name": "n"}}"#,
    );
    assert_eq!(event.ts_ms, 1_793_491_200_000);
    assert_eq!(text(&event, "analytics.reportSuite").as_deref(), Some("suite-of-the-path"));
    assert_eq!(text(&event, "media.id").as_deref(), Some("made-1"));
    let event = decoded(
        r#"{"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 5},
            "params": {"media.id": "own", "analytics.reportSuite": "own-suite"}}"#,
    );
    assert_eq!(event.ts_ms, 5);
    assert_eq!(text(&event, "media.id").as_deref(), Some("own"));
    assert_eq!(text(&event, "analytics.reportSuite").as_deref(), Some("own-suite"));
    let event = decoded(r#"{"eventType": "ping", "playerTime": {"playhead": 0}}"#);
    assert_eq!((event.ts_ms, event.detail), (1_793_491_200_000, None));
}
