//! Answers: headers that stand on all of them, and errors as bodies.

use std::cell::RefCell;

use axum::body::{Body, Bytes};
use axum::response::Response;
use hyper::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ALLOW,
    CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use hyper::{StatusCode, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use playhead_protocol::Fault;
use serde::Serialize;

use crate::error::{ENCODINGS, Error};

#[derive(Serialize)]
struct ErrorBody<'a> {
    message: String,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
}

/// The answer to an error: status, retry advice and body come from the one table of errors.
pub(crate) fn error(error: &Error) -> Response {
    let answer = error.answer();
    let body = ErrorBody { message: error.message(), errors: error.faults() };
    let mut response = json(&body);
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    if let Some(retry_after) = answer.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs()));
    }
    match error {
        Error::MethodNotAllowed { allow } => {
            if let Ok(allow) = HeaderValue::from_str(allow) {
                headers.insert(ALLOW, allow);
            }
        }
        Error::UnsupportedEncoding => {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ENCODINGS));
        }
        Error::Unauthorized => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"playhead\""));
        }
        _ => {}
    }
    response
}

/// A JSON answer.
pub(crate) fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => text(StatusCode::OK, "application/json", body),
        Err(_) => text(
            StatusCode::INTERNAL_SERVER_ERROR,
            "application/json",
            br#"{"message":"internal error"}"#.to_vec(),
        ),
    }
}

/// An answer of some type.
pub(crate) fn text(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Adds the headers without which a browser shows a player nothing of the answer (protocol contract, section 1).
pub(crate) fn allow_any_origin(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("OPTIONS,POST,PUT"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Location"));
    response
}

/// The answer to a preflight: what was asked for is allowed, for a day, because each session has its own URL and a
/// browser would ask again for each.
pub(crate) fn preflight(request: &HeaderMap) -> Response {
    let mut response = allow_any_origin(empty(StatusCode::NO_CONTENT));
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    headers.insert(VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
    let allowed = request.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let allowed = allowed.unwrap_or(HeaderValue::from_static("Content-Type, Content-Encoding"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    response
}

/// The answer to a session that was opened.
pub(crate) fn session_created(location: &str) -> Response {
    let mut response = allow_any_origin(empty(StatusCode::CREATED));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(header::LOCATION, location);
    }
    response
}

/// The answer to an event that was taken.
pub(crate) fn event_taken() -> Response {
    allow_any_origin(empty(StatusCode::NO_CONTENT))
}

/// The same answer as it is sent. After the last one the connection is closed.
pub(crate) fn event_taken_in_bytes(now_ms: i64, is_last: bool) -> Bytes {
    thread_local! {
        /// The answer of a second, which nearly all answers of that second are.
        static LATEST: RefCell<(i64, Bytes)> = const { RefCell::new((i64::MIN, Bytes::new())) };
    }
    if is_last {
        return assemble_event_taken(now_ms, "connection: close\r\n");
    }
    let second = now_ms.div_euclid(1_000);
    LATEST.with_borrow_mut(|(of_second, answer)| {
        if *of_second != second {
            *of_second = second;
            *answer = assemble_event_taken(now_ms, "");
        }
        answer.clone()
    })
}

fn assemble_event_taken(now_ms: i64, more: &str) -> Bytes {
    let response = event_taken();
    let mut answer = format!("HTTP/1.1 {}\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        answer.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let date = Timestamp::from_millisecond(now_ms);
    if let Ok(date) = date.and_then(|date| DateTimePrinter::new().timestamp_to_rfc9110_string(&date)) {
        answer.extend(format!("date: {date}\r\n").into_bytes());
    }
    answer.extend_from_slice(more.as_bytes());
    answer.extend_from_slice(b"\r\n");
    answer.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_answer_to_an_event_is_the_long_one() {
        let text =
            |now_ms, is_last| String::from_utf8(event_taken_in_bytes(now_ms, is_last).to_vec()).unwrap();
        let answer = text(1_793_491_200_999, false);
        assert!(
            answer.starts_with("HTTP/1.1 204 No Content\r\n") && answer.ends_with("\r\n\r\n"),
            "{answer}"
        );
        let response = event_taken();
        assert_eq!(answer.lines().count(), response.headers().len() + 3);
        for (name, value) in response.headers() {
            assert!(answer.contains(&format!("\r\n{name}: {}\r\n", value.to_str().unwrap())), "{name}");
        }
        assert!(answer.contains("\r\ndate: Sun, 01 Nov 2026 00:00:00 GMT\r\n"), "{answer}");
        assert_eq!(text(1_793_491_200_000, false), answer);
        assert!(text(1_793_491_201_000, false).contains("00:00:01 GMT"));
        assert_eq!(text(1_793_491_200_000, true), answer.replace("GMT\r\n", "GMT\r\nconnection: close\r\n"));
        assert!(!text(i64::MAX, false).contains("date"), "a clock out of its mind has no date");
    }
}
