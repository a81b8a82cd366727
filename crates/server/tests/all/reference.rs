//! The committed description of the report API is that of the code, and the code answers each of its calls.
mod typescript;

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::{Settings, TOKEN, TestServer, settings};
use playhead_server::openapi_document;
use serde_json::{Value, json};
use typescript::typescript;

/// The calls of the document: path, method in upper case, and what is said about it.
fn calls(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.map(|(method, call)| (path.clone(), method.to_uppercase(), call.clone()))
        })
        .collect()
}

/// A path of the document with a segment in the place of `{...}`.
fn concrete(path: &str) -> String {
    path.replace("{sid}", &"0".repeat(64)).replace("{id}", &"0".repeat(16)).replace("{table}", "sessions")
}

#[test]
fn the_committed_openapi_document_is_current() {
    let current = serde_json::to_string_pretty(&openapi_document()).unwrap();
    assert_current("docs/openapi.json", &format!("{current}\n"));
}

#[test]
fn the_committed_types_of_the_dashboard_are_current() {
    assert_current("web/src/api/schema.ts", &typescript(&openapi_document()));
}

/// A committed file is as it would be generated now; with PLAYHEAD_BLESS=1 it becomes so.
fn assert_current(name: &str, current: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    if std::env::var_os("PLAYHEAD_BLESS").is_some() {
        std::fs::write(&path, current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == current, "{name} is out of date: run the tests once with PLAYHEAD_BLESS=1");
}

#[test]
fn each_call_of_the_document_is_answered_and_needs_the_token() {
    let server = TestServer::start(settings());
    let document = openapi_document();
    for (path, method, call) in calls(&document) {
        let path = concrete(&path);
        if call["security"] != json!([]) {
            let refused = server.connect().request(&method, &path, &[], b"");
            assert_eq!(refused.status, 401, "{method} {path}");
        }
        // These have no end or no length.
        if path.contains("export") || path.ends_with("/live") {
            continue;
        }
        let token = format!("Bearer {TOKEN}");
        let answer = server.connect().request(&method, &path, &[("Authorization", &token)], b"");
        let is_known = answer.status != 405 && (answer.status != 404 || path.contains("000"));
        assert!(is_known && answer.status < 500, "{method} {path}: {answer:?}");
    }
    server.stop();
}

#[test]
fn each_panel_takes_the_choices_of_the_document_and_no_others() {
    let server = TestServer::start(settings());
    let token = format!("Bearer {TOKEN}");
    let mut checked = Vec::new();
    for (path, _, call) in calls(&openapi_document()) {
        let schema = call["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str();
        if schema.is_none_or(|schema| !schema.ends_with("Response")) {
            continue;
        }
        let parameters = call["parameters"].as_array().into_iter().flatten();
        for parameter in parameters.filter(|parameter| parameter["schema"]["enum"].is_array()) {
            let name = parameter["name"].as_str().unwrap();
            let choices = parameter["schema"]["enum"].as_array().unwrap();
            let choices: BTreeSet<&str> = choices.iter().map(|choice| choice.as_str().unwrap()).collect();
            // A panel of one content needs to know which.
            let content = if path.ends_with("/retention") || path.ends_with("/audience") {
                "content_id=content-1&"
            } else {
                ""
            };
            let path = format!("{path}?{content}{name}=nonsense");
            let refused = server.connect().request("GET", &path, &[("Authorization", &token)], b"").json();
            let message = refused["errors"][0]["message"].as_str().unwrap_or_default();
            let taken = message.strip_prefix("must be one of ").and_then(|rest| rest.split_once(", not "));
            let taken: BTreeSet<&str> =
                taken.map(|(names, _)| names.split(", ").collect()).unwrap_or_default();
            assert_eq!(taken, choices, "{path}: {refused}");
            checked.push(name.to_owned());
        }
    }
    assert_eq!(checked.len(), 7, "{checked:?}");
    server.stop();
}

#[test]
fn the_right_of_each_call_is_enforced() {
    const READ_TOKEN: &str = "read-token-of-the-tests";
    let server = TestServer::start(Settings { read_token: Some(READ_TOKEN.to_owned()), ..settings() });
    let cookie = {
        let body = json!({"token": TOKEN}).to_string();
        let response = server.connect().request("POST", "/reports/v1/login", &[], body.as_bytes());
        response.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
    };
    let status = |method: &str, path: &str, headers: &[(&str, &str)]| {
        server.connect().request(method, path, headers, b"").status
    };
    let (read, wrong) = (format!("Bearer {READ_TOKEN}"), "Bearer not-a-token-of-the-tests");
    let (mut open, mut administrative) = (Vec::new(), Vec::new());
    for (path, method, call) in calls(&openapi_document()) {
        let (what, path) = (format!("{method} {path}"), concrete(&path));
        if call["security"] == json!([]) {
            open.push(what);
            continue;
        }
        server.clock.advance(playhead_node::limits::WRONG_TOKENS_MS);
        assert_eq!(status(&method, &path, &[]), 401, "{what}");
        assert_eq!(status(&method, &path, &[("Authorization", wrong)]), 401, "{what}");
        if method == "GET" {
            assert_eq!(status("HEAD", &path, &[]), 401, "{what}");
        } else {
            assert_eq!(status(&method, &path, &[("Cookie", &cookie)]), 403, "{what}");
        }
        let refusal = call["responses"]["403"]["description"].as_str().unwrap_or_default();
        if refusal.starts_with("The admin token is needed") {
            assert_eq!(status(&method, &path, &[("Authorization", &read)]), 403, "{what}");
            administrative.push(what);
        }
    }
    // Named here as well, so that a right cannot become weaker unnoticed.
    assert_eq!(open, ["POST /reports/v1/login", "POST /reports/v1/logout"]);
    administrative.sort_unstable();
    assert_eq!(
        administrative,
        [
            "DELETE /reports/v1/annotations/{id}",
            "DELETE /reports/v1/schedules/{id}",
            "DELETE /reports/v1/sessions/{sid}/exclusion",
            "GET /reports/v1/schedules",
            "GET /reports/v1/schedules/{id}",
            "POST /reports/v1/annotations",
            "POST /reports/v1/maintenance",
            "POST /reports/v1/schedules",
            "POST /reports/v1/schedules/{id}/run",
            "POST /reports/v1/sessions/{sid}/exclusion",
            "PUT /reports/v1/annotations/{id}",
            "PUT /reports/v1/schedules/{id}",
        ]
    );
    server.stop();
}
