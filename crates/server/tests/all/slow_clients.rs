//! Slow clients, on purpose or not: the server cuts off each, and none delays another client.
use std::io::Write;
use std::time::{Duration, Instant};

use crate::support::{Connection, START_MS, Settings, TOKEN, TestServer, event, session_start, settings};

/// Settings with short timeouts.
fn impatient() -> Settings {
    let mut settings = settings();
    settings.capacity.idle_timeout = Duration::from_millis(300);
    settings.capacity.body_timeout = Duration::from_millis(300);
    settings
}

/// Endless bytes of a header.
fn endless_header() -> impl Iterator<Item = u8> {
    b"GET /livez HTTP/1.1\r\nX-Slow: ".iter().copied().chain(std::iter::repeat(b'x'))
}

fn post(sid: &str, headers: &str) -> Vec<u8> {
    format!("POST /api/v1/sessions/{sid}/events HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").into_bytes()
}

/// A request on a connection that is kept alive.
fn is_alive(connection: &mut Connection) -> bool {
    connection.request("GET", "/livez", &[], b"").status == 200
}

#[test]
fn headers_that_trickle_in_are_cut_off() {
    let server = TestServer::start(impatient());
    let answer = server.connect().trickle(endless_header());
    assert!([0, 408].contains(&answer.status), "{answer:?}");
    // Complete requests in between do not help a later one.
    let mut connection = server.connect();
    assert!(is_alive(&mut connection));
    let answer = connection.trickle(endless_header());
    assert!([0, 408].contains(&answer.status), "{answer:?}");
    server.assert_well();
}

#[test]
fn bodies_that_trickle_in_are_answered_and_cut_off() {
    let server = TestServer::start(impatient());
    let sid = server.open(&session_start(START_MS));
    let mut slow = server.connect();
    slow.send(&post(&sid, "Content-Length: 60000\r\n"));
    slow.trickle(std::iter::repeat(b' ')).assert_refused(408);
    assert!(slow.is_closed_by_server());
    drop(slow);
    let mut slow = server.connect();
    slow.send(&post(&sid, "Transfer-Encoding: chunked\r\n"));
    slow.trickle(b"1\r\n \r\n".iter().copied().cycle()).assert_refused(408);
    assert!(slow.is_closed_by_server());
    drop(slow);
    assert_eq!(server.refused("body_too_slow"), 2.0);
    assert_eq!(server.row(&sid)["event_count"], 1);
    server.assert_well();
}

#[test]
fn connections_on_which_nothing_comes_are_closed() {
    let server = TestServer::start(impatient());
    let sid = server.open(&session_start(START_MS));
    let beginnings: [Vec<u8>; 5] = [
        Vec::new(),
        b"POST".to_vec(),
        b"POST /api/v1/sessions HTTP/1.1\r\nContent-Le".to_vec(),
        post(&sid, "Content-Length: 100\r\n"),
        [post(&sid, "Content-Length: 100\r\n"), b"{\"playerTime\":".to_vec()].concat(),
    ];
    let mut connections: Vec<Connection> = beginnings
        .iter()
        .map(|beginning| {
            let mut connection = server.connect();
            connection.send(beginning);
            connection
        })
        .collect();
    let mut kept = server.connect();
    assert!(is_alive(&mut kept));
    connections.push(kept);
    for (index, connection) in connections.iter_mut().enumerate() {
        assert!(connection.is_closed_by_server(), "{index}");
    }
    drop(connections);
    server.wait_until("only the asking connection is left", |server| {
        server.metric("playhead_connections") == 1.0
    });
    server.assert_well();
}

#[test]
fn a_client_that_never_reads_is_cut_off() {
    let server = TestServer::start(settings());
    let mut greedy = server.connect();
    greedy.stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let request = b"GET /api/v1/schemas/sessionStart HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1_000);
    // Until the unread responses fill every buffer in between, and the server stops reading.
    while greedy.stream.write_all(&request).is_ok() {}
    server.assert_well();
    let deadline = Instant::now() + 3 * playhead_node::limits::WRITE_TIMEOUT;
    while server.metric("playhead_connections") > 1.0 {
        assert!(Instant::now() < deadline, "the server waits for a client that never reads");
        std::thread::sleep(Duration::from_millis(100));
    }
    server.assert_well();
}

#[test]
fn one_connection_too_many_is_told_to_come_back_and_finds_room_later() {
    let mut small = settings();
    small.capacity.connections = 3;
    let server = TestServer::start(small);
    let mut connections: Vec<Connection> = Vec::new();
    server.wait_until("connections of the start are gone", |server| {
        connections.push(server.connect());
        let is_full = connections.len() == 3 && connections.iter_mut().all(is_alive);
        if connections.len() == 3 && !is_full {
            connections.clear();
        }
        is_full
    });
    let start = session_start(START_MS).to_string();
    for _ in 0..5 {
        let answer = server.connect().request("POST", "/api/v1/sessions", &[], start.as_bytes());
        answer.assert_refused(503);
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert_eq!(answer.header("connection"), Some("close"));
    }
    let mut long = server.connect();
    long.send(&post(&"0".repeat(64), "Content-Length: 1000000\r\n"));
    long.send(&vec![b' '; 1_000_000]);
    assert_eq!(long.read_answer(false).status, 503, "the answer is not lost when a long body comes");
    assert!(connections.iter_mut().all(is_alive), "those that have room are served");

    let headers = [("Authorization", &*format!("Bearer {TOKEN}"))];
    let metrics = connections[0].request("GET", "/metrics", &headers, b"");
    let text = String::from_utf8(metrics.body).unwrap();
    assert!(text.contains("playhead_connections 3\n"), "{text}");
    connections.pop();
    server.wait_until("there is room again", |server| {
        server.connect().request("POST", "/api/v1/sessions", &[], start.as_bytes()).status == 201
    });
}

#[test]
fn slow_clients_do_not_keep_the_room_of_others_for_ever() {
    let mut small = impatient();
    small.capacity.connections = 4;
    let server = TestServer::start(small);
    let mut held: Vec<Connection> = Vec::new();
    for _ in 0..8 {
        let mut connection = server.connect();
        connection.send(b"POST /api/v1/sessions HTTP/1.1\r\n");
        held.push(connection);
    }
    let start = session_start(START_MS).to_string();
    server.wait_until("there is room again, with nobody gone by himself", |server| {
        server.connect().request("POST", "/api/v1/sessions", &[], start.as_bytes()).status == 201
    });
    assert_eq!(held.len(), 8);
}

#[test]
fn a_slow_client_does_not_delay_others() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let _slow: Vec<Connection> = (0..200)
        .map(|index| {
            let mut connection = server.connect();
            connection.send(&post(&sid, "Content-Length: 1000\r\n"));
            connection.send(&vec![b' '; index]);
            connection
        })
        .collect();
    for index in 0..20 {
        assert_eq!(server.event(&sid, &event("ping", f64::from(index), START_MS + i64::from(index))), 204);
    }
}
