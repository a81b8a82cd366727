//! The list of refused collection requests for people who instrument players.
use crate::support::{START_MS, TestServer, event, session_start, settings};
use playhead_node::limits::{REFUSAL_BODY_BYTES, REFUSALS};
use serde_json::{Value, json};

fn faults(server: &TestServer, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/reports/v1/faults{query}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["faults"].as_array().unwrap().clone()
}

#[test]
fn a_refused_request_is_listed_with_its_faults() {
    let server = TestServer::start(settings());
    assert!(faults(&server, "").is_empty());
    let mut start = session_start(START_MS);
    start["params"]["media.length"] = json!("long");
    let body = start.to_string();
    let headers = [("User-Agent", "Player/1.0"), ("Origin", "https://video.example")];
    server.clock.advance(1_234);
    let answer = server.connect().request("POST", "/api/v1/sessions", &headers, body.as_bytes());
    answer.assert_refused(400);
    let expected = json!([{
        "at": "2026-11-01T00:00:01.234Z", "status": 400, "reason": "invalid", "path": "/api/v1/sessions",
        "session_id": null, "report_suite": "example-rsid",
        "message": answer.json()["message"], "errors": answer.json()["errors"],
        "body": body, "body_bytes": body.len(), "body_is_cut": false,
        "user_agent": "Player/1.0", "origin": "https://video.example",
    }]);
    assert_eq!(Value::from(faults(&server, "")), expected);
    server.stop();
}

#[test]
fn faults_of_events_name_their_session_and_come_latest_first() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let path = format!("/api/v1/sessions/{sid}/events");
    assert_eq!(server.post(&path, b"{\"eventType\": \xff").status, 400);
    assert_eq!(server.event(&"0".repeat(64), &event("ping", 0.0, START_MS)), 404);
    assert_eq!(server.event("nonsense", &event("ping", 0.0, START_MS)), 404);
    assert_eq!(server.post("/api/v2/sessions", b"{}").status, 404);
    assert_eq!(server.connect().request("PUT", &path, &[], b"").status, 405);
    assert_eq!(server.get("/nothing").status, 404);
    assert_eq!(server.get("/reports/v1/nothing").status, 404);
    let found = faults(&server, "");
    let statuses: Vec<_> = found.iter().map(|fault| fault["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [405, 404, 404, 404, 400], "what is no collection request is not among them");
    let garbled = found.last().unwrap();
    assert_eq!(garbled["session_id"], sid);
    assert_eq!(garbled["report_suite"], "example-rsid", "of the session, as the body names none");
    assert_eq!(garbled["body"], "{\"eventType\": \u{fffd}");
    assert!(!garbled["message"].as_str().unwrap().is_empty());
    let unknown = &found[3];
    assert_eq!((&unknown["reason"], &unknown["session_id"]), (&json!("not_found"), &json!("0".repeat(64))));
    assert_eq!(unknown["body"], event("ping", 0.0, START_MS).to_string());
    assert_eq!(found[2]["path"], "/api/v1/sessions/nonsense/events");
    assert_eq!(faults(&server, "?limit=2"), found[..2]);
    assert_eq!(server.get("/reports/v1/faults?limit=0").status, 400);
    server.stop();
}

#[test]
fn as_much_is_kept_as_there_is_room_for() {
    let server = TestServer::start(settings());
    let mut connection = server.connect();
    let long = format!("[{}]", "\"\u{1f3ac}\",".repeat(2_000));
    for _ in 0..REFUSALS + 5 {
        assert_eq!(connection.request("POST", "/api/v1/downloaded", &[], long.as_bytes()).status, 400);
    }
    let found = faults(&server, "");
    assert_eq!(found.len(), REFUSALS);
    assert_eq!((&found[0]["body_bytes"], &found[0]["body_is_cut"]), (&json!(long.len()), &json!(true)));
    assert!(
        long.as_bytes().starts_with(&found[0]["body"].as_str().unwrap().as_bytes()[..REFUSAL_BODY_BYTES - 4])
    );
    let too_long = vec![b' '; 17 * 1024 * 1024];
    assert_eq!(server.post("/api/v1/sessions", &too_long).status, 413);
    let found = faults(&server, "?limit=1");
    assert_eq!(
        (&found[0]["status"], &found[0]["body"], &found[0]["body_is_cut"]),
        (&json!(413), &json!(""), &json!(true))
    );
    server.stop();
}
