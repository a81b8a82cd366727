//! `replay` with unusual responses.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use crate::support::{ServerProcess, event, playhead, session_start, timeline, write_events};
use serde_json::{Value, json};

const START_MS: i64 = 1_793_491_200_000;

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_refused_event_is_reported_and_the_rest_is_sent() {
    let server = ServerProcess::start(&["--reorder-window", "0s"]);
    let directory = tempfile::tempdir().unwrap();
    let events = [
        session_start(START_MS),
        json!({"playerTime": {"playhead": "far", "ts": START_MS}, "eventType": "ping", "params": {}}),
        json!({"playerTime": {"playhead": 0, "ts": START_MS}, "eventType": "dance"}),
        event("play", START_MS + 1_000, 0.0),
    ];
    let file = write_events(directory.path(), "events.json", &events);
    let ended = playhead(&["replay", path(&file), "--to", server.base(), "--format", "json"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("event 1 (ping) was refused with 400"), "{}", ended.err);
    assert!(ended.err.contains("/playerTime/playhead"), "{}", ended.err);
    assert!(ended.err.contains("event 2 (dance) was refused with 400"), "{}", ended.err);
    let outcome: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(outcome["statuses"], json!({"201": 1, "204": 1, "400": 2}));
    assert_eq!((&outcome["events"], &outcome["title"]), (&json!(4), &json!("Content")));
    let session = outcome["session_id"].as_str().unwrap();
    let row = server.get_json(&format!("/reports/v1/sessions/{session}"));
    assert_eq!(row["event_count"], 2);
}

#[test]
fn after_a_refused_start_the_next_file_goes_on() {
    let server = ServerProcess::start(&["--validation", "strict"]);
    let directory = tempfile::tempdir().unwrap();
    let mut start = session_start(START_MS);
    start["params"]["unknown\u{1b}[2J"] = json!(1);
    let bad = write_events(directory.path(), "bad.json", &[start, event("play", START_MS, 0.0)]);
    let good = timeline("2-user-abandons.json");
    let ended = playhead(&["replay", path(&bad), path(&good), "--to", server.base()]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("event 0 (sessionStart) was refused with 400"), "{}", ended.err);
    assert!(ended.err.contains("the rest of this file is not sent"), "{}", ended.err);
    assert!(!ended.err.contains('\u{1b}'), "{}", ended.err);
    assert!(ended.out.contains("1 x 201, 14 x 204"), "{}", ended.out);
}

#[test]
fn a_session_that_is_moved_to_now_keeps_its_durations() {
    let server = ServerProcess::start(&["--reorder-window", "200ms"]);
    let file = timeline("2-user-abandons.json");
    let outcome =
        playhead(&["replay", path(&file), "--now", "--to", server.base(), "--format", "json"]).json();
    let row = server.wait_until_closed(outcome["session_id"].as_str().unwrap());
    assert_eq!(row["content_time_spent"], 33.0);
    let started = |row: &Value| row["started_at"].as_str().unwrap()[..4].parse::<u32>().unwrap();
    assert!(started(&row) >= 2026, "{}", row["started_at"]);
}

/// A server that sends its responses in turn, one per connection.
fn scripted(answers: Vec<&'static str>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        answers
            .into_iter()
            .map(|answer| {
                let (mut stream, _) = listener.accept().unwrap();
                let request = read_request(&mut stream);
                stream.write_all(answer.as_bytes()).unwrap();
                request
            })
            .collect()
    });
    (base, served)
}

/// The first line of a request, which is read to its end.
fn read_request(stream: &mut TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request).unwrap();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    request.trim().to_owned()
}

const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 18\r\nConnection: close\r\n\r\n{\"message\":\"busy\"}";
const CREATED: &str = "HTTP/1.1 201 Created\r\nLocation: /api/v1/sessions/abc\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const TAKEN: &str = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
/// The connection ends without a response.
const LOST: &str = "";

fn two_events(directory: &Path) -> std::path::PathBuf {
    write_events(directory, "two.json", &[session_start(START_MS), event("play", START_MS, 0.0)])
}

#[test]
fn a_busy_server_and_a_lost_connection_are_tried_again() {
    let (base, served) = scripted(vec![BUSY, BUSY, CREATED, LOST, TAKEN]);
    let directory = tempfile::tempdir().unwrap();
    let file = two_events(directory.path());
    let outcome = playhead(&["replay", path(&file), "--to", &base, "--format", "json"]).json();
    assert_eq!(outcome["statuses"], json!({"201": 1, "204": 1}));
    assert_eq!(outcome["session_id"], "abc");
    let event = "POST /api/v1/sessions/abc/events HTTP/1.1";
    let start = "POST /api/v1/sessions HTTP/1.1";
    assert_eq!(served.join().unwrap(), [start, start, start, event, event]);
}

#[test]
fn a_server_that_stays_busy_is_given_up_after_five_retries() {
    let (base, served) = scripted(vec![BUSY; 6]);
    let directory = tempfile::tempdir().unwrap();
    let file = two_events(directory.path());
    let ended = playhead(&["replay", path(&file), "--to", &base]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("answered 503: busy"), "{}", ended.err);
    assert_eq!(served.join().unwrap().len(), 6);
}

#[test]
fn a_server_that_cannot_be_reached_is_named() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let directory = tempfile::tempdir().unwrap();
    let file = two_events(directory.path());
    let ended = playhead(&["replay", path(&file), "--to", &base]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.contains(&format!("{base} cannot be reached: the connection was refused")),
        "{}",
        ended.err
    );
}
