//! Sessions that are excluded from all reports: wherever a session is, no report counts it, and each says so; and when that is
//! undone, all numbers are as before.

use std::io::{Read, Write};
use std::time::Duration;

use crate::support::{
    Answer, START_MS, Settings, TOKEN, TestClock, TestServer, event, session_start, settings,
};
use playhead_journal::{Journal, MemoryStore};
use playhead_lake::Exclusion;
use playhead_node::exclusions::EXCLUSIONS;
use playhead_node::limits::{EXCLUDED_SESSIONS, EXCLUSION_REASON_BYTES};
use playhead_node::settings::LakeSettings;
use playhead_protocol::SessionId;
use serde_json::{Value, json};

const READ_TOKEN: &str = "read-token-of-the-tests";

fn ask(server: &TestServer, method: &str, path: &str, body: &Value) -> Answer {
    let token = format!("Bearer {TOKEN}");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.connect().request(method, path, &[("Authorization", &token)], body.as_bytes())
}

fn path_of(sid: &str) -> String {
    format!("/reports/v1/sessions/{sid}/exclusion")
}

fn exclude(server: &TestServer, sid: &str, reason: &str) -> Value {
    let answer = ask(server, "POST", &path_of(sid), &json!({"reason": reason}));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn undo(server: &TestServer, sid: &str) {
    let answer = ask(server, "DELETE", &path_of(sid), &Value::Null);
    assert_eq!((answer.status, answer.body.len()), (204, 0), "{answer:?}");
}

fn maintain(server: &TestServer) {
    let answer = ask(server, "POST", "/reports/v1/maintenance", &Value::Null);
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json().to_string();
    assert!(!told.contains("failed"), "{told}");
}

/// A session with an ad, a chapter and an error that goes on.
fn watch(server: &TestServer, visitor: &str) -> String {
    let at = server.clock_ms();
    let sid = crate::lake::watch(server, visitor);
    assert_eq!(server.event(&sid, &event("ping", 6.0, at + 9_000)), 204);
    sid
}

fn end(server: &TestServer, sid: &str) {
    let started_at: jiff::Timestamp = server.row(sid)["started_at"].as_str().unwrap().parse().unwrap();
    let at = started_at.as_millisecond() + 13_000;
    assert_eq!(server.event(sid, &event("sessionEnd", 10.0, at)), 204);
    server.clock.advance(20_000);
    server.closed_row(sid);
}

/// A response without what it says about excluded sessions, and what that is.
fn report(server: &TestServer, method: &str, path: &str, body: &Value) -> (Value, Value) {
    let answer = ask(server, method, path, body);
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    let mut response = answer.json();
    let at = if response["scope"].is_object() { &mut response["scope"] } else { &mut response };
    let excluded = at.as_object_mut().unwrap().remove("excluded_sessions").unwrap_or_default();
    (response, excluded)
}

/// What all reports say, and how many sessions those that tell of it have left out.
fn reports(server: &TestServer) -> (Vec<Value>, Vec<u64>) {
    let range = "from=2026-10-31T00:00:00Z&to=2026-11-03T00:00:00Z";
    let query = json!({"metrics": ["sessions", "visitors", "content_time_spent", "ad_starts", "chapter_starts", "error_events"],
        "dimensions": ["content_id"], "from": "2026-10-31T00:00:00Z", "to": "2026-11-03T00:00:00Z"});
    // By whole days, as rollups serve it.
    let by_day = json!({"metrics": ["sessions", "media_starts"], "granularity": "day",
        "from": "2026-10-31T00:00:00Z", "to": "2026-11-03T00:00:00Z"});
    let asked = [
        ("POST", "/reports/v1/query".to_owned(), query),
        ("POST", "/reports/v1/query".to_owned(), by_day),
        ("GET", "/reports/v1/sessions?limit=100".to_owned(), Value::Null),
        ("GET", format!("/reports/v1/concurrency?{range}"), Value::Null),
        ("GET", format!("/reports/v1/audience?content_id=content-1&{range}"), Value::Null),
        ("GET", format!("/reports/v1/retention?content_id=content-1&{range}"), Value::Null),
        ("GET", format!("/reports/v1/funnel?{range}"), Value::Null),
        ("GET", format!("/reports/v1/time-spent?{range}"), Value::Null),
        ("GET", format!("/reports/v1/quality?{range}"), Value::Null),
        ("GET", format!("/reports/v1/ads?breaks=true&{range}"), Value::Null),
    ];
    let mut responses = Vec::new();
    let mut told = Vec::new();
    for (method, path, body) in &asked {
        let (response, excluded) = report(server, method, path, body);
        responses.push(response);
        told.extend(excluded.as_u64());
    }
    for table in ["sessions", "ads", "chapters", "errors", "events"] {
        let counted = format!("select count(*), count(distinct session_id) from {table}");
        responses.push(sql(server, &counted));
        responses.push(sql(server, &format!("select session_id from {table} order by session_id")));
        let exported =
            streamed(server, "GET", &format!("/reports/v1/export/{table}?format=jsonl"), &Value::Null);
        let mut lines: Vec<&str> = exported.lines().collect();
        lines.sort_unstable();
        responses.push(json!(lines));
    }
    (responses, told)
}

/// The body of a response that comes in pieces.
fn streamed(server: &TestServer, method: &str, path: &str, body: &Value) -> String {
    let mut stream = server.connect().stream;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, mut rest) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("chunked"), "{text}");
    let mut whole = String::new();
    while let Some((size, pieces)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        whole.push_str(&pieces[..size]);
        rest = &pieces[size + 2..];
    }
    whole
}

/// The rows of a statement.
fn sql(server: &TestServer, query: &str) -> Value {
    let text = streamed(server, "POST", "/reports/v1/sql", &json!({"query": query}));
    serde_json::from_str::<Value>(&text).unwrap()["rows"].take()
}

/// Where a session is when it is excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Memory,
    Journal,
    Tables,
}

/// Excludes a session where it is, moves everything on, and undoes it.
fn exclude_and_undo(place: Place, is_followed: bool) {
    let server = TestServer::start(settings());
    let others: Vec<String> = ["one", "two"].iter().map(|visitor| watch(&server, visitor)).collect();
    end(&server, &others[0]);
    if place == Place::Tables {
        maintain(&server);
    }
    let without = reports(&server);
    assert!(without.1.len() >= 9 && without.1.iter().all(|told| *told == 0), "{:?}", without.1);
    let sid = watch(&server, "three");
    if place != Place::Memory {
        end(&server, &sid);
    }
    if place == Place::Tables {
        maintain(&server);
    }
    let with = reports(&server);
    assert_ne!(with.0, without.0);
    let row = server.row(&sid);

    let exclusion = exclude(&server, &sid, "a robot");
    assert_eq!(exclusion["session_id"], *sid);
    let mut told = Vec::new();
    for round in 0..2 {
        let (responses, excluded) = reports(&server);
        for (response, wanted) in responses.iter().zip(&without.0) {
            assert_eq!(response, wanted, "{place:?}, round {round}");
        }
        told = excluded;
        assert!(told.iter().all(|told| *told == 1), "{place:?}, round {round}: {told:?}");
        let page = server.row(&sid);
        assert_eq!(page["exclusion"], exclusion);
        assert_eq!(page["content_time_spent"], row["content_time_spent"]);
        assert_eq!(server.get(&path_of(&sid)).json(), exclusion);
        let events = server.get(&format!("/reports/v1/sessions/{sid}/events")).json();
        assert!(events["events"].as_array().unwrap().len() >= 9, "its events are kept: {events}");
        let listed = sql(&server, "select session_id, reason from exclusions");
        assert_eq!(listed, json!([[sid, "a robot"]]));
        if !is_followed {
            break;
        }
        maintain(&server);
    }
    assert_eq!(told.len(), without.1.len());

    undo(&server, &sid);
    let (responses, told) = reports(&server);
    for (response, wanted) in responses.iter().zip(&with.0) {
        assert_eq!(response, wanted, "{place:?} after it was undone");
    }
    assert!(told.iter().all(|told| *told == 0));
    assert_eq!(server.row(&sid), row);
    assert_eq!(server.get(&path_of(&sid)).status, 404);
    maintain(&server);
    assert_eq!(reports(&server).0, with.0, "{place:?} after the tables had followed");
    server.stop();
}

#[test]
fn an_open_session_could_not_be_taken_out_of_reports() {
    exclude_and_undo(Place::Memory, true);
}

#[test]
fn a_closed_session_could_not_be_taken_out_of_reports() {
    exclude_and_undo(Place::Journal, true);
}

#[test]
fn a_stored_session_could_not_be_taken_out_of_reports() {
    exclude_and_undo(Place::Tables, true);
    exclude_and_undo(Place::Tables, false);
}

#[test]
fn a_session_that_was_excluded_while_open_came_back_when_it_closed() {
    let server = TestServer::start(settings());
    let sid = watch(&server, "one");
    let before = reports(&TestServer::start(settings())).0;
    exclude(&server, &sid, "its clock");
    assert_eq!(reports(&server).0, before);
    end(&server, &sid);
    assert_eq!(reports(&server).0, before, "closed");
    maintain(&server);
    assert_eq!(reports(&server).0, before, "handed over");
    assert_eq!(server.row(&sid)["close_reason"], "session_end");
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(server.row(&sid)["exclusion"]["reason"], "its clock", "after a restart");
    assert_eq!(reports(&server).0, before);
    server.stop();
}

#[test]
fn a_stored_session_was_taken_out_of_sums_of_its_day_only_later() {
    // A rollup needs many sessions: this many come as one-event sessions of the day before.
    let server = TestServer::start(settings());
    let sids: Vec<String> = (0..2_100).map(|_| server.open(&session_start(server.clock_ms()))).collect();
    server.clock.advance(2 * 24 * 60 * 60 * 1_000);
    server.wait_until("all have timed out", |server| server.metric("playhead_open_sessions") == 0.0);
    maintain(&server);
    let counted = || {
        let query = json!({"metrics": ["sessions"], "granularity": "day",
            "from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"});
        let (response, _) = report(&server, "POST", "/reports/v1/query", &query);
        response["totals"]["sessions"].as_u64().unwrap()
    };
    assert_eq!(counted(), 2_100);
    exclude(&server, &sids[1_000], "a robot");
    assert_eq!(counted(), 2_099, "at once");
    maintain(&server);
    assert_eq!(counted(), 2_099, "from the rollup that was made anew");
    undo(&server, &sids[1_000]);
    assert_eq!(counted(), 2_100);
    maintain(&server);
    assert_eq!(counted(), 2_100);
    server.stop();
}

#[test]
fn an_exclusion_could_not_be_undone_once_retention_had_dropped_its_session() {
    let day = Duration::from_secs(24 * 60 * 60);
    let kept = |settings: Settings| {
        let lake =
            LakeSettings { session_retention: Some(2 * day), event_retention: Some(day), ..settings.lake };
        Settings { lake, ..settings }
    };
    let server = TestServer::start(kept(settings()));
    let (stored, other) = (watch(&server, "one"), watch(&server, "two"));
    end(&server, &stored);
    maintain(&server);
    exclude(&server, &stored, "a robot");
    let open = watch(&server, "three");
    exclude(&server, &open, "its clock");
    end(&server, &open);
    end(&server, &other);
    maintain(&server);
    let counted = |server: &TestServer| sql(server, "select count(*) from sessions");
    assert_eq!(counted(&server), json!([[1]]));
    // Day after day, as retention wants it: it drops no more at once than a clock can have aged.
    for _ in 0..6 {
        server.clock.advance(24 * 60 * 60 * 1_000);
        maintain(&server);
    }
    assert_eq!(counted(&server), json!([[0]]), "retention has dropped the other one");
    for sid in [&stored, &open] {
        undo(&server, sid);
        assert_eq!(server.get(&path_of(sid)).status, 404);
    }
    assert_eq!(server.get("/reports/v1/exclusions").json(), json!({"exclusions": []}));
    for _ in 0..2 {
        for table in ["sessions", "ads", "chapters", "errors", "exclusions"] {
            assert_eq!(sql(&server, &format!("select count(*) from {table}")), json!([[0]]), "{table}");
        }
        maintain(&server);
    }
    server.stop();
}

#[test]
fn whoever_may_only_read_excluded_sessions() {
    let server = TestServer::start(Settings { read_token: Some(READ_TOKEN.to_owned()), ..settings() });
    let sid = watch(&server, "one");
    let body = json!({"reason": "a robot"}).to_string();
    let as_reader = |method: &str| {
        let token = format!("Bearer {READ_TOKEN}");
        server.connect().request(method, &path_of(&sid), &[("Authorization", &token)], body.as_bytes()).status
    };
    assert_eq!((as_reader("POST"), as_reader("DELETE"), as_reader("GET")), (403, 403, 404));
    assert_eq!(server.connect().request("POST", &path_of(&sid), &[], body.as_bytes()).status, 401);
    exclude(&server, &sid, "a robot");
    assert_eq!((as_reader("DELETE"), as_reader("GET")), (403, 200));
    server.stop();
}

#[test]
fn a_wrong_exclusion_was_taken() {
    let server = TestServer::start(settings());
    let sid = watch(&server, "one");
    let unknown = "0".repeat(64);
    for path in [path_of(&unknown), path_of("nobody")] {
        assert_eq!(ask(&server, "POST", &path, &json!({"reason": "a"})).status, 404);
        assert_eq!(ask(&server, "DELETE", &path, &Value::Null).status, 404);
        assert_eq!(ask(&server, "GET", &path, &Value::Null).status, 404);
    }
    let long = "a".repeat(EXCLUSION_REASON_BYTES + 1);
    for reason in ["", "  ", "two\nlines", "a\u{7f}", &long] {
        let answer = ask(&server, "POST", &path_of(&sid), &json!({"reason": reason}));
        assert_eq!((answer.status, answer.fault_paths()), (400, vec!["/reason".to_owned()]), "{reason}");
    }
    for body in [json!(null), json!("a"), json!({"reason": 1}), json!({"reason": "a", "why": "b"}), json!({})]
    {
        assert_eq!(ask(&server, "POST", &path_of(&sid), &body).status, 400, "{body}");
    }
    let huge = json!({"reason": "a".repeat(1_000_000)});
    assert_eq!(ask(&server, "POST", &path_of(&sid), &huge).status, 413);
    let answer = ask(&server, "PUT", &path_of(&sid), &json!({"reason": "a"}));
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, POST, DELETE")));
    assert_eq!(ask(&server, "GET", &path_of(&sid), &Value::Null).status, 404);
    // Undoing what was not done changes nothing.
    undo(&server, &sid);
    assert_eq!(server.row(&sid)["exclusion"], Value::Null);
    server.stop();
}

#[test]
fn an_exclusion_was_not_the_same_when_it_was_repeated() {
    let server = TestServer::start(settings());
    let sid = watch(&server, "one");
    let first = exclude(&server, &sid, "a robot");
    server.clock.advance(1_000);
    assert_eq!(exclude(&server, &sid, "a robot"), first);
    assert_eq!(exclude(&server, &sid, "something else"), first, "the first reason stays");
    undo(&server, &sid);
    undo(&server, &sid);
    let second = exclude(&server, &sid, "something else");
    assert_eq!(second["reason"], "something else");
    assert_eq!(server.get("/reports/v1/exclusions").json(), json!({"exclusions": [second]}));
    server.stop();
}

#[test]
fn exclusions_grew_without_end() {
    let store = MemoryStore::default();
    let excluded = |place: usize| {
        let mut bytes = [0; SessionId::LENGTH];
        bytes[..8].copy_from_slice(&place.to_be_bytes());
        let session = SessionId::from_bytes(bytes);
        let reason = "one of many".to_owned();
        let (excluded_at_ms, started_at_ms) = (START_MS, START_MS);
        Exclusion { session, reason, excluded_at_ms, started_at_ms, ended_at_ms: None, day: 0 }
    };
    let most: Vec<Exclusion> = (1..EXCLUDED_SESSIONS).map(excluded).collect();
    let mut journal = store.open(START_MS).unwrap();
    journal.meta_set(EXCLUSIONS, &serde_json::to_vec(&most).unwrap()).unwrap();
    drop(journal);
    let server = TestServer::start_on(settings(), store, TestClock::at(START_MS));
    let (sid, last) = (watch(&server, "one"), watch(&server, "two"));
    exclude(&server, &sid, "the last that there is room for");
    let answer = ask(&server, "POST", &path_of(&last), &json!({"reason": "one too many"}));
    assert_eq!(answer.status, 400, "{answer:?}");
    assert!(answer.json().to_string().contains("1000 sessions are excluded"), "{answer:?}");
    exclude(&server, &sid, "no other one");
    undo(&server, &sid);
    exclude(&server, &last, "now there is room");
    let (_, told) = reports(&server);
    assert!(told.iter().all(|told| *told == EXCLUDED_SESSIONS as u64), "{told:?}");
    server.stop();
}

#[test]
fn an_exclusion_that_was_not_on_disk_was_acknowledged() {
    let server = TestServer::start(settings());
    let sid = watch(&server, "one");
    server.store.fail_until_cleared(playhead_journal::Failure::DiskFull);
    let answer = ask(&server, "POST", &path_of(&sid), &json!({"reason": "a robot"}));
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(server.row(&sid)["exclusion"], Value::Null);
    server.store.clear_failure();
    exclude(&server, &sid, "a robot");
    server.stop();
}
