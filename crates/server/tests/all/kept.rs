//! Views, boards and annotations: kept before they are acknowledged, seen and changed by those who may, within limits.

use crate::support::reports::{ask, ask_as};
use crate::support::{Answer, Settings, TOKEN, TestServer, settings};
use playhead_journal::{Failure, Journal, JournalReader};
use playhead_node::clock::Clock;
use playhead_node::limits::{
    ANNOTATION_TEXT_BYTES, ANNOTATIONS, BOARD_PANELS, BOARDS_OF_OWNER, KEPT_NAME_BYTES,
    PANEL_PARAMETERS_BYTES, VIEW_ADDRESS_BYTES, VIEWS_OF_OWNER,
};
use serde_json::{Value, json};

const READ_TOKEN: &str = "read-token-of-the-tests";

fn with_readers() -> Settings {
    Settings { read_token: Some(READ_TOKEN.to_owned()), ..settings() }
}

/// Keeps something; its response.
fn add_as(server: &TestServer, token: &str, kind: &str, body: &Value) -> Value {
    let answer = ask_as(server, token, "POST", kind, body);
    assert_eq!(answer.status, 201, "{answer:?}");
    server.clock.advance(1);
    answer.json()
}

fn path_of(kind: &str, kept: &Value) -> String {
    format!("{kind}/{}", kept["id"].as_str().unwrap())
}

/// The names in a list.
fn listed(server: &TestServer, token: &str, kind: &str) -> Vec<String> {
    let answer = ask_as(server, token, "GET", kind, &Value::Null);
    assert_eq!(answer.status, 200, "{answer:?}");
    let all = answer.json()[kind].as_array().unwrap().clone();
    all.iter().map(|kept| kept["name"].as_str().or(kept["text"].as_str()).unwrap().to_owned()).collect()
}

/// The faults of a refused request: path and message.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 400, "{answer:?}");
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let body = answer.json();
    body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (text(fault, "path"), text(fault, "message")))
        .collect()
}

fn paths(answer: &Answer) -> Vec<String> {
    faults(answer).into_iter().map(|(path, _)| path).collect()
}

fn view(name: &str, is_shared: bool) -> Value {
    json!({"name": name, "address": "/overview?range=30d&f=channel:is:web", "is_shared": is_shared})
}

fn board(name: &str) -> Value {
    let channel = json!([{"dimension": "channel", "operator": "=", "value": "web"}]);
    json!({"name": name, "is_shared": true, "panels": [
        {"title": "Starts", "kind": "series", "parameters": {"metrics": ["media_starts"], "filters": channel}},
        {"title": "By channel", "kind": "breakdown",
            "parameters": {"metrics": ["media_starts", "visitors"], "dimensions": ["channel"], "order_by": ["-media_starts"], "limit": 10}},
        {"title": "A line a channel", "kind": "series", "parameters": {"metrics": ["media_starts"], "dimensions": ["channel"]}},
        {"title": "By channel, plan and player", "kind": "breakdown",
            "parameters": {"metrics": ["media_starts"], "dimensions": ["channel", "custom.plan", "player_name"]}},
        {"title": "At once", "kind": "concurrency",
            "parameters": {"count": "visitors", "state": "playing", "by": "channel", "limit": 5, "filters": channel}},
        {"title": "Quality", "kind": "quality", "parameters": {"segment": "video"}},
    ]})
}

#[test]
fn what_was_acknowledged_was_gone_after_a_restart() {
    let server = TestServer::start(with_readers());
    let kept = add_as(&server, TOKEN, "views", &view("Web, 30 days", true));
    let kept_board = add_as(&server, TOKEN, "boards", &board("Morning"));
    let outage = json!({"at": "2026-11-01T10:00:00+01:00", "to": "2026-11-01T10:30:00+01:00", "kind": "outage",
        "text": "CDN in Frankfurt", "report_suite": "suite"});
    let annotation = add_as(&server, TOKEN, "annotations", &outage);
    let removed = add_as(&server, READ_TOKEN, "views", &view("Removed", false));
    assert_eq!(ask(&server, "DELETE", &path_of("views", &removed), &Value::Null).status, 204);
    assert_eq!((&kept["owner"], &kept["version"]), (&json!("admin"), &json!(1)));
    assert_eq!(kept["created_at"], "2026-11-01T00:00:00.000Z");
    assert_eq!(annotation["at"], "2026-11-01T09:00:00.000Z");
    assert_eq!(annotation["to"], "2026-11-01T09:30:00.000Z");
    assert_eq!(kept_board["panels"], board("")["panels"]);
    let all = |server: &TestServer| {
        ["views", "boards", "annotations"].map(|kind| ask(server, "GET", kind, &Value::Null).json())
    };
    let before = all(&server);
    let (store, clock) = server.stop();
    let server = TestServer::start_on(with_readers(), store, clock);
    assert_eq!(all(&server), before);
    assert_eq!(ask(&server, "GET", &path_of("boards", &kept_board), &Value::Null).json(), kept_board);
    assert_eq!(before[1]["boards"][0]["panel_count"], 6);
    assert_eq!(ask(&server, "GET", &path_of("views", &kept), &Value::Null).json(), kept);
    assert_eq!(listed(&server, TOKEN, "views"), ["Web, 30 days"]);
}

#[test]
fn a_token_saw_or_changed_what_another_one_keeps_for_itself() {
    let server = TestServer::start(with_readers());
    let shared = add_as(&server, TOKEN, "views", &view("shared", true));
    let hidden = add_as(&server, TOKEN, "views", &view("hidden", false));
    let own = add_as(&server, READ_TOKEN, "views", &view("own", false));
    assert_eq!(own["owner"], "read");
    assert_eq!(listed(&server, READ_TOKEN, "views"), ["shared", "own"]);
    // The admin token changes everything, and so sees everything.
    assert_eq!(listed(&server, TOKEN, "views"), ["shared", "hidden", "own"]);

    let seen = ask_as(&server, READ_TOKEN, "GET", &path_of("views", &shared), &Value::Null).json();
    assert_eq!(seen["can_change"], false);
    let change = json!({"name": "taken", "address": "/", "version": 1});
    for (method, body) in [("GET", &Value::Null), ("PUT", &change), ("DELETE", &Value::Null)] {
        assert_eq!(
            ask_as(&server, READ_TOKEN, method, &path_of("views", &hidden), body).status,
            404,
            "{method}"
        );
    }
    for (method, body) in [("PUT", &change), ("DELETE", &Value::Null)] {
        let answer = ask_as(&server, READ_TOKEN, method, &path_of("views", &shared), body);
        assert_eq!(answer.status, 403, "{method}");
        assert!(answer.header("retry-after").is_none());
    }
    assert_eq!(ask_as(&server, READ_TOKEN, "PUT", &path_of("views", &own), &change).status, 200);
    let by_admin = json!({"name": "cleaned up", "address": "/", "is_shared": true, "version": 2});
    let changed = ask(&server, "PUT", &path_of("views", &own), &by_admin).json();
    assert_eq!((&changed["owner"], &changed["version"]), (&json!("read"), &json!(3)));
    assert_eq!(listed(&server, READ_TOKEN, "views"), ["shared", "cleaned up"]);

    // What everybody sees beside the numbers is for the admin token to say.
    let annotation = json!({"at": "2026-11-01T00:00:00Z", "text": "release 4.2"});
    assert_eq!(ask_as(&server, READ_TOKEN, "POST", "annotations", &annotation).status, 403);
    let annotation = add_as(&server, TOKEN, "annotations", &annotation);
    assert_eq!(listed(&server, READ_TOKEN, "annotations"), ["release 4.2"]);
    let path = path_of("annotations", &annotation);
    assert_eq!(ask_as(&server, READ_TOKEN, "DELETE", &path, &Value::Null).status, 403);
    for kind in ["views", "boards", "annotations"] {
        let answer = server.connect().request("GET", &format!("/reports/v1/{kind}"), &[], b"");
        assert_eq!(answer.status, 401);
    }
}

#[test]
fn of_two_who_changed_a_board_the_later_one_undid_the_other() {
    let server = TestServer::start(settings());
    let kept = add_as(&server, TOKEN, "boards", &board("first"));
    let path = path_of("boards", &kept);
    let change = |name: &str, version: u64| json!({"name": name, "panels": [], "version": version});
    let answer = ask(&server, "PUT", &path, &change("second", 1));
    assert_eq!((answer.status, &answer.json()["version"]), (200, &json!(2)));
    let late = ask(&server, "PUT", &path, &change("third", 1));
    assert_eq!(late.status, 409, "{late:?}");
    assert!(late.header("retry-after").is_none());
    assert!(late.json()["message"].as_str().unwrap().contains("version 2"), "{late:?}");
    assert_eq!(listed(&server, TOKEN, "boards"), ["second"]);
    let unversioned = json!({"name": "third"});
    assert_eq!(paths(&ask(&server, "PUT", &path, &unversioned)), ["/version"]);
    // After it was removed, there is nothing to change.
    assert_eq!(ask(&server, "DELETE", &path, &Value::Null).status, 204);
    assert_eq!(ask(&server, "DELETE", &path, &Value::Null).status, 404);
    assert_eq!(ask(&server, "PUT", &path, &change("third", 2)).status, 404);
}

#[test]
fn one_fault_of_a_body_was_told_at_a_time() {
    let server = TestServer::start(settings());
    let answer = ask(
        &server,
        "POST",
        "views",
        &json!({"name": " ", "address": "//evil.example", "is_shared": 1, "colour": 2}),
    );
    assert_eq!(paths(&answer), ["/name", "/address", "/is_shared", ""]);
    let answer = ask(
        &server,
        "POST",
        "annotations",
        &json!({"at": "yesterday", "kind": "party", "text": "a\nb", "report_suite": 4}),
    );
    assert_eq!(paths(&answer), ["/at", "/kind", "/text", "/report_suite"]);
    let answer = ask(
        &server,
        "POST",
        "annotations",
        &json!({"at": "2026-11-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"}),
    );
    assert_eq!(paths(&answer), ["/to", "/text"]);
    let panels = json!([
        {"title": "", "kind": "pie"},
        {"title": "1", "kind": "series", "parameters": {"metrics": ["media_startz"], "from": "2026-11-01"}},
        {"title": "2", "kind": "series", "parameters": {"metrics": ["media_startz"], "granularity": "day"}},
        {"title": "3", "kind": "series", "parameters": {"metrics": ["media_starts", "visitors"]}},
        {"title": "4", "kind": "breakdown", "parameters": {"metrics": ["media_starts"]}},
        {"title": "4", "kind": "breakdown", "parameters": {"metrics": ["media_starts"],
            "dimensions": ["channel", "network", "genre", "player_name"]}},
        {"title": "4", "kind": "series", "parameters": {"metrics": ["media_starts"], "dimensions": ["channel", "network"]}},
        {"title": "5", "kind": "concurrency", "parameters": {"count": "people", "limit": 0}},
        {"title": "6", "kind": "quality", "parameters": {"filters": [{"dimension": "chanel", "operator": "=", "value": "web"}]}},
        {"title": "7", "kind": "quality", "parameters": []},
        "no panel",
    ]);
    let answer = ask(&server, "POST", "boards", &json!({"name": "b", "panels": panels}));
    assert_eq!(
        paths(&answer),
        [
            "/panels/0/title",
            "/panels/0/kind",
            "/panels/1/parameters/from",
            "/panels/2/parameters/metrics/0",
            "/panels/3/parameters/metrics",
            "/panels/4/parameters/dimensions",
            "/panels/5/parameters/dimensions",
            "/panels/6/parameters/dimensions",
            "/panels/7/parameters/count",
            "/panels/7/parameters/limit",
            "/panels/8/parameters/filters/0/dimension",
            "/panels/9/parameters",
            "/panels/10",
            "/panels/10/title",
            "/panels/10/kind",
        ]
    );
    for body in ["", "[]", "{\"name\": \"a\"", "\u{feff}null"] {
        let token = format!("Bearer {TOKEN}");
        let answer = server.connect().request(
            "POST",
            "/reports/v1/views",
            &[("Authorization", &token)],
            body.as_bytes(),
        );
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
    }
    assert_eq!(paths(&ask(&server, "GET", "annotations?from=x&suite=y", &Value::Null)), ["?from", "?suite"]);
}

/// A server whose journal has what is in the first slot of each kind in so many slots.
fn filled(server: TestServer, kinds: &[(&str, usize)]) -> TestServer {
    let (store, clock) = server.stop();
    let mut journal = store.open(clock.now_ms()).unwrap();
    for (kind, count) in kinds {
        let first = store.reader().meta_get(&format!("{kind}/0")).unwrap().unwrap();
        for slot in 1..*count {
            let mut record: Value = serde_json::from_slice(&first).unwrap();
            record["id"] = json!(format!("{slot:016x}"));
            journal.meta_set(&format!("{kind}/{slot}"), record.to_string().as_bytes()).unwrap();
        }
    }
    drop(journal);
    TestServer::start_on(with_readers(), store, clock)
}

#[test]
fn what_people_keep_grew_without_bound() {
    let server = TestServer::start(with_readers());
    let longest = json!({"name": "n".repeat(KEPT_NAME_BYTES), "address": format!("/{}", "a".repeat(VIEW_ADDRESS_BYTES - 1))});
    let first = add_as(&server, READ_TOKEN, "views", &longest);
    let too_long = json!({"name": "n".repeat(KEPT_NAME_BYTES + 1), "address": format!("/{}", "a".repeat(VIEW_ADDRESS_BYTES))});
    assert_eq!(paths(&ask(&server, "POST", "views", &too_long)), ["/name", "/address"]);

    let quotes = "\"".repeat((PANEL_PARAMETERS_BYTES - 70) / 2);
    let panel = json!({"title": "t".repeat(KEPT_NAME_BYTES), "kind": "quality", "parameters":
        {"filters": [{"dimension": "channel", "operator": "=", "value": quotes}]}});
    let largest = json!({"name": "largest", "panels": vec![panel.clone(); BOARD_PANELS]});
    add_as(&server, READ_TOKEN, "boards", &largest);
    let too_many = json!({"name": "b", "panels": vec![panel.clone(); BOARD_PANELS + 1]});
    assert_eq!(paths(&ask(&server, "POST", "boards", &too_many)), ["/panels"]);
    let mut too_large = panel;
    too_large["parameters"]["segment"] = json!("v".repeat(PANEL_PARAMETERS_BYTES));
    let answer = ask(&server, "POST", "boards", &json!({"name": "b", "panels": [too_large]}));
    assert_eq!(paths(&answer), ["/panels/0/parameters"]);
    let long = json!({"at": "2026-11-01T00:00:00Z", "text": "é".repeat(ANNOTATION_TEXT_BYTES / 2)});
    add_as(&server, TOKEN, "annotations", &long);

    let kinds = [("views", VIEWS_OF_OWNER), ("boards", BOARDS_OF_OWNER), ("annotations", ANNOTATIONS)];
    let server = filled(server, &kinds);
    for (kind, body) in [("views", &longest), ("boards", &largest), ("annotations", &long)] {
        let token = if kind == "annotations" { TOKEN } else { READ_TOKEN };
        let one_more = ask_as(&server, token, "POST", kind, body);
        assert_eq!((one_more.status, one_more.header("retry-after")), (400, None), "{one_more:?}");
        let most = kinds.iter().find(|(known, _)| *known == kind).unwrap().1;
        assert!(
            one_more.json()["message"].as_str().unwrap().contains(&format!("{most} {kind}")),
            "{one_more:?}"
        );
    }
    // One token leaves room for the others, and what is removed makes room.
    add_as(&server, TOKEN, "views", &view("v", true));
    assert_eq!(ask(&server, "DELETE", &path_of("views", &first), &Value::Null).status, 204);
    add_as(&server, READ_TOKEN, "views", &view("v", true));
}

#[test]
fn a_name_was_taken_for_something_else() {
    let server = TestServer::start(settings());
    let names = [
        "<script>alert(1)</script>",
        "'; drop table views; --",
        "../../etc/passwd",
        "\u{202e}gnp.exe",
        "🦀 名前",
        "\\u0000",
        "null",
    ];
    for name in names {
        let kept = add_as(&server, TOKEN, "views", &view(name, true));
        assert_eq!(kept["name"], name);
    }
    assert_eq!(listed(&server, TOKEN, "views"), names);
    for id in ["0", "views/0", "%2e%2e", "%00", "%ff", "", &"a".repeat(9_000)] {
        let answer = ask(&server, "GET", &format!("views/{id}"), &Value::Null);
        assert!(matches!(answer.status, 400 | 404 | 414 | 431), "{id}: {answer:?}");
    }
    let allow = ask(&server, "PATCH", "views", &Value::Null);
    assert_eq!((allow.status, allow.header("allow")), (405, Some("GET, HEAD, POST")));
    let kept = add_as(&server, TOKEN, "views", &view("v", true));
    let allow = ask(&server, "POST", &path_of("views", &kept), &Value::Null);
    assert_eq!((allow.status, allow.header("allow")), (405, Some("GET, HEAD, PUT, DELETE")));
}

#[test]
fn annotations_of_other_times_and_suites_were_listed() {
    let server = TestServer::start(settings());
    for (at, to, suite) in [
        ("2026-11-03T00:00:00Z", Value::Null, Value::Null),
        ("2026-11-01T00:00:00Z", json!("2026-11-02T12:00:00Z"), json!("one")),
        ("2026-11-02T00:00:00Z", Value::Null, json!("two")),
    ] {
        let text = at[8..10].to_owned();
        add_as(
            &server,
            TOKEN,
            "annotations",
            &json!({"at": at, "to": to, "text": text, "report_suite": suite}),
        );
    }
    assert_eq!(listed(&server, TOKEN, "annotations"), ["01", "02", "03"]);
    let within = |query: &str| {
        let answer = ask(&server, "GET", &format!("annotations?{query}"), &Value::Null).json();
        let all = answer["annotations"].as_array().unwrap();
        all.iter().map(|kept| kept["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(within("from=2026-11-02&to=2026-11-03"), ["01", "02"]);
    assert_eq!(within("from=2026-11-02T12:00:01Z"), ["03"]);
    assert_eq!(within("report_suite=two"), ["02", "03"]);
}

#[test]
fn a_view_that_the_disk_did_not_take_was_there_nevertheless() {
    let server = TestServer::start(settings());
    let kept = add_as(&server, TOKEN, "views", &view("before", true));
    server.store.fail_until_cleared(Failure::DiskFull);
    let refused = ask(&server, "POST", "views", &view("lost", true));
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")), "{refused:?}");
    let change = json!({"name": "after", "address": "/", "version": 1});
    assert_eq!(ask(&server, "PUT", &path_of("views", &kept), &change).status, 503);
    assert_eq!(ask(&server, "DELETE", &path_of("views", &kept), &Value::Null).status, 503);
    assert_eq!(listed(&server, TOKEN, "views"), ["before"]);
    server.store.clear_failure();
    assert_eq!(ask(&server, "PUT", &path_of("views", &kept), &change).status, 200);
}

#[test]
fn a_value_that_cannot_be_read_took_all_others_along() {
    let server = TestServer::start(settings());
    for name in ["one", "two", "three"] {
        add_as(&server, TOKEN, "views", &view(name, true));
    }
    let (store, clock) = server.stop();
    let mut journal = store.open(clock.now_ms()).unwrap();
    journal.meta_set("views/1", b"{\"of\": \"a later release\"}").unwrap();
    drop(journal);
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(listed(&server, TOKEN, "views"), ["one", "three"]);
    add_as(&server, TOKEN, "views", &view("four", true));
    let value = server.store.reader().meta_get("views/1").unwrap().unwrap();
    assert_eq!(value, b"{\"of\": \"a later release\"}");
}

#[test]
fn a_board_kept_no_two_sets_side_by_side() {
    let server = TestServer::start(settings());
    let web = json!([{"dimension": "channel", "operator": "=", "value": "web"}]);
    let panel =
        |parameters: Value| json!({"title": "Web and all", "kind": "side_by_side", "parameters": parameters});
    let (a, b) = (json!({"name": "Web", "filters": web}), json!({"name": "全部"}));
    let columns = json!({"metrics": ["media_starts"], "dimensions": ["content_id"], "a": a, "b": b});
    let panels =
        json!([panel(json!({"metrics": ["media_starts"], "filters": web, "a": a, "b": b})), panel(columns)]);
    let kept = ask(&server, "POST", "boards", &json!({"name": "b", "panels": panels}));
    assert_eq!(kept.status, 201, "{kept:?}");
    assert_eq!(kept.json()["panels"], panels);

    let wrong_filter = json!([{"dimension": "chanel", "operator": "=", "value": "web"}]);
    let wrong = json!([
        panel(json!({"metrics": ["media_starts"], "a": {"name": "", "filters": web}})),
        panel(
            json!({"metrics": ["media_starts", "visitors"], "dimensions": ["channel", "network"], "a": a, "b": b})
        ),
        panel(json!({"metrics": ["media_starts"], "a": a, "b": {"name": "B", "filters": wrong_filter}})),
        panel(json!({"metrics": ["media_startz"], "a": [], "b": {"name": "B", "colour": "red"}})),
        panel(json!({"metrics": ["media_starts"], "granularity": "day", "a": a, "b": b})),
    ]);
    let answer = ask(&server, "POST", "boards", &json!({"name": "b", "panels": wrong}));
    assert_eq!(
        paths(&answer),
        [
            "/panels/0/parameters/a/name",
            "/panels/0/parameters/b",
            "/panels/1/parameters/metrics",
            "/panels/1/parameters/dimensions",
            "/panels/2/parameters/b/filters/0/dimension",
            "/panels/3/parameters/metrics/0",
            "/panels/3/parameters/a",
            "/panels/3/parameters/a/name",
            "/panels/3/parameters/b",
            "/panels/4/parameters/granularity",
        ]
    );
    server.stop();
}
