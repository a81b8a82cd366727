//! Downloaded sessions: sent whole, as an array, on either of two paths (protocol contract, section 4).
use crate::support::{Answer, START_MS, TestServer, event, session_start, settings};
use serde_json::{Value, json};

const PATHS: [&str; 2] = ["/api/v1/sessions", "/api/v1/downloaded"];
const BATCH_BYTES: usize = 16 * 1024 * 1024;
const EVENT_BYTES: usize = 64 * 1024;

/// A `sessionStart` that says whether its session was downloaded.
fn start(downloaded: impl Into<Option<bool>>) -> Value {
    let mut start = session_start(START_MS);
    if let Some(downloaded) = downloaded.into() {
        start["params"]["media.downloaded"] = json!(downloaded);
    }
    start
}

/// A session of a start and that many pings, 50 s apart.
fn session(pings: usize) -> Vec<Value> {
    let ping = |index: usize| event("ping", index as f64 * 50.0, START_MS + index as i64 * 50_000);
    std::iter::once(start(true)).chain((1..=pings).map(ping)).collect()
}

fn send(server: &TestServer, path: &str, events: &[Value]) -> Answer {
    server.send(path, &json!(events))
}

#[test]
fn a_whole_session_is_counted_and_closed_at_once_on_both_paths() {
    let server = TestServer::start(settings());
    let mut events = vec![
        start(true),
        event("play", 0.0, START_MS),
        event("ping", 50.0, START_MS + 50_000),
        event("pauseStart", 80.0, START_MS + 80_000),
        event("ping", 80.0, START_MS + 130_000),
    ];
    for path in PATHS {
        let answer = send(&server, path, &events);
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
        answer.assert_cors();
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        assert_eq!(answer.header("content-length"), Some("0"));
        let sid = answer.session();
        let row = server.row(&sid);
        assert_eq!(row["is_open"], false, "{path}");
        assert_eq!(row["close_reason"], "downloaded");
        assert_eq!(row["source"], "downloaded");
        assert_eq!(row["content_time_spent"], 80.0);
        assert_eq!(row["total_pause_duration"], 50.0);
        assert_eq!(row["event_count"], 5);
        assert_eq!(server.event(&sid, &event("ping", 81.0, START_MS + 131_000)), 410, "it is over");
        assert_eq!(
            server.event(&sid, &event("sessionEnd", 81.0, START_MS + 131_000)),
            410,
            "nothing to repeat"
        );
    }
    events.push(event("sessionEnd", 80.0, START_MS + 140_000));
    for path in PATHS {
        let sid = send(&server, path, &events).session();
        let row = server.row(&sid);
        assert_eq!(row["close_reason"], "session_end", "{path}");
        assert_eq!(row["total_pause_duration"], 60.0);
        assert_eq!(server.event(&sid, &event("sessionEnd", 81.0, START_MS + 140_000)), 204);
    }
    assert_eq!(server.accepted("downloaded"), 22.0);
    assert_eq!(server.metric("playhead_sessions_opened_total"), 4.0);
    assert_eq!(server.metric("playhead_sessions_closed_total"), 4.0);
}

#[test]
fn the_downloaded_flag_of_the_start_must_fit_the_path() {
    let server = TestServer::start(settings());
    let verdict = |path: &str, downloaded: Option<bool>| {
        send(&server, path, &[start(downloaded), event("play", 0.0, START_MS)]).status
    };
    assert_eq!([Some(true), Some(false), None].map(|said| verdict(PATHS[0], said)), [201, 400, 400]);
    assert_eq!([Some(true), Some(false), None].map(|said| verdict(PATHS[1], said)), [201, 201, 201]);
    let answer = send(&server, PATHS[0], &[start(None), event("play", 0.0, START_MS)]);
    assert_eq!(answer.fault_paths(), ["/0/params/media.downloaded"]);
}

#[test]
fn the_path_of_downloaded_sessions_takes_nothing_but_arrays() {
    let server = TestServer::start(settings());
    for body in [start(true), start(None), json!("x"), json!(null), json!(1), event("play", 0.0, START_MS)] {
        server.send(PATHS[1], &body).assert_refused(400);
    }
    for body in [&b""[..], b"  ", b"{", b"[", b"[]]", b"[\xff]"] {
        server.post(PATHS[1], body).assert_refused(400);
    }
    assert_eq!(server.accepted("downloaded"), 0.0);
}

#[test]
fn one_bad_event_refuses_the_whole_session_and_is_named() {
    let server = TestServer::start(settings());
    for path in PATHS {
        let mut events = session(5);
        events[3]["playerTime"]["ts"] = json!("late");
        let answer = send(&server, path, &events);
        answer.assert_refused(400);
        assert_eq!(answer.fault_paths(), ["/3/playerTime/ts"]);

        events[1]["eventType"] = json!("pong");
        events[5] = json!(7);
        let mut paths = send(&server, path, &events).fault_paths();
        paths.sort_unstable();
        assert_eq!(paths, ["/1/eventType", "/3/playerTime/ts", "/5"], "all at once");

        let answer = send(&server, path, &[event("play", 0.0, START_MS), event("ping", 0.0, START_MS)]);
        assert_eq!((answer.status, answer.fault_paths()), (400, vec!["/0/eventType".to_owned()]));
        let answer = send(&server, path, &[start(true), event("ping", 0.0, START_MS), start(true)]);
        assert_eq!((answer.status, answer.fault_paths()), (400, vec!["/2/eventType".to_owned()]));
        for too_few in [vec![], vec![start(true)]] {
            send(&server, path, &too_few).assert_refused(400);
        }
    }
    assert_eq!(server.accepted("downloaded"), 0.0);
    assert_eq!(server.metric("playhead_sessions_opened_total"), 0.0);
    assert_eq!(server.get("/reports/v1/sessions").json()["sessions"], json!([]));
}

#[test]
fn ten_thousand_events_are_a_session_and_one_more_is_not() {
    let server = TestServer::start(settings());
    let answer = send(&server, PATHS[0], &session(9_999));
    let row = server.row(&answer.session());
    assert_eq!((&row["event_count"], &row["content_time_spent"]), (&json!(10_000), &json!(0.0)));
    for path in PATHS {
        let answer = send(&server, path, &session(10_000));
        answer.assert_refused(400);
        assert_eq!(answer.fault_paths(), [""]);
    }
    let nothing = format!("[{}1]", "1,".repeat(100_000));
    server.post(PATHS[1], nothing.as_bytes()).assert_refused(400);
    let nothing = format!("[{}{{}}]", "[],".repeat(9_000));
    let answer = server.post(PATHS[1], nothing.as_bytes());
    answer.assert_refused(400);
    assert!(answer.body.len() < EVENT_BYTES, "an answer of {} bytes", answer.body.len());
    assert_eq!(server.accepted("downloaded"), 10_000.0);
}

#[test]
fn the_limits_of_bytes_are_those_of_the_session_and_of_each_event() {
    let server = TestServer::start(settings());
    let padded = |event: &Value, bytes: usize| {
        let mut text = event.to_string();
        text.insert_str(1, &" ".repeat(bytes - text.len()));
        text
    };
    let first = start(true).to_string();
    let pings = |bytes: usize| -> Vec<String> {
        (1..256).map(|index| padded(&event("ping", 1.0, START_MS + index), bytes)).collect()
    };
    let body = format!("[{first},{}]", pings(EVENT_BYTES).join(","));
    assert!(body.len() > BATCH_BYTES - 3 * EVENT_BYTES && body.len() < BATCH_BYTES);
    let at_the_limit = format!("{body}{}", " ".repeat(BATCH_BYTES - body.len()));
    for path in PATHS {
        assert_eq!(server.post(path, at_the_limit.as_bytes()).status, 201, "{path}");
        server.post(path, format!("{at_the_limit} ").as_bytes()).assert_refused(413);
    }
    assert_eq!(server.refused("body_too_large"), 2.0);
    let too_long = format!("[{first},{}]", padded(&event("ping", 1.0, START_MS), EVENT_BYTES + 1));
    for path in PATHS {
        let answer = server.post(path, too_long.as_bytes());
        answer.assert_refused(400);
        assert_eq!(answer.fault_paths(), ["/1"]);
    }
}

#[test]
fn a_session_in_pieces_is_read_like_one_that_comes_at_once() {
    let server = TestServer::start(settings());
    let body = json!(session(3_000)).to_string();
    assert!(body.len() > 2 * EVENT_BYTES);
    for lead in ["", " ", "\r\n\t "] {
        let mut connection = server.connect();
        connection
            .send(b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        for byte in lead.bytes() {
            connection.send(&[b"1\r\n", &[byte][..], b"\r\n"].concat());
        }
        for piece in body.as_bytes().chunks(3_333) {
            connection.send(&[format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat());
        }
        connection.send(b"0\r\n\r\n");
        let sid = connection.read_answer(false).session();
        assert_eq!(server.row(&sid)["event_count"], 3_001);
    }
}

#[test]
fn retries_within_a_session_count_once() {
    let server = TestServer::start(settings());
    let mut events = session(3);
    events.insert(2, events[1].clone());
    events.push(events[4].clone());
    let sid = send(&server, PATHS[0], &events).session();
    assert_eq!(server.row(&sid)["event_count"], 4);
    assert_eq!(server.metric("playhead_duplicates_total"), 2.0);
    assert_eq!(server.accepted("downloaded"), 4.0);
    let again = send(&server, PATHS[0], &events).session();
    assert_ne!(again, sid, "a whole session sent again is another session: nothing tells it from one");
}

#[test]
fn a_downloaded_session_is_the_same_after_a_restart() {
    let server = TestServer::start(settings());
    let sid = send(&server, PATHS[1], &session(40)).session();
    let row = server.row(&sid);
    let events = server.get(&format!("/reports/v1/sessions/{sid}/events?limit=1000")).json();
    assert_eq!(events["events"].as_array().unwrap().len(), 41);
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(server.row(&sid), row);
    assert_eq!(server.get(&format!("/reports/v1/sessions/{sid}/events?limit=1000")).json(), events);
}
