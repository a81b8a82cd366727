//! Panels as files: the same numbers as in JSON, at the door and by schedule.

use std::fs;
use std::io::Read;

use playhead_node::kept::schedule::places::Places;
use serde_json::{Value, json};

use crate::support::reports::ask;
use crate::support::{START_MS, Settings, TOKEN, TestServer, event, session_start, settings};

const RANGE: &str = "from=2026-11-01T00:00:00Z&to=2026-11-01T02:00:00Z";

/// Sessions of two channels that have closed, so that nothing changes between two looks.
fn watched() -> TestServer {
    let server = TestServer::start(settings());
    let mut sids = Vec::new();
    for (channel, minutes) in [("tv", 1), ("tv", 2), ("a,\"b\"\nc", 3)] {
        let mut start = session_start(START_MS);
        start["params"]["media.channel"] = json!(channel);
        let sid = server.open(&start);
        assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
        for ping in 1..minutes * 6 {
            let at_ms = START_MS + ping * 10_000;
            assert_eq!(server.event(&sid, &event("ping", ping as f64 * 10.0, at_ms)), 204);
        }
        let end = event("sessionEnd", minutes as f64 * 60.0, START_MS + minutes * 60_000);
        assert_eq!(server.event(&sid, &end), 204);
        sids.push(sid);
    }
    server.clock.advance(300_000);
    sids.iter().for_each(|sid| drop(server.closed_row(sid)));
    server.clock.advance(300_000);
    server
}

/// The response to a call, which may be sent as it is made: HTTP/1.0 gets it without the marks between its pieces.
fn got_as(server: &TestServer, call: &str, accept: &str) -> (String, String) {
    let mut connection = server.connect();
    let head = format!("GET /reports/v1/{call} HTTP/1.0\r\nAccept: {accept}\r\n");
    connection.send(format!("{head}Authorization: Bearer {TOKEN}\r\n\r\n").as_bytes());
    let mut response = String::new();
    connection.stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{response}");
    (head.to_lowercase(), body.to_owned())
}

fn csv(server: &TestServer, call: &str) -> String {
    let (head, body) = got_as(server, call, "text/csv");
    assert!(head.contains("content-type: text/csv"), "{head}");
    body
}

fn as_json(server: &TestServer, call: &str) -> Value {
    serde_json::from_str(&got_as(server, call, "").1).unwrap()
}

fn numbers(values: &Value) -> Vec<u64> {
    values.as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).collect()
}

#[test]
fn concurrency_had_no_file_or_other_numbers_in_it() {
    let server = watched();
    let call = format!("concurrency?{RANGE}&granularity=minute");
    let answer = as_json(&server, &call);
    let (values, present) = (numbers(&answer["values"]), numbers(&answer["present"]["values"]));
    assert_eq!(&values[..3], [3, 2, 1], "{answer}");
    let file = csv(&server, &call);
    let mut lines = file.lines();
    assert_eq!(lines.next(), Some("time,concurrent_sessions,present_sessions"));
    for (minute, (value, present)) in values.iter().zip(&present).enumerate() {
        let time = format!("2026-11-01T{:02}:{:02}:00.000Z", minute / 60, minute % 60);
        assert_eq!(lines.next(), Some(&*format!("{time},{value},{present}")));
    }
    assert_eq!(lines.next(), None, "no points after the present");

    let by_second = csv(&server, &format!("concurrency?{RANGE}&granularity=second&count=visitors"));
    let values = as_json(&server, &format!("concurrency?{RANGE}&granularity=second&count=visitors"));
    assert!(by_second.starts_with("time,concurrent_visitors\n2026-11-01T00:00:00.000Z,"), "{by_second}");
    assert_eq!(by_second.lines().count(), 1 + numbers(&values["values"]).len());

    let call = format!("concurrency?{RANGE}&granularity=minute&by=channel&limit=1");
    let answer = as_json(&server, &call);
    let file = csv(&server, &call);
    assert!(file.starts_with("time,series,channel,concurrent_sessions,present_sessions\n"), "{file}");
    assert!(file.contains("\n2026-11-01T00:00:00.000Z,all,,3,3\n"), "{file}");
    assert!(file.contains("\n2026-11-01T00:00:00.000Z,value,tv,2,2\n"), "{file}");
    assert!(file.contains("\n2026-11-01T00:00:00.000Z,other,,1,1\n"), "{file}");
    assert_eq!(file.lines().count(), 1 + 3 * numbers(&answer["values"]).len());
    let all = csv(&server, &format!("concurrency?{RANGE}&granularity=minute&by=channel"));
    assert!(all.contains(",value,\"a,\"\"b\"\"\nc\",1,1\n"), "{all}");
    let named = csv(&server, &format!("concurrency?{RANGE}&granularity=minute&by=content_id&names=true"));
    assert!(named.starts_with("time,series,content_id,content_name,concurrent_sessions,"), "{named}");
    server.stop();
}

#[test]
fn quality_had_no_file_or_other_numbers_in_it() {
    let server = watched();
    let answer = as_json(&server, &format!("quality?{RANGE}"));
    let file = csv(&server, &format!("quality?{RANGE}"));
    let lines: Vec<Vec<&str>> = file.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 2, "{file}");
    let number = |name: &str| lines[1][lines[0].iter().position(|column| *column == name).unwrap()];
    assert_eq!(number("sessions"), answer["sessions"].to_string());
    assert_eq!(number("content_time_spent"), answer["content_time_spent"].to_string());
    assert_eq!(number("rebuffer_ratio"), answer["rebuffer_ratio"].to_string());
    assert_eq!(number("time_to_start_sessions"), answer["time_to_start_ms"]["sessions"].to_string());

    let answer = as_json(&server, &format!("quality?{RANGE}&granularity=hour"));
    let file = csv(&server, &format!("quality?{RANGE}&granularity=hour"));
    let lines: Vec<&str> = file.lines().collect();
    assert!(lines[0].starts_with("time,sessions,content_time_spent,"), "{file}");
    assert!(lines[1].starts_with("2026-11-01T00:00:00.000Z,3,"), "{file}");
    assert_eq!(lines.len(), 1 + answer["series"].as_array().unwrap().len());
    // A panel that has no rows stays what it is.
    let (head, _) = got_as(&server, &format!("funnel?{RANGE}"), "text/csv");
    assert!(head.contains("content-type: application/json"), "{head}");
    server.stop();
}

#[test]
fn a_panel_that_is_a_file_could_not_be_sent_by_schedule() {
    let folder = tempfile::tempdir().unwrap();
    let places = Places { folder: Some(folder.path().to_owned()), ..Places::default() };
    let server = TestServer::start(Settings { places, ..settings() });
    let sid = server.open(&session_start(START_MS));
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    assert_eq!(server.event(&sid, &event("sessionEnd", 60.0, START_MS + 60_000)), 204);
    server.clock.advance(3_600_000);
    drop(server.closed_row(&sid));
    server.clock.advance(5 * 3_600_000);
    let schedule = |kind: &str, parameters: Value, range: &str| {
        json!({"name": kind, "report": {"kind": kind, "parameters": parameters}, "range": range,
            "time_zone": "UTC", "when": {"every": "day", "at": "06:00"}, "format": "csv", "to": {"folder": "."}})
    };
    let day = "from=2026-11-01T00:00:00Z&to=2026-11-01T06:00:00Z&time_zone=UTC";
    for (kind, parameters, range, call) in [
        ("concurrency", json!({"count": "visitors", "by": "channel"}), "6h", "count=visitors&by=channel"),
        ("quality", json!({"segment": "video"}), "6h", "segment=video&granularity=minute"),
    ] {
        let added = ask(&server, "POST", "schedules", &schedule(kind, parameters, range));
        assert_eq!(added.status, 201, "{added:?}");
        let id = added.json()["id"].as_str().unwrap().to_owned();
        let run = ask(&server, "POST", &format!("schedules/{id}/run"), &Value::Null).json();
        assert_eq!(run["outcome"], "sent", "{run}");
        let sent = fs::read_to_string(folder.path().join(run["place"].as_str().unwrap())).unwrap();
        assert_eq!(sent, csv(&server, &format!("{kind}?{day}&{call}")));
    }

    let refused = |body: &Value| -> Vec<String> {
        let answer = ask(&server, "POST", "schedules", body);
        assert_eq!(answer.status, 400, "{answer:?}");
        let errors = answer.json()["errors"].clone();
        errors.as_array().unwrap().iter().map(|fault| fault["path"].as_str().unwrap().to_owned()).collect()
    };
    let long = schedule("concurrency", json!({"granularity": "second"}), "last_month");
    assert_eq!(refused(&long), ["/range"], "it would fail whenever it is due");
    let wrong = schedule("concurrency", json!({"count": "people", "metrics": ["x"]}), "7d");
    assert_eq!(refused(&wrong), ["/report/parameters/count", "/report/parameters/metrics"]);
    let wrong = schedule("quality", json!({"granularity": "day"}), "7d");
    assert_eq!(refused(&wrong), ["/report/parameters/granularity"]);
    server.stop();
}
