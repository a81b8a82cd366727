//! Sessions that are sent, and what became of each event; and what a server has of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::support::{ServerProcess, event, session_start};

const START_MS: i64 = 1_793_491_200_000;

/// Makes every body its own.
static NEXT_MS: AtomicI64 = AtomicI64::new(0);

/// How sure it is that an event is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kept {
    /// It was acknowledged, and has to be there once.
    Must,
    /// It may be there once: it was not acknowledged, or an operator has put an older copy in place of it.
    May,
}

/// All events that were sent: their bodies, each of which is sent once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    pub(crate) events: BTreeMap<String, Kept>,
    /// Whether the power is being cut: what is acknowledged from then on has no meaning.
    pub(crate) is_cut: Arc<AtomicBool>,
}

/// Sessions that are open, by their path.
pub(crate) type OpenPaths = Vec<String>;

impl Ledger {
    /// Sends some events to open sessions and new ones.
    pub(crate) fn send(&mut self, server: &ServerProcess, open: &mut OpenPaths, chance: &mut Chance) {
        for _ in 0..4 + chance.below(12) {
            let ts_ms = START_MS + NEXT_MS.fetch_add(1, Ordering::Relaxed);
            if open.is_empty() || chance.below(4) == 0 {
                let body = session_start(ts_ms).to_string();
                let (status, location) = start(server, &body);
                self.note(body, status);
                open.extend(location);
                continue;
            }
            let place = usize::try_from(chance.below(open.len() as u64)).unwrap();
            let event_type = *chance.one_of(&["play", "ping", "ping", "pauseStart", "sessionEnd"]);
            let body = event(event_type, ts_ms, 1.0).to_string();
            let (status, _) = server.post(&format!("{}/events", open[place]), &body);
            // A session that an older copy does not know is opened anew by a player.
            if event_type == "sessionEnd" || matches!(status, 404 | 410) {
                open.swap_remove(place);
            }
            if !matches!(status, 404 | 410) {
                self.note(body, status);
            }
        }
    }

    fn note(&mut self, body: String, status: u16) {
        assert!(matches!(status, 0 | 201 | 204 | 503), "{status} for {body}");
        let is_sure = matches!(status, 201 | 204) && !self.is_cut.load(Ordering::SeqCst);
        self.events.insert(body, if is_sure { Kept::Must } else { Kept::May });
    }

    /// How many events have to be there.
    pub(crate) fn acknowledged(&self) -> usize {
        self.events.values().filter(|kept| **kept == Kept::Must).count()
    }

    /// What is wrong with what a server has: events that are lost, doubled or made up.
    pub(crate) fn faults(&self, server: &ServerProcess) -> Result<Vec<String>, String> {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for body in bodies(server)? {
            *found.entry(body).or_default() += 1;
        }
        let mut faults = Vec::new();
        for (body, kept) in &self.events {
            match (found.remove(body).unwrap_or_default(), kept) {
                (0, Kept::Must) => faults.push(format!("lost: {body}")),
                (0 | 1, _) => {}
                (times, _) => faults.push(format!("{times} times: {body}")),
            }
        }
        faults.extend(found.into_keys().map(|body| format!("nobody sent: {body}")));
        Ok(faults)
    }
}

/// Opens a session: the status, and its path.
fn start(server: &ServerProcess, body: &str) -> (u16, Option<String>) {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    let agent: ureq::Agent = config.into();
    let Ok(response) = agent.post(format!("{}/api/v1/sessions", server.base())).send(body) else {
        return (0, None);
    };
    let location = response.headers().get("Location").and_then(|value| value.to_str().ok());
    let path = location.map(|location| location[location.find("/api/").unwrap()..].to_owned());
    (response.status().as_u16(), path)
}

/// The bodies of all events that a query finds.
fn bodies(server: &ServerProcess) -> Result<Vec<String>, String> {
    let query = json!({"query": "select body from events"}).to_string();
    let (status, answer) = server.post_with_token("/reports/v1/sql", &query);
    if status != 200 {
        return Err(format!("{status} {answer}"));
    }
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["is_truncated"], false, "too many events for one response");
    let rows = answer["rows"].as_array().unwrap().iter();
    Ok(rows.map(|row| row[0].as_str().unwrap().to_owned()).collect())
}
