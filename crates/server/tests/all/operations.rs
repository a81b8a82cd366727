//! Operations: liveness, readiness, metrics, a clean stop.
use std::collections::HashMap;
use std::time::Duration;

use crate::support::{START_MS, Settings, TOKEN, TestServer, event, session_start, settings};
use playhead_journal::Failure;
use serde_json::json;

/// The values of `/metrics` by name and labels; checks every line against the OpenMetrics text format.
fn metrics(server: &TestServer) -> HashMap<String, f64> {
    let answer = server.get("/metrics");
    assert_eq!(answer.status, 200);
    let content_type = answer.header("content-type").unwrap();
    assert!(content_type.starts_with("application/openmetrics-text; version=1.0.0"), "{content_type}");
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let mut values = HashMap::new();
    let mut family = String::new();
    for line in text.lines().take_while(|line| *line != "# EOF") {
        if let Some(comment) = line.strip_prefix("# ") {
            let (keyword, rest) = comment.split_once(' ').unwrap();
            let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
            match keyword {
                "HELP" => assert!(value.ends_with('.'), "{line}"),
                "TYPE" => assert!(["counter", "gauge", "histogram"].contains(&value), "{line}"),
                "UNIT" => assert!(name.ends_with(value), "{line}"),
                _ => panic!("{line}"),
            }
            assert!(name.starts_with("playhead_"), "{line}");
            name.clone_into(&mut family);
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with(&family), "{line} stands under {family}");
        let value: f64 = value.parse().unwrap();
        assert!(value.is_finite() && value >= 0.0, "{line}");
        assert_eq!(values.insert(name.to_owned(), value), None, "{line} stands there twice");
    }
    values
}

#[test]
fn a_server_that_started_is_alive_and_ready() {
    let server = TestServer::start(settings());
    for (path, body) in [("/livez", "alive\n"), ("/readyz", "ready\n")] {
        let answer = server.connect().request("GET", path, &[], b"");
        assert_eq!((answer.status, &*answer.body), (200, body.as_bytes()));
        assert_eq!(server.connect().request("HEAD", path, &[], b"").status, 200);
        let answer = server.connect().request("POST", path, &[], b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
    }
    assert_eq!(server.refused("method_not_allowed"), 2.0);
}

#[test]
fn readiness_follows_the_disk() {
    let server = TestServer::start(settings());
    for failure in [Failure::DiskFull, Failure::Io] {
        server.store.fail_until_cleared(failure);
        server.wait_until("not ready", |server| server.get("/readyz").status == 503);
        let answer = server.get("/readyz");
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert!(answer.json()["message"].as_str().unwrap().contains("nothing was stored"), "{answer:?}");
        assert_eq!(server.get("/livez").status, 200, "a restart would not help");
        assert_eq!(server.metric("playhead_ready"), 0.0);
        server.store.clear_failure();
        server.wait_until("ready", |server| server.get("/readyz").status == 200);
        assert_eq!(server.metric("playhead_ready"), 1.0);
    }
    assert_eq!(server.refused("not_stored"), 0.0, "probes are no refused requests");
}

#[test]
fn metrics_are_open_metrics_and_count_what_happens() {
    let server = TestServer::start(settings());
    let before = metrics(&server);
    for reason in ["invalid", "not_found", "session_closed", "busy", "not_stored", "malformed_request"] {
        assert_eq!(before[&format!("playhead_requests_refused_total{{reason=\"{reason}\"}}")], 0.0);
    }
    let sid = server.open(&session_start(START_MS));
    for index in 0..7 {
        let ping = event("ping", f64::from(index), START_MS + i64::from(index));
        assert_eq!(server.event(&sid, &ping), 204);
        assert_eq!(server.event(&sid, &ping), 204);
    }
    assert_eq!(server.event(&sid, &json!({})), 400);
    assert_eq!(server.event(&"0".repeat(64), &event("ping", 0.0, START_MS)), 404);
    server.wait_until("the gauges are set", |server| server.metric("playhead_open_sessions") == 1.0);
    let after = metrics(&server);
    let value = |name: &str| after.get(name).copied().unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(value("playhead_events_accepted_total{source=\"collection_v1\"}"), 8.0);
    assert_eq!(value("playhead_duplicates_total"), 7.0);
    assert_eq!(value("playhead_requests_refused_total{reason=\"invalid\"}"), 1.0);
    assert_eq!(value("playhead_requests_refused_total{reason=\"not_found\"}"), 1.0);
    assert_eq!(value("playhead_sessions_opened_total"), 1.0);
    assert_eq!(value("playhead_sessions_closed_total"), 0.0);
    assert_eq!(value("playhead_commit_events_sum"), 8.0);
    let commits = value("playhead_commit_events_count");
    assert!((1.0..=8.0).contains(&commits), "{commits}");
    assert_eq!(value("playhead_commit_events_bucket{le=\"+Inf\"}"), commits);
    assert!(value("playhead_commit_seconds_count") >= commits);
    assert!(value("playhead_commit_seconds_sum") > 0.0);
    assert_eq!(value("playhead_reorder_depth_count"), 8.0, "one a stored event");
    assert_eq!(value("playhead_reorder_depth_sum"), 28.0, "0 for the start, then 1 to 7");
    assert!(value("playhead_open_sessions_memory_bytes") > 0.0);
    assert_eq!(value("playhead_ready"), 1.0);
    assert_eq!(value("playhead_ingest_queue"), 0.0);
    for (name, value) in &before {
        let is_counter = ["_total", "_count", "_sum", "_bucket"].iter().any(|part| name.contains(part));
        assert!(!is_counter || after[name] >= *value, "{name} went back");
    }

    assert_eq!(server.event(&sid, &event("sessionEnd", 9.0, START_MS + 9_000)), 204);
    server.clock.advance(5_000);
    server.closed_row(&sid);
    server.wait_until("the session is gone from memory", |server| {
        server.metric("playhead_open_sessions") == 0.0
    });
    let closed = metrics(&server);
    assert_eq!(closed["playhead_sessions_closed_total"], 1.0);
    assert_eq!(closed["playhead_open_sessions_memory_bytes"], 0.0);
    server.wait_until("its row is on disk", |server| server.metric("playhead_outbox_rows_total") == 1.0);
    server.wait_until("the journal has a size", |server| server.metric("playhead_journal_size_bytes") > 0.0);
}

#[test]
fn metrics_need_the_token_unless_they_are_open() {
    let server = TestServer::start(settings());
    let answer = server.connect().request("GET", "/metrics", &[], b"");
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
    assert_eq!(server.refused("unauthorized"), 1.0);
    let server = TestServer::start(Settings { metrics_open: true, ..settings() });
    assert_eq!(server.connect().request("GET", "/metrics", &[], b"").status, 200);
    assert_eq!(server.connect().request("GET", "/reports/v1/sessions", &[], b"").status, 401);
}

#[test]
fn a_created_token_is_stored_hashed_and_lasts_until_a_new_one_is_requested() {
    let without = Settings { admin_token: None, ..settings() };
    let is_let_in = |server: &TestServer, token: &str| {
        let headers = [("Authorization", &*format!("Bearer {token}"))];
        server.connect().request("GET", "/reports/v1/sessions", &headers, b"").status == 200
    };
    let server = TestServer::start(without.clone());
    let token = server.made_token().expect("the first start makes one");
    assert!(is_let_in(&server, &token));
    assert!(!is_let_in(&server, TOKEN));
    let (store, clock) = server.stop();
    use playhead_journal::JournalReader as _;
    let stored = store.reader().meta_get("admin_token_sha256").unwrap().unwrap();
    assert!(!token.as_bytes().windows(8).any(|part| stored.windows(8).any(|kept| kept == part)));
    let server = TestServer::start_on(without.clone(), store, clock);
    assert_eq!(server.made_token(), None, "it is shown once");
    assert!(is_let_in(&server, &token));
    let (store, clock) = server.stop();
    clock.advance(1);
    let server = TestServer::start_on(Settings { new_admin_token: true, ..without }, store, clock);
    let renewed = server.made_token().unwrap();
    assert!(is_let_in(&server, &renewed));
    assert!(!is_let_in(&server, &token));
}

#[test]
fn a_stop_keeps_accepted_events_and_refuses_the_rest_for_now() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let body = event("play", 0.0, START_MS).to_string();
    let mut idle = server.connect();
    assert_eq!(idle.request("GET", "/livez", &[], b"").status, 200);
    let mut under_way = server.connect();
    let head = format!(
        "POST /api/v1/sessions/{sid}/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    under_way.send(head.as_bytes());
    server.wait_until("both are connected", |server| server.metric("playhead_connections") == 3.0);
    let address = server.address;
    let stopping = std::thread::spawn(move || server.stop());
    assert!(idle.is_closed_by_server(), "nobody waits for idle connections");
    let answer = under_way.exchange(body.as_bytes());
    let (store, clock) = stopping.join().unwrap();
    assert!(std::net::TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err());
    let expected = match answer.status {
        204 => 2,
        503 => 1,
        status => panic!("{status}"),
    };
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(server.row(&sid)["event_count"], expected, "the answer was the truth");
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    assert_eq!(server.row(&sid)["event_count"], 2);
}
