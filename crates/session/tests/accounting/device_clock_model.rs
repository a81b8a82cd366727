//! The clock rules against a model that keeps all it has seen and looks through it anew for each event, and against sessions
//! of which only the clock differs.

use playhead_protocol::{Event, Origin};
use playhead_session::{Arrival, Diagnosis, EventRef, Observer, Session, Settings};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::player::{SESSION_ID, START_MS};
use crate::random::{Sent, arrive, body_of, cases, opened, run, sessions};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// The sequences of the events in the order in which they took effect, each with the offset after it.
#[derive(Debug, Default)]
struct Offsets(Vec<(u64, i64)>);

impl Observer for Offsets {
    fn processed(&mut self, event: EventRef, session: &Session) {
        self.0.push((event.sequence, session.clock_offset_ms()));
    }
}

/// What the model knows of an event that took effect.
struct Placed {
    effective_ms: i64,
    arrived_at_ms: i64,
}

/// Where the session stands: its latest effective time, and the last arrival among the events that lie there or made it
/// go there.
fn stand(placed: &[Placed]) -> (i64, i64) {
    let (mut latest_ms, mut arrival_ms) = (placed[0].effective_ms, placed[0].arrived_at_ms);
    for (place, event) in placed.iter().enumerate().skip(1) {
        let is_new_start = place == 1 && event.effective_ms < latest_ms;
        if is_new_start || event.effective_ms >= latest_ms {
            latest_ms = event.effective_ms;
            arrival_ms = arrival_ms.max(event.arrived_at_ms);
        }
    }
    (latest_ms, arrival_ms)
}

struct Modelled {
    offsets: Vec<i64>,
    is_wrong: bool,
    has_step: bool,
    has_seconds: bool,
    latest_ms: i64,
}

/// The offsets of events in the order of their effect: timestamps and arrivals, `sessionStart` first.
fn model(events: &[(i64, i64)], is_downloaded: bool) -> Modelled {
    let (start_ts_ms, start_arrival_ms) = events[0];
    let is_before_2015 = year_of(start_ts_ms) < 2015;
    let mut is_wrong = !is_downloaded && (is_before_2015 || start_ts_ms - start_arrival_ms > DAY_MS);
    let mut offset_ms = if is_wrong { start_arrival_ms - start_ts_ms } else { 0 };
    let mut offsets = vec![offset_ms];
    let mut placed = vec![Placed { effective_ms: start_ts_ms + offset_ms, arrived_at_ms: start_arrival_ms }];
    let mut has_step = false;
    for &(ts_ms, arrived_at_ms) in &events[1..] {
        let (latest_ms, arrival_ms) = stand(&placed);
        let bound_ms = if is_downloaded { DAY_MS } else { 10 * MINUTE_MS };
        if (ts_ms + offset_ms).abs_diff(latest_ms) > bound_ms.unsigned_abs() {
            has_step = true;
            let passed_ms = if is_downloaded { 0 } else { (arrived_at_ms - arrival_ms).max(0) };
            offset_ms = latest_ms + passed_ms - ts_ms;
        }
        offsets.push(offset_ms);
        placed.push(Placed { effective_ms: ts_ms + offset_ms, arrived_at_ms });
    }
    let (mut latest_ms, _) = stand(&placed);
    if is_downloaded && latest_ms - start_arrival_ms > DAY_MS {
        is_wrong = true;
        let back_ms = latest_ms - start_arrival_ms;
        latest_ms -= back_ms;
        // Only the offset after the last event tells of it.
        *offsets.last_mut().unwrap() -= back_ms;
    }
    let has_seconds = events.iter().any(|(ts_ms, _)| (1_000_000_000..=4_000_000_000).contains(ts_ms));
    Modelled { offsets, is_wrong, has_step, has_seconds, latest_ms }
}

/// The year of a timestamp, by its text.
fn year_of(ts_ms: i64) -> i32 {
    playhead_session::rfc3339(ts_ms)[..4].parse().unwrap()
}

fn check(sent: &[Sent], seen: &Offsets, session: &Session, is_downloaded: bool) -> Result<(), TestCaseError> {
    let moments = |(sequence, _): &(u64, i64)| {
        let sent = &sent[usize::try_from(*sequence).unwrap()];
        (sent.event.ts_ms, sent.arrived_at_ms)
    };
    let modelled = model(&seen.0.iter().map(moments).collect::<Vec<_>>(), is_downloaded);
    let mut offsets: Vec<i64> = seen.0.iter().map(|(_, offset_ms)| *offset_ms).collect();
    // The end of a batch is no event: it moves the session after the last one.
    *offsets.last_mut().unwrap() = session.clock_offset_ms();
    prop_assert_eq!(&offsets, &modelled.offsets);
    let row = session.row();
    let has = |diagnosis| row.diagnoses.has(diagnosis);
    prop_assert_eq!(has(Diagnosis::ClockWrong), modelled.is_wrong);
    prop_assert_eq!(has(Diagnosis::ClockStep), modelled.has_step);
    prop_assert_eq!(has(Diagnosis::TsInSeconds), modelled.has_seconds);
    prop_assert_eq!(row.last_event_at_ms, modelled.latest_ms);
    Ok(())
}

/// Sessions whose events have any timestamps at times.
fn broken_clocks() -> impl Strategy<Value = Vec<Sent>> {
    let any_ts = prop_oneof![
        2 => 1_i64..7_258_118_400_000,
        1 => 900_000_000_i64..4_100_000_000,
        2 => START_MS - 20 * MINUTE_MS..START_MS + 40 * MINUTE_MS,
    ];
    (sessions(50), prop::collection::vec((any::<Index>(), any_ts), 0..6)).prop_map(|(mut sent, broken)| {
        for (place, ts_ms) in broken {
            let place = place.index(sent.len());
            sent[place].event.ts_ms = ts_ms;
        }
        sent
    })
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn offsets_are_those_of_the_model(sent in broken_clocks()) {
        let mut seen = Offsets::default();
        let session = run(&sent, &mut seen);
        check(&sent, &seen, &session, false)?;
    }

    #[test]
    fn offsets_of_downloaded_sessions_are_those_of_the_model(mut sent in broken_clocks()) {
        for sent in &mut sent {
            sent.arrived_at_ms = START_MS;
        }
        let settings = Settings::default();
        let mut seen = Offsets::default();
        let arrival = |(sequence, sent): (usize, &Sent)| Arrival {
            sequence: sequence as u64,
            arrived_at_ms: sent.arrived_at_ms,
            event: sent.event.clone(),
            fingerprint: body_of(sequence),
        };
        let mut arrivals = sent.iter().enumerate().map(arrival);
        let mut session = Session::open(SESSION_ID, Origin::DOWNLOADED, arrivals.next().unwrap(), &mut seen);
        for arrival in arrivals {
            session.push(arrival, &settings, &mut seen);
        }
        session.finish_batch(&settings, &mut seen);
        check(&sent, &seen, &session, true)?;
    }

    /// Steps add no more than the time that went by at the server, and no event makes more than silence may.
    #[test]
    fn no_clock_makes_hours(sent in broken_clocks()) {
        let row = run(&sent, &mut ()).row();
        let events = sent.len() as i64;
        let passed_ms = sent[sent.len() - 1].arrived_at_ms - sent[0].arrived_at_ms;
        prop_assert!(row.last_event_at_ms - row.started_at_ms <= passed_ms + events * 10 * MINUTE_MS);
    }

    /// Wherever a clock is set, the session is the one of a clock that goes right.
    #[test]
    fn setting_the_device_clock_changes_nothing_but_what_tells_of_it(
        sent in sessions(50),
        starts_at_ms in prop_oneof![Just(START_MS), 1_i64..1_400_000_000_000, START_MS + 2 * DAY_MS..7_000_000_000_000],
        sets in prop::collection::vec((any::<Index>(), 40_i64..40_000_000, any::<bool>()), 0..5),
    ) {
        let right = punctual(&sent);
        let mut wrong = right.clone();
        for sent in &mut wrong {
            sent.event.ts_ms += starts_at_ms - START_MS;
        }
        for (place, minutes, is_back) in sets {
            // The start says what it says; a clock is set after it.
            let place = 1 + place.index(wrong.len());
            let by_ms = if is_back { -minutes * MINUTE_MS } else { minutes * MINUTE_MS };
            let is_taken = |sent: &Sent| (1..7_258_118_400_000).contains(&(sent.event.ts_ms + by_ms));
            if !wrong.iter().skip(place).all(is_taken) {
                continue;
            }
            for sent in wrong.iter_mut().skip(place) {
                sent.event.ts_ms += by_ms;
            }
        }
        prop_assume!(wrong.windows(2).all(is_set_far_enough));
        prop_assert_eq!(less_clock(&at_once(&wrong)), less_clock(&at_once(&right)));
    }
}

/// The same events, each arriving when it happens.
fn punctual(sent: &[Sent]) -> Vec<Sent> {
    let mut sent = sent.to_vec();
    sent[0].event.ts_ms = START_MS;
    let mut now_ms = START_MS;
    for sent in &mut sent {
        // A step between two events is found only if they do not happen to cancel it.
        now_ms += sent.arrived_at_ms.rem_euclid(20_000);
        sent.event = Event { ts_ms: now_ms, ..sent.event.clone() };
        sent.arrived_at_ms = now_ms;
    }
    sent[0].event.ts_ms = START_MS;
    sent[0].arrived_at_ms = START_MS;
    sent
}

/// Whether the clock goes on between two events, or was set by more than silence explains.
fn is_set_far_enough(pair: &[Sent]) -> bool {
    let passed_ms = pair[1].arrived_at_ms - pair[0].arrived_at_ms;
    let shown_ms = pair[1].event.ts_ms - pair[0].event.ts_ms;
    shown_ms == passed_ms || shown_ms.abs() > 10 * MINUTE_MS
}

/// A session without a reorder window.
fn at_once(sent: &[Sent]) -> Session {
    let settings = Settings { reorder_window_ms: 0, ..crate::random::settings() };
    let mut session = opened(SESSION_ID, sent, &mut ());
    for (sequence, sent) in sent.iter().enumerate().skip(1) {
        session.advance_to(sent.arrived_at_ms, &settings, &mut ());
        arrive(&mut session, sequence, sent, &mut ());
        session.advance_to(sent.arrived_at_ms, &settings, &mut ());
    }
    session.advance_to(i64::MAX, &settings, &mut ());
    session
}

fn less_clock(session: &Session) -> Value {
    let mut row = serde_json::to_value(session.rows()).unwrap();
    let of_clock = [Diagnosis::ClockWrong, Diagnosis::ClockStep, Diagnosis::TsInSeconds].map(Diagnosis::name);
    let diagnoses = row["diagnoses"].as_array_mut().unwrap();
    diagnoses.retain(|name| !of_clock.iter().any(|of_clock| name == of_clock));
    row["clock_offset_ms"] = Value::Null;
    row
}
