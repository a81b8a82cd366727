//! Explanations of metrics: they add up to the row, whatever the events are.
use crate::support::{START_MS, TestServer, event, session_start, settings};
use playhead_journal::{OwnedEvent, Sequence};
use playhead_node::ingest::arrivals::ClockSteps;
use playhead_node::ingest::recovery::recover::account_for;
use playhead_node::sessions::explain::explain;
use playhead_protocol::{Delivery, PackedFacts, SessionId, Wire};
use playhead_session::Settings as Accounting;
use proptest::prelude::*;
use serde_json::{Value, json};

const TIMES: [&str; 6] = [
    "content_time_spent",
    "ad_time_spent",
    "media_time_spent",
    "total_pause_duration",
    "total_buffer_duration",
    "total_stall_duration",
];

fn ms(seconds: &Value) -> i64 {
    (seconds.as_f64().unwrap() * 1_000.0).round() as i64
}

fn total_ms(metric: &Value) -> i64 {
    metric["intervals"].as_array().unwrap().iter().map(|interval| ms(&interval["seconds"])).sum()
}

/// Checks an explanation against the row: every value equals that of the row, durations are the sums of their intervals,
/// and each other value is the result of its last change.
pub(crate) fn assert_explains(explanation: &Value, row: &Value) {
    assert_eq!(explanation["session_id"], row["session_id"]);
    let metrics = explanation["metrics"].as_object().unwrap();
    for (name, metric) in metrics {
        assert_eq!(metric["value"], row[name], "{name}");
        if TIMES.contains(&&**name) {
            assert_eq!(total_ms(metric), ms(&row[name]), "{name}");
            continue;
        }
        let events = metric["events"].as_array().unwrap_or_else(|| panic!("{name}: {metric}"));
        for pair in events.windows(2) {
            assert_eq!(pair[0]["after"], pair[1]["before"], "{name}");
        }
        match events.last() {
            Some(last) => assert_eq!(last["after"], row[name], "{name}"),
            None => assert!([json!(0), json!(0.0), json!(false), Value::Null].contains(&row[name]), "{name}"),
        }
    }
    for (views, rows) in [("ads", &row["ads"]), ("chapters", &row["chapters"])] {
        let explained = explanation[views].as_array().unwrap();
        assert_eq!(explained.len(), rows.as_array().unwrap().len());
        for (view, row) in explained.iter().zip(rows.as_array().unwrap()) {
            assert_eq!(view["time_played"]["value"], row["time_played"]);
            assert_eq!(total_ms(&view["time_played"]), ms(&row["time_played"]), "{views}");
        }
    }
}

/// An event with its mandatory parameters.
fn whole_event(event_type: &str, playhead: f64, ts_ms: i64) -> Value {
    let mut event = event(event_type, playhead, ts_ms);
    match event_type {
        "adBreakStart" => {
            event["params"] = json!({
                "media.ad.podFriendlyName": "pod", "media.ad.podIndex": 1, "media.ad.podSecond": 0,
            });
        }
        "adStart" => {
            event["params"] = json!({
                "media.ad.podPosition": 1, "media.ad.id": "ad-1", "media.ad.length": 15,
                "media.ad.playerName": "player",
            });
        }
        "chapterStart" => {
            event["params"] = json!({
                "media.chapter.index": 1, "media.chapter.offset": 0, "media.chapter.length": 60,
            });
        }
        "error" => {
            event["qoeData"] = json!({"media.qoe.errorID": "e1", "media.qoe.errorSource": "player"});
        }
        "bitrateChange" => event["qoeData"] = json!({"media.qoe.bitrate": 3_200}),
        _ => {}
    }
    event
}

fn send(server: &TestServer, sid: &str, events: &[(&str, f64, f64)]) {
    for (event_type, at, playhead) in events {
        let event = whole_event(event_type, *playhead, START_MS + (at * 1_000.0) as i64);
        assert_eq!(server.event(sid, &event), 204, "{event}");
    }
}

#[test]
fn each_metric_of_a_session_is_explained() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    send(
        &server,
        &sid,
        &[
            ("adBreakStart", 0.0, 0.0),
            ("adStart", 0.0, 0.0),
            ("play", 0.5, 0.0),
            ("adComplete", 15.5, 0.0),
            ("adBreakComplete", 15.5, 0.0),
            ("chapterStart", 15.5, 0.0),
            ("play", 15.5, 0.0),
            ("ping", 25.5, 10.0),
            ("bufferStart", 27.5, 12.0),
            ("play", 31.0, 12.0),
            ("ping", 32.0, 12.0),
            ("ping", 33.0, 12.0),
            ("ping", 34.0, 12.0),
            ("ping", 35.0, 12.0),
            ("ping", 45.0, 22.0),
            ("pauseStart", 46.0, 23.0),
        ],
    );
    server.clock.advance(5_000);
    let path = format!("/reports/v1/sessions/{sid}/explain");
    server.wait_until("all events are processed", |server| server.row(&sid)["pause_events"] == 1);
    let answer = server.get(&path);
    assert_eq!(answer.status, 200, "{answer:?}");
    let (open, row) = (answer.json(), server.row(&sid));
    assert_explains(&open, &row);
    assert_eq!(open["metrics"]["total_stall_duration"]["value"], 4.0);
    let buffering = &open["metrics"]["total_buffer_duration"];
    let first = server.get(&format!("/reports/v1/sessions/{sid}/events")).json()["events"][0]["sequence"]
        .as_u64()
        .unwrap();
    assert_eq!(
        buffering,
        &json!({"value": 3.5, "unit": "seconds", "intervals": [{
            "from": "2026-11-01T00:00:27.500Z", "to": "2026-11-01T00:00:31.000Z", "seconds": 3.5,
            "playback": "buffering", "ad": null, "chapter": null,
            "opened_by": {"sequence": first + 9, "event_type": "bufferStart"},
            "closed_by": {"sequence": first + 10, "event_type": "play"},
        }]})
    );
    assert_eq!(
        open["metrics"]["ad_count"],
        json!({"value": 1, "unit": "count", "events": [{
            "at": "2026-11-01T00:00:00.000Z", "sequence": first + 2, "event_type": "adStart", "before": 0, "after": 1,
        }]})
    );
    assert_eq!(open["metrics"]["time_to_start_ms"], json!({"value": null, "unit": "ms", "events": []}));
    assert_eq!(open["metrics"]["media_start"]["events"][0]["event_type"], "sessionStart");
    let ad = &open["metrics"]["ad_time_spent"]["intervals"][0];
    assert_eq!((&ad["ad"], &open["ads"][0]["time_played"]["value"]), (&json!(0), &json!(15.5)));

    server.clock.advance(11 * 60_000);
    let row = server.closed_row(&sid);
    let closed = server.get(&path).json();
    assert_explains(&closed, &row);
    assert_eq!(row["close_reason"], "idle_10m");
    assert_eq!(server.get(&format!("/reports/v1/sessions/{}/explain", "0".repeat(64))).status, 404);
    server.stop();
}

#[test]
fn a_timeout_that_changes_a_metric_is_told_without_an_event() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    server.clock.advance(11 * 60_000);
    server.closed_row(&sid);
    let explanation = server.get(&format!("/reports/v1/sessions/{sid}/explain")).json();
    assert_eq!(
        explanation["metrics"]["drop_before_start"]["events"],
        json!([{
            "at": "2026-11-01T00:00:00.000Z", "sequence": null, "event_type": "idle_10m", "before": false, "after": true,
        }])
    );
    server.stop();
}

/// A journaled event.
fn stored(sequence: u64, received_at_ms: i64, body: &Value) -> OwnedEvent {
    OwnedEvent {
        sequence: Sequence::new(sequence),
        received_at_ms,
        session: SessionId::from_bytes([7; 32]),
        previous: sequence.checked_sub(1).map(Sequence::new),
        wire: Wire::CollectionV1,
        delivery: Delivery::Live,
        facts: PackedFacts::default(),
        last_of_batch: false,
        body: body.to_string().into_bytes(),
    }
}

fn random_events() -> impl Strategy<Value = Vec<OwnedEvent>> {
    const TYPES: [&str; 22] = [
        "ping",
        "ping",
        "ping",
        "ping",
        "ping",
        "ping",
        "play",
        "play",
        "play",
        "pauseStart",
        "bufferStart",
        "bitrateChange",
        "error",
        "adBreakStart",
        "adStart",
        "adStart",
        "adComplete",
        "adSkip",
        "adBreakComplete",
        "chapterStart",
        "chapterComplete",
        "sessionComplete",
    ];
    const GAPS_MS: [i64; 8] = [0, 0, 1, 250, 1_000, 1_001, 3_000, 10_000];
    prop::collection::vec(any::<[u8; 4]>(), 0..70).prop_map(|dice| {
        let mut events = vec![stored(0, START_MS, &session_start(START_MS))];
        let (mut ts_ms, mut arrived_ms, mut playhead) = (START_MS, START_MS, 0.0);
        for (sequence, [kind, gap, moves, delay]) in (1..).zip(dice) {
            let gap_ms = GAPS_MS[usize::from(gap) % GAPS_MS.len()];
            ts_ms += gap_ms;
            arrived_ms += i64::from(delay) * 20;
            playhead += if moves % 3 == 0 { gap_ms as f64 / 1_000.0 } else { 0.0 };
            let late_ms = if moves % 11 == 0 { i64::from(moves) * 20 } else { 0 };
            // The end of the content is rare, because little happens after it.
            let kind = if kind % 22 == 21 && delay % 8 > 0 { 0 } else { usize::from(kind) % TYPES.len() };
            let body = whole_event(TYPES[kind], playhead, ts_ms - late_ms);
            events.push(stored(sequence, arrived_ms, &body));
        }
        events
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn explanations_add_up_to_the_row(events in random_events()) {
        let accounting = Accounting { idle_timeout_ms: 60_000, ..Accounting::default() };
        let now_ms = i64::MAX;
        let steps = ClockSteps::default();
        let mut session = account_for(&events, &steps, &accounting).unwrap().unwrap();
        session.advance_to(now_ms, &accounting, &mut ());
        let row = serde_json::to_value(session.rows()).unwrap();
        let explanation = explain(&events, now_ms, &steps, &accounting).unwrap().unwrap();
        assert_explains(&serde_json::to_value(explanation).unwrap(), &row);
    }
}
