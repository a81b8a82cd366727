//! A player for tests: it creates events of the protocol's types and sends them to one session.

use playhead_protocol::{
    Detail, ErrorDetail, Event, EventType, Origin, PairsPacker, ParamId, ParamValue, ParamsPacker, Quality,
    Remarks, SessionId,
};
use playhead_session::{Admission, Arrival, EventRef, Fingerprint, Observer, Session, Settings};
use serde_json::Value;

/// Second 0 of every test session, ms since the epoch.
pub(crate) const START_MS: i64 = 1_700_000_000_000;

pub(crate) const SESSION_ID: SessionId = SessionId::from_bytes([7; 32]);

/// A moment, in seconds after the start, as ms since the epoch.
pub(crate) fn moment(at: impl Into<f64>) -> i64 {
    START_MS + (at.into() * 1_000.0).round() as i64
}

pub(crate) fn event(event_type: EventType, at: impl Into<f64>, playhead: impl Into<f64>) -> Event {
    Event {
        event_type,
        ts_ms: moment(at),
        playhead: playhead.into(),
        remarks: Remarks::default(),
        quality: None,
        detail: None,
    }
}

/// `sessionStart` of recorded content at second 0.
pub(crate) fn start_event(length: impl Into<f64>) -> Event {
    event(EventType::SessionStart, 0, 0)
        .param("media.id", ParamValue::Text("film-1"))
        .param("media.length", ParamValue::Number(length.into()))
        .param("media.contentType", ParamValue::Text("vod"))
}

/// The optional parts of an event.
pub(crate) trait Carrying {
    fn param(self, key: &str, value: ParamValue<'_>) -> Self;
    fn metadata(self, pairs: &[(&str, &str)]) -> Self;
    fn states(self, start: &[&str], end: &[&str]) -> Self;
    fn error(self, id: Option<&str>, source: &str) -> Self;
    fn quality(self, quality: Quality) -> Self;
    fn bitrate(self, bitrate: f64) -> Self;
}

impl Carrying for Event {
    fn param(mut self, key: &str, value: ParamValue<'_>) -> Self {
        let detail = self.detail.get_or_insert_default();
        let mut packer = ParamsPacker::default();
        let added = ParamId::of_key(key).unwrap();
        for (id, value) in detail.params.iter().filter(|(id, _)| *id != added) {
            packer.push(id, value);
        }
        packer.push(added, value);
        detail.params = packer.finish();
        self
    }

    fn metadata(mut self, pairs: &[(&str, &str)]) -> Self {
        let mut packer = PairsPacker::default();
        for (key, value) in pairs {
            packer.push(key, value);
        }
        self.detail.get_or_insert_default().custom_metadata = packer.finish();
        self
    }

    fn states(mut self, start: &[&str], end: &[&str]) -> Self {
        let boxed = |names: &[&str]| names.iter().map(|name| Box::from(*name)).collect();
        let detail: &mut Detail = self.detail.get_or_insert_default();
        detail.states_start = boxed(start);
        detail.states_end = boxed(end);
        self
    }

    fn error(mut self, id: Option<&str>, source: &str) -> Self {
        self.detail.get_or_insert_default().error =
            Some(ErrorDetail { id: id.map(Box::from), source: source.into() });
        self
    }

    fn quality(mut self, quality: Quality) -> Self {
        self.quality = Some(Box::new(quality));
        self
    }

    fn bitrate(self, bitrate: f64) -> Self {
        self.quality(Quality { bitrate: Some(bitrate), ..Quality::default() })
    }
}

/// A body for an event; equal events have equal bodies.
pub(crate) fn fingerprint(event: &Event) -> Fingerprint {
    Fingerprint::of(&serde_json::to_vec(event).unwrap())
}

/// Records the events that took effect, in order, and those without effect.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) processed: Vec<EventRef>,
    pub(crate) ignored: Vec<EventRef>,
}

impl Observer for Recorder {
    fn processed(&mut self, event: EventRef, _session: &Session) {
        self.processed.push(event);
    }

    fn ignored(&mut self, event: EventRef) {
        self.ignored.push(event);
    }
}

/// One session, with the steps of a server for each event: decide, and apply it if it is accepted.
pub(crate) struct View {
    pub(crate) session: Session,
    pub(crate) settings: Settings,
    pub(crate) recorder: Recorder,
    pub(crate) now_ms: i64,
    sequence: u64,
}

impl View {
    /// Opens a session; `start` arrives at its own timestamp.
    pub(crate) fn opened_by(start: Event) -> Self {
        let now_ms = start.ts_ms;
        let fingerprint = fingerprint(&start);
        let arrival = Arrival { sequence: 1, arrived_at_ms: now_ms, event: start, fingerprint };
        let mut recorder = Recorder::default();
        let session = Session::open(SESSION_ID, Origin::COLLECTION_V1, arrival, &mut recorder);
        Self { session, settings: Settings::default(), recorder, now_ms, sequence: 1 }
    }

    /// A session of recorded content of that length, seconds.
    pub(crate) fn of_length(length: impl Into<f64>) -> Self {
        Self::opened_by(start_event(length))
    }

    /// A session of recorded content of 1,000 s.
    pub(crate) fn start() -> Self {
        Self::of_length(1_000)
    }

    /// Sends an event that arrives at a moment of the arrival clock, ms.
    pub(crate) fn send_at(&mut self, arrived_at_ms: i64, event: Event) -> Admission {
        assert!(arrived_at_ms >= self.now_ms, "the arrival clock never goes back");
        self.now_ms = arrived_at_ms;
        self.session.advance_to(arrived_at_ms, &self.settings, &mut self.recorder);
        let fingerprint = fingerprint(&event);
        let admission = self.session.admit(&event, fingerprint, &[]);
        if admission == Admission::Accept {
            self.sequence += 1;
            let arrival = Arrival { sequence: self.sequence, arrived_at_ms, event, fingerprint };
            self.session.push(arrival, &self.settings, &mut self.recorder);
        }
        admission
    }

    /// Sends an event that arrives at its own timestamp, or now if that has passed.
    pub(crate) fn send(&mut self, event: Event) -> Admission {
        self.send_at(event.ts_ms.max(self.now_ms), event)
    }

    /// Sends an event that must be accepted.
    pub(crate) fn with(&mut self, event: Event) -> &mut Self {
        let text = format!("{event:?}");
        assert_eq!(self.send(event), Admission::Accept, "{text}");
        self
    }

    /// Sends a plain event that must be accepted.
    pub(crate) fn at(
        &mut self,
        at: impl Into<f64>,
        playhead: impl Into<f64>,
        event_type: EventType,
    ) -> &mut Self {
        self.with(event(event_type, at, playhead))
    }

    /// Lets time pass on the arrival clock, up to a moment in seconds after the start.
    pub(crate) fn advance(&mut self, to: impl Into<f64>) -> &mut Self {
        self.now_ms = moment(to).max(self.now_ms);
        self.session.advance_to(self.now_ms, &self.settings, &mut self.recorder);
        self
    }

    /// Applies all waiting events; returns the rows as JSON.
    pub(crate) fn settle(&mut self) -> Value {
        self.now_ms += self.settings.reorder_window_ms;
        self.session.advance_to(self.now_ms, &self.settings, &mut self.recorder);
        assert_eq!(self.session.waiting_events(), 0);
        self.rows()
    }

    /// Sends nothing until the session has timed out; returns the rows as JSON.
    pub(crate) fn leave(&mut self) -> Value {
        self.now_ms += self.settings.idle_timeout_ms;
        self.session.advance_to(self.now_ms, &self.settings, &mut self.recorder);
        assert!(self.session.close_reason().is_some());
        self.rows()
    }

    pub(crate) fn rows(&self) -> Value {
        serde_json::to_value(self.session.rows()).unwrap()
    }

    /// The types of the events that took effect so far, in that order, without `sessionStart`.
    pub(crate) fn processed(&self) -> Vec<EventType> {
        self.recorder.processed[1..].iter().map(|event| event.event_type).collect()
    }
}

/// Compares every key that `expected` names; the elements of lists of objects likewise.
#[track_caller]
pub(crate) fn expect(rows: &Value, expected: &Value) {
    let mut differences = Vec::new();
    compare("", rows, expected, &mut differences);
    assert!(differences.is_empty(), "{}\nrows: {rows:#}", differences.join("\n"));
}

fn compare(path: &str, actual: &Value, expected: &Value, differences: &mut Vec<String>) {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            for (key, value) in expected {
                match actual.get(key) {
                    Some(found) => compare(&format!("{path}/{key}"), found, value, differences),
                    None => differences.push(format!("{path}/{key}: missing")),
                }
            }
        }
        (Value::Array(actual), Value::Array(expected)) if actual.len() == expected.len() => {
            for (index, (found, value)) in actual.iter().zip(expected).enumerate() {
                compare(&format!("{path}/{index}"), found, value, differences);
            }
        }
        _ if actual == expected => {}
        _ => differences.push(format!("{path}: {actual}, expected {expected}")),
    }
}

/// All permutations of some items.
pub(crate) fn permutations<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    if things.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for index in 0..things.len() {
        let mut others = things.to_vec();
        let first = others.remove(index);
        for mut rest in permutations(&others) {
            rest.insert(0, first.clone());
            all.push(rest);
        }
    }
    all
}
