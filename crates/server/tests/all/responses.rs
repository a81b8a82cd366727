//! Real responses of the report API are as its document describes them: no field is missing, and none is there beside.
use std::collections::BTreeSet;
use std::io::Read;

use crate::support::{START_MS, Settings, TestServer, event, session_start, settings};
use playhead_node::kept::schedule::places::Places;
use playhead_server::openapi_document;
use serde_json::{Value, json};

/// A session with an ad in a break, a chapter, a state and an error.
fn report_all(server: &TestServer) -> String {
    let mut start = session_start(START_MS);
    start["customMetadata"] = json!({"plan": "basic"});
    let sid = server.open(&start);
    let send = |event_type: &str, seconds: i64, more: Value| {
        let mut event = event(event_type, seconds as f64, START_MS + seconds * 1_000);
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(server.event(&sid, &event), 204, "{event}");
    };
    let pod = json!({"media.ad.podFriendlyName": "pod", "media.ad.podIndex": 1, "media.ad.podSecond": 0});
    send("adBreakStart", 0, json!({"params": pod}));
    let ad = json!({"media.ad.podPosition": 1, "media.ad.id": "ad-1", "media.ad.length": 15, "media.ad.playerName": "player"});
    send("adStart", 0, json!({"params": ad}));
    send("play", 0, json!({}));
    send("adComplete", 15, json!({}));
    send("adBreakComplete", 15, json!({}));
    let chapter = json!({"media.chapter.index": 1, "media.chapter.offset": 0, "media.chapter.length": 60});
    send("chapterStart", 15, json!({"params": chapter}));
    send("play", 15, json!({}));
    send("stateStart", 20, json!({"params": {"media.state.name": "mute"}}));
    send("bitrateChange", 25, json!({"qoeData": {"media.qoe.bitrate": 3_200}}));
    send("error", 30, json!({"qoeData": {"media.qoe.errorID": "e1", "media.qoe.errorSource": "player"}}));
    send("pauseStart", 40, json!({}));
    send("sessionEnd", 50, json!({}));
    server.clock.advance(120_000);
    server.closed_row(&sid);
    sid
}

#[test]
fn json_lacked_nosniff() {
    let server = TestServer::start(settings());
    let sid = report_all(&server);
    let row = format!("/reports/v1/sessions/{sid}");
    let paths = [
        "/reports/v1/sessions",
        &row,
        "/reports/v1/catalogue",
        "/reports/v1/time-zone?name=Africa/Casablanca",
        "/reports/v1/sessions/none",
        "/livez",
        "/metrics",
        "/api/v1/schemas/play",
        "/api/v1/none",
        "/none",
        "/",
    ];
    for path in paths {
        assert_eq!(server.get(path).header("x-content-type-options"), Some("nosniff"), "{path}");
    }
    let answer = server.send("/api/v1/sessions", &json!({}));
    assert_eq!((answer.status, answer.header("x-content-type-options")), (400, Some("nosniff")));
}

/// The schema with every object closed, so that a field beside those of the document is an error.
fn closed(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => {
            let mut object: serde_json::Map<_, _> =
                object.iter().map(|(key, value)| (key.clone(), closed(value))).collect();
            if object.get("properties").is_some_and(Value::is_object) {
                object.insert("additionalProperties".into(), false.into());
            }
            object.into()
        }
        Value::Array(values) => values.iter().map(closed).collect(),
        other => other.clone(),
    }
}

/// Checks a response against the schema of its call.
fn check(document: &Value, call: &str, method: &str, response: &Value) {
    let responses = &document["paths"][call][method]["responses"];
    let done = responses.get("201").unwrap_or(&responses["200"]);
    let schema = &done["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{call} has no schema");
    check_schema(document, call, schema, response);
}

fn check_schema(document: &Value, what: &str, schema: &Value, response: &Value) {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    let validator = jsonschema::draft202012::new(&whole).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(response).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

/// The response to a statement, which is sent as it is made: HTTP/1.0 gets it without the marks between its pieces.
fn rows_of(server: &TestServer, sql: &str) -> Value {
    let body = json!({"query": sql}).to_string();
    let mut connection = server.connect();
    let head = format!("POST /reports/v1/sql HTTP/1.0\r\nContent-Length: {}\r\n", body.len());
    connection
        .send(format!("{head}Authorization: Bearer {}\r\n\r\n{body}", crate::support::TOKEN).as_bytes());
    let mut response = String::new();
    connection.stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{response}");
    serde_json::from_str(body).unwrap()
}

#[test]
fn responses_are_as_the_document_describes_them() {
    let server = TestServer::start(settings());
    let sid = report_all(&server);
    assert_eq!(server.event(&sid, &json!({"eventType": "nonsense"})), 400);
    let document = closed(&openapi_document());
    let mut left: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    // No JSON is defined for these.
    for call in ["export/{table}", "live", "openapi.json", "logout"] {
        assert!(left.remove(&format!("/reports/v1/{call}")), "{call}");
    }
    let session = "/reports/v1/sessions/{sid}";
    for (call, query) in [
        ("/reports/v1/sessions", ""),
        ("/reports/v1/sessions/{sid}/events", ""),
        ("/reports/v1/sessions/{sid}/explain", ""),
        ("/reports/v1/concurrency", "?by=content_id&from=2026-11-01&to=2026-11-02"),
        ("/reports/v1/audience", "?content_id=content-1"),
        ("/reports/v1/retention", "?content_id=content-1"),
        ("/reports/v1/funnel", "?by=content_id"),
        ("/reports/v1/time-spent", "?by=content_id&from=2026-11-01&to=2026-11-02"),
        ("/reports/v1/quality", "?granularity=hour&from=2026-11-01&to=2026-11-02"),
        ("/reports/v1/quality/worsened", "?by=content_id&from=2026-11-01&to=2026-11-02&metric=ad_starts"),
        ("/reports/v1/metadata-keys", ""),
        ("/reports/v1/sessions", "?order_by=-media_time_spent&include_open=true"),
        ("/reports/v1/ads", "?breaks=true"),
        ("/reports/v1/catalogue", ""),
        ("/reports/v1/time-zone", "?name=Europe/Berlin"),
        ("/reports/v1/access", ""),
        ("/reports/v1/live/history", ""),
        ("/reports/v1/faults", ""),
    ] {
        let response = server.get(&format!("{}{query}", call.replace("{sid}", &sid)));
        assert_eq!(response.status, 200, "{call}: {response:?}");
        check(&document, call, "get", &response.json());
        left.remove(call);
    }
    let posted = [
        (
            "/reports/v1/query",
            json!({"metrics": ["media_starts", "average_bitrate"], "dimensions": ["content_id"], "granularity": "hour", "from": "2026-11-01", "to": "2026-11-02"}),
        ),
        ("/reports/v1/login", json!({"token": crate::support::TOKEN})),
        ("/reports/v1/maintenance", json!({})),
    ];
    for (call, body) in posted {
        let token = format!("Bearer {}", crate::support::TOKEN);
        let body = body.to_string();
        let response = server.connect().request("POST", call, &[("Authorization", &token)], body.as_bytes());
        assert_eq!(response.status, 200, "{call}: {response:?}");
        check(&document, call, "post", &response.json());
        left.remove(call);
    }
    let sql = "SELECT 1 AS number, 'a' AS text, true AS flag, NULL AS nothing, [1, 2] AS list";
    check(&document, "/reports/v1/sql", "post", &rows_of(&server, sql));
    left.remove("/reports/v1/sql");
    let row = server.row(&sid);
    let open = openapi_document();
    check(&open, session, "get", &row);
    for (list, schema) in [("ads", "AdRow"), ("chapters", "ChapterRow"), ("errors", "ErrorRow")] {
        let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
        check_schema(&document, list, &schema, &row[list][0]);
    }
    let schemas = &document["components"]["schemas"];
    let columns = schemas["SessionRow"]["properties"].as_object().unwrap().keys().map(String::as_str);
    let described: Vec<_> = columns.chain(["ads", "chapters", "errors"]).collect();
    assert_eq!(row.as_object().unwrap().keys().collect::<Vec<_>>(), described);
    for list in ["ads", "chapters", "errors", "states", "playing_spans", "watched_spans"] {
        assert!(!row[list].as_array().unwrap().is_empty(), "{list} has nothing that could be checked");
    }
    left.remove(session);
    let exclusion = "/reports/v1/sessions/{sid}/exclusion";
    let (path, token) = (exclusion.replace("{sid}", &sid), format!("Bearer {}", crate::support::TOKEN));
    let body = json!({"reason": "a robot"}).to_string();
    let response = server.connect().request("POST", &path, &[("Authorization", &token)], body.as_bytes());
    check(&document, exclusion, "post", &response.json());
    check(&document, exclusion, "get", &server.get(&path).json());
    check(&document, "/reports/v1/exclusions", "get", &server.get("/reports/v1/exclusions").json());
    check(&open, session, "get", &server.row(&sid));
    left.remove(exclusion);
    left.remove("/reports/v1/exclusions");
    check_what_is_kept(&server, &document, &mut left);
    check_schedules(&document, &mut left);
    assert_eq!(left, BTreeSet::new(), "calls that this test leaves out");
    let refused = server.get("/reports/v1/sessions?limit=0");
    check_schema(&document, "a refusal", &json!({"$ref": "#/components/schemas/Error"}), &refused.json());
    server.stop();
}

/// The calls of what people keep: made, listed, read, changed.
fn check_what_is_kept(server: &TestServer, document: &Value, left: &mut BTreeSet<String>) {
    let panel = json!({"title": "Quality", "kind": "quality", "parameters": {"segment": "video"}});
    for (kind, mut body) in [
        ("views", json!({"name": "a view", "address": "/overview"})),
        ("boards", json!({"name": "a board", "panels": [panel]})),
        ("annotations", json!({"at": "2026-11-01T00:00:00Z", "text": "a release"})),
    ] {
        let (all, one) = (format!("/reports/v1/{kind}"), format!("/reports/v1/{kind}/{{id}}"));
        let send = |method: &str, path: &str, body: &Value| {
            let token = format!("Bearer {}", crate::support::TOKEN);
            server.connect().request(method, path, &[("Authorization", &token)], body.to_string().as_bytes())
        };
        let kept = send("POST", &all, &body).json();
        check(document, &all, "post", &kept);
        check(document, &all, "get", &server.get(&all).json());
        let path = format!("{all}/{}", kept["id"].as_str().unwrap());
        check(document, &one, "get", &server.get(&path).json());
        body["version"] = json!(1);
        check(document, &one, "put", &send("PUT", &path, &body).json());
        left.remove(&all);
        left.remove(&one);
    }
}

/// The calls of schedules, on a server whose operator allows a folder.
fn check_schedules(document: &Value, left: &mut BTreeSet<String>) {
    let folder = tempfile::tempdir().unwrap();
    let places = Places { folder: Some(folder.path().to_owned()), ..Places::default() };
    let server = TestServer::start(Settings { places, ..settings() });
    let send = |method: &str, path: &str, body: &str| {
        let token = format!("Bearer {}", crate::support::TOKEN);
        server.connect().request(method, path, &[("Authorization", &token)], body.as_bytes()).json()
    };
    let mut body = json!({"name": "Starts", "report": {"kind": "query", "parameters": {"metrics": ["media_starts"]}},
        "range": "7d", "when": {"every": "week", "weekday": "monday", "at": "06:00"}, "format": "csv", "to": {"folder": "."}});
    let [all, one, run] = ["", "/{id}", "/{id}/run"].map(|path| format!("/reports/v1/schedules{path}"));
    let kept = send("POST", &all, &body.to_string());
    check(document, &all, "post", &kept);
    let path = format!("{all}/{}", kept["id"].as_str().unwrap());
    check(document, &run, "post", &send("POST", &format!("{path}/run"), ""));
    check(document, &all, "get", &server.get(&all).json());
    check(document, &one, "get", &server.get(&path).json());
    body["version"] = json!(1);
    check(document, &one, "put", &send("PUT", &path, &body.to_string()));
    for path in [all, one, run] {
        left.remove(&path);
    }
    server.stop();
}
