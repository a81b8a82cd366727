//! Closed sessions move into the tables, the journal frees their space, and reports do not change.
use std::io::Read;
use std::time::Duration;

use crate::support::{TestServer, event, session_start, settings};
use playhead_journal::{LogReader, OutboxPosition, ProgressReader, Sequence};
use serde_json::{Value, json};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Plays a session with an ad, a chapter and an error to its end.
fn play(server: &TestServer, visitor: &str) -> String {
    let at = server.clock_ms();
    let sid = watch(server, visitor);
    assert_eq!(server.event(&sid, &event("sessionEnd", 10.0, at + 13_000)), 204);
    server.clock.advance(20_000);
    server.closed_row(&sid);
    sid
}

/// Begins a session with an ad, a chapter and an error in its first seven seconds.
pub(crate) fn watch(server: &TestServer, visitor: &str) -> String {
    let at = server.clock_ms();
    let mut start = session_start(at);
    start["params"]["visitor.marketingCloudUserId"] = visitor.into();
    start["params"]["visitor.customerIDs"] = json!({"crm": {"id": "7", "authState": 1}});
    start["customMetadata"] = json!({"plan": "free", "team": "red"});
    let sid = server.open(&start);
    let with = |mut event: Value, params: Value| {
        event["params"] = params;
        event
    };
    let events = [
        with(
            event("adBreakStart", 0.0, at),
            json!({"media.ad.podFriendlyName": "pre", "media.ad.podIndex": 0, "media.ad.podSecond": 0}),
        ),
        with(
            event("adStart", 0.0, at),
            json!({"media.ad.podPosition": 1, "media.ad.id": "ad", "media.ad.length": 5,
                "media.ad.playerName": "player"}),
        ),
        event("adSkip", 0.0, at + 3_000),
        event("adBreakComplete", 0.0, at + 3_000),
        event("play", 0.0, at + 3_000),
        with(
            event("chapterStart", 0.0, at + 3_000),
            json!({"media.chapter.index": 1, "media.chapter.offset": 0, "media.chapter.length": 60}),
        ),
        with(event("error", 4.0, at + 7_000), json!({"media.errorId": "e1", "media.errorSource": "player"})),
    ];
    for event in &events {
        assert_eq!(server.event(&sid, event), 204, "{event}");
    }
    sid
}

fn maintain(server: &TestServer) -> Value {
    let path = "/reports/v1/maintenance";
    let token = format!("Bearer {}", crate::support::TOKEN);
    let answer = server.connect().request("POST", path, &[("Authorization", &token)], b"");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn json_of(server: &TestServer, path: &str) -> Value {
    let answer = server.get(path);
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

#[test]
fn a_session_reads_the_same_from_memory_from_the_journal_and_from_the_tables() {
    let mut settings = settings();
    settings.queries.timeout = Duration::from_millis(1_000);
    // The journal keeps the events that a restart would replay, until the next checkpoint.
    settings.checkpoint_interval = Duration::from_secs(1);
    let server = TestServer::start(settings);
    let first = play(&server, "one");
    let second = play(&server, "two");
    let open = server.open(&session_start(server.clock_ms()));
    let filtered = |operator: &str| {
        let filter = json!({"dimension": "marketing_cloud_user_id", "operator": operator, "value": ["two"]});
        let filter: String = form_urlencoded::byte_serialize(filter.to_string().as_bytes()).collect();
        format!("/reports/v1/sessions?open=false&filters={filter}")
    };
    let paths = [
        "/reports/v1/sessions?limit=10".to_owned(),
        "/reports/v1/sessions?visitor_id=two".to_owned(),
        "/reports/v1/sessions?q=TWO&open=false".to_owned(),
        filtered("="),
        filtered("<"),
        "/reports/v1/sessions?diagnosis=late_event".to_owned(),
        format!("/reports/v1/sessions?q={}", &first[4..40]),
        format!("/reports/v1/sessions/{first}"),
        format!("/reports/v1/sessions/{first}/events"),
        format!("/reports/v1/sessions/{second}/events?limit=2&cursor=3"),
    ];
    let before: Vec<Value> = paths.iter().map(|path| json_of(&server, path)).collect();
    assert_eq!(before[0]["sessions"].as_array().unwrap().len(), 3);
    for found in &before[2..5] {
        assert_eq!(found["sessions"].as_array().unwrap().len(), 1);
    }

    let done = maintain(&server);
    assert!(done["done"][0].as_str().unwrap().starts_with("moved 2 sessions and 19 events"), "{done}");
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(json_of(&server, path), *before, "{path}");
    }

    // The journal keeps the events of the open session, and the rows of closed ones for a day.
    server.wait_until("the events are given back", |server| {
        server.store.reader().events_from(Sequence::new(1), 100).unwrap().len() == 1
    });
    assert_eq!(server.event(&open, &event("sessionEnd", 0.0, server.clock_ms())), 204);
    server.clock.advance(DAY_MS + 60_000);
    server.wait_until("the rows are given back", |server| {
        server.store.reader().closed_session(&first.parse().unwrap()).unwrap().is_none()
    });
    for (path, before) in paths.iter().zip(&before).skip(1) {
        assert_eq!(json_of(&server, path), *before, "{path}");
    }
    assert!(server.metric("playhead_lake_sessions_total") >= 2.0);
    server.stop();
}

#[test]
fn a_query_that_waited_for_a_second_slot_while_it_had_one() {
    let mut settings = settings();
    settings.queries.at_a_time = 1;
    let server = TestServer::start(settings);
    play(&server, "one");
    let token = format!("Bearer {}", crate::support::TOKEN);
    let asked = server.connect().request(
        "POST",
        "/reports/v1/query",
        &[("Authorization", &token)],
        br#"{"metrics": ["sessions"]}"#,
    );
    assert_eq!((asked.status, &asked.json()["totals"]), (200, &json!({"sessions": 1})));
    let panels =
        ["audience?content_id=content-1", "retention?content_id=content-1", "funnel", "quality", "ads"];
    for panel in panels.into_iter().chain(["time-spent", "concurrency"]) {
        json_of(&server, &format!("/reports/v1/{panel}"));
    }
    server.stop();
}

/// A response that goes out while it is made, without the marks between its pieces.
fn file_of(server: &TestServer, query: &Value, accept: &str) -> Vec<u8> {
    let body = query.to_string();
    let mut connection = server.connect();
    let head =
        format!("POST /reports/v1/query HTTP/1.0\r\nContent-Length: {}\r\nAccept: {accept}\r\n", body.len());
    connection
        .send(format!("{head}Authorization: Bearer {}\r\n\r\n{body}", crate::support::TOKEN).as_bytes());
    let mut response = Vec::new();
    connection.stream.read_to_end(&mut response).unwrap();
    let end = response.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    assert!(response.starts_with(b"HTTP/1.0 200 "), "{}", String::from_utf8_lossy(&response));
    response.split_off(end)
}

#[test]
fn files_of_a_query_ended_after_a_thousand_rows_without_a_word() {
    let server = TestServer::start(settings());
    play(&server, "one");
    // A series ends at the present.
    server.clock.advance(3 * 24 * 3_600_000);
    let mut query = json!({
        "metrics": ["media_starts"], "granularity": "minute", "from": "2026-11-01", "to": "2026-11-03"
    });
    let lines =
        |query: &Value| file_of(&server, query, "text/csv").iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines(&query), 2_880 + 1);
    let parquet = file_of(&server, &query, "application/vnd.apache.parquet");
    let end = parquet.len() - 8;
    let footer = u32::from_le_bytes(parquet[end..end + 4].try_into().unwrap()) as usize;
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1") && footer < end);

    let token = format!("Bearer {}", crate::support::TOKEN);
    let body = query.to_string();
    let asked =
        server.connect().request("POST", "/reports/v1/query", &[("Authorization", &token)], body.as_bytes());
    let asked = asked.json();
    assert_eq!(asked["rows"].as_array().unwrap().len(), 1_000);
    assert_eq!((&asked["row_count_total"], &asked["is_complete"]), (&json!(2_880), &json!(false)));
    query["limit"] = json!(5);
    assert_eq!(lines(&query), 5 + 1, "a limit counts in files too");
    server.stop();
}

#[test]
fn pages_run_through_all_places_a_session_can_be_in() {
    let server = TestServer::start(settings());
    let mut ids: Vec<String> = Vec::new();
    for visitor in ["a", "b"] {
        ids.push(play(&server, visitor));
    }
    maintain(&server);
    ids.push(play(&server, "c"));
    ids.push(server.open(&session_start(server.clock_ms())));
    ids.reverse();
    let mut found = Vec::new();
    let mut path = "/reports/v1/sessions?limit=1".to_owned();
    for _ in 0..10 {
        let page = json_of(&server, &path);
        let rows = page["sessions"].as_array().unwrap();
        found.extend(rows.iter().map(|row| row["session_id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/reports/v1/sessions?limit=1&cursor={cursor}");
    }
    assert_eq!(found, ids);
    server.stop();
}

#[test]
fn a_stop_moves_closed_sessions() {
    let server = TestServer::start(settings());
    play(&server, "one");
    let (store, _clock) = server.stop();
    let reader = store.reader();
    assert_eq!(reader.outbox(OutboxPosition::new(0), 10).unwrap().len(), 1, "the row stays for a day");
}
