//! No input makes the accounting panic, overflow, or write a value that JSON cannot hold.

use playhead_protocol::{Event, EventType, ParamValue, Quality};
use playhead_session::{Cell, Session};
use proptest::prelude::*;

use crate::player::{Carrying, START_MS, event, moment};
use crate::random::{Sent, cases, run};

fn times() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => START_MS - 10_000..START_MS + 100_000,
        1 => prop::sample::select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, 7_258_118_399_999, i64::MAX - 1, i64::MAX]),
        1 => any::<i64>(),
    ]
}

fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..100.0,
        2 => prop::sample::select(vec![1e300, -1e300, 1e308, -1e308, f64::MAX, f64::MIN, 5e-324, -0.0, 0.0, 1.8e10]),
        1 => any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let event_types = prop::sample::select(EventType::ALL);
    let quality = prop::option::of((numbers(), numbers(), numbers(), numbers()));
    (event_types, times(), numbers(), quality, any::<u8>()).prop_map(
        |(event_type, ts_ms, playhead, quality, die)| {
            let mut event = Event { ts_ms, ..event(event_type, 0, playhead) };
            let name = format!("n{}", die % 16);
            if matches!(event_type, EventType::StateStart | EventType::StateEnd | EventType::StatesUpdate) {
                event = event.states(&[&name, &name], &[&name]);
            }
            if event_type == EventType::Error {
                event = event.error(Some(&name), "external");
            }
            if let Some((bitrate, dropped_frames, frames_per_second, time_to_start_ms)) = quality {
                event = event.quality(Quality {
                    bitrate: Some(bitrate),
                    dropped_frames: Some(dropped_frames),
                    frames_per_second: Some(frames_per_second),
                    time_to_start_ms: Some(time_to_start_ms),
                });
            }
            event
        },
    )
}

fn garbage() -> impl Strategy<Value = Vec<Sent>> {
    let start = (times(), numbers(), numbers(), prop::sample::select(vec!["vod", "live", ""]));
    let arrivals = prop::collection::vec((events(), 0_i64..20_000), 0..60);
    (start, arrivals).prop_map(|((ts_ms, playhead, length, content_type), arrivals)| {
        let start = Event { ts_ms, ..event(EventType::SessionStart, 0, playhead) }
            .param("media.length", ParamValue::Number(length))
            .param("media.contentType", ParamValue::Text(content_type));
        let mut arrived_at_ms = moment(0);
        let mut sent = vec![Sent { arrived_at_ms, event: start }];
        for (event, gap_ms) in arrivals {
            arrived_at_ms += gap_ms;
            sent.push(Sent { arrived_at_ms, event });
        }
        sent
    })
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn garbage_gives_a_row_that_can_be_written(sent in garbage()) {
        let session = run(&sent, &mut ());
        let rows = session.rows();
        let text = serde_json::to_string(&rows).unwrap();
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        for (name, cell) in rows.session.cells() {
            prop_assert!(is_finite(&cell), "{name}: {cell:?}");
        }
        let bytes = postcard::to_stdvec(&session).unwrap();
        prop_assert_eq!(postcard::from_bytes::<Session>(&bytes).unwrap().rows(), rows);
    }
}

fn is_finite(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Number(number) => number.is_finite(),
        Cell::ContentSpans(spans) => {
            spans.iter().all(|(from, to)| from.is_finite() && to.is_finite() && from < to)
        }
        Cell::Seconds(ms) => *ms >= 0,
        _ => true,
    }
}
