//! The last refused collection requests, in memory: they show the player's developer what a request looked like and
//! why it was refused.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use playhead_protocol::{Fault, ParamId, SessionId};
use playhead_session::rfc3339;
use serde::Serialize;
use serde_json::Value;

use crate::ingest::open_sessions::OpenSessions;
use crate::limits::{REFUSAL_BODY_BYTES, REFUSAL_PLACES, REFUSAL_TEXT_BYTES, REFUSALS};
use crate::reason::Reason;

/// A request that was refused, as far as it is kept.
#[derive(Debug, Clone)]
pub struct Refused {
    path: Box<str>,
    session: Option<SessionId>,
    body: Box<[u8]>,
    body_bytes: usize,
    user_agent: Option<Box<str>>,
    origin: Option<Box<str>>,
}

impl Refused {
    /// A request to this path, with the raw values of the headers `User-Agent` and `Origin`.
    pub fn of(path: &str, user_agent: Option<&[u8]>, origin: Option<&[u8]>) -> Self {
        Self {
            path: clipped(path),
            session: None,
            body: Box::default(),
            body_bytes: 0,
            user_agent: user_agent.map(header),
            origin: origin.map(header),
        }
    }

    /// With this body.
    pub fn with_body(mut self, body: &[u8]) -> Self {
        self.body = body.get(..REFUSAL_BODY_BYTES).unwrap_or(body).into();
        self.body_bytes = body.len();
        self
    }

    /// For this session.
    pub fn with_session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }
}

/// Why a front door refused a request, in its words.
#[derive(Debug, Clone, Copy)]
pub struct Why<'a> {
    /// The reason by which refusals are counted.
    pub reason: Reason,
    /// The message of the response.
    pub message: &'a str,
    /// The faults that the response listed.
    pub faults: &'a [Fault],
    /// The body was not read to its end.
    pub is_body_unread: bool,
}

/// A refused request with the reason.
#[derive(Debug, Clone)]
struct TakenDown {
    at_ms: i64,
    reason: Reason,
    message: String,
    errors: Vec<Fault>,
    is_body_unread: bool,
    refused: Refused,
}

/// A refused request as it is reported.
#[derive(Debug, schemars::JsonSchema, Serialize)]
#[schemars(rename = "Refusal")]
pub struct RefusalReport {
    at: String,
    /// The reason; each front door has its own code for it.
    #[schemars(with = "String")]
    pub reason: Reason,
    path: Box<str>,
    session_id: Option<String>,
    report_suite: Option<String>,
    message: String,
    errors: Vec<PlaceReport>,
    body: String,
    body_bytes: usize,
    body_is_cut: bool,
    user_agent: Option<Box<str>>,
    origin: Option<Box<str>>,
}

#[derive(Debug, schemars::JsonSchema, Serialize)]
#[schemars(inline)]
struct PlaceReport {
    path: String,
    message: String,
}

/// The last refused requests.
#[derive(Debug, Default)]
pub struct Refusals {
    last: Mutex<VecDeque<TakenDown>>,
    total: AtomicU64,
}

impl Refusals {
    /// Keeps a refused request; beyond the limit, the oldest one goes.
    pub(crate) fn take_down(&self, refused: Refused, why: &Why<'_>, at_ms: i64) {
        // Scanners request paths of all kinds; only those near the collection endpoints tell the player's developer anything.
        if !refused.path.trim_start_matches('/').starts_with("api/") {
            return;
        }
        self.total.fetch_add(1, Ordering::Relaxed);
        let places = why.faults.iter().take(REFUSAL_PLACES);
        let taken_down = TakenDown {
            at_ms,
            reason: why.reason,
            message: why.message.to_owned(),
            errors: places
                .map(|fault| Fault {
                    path: clipped(&fault.path).into(),
                    message: clipped(&fault.message).into(),
                })
                .collect(),
            is_body_unread: why.is_body_unread,
            refused,
        };
        let mut last = self.last.lock();
        if last.len() >= REFUSALS {
            last.pop_front();
        }
        last.push_back(taken_down);
    }

    /// How many requests were refused since the start.
    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// The last refused requests, the latest first.
    pub fn latest(&self, limit: usize, open_sessions: &OpenSessions) -> Vec<RefusalReport> {
        let latest: Vec<TakenDown> = self.last.lock().iter().rev().take(limit).cloned().collect();
        latest.into_iter().map(|taken_down| report(taken_down, open_sessions)).collect()
    }
}

fn report(taken_down: TakenDown, open_sessions: &OpenSessions) -> RefusalReport {
    let TakenDown { at_ms, reason, message, errors, is_body_unread, refused } = taken_down;
    let of_session = |id: &SessionId| open_sessions.read(id, report_suite_of_session).flatten();
    let report_suite = refused.session.as_ref().and_then(of_session);
    let places = errors.into_iter().map(|Fault { path, message }| PlaceReport { path, message });
    RefusalReport {
        at: rfc3339(at_ms),
        reason,
        session_id: refused.session.map(|id| id.to_string()),
        report_suite: report_suite.or_else(|| report_suite_of_body(&refused.body)),
        message,
        errors: places.collect(),
        body_bytes: refused.body_bytes,
        body_is_cut: is_body_unread || refused.body_bytes > refused.body.len(),
        body: String::from_utf8_lossy(&refused.body).into_owned(),
        path: refused.path,
        user_agent: refused.user_agent,
        origin: refused.origin,
    }
}

fn report_suite_of_session(session: &playhead_session::Session) -> Option<String> {
    session.params().text(ParamId::named("analytics.reportSuite")).map(str::to_owned)
}

/// The report suite that a body names, even if the rest of it is wrong.
fn report_suite_of_body(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let first = body.get(0).unwrap_or(&body);
    let suite = first.get("params")?.get("analytics.reportSuite")?.as_str()?;
    Some(clipped(suite).into())
}

fn header(value: &[u8]) -> Box<str> {
    clipped(&String::from_utf8_lossy(value))
}

/// The beginning of a text.
fn clipped(text: &str) -> Box<str> {
    text[..text.floor_char_boundary(REFUSAL_TEXT_BYTES)].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded() {
        let refusals = Refusals::default();
        let long = "\u{1f3ac}".repeat(10_000);
        let places: Vec<Fault> =
            (0..100).map(|_| Fault { path: long.clone(), message: long.clone() }).collect();
        let why = Why {
            reason: Reason::Invalid,
            message: "the request is invalid",
            faults: &places,
            is_body_unread: false,
        };
        for at_ms in 0..2 * REFUSALS as i64 {
            let refused =
                Refused::of(&format!("/api/{long}"), Some(long.as_bytes()), None).with_body(long.as_bytes());
            refusals.take_down(refused, &why, at_ms);
        }
        let open_sessions = OpenSessions::new(playhead_session::Settings::default());
        let latest = refusals.latest(usize::MAX, &open_sessions);
        assert_eq!((latest.len(), refusals.total()), (REFUSALS, 2 * REFUSALS as u64));
        assert_eq!(latest[0].at, rfc3339(2 * REFUSALS as i64 - 1), "the latest comes first");
        let RefusalReport { path, errors, user_agent, body, body_bytes, body_is_cut, .. } = &latest[0];
        assert_eq!((body.len(), *body_bytes, *body_is_cut), (REFUSAL_BODY_BYTES, long.len(), true));
        assert_eq!(errors.len(), REFUSAL_PLACES);
        let texts = [&**path, &errors[0].path, &errors[0].message, user_agent.as_deref().unwrap()];
        assert!(texts.iter().all(|text| text.len() <= REFUSAL_TEXT_BYTES));
    }
}
