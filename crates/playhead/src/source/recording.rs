//! Recorded sessions, in the two forms in which they are kept.
//!
//! - A timeline: `{"title", "first_ts", "steps": [{"at", "body"}]}`. `at` is seconds after `first_ts`; a body has no `ts`
//!   of its own.
//! - A list of complete events: a JSON array, or one event after the other (one a line).

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Error;

/// A recorded session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recording {
    /// What it shows: of a timeline its title, else the content's name or id.
    pub title: String,
    /// Its events in order, at least one, the first of them a `sessionStart`.
    pub events: Vec<RecordedEvent>,
}

/// One recorded event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordedEvent {
    /// Its type, as it stands in the body; empty when there is none.
    pub event_type: String,
    /// Its timestamp, ms since the epoch; `None` when it has none, which a server will complain about.
    pub ts_ms: Option<i64>,
    /// The body to send.
    pub body: String,
}

/// An object whose values are kept letter by letter: a replay is about what the player sent, not about what another
/// JSON writer makes of it.
type RawObject = BTreeMap<String, Box<RawValue>>;

#[derive(Deserialize)]
struct Timeline {
    #[serde(default)]
    title: String,
    first_ts: i64,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    at: f64,
    body: RawObject,
}

#[derive(Deserialize)]
struct TitleOfStart {
    #[serde(default)]
    params: TitleParams,
}

#[derive(Deserialize, Default)]
struct TitleParams {
    #[serde(rename = "media.name", default)]
    name: Option<String>,
    #[serde(rename = "media.id", default)]
    id: Option<String>,
}

impl Recording {
    /// Reads the recorded session of a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or holds no recorded session.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        Self::parse(&bytes).map_err(|message| Error::Recording { path: path.to_owned(), message })
    }

    /// Reads the recorded session of a file's content.
    ///
    /// # Errors
    ///
    /// Its faults.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| format!("is not JSON: byte {} is not UTF-8", error.valid_up_to()))?;
        if text.trim().is_empty() {
            return Err("is empty".into());
        }
        let is_list = text.trim_start().starts_with('[');
        let values: Vec<&RawValue> = if is_list {
            serde_json::from_str(text).map_err(|error| not_json(&error))?
        } else {
            serde_json::Deserializer::from_str(text)
                .into_iter()
                .collect::<Result<_, _>>()
                .map_err(|error| not_json(&error))?
        };
        let recording = match values.as_slice() {
            [] => return Err("is an empty list: there is nothing to send".into()),
            [only] if !is_list && is_timeline(only) => Self::of_timeline(text)?,
            _ => Self::of_events(&values)?,
        };
        match recording.events.first() {
            None => Err("has no steps: there is nothing to send".into()),
            Some(first) if first.event_type != "sessionStart" => Err(format!(
                "has no sessionStart: the first event is {}",
                if first.event_type.is_empty() { "of no type" } else { &first.event_type }
            )),
            Some(_) => Ok(recording),
        }
    }

    fn of_timeline(text: &str) -> Result<Self, String> {
        let timeline: Timeline =
            serde_json::from_str(text).map_err(|error| format!("is not a timeline: {error}"))?;
        let events = timeline.steps.iter().enumerate().map(|(index, step)| {
            let ts_ms = moment(timeline.first_ts, step.at)
                .ok_or_else(|| format!("step {index}: `at` is {}, which is not a time", step.at))?;
            let body = with_ts(&step.body, ts_ms).map_err(|why| format!("step {index}: {why}"))?;
            Ok(RecordedEvent { event_type: type_of(&step.body), ts_ms: Some(ts_ms), body })
        });
        Ok(Self { title: timeline.title, events: events.collect::<Result<_, String>>()? })
    }

    fn of_events(values: &[&RawValue]) -> Result<Self, String> {
        let events = values.iter().enumerate().map(|(index, raw)| {
            let object: RawObject =
                serde_json::from_str(raw.get()).map_err(|_| format!("event {index} is not a JSON object"))?;
            let ts_ms = object.get("playerTime").and_then(|time| ts_of(time));
            Ok(RecordedEvent { event_type: type_of(&object), ts_ms, body: raw.get().to_owned() })
        });
        let title = values.first().map(|start| title_of(start)).unwrap_or_default();
        Ok(Self { title, events: events.collect::<Result<_, String>>()? })
    }

    /// The same session as if it began at `start_ms`: all timestamps move by the same amount.
    ///
    /// # Errors
    ///
    /// When an event's `playerTime` cannot be changed, or its time cannot be written.
    pub(crate) fn starting_at(mut self, start_ms: i64) -> Result<Self, String> {
        let Some(first_ms) = self.events.iter().find_map(|event| event.ts_ms) else { return Ok(self) };
        for (index, event) in self.events.iter_mut().enumerate() {
            let Some(ts_ms) = event.ts_ms else { continue };
            let moved_ms = ts_ms
                .checked_sub(first_ms)
                .and_then(|offset_ms| start_ms.checked_add(offset_ms))
                .ok_or_else(|| format!("event {index}: its ts {ts_ms} cannot be moved"))?;
            let body: RawObject = serde_json::from_str(&event.body).map_err(|error| error.to_string())?;
            event.body = with_ts(&body, moved_ms).map_err(|why| format!("event {index}: {why}"))?;
            event.ts_ms = Some(moved_ms);
        }
        Ok(self)
    }
}

fn not_json(error: &serde_json::Error) -> String {
    format!("is not JSON: {error}")
}

fn is_timeline(value: &RawValue) -> bool {
    serde_json::from_str::<RawObject>(value.get()).is_ok_and(|object| object.contains_key("steps"))
}

/// `first_ts` and so many seconds, rounded to the millisecond.
fn moment(first_ts_ms: i64, at_seconds: f64) -> Option<i64> {
    /// Longer than any session, and far inside the range of the numbers used here.
    const LONGEST_SECONDS: f64 = 1e10;
    if !at_seconds.is_finite() || at_seconds.abs() > LONGEST_SECONDS {
        return None;
    }
    first_ts_ms.checked_add((at_seconds * 1_000.0).round() as i64)
}

fn type_of(body: &RawObject) -> String {
    let event_type = body.get("eventType").map(|raw| serde_json::from_str(raw.get()));
    event_type.and_then(Result::ok).unwrap_or_default()
}

fn ts_of(player_time: &RawValue) -> Option<i64> {
    let player_time: RawObject = serde_json::from_str(player_time.get()).ok()?;
    let ts: serde_json::Number = serde_json::from_str(player_time.get("ts")?.get()).ok()?;
    // A whole number may be written with a fraction of zero.
    ts.as_i64().or_else(|| ts.as_f64().map(|ts| ts as i64))
}

fn title_of(start: &RawValue) -> String {
    let params =
        serde_json::from_str::<TitleOfStart>(start.get()).map(|start| start.params).unwrap_or_default();
    params.name.or(params.id).unwrap_or_default()
}

/// The body with `playerTime.ts` set.
fn with_ts(body: &RawObject, ts_ms: i64) -> Result<String, String> {
    let player_time = body.get("playerTime").map(|raw| serde_json::from_str(raw.get()));
    let mut player_time: RawObject = player_time
        .transpose()
        .map_err(|_| "its playerTime is not an object".to_owned())?
        .unwrap_or_default();
    let write = |error: serde_json::Error| error.to_string();
    player_time.insert("ts".into(), serde_json::value::to_raw_value(&ts_ms).map_err(write)?);
    let mut timed: BTreeMap<&str, &RawValue> = body.iter().map(|(key, raw)| (&**key, &**raw)).collect();
    let player_time = serde_json::value::to_raw_value(&player_time).map_err(write)?;
    timed.insert("playerTime", &player_time);
    serde_json::to_string(&timed).map_err(write)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const START: &str = r#"{"playerTime":{"playhead":0,"ts":1000},"eventType":"sessionStart","params":{"media.name":"Name","media.length":60.33333333333333333}}"#;
    const PING: &str = r#"{"eventType":"ping","playerTime":{"ts":11000.0,"playhead":1e1}}"#;

    fn body(event: &RecordedEvent) -> Value {
        serde_json::from_str(&event.body).unwrap()
    }

    #[test]
    fn a_timeline_gets_its_timestamps_rounded_to_milliseconds() {
        let recording = Recording::parse(
            br#"{"title": "T", "first_ts": 5000, "steps": [
                {"at": 0, "body": {"eventType": "sessionStart", "playerTime": {"playhead": 0}}},
                {"at": 1.0004, "body": {"eventType": "ping", "playerTime": {"playhead": 1.50}}},
                {"at": 2.0006, "body": {"eventType": "ping"}}]}"#,
        )
        .unwrap();
        assert_eq!(recording.title, "T");
        let times: Vec<_> = recording.events.iter().map(|event| event.ts_ms).collect();
        assert_eq!(times, [Some(5_000), Some(6_000), Some(7_001)]);
        let expected = json!({"eventType": "ping", "playerTime": {"playhead": 1.5, "ts": 6_000}});
        assert_eq!(body(&recording.events[1]), expected);
        assert!(recording.events[1].body.contains("1.50"), "{}", recording.events[1].body);
        assert_eq!(body(&recording.events[2])["playerTime"], json!({"ts": 7_001}));
    }

    #[test]
    fn events_of_a_list_are_sent_letter_by_letter() {
        let array = format!("[{START},\n {PING}]");
        let lines = format!("{START}\n{PING}\n");
        for text in [array, lines] {
            let recording = Recording::parse(text.as_bytes()).unwrap();
            assert_eq!(recording.title, "Name");
            assert_eq!(recording.events[0].body, START);
            assert_eq!(recording.events[1].body, PING);
            assert_eq!(recording.events[1].ts_ms, Some(11_000));
            assert_eq!(recording.events[1].event_type, "ping");
        }
    }

    #[test]
    fn a_session_that_starts_now_keeps_its_pace() {
        let recording = Recording::parse(format!("[{START},{PING}]").as_bytes()).unwrap();
        let moved = recording.starting_at(1_000_000).unwrap();
        let times: Vec<_> =
            moved.events.iter().map(|event| body(event)["playerTime"]["ts"].clone()).collect();
        assert_eq!(times, [json!(1_000_000), json!(1_010_000)]);
        assert!(moved.events[0].body.contains("60.33333333333333333"), "{}", moved.events[0].body);
    }

    #[test]
    fn what_is_no_recording_is_refused_with_the_reason() {
        let cases: [(&[u8], &str); 11] = [
            (b"", "is empty"),
            (b" \n", "is empty"),
            (b"[]", "is an empty list"),
            (b"{\"steps\": [], \"first_ts\": 1}", "has no steps"),
            (b"{\n  \"a\": x}", "is not JSON: expected value at line 2 column 8"),
            (b"{\"a\": 1}\n{\"a\": ", "is not JSON: EOF while parsing"),
            (b"\xff", "is not JSON: byte 0 is not UTF-8"),
            (b"[1]", "event 0 is not a JSON object"),
            (PING.as_bytes(), "has no sessionStart: the first event is ping"),
            (b"[{}]", "has no sessionStart: the first event is of no type"),
            (b"{\"steps\": [{\"at\": 0}], \"first_ts\": 1}", "is not a timeline: missing field `body`"),
        ];
        for (bytes, reason) in cases {
            let error = Recording::parse(bytes).unwrap_err();
            assert!(error.starts_with(reason), "{error}, but expected {reason}");
        }
    }

    #[test]
    fn times_beyond_all_calendars_are_refused() {
        let text = r#"{"first_ts": 1, "steps": [{"at": 1e300, "body": {"eventType": "sessionStart"}}]}"#;
        let error = Recording::parse(text.as_bytes()).unwrap_err();
        assert!(error.starts_with("step 0: `at` is"), "{error}");
    }
}
