//! Devices whose clocks are wrong, from outside: each door shows the times that count, and raw events keep the device's.

use serde_json::{Value, json};

use crate::explain::assert_explains;
use crate::support::{START_MS, TOKEN, TestServer, event, session_start, settings};

const SECOND_MS: i64 = 1_000;
const YEAR_2199_MS: i64 = 7_226_582_400_000;

fn time(ms: i64) -> Value {
    json!(playhead_session::rfc3339(ms))
}

/// Sends an event that arrives at a second after the start, and lets it take effect if `settles`.
fn send(server: &TestServer, sid: &str, at: i64, event: &Value, settles: bool) {
    server.clock.advance_to(START_MS + at * SECOND_MS);
    assert_eq!(server.event(sid, event), 204, "{event}");
    if settles {
        server.clock.advance(5 * SECOND_MS);
    }
}

/// A device that begins in 1970 plays for 20 s, gets the time by radio, and plays on for 20 s.
fn begin_in_1970(server: &TestServer) -> String {
    let sid = server.open(&session_start(21_000));
    send(server, &sid, 0, &event("play", 0.0, 21_000), false);
    send(server, &sid, 10, &event("ping", 10.0, 31_000), false);
    send(server, &sid, 20, &event("ping", 20.0, 41_000), true);
    sid
}

fn go_on_with_the_time(server: &TestServer, sid: &str) {
    send(server, sid, 30, &event("ping", 30.0, START_MS + 30 * SECOND_MS), true);
    send(server, sid, 40, &event("sessionEnd", 40.0, START_MS + 40 * SECOND_MS), true);
}

fn events_of(server: &TestServer, sid: &str) -> Vec<Value> {
    let answer = server.get(&format!("/reports/v1/sessions/{sid}/events")).json();
    answer["events"].as_array().unwrap().clone()
}

fn explanation_of(server: &TestServer, sid: &str) -> Value {
    server.get(&format!("/reports/v1/sessions/{sid}/explain")).json()
}

/// The sessions with this offset, by `/query`.
fn sessions_with_offset(server: &TestServer, offset_ms: i64) -> Value {
    let token = format!("Bearer {TOKEN}");
    let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
    let filters = json!([{"dimension": "clock_offset_ms", "operator": "=", "value": offset_ms}]);
    let body = json!({"metrics": ["sessions"], "filters": filters}).to_string();
    let answer = server.connect().request("POST", "/reports/v1/query", &headers, body.as_bytes());
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["totals"]["sessions"].clone()
}

fn assert_counts_from_its_arrival(row: &Value) {
    assert_eq!(row["diagnoses"], json!(["clock_wrong", "clock_step"]));
    assert_eq!(row["content_time_spent"], 40.0);
    assert_eq!(row["started_at"], time(START_MS));
    assert_eq!(row["last_event_at"], time(START_MS + 40 * SECOND_MS));
    assert_eq!(row["clock_offset_ms"], 0);
    let span = json!([{"from": time(START_MS), "to": time(START_MS + 40 * SECOND_MS)}]);
    assert_eq!(row["active_spans"], span);
}

#[test]
fn a_device_of_1970_had_a_viewer_in_every_minute_since() {
    let server = TestServer::start(settings());
    let sid = begin_in_1970(&server);
    server.wait_until("the first events count", |server| server.row(&sid)["content_time_spent"] == 20.0);
    assert_eq!(server.row(&sid)["clock_offset_ms"], START_MS - 21_000);
    assert_eq!(sessions_with_offset(&server, START_MS - 21_000), 1);
    go_on_with_the_time(&server, &sid);
    let row = server.closed_row(&sid);
    assert_counts_from_its_arrival(&row);

    for (offset_ms, count) in [(0, 1), (START_MS - 21_000, 0)] {
        assert_eq!(sessions_with_offset(&server, offset_ms), count);
    }
}

#[test]
fn an_event_shows_the_time_at_which_it_counts_beside_the_time_that_it_said() {
    let server = TestServer::start(settings());
    let sid = begin_in_1970(&server);
    send(&server, &sid, 30, &event("ping", 30.0, 51_000), false);
    let waiting = events_of(&server, &sid).pop().unwrap();
    assert_eq!(waiting["status"], "waiting");
    assert_eq!(waiting["effective_ts"], time(START_MS + 30 * SECOND_MS), "as it would count now");
    server.clock.advance(5 * SECOND_MS);
    send(&server, &sid, 40, &event("sessionEnd", 40.0, START_MS + 40 * SECOND_MS), true);
    let row = server.closed_row(&sid);
    let events = events_of(&server, &sid);
    let offset_ms = START_MS - 21_000;
    for (event, at) in events[..5].iter().zip([0, 0, 10, 20, 30]) {
        assert_eq!(event["ts"], time(21_000 + at * SECOND_MS));
        assert_eq!(event["effective_ts"], time(START_MS + at * SECOND_MS));
        assert_eq!(event["clock_offset_ms"], offset_ms);
    }
    let last = events[5].as_object().unwrap();
    assert!(!last.contains_key("effective_ts") && !last.contains_key("clock_offset_ms"), "{last:?}");
    let attributed = &last["effect"]["attributed"][0];
    assert_eq!(attributed["from"], time(START_MS + 30 * SECOND_MS));
    assert_eq!(last["effect"]["changes"]["clock_offset_ms"], json!({"from": offset_ms, "to": 0}));
    let explanation = explanation_of(&server, &sid);
    assert_explains(&explanation, &row);
    let start = &explanation["metrics"]["content_start"]["events"][0];
    assert_eq!(start["at"], time(START_MS), "not in 1970");
}

#[test]
fn a_restart_remembers_how_far_the_clock_was_off() {
    let server = TestServer::start(settings());
    let sid = begin_in_1970(&server);
    server.wait_until("the first events count", |server| server.row(&sid)["content_time_spent"] == 20.0);
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    go_on_with_the_time(&server, &sid);
    assert_counts_from_its_arrival(&server.closed_row(&sid));
}

#[test]
fn a_downloaded_session_of_2199_lies_before_its_arrival_in_every_door() {
    let server = TestServer::start(settings());
    server.clock.advance(60 * SECOND_MS);
    let mut start = session_start(YEAR_2199_MS);
    start["params"]["media.downloaded"] = json!(true);
    let at = |seconds: i64| YEAR_2199_MS + seconds * SECOND_MS;
    let events = json!([
        start,
        event("play", 0.0, at(0)),
        event("pauseStart", 20.0, at(20)),
        event("play", 20.0, at(30)),
        event("ping", 40.0, at(50)),
    ]);
    let sid = server.send("/api/v1/downloaded", &events).session();
    let row = server.row(&sid);
    let began_ms = START_MS + 10 * SECOND_MS;
    assert_eq!(row["diagnoses"], json!(["clock_wrong"]));
    assert_eq!(row["clock_offset_ms"], began_ms - YEAR_2199_MS);
    assert_eq!(row["started_at"], time(began_ms));
    assert_eq!(row["last_event_at"], row["received_at"]);
    assert_eq!(row["content_time_spent"], 40.0);
    for (event, at) in events_of(&server, &sid).iter().zip([0, 0, 20, 30, 50]) {
        assert_eq!(event["ts"], time(YEAR_2199_MS + at * SECOND_MS));
        assert_eq!(event["effective_ts"], time(began_ms + at * SECOND_MS));
        assert_eq!(event["clock_offset_ms"], row["clock_offset_ms"]);
        for part in event["effect"]["attributed"].as_array().into_iter().flatten() {
            assert!(part["to"].as_str() <= row["last_event_at"].as_str(), "{event}");
        }
    }
    let explanation = explanation_of(&server, &sid);
    assert_explains(&explanation, &row);
    let first = &explanation["metrics"]["content_time_spent"]["intervals"][0];
    assert_eq!(first["from"], time(began_ms));
}
