//! Input that no player sends, over real sockets: the server refuses it for good, counts it, and keeps working.
use crate::support::{START_MS, TOKEN, TestServer, event, session_start, settings};
use serde_json::{Value, json};

/// The bytes of a request.
fn request(line: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{line}\r\nHost: localhost\r\n{headers}\r\n").into_bytes();
    bytes.extend(body);
    bytes
}

/// An event whose `playerTime` and rest are given as text.
fn ping(playhead: &str, ts: &str, rest: &str) -> Vec<u8> {
    format!(r#"{{"playerTime":{{"playhead":{playhead},"ts":{ts}}},"eventType":"ping"{rest}}}"#).into_bytes()
}

fn ping_with(rest: &str) -> Vec<u8> {
    ping("1", &START_MS.to_string(), rest)
}

#[test]
fn bodies_that_break_the_rules_are_refused_and_counted_one_by_one() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let path = format!("/api/v1/sessions/{sid}/events");
    let ts = START_MS.to_string();
    let deep = "[".repeat(10_000);
    let deep_closed = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_objects = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    let many = format!("[{}1]", "1,".repeat(32_000));
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("white space", b" \r\n\t ".to_vec()),
        ("no JSON", b"eventType=ping&ts=1".to_vec()),
        ("a string", br#""ping""#.to_vec()),
        ("null", b"null".to_vec()),
        ("half", ping_with("")[..40].to_vec()),
        ("two events", [ping_with(""), ping_with("")].concat()),
        ("UTF-16", ping_with("").iter().flat_map(|&byte| [byte, 0]).collect()),
        (
            "not UTF-8",
            ping_with(r#","x":"?""#).iter().map(|&byte| if byte == b'?' { 0xff } else { byte }).collect(),
        ),
        ("overlong UTF-8", [br#"{"x":""#.to_vec(), vec![0xc0, 0x80], br#""}"#.to_vec()].concat()),
        ("NaN", ping("NaN", &ts, "")),
        ("Infinity", ping("Infinity", &ts, "")),
        ("-Infinity", ping("-Infinity", &ts, "")),
        ("a number that is no double", ping("1e400", &ts, "")),
        ("a negative one", ping("-1e400", &ts, "")),
        ("a hexadecimal number", ping("0x10", &ts, "")),
        ("a leading zero", ping("01", &ts, "")),
        ("a leading plus", ping("+1", &ts, "")),
        ("ts 0", ping("1", "0", "")),
        ("a negative ts", ping("1", "-1", "")),
        ("a ts in the year 9999", ping("1", "253370764800000", "")),
        ("a ts in 2200", ping("1", "7258118400000", "")),
        ("a huge ts", ping("1", "18446744073709551616", "")),
        ("a ts that is no double", ping("1", "1e999", "")),
        ("a fraction of a ts", ping("1", "1793491200000.25", "")),
        ("10,000 deep, open", deep.into_bytes()),
        ("10,000 deep", ping_with(&format!(r#","x":{deep_closed}"#))),
        ("10,000 objects deep", ping_with(&format!(r#","x":{deep_objects}"#))),
        ("10,000 deep in params", ping_with(&format!(r#","params":{{"x":{deep_closed}}}"#))),
        ("a lone high surrogate", ping_with(r#","customMetadata":{"a":"\ud800"}"#)),
        ("a lone low surrogate", ping_with(r#","x":"\udc00""#)),
        ("a raw NUL in a string", ping_with(",\"x\":\"\0\"")),
        ("a NUL after the event", [ping_with(""), vec![0]].concat()),
        ("a raw line feed in a string", ping_with(",\"x\":\"\n\"")),
        ("an array of 32,000 numbers as an event", many.into_bytes()),
        ("an array as params", ping_with(r#","params":[]"#)),
        ("a string as qoeData", ping_with(r#","qoeData":"high""#)),
        ("a number as customMetadata", ping_with(r#","customMetadata":1"#)),
        ("a list as event type", br#"{"playerTime":{"playhead":1,"ts":1},"eventType":["ping"]}"#.to_vec()),
        (
            "a NUL in the event type",
            br#"{"playerTime":{"playhead":1,"ts":1},"eventType":"ping\u0000"}"#.to_vec(),
        ),
        ("a trailing comma", ping_with(",")),
        ("a comment", ping_with("/* */")),
        ("single quotes", b"{'eventType':'ping'}".to_vec()),
    ];
    let mut refused = 0.0;
    for (what, body) in &bodies {
        let answer = server.post(&path, body);
        assert_eq!(answer.status, 400, "{what}: {answer:?}");
        answer.assert_refused(400);
        assert!(!answer.fault_paths().is_empty(), "{what}");
        refused += 1.0;
        assert_eq!(server.refused("invalid"), refused, "{what}");
        server.assert_well();
    }
    assert_eq!(server.row(&sid)["event_count"], 1, "nothing of it was stored");
}

#[test]
fn starts_that_break_the_rules_open_nothing() {
    let server = TestServer::start(settings());
    let metadata = |metadata: Value| {
        let mut start = session_start(START_MS);
        start["customMetadata"] = metadata;
        start.to_string()
    };
    let long_key = "k".repeat(60 * 1024);
    let with_param = |key: &str, value: Value| {
        let mut start = session_start(START_MS);
        start["params"][key] = value;
        start.to_string()
    };
    let bodies = [
        metadata(json!({"key with spaces": "value"})),
        metadata(json!({"": "value"})),
        metadata(json!({"\0": "value"})),
        metadata(json!({"key": 1})),
        metadata(json!({"key": {"nested": "value"}})),
        metadata(json!({format!("{long_key} "): "value"})),
        with_param("media.id", json!("")),
        with_param("media.id", json!(7)),
        with_param("media.resume", json!("true")),
        with_param("visitor.customerIDs", json!("id")),
        session_start(START_MS).to_string().replace("600", "1e999"),
        session_start(START_MS).to_string().replace("\"playhead\":0", "\"playhead\":1e18"),
    ];
    for body in bodies {
        let answer = server.post("/api/v1/sessions", body.as_bytes());
        assert_eq!(answer.status, 400, "{}: {answer:?}", &body[..body.len().min(300)]);
        answer.assert_refused(400);
        assert!(answer.body.len() < 64 * 1024, "an answer of {} bytes", answer.body.len());
    }
    server.wait_until("the gauge is set", |server| server.metric("playhead_commit_events_count") == 0.0);
    assert_eq!(server.accepted("collection_v1"), 0.0);
    server.assert_well();
}

#[test]
fn odd_but_legal_bodies_are_taken_and_read_back() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let path = format!("/api/v1/sessions/{sid}/events");
    let long_key = "k".repeat(64 * 1024 - 200);
    let bodies = [
        ping("1e18", &START_MS.to_string(), ""),
        ping("-1e18", &START_MS.to_string(), ""),
        ping("1e-400", &START_MS.to_string(), ""),
        ping("1.7976931348623157e308", &START_MS.to_string(), ""),
        ping("1", "1", ""),
        ping("1", "7258118399999", ""),
        ping_with(r#","customMetadata":{"a":"\u0000"}"#),
        ping_with(r#","x":"\ud83d\ude00 \u0000 \u001f""#),
        ping_with(&format!(r#","{long_key}":1"#)),
        ping_with(&format!(r#","params":{{"{long_key}":1}}"#)),
        ping_with(r#","x":1,"x":2,"params":{"a":1,"a":2},"playerTime":{"playhead":2,"ts":1793491200000}"#),
        ping_with(r#","x":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"#),
    ];
    for body in &bodies {
        let answer = server.post(&path, body);
        assert_eq!(
            answer.status,
            204,
            "{}: {answer:?}",
            String::from_utf8_lossy(&body[..body.len().min(200)])
        );
        server.assert_well();
    }
    server.clock.advance(10 * 60_000);
    let row = server.closed_row(&sid);
    assert_eq!(row["event_count"], 1 + bodies.len());
    let events = server.get(&format!("/reports/v1/sessions/{sid}/events?limit=1000"));
    assert_eq!(events.status, 200);
    assert_eq!(events.json()["events"].as_array().unwrap().len(), 1 + bodies.len());
    // The rows are the same after a restart, so all their values can be stored and read.
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(server.row(&sid), row);
    server.assert_well();
}

#[test]
fn two_hosts_or_none_got_200() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let ping = String::from_utf8(ping_with("")).unwrap();
    let length = format!("Content-Length: {}\r\n", ping.len());
    let post = format!("POST /api/v1/sessions/{sid}/events");
    let cases = [
        ("", "1.1", 400),
        ("Host: a\r\nHost: a\r\n", "1.1", 400),
        ("Host: a\r\nhost: b\r\n", "1.1", 400),
        ("Host: a\r\nHost: b\r\n", "1.0", 400),
        ("Host: a\r\n", "1.1", 0),
        ("Host:\r\n", "1.1", 0),
        ("", "1.0", 0),
    ];
    for (hosts, version, expected) in cases {
        for (line, body, fine) in [("GET /livez", "", 200), (&*post, &*ping, 204)] {
            let length = if body.is_empty() { "" } else { &*length };
            let mut connection = server.connect();
            let answer =
                connection.exchange(format!("{line} HTTP/{version}\r\n{hosts}{length}\r\n{body}").as_bytes());
            let expected = if expected == 0 { fine } else { expected };
            assert_eq!(answer.status, expected, "{line} {hosts} {version}");
            assert!(expected != 400 || connection.is_closed_by_server(), "{line} {hosts}");
        }
    }
    assert_eq!(server.refused("malformed_request"), 8.0);
    assert_eq!(server.row(&sid)["event_count"], 2);
}

#[test]
fn headers_of_40_kb_passed_a_limit_of_32() {
    let server = TestServer::start(settings());
    let most = playhead_node::limits::HEADER_BYTES;
    let head = |bytes: usize| {
        let empty = request("GET /livez HTTP/1.1", "X-Long: \r\n", b"").len();
        request("GET /livez HTTP/1.1", &format!("X-Long: {}\r\n", "x".repeat(bytes - empty)), b"")
    };
    assert_eq!(server.connect().exchange(&head(most)).status, 200);
    for bytes in [most + 1, 40_000, 60_000] {
        assert_eq!(server.connect().exchange(&head(bytes)).status, 431, "{bytes}");
    }
    let mut kept = server.connect();
    for _ in 0..3 {
        assert_eq!(kept.exchange(&head(most)).body, b"alive\n");
    }
    assert_eq!(kept.exchange(&head(most + 1)).status, 431, "also on a connection that has grown its buffer");
}

#[test]
fn the_limit_of_headers_moved_with_the_number_of_writes() {
    let server = TestServer::start(settings());
    let most = playhead_node::limits::HEADER_BYTES;
    let head = |bytes: usize| {
        let empty = request("GET /livez HTTP/1.1", "X-Long: \r\n", b"").len();
        request("GET /livez HTTP/1.1", &format!("X-Long: {}\r\n", "x".repeat(bytes - empty)), b"")
    };
    for (bytes, status) in [(most - 1, 200), (most, 200), (most + 1, 431), (most + 2, 431), (40_000, 431)] {
        let head = head(bytes);
        for first in [1, 100, 4_096, 8_192, 16_384, 20_000, 32_000, most - 3, most - 2, most - 1, most] {
            let mut connection = server.connect();
            let (begin, end) = head.split_at(first.min(head.len() - 1));
            connection.send(begin);
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert_eq!(connection.exchange(end).status, status, "{bytes} bytes, {first} of them first");
        }
        for piece_bytes in [700, 1_460, 8_192, 10_000] {
            let mut connection = server.connect();
            for piece in head.chunks(piece_bytes) {
                std::thread::sleep(std::time::Duration::from_millis(2));
                connection.send(piece);
            }
            assert_eq!(connection.read_answer(false).status, status, "{bytes} bytes by {piece_bytes}");
        }
        let mut kept = server.connect();
        for _ in 0..3 {
            kept.send(&request("GET /livez HTTP/1.1", "", b""));
            let (begin, end) = head.split_at(20_000);
            kept.send(begin);
            assert_eq!(kept.read_answer(false).status, 200);
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert_eq!(kept.exchange(end).status, status, "{bytes} bytes on a connection that is kept");
            if status != 200 {
                break;
            }
        }
    }
}

#[test]
fn a_slash_too_many_said_that_the_path_does_not_exist() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let events = format!("/api/v1/sessions/{sid}/events");
    let event = ping_with("");
    let start = session_start(START_MS).to_string().into_bytes();
    let cases: [(&str, &str, &[u8], &[&str]); 8] = [
        (
            "POST",
            "/api/v1/sessions",
            &start,
            &["//api/v1/sessions", "/api/v1/sessions/", "/api//v1///sessions//"],
        ),
        ("POST", "/api/v1/downloaded", b"[]", &["//api/v1/downloaded", "/api/v1/downloaded/?x=1"]),
        ("POST", &events, &event, &[&format!("/{events}"), &format!("{events}/")]),
        ("GET", "/api/v1/schemas/play", b"", &["//api/v1/schemas/play", "/api/v1/schemas/play/"]),
        ("GET", "/reports/v1/sessions", b"", &["//reports/v1/sessions", "/reports/v1/sessions/"]),
        ("GET", "/livez", b"", &["//livez", "/livez/"]),
        ("GET", "/readyz", b"", &["/readyz//"]),
        ("GET", "/metrics", b"", &["/metrics/"]),
    ];
    for (method, path, body, others) in cases {
        assert_ne!(server.connect().request(method, path, &[], body).status, 404, "{path}");
        for other in others {
            let answer = server.connect().request(method, other, &[], body);
            answer.assert_refused(404);
            assert_eq!(answer.json()["message"], format!("path not found; did you mean {path}?"), "{other}");
        }
    }
    for path in ["/api/v1/", "/api/v1/sessions/none", "//api/v1/schemas/", "/api//sessions", "//"] {
        let answer = server.connect().request("POST", path, &[], b"");
        answer.assert_refused(404);
        assert_eq!(answer.json()["message"], "path not found", "{path}");
    }
    server.post("//api/v1/sessions", b"{}").assert_refused(404);
    let listed = server.get("/reports/v1/faults?limit=1").json();
    let listed = listed.pointer("/faults/0").unwrap_or_else(|| panic!("{listed}"));
    assert_eq!(listed["path"], "//api/v1/sessions", "the developer of the player sees it");
}

#[test]
fn heads_that_are_not_http_are_refused_and_counted() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let line = format!("POST /api/v1/sessions/{sid}/events HTTP/1.1");
    let many_headers: String = (0..1_000).map(|number| format!("X-{number}: 1\r\n")).collect();
    let long_header = format!("X-Long: {}\r\n", "x".repeat(100 * 1024));
    let long_url = format!("GET /api/v1/schemas/{} HTTP/1.1", "x".repeat(100 * 1024));
    let heads: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("a header of 100 KB", request(&line, &long_header, b""), &[431]),
        ("1000 headers", request(&line, &many_headers, b""), &[431]),
        ("a URL of 100 KB", request(&long_url, "", b""), &[414, 431]),
        ("no method", request("/api/v1/sessions", "", b""), &[400]),
        ("no version", request("POST /api/v1/sessions", "", b""), &[400]),
        ("HTTP/3.0", request("POST /api/v1/sessions HTTP/3.0", "", b""), &[400]),
        ("a space in the path", request("POST /api/v1 /sessions HTTP/1.1", "", b""), &[400]),
        ("a control byte in the path", request("POST /api/v1/\x01sessions HTTP/1.1", "", b""), &[400]),
        ("a colon in the method", request("PO:ST /api/v1/sessions HTTP/1.1", "", b""), &[400]),
        ("a bad header name", request(&line, "X Y: 1\r\n", b""), &[400]),
        ("a header without a colon", request(&line, "nonsense\r\n", b""), &[400]),
        ("a folded header", request(&line, "X-A: 1\r\n 2\r\n", b""), &[400]),
        ("a NUL in a header", request(&line, "X-A: \0\r\n", b""), &[400]),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and so on\r\n\r\n".to_vec(), &[400]),
        ("a negative length", request(&line, "Content-Length: -1\r\n", b""), &[400]),
        ("a signed length", request(&line, "Content-Length: +2\r\n", b"{}"), &[400]),
        ("a length in words", request(&line, "Content-Length: two\r\n", b"{}"), &[400]),
        ("no length at all", request(&line, "Content-Length: \r\n", b"{}"), &[400]),
        (
            "a length beyond 64 bits",
            request(&line, "Content-Length: 99999999999999999999999\r\n", b"{}"),
            &[400],
        ),
        (
            "a length of u64::MAX",
            request(&line, "Content-Length: 18446744073709551615\r\n", b"{}"),
            &[400, 431],
        ),
        ("two lengths", request(&line, "Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"), &[400]),
        ("a list of lengths", request(&line, "Content-Length: 2, 3\r\n", b"{}"), &[400]),
        ("an unknown coding", request(&line, "Transfer-Encoding: gzip\r\n", b""), &[400]),
        ("chunked, but not last", request(&line, "Transfer-Encoding: chunked, gzip\r\n", b""), &[400]),
        (
            "chunked in HTTP/1.0",
            request(&line.replace("1.1", "1.0"), "Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
            &[400],
        ),
    ];
    let mut refused = 0.0;
    for (what, head, statuses) in &heads {
        let mut connection = server.connect();
        let answer = connection.exchange(head);
        assert!(statuses.contains(&answer.status), "{what}: {answer:?}");
        assert!(connection.is_closed_by_server(), "{what}");
        drop(connection);
        refused += 1.0;
        server.wait_until("it is counted", |server| server.refused("malformed_request") == refused);
        server.assert_well();
    }
    assert_eq!(server.row(&sid)["event_count"], 1);
}

#[test]
fn connections_that_speak_no_http_at_all_are_closed() {
    let server = TestServer::start(settings());
    for bytes in [
        &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"\xff\xfe\xfd\r\n\r\n",
    ] {
        let mut connection = server.connect();
        connection.send(bytes);
        assert!(connection.is_closed_by_server(), "{bytes:?}");
        server.assert_well();
    }
}

#[test]
fn absurd_lengths_are_refused_without_waiting_for_the_body() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    for length in ["16777217", "9223372036854775807", "18446744073709551613"] {
        for path in ["/api/v1/sessions", "/api/v1/downloaded", &format!("/api/v1/sessions/{sid}/events")] {
            let line = format!("POST {path} HTTP/1.1");
            let head = request(&line, &format!("Content-Length: {length}\r\n"), b"{");
            let answer = server.connect().exchange(&head);
            answer.assert_refused(413);
            server.assert_well();
        }
    }
    assert_eq!(server.refused("body_too_large"), 9.0);
}

#[test]
fn a_chunked_body_that_never_ends_is_refused_at_its_limit() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let mut refused = 0.0;
    for (path, first, most_bytes) in [
        (format!("/api/v1/sessions/{sid}/events"), "{", 64 * 1024),
        (format!("/api/v1/sessions/{sid}/events"), "[", 64 * 1024),
        ("/api/v1/sessions".to_owned(), "{", 64 * 1024),
        ("/api/v1/sessions".to_owned(), " ", 64 * 1024),
        ("/api/v1/downloaded".to_owned(), "[", 16 * 1024 * 1024),
    ] {
        let mut connection = server.connect();
        connection.send(&request(&format!("POST {path} HTTP/1.1"), "Transfer-Encoding: chunked\r\n", b""));
        connection.send(format!("1\r\n{first}\r\n").as_bytes());
        let chunk = format!("2000\r\n{}\r\n", " ".repeat(0x2000));
        for _ in 0..=most_bytes / 0x2000 {
            connection.send(chunk.as_bytes());
        }
        connection.read_answer(false).assert_refused(413);
        refused += 1.0;
        assert_eq!(server.refused("body_too_large"), refused, "{path} {first}");
        server.assert_well();
    }
}

#[test]
fn broken_chunks_and_torn_bodies_are_refused() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let line = format!("POST /api/v1/sessions/{sid}/events HTTP/1.1");
    let chunked = "Transfer-Encoding: chunked\r\n";
    let bodies: [&[u8]; 6] = [
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"-1\r\n{}\r\n0\r\n\r\n",
        b"ffffffffffffffffff\r\n{}\r\n",
        b"2\r\n{}xx0\r\n\r\n",
        b"2 nonsense\r\n{}\r\n0\r\n\r\n",
        b"\r\n\r\n",
    ];
    let mut refused = 0.0;
    for body in bodies {
        let answer = server.connect().exchange(&request(&line, chunked, body));
        assert_eq!(answer.status, 400, "{body:?}");
        answer.assert_refused(400);
        refused += 1.0;
        assert_eq!(server.refused("body_unreadable") + server.refused("invalid"), refused, "{body:?}");
        server.assert_well();
    }
    // A client that disconnects in the middle of its body gets no response and changes nothing.
    let mut connection = server.connect();
    connection.send(&request(&line, "Content-Length: 1000\r\n", b"{\"playerTime\""));
    drop(connection);
    server.assert_well();
    assert_eq!(server.row(&sid)["event_count"], 1);
}

#[test]
fn two_ways_to_say_the_length_cannot_smuggle_a_request() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let line = format!("POST /api/v1/sessions/{sid}/events HTTP/1.1");
    let body = ping_with("");
    let mut chunked = format!("{:x}\r\n", body.len()).into_bytes();
    chunked.extend(&body);
    chunked.extend(b"\r\n0\r\n\r\n");
    let hidden = request("GET /livez HTTP/1.1", "", b"");
    for headers in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding:\tchunked\r\n",
        "transfer-encoding: CHUNKED\r\n",
    ] {
        let mut bytes = request(&line, headers, &chunked);
        bytes.extend(&hidden);
        let mut connection = server.connect();
        let answer = connection.exchange(&bytes);
        let length_says_two_things = headers.contains("Content-Length") || headers.contains("identity");
        // Either the server refuses all of it, or the chunks are the body and the rest is the next request. The server
        // does not answer that one if the bytes before it are ambiguous.
        match answer.status {
            204 if length_says_two_things => {
                let next = connection.read_answer(false);
                assert!(next.status == 0 || next.body == b"alive\n", "{headers:?}: {next:?}");
            }
            204 => assert_eq!(connection.read_answer(false).body, b"alive\n", "{headers:?}"),
            400 => assert!(connection.is_closed_by_server(), "{headers:?}"),
            status => panic!("{headers:?}: {status}"),
        }
        server.assert_well();
    }
    assert!(server.row(&sid)["event_count"].as_u64().unwrap() <= 2);
}

#[test]
fn paths_are_never_looked_up_anywhere() {
    let server = TestServer::start(settings());
    let mut refused = 0.0;
    for path in [
        "/api/v1/../../../../etc/passwd",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/api/v1/schemas/..%2f..%2fCargo.toml",
        "/api/v1/schemas/%00",
        "/api/v1/schemas/%ff%fe",
        "/api/v1/schemas/%",
        "/api/v1/schemas/%zz",
        "//api/v1/schemas/play",
        "/api//v1/schemas/play",
        "/api/v1/./schemas/play",
        "/api/v1/schemas/play;x=1",
        "/%61pi/v1/schemas/play",
        "*",
    ] {
        let answer = server.connect().exchange(&request(&format!("GET {path} HTTP/1.1"), "", b""));
        answer.assert_refused(404);
        refused += 1.0;
        assert_eq!(server.refused("not_found"), refused, "{path}");
        server.assert_well();
    }
    let answer = server.connect().exchange(&request("GET http://example.com/livez HTTP/1.1", "", b""));
    assert_eq!(answer.status, 200, "the form that proxies are sent");
    let answer = server.connect().exchange(&request("CONNECT example.com:443 HTTP/1.1", "", b""));
    assert!((400..500).contains(&answer.status), "{answer:?}");
    server.assert_well();
}

#[test]
fn header_values_that_are_not_ascii_change_nothing() {
    let server = TestServer::start(settings());
    let body = session_start(START_MS).to_string();
    for header in [
        &b"X-Player: caf\xc3\xa9\r\n"[..],
        b"X-Player: \xff\xfe\r\n",
        b"Content-Type: \xe9\r\n",
        b"Host: \xff\r\n",
    ] {
        let mut bytes = b"POST /api/v1/sessions HTTP/1.1\r\n".to_vec();
        if !header.starts_with(b"Host") {
            bytes.extend(b"Host: localhost\r\n");
        }
        bytes.extend(header);
        bytes.extend(format!("Content-Length: {}\r\n\r\n{body}", body.len()).bytes());
        assert_eq!(server.connect().exchange(&bytes).status, 201, "{header:?}");
    }
    let mut bytes =
        b"OPTIONS /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nAccess-Control-Request-Headers: \xc3\xa9\r\n".to_vec();
    bytes.extend(b"Content-Length: 0\r\n\r\n");
    let mut connection = server.connect();
    connection.send(&bytes);
    let mut answer = [0; 12];
    std::io::Read::read_exact(&mut connection.stream, &mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 204");
    let mut bytes =
        b"GET /reports/v1/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe\r\n"
            .to_vec();
    bytes.extend(b"Content-Length: 0\r\n\r\n");
    assert_eq!(server.connect().exchange(&bytes).status, 401);
    server.assert_well();
}

#[test]
fn garbage_in_a_query_is_listed_in_full() {
    let server = TestServer::start(settings());
    let long = format!("q={}", "x".repeat(9_000));
    let queries: [(&str, &[&str]); 9] = [
        (
            "from=yesterday&to=2026-13-01&open=perhaps&diagnosis=tired&limit=0&cursor=1&colour=red",
            &["?colour", "?cursor", "?diagnosis", "?from", "?limit", "?open", "?to"],
        ),
        ("limit=1001", &["?limit"]),
        ("limit=-1", &["?limit"]),
        ("limit=99999999999999999999", &["?limit"]),
        ("open=true&open=false", &["?open"]),
        ("from=-999999-01-01T00:00:00Z", &["?from"]),
        (
            "cursor=99999999999999999999-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            &["?cursor"],
        ),
        ("%ff=%fe&&&==", &["?", "?\u{fffd}"]),
        (&long, &[""]),
    ];
    let mut refused = 0.0;
    for (query, paths) in queries {
        let answer = server.get(&format!("/reports/v1/sessions?{query}"));
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
        let mut found = answer.fault_paths();
        found.sort_unstable();
        assert_eq!(found, paths, "{query}");
        refused += 1.0;
        assert_eq!(server.refused("invalid"), refused);
        server.assert_well();
    }
    let harmless = [
        "q=%00",
        "q=%ff",
        "q=%25%5f",
        "content_id='%20OR%201=1%20--",
        "q=",
        "&&",
        "limit=1000",
        "q=%F0%9F%8E%AC",
    ];
    for query in harmless {
        assert_eq!(server.get(&format!("/reports/v1/sessions?{query}")).status, 200, "{query}");
    }
    let sid = server.open(&session_start(START_MS));
    for query in ["limit=0", "limit=1001", "cursor=-1", "cursor=x", "order=asc"] {
        assert_eq!(server.get(&format!("/reports/v1/sessions/{sid}/events?{query}")).status, 400, "{query}");
    }
    let past_the_end = server.get(&format!("/reports/v1/sessions/{sid}/events?cursor=18446744073709551615"));
    assert_eq!((past_the_end.status, past_the_end.json()["events"].clone()), (200, json!([])));
}

#[test]
fn garbage_in_the_token_is_refused() {
    let server = TestServer::start(settings());
    let long = format!("Bearer {}", "x".repeat(20_000));
    let twice = format!("Bearer {TOKEN} {TOKEN}");
    let others =
        ["", "Bearer", "Bearer ", "bearer\t", "Basic dXNlcjpwYXNz", TOKEN, &long, &twice, "Bearer \u{7f}"];
    for authorization in others {
        let headers = [("Authorization", authorization)];
        let answer = server.connect().request("GET", "/reports/v1/sessions", &headers, b"");
        assert!([400, 401].contains(&answer.status), "{authorization:?}: {answer:?}");
    }
    server.assert_well();
}

#[test]
fn too_many_requests_of_one_address_are_refused_with_advice_to_come_back() {
    let mut slow = settings();
    slow.capacity.address_requests_per_second = 1;
    let server = TestServer::start(slow);
    let path = "/api/v1/schemas/play";
    let answers: Vec<_> = (0..20).map(|_| server.connect().request("GET", path, &[], b"")).collect();
    assert_eq!(answers[0].status, 200);
    let refused = answers.iter().find(|answer| answer.status == 429).expect("a burst has an end");
    refused.assert_refused(429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(server.refused("too_many_requests") >= 1.0);
    let body = event("ping", 0.0, START_MS).to_string().repeat(2_000);
    let unread = server.post("/api/v1/sessions", body.as_bytes());
    assert_eq!(unread.status, 429, "also when a body comes with it");
}
