//! Bodies that come compressed, or with a byte order mark: what is taken, what is refused, and what is stored.
use std::io::Write;

use crate::support::crash_points::RecordingJournal;
use crate::support::{Answer, START_MS, TOKEN, TestClock, TestServer, event, session_start, settings};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use playhead_journal::MemoryStore;
use playhead_node::limits::{ADDRESS_BODIES_BYTES, ADDRESS_SMALL_BODIES_BYTES, BATCH_BYTES, EVENT_BYTES};
use serde_json::{Value, json};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

fn send(server: &TestServer, path: &str, encoding: &str, body: &[u8]) -> Answer {
    server.connect().request("POST", path, &[("Content-Encoding", encoding)], body)
}

fn ping(number: i64) -> Value {
    event("ping", number as f64, START_MS + number * 1_000)
}

/// A downloaded session that white space makes so long.
fn downloaded(bytes: usize) -> Vec<u8> {
    let mut start = session_start(START_MS);
    start["params"]["media.downloaded"] = true.into();
    let events = json!([start, ping(1), event("sessionEnd", 2.0, START_MS + 2_000)]);
    let mut text = events.to_string().into_bytes();
    let end = text.pop().unwrap();
    text.resize(bytes.max(text.len() + 1) - 1, b' ');
    text.push(end);
    text
}

#[test]
fn compressed_bodies_were_refused_as_no_json() {
    let server = TestServer::start(settings());
    type Packer = fn(&[u8]) -> Vec<u8>;
    let packers: [(&str, Packer); 7] = [
        ("gzip", gzip),
        ("GZip", gzip),
        ("x-gzip", gzip),
        ("identity, gzip", gzip),
        ("deflate", zlib),
        ("deflate", deflate),
        ("identity", <[u8]>::to_vec),
    ];
    for (encoding, pack) in packers {
        let start = session_start(START_MS).to_string();
        let sid = send(&server, "/api/v1/sessions", encoding, &pack(start.as_bytes())).session();
        let path = format!("/api/v1/sessions/{sid}/events");
        assert_eq!(send(&server, &path, encoding, &pack(ping(1).to_string().as_bytes())).status, 204);
        assert_eq!(server.event(&sid, &ping(2)), 204);
        // What is stored is the text: the same event sent as it is, is a retry.
        assert_eq!(server.event(&sid, &ping(1)), 204);
        assert_eq!(server.row(&sid)["event_count"], 3, "{encoding}");
        let events = server.get(&format!("/reports/v1/sessions/{sid}/events")).json();
        assert_eq!(events["events"][1]["body"], ping(1), "{encoding}");
        for path in ["/api/v1/sessions", "/api/v1/downloaded"] {
            let sid = send(&server, path, encoding, &pack(&downloaded(0))).session();
            assert_eq!(server.closed_row(&sid)["event_count"], 3, "{encoding}");
        }
    }
    assert_eq!(server.metric("playhead_duplicates_total"), packers.len() as f64);
}

#[test]
fn a_compressed_body_that_comes_in_pieces_is_whole() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let packed = gzip(ping(1).to_string().as_bytes());
    let mut connection = server.connect();
    let head = format!("POST /api/v1/sessions/{sid}/events HTTP/1.1\r\nHost: localhost\r\n");
    connection.send(format!("{head}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n").as_bytes());
    for byte in packed {
        connection.send(b"1\r\n");
        connection.send(&[byte]);
        connection.send(b"\r\n");
    }
    assert_eq!(connection.exchange(b"0\r\n\r\n").status, 204);
    assert_eq!(server.row(&sid)["event_count"], 2);
}

#[test]
fn a_bomb_is_refused_at_the_limit_of_the_text() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let events = format!("/api/v1/sessions/{sid}/events");
    let (downloads, sessions) = ("/api/v1/downloaded", "/api/v1/sessions");
    let spaces = |bytes: usize| vec![b' '; bytes];
    let array = |bytes: usize| [b"[", &*spaces(bytes - 1)].concat();
    let mut refused = 0.0;
    for pack in [gzip, zlib, deflate] {
        let encoding = if pack(b"")[..2] == [0x1f, 0x8b] { "gzip" } else { "deflate" };
        let bombs = [
            (&*events, pack(&spaces(EVENT_BYTES + 1)), EVENT_BYTES),
            (&*events, pack(&array(1 << 20)), EVENT_BYTES),
            (sessions, pack(&spaces(1 << 20)), EVENT_BYTES),
        ];
        for (path, bomb, limit) in bombs {
            let answer = send(&server, path, encoding, &bomb);
            answer.assert_refused(413);
            assert!(answer.json()["message"].as_str().unwrap().contains(&limit.to_string()), "{answer:?}");
            refused += 1.0;
            assert_eq!(server.refused("body_too_large"), refused, "{path}");
        }
        // White space up to the limit is refused for what it says, so it was read to its end.
        send(&server, &events, encoding, &pack(&spaces(EVENT_BYTES))).assert_refused(400);
    }
    let bomb = gzip(&array(BATCH_BYTES + 1));
    for path in [sessions, downloads] {
        let answer = send(&server, path, "gzip", &bomb);
        answer.assert_refused(413);
        assert!(answer.json()["message"].as_str().unwrap().contains(&BATCH_BYTES.to_string()), "{answer:?}");
    }
    assert_eq!(send(&server, downloads, "gzip", &gzip(&downloaded(BATCH_BYTES))).status, 201);
    server.assert_well();
    assert_eq!(server.row(&sid)["event_count"], 1);
}

#[test]
fn a_compressed_body_without_end_is_refused_before_it_is_unpacked() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let mut connection = server.connect();
    let head = format!("POST /api/v1/sessions/{sid}/events HTTP/1.1\r\nHost: localhost\r\n");
    connection.send(format!("{head}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n").as_bytes());
    let chunk = [b"2000\r\n", &[0; 0x2000][..], b"\r\n"].concat();
    for _ in 0..9 {
        connection.send(&chunk);
    }
    connection.read_answer(false).assert_refused(413);
    let announced = format!("{head}Content-Encoding: gzip\r\nContent-Length: 70000\r\n\r\n");
    server.connect().exchange(announced.as_bytes()).assert_refused(413);
    server.assert_well();
}

#[test]
fn what_a_body_unpacks_to_counts_in_the_share_of_its_address() {
    let (store, clock) = (MemoryStore::default(), TestClock::at(START_MS));
    let journal = RecordingJournal::new(store.open(START_MS).unwrap());
    let log = journal.log();
    let server = TestServer::start_with(settings(), store, clock, Box::new(journal));
    let packed = gzip(&downloaded(BATCH_BYTES));
    assert!(packed.len() < 64 * 1024);
    let most = (ADDRESS_BODIES_BYTES - ADDRESS_SMALL_BODIES_BYTES) / BATCH_BYTES;
    let head = format!(
        "POST /api/v1/downloaded HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    let request = [head.as_bytes(), &packed].concat();
    let stalled = log.stall();
    let mut waiting: Vec<_> = (0..most + 2).map(|_| server.connect()).collect();
    for connection in &mut waiting {
        connection.send(&request);
    }
    // Bodies that unpack at the same time may refuse each other, so there may be more.
    server.wait_until("those without room are refused", |server| server.refused("busy") >= 2.0);
    drop(stalled);
    let statuses: Vec<u16> = waiting.iter_mut().map(|waiting| waiting.read_answer(false).status).collect();
    let taken = statuses.iter().filter(|status| **status == 201).count();
    assert!(
        (1..=most).contains(&taken) && statuses.iter().all(|status| [201, 503].contains(status)),
        "{statuses:?}"
    );
    assert_eq!(send(&server, "/api/v1/downloaded", "gzip", &packed).status, 201, "the room came back");
}

#[test]
fn other_encodings_are_refused_with_those_that_are_taken() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let events = format!("/api/v1/sessions/{sid}/events");
    let body = gzip(&gzip(session_start(START_MS).to_string().as_bytes()));
    let mut refused = 0.0;
    for encoding in
        ["br", "zstd", "compress", "gzip, gzip", "deflate, gzip", "gzip;q=1", "gzip br", "caf\u{e9}"]
    {
        for path in [&*events, "/api/v1/sessions", "/api/v1/downloaded"] {
            let answer = send(&server, path, encoding, &body);
            answer.assert_refused(415);
            assert_eq!(answer.header("accept-encoding"), Some("gzip, deflate"));
            assert!(answer.json()["message"].as_str().unwrap().contains("gzip, deflate"), "{answer:?}");
            refused += 1.0;
            assert_eq!(server.refused("unsupported_encoding"), refused, "{encoding} {path}");
        }
    }
    let twice = [("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")];
    server.connect().request("POST", "/api/v1/sessions", &twice, &body).assert_refused(415);
    let listed = server.get("/reports/v1/faults?limit=1").json();
    let listed = listed.pointer("/faults/0").unwrap_or_else(|| panic!("{listed}")).clone();
    assert_eq!((&listed["status"], &listed["reason"]), (&json!(415), &json!("unsupported_encoding")));
    server.assert_well();
}

#[test]
fn damaged_data_is_refused_with_its_fault() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let path = format!("/api/v1/sessions/{sid}/events");
    let text = ping(1).to_string();
    let flipped = |packed: Vec<u8>, from_end: usize| {
        let mut packed = packed;
        let place = packed.len() - from_end;
        packed[place] ^= 0x10;
        packed
    };
    let half = |packed: Vec<u8>| packed[..packed.len() / 2].to_vec();
    let bodies = [
        ("gzip", "plain text", text.clone().into_bytes()),
        ("gzip", "nothing", Vec::new()),
        ("gzip", "zlib", zlib(text.as_bytes())),
        ("gzip", "half", half(gzip(text.as_bytes()))),
        ("gzip", "another checksum", flipped(gzip(text.as_bytes()), 5)),
        ("gzip", "another length", flipped(gzip(text.as_bytes()), 4)),
        ("gzip", "another text", flipped(gzip(text.as_bytes()), 20)),
        ("gzip", "text behind it", [gzip(text.as_bytes()), text.clone().into_bytes()].concat()),
        ("deflate", "plain text", text.clone().into_bytes()),
        ("deflate", "nothing", Vec::new()),
        ("deflate", "gzip", gzip(text.as_bytes())),
        ("deflate", "half", half(zlib(text.as_bytes()))),
        ("deflate", "half without a frame", half(deflate(text.as_bytes()))),
        ("deflate", "another checksum", flipped(zlib(text.as_bytes()), 1)),
    ];
    let mut refused = 0.0;
    for (encoding, what, body) in bodies {
        let answer = send(&server, &path, encoding, &body);
        assert_eq!(answer.status, 400, "{encoding}, {what}: {answer:?}");
        answer.assert_refused(400);
        assert_eq!(answer.fault_paths(), [""], "{encoding}, {what}");
        assert!(answer.json()["errors"][0]["message"].as_str().unwrap().contains(encoding), "{answer:?}");
        refused += 1.0;
        assert_eq!(server.refused("invalid"), refused, "{encoding}, {what}");
    }
    server.assert_well();
    assert_eq!(server.row(&sid)["event_count"], 1);
}

#[test]
fn a_byte_order_mark_made_a_body_invalid() {
    let server = TestServer::start(settings());
    let marked = |text: &[u8]| [BYTE_ORDER_MARK, text].concat();
    let start = session_start(START_MS).to_string();
    let sid = server.post("/api/v1/sessions", &marked(start.as_bytes())).session();
    let path = format!("/api/v1/sessions/{sid}/events");
    assert_eq!(server.post(&path, &marked(ping(1).to_string().as_bytes())).status, 204);
    assert_eq!(server.event(&sid, &ping(1)), 204, "a retry without the mark");
    assert_eq!(send(&server, &path, "gzip", &gzip(&marked(ping(2).to_string().as_bytes()))).status, 204);
    assert_eq!(server.row(&sid)["event_count"], 3);
    // An array is one behind the mark too, wherever the pieces are cut, and may be as long.
    let array = marked(&downloaded(2 * EVENT_BYTES));
    for path in ["/api/v1/sessions", "/api/v1/downloaded"] {
        assert_eq!(server.post(path, &array).status, 201, "{path}");
        assert_eq!(send(&server, path, "gzip", &gzip(&array)).status, 201, "{path}");
        let mut connection = server.connect();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", array.len());
        connection.send(head.as_bytes());
        for piece in array[..8].chunks(1).chain([&array[8..]]) {
            std::thread::sleep(std::time::Duration::from_millis(5));
            connection.send(piece);
        }
        assert_eq!(connection.read_answer(false).status, 201, "{path}");
    }
    for body in [BYTE_ORDER_MARK, &marked(&marked(b"{}")), &[b" ", &*marked(b"{}")].concat()] {
        server.post(&path, body).assert_refused(400);
    }
}

#[test]
fn queries_come_compressed_too() {
    let server = TestServer::start(settings());
    let token = format!("Bearer {TOKEN}");
    let ask = |path: &str, encoding: &str, body: &[u8]| {
        let headers = [("Authorization", &*token), ("Content-Encoding", encoding)];
        server.connect().request("POST", path, &headers, body)
    };
    let query = json!({"metrics": ["media_starts"]}).to_string();
    let plain = ask("/reports/v1/query", "identity", query.as_bytes());
    assert_eq!(plain.status, 200, "{plain:?}");
    for (encoding, body) in [("gzip", gzip(query.as_bytes())), ("deflate", zlib(query.as_bytes()))] {
        assert_eq!(ask("/reports/v1/query", encoding, &body).json()["rows"], plain.json()["rows"]);
    }
    assert_eq!(
        ask("/reports/v1/query", "identity", &[BYTE_ORDER_MARK, query.as_bytes()].concat()).status,
        200
    );
    let sql = json!({"query": "SELECT 1"}).to_string();
    assert_eq!(ask("/reports/v1/sql", "gzip", &gzip(sql.as_bytes())).status, 200);
    let login = json!({"token": TOKEN}).to_string();
    assert_eq!(ask("/reports/v1/login", "gzip", &gzip(login.as_bytes())).status, 200);
    for path in ["/reports/v1/query", "/reports/v1/sql", "/reports/v1/login"] {
        assert_eq!(ask(path, "gzip", &gzip(&vec![b' '; 4 << 20])).status, 413, "{path}");
        assert_eq!(ask(path, "gzip", query.as_bytes()).fault_paths(), [""], "{path}");
        let answer = ask(path, "br", query.as_bytes());
        assert_eq!((answer.status, answer.header("accept-encoding")), (415, Some("gzip, deflate")), "{path}");
    }
}
