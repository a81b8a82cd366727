//! One question has one answer, whichever door it is asked at.

use std::io::Read;

use crate::support::{START_MS, TOKEN, TestServer, event, session_start, settings};
use serde_json::{Value, json};

const RANGE: &str = "from=2026-11-01T00:00:00Z&to=2026-11-01T00:01:00Z";

/// The response to a posted report, which may be sent as it is made: HTTP/1.0 gets it without the marks between its pieces.
fn posted_as(server: &TestServer, call: &str, body: &Value, accept: &str) -> String {
    let body = body.to_string();
    let head =
        format!("POST /reports/v1/{call} HTTP/1.0\r\nAccept: {accept}\r\nContent-Length: {}\r\n", body.len());
    let mut connection = server.connect();
    connection.send(format!("{head}Authorization: Bearer {TOKEN}\r\n\r\n{body}").as_bytes());
    let mut response = String::new();
    connection.stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{response}");
    body.to_owned()
}

fn posted(server: &TestServer, call: &str, body: &Value) -> Value {
    serde_json::from_str(&posted_as(server, call, body, "application/json")).unwrap()
}

fn sql(server: &TestServer, query: &str) -> Value {
    posted(server, "sql", &json!({ "query": query }))["rows"].clone()
}

fn get(server: &TestServer, call: &str) -> Value {
    let answer = server.get(&format!("/reports/v1/{call}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Opens a session with these parameters that begins to play.
fn play(server: &TestServer, params: &Value) -> String {
    let mut start = session_start(START_MS);
    for (key, value) in params.as_object().unwrap() {
        start["params"][key] = value.clone();
    }
    let sid = server.open(&start);
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    assert_eq!(server.event(&sid, &event("ping", 2.0, START_MS + 2_000)), 204);
    sid
}

/// Ends sessions, and has the tables take their rows.
fn store(server: &TestServer, sessions: &[String]) {
    for sid in sessions {
        assert_eq!(server.event(sid, &event("sessionEnd", 3.0, START_MS + 3_000)), 204);
    }
    server.clock.advance(5_000);
    sessions.iter().for_each(|sid| drop(server.closed_row(sid)));
    posted(server, "maintenance", &json!({}));
}

#[test]
fn ids_of_different_kinds_with_one_text_were_counted_as_one_visitor() {
    let server = TestServer::start(settings());
    let kinds = ["visitor.marketingCloudUserId", "analytics.visitorId", "appInstallationId"];
    let sessions: Vec<String> = kinds.iter().map(|kind| play(&server, &json!({ *kind: "42" }))).collect();
    server.clock.advance(5_000);
    let is_three = |column: &Value| column.as_array().unwrap().contains(&json!(3));
    server.wait_until("the live page counts three viewers", |server| {
        is_three(&get(server, "live/history")["viewers_active"])
    });
    let check = |stage: &str| {
        let query = posted(&server, "query", &json!({"metrics": ["visitors"]}));
        assert_eq!(query["totals"]["visitors"], 3, "{stage}");
        assert_eq!(sql(&server, "select count(distinct visitor_key) from sessions"), json!([[3]]), "{stage}");
        let concurrency = get(&server, &format!("concurrency?{RANGE}&count=visitors"));
        assert_eq!(concurrency["peak"]["value"], 3, "{stage}");
        let found = get(&server, "sessions?visitor_id=42");
        assert_eq!(found["sessions"].as_array().unwrap().len(), 3, "{stage}");
    };
    check("open");
    store(&server, &sessions);
    check("stored");
    server.stop();
}

#[test]
fn content_types_that_differ_in_case_alone_were_one_at_one_door_only() {
    let server = TestServer::start(settings());
    let types = ["VOD", "vod", "Vod"];
    let sessions: Vec<String> = types
        .iter()
        .map(|name| play(&server, &json!({"media.contentType": name, "media.streamType": "Video"})))
        .collect();
    server.clock.advance(5_000);
    let check = |stage: &str| {
        let by_type = json!({"metrics": ["sessions"], "dimensions": ["content_type", "stream_type"]});
        assert_eq!(posted(&server, "query", &by_type)["rows"], json!([["vod", "video", 3]]), "{stage}");
        let by_type = "select content_type, stream_type, count(*) from sessions group by all";
        assert_eq!(sql(&server, by_type), json!([["vod", "video", 3]]), "{stage}");
        for row in get(&server, "sessions")["sessions"].as_array().unwrap() {
            assert_eq!(
                (&row["content_type"], &row["stream_type"]),
                (&json!("vod"), &json!("video")),
                "{stage}"
            );
        }
        assert_eq!(server.row(&sessions[0])["content_type"], "vod", "{stage}");
        // What was sent is kept.
        let events = get(&server, &format!("sessions/{}/events", sessions[0]));
        assert_eq!(events["events"][0]["body"]["params"]["media.contentType"], "VOD", "{stage}");
    };
    check("open");
    store(&server, &sessions);
    check("stored");
    server.stop();
}

/// A session of a content with this title, or none, that starts so many seconds after the others.
fn titled(server: &TestServer, title: Option<&str>, seconds: i64) -> String {
    let mut start = session_start(START_MS + seconds * 1_000);
    start["params"]["media.id"] = json!("film");
    match title {
        Some(title) => start["params"]["media.name"] = json!(title),
        None => drop(start["params"].as_object_mut().unwrap().remove("media.name")),
    }
    let sid = server.open(&start);
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS + seconds * 1_000)), 204);
    sid
}

#[test]
fn a_content_of_two_titles_and_none_was_three_contents() {
    let server = TestServer::start(settings());
    let titles = [Some("Old title"), Some("New title"), None];
    let sessions: Vec<String> =
        titles.iter().zip(0..).map(|(title, seconds)| titled(&server, *title, seconds)).collect();
    server.clock.advance(5_000);
    let check = |stage: &str| {
        let query = json!({"metrics": ["sessions"], "dimensions": ["content_id"], "names": true});
        let list = posted(&server, "query", &query);
        assert_eq!(list["rows"], json!([["film", "New title", 3]]), "{stage}");
        let also = json!([{"dimension": "content_id", "value": "film", "names": ["Old title"], "count": 1}]);
        assert_eq!(list["also_known_as"], also, "{stage}");
        let filters = json!([{"dimension": "content_id", "operator": "=", "value": "film"}]);
        let page = posted(&server, "query", &json!({"metrics": ["sessions"], "filters": filters}));
        assert_eq!(page["totals"]["sessions"], 3, "{stage}");
        let counted = "select count(*) from sessions where content_id = 'film'";
        assert_eq!(sql(&server, counted), json!([[3]]), "{stage}");
        assert_eq!(
            get(&server, "sessions?content_id=film")["sessions"].as_array().unwrap().len(),
            3,
            "{stage}"
        );
    };
    server.wait_until("all have begun to play", |server| {
        posted(server, "query", &json!({"metrics": ["content_starts"]}))["totals"]["content_starts"] == 3
    });
    check("open");
    store(&server, &sessions);
    check("stored");
    let query = json!({"metrics": ["sessions"], "dimensions": ["content_id"], "names": true});
    let text = posted_as(&server, "query", &query, "text/csv").replace('\r', "");
    assert_eq!(text, "content_id,content_name,sessions\nfilm,New title,3\n");
    server.stop();
}

#[test]
fn a_live_content_with_playheads_of_the_day_was_watched_by_nobody() {
    let server = TestServer::start(settings());
    let params = json!({"media.id": "match", "media.contentType": "live", "media.length": 5_400});
    let mut start = session_start(START_MS);
    for (key, value) in params.as_object().unwrap() {
        start["params"][key] = value.clone();
    }
    let sid = server.open(&start);
    let second_of_day = 72_000.0;
    assert_eq!(server.event(&sid, &event("play", second_of_day, START_MS)), 204);
    for ping in 1..=12 {
        let at_ms = START_MS + ping * 10_000;
        assert_eq!(server.event(&sid, &event("ping", second_of_day + ping as f64 * 10.0, at_ms)), 204);
    }
    assert_eq!(server.event(&sid, &event("sessionEnd", second_of_day + 120.0, START_MS + 120_000)), 204);
    server.clock.advance(180_000);
    drop(server.closed_row(&sid));
    let range = "content_id=match&from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z";
    let audience = get(&server, &format!("audience?{range}"));
    assert_eq!((&audience["by"], &audience["timelines"]["live"]), (&json!("clock"), &json!(1)), "{audience}");
    assert_eq!(audience["first_minute_at"], "2026-11-01T00:00:00Z");
    assert_eq!(audience["audience"], json!([1.0, 1.0]));
    assert_eq!(audience["average_minute_audience"], 1.0);
    assert_eq!(audience["content_length"], Value::Null);
    let played = get(&server, &format!("time-spent?{}&bucket=5", &range["content_id=match&".len()..]));
    assert_eq!(played["total_seconds"], 120.0);
    let concurrency =
        get(&server, &format!("concurrency?{}&state=playing", &range["content_id=match&".len()..]));
    assert_eq!(concurrency["peak"]["value"], 1);
    let filters = json!([{"dimension": "timeline", "operator": "in", "values": ["content", "no_length"]}]);
    let filters: String = form_urlencoded::byte_serialize(filters.to_string().as_bytes()).collect();
    let funnel = get(&server, &format!("funnel?filters={filters}"));
    assert_eq!(funnel["steps"][0]["count"], 0, "{funnel}");
    server.stop();
}
