//! More than the server takes on: it refuses what costs most and matters least first.
use std::time::Duration;

use crate::support::{Connection, START_MS, TestServer, event, session_start, settings};
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
