//! The documented timelines, from the test data that the product ships with.

use playhead_protocol::{
    Detail, Event, EventType, Origin, PairsPacker, ParamId, ParamValue, ParamsPacker, Quality, Remarks,
    ValueType,
};
use playhead_session::{Arrival, Engine, Session, Settings};
use serde_json::{Map, Value};

use crate::player::{SESSION_ID, expect, fingerprint};

/// The arrival of the events of a timeline.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// Each at its own timestamp.
    AsRecorded,
    /// One after the other, 1 ms apart, like a fast replay.
    OneMillisecondApart,
    /// All in the same millisecond.
    AtOnce,
    /// As the steps say: one after the other with their pauses, an hour after second 0, with a short reorder window.
    WithPauses,
}

impl Pace {
    /// Those that any timeline has its row at.
    pub(crate) const ALL: [Self; 3] = [Self::AsRecorded, Self::OneMillisecondApart, Self::AtOnce];

    fn settings(self) -> Settings {
        match self {
            Self::WithPauses => Settings { reorder_window_ms: 300, ..Settings::default() },
            _ => Settings::default(),
        }
    }
}

#[test]
fn view_to_end_gives_the_documented_row() {
    check("1-view-to-end");
}

#[test]
fn user_abandons_gives_the_documented_row() {
    check("2-user-abandons");
}

#[test]
fn chapters_gives_the_documented_row() {
    check("3-chapters");
}

fn check(name: &str) {
    let timeline = read(&format!("{name}.json"));
    let expected = read(&format!("{name}.expected.json"));
    assert!(expected.as_object().unwrap().len() >= 39, "the whole row is documented");
    for pace in Pace::ALL {
        let session = run(&timeline, pace);
        expect(&serde_json::to_value(session.rows()).unwrap(), &expected);
    }
}

fn read(name: &str) -> Value {
    let path = format!("{}/../../testdata/timelines/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Sends the steps of a timeline to an engine, and lets the session end.
pub(crate) fn run(timeline: &Value, pace: Pace) -> Session {
    let first_ms = timeline["first_ts"].as_i64().unwrap();
    let mut engine = Engine::new(pace.settings());
    let mut closed = Vec::new();
    let mut now_ms = if matches!(pace, Pace::WithPauses) { first_ms + 3_600_000 } else { first_ms };
    for (sequence, step) in (0_u64..).zip(timeline["steps"].as_array().unwrap()) {
        let at_ms = first_ms + (step["at"].as_f64().unwrap() * 1_000.0).round() as i64;
        let ts_ms = step["body"]["playerTime"]["ts"].as_i64().unwrap_or(at_ms);
        now_ms = match pace {
            Pace::AsRecorded => ts_ms,
            Pace::OneMillisecondApart => first_ms + i64::try_from(sequence).unwrap(),
            Pace::AtOnce => first_ms,
            Pace::WithPauses => now_ms + 1 + (step["sleep"].as_f64().unwrap_or_default() * 1_000.0) as i64,
        };
        let event = translated(&step["body"], ts_ms);
        let fingerprint = fingerprint(&event);
        let arrival = Arrival { sequence, arrived_at_ms: now_ms, event, fingerprint };
        if sequence == 0 {
            engine.open(SESSION_ID, Origin::COLLECTION_V1, arrival, &mut ());
        } else {
            assert!(engine.push(&SESSION_ID, arrival, &mut ()).is_none(), "nothing closes before its time");
        }
    }
    engine.advance_to(now_ms + Settings::default().idle_timeout_ms + 1_000, &mut closed, &mut ());
    assert!(engine.is_empty());
    assert_eq!(engine.memory_bytes(), 0);
    assert_eq!(closed.len(), 1);
    closed.remove(0)
}

/// The event of a body. Parses only the parts of the wire that the timelines use.
fn translated(body: &Value, ts_ms: i64) -> Event {
    let event_type = EventType::from_name(body["eventType"].as_str().unwrap()).unwrap();
    let mut params = ParamsPacker::default();
    for (key, value) in object(&body["params"]) {
        let id = ParamId::of_key(key).unwrap();
        let value = match id.param().value_type {
            ValueType::String => ParamValue::Text(value.as_str().unwrap()),
            ValueType::Number => ParamValue::Number(value.as_f64().unwrap()),
            ValueType::Integer => ParamValue::Integer(value.as_i64().unwrap()),
            ValueType::Boolean => ParamValue::Boolean(value.as_bool().unwrap()),
            ValueType::Object | ValueType::Array => panic!("not in the timelines: {key}"),
        };
        params.push(id, value);
    }
    let mut custom_metadata = PairsPacker::default();
    for (key, value) in object(&body["customMetadata"]) {
        custom_metadata.push(key, value.as_str().unwrap());
    }
    let quality = body["qoeData"].is_object().then(|| {
        assert_eq!(object(&body["qoeData"]).count(), 1);
        Box::new(Quality { bitrate: body["qoeData"]["media.qoe.bitrate"].as_f64(), ..Quality::default() })
    });
    let (params, custom_metadata) = (params.finish(), custom_metadata.finish());
    let detail = (!params.is_empty() || !custom_metadata.is_empty())
        .then(|| Box::new(Detail { params, custom_metadata, ..Detail::default() }));
    Event {
        event_type,
        ts_ms,
        playhead: body["playerTime"]["playhead"].as_f64().unwrap(),
        remarks: Remarks::default(),
        quality,
        detail,
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
