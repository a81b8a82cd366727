//! Connections of clients: kept alive, pipelined, HTTP/1.0, and with bodies announced first.
use std::io::{Read, Write};

use crate::support::{START_MS, TestServer, event, session_start, settings};

#[test]
fn one_connection_serves_many_requests_of_all_outcomes() {
    let server = TestServer::start(settings());
    let mut connection = server.connect();
    let start = session_start(START_MS).to_string();
    let sid = connection.request("POST", "/api/v1/sessions", &[], start.as_bytes()).session();
    let path = format!("/api/v1/sessions/{sid}/events");
    for index in 0..200 {
        let body = event("ping", f64::from(index), START_MS + i64::from(index)).to_string();
        assert_eq!(connection.request("POST", &path, &[], body.as_bytes()).status, 204);
        let (method, path, body, status) = match index % 5 {
            0 => ("POST", &*path, "nonsense", 400),
            1 => ("GET", "/nowhere", "", 404),
            2 => ("DELETE", "/api/v1/sessions", "", 405),
            3 => ("OPTIONS", "/api/v1/sessions", "", 204),
            _ => ("HEAD", "/api/v1/schemas/play", "", 200),
        };
        assert_eq!(connection.request(method, path, &[], body.as_bytes()).status, status, "{index}");
    }
    assert_eq!(server.row(&sid)["event_count"], 201);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let mut requests = Vec::new();
    let mut statuses = Vec::new();
    for index in 0..50 {
        let body = match index % 3 {
            0 => "[]".to_owned(),
            _ => event("ping", f64::from(index), START_MS + i64::from(index)).to_string(),
        };
        statuses.push(if index % 3 == 0 { 400 } else { 204 });
        requests.extend(
            format!(
                "POST /api/v1/sessions/{sid}/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .bytes(),
        );
    }
    let mut connection = server.connect();
    connection.send(&requests);
    let answered: Vec<u16> = statuses.iter().map(|_| connection.read_answer(false).status).collect();
    assert_eq!(answered, statuses);
    assert_eq!(server.row(&sid)["event_count"], 1 + statuses.iter().filter(|&&status| status == 204).count());
}

#[test]
fn the_first_protocol_version_is_served() {
    let server = TestServer::start(settings());
    let body = session_start(START_MS).to_string();
    let head = format!("POST /api/v1/sessions HTTP/1.0\r\nContent-Length: {}\r\n", body.len());
    let mut connection = server.connect();
    let answer = connection.exchange(format!("{head}\r\n{body}").as_bytes());
    assert_eq!(answer.status, 201);
    assert!(connection.is_closed_by_server(), "without a word about it, the connection ends");
    let mut connection = server.connect();
    for _ in 0..2 {
        let answer = connection.exchange(format!("{head}Connection: keep-alive\r\n\r\n{body}").as_bytes());
        assert_eq!(answer.status, 201);
    }
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on_or_not_to() {
    let server = TestServer::start(settings());
    let body = session_start(START_MS).to_string();
    let head = |length: usize| {
        format!(
            "POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    let mut connection = server.connect();
    assert_eq!(connection.exchange(head(body.len()).as_bytes()).status, 100);
    assert_eq!(connection.exchange(body.as_bytes()).status, 201);
    let mut connection = server.connect();
    connection.exchange(head(17 * 1024 * 1024).as_bytes()).assert_refused(413);
    assert!(connection.is_closed_by_server(), "a body that nobody asked for cannot be taken for a request");
}

#[test]
fn a_client_that_closes_its_sending_side_still_gets_its_response_or_a_clean_end() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let body = event("play", 0.0, START_MS).to_string();
    let mut connection = server.connect();
    connection.send(
        format!(
            "POST /api/v1/sessions/{sid}/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .as_bytes(),
    );
    connection.stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!([0, 204].contains(&connection.read_answer(false).status));
    assert!(connection.is_closed_by_server());
    server.assert_well();
}

#[test]
fn a_refused_body_of_any_length_does_not_cost_the_client_its_response() {
    // A reset looks like a lost connection, which clients retry; with it, some systems drop a response that is not read yet.
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let long = vec![b' '; 12 * 1024 * 1024];
    for (line, status) in [
        (format!("POST /api/v1/sessions/{sid}/events"), 413),
        ("POST /api/v1/sessions".to_owned(), 413),
        ("POST /api/v1/sessions/x/events".to_owned(), 404),
        ("POST /nowhere".to_owned(), 404),
        ("PUT /api/v1/sessions".to_owned(), 405),
    ] {
        let mut connection = server.connect();
        let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", long.len());
        connection.stream.write_all(head.as_bytes()).unwrap();
        connection.stream.write_all(&long).unwrap();
        connection.read_answer(false).assert_refused(status);
        assert_eq!(connection.stream.read(&mut [0; 16]).unwrap(), 0, "{line}: the end is a clean one");
    }
    server.assert_well();
}

/// A request for an event, as a client sends it.
fn event_request(sid: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /api/v1/sessions/{sid}/events HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[test]
fn an_event_that_came_in_two_pieces_was_lost_or_counted_twice() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let mut connection = server.connect();
    let length = event_request(&sid, "", &event("ping", 1.0, START_MS).to_string()).len();
    let cuts: Vec<usize> = (1..length).step_by(7).collect();
    for (number, cut) in (0..).zip(&cuts) {
        let request = event_request(&sid, "", &event("ping", 1.0, START_MS + number).to_string());
        connection.send(&request[..*cut]);
        if number % 8 == 0 {
            // Longer than the rest of an event is waited for on the short road.
            std::thread::sleep(std::time::Duration::from_millis(40));
        }
        assert_eq!(connection.exchange(&request[*cut..]).status, 204, "cut at {cut}");
    }
    assert_eq!(server.row(&sid)["event_count"], 1 + cuts.len());
    server.assert_well();
}

#[test]
fn one_connection_changes_between_short_and_long_road_without_losing_its_place() {
    let server = TestServer::start(settings());
    let mut connection = server.connect();
    let start = session_start(START_MS).to_string();
    for round in 0..3 {
        let sid = connection.request("POST", "/api/v1/sessions", &[], start.as_bytes()).session();
        let mut requests = Vec::new();
        let mut statuses = Vec::new();
        let mut add = |headers: &str, body: String, status: u16| {
            requests.extend(event_request(&sid, headers, &body));
            statuses.push(status);
        };
        for number in 0..4 {
            let ping = event("ping", f64::from(number), START_MS + i64::from(number)).to_string();
            add("", ping.clone(), 204);
            add("Connection: Keep-Alive\r\n", ping.clone(), 204);
            add("Content-Encoding: identity\r\n", ping.clone(), 204);
            add("Content-Encoding: br\r\n", ping.clone(), 415);
            add("Host: elsewhere\r\n", "nonsense".into(), 400);
        }
        // What names two hosts ends its connection, so those behind it go unread.
        let first_two_hosts = statuses.iter().position(|status| *status == 400).unwrap();
        connection.send(&requests);
        for status in &statuses[..=first_two_hosts] {
            assert_eq!(connection.read_answer(false).status, *status, "round {round}");
        }
        assert!(connection.is_closed_by_server());
        assert_eq!(server.row(&sid)["event_count"], 2, "the others are retries");
        connection = server.connect();
    }
    server.assert_well();
}

#[test]
fn a_body_was_taken_for_the_request_behind_it() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let hidden = event_request(&sid, "", &event("ping", 9.0, START_MS + 9).to_string());
    let hidden = String::from_utf8(hidden).unwrap();
    let length = hidden.len();
    let lines = [
        "OPTIONS /api/v1/sessions".to_owned(),
        format!("OPTIONS /api/v1/sessions/{sid}/events"),
        "GET /livez".to_owned(),
        "POST /api/v1/sessions".to_owned(),
        "POST /api/v1/downloaded".to_owned(),
        format!("POST /api/v1/sessions/{sid}/events"),
        format!("POST /api/v1/sessions/{sid}/events?"),
        "PUT /nowhere".to_owned(),
    ];
    for line in &lines {
        for is_late in [false, true] {
            let mut connection = server.connect();
            let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");
            connection.send(head.as_bytes());
            if is_late {
                std::thread::sleep(std::time::Duration::from_millis(40));
            }
            connection.send(hidden.as_bytes());
            connection.stream.shutdown(std::net::Shutdown::Write).unwrap();
            assert!(connection.is_closed_by_server(), "{line}");
        }
        let mut connection = server.connect();
        let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n");
        connection.send(format!("{head}Content-Length: 0\r\n\r\n{hidden}").as_bytes());
        connection.stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert!(connection.is_closed_by_server(), "{line}");
    }
    assert_eq!(server.row(&sid)["event_count"], 1);
    server.assert_well();
}

#[test]
fn what_is_refused_on_the_short_road_is_told_in_full_and_counted_once() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let mut connection = server.connect();
    let ping = event("ping", 1.0, START_MS + 1).to_string();
    assert_eq!(connection.exchange(&event_request(&sid, "", &ping)).status, 204);
    connection.exchange(&event_request(&sid, "", "{}")).assert_refused(400);
    connection.exchange(&event_request(&"0".repeat(64), "", &ping)).assert_refused(404);
    let end = event("sessionEnd", 1.0, START_MS + 2).to_string();
    assert_eq!(connection.exchange(&event_request(&sid, "", &end)).status, 204);
    assert_eq!(connection.exchange(&event_request(&sid, "", &ping)).status, 204, "a retry");
    server.assert_well();
}
