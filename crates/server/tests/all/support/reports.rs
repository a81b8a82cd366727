//! Calls of the report API.

use serde_json::Value;

use crate::support::{Answer, TOKEN, TestServer};

/// Asks a call of the report API with a token and a body, or with none.
pub(crate) fn ask_as(server: &TestServer, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let token = format!("Bearer {token}");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.connect().request(
        method,
        &format!("/reports/v1/{path}"),
        &[("Authorization", &token)],
        body.as_bytes(),
    )
}

/// The same with the admin token.
pub(crate) fn ask(server: &TestServer, method: &str, path: &str, body: &Value) -> Answer {
    ask_as(server, TOKEN, method, path, body)
}
