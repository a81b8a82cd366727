//! Metrics contract, sections 1 and 7: downloaded batches.

use playhead_protocol::EventType::*;
use playhead_protocol::{Event, Origin};
use playhead_session::{Arrival, CloseReason, Engine, Session, Settings};
use serde_json::json;

use crate::player::{SESSION_ID, event, expect, fingerprint, moment, start_event};

/// A batch arrives long after it was recorded, all at once.
fn batch(events: &[Event]) -> Session {
    let mut engine = Engine::new(Settings::default());
    for (sequence, event) in (0..).zip(events) {
        let event = event.clone();
        let fingerprint = fingerprint(&event);
        let arrival = Arrival { sequence, arrived_at_ms: moment(1_000_000), event, fingerprint };
        if sequence == 0 {
            engine.open(SESSION_ID, Origin::DOWNLOADED, arrival, &mut ());
        } else {
            assert!(engine.push(&SESSION_ID, arrival, &mut ()).is_none());
        }
    }
    let session = engine.finish_batch(&SESSION_ID, &mut ()).unwrap();
    assert!(engine.is_empty());
    assert_eq!(engine.memory_bytes(), 0);
    session
}

#[test]
fn the_end_of_a_batch_empties_the_window_at_once_and_closes_at_the_last_event() {
    let session = batch(&[start_event(1_000), event(Play, 0, 0), event(Ping, 50, 50), event(Ping, 100, 100)]);
    assert_eq!(session.close_reason(), Some(CloseReason::Downloaded));
    assert_eq!(session.waiting_events(), 0);
    let rows = serde_json::to_value(session.rows()).unwrap();
    expect(
        &rows,
        &json!({"source": "downloaded", "close_reason": "downloaded", "is_open": false, "event_count": 4,
            "content_time_spent": 100.0, "last_event_at": "2023-11-14T22:15:00.000Z"}),
    );
}

#[test]
fn a_batch_with_an_end_of_its_own_closes_with_that() {
    let session = batch(&[start_event(1_000), event(Play, 0, 0), event(SessionEnd, 50, 50)]);
    assert_eq!(session.close_reason(), Some(CloseReason::SessionEnd));
    expect(&serde_json::to_value(session.rows()).unwrap(), &json!({"content_time_spent": 50.0}));
}

#[test]
fn open_views_at_the_end_of_a_batch_close_as_not_completed() {
    let session =
        batch(&[start_event(1_000), event(AdBreakStart, 0, 0), event(AdStart, 0, 0), event(Ping, 9, 0)]);
    expect(
        &serde_json::to_value(session.rows()).unwrap(),
        &json!({"ads": [{"end": "not_completed", "time_played": 9.0}], "drop_before_start": true}),
    );
}

#[test]
fn a_long_batch_in_order_is_accounted_for_in_order() {
    let mut events = vec![start_event(0), event(Play, 0, 0)];
    events.extend((1..2_000).map(|place| event(Ping, place * 50, place * 50)));
    let rows = serde_json::to_value(batch(&events).rows()).unwrap();
    expect(&rows, &json!({"content_time_spent": 99_950.0, "event_count": 2001, "diagnoses": []}));
    assert_eq!(rows["watched_spans"], json!([{"from": 0.0, "to": 99_950.0}]));
}
