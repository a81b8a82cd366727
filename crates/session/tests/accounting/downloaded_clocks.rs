//! Metrics contract, section 11: clocks of downloaded sessions, which come whole and may be of any time.

use playhead_protocol::EventType::*;
use playhead_protocol::{Event, EventType, Origin};
use playhead_session::{Arrival, EventRef, Interval, MovedToStall, Observer, Session, Settings};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::player::{SESSION_ID, START_MS, event, expect, fingerprint, moment, start_event};
use crate::random::{cases, sessions};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const YEAR_2199_MS: i64 = 7_226_582_400_000;

/// The times that an observer sees.
#[derive(Debug, Default, PartialEq)]
struct Times {
    intervals: Vec<(i64, i64)>,
    stalls: Vec<(i64, i64)>,
    offsets: Vec<i64>,
}

impl Observer for Times {
    fn interval(&mut self, interval: &Interval) {
        self.intervals.push((interval.from_ms, interval.to_ms));
    }

    fn moved_to_stall(&mut self, moved: &MovedToStall) {
        self.stalls.push((moved.from_ms, moved.to_ms));
    }

    fn processed(&mut self, _event: EventRef, session: &Session) {
        self.offsets.push(session.clock_offset_ms());
    }
}

/// Takes a batch that arrives at a moment, whose way back is known to be `moved_back_ms`.
fn taken(events: &[Event], arrived_at_ms: i64, moved_back_ms: i64, observer: &mut impl Observer) -> Session {
    let settings = Settings::default();
    let arrival = |(sequence, event): (u64, &Event)| {
        let (event, fingerprint) = (event.clone(), fingerprint(event));
        Arrival { sequence, arrived_at_ms, event, fingerprint }
    };
    let mut arrivals = (1..).zip(events).map(arrival);
    let start = arrivals.next().unwrap();
    let mut session = Session::open_moved(SESSION_ID, Origin::DOWNLOADED, start, moved_back_ms, observer);
    for arrival in arrivals {
        session.push(arrival, &settings, observer);
    }
    session.finish_batch(&settings, observer);
    session
}

fn rows(events: &[Event], arrived_at_ms: i64) -> Value {
    serde_json::to_value(taken(events, arrived_at_ms, 0, &mut ()).rows()).unwrap()
}

/// A start and events, by a clock that is ahead.
fn batch(events: &[(EventType, i32)], ahead_ms: i64) -> Vec<Event> {
    let events = events.iter().map(|&(event_type, at)| event(event_type, at, at));
    let all = std::iter::once(start_event(1_000)).chain(events);
    all.map(|event| Event { ts_ms: event.ts_ms + ahead_ms, ..event }).collect()
}

#[test]
fn a_downloaded_session_of_the_year_2199_lies_before_its_arrival() {
    let events = [
        (Play, 0),
        (ChapterStart, 5),
        (AdBreakStart, 10),
        (AdStart, 10),
        (AdComplete, 20),
        (AdBreakComplete, 20),
        (Error, 30),
        (Ping, 40),
    ];
    for end in [None, Some((SessionEnd, 50)), Some((Ping, 50))] {
        let events: Vec<_> = events.into_iter().chain(end).collect();
        let until = if end.is_some() { 50 } else { 40 };
        let ahead_ms = YEAR_2199_MS - START_MS;
        let found = rows(&batch(&events, ahead_ms), moment(until));
        let at = |at: i32| playhead_session::rfc3339(moment(at));
        expect(
            &found,
            &json!({"clock_offset_ms": -ahead_ms, "diagnoses": ["clock_wrong"],
                "started_at": at(0), "last_event_at": at(until), "received_at": at(until),
                "active_spans": [{"from": at(0), "to": at(until)}],
                "playing_spans": [{"from": at(0), "to": at(until)}],
                "ads": [{"ad_started_at": at(10), "time_played": 10.0}],
                "chapters": [{"chapter_started_at": at(5)}], "errors": [{"at": at(30)}]}),
        );
        // But for what tells of the clock, it is the session that a right clock gives.
        let mut right = rows(&batch(&events, 0), moment(until));
        right["clock_offset_ms"] = found["clock_offset_ms"].clone();
        right["diagnoses"] = found["diagnoses"].clone();
        assert_eq!(found, right);
    }
}

#[test]
fn a_downloaded_session_may_end_a_day_after_its_arrival_and_begin_in_any_year() {
    let events = [(Play, 0), (Ping, 10)];
    let taken_as_it_is = json!({"clock_offset_ms": 0, "diagnoses": [], "content_time_spent": 10.0});
    for ahead_ms in [DAY_MS, 0, -DAY_MS, -8 * 365 * DAY_MS, 1 - START_MS] {
        expect(&rows(&batch(&events, ahead_ms), moment(10)), &taken_as_it_is);
    }
    let ahead_ms = DAY_MS + 1;
    let moved_back =
        json!({"clock_offset_ms": -ahead_ms, "diagnoses": ["clock_wrong"], "content_time_spent": 10.0});
    expect(&rows(&batch(&events, ahead_ms), moment(10)), &moved_back);
}

#[test]
fn a_pause_of_a_day_is_one_in_a_downloaded_session_and_a_longer_one_a_step_without_time() {
    let arrived_at_ms = START_MS + 400 * DAY_MS;
    for (by_ms, diagnoses) in [
        (DAY_MS, json!([])),
        (-DAY_MS, json!(["late_event"])),
        (DAY_MS + 1, json!(["clock_step"])),
        (-DAY_MS - 200_000, json!(["clock_step"])),
    ] {
        let mut events = batch(&[(Play, 0), (Ping, 100), (Ping, 100), (Ping, 110)], 0);
        let is_step = by_ms.abs() > DAY_MS;
        for event in &mut events[3..] {
            event.ts_ms += by_ms;
        }
        // More than fit into the window, so that what lies back cannot go before what came before it.
        let pings: Vec<Event> = (1..=20).map(|at| event(Ping, at, at)).collect();
        events.splice(2..2, pings);
        let found = rows(&events, arrived_at_ms);
        expect(&found, &json!({"diagnoses": diagnoses}));
        if is_step {
            let spent = found["content_time_spent"].as_f64().unwrap();
            assert!((100.0..=110.0).contains(&spent), "{by_ms}: {spent}");
        }
    }
}

#[test]
fn a_downloaded_session_that_stepped_out_of_2199_is_moved_as_a_whole_too() {
    let mut events = batch(&[(Play, 0), (Ping, 10), (Ping, 20), (Ping, 30)], 0);
    for event in &mut events[..3] {
        event.ts_ms += YEAR_2199_MS - START_MS;
    }
    // The clock was set back before the last two; the time between counts as none.
    let found = rows(&events, moment(30));
    expect(
        &found,
        &json!({"diagnoses": ["clock_wrong", "clock_step"], "last_event_at": playhead_session::rfc3339(moment(30))}),
    );
    let spent = found["content_time_spent"].as_f64().unwrap();
    assert!((10.0..=30.0).contains(&spent), "{spent}");
}

proptest! {
    #![proptest_config(cases(400))]

    /// What an observer is shown of a session whose way back is known lies where its rows do, and the session is the same.
    #[test]
    fn a_session_whose_way_back_is_known_is_watched_where_it_lies(
        sent in sessions(60),
        arrived_at_ms in prop_oneof![START_MS - 100 * DAY_MS..START_MS + DAY_MS, Just(START_MS)],
    ) {
        let events: Vec<Event> = sent.into_iter().map(|sent| sent.event).collect();
        let mut seen = Times::default();
        let session = taken(&events, arrived_at_ms, 0, &mut seen);
        let by_ms = session.moved_back_ms();
        let mut moved = Times::default();
        let known = taken(&events, arrived_at_ms, by_ms, &mut moved);
        prop_assert_eq!(&known, &session);
        let row = session.row();
        prop_assert!(row.last_event_at_ms <= arrived_at_ms + DAY_MS);
        prop_assert_eq!(by_ms != 0, row.diagnoses.has(playhead_session::Diagnosis::ClockWrong));
        let all = moved.intervals.iter().chain(&moved.stalls);
        for &(from_ms, to_ms) in all {
            prop_assert!(row.started_at_ms <= from_ms && to_ms <= row.last_event_at_ms);
        }
        let back = |&(from_ms, to_ms): &(i64, i64)| (from_ms + by_ms, to_ms + by_ms);
        prop_assert_eq!(&moved.intervals, &seen.intervals.iter().map(back).collect::<Vec<_>>());
        prop_assert_eq!(&moved.stalls, &seen.stalls.iter().map(back).collect::<Vec<_>>());
        prop_assert_eq!(moved.offsets.last(), Some(&row.clock_offset_ms));
    }
}
