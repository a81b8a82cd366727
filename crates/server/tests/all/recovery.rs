//! Sessions across a restart, an outage and a jump of the clock.
use crate::support::{START_MS, TestServer, event, session_start, settings};
use serde_json::json;

use crate::clock_steps::CLOCK_STEPS_METRIC;

const MINUTE_MS: i64 = 60_000;

#[test]
fn a_repeated_start_opens_another_session() {
    let server = TestServer::start(settings());
    let start = session_start(START_MS);
    assert_ne!(server.open(&start), server.open(&start));
}

#[test]
fn a_server_was_ready_while_open_sessions_showed_only_their_start() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    assert_eq!(server.event(&sid, &event("ping", 7.0, START_MS + 7_000)), 204);
    let (store, clock) = server.stop();
    // The events have waited their time in the reorder window while the server was down.
    clock.advance(6_000);
    let server = TestServer::start_on(settings(), store, clock);
    let row = server.row(&sid);
    assert_eq!((&row["is_open"], &row["event_count"]), (&json!(true), &json!(3)));
    assert_eq!(row["content_time_spent"], 7.0);
}

#[test]
fn a_timeout_during_an_outage_counts() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    assert_eq!(server.event(&sid, &event("ping", 7.0, START_MS + 7_000)), 204);
    let (store, clock) = server.stop();
    clock.advance(11 * MINUTE_MS);
    let server = TestServer::start_on(settings(), store, clock);
    server.wait_until("the session has timed out", |server| server.row(&sid)["is_open"] == false);
    let row = server.row(&sid);
    assert_eq!(row["close_reason"], "idle_10m");
    assert_eq!(row["content_time_spent"], 7.0);
    assert_eq!(server.event(&sid, &event("ping", 8.0, START_MS + 8_000)), 410);
}

#[test]
fn changed_timeouts_hold_from_the_restart_on() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    server.clock.advance(2 * MINUTE_MS);
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    let (store, clock) = server.stop();
    let mut shorter = settings();
    shorter.accounting.idle_timeout_ms = MINUTE_MS;
    let server = TestServer::start_on(shorter, store, clock);
    assert_eq!(server.event(&sid, &event("ping", 1.0, START_MS + 1_000)), 204);
    server.clock.advance(MINUTE_MS);
    server.wait_until("the session has timed out", |server| server.row(&sid)["is_open"] == false);
    assert_eq!(server.row(&sid)["event_count"], 3);
}

#[test]
fn times_of_arrival_do_not_go_back_with_a_clock_that_is_nudged() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    server.clock.step(-2_000);
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    server.clock.step(-2_000);
    assert_eq!(server.event(&sid, &event("ping", 1.0, START_MS + 1_000)), 204);
    let events = server.get(&format!("/reports/v1/sessions/{sid}/events")).json();
    let received: Vec<_> =
        events["events"].as_array().unwrap().iter().map(|event| &event["received_at"]).collect();
    let start = json!("2026-11-01T00:00:00.000Z");
    assert_eq!(received, [&start, &start, &start]);
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(server.event(&sid, &event("ping", 2.0, START_MS + 2_000)), 204);
    assert_eq!(server.row(&sid)["event_count"], 4);
    assert_eq!(server.row(&sid)["diagnoses"], json!([]));
    assert_eq!(server.metric(CLOCK_STEPS_METRIC), 0.0);
}
