//! A session's events, each with what it did: the accounting is run over them again and watched.

use std::collections::HashMap;

use playhead_journal::{JournalReader, OwnedEvent};
use playhead_protocol::parse_stored;
use playhead_session::{EventRef, Interval, MovedToStall, Observer, Session, Settings, rfc3339, seconds};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::ingest::recover::account_for;
use crate::limits::SESSION_EVENTS;
use crate::reports::changes::{Change, Columns};

/// An accepted event of a session.
#[derive(Debug, Serialize)]
pub struct EventReport {
    /// Its place in the journal.
    pub sequence: u64,
    /// Its type.
    pub event_type: &'static str,
    /// Its timestamp, by the device's clock.
    pub ts: String,
    /// Its playhead, seconds.
    pub playhead: f64,
    /// When it arrived, by the server's clock.
    pub received_at: String,
    /// What became of it.
    pub status: EventStatus,
    /// What it did; `null` while it waits, when it was ignored, and when the session's first events are no longer kept.
    pub effect: Option<Effect>,
    /// The event as it was sent.
    pub body: Box<RawValue>,
}

/// What became of an accepted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// It took effect.
    Processed,
    /// It waits in the reorder window.
    Waiting,
    /// The session had ended before it.
    Ignored,
    /// The session's first events are no longer kept, so nothing can be said.
    Unknown,
}

/// What an event did.
#[derive(Debug, Default, Serialize)]
pub struct Effect {
    /// The time that it brought to account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributed: Vec<Value>,
    /// Columns of the session's row that changed, with their values before and after.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub changes: Map<String, Value>,
    /// Playback, ad break, ad and chapter after it.
    pub state: Value,
}

/// The events of a session whose last event is `last_sequence`, in the order in which they took effect, then those that
/// wait. `now_ms` is the time up to which waiting events are let through.
pub fn session_events(
    last_sequence: u64,
    now_ms: i64,
    settings: &Settings,
    reader: &mut dyn JournalReader,
) -> Result<Vec<EventReport>, Error> {
    event_reports(&reader.events_of(last_sequence, SESSION_EVENTS)?, now_ms, settings)
}

/// The same of events at hand, all those of a session in the order of the journal.
pub fn event_reports(
    stored: &[OwnedEvent],
    now_ms: i64,
    settings: &Settings,
) -> Result<Vec<EventReport>, Error> {
    let mut watcher = Watcher::default();
    let session = account_for(stored, settings, &mut watcher)?;
    let is_complete = session.is_some();
    if let Some(mut session) = session {
        session.advance_to(now_ms, settings, &mut watcher);
    }
    let mut waiting: HashMap<u64, &OwnedEvent> = stored.iter().map(|event| (event.sequence, event)).collect();
    let mut reports = Vec::with_capacity(stored.len());
    for (sequence, status, effect) in watcher.outcomes {
        if let Some(event) = waiting.remove(&sequence) {
            reports.push(report(event, status, effect)?);
        }
    }
    let status = if is_complete { EventStatus::Waiting } else { EventStatus::Unknown };
    for event in stored.iter().filter(|event| waiting.contains_key(&event.sequence)) {
        reports.push(report(event, status, None)?);
    }
    Ok(reports)
}

fn report(event: &OwnedEvent, status: EventStatus, effect: Option<Effect>) -> Result<EventReport, Error> {
    let unreadable = || Error::Unreplayable(format!("the body of event {} is unreadable", event.sequence));
    let parsed = parse_stored(&event.body).map_err(|_| unreadable())?;
    Ok(EventReport {
        sequence: event.sequence,
        event_type: parsed.event_type.name(),
        ts: rfc3339(parsed.ts_ms),
        playhead: parsed.playhead,
        received_at: rfc3339(event.received_at_ms),
        status,
        effect,
        body: serde_json::from_slice(&event.body).map_err(|_| unreadable())?,
    })
}

fn state_of(session: &Session) -> Value {
    json!({
        "playback": session.playback(),
        "ad_break": session.has_ad_break(),
        "ad": session.has_ad(),
        "chapter": session.has_chapter(),
        "closed": session.close_reason(),
    })
}

/// Takes down what happens, event by event.
#[derive(Default)]
struct Watcher {
    attributed: Vec<Value>,
    columns: Columns,
    outcomes: Vec<(u64, EventStatus, Option<Effect>)>,
}

impl Observer for Watcher {
    fn interval(&mut self, interval: &Interval) {
        self.attributed.push(json!({
            "from": rfc3339(interval.from_ms),
            "to": rfc3339(interval.to_ms),
            "seconds": seconds(interval.to_ms - interval.from_ms),
            "account": interval.account,
            "playback": interval.playback,
            "opened_by": interval.opened_by.sequence,
            "ad": interval.ad,
            "chapter": interval.chapter,
        }));
    }

    fn moved_to_stall(&mut self, moved: &MovedToStall) {
        self.attributed.push(json!({
            "from": rfc3339(moved.from_ms),
            "to": rfc3339(moved.to_ms),
            "seconds": seconds(moved.to_ms - moved.from_ms),
            "account": "total_stall_duration",
            "moved_from": "content_time_spent",
        }));
    }

    fn processed(&mut self, event: EventRef, session: &Session) {
        let mut changes = Map::new();
        for Change { column, before, after } in self.columns.changes(session) {
            // The event count runs with arrivals, not with effects.
            if !self.outcomes.is_empty() && column != "event_count" {
                changes.insert(column.to_owned(), json!({"from": before, "to": after}));
            }
        }
        let effect =
            Effect { attributed: std::mem::take(&mut self.attributed), changes, state: state_of(session) };
        self.outcomes.push((event.sequence, EventStatus::Processed, Some(effect)));
    }

    fn ignored(&mut self, event: EventRef) {
        self.outcomes.push((event.sequence, EventStatus::Ignored, None));
    }
}
