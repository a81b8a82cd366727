//! The collection endpoints from outside: statuses, headers and bodies of the protocol contract, sections 1 to 4.
use crate::support::{Answer, START_MS, TestServer, event, session_start, settings};
use playhead_protocol::Validation;
use serde_json::{Value, json};

const UNKNOWN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn paths() -> [String; 4] {
    [
        "/api/v1/sessions".to_owned(),
        "/api/v1/downloaded".to_owned(),
        format!("/api/v1/sessions/{UNKNOWN}/events"),
        "/api/v1/schemas/play".to_owned(),
    ]
}

fn with(mut value: Value, pointer: &str, change: Value) -> Value {
    *value.pointer_mut(pointer).unwrap() = change;
    value
}

#[test]
fn the_response_to_a_start_has_the_documented_headers_and_no_others() {
    let server = TestServer::start(settings());
    let answer = server.send("/api/v1/sessions", &session_start(START_MS));
    assert_eq!(answer.status, 201);
    assert!(answer.body.is_empty());
    let location = answer.header("location").unwrap();
    let sid = location.strip_prefix("/api/v1/sessions/").unwrap();
    assert_eq!(sid.len(), 64);
    assert!(sid.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{sid}");
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    assert_eq!(answer.header("content-length"), Some("0"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("Content-Type"));
    assert!(answer.header("date").is_some());
    answer.assert_cors();
    let mut names: Vec<&str> = answer.headers.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "access-control-allow-headers",
            "access-control-allow-methods",
            "access-control-allow-origin",
            "access-control-expose-headers",
            "content-length",
            "content-type",
            "date",
            "location",
        ]
    );
    let other = server.open(&session_start(START_MS));
    assert_ne!(other, sid, "each start opens its own session, byte for byte the same or not");
}

#[test]
fn the_response_to_an_event_is_empty_and_readable_for_browsers() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let answer = server.send(&format!("/api/v1/sessions/{sid}/events"), &event("play", 0.0, START_MS));
    assert_eq!(answer.status, 204);
    answer.assert_cors();
    assert_eq!(answer.header("access-control-allow-headers"), Some("Content-Type"));
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("content-type"), None);
}

#[test]
fn a_preflight_is_allowed_for_a_day_on_every_path() {
    let server = TestServer::start(settings());
    for path in paths() {
        let asked = [
            ("Origin", "https://player.example.com"),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "content-type, x-player"),
        ];
        let answer = server.connect().request("OPTIONS", &path, &asked, b"");
        assert_eq!(answer.status, 204, "{path}");
        answer.assert_cors();
        assert_eq!(answer.header("access-control-allow-headers"), Some("content-type, x-player"));
        assert_eq!(answer.header("access-control-max-age"), Some("86400"));
        let plain = server.connect().request("OPTIONS", &path, &[], b"");
        assert_eq!(plain.status, 204, "{path}");
        assert_eq!(plain.header("access-control-allow-headers"), Some("Content-Type, Content-Encoding"));
        let encoded = [("Access-Control-Request-Headers", "content-encoding,content-type")];
        let encoded = server.connect().request("OPTIONS", &path, &encoded, b"");
        assert_eq!(encoded.header("access-control-allow-headers"), Some("content-encoding,content-type"));
        assert_eq!(plain.header("access-control-max-age"), Some("86400"));
    }
}

#[test]
fn other_methods_are_refused_with_those_that_are_allowed() {
    let server = TestServer::start(settings());
    let mut refused = 0.0;
    for path in paths() {
        let is_schema = path.contains("schemas");
        let own = if is_schema { "GET" } else { "POST" };
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "TRACE", "BREW"] {
            if method == own || (is_schema && method == "HEAD") {
                continue;
            }
            let answer = server.connect().request(method, &path, &[], b"");
            assert_eq!(answer.status, 405, "{method} {path}");
            answer.assert_cors();
            let allow = answer.header("allow").unwrap();
            let allowed: Vec<&str> = allow.split(", ").collect();
            assert!(allowed.contains(&own) && allowed.contains(&"OPTIONS"), "{method} {path}: {allow}");
            assert!(!allowed.contains(&method), "{method} {path}: {allow}");
            if method != "HEAD" {
                answer.assert_refused(405);
            }
            refused += 1.0;
        }
    }
    assert_eq!(server.refused("method_not_allowed"), refused);
}

#[test]
fn schemas_are_served_for_every_event_type_and_for_no_other() {
    let server = TestServer::start(settings());
    let types = "sessionStart play ping bufferStart pauseStart bitrateChange error sessionComplete sessionEnd \
                 adBreakStart adBreakComplete adStart adComplete adSkip chapterStart chapterComplete chapterSkip \
                 stateStart stateEnd statesUpdate";
    for event_type in types.split_whitespace() {
        let answer = server.connect().request("GET", &format!("/api/v1/schemas/{event_type}"), &[], b"");
        assert_eq!(answer.status, 200, "{event_type}");
        answer.assert_cors();
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let schema = answer.json();
        let draft = schema["$schema"].as_str().unwrap();
        assert!(draft.starts_with("http://json-schema.org/draft-04/schema"), "{draft}");
        assert_eq!(schema["type"], "object");
        let head = server.connect().request("HEAD", &format!("/api/v1/schemas/{event_type}"), &[], b"");
        assert_eq!((head.status, head.header("content-length")), (200, answer.header("content-length")));
    }
    for unknown in ["stop", "Play", "SESSIONSTART", "play%20", "%ff", "play/", "..%2f..%2fetc%2fpasswd"] {
        let answer = server.connect().request("GET", &format!("/api/v1/schemas/{unknown}"), &[], b"");
        answer.assert_refused(404);
    }
    assert_eq!(server.refused("not_found"), 7.0);
}

#[test]
fn schemas_are_those_of_the_level_in_force() {
    let schema_at = |validation| {
        let server = TestServer::start(crate::support::Settings { validation, ..settings() });
        server.get("/api/v1/schemas/sessionStart").json()
    };
    let [lenient, standard, strict] =
        [Validation::Lenient, Validation::Standard, Validation::Strict].map(schema_at);
    assert_ne!(lenient, standard);
    assert_ne!(standard, strict);
}

#[test]
fn a_body_is_json_whatever_its_content_type_says() {
    let server = TestServer::start(settings());
    let start = session_start(START_MS).to_string();
    let play = event("play", 0.0, START_MS).to_string();
    let types: [&[(&str, &str)]; 6] = [
        &[],
        &[("Content-Type", "application/json")],
        &[("Content-Type", "text/plain;charset=UTF-8")],
        &[("Content-Type", "application/x-www-form-urlencoded")],
        &[("Content-Type", "multipart/form-data")],
        &[("Content-Type", ";;; nonsense \"")],
    ];
    for headers in types {
        let opened = server.connect().request("POST", "/api/v1/sessions", headers, start.as_bytes());
        let path = format!("/api/v1/sessions/{}/events", opened.session());
        assert_eq!(
            server.connect().request("POST", &path, headers, play.as_bytes()).status,
            204,
            "{headers:?}"
        );
    }
}

#[test]
fn all_faults_of_a_body_come_at_once_each_with_its_path() {
    let server = TestServer::start(settings());
    let mut start = session_start(START_MS);
    start["playerTime"]["ts"] = json!("soon");
    start["params"]["media.length"] = json!("600");
    start["params"].as_object_mut().unwrap().remove("media.channel");
    start["customMetadata"] = json!({"bad key": "value"});
    let answer = server.send("/api/v1/sessions", &start);
    answer.assert_refused(400);
    let mut paths = answer.fault_paths();
    paths.sort_unstable();
    assert_eq!(
        paths,
        ["/customMetadata/bad key", "/params/media.channel", "/params/media.length", "/playerTime/ts",]
    );
    let faults = answer.json();
    let length =
        faults["errors"].as_array().unwrap().iter().find(|fault| fault["path"] == "/params/media.length");
    assert_eq!(length.unwrap()["message"], "must be a number, is a string");
    assert_eq!(server.refused("invalid"), 1.0);
}

#[test]
fn each_level_validates_by_the_table() {
    let mut without_channel = session_start(START_MS);
    without_channel["params"].as_object_mut().unwrap().remove("media.channel");
    let mut without_id = session_start(START_MS);
    without_id["params"].as_object_mut().unwrap().remove("media.id");
    let wrong_type = with(session_start(START_MS), "/params/media.length", json!("600"));
    let mut unknown_key = session_start(START_MS);
    unknown_key["params"]["media.unheardOf"] = json!(1);
    let verdicts = |validation| {
        let server = TestServer::start(crate::support::Settings { validation, ..settings() });
        [&without_channel, &without_id, &wrong_type, &unknown_key]
            .map(|start| server.send("/api/v1/sessions", start).status)
    };
    assert_eq!(verdicts(Validation::Lenient), [201, 400, 400, 201]);
    assert_eq!(verdicts(Validation::Standard), [400, 400, 400, 201]);
    assert_eq!(verdicts(Validation::Strict), [400, 400, 400, 400]);
}

#[test]
fn an_invalid_session_id_is_not_found() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let upper = sid.to_uppercase();
    let short = &sid[..63];
    let long = format!("{sid}0");
    let padded = format!("%20{sid}");
    let forged =
        ["x", UNKNOWN, &upper, short, &long, &padded, "%ff", "%00", "..", "%2e%2e%2f", "-1", "%F0%9F%8E%AC"];
    for sid in forged {
        let answer = server.send(&format!("/api/v1/sessions/{sid}/events"), &event("play", 0.0, START_MS));
        answer.assert_refused(404);
        assert_eq!(answer.json()["message"], "session not found", "{sid}");
    }
    assert_eq!(server.refused("not_found"), forged.len() as f64);
    let encoded = sid.replacen(&sid[..1], &format!("%{:x}", sid.as_bytes()[0]), 1);
    let answer = server.send(&format!("/api/v1/sessions/{encoded}/events"), &event("play", 0.0, START_MS));
    assert_eq!(answer.status, 204, "a percent-encoded digit is still that digit");
}

#[test]
fn a_start_belongs_on_the_sessions_path_and_everything_else_on_the_events_path() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let answer = server.send(&format!("/api/v1/sessions/{sid}/events"), &session_start(START_MS + 1));
    answer.assert_refused(400);
    assert_eq!(answer.fault_paths(), ["/eventType"]);
    let answer = server.send("/api/v1/sessions", &event("ping", 0.0, START_MS));
    answer.assert_refused(400);
    assert_eq!(answer.fault_paths(), ["/eventType"]);
    let array = json!([event("ping", 0.0, START_MS)]);
    let answer = server.send(&format!("/api/v1/sessions/{sid}/events"), &array);
    answer.assert_refused(400);
    assert_eq!(server.row(&sid)["event_count"], 1);
    assert_eq!(server.accepted("collection_v1"), 1.0);
}

#[test]
fn a_single_start_must_not_say_that_it_was_downloaded() {
    let server = TestServer::start(settings());
    let mut start = session_start(START_MS);
    start["params"]["media.downloaded"] = json!(true);
    let answer = server.send("/api/v1/sessions", &start);
    answer.assert_refused(400);
    assert_eq!(answer.fault_paths(), ["/params/media.downloaded"]);
    start["params"]["media.downloaded"] = json!(false);
    assert_eq!(server.send("/api/v1/sessions", &start).status, 201);
}

#[test]
fn the_first_playhead_lies_in_the_content_and_later_ones_may_not() {
    let server = TestServer::start(settings());
    let verdict = |content_type: &str, length: f64, playhead: f64| {
        let start = with(session_start(START_MS), "/params/media.contentType", json!(content_type));
        let start = with(start, "/params/media.length", json!(length));
        server.send("/api/v1/sessions", &with(start, "/playerTime/playhead", json!(playhead))).status
    };
    assert_eq!(
        [verdict("vod", 600.0, 599.9), verdict("vod", 600.0, 600.0), verdict("vod", 600.0, -0.1)],
        [201, 400, 400]
    );
    assert_eq!([verdict("live", 0.0, 86_399.0), verdict("live", 0.0, 86_400.0)], [201, 400]);
    assert_eq!(verdict("vod", 0.0, 1e9), 201, "no length, no end");
    let sid = server.open(&session_start(START_MS));
    assert_eq!(server.event(&sid, &event("play", 1e9, START_MS)), 204);
    assert_eq!(server.event(&sid, &event("ping", -5.0, START_MS + 1)), 204);
    server.clock.advance(5_000);
    server.wait_until("both are processed", |server| {
        server.row(&sid)["diagnoses"].as_array().unwrap().contains(&json!("playhead_out_of_range"))
    });
}

#[test]
fn forms_that_players_send_are_taken_as_they_come() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let path = format!("/api/v1/sessions/{sid}/events");
    let bodies = [
        format!(r#"{{"playerTime":{{"playhead":1.0,"ts":{START_MS}.0}},"eventType":"play","params":{{}}}}"#),
        format!(r#"{{"eventType":"ping","playerTime":{{"ts":{START_MS},"playhead":2.123456789012345678}}}}"#),
        format!(
            r#"  {{"eventType":"ping","playerTime":{{"ts":{START_MS},"playhead":3}},"qoeData":null,"params":null}}  "#
        ),
        format!(
            r#"{{"eventType":"pi\u006eg","playerTime":{{"ts":{START_MS},"playhead":4}},"qoeData":{{"media.qoe.bitrate":1200.5}}}}"#
        ),
        format!(
            r#"{{"eventType":"play","eventType":"ping","playerTime":{{"ts":1,"ts":{START_MS},"playhead":5}}}}"#
        ),
        format!(
            r#"{{"eventType":"ping","playerTime":{{"ts":{START_MS},"playhead":6}},"customMetadata":{{"a":"http:\/\/example.com\/"}}}}"#
        ),
    ];
    for body in &bodies {
        let answer = server.post(&path, body.as_bytes());
        assert_eq!(answer.status, 204, "{body}: {answer:?}");
    }
    for body in [
        format!(r#"{{"eventType":"ping","playerTime":{{"ts":"{START_MS}","playhead":1}}}}"#),
        format!(r#"{{"eventType":"ping","playerTime":{{"ts":{START_MS},"playhead":"1"}}}}"#),
        format!(r#"{{"eventType":"ping","playerTime":{{"ts":{START_MS}.5,"playhead":1}}}}"#),
        format!(r#"{{"eventType":"ping","playerTime":{{"ts":{START_MS},"playhead":null}}}}"#),
    ] {
        server.post(&path, body.as_bytes()).assert_refused(400);
    }
    assert_eq!(server.row(&sid)["event_count"], 7);
}

#[test]
fn a_retry_is_answered_like_the_first_and_counted_once() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    for _ in 0..5 {
        assert_eq!(server.event(&sid, &event("bufferStart", 0.0, START_MS)), 204);
    }
    assert_eq!(
        server.event(&sid, &event("bufferStart", 0.0, START_MS + 1)),
        204,
        "one ms later is another event"
    );
    assert_eq!(server.row(&sid)["event_count"], 3);
    assert_eq!(server.metric("playhead_duplicates_total"), 4.0);
    assert_eq!(server.accepted("collection_v1"), 3.0);
}

#[test]
fn a_closed_session_is_gone_for_a_day_and_then_unknown() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let path = format!("/api/v1/sessions/{sid}/events");
    assert_eq!(server.event(&sid, &event("sessionComplete", 600.0, START_MS + 1_000)), 204);
    assert_eq!(server.event(&sid, &event("ping", 600.0, START_MS + 1_001)), 204, "complete is not closed");
    let end = event("sessionEnd", 600.0, START_MS + 2_000);
    assert_eq!(server.event(&sid, &end), 204);
    assert_eq!(server.event(&sid, &event("ping", 600.0, START_MS + 2_000)), 204, "of the time of the end");
    server.send(&path, &event("ping", 600.0, START_MS + 2_001)).assert_refused(410);
    assert_eq!(
        server.event(&sid, &event("sessionEnd", 0.0, START_MS + 9_000)),
        204,
        "an end that waits is repeated"
    );

    server.clock.advance(5_000);
    let row = server.closed_row(&sid);
    assert_eq!(row["close_reason"], "session_end");
    assert_eq!(row["event_count"], 5);
    for waited_ms in [0, 60_000, 24 * 60 * 60 * 1_000 - 60_001] {
        server.clock.advance(waited_ms);
        server.send(&path, &event("ping", 600.0, START_MS + 1_500)).assert_refused(410);
        assert_eq!(server.event(&sid, &end), 204);
        assert_eq!(server.event(&sid, &event("sessionEnd", 1.0, START_MS)), 204);
    }
    assert_eq!(server.row(&sid), row);
    assert_eq!(server.refused("session_closed"), 4.0);

    server.clock.advance(1);
    server.send(&path, &event("ping", 600.0, START_MS + 1_500)).assert_refused(404);
    server.send(&path, &end).assert_refused(404);
    assert_eq!(server.row(&sid), row, "its row stays");
}

#[test]
fn an_end_for_a_session_that_timed_out_repeats_nothing() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    server.clock.advance(10 * 60_000);
    let path = format!("/api/v1/sessions/{sid}/events");
    let end = event("sessionEnd", 1.0, START_MS + 1_000);
    server.send(&path, &end).assert_refused(410);
    let row = server.closed_row(&sid);
    assert_eq!(row["close_reason"], "idle_10m");
    // The response must not depend on whether the row is on disk already.
    server.send(&path, &end).assert_refused(410);
    server.send(&path, &event("ping", 1.0, START_MS + 1_000)).assert_refused(410);
    assert_eq!(server.row(&sid), row);
}

#[test]
fn a_session_whose_playhead_stands_still_times_out() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    for minute in 1..=30 {
        assert_eq!(server.event(&sid, &event("ping", 0.0, START_MS + minute * 60_000 - 1)), 204, "{minute}");
        server.clock.advance(60_000);
    }
    assert_eq!(server.closed_row(&sid)["close_reason"], "idle_playhead_30m");
    assert_eq!(server.event(&sid, &event("ping", 1.0, START_MS + 30 * 60_000)), 410);
}

#[test]
fn a_body_above_its_limit_is_refused_for_good() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let path = format!("/api/v1/sessions/{sid}/events");
    let padded = |bytes: usize| {
        let mut body = event("ping", 1.0, START_MS).to_string();
        body.extend(std::iter::repeat_n(' ', bytes - body.len()));
        body.into_bytes()
    };
    const LIMIT: usize = 64 * 1024;
    assert_eq!(server.post(&path, &padded(LIMIT)).status, 204);
    server.post(&path, &padded(LIMIT + 1)).assert_refused(413);
    server.post("/api/v1/sessions", &padded(LIMIT + 1)).assert_refused(413);
    server.post(&path, &padded(4 * 1024 * 1024)).assert_refused(413);
    let chunked = |path: &str, body: &[u8]| -> Answer {
        let mut request =
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
                .into_bytes();
        for chunk in body.chunks(1_000) {
            request.extend(format!("{:x}\r\n", chunk.len()).bytes());
            request.extend(chunk);
            request.extend(b"\r\n");
        }
        request.extend(b"0\r\n\r\n");
        server.connect().exchange(&request)
    };
    chunked(&path, &padded(LIMIT + 1)).assert_refused(413);
    chunked("/api/v1/sessions", &padded(2 * LIMIT)).assert_refused(413);
    let mut start = session_start(START_MS).to_string();
    start.extend(std::iter::repeat_n(' ', LIMIT - start.len()));
    assert_eq!(chunked("/api/v1/sessions", start.as_bytes()).status, 201, "at the limit, in pieces");
    assert_eq!(server.refused("body_too_large"), 5.0);
    assert_eq!(server.row(&sid)["event_count"], 2);
}

#[test]
fn sessions_of_other_report_suites_are_refused_for_good() {
    let allowed = crate::support::Settings { report_suites: vec!["example-rsid".to_owned()], ..settings() };
    let server = TestServer::start(allowed);
    server.open(&session_start(START_MS));
    let other = with(session_start(START_MS), "/params/analytics.reportSuite", json!("other-rsid"));
    let answer = server.send("/api/v1/sessions", &other);
    answer.assert_refused(400);
    assert_eq!(answer.fault_paths(), ["/params/analytics.reportSuite"]);
    let answer = server.send("/api/v1/downloaded", &json!([other, event("play", 0.0, START_MS)]));
    answer.assert_refused(400);
    assert_eq!(answer.fault_paths(), ["/0/params/analytics.reportSuite"]);
}

#[test]
fn unknown_paths_of_the_api_are_not_found_and_say_so_to_browsers() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    for path in [
        "/api/v1/sessions/".to_owned(),
        "/api/v1/session".to_owned(),
        "/api/v1/sessions//events".to_owned(),
        format!("/api/v1/sessions/{sid}"),
        format!("/api/v1/sessions/{sid}/events/"),
        format!("/api/v1/sessions/{sid}/events/1"),
        "/api/v2/sessions".to_owned(),
        "/api/".to_owned(),
        "/api".to_owned(),
        "/API/v1/sessions".to_owned(),
        "/".to_owned(),
        "/index.html".to_owned(),
    ] {
        server.send(&path, &event("play", 0.0, START_MS)).assert_refused(404);
    }
    assert_eq!(server.refused("not_found"), 12.0);
}
