//! The rules for a whole downloaded session (protocol contract, section 4).

#![allow(clippy::unwrap_used, clippy::panic, reason = "what panics here is a failed test")]

mod bodies;

use bodies::{lines, minimal, with};
use playhead_protocol::{
    BatchEndpoint, EventType, Origin, Recorded, Rejection, Validation, decode, parse_batch,
};
use serde_json::{Value, json};

fn downloaded_start() -> Value {
    with(minimal(EventType::SessionStart), &[("/params/media.downloaded", json!(true))])
}

fn faults(body: impl AsRef<[u8]>, endpoint: BatchEndpoint) -> Vec<String> {
    match parse_batch(body.as_ref(), endpoint, Validation::Standard) {
        Ok(events) => panic!("accepted {} events", events.len()),
        Err(Rejection::Invalid(faults)) => lines(&faults),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_session_comes_back_event_by_event_with_its_text() {
    let start = downloaded_start().to_string();
    let body = format!(
        "\n[ {start} ,\t{{ \"eventType\":\"play\", \"playerTime\":{{\"ts\":2,\"playhead\":3}} }}\n]\n"
    );
    let events = parse_batch(body.as_bytes(), BatchEndpoint::Sessions, Validation::Strict).unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].0, start.as_bytes());
    assert_eq!(events[1].0, br#"{ "eventType":"play", "playerTime":{"ts":2,"playhead":3} }"#);
    assert_eq!(events[1].1.event_type, EventType::Play);
    for (raw, event) in events {
        assert_eq!(decode(&Recorded::new(Origin::COLLECTION_V1, raw)).as_ref(), Ok(&event));
    }
}

#[test]
fn only_the_sessions_path_asks_for_the_downloaded_mark() {
    for mark in [json!(false), Value::Null, json!(true)] {
        let start = with(minimal(EventType::SessionStart), &[("/params/media.downloaded", mark.clone())]);
        let body = json!([start, minimal(EventType::Play)]).to_string();
        parse_batch(body.as_bytes(), BatchEndpoint::Downloaded, Validation::Strict).unwrap();
        if mark != json!(true) {
            assert_eq!(
                faults(body, BatchEndpoint::Sessions),
                ["/0/params/media.downloaded must be true where a whole session is sent as an array"]
            );
        }
    }
    let start = with(minimal(EventType::SessionStart), &[("/params/media.downloaded", json!("true"))]);
    assert_eq!(
        faults(json!([start, minimal(EventType::Play)]).to_string(), BatchEndpoint::Sessions),
        ["/0/params/media.downloaded must be a boolean, is a string"],
        "one fault, not two about the same value"
    );
}

#[test]
fn a_session_starts_once_and_goes_on() {
    let too_few = " must have at least two events: sessionStart and one more";
    assert_eq!(faults("[]", BatchEndpoint::Downloaded), [too_few]);
    assert_eq!(faults(json!([downloaded_start()]).to_string(), BatchEndpoint::Sessions), [too_few]);
    let body = json!([minimal(EventType::Play), minimal(EventType::Ping), downloaded_start()]).to_string();
    assert_eq!(
        faults(body, BatchEndpoint::Sessions),
        [
            "/0/eventType must be sessionStart on the first event of a session, is play",
            "/2/eventType must not be sessionStart on any event but the first",
        ]
    );
}

#[test]
fn every_fault_carries_the_index_of_its_event() {
    let body = json!([
        downloaded_start(),
        { "eventType": "play", "playerTime": { "playhead": 1 } },
        5,
        null,
        { "eventType": "ping", "playerTime": { "ts": 0, "playhead": "1" } },
    ]);
    assert_eq!(
        faults(body.to_string(), BatchEndpoint::Sessions),
        [
            "/1/playerTime/ts is required",
            "/2 must be an object, is a number",
            "/3 must be an object, is null",
            "/4/playerTime/ts must be above 0 and below 7258118400000, the year 2200",
            "/4/playerTime/playhead must be a number, is a string",
        ]
    );
}

#[test]
fn a_batch_of_another_shape_is_refused() {
    assert_eq!(faults("{}", BatchEndpoint::Downloaded), [" must be an array, is an object"]);
    assert_eq!(faults("", BatchEndpoint::Downloaded), [" is empty, must be JSON"]);
    assert_eq!(faults(b"[\xff]", BatchEndpoint::Downloaded), [" is not UTF-8 text at byte 1"]);
    for torn in ["[", "[{}", "[{},", "[{}] x", "[{}{}]"] {
        let found = faults(torn, BatchEndpoint::Downloaded);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with(" is not valid JSON: "), "{torn}: {found:?}");
    }
}

#[test]
fn ten_thousand_events_are_accepted_and_one_more_is_one_fault() {
    let ping = minimal(EventType::Ping).to_string();
    let session =
        |events: usize| format!("[{}{}]", downloaded_start(), format!(",{ping}").repeat(events - 1));
    let body = session(10_000);
    let events = parse_batch(body.as_bytes(), BatchEndpoint::Sessions, Validation::Standard).unwrap();
    assert_eq!(events.len(), 10_000);
    assert_eq!(faults(session(10_001), BatchEndpoint::Sessions), [" has more than 10000 events"]);
}

#[test]
fn a_hundred_thousand_elements_are_refused_without_reading_them() {
    // What follows the last event that could count is not even JSON.
    let body = format!("[{}{}", "0,".repeat(10_001), "?".repeat(90_000));
    assert_eq!(faults(body, BatchEndpoint::Downloaded), [" has more than 10000 events"]);
    let body = format!("[0{}]", ",0".repeat(99_999));
    assert_eq!(faults(body, BatchEndpoint::Downloaded), [" has more than 10000 events"]);
}

#[test]
fn each_event_keeps_the_limits_of_an_event() {
    let padded = with(minimal(EventType::Ping), &[("/padding", json!("x".repeat(64 * 1024)))]);
    let deep = with(minimal(EventType::Ping), &[("/deep", json!("here"))]).to_string();
    let deep = deep.replace("\"here\"", &("[".repeat(10_000) + &"]".repeat(10_000)));
    let half = minimal(EventType::Ping).to_string().replace("\"ping\"", "\"\\ud800\"");
    let body = format!("[{},{padded},{deep},{half}]", downloaded_start());
    let found = faults(body, BatchEndpoint::Sessions);
    assert_eq!(found[..2], ["/1 is longer than 65536 bytes", "/2 is nested deeper than 32 levels"]);
    assert!(found[2].starts_with("/3 has an escaped surrogate without its other half"), "{found:?}");
    let deepest = with(minimal(EventType::Ping), &[("/deep", json!("here"))]).to_string();
    let deepest = deepest.replace("\"here\"", &("[".repeat(31) + &"]".repeat(31)));
    let body = format!("[{},{deepest}]", downloaded_start());
    parse_batch(body.as_bytes(), BatchEndpoint::Sessions, Validation::Strict).unwrap();
}

#[test]
fn a_body_above_16_mib_is_too_large() {
    let limit_bytes = 16 * 1024 * 1024;
    let blank = vec![b' '; limit_bytes + 1];
    let rejection = parse_batch(&blank, BatchEndpoint::Sessions, Validation::Lenient);
    assert_eq!(rejection, Err(Rejection::TooLarge { limit_bytes }));
    let deep = "[".repeat(limit_bytes);
    assert!(faults(deep, BatchEndpoint::Sessions)[0].starts_with(" is not valid JSON: "));
}
