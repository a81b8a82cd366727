//! Rows as text, read back.

use playhead_protocol::EventType::*;
use playhead_protocol::ParamValue;
use playhead_session::{Cell, ReadRows};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::player::{Carrying, View, event, start_event};
use crate::random::{cases, opened, run, sessions};

fn written(text: &str) -> String {
    ReadRows::read(text.as_bytes()).unwrap().write().unwrap()
}

fn row() -> Map<String, Value> {
    serde_json::from_str(&View::start().session.rows_view().write().unwrap()).unwrap()
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn rows_read_back_write_the_same_text(sent in sessions(60)) {
        for session in [opened(crate::player::SESSION_ID, &sent, &mut ()), run(&sent, &mut ())] {
            let text = session.rows_view().write().unwrap();
            prop_assert_eq!(written(&text), text.clone());
            prop_assert_eq!(serde_json::to_string(&session.rows()).unwrap(), text);
        }
    }
}

#[test]
fn moments_that_no_calendar_holds_and_escaped_texts_come_back() {
    let mut view = View::opened_by(start_event(60).param("media.name", ParamValue::Text("\"Ü\n\u{1f}\\ 😀")));
    view.send(event(Play, 1, 0));
    for ts in [i64::MAX / 2, i64::MIN / 2, 253_402_207_200_000, -377_705_023_201_001] {
        let mut rows = view.session.rows();
        rows.session.started_at_ms = ts;
        rows.session.content_ms = ts;
        rows.session.active_spans = vec![(ts, ts + 1)].into();
        rows.session.watched_spans = vec![(0.1, 0.3), (1e300, f64::NAN)].into();
        rows.session.unique_seconds = f64::INFINITY;
        let text = rows.write().unwrap();
        assert_eq!(written(&text), text);
        assert_eq!(ReadRows::read(text.as_bytes()).unwrap().session.time_ms("started_at"), Some(ts));
    }
}

#[test]
fn a_row_of_another_release_has_the_columns_of_this_one() {
    let mut other = row();
    other.shift_remove("stall_events");
    other.shift_remove("chapters");
    other.insert("of_a_later_release".into(), json!({"a": [1, {"b": null}]}));
    other.insert("errors".into(), json!([{"at": "2026-01-01T00:00:00.000Z", "new": [1]}]));
    let mut expected = row();
    expected["stall_events"] = Value::Null;
    expected["errors"] =
        json!([{"error_id": null, "source": null, "at": "2026-01-01T00:00:00.000Z", "playhead": null}]);
    let read = written(&Value::Object(other).to_string());
    assert_eq!(read, serde_json::to_string(&expected).unwrap());
}

#[test]
fn a_value_of_another_type_is_nothing() {
    let mut other = row();
    for (column, value) in [
        ("event_count", json!("5")),
        ("content_name", json!(5)),
        ("diagnoses", json!({"a": [1]})),
        ("custom_metadata", json!([1, [2]])),
        ("started_at", json!(true)),
        ("is_open", json!(1)),
    ] {
        let valid = other.insert(column.into(), value).unwrap();
        let text = Value::Object(other.clone()).to_string();
        match column {
            "started_at" => drop(ReadRows::read(text.as_bytes()).unwrap_err()),
            _ => assert_eq!(*ReadRows::read(text.as_bytes()).unwrap().session.get(column), Cell::Null),
        }
        other[column] = valid;
    }
}

#[test]
fn text_that_is_not_a_row_is_refused() {
    let text = serde_json::to_string(&row()).unwrap();
    for wrong in ["", "[]", "null", "{}", &text[..text.len() - 1], &format!("{text}{text}")] {
        ReadRows::read(wrong.as_bytes()).unwrap_err();
    }
}

#[test]
fn an_empty_id_hides_nobody() {
    let first = start_event(60).param("visitor.marketingCloudUserId", ParamValue::Text(""));
    let named = first.clone().param("appInstallationId", ParamValue::Text("app"));
    for (start, visitor) in [(first, None), (named, Some("app"))] {
        let session = View::opened_by(start).session;
        let text = session.rows_view().write().unwrap();
        let id = session.id().to_string();
        let of_params = playhead_session::visitor_of_params(session.params());
        assert_eq!(of_params.map(|visitor| visitor.id), visitor);
        let read = ReadRows::read(text.as_bytes()).unwrap();
        let of_row = read.session.visitor();
        assert_eq!(of_row.map(|visitor| visitor.id), visitor.or(Some(&id)));
        assert!(visitor.is_none() || of_row == of_params);
    }
}
