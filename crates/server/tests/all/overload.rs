//! More than the server takes on: it refuses what costs most and matters least first.
use std::time::Duration;

use crate::support::crash_points::RecordingJournal;
use crate::support::{Connection, START_MS, TestClock, TestServer, event, session_start, settings};
use playhead_journal::{JournalReader as _, MemoryStore, Sequence};
use playhead_node::limits::{ADDRESS_BODIES_BYTES, ADDRESS_SMALL_BODIES_BYTES, BATCH_BYTES};

/// Sends a body of 16 MiB but for its last byte.
fn send_endless_body(connection: &mut Connection) {
    let head = format!(
        "POST /api/v1/downloaded HTTP/1.1\r\nHost: localhost\r\nContent-Length: {BATCH_BYTES}\r\n\r\n["
    );
    connection.send(head.as_bytes());
    connection.send(&vec![b' '; BATCH_BYTES - 2]);
}

#[test]
fn seventeen_endless_bodies_shut_collection() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let mut endless: Vec<_> = (0..17).map(|_| server.connect()).collect();
    std::thread::scope(|scope| {
        for connection in &mut endless {
            scope.spawn(|| send_endless_body(connection));
        }
    });
    // The bodies are with the server once it has refused those of them that have no room.
    let most = (ADDRESS_BODIES_BYTES - ADDRESS_SMALL_BODIES_BYTES) / BATCH_BYTES;
    server.wait_until("too many are refused", |server| server.refused("busy") >= (17 - most) as f64);
    for number in 0..100 {
        assert_eq!(server.send("/api/v1/sessions", &session_start(START_MS + number)).status, 201);
        assert_eq!(server.event(&sid, &event("ping", 1.0, START_MS + number)), 204);
    }
}

#[test]
fn endless_bodies_of_one_address_shut_out_downloads_of_all() {
    let server = TestServer::start(settings());
    let mut endless: Vec<_> = (0..17).map(|_| server.connect_from("127.0.0.2")).collect();
    std::thread::scope(|scope| {
        for connection in &mut endless {
            scope.spawn(|| send_endless_body(connection));
        }
    });
    server.wait_until("too many are refused", |server| server.refused("busy") > 0.0);
    // 400, for a body that is white space, says that it was read to its end.
    let large = [b"[", &vec![b' '; BATCH_BYTES - 2][..], b"]"].concat();
    let mut other = server.connect_from("127.0.0.3");
    other.request("POST", "/api/v1/downloaded", &[], &large).assert_refused(400);
}

#[test]
fn a_large_body_that_stands_still_kept_its_room_to_the_deadline() {
    let mut patient = settings();
    patient.capacity.body_timeout = Duration::from_secs(3_600);
    let server = TestServer::start(patient);
    let mut endless = server.connect();
    send_endless_body(&mut endless);
    endless.read_answer(false).assert_refused(408);
    assert!(endless.is_closed_by_server());
    let mut slow = server.connect();
    slow.send(b"POST /api/v1/downloaded HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n[");
    slow.send(&[b' '; 70_000]);
    slow.trickle(std::iter::repeat(b' ')).assert_refused(408);
    assert_eq!(server.refused("body_too_slow"), 2.0);
    server.assert_well();
}

/// Sends a request on a connection of its own and does not wait for the response.
fn send_aside(server: &TestServer, path: &str, body: &serde_json::Value) -> Connection {
    let body = body.to_string();
    let mut connection = server.connect();
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len());
    connection.send(head.as_bytes());
    connection.send(body.as_bytes());
    connection
}

#[test]
fn pings_shut_out_starts_and_ends_while_the_journal_stalls() {
    let mut small = settings();
    small.capacity.waiting_requests = 16;
    let (store, clock) = (MemoryStore::default(), TestClock::at(START_MS));
    let journal = RecordingJournal::new(store.open(START_MS).unwrap());
    let log = journal.log();
    let server = TestServer::start_with(small, store, clock, Box::new(journal));
    let (first, second) = (server.open(&session_start(START_MS)), server.open(&session_start(START_MS)));
    let events = format!("/api/v1/sessions/{first}/events");
    let ping = |number: i64| event("ping", 1.0, START_MS + number);

    let stalled = log.stall();
    let mut pings = vec![send_aside(&server, &events, &ping(0))];
    server.wait_until("the writer stands still in a commit", |server| {
        server.store.reader().recover().unwrap().next_sequence == Sequence::new(4)
    });
    pings.extend((1..=40).map(|number| send_aside(&server, &events, &ping(number))));
    server.wait_until("half of the places are taken by pings", |server| server.refused("busy") == 32.0);
    let starts = |count| -> Vec<Connection> {
        let start = |number| send_aside(&server, "/api/v1/sessions", &session_start(START_MS + number));
        (0..count).map(start).collect()
    };
    let mut first_starts = starts(4);
    let mut ends = [(&first, "sessionComplete"), (&second, "sessionEnd")].map(|(sid, name)| {
        send_aside(&server, &format!("/api/v1/sessions/{sid}/events"), &event(name, 9.0, START_MS))
    });
    server.wait_until("they wait", |server| server.metric("playhead_ingest_queue") == 14.0);
    send_aside(&server, &events, &ping(100)).read_answer(false).assert_refused(503);
    assert_eq!(server.refused("busy"), 33.0, "a ping still has no room, and is counted");
    let mut last_starts = starts(8);
    server.wait_until("all places are taken", |server| server.refused("busy") == 33.0 + 6.0);
    drop(stalled);

    let taken = |connections: &mut [Connection], status: u16| {
        let answers = connections.iter_mut().map(|connection| connection.read_answer(false).status);
        answers.filter(|answered| *answered == status).count()
    };
    assert_eq!(taken(&mut pings, 204), 9);
    assert_eq!(taken(&mut first_starts, 201), 4);
    assert_eq!(taken(&mut ends, 204), 2);
    assert_eq!(taken(&mut last_starts, 201), 2);
    server.assert_well();
}

#[test]
fn connections_that_idle_shut_out_starts_and_ends() {
    let mut small = settings();
    small.capacity.connections = 32;
    let server = TestServer::start(small);
    let sid = server.open(&session_start(START_MS));
    let events = format!("/api/v1/sessions/{sid}/events");
    let mut idle: Vec<Connection> = Vec::new();
    server.wait_until("all but the last two places are taken", |server| {
        let mut connection = server.connect();
        let answer = connection.request("GET", "/livez", &[], b"");
        let is_on_last = answer.header("connection") == Some("close");
        if !is_on_last && answer.status == 200 {
            idle.push(connection);
        }
        is_on_last && idle.len() == 30
    });
    for number in 0..20 {
        let send = |path: &str, body: &serde_json::Value| send_aside(&server, path, body).read_answer(false);
        let answer = send(&events, &event("ping", 1.0, START_MS + number));
        answer.assert_refused(503);
        assert_eq!(answer.header("connection"), Some("close"));
        server.wait_until("a place is free", |server| {
            send_aside(server, "/api/v1/sessions", &session_start(START_MS)).read_answer(false).status == 201
        });
    }
    server.wait_until("the end is taken", |server| {
        server.event(&sid, &event("sessionEnd", 9.0, START_MS)) == 204
    });
    let ping = event("ping", 2.0, START_MS).to_string();
    let other =
        idle[0].request("POST", "/api/v1/sessions", &[], session_start(START_MS).to_string().as_bytes());
    let path = format!("/api/v1/sessions/{}/events", other.session());
    assert_eq!(idle[0].request("POST", &path, &[], ping.as_bytes()).status, 204, "those before go on");
}
