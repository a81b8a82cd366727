//! The committed description of the report API is that of the code, and the code answers each of its calls.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod support;

use std::path::Path;

use playhead_server::openapi_document;
use serde_json::json;
use support::{TOKEN, TestServer, settings};

#[test]
fn the_committed_openapi_document_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let current = format!("{}\n", serde_json::to_string_pretty(&openapi_document()).unwrap());
    if std::env::var_os("PLAYHEAD_BLESS").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "docs/openapi.json is out of date: run the tests once with PLAYHEAD_BLESS=1"
    );
}

#[test]
fn each_call_of_the_document_is_answered_and_needs_the_token() {
    let server = TestServer::start(settings());
    let document = openapi_document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.replace("{sid}", &"0".repeat(64)).replace("{table}", "sessions");
        for (method, call) in methods.as_object().unwrap() {
            let method = method.to_uppercase();
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
    }
    server.stop();
}
