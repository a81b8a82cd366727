//! Steps of the server's clock: somebody set it.

use std::collections::BTreeMap;

use playhead_protocol::EventType::*;
use playhead_protocol::{Origin, SessionId};
use playhead_session::{Admission, Arrival, ClockStep, Diagnosis, Engine, Session, Settings};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::player::{SESSION_ID, event, moment, start_event};
use crate::random::{Sent, arrive, body_of, cases, json, opened, run, sessions, settings};

const DAY_MS: i64 = 86_400_000;

fn open_at(at: f64) -> Session {
    let start =
        Arrival { sequence: 1, arrived_at_ms: moment(at), event: start_event(100), fingerprint: body_of(0) };
    Session::open(SESSION_ID, Origin::COLLECTION_V1, start, &mut ())
}

fn step(number: u64, sequence: u64, from: f64, by_ms: i64) -> ClockStep {
    ClockStep { number, sequence, from_ms: moment(from), to_ms: moment(from) + by_ms }
}

#[test]
fn a_step_is_taken_once_and_by_sessions_of_before_only() {
    let settings = Settings::default();
    let mut session = open_at(0.0);
    session.step_clock(&step(1, 1, 5.0, DAY_MS), &settings, &mut ());
    assert!(!session.diagnoses().has(Diagnosis::ServerClockStepped), "it was opened after the step");
    for _ in 0..2 {
        session.step_clock(&step(2, 2, 5.0, DAY_MS), &settings, &mut ());
        assert!(session.diagnoses().has(Diagnosis::ServerClockStepped));
        assert_eq!(session.last_arrival_ms(), moment(0.0) + DAY_MS);
    }
    assert_eq!(session.received_at_ms(), moment(0.0));
}

#[test]
fn a_session_that_time_had_closed_before_the_step_knows_nothing_of_it() {
    let settings = Settings::default();
    for (at, is_closed) in [(599.0, false), (600.0, true)] {
        let mut session = open_at(0.0);
        session.step_clock(&step(1, 2, at, -DAY_MS), &settings, &mut ());
        assert_eq!(session.close_reason().is_some(), is_closed);
        assert_eq!(session.diagnoses().has(Diagnosis::ServerClockStepped), !is_closed);
    }
}

#[test]
fn an_engine_wakes_sessions_by_the_clock_as_it_goes_after_a_step() {
    for by_ms in [-DAY_MS, DAY_MS] {
        let mut engine = Engine::new(Settings::default());
        engine.insert(open_at(0.0));
        let waiting = Arrival {
            sequence: 2,
            arrived_at_ms: moment(1.0),
            event: event(Play, 1, 0),
            fingerprint: body_of(1),
        };
        engine.push(&SESSION_ID, waiting, &mut ());
        engine.take_changed();
        engine.checkpoint(&SESSION_ID);
        let mut closed = Vec::new();
        engine.step_clock(&step(1, 3, 2.0, by_ms), &mut closed, &mut ());
        let changed: Vec<SessionId> = engine.take_changed().into_iter().map(|(_, id)| id).collect();
        assert_eq!(changed, [SESSION_ID], "a checkpoint writes it again");
        let waiting = |engine: &Engine| engine.get(&SESSION_ID).map(Session::waiting_events);
        engine.advance_to(moment(5.9) + by_ms, &mut closed, &mut ());
        assert_eq!(waiting(&engine), Some(1));
        engine.advance_to(moment(6.1) + by_ms, &mut closed, &mut ());
        assert_eq!(waiting(&engine), Some(0));
        engine.advance_to(moment(600.9) + by_ms, &mut closed, &mut ());
        assert!(closed.is_empty());
        engine.advance_to(moment(601.1) + by_ms, &mut closed, &mut ());
        assert_eq!(closed.len(), 1);
    }
}

/// Where steps are, by the number of the event that follows; how far into the pause before it; how far the clock is set.
fn steps() -> impl Strategy<Value = Vec<(Index, f64, i64)>> {
    let by_ms = prop_oneof![-DAY_MS..DAY_MS, -20_000_i64..20_000];
    prop::collection::vec((any::<Index>(), 0.0..=1.0, by_ms), 1..6)
}

/// The steps as they lie among arrivals, by the place of the arrival that follows. The arrivals move with the clock.
fn place(arrivals: &mut [i64], steps: &[(Index, f64, i64)]) -> BTreeMap<usize, Vec<(i64, i64)>> {
    let mut placed: BTreeMap<usize, Vec<(i64, i64)>> = BTreeMap::new();
    if arrivals.len() < 2 {
        return placed;
    }
    let mut sorted: Vec<_> = steps
        .iter()
        .map(|(index, part, by_ms)| (1 + index.index(arrivals.len() - 1), *part, *by_ms))
        .collect();
    sorted.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
    for (at, part, by_ms) in sorted {
        // Behind the steps before it in the same pause.
        let earlier = placed.get(&at).and_then(|steps| steps.last());
        let begin_ms = earlier.map_or(arrivals[at - 1], |(_, to_ms)| *to_ms);
        let from_ms = begin_ms + ((arrivals[at] - begin_ms) as f64 * part) as i64;
        placed.entry(at).or_default().push((from_ms, from_ms + by_ms));
        for arrival in &mut arrivals[at..] {
            *arrival += by_ms;
        }
    }
    placed
}

fn less_diagnosis(session: &Session) -> Value {
    let mut row: Value = serde_json::from_str(&json(session)).unwrap();
    let diagnoses = row["diagnoses"].as_array_mut().unwrap();
    diagnoses.retain(|name| name != Diagnosis::ServerClockStepped.name());
    row
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_step_of_the_clock_changes_nothing_but_the_diagnosis(sent in sessions(70), steps in steps()) {
        let unstepped = run(&sent, &mut ());
        let mut arrivals: Vec<i64> = sent.iter().map(|sent| sent.arrived_at_ms).collect();
        let placed = place(&mut arrivals, &steps);
        let mut session = opened(SESSION_ID, &sent, &mut ());
        let mut number = 0;
        for (sequence, sent) in sent.iter().enumerate().skip(1) {
            for &(from_ms, to_ms) in placed.get(&sequence).into_iter().flatten() {
                number += 1;
                let step = ClockStep { number, sequence: sequence as u64, from_ms, to_ms };
                session.step_clock(&step, &settings(), &mut ());
            }
            let sent = Sent { arrived_at_ms: arrivals[sequence], ..sent.clone() };
            arrive(&mut session, sequence, &sent, &mut ());
        }
        session.advance_to(i64::MAX, &settings(), &mut ());
        prop_assert_eq!(less_diagnosis(&session), less_diagnosis(&unstepped));
    }
}

/// An event of one of several sessions, as a journal has it.
struct Recorded {
    session: usize,
    place: usize,
    arrived_at_ms: i64,
}

fn id_of(session: usize) -> SessionId {
    SessionId::from_bytes([u8::try_from(session).unwrap(); 32])
}

fn arrival(sequence: usize, recorded: &Recorded, crowd: &[Vec<Sent>]) -> Arrival {
    Arrival {
        sequence: sequence as u64,
        arrived_at_ms: recorded.arrived_at_ms,
        event: crowd[recorded.session][recorded.place].event.clone(),
        fingerprint: body_of(recorded.place),
    }
}

fn rows(closed: Vec<Session>) -> BTreeMap<SessionId, String> {
    closed.into_iter().map(|session| (session.id(), json(&session))).collect()
}

proptest! {
    #![proptest_config(cases(200))]

    /// As a server does: with ticks, and states of sessions that are written at different moments. The replay has neither.
    #[test]
    fn a_replay_with_steps_at_random_places_gives_the_live_rows(
        crowd in prop::collection::vec(sessions(30), 1..6),
        steps in steps(),
        tick_parts in prop::collection::vec(0.0..=1.0, 1..30),
        states_at in prop::collection::vec(any::<Index>(), 6),
    ) {
        let mut recorded: Vec<Recorded> = Vec::new();
        for (session, sent) in crowd.iter().enumerate() {
            let of_session = sent.iter().enumerate();
            recorded.extend(of_session.map(|(place, sent)| Recorded { session, place, arrived_at_ms: sent.arrived_at_ms }));
        }
        recorded.sort_by_key(|recorded| (recorded.arrived_at_ms, recorded.place, recorded.session));
        let mut arrivals: Vec<i64> = recorded.iter().map(|recorded| recorded.arrived_at_ms).collect();
        let placed = place(&mut arrivals, &steps);
        for (recorded, arrived_at_ms) in recorded.iter_mut().zip(&arrivals) {
            recorded.arrived_at_ms = *arrived_at_ms;
        }
        let mut numbered: Vec<ClockStep> = Vec::new();
        for (at, steps) in &placed {
            for (from_ms, to_ms) in steps {
                let number = numbered.len() as u64 + 1;
                numbered.push(ClockStep { number, sequence: *at as u64, from_ms: *from_ms, to_ms: *to_ms });
            }
        }

        let mut live = Engine::new(settings());
        let mut closed = Vec::new();
        let mut states: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        let mut accepted = Vec::new();
        let first_state = states_at.iter().map(|index| index.index(recorded.len())).min().unwrap();
        for (sequence, next) in recorded.iter().enumerate() {
            let mut now_ms = sequence.checked_sub(1).map_or(i64::MIN, |last| recorded[last].arrived_at_ms);
            for step in numbered.iter().filter(|step| step.sequence == sequence as u64) {
                live.step_clock(step, &mut closed, &mut ());
                now_ms = step.to_ms;
            }
            if now_ms > i64::MIN {
                let part = tick_parts[sequence % tick_parts.len()];
                let tick_ms = now_ms + ((next.arrived_at_ms - now_ms) as f64 * part) as i64;
                live.advance_to(tick_ms, &mut closed, &mut ());
            }
            let id = id_of(next.session);
            let arrival = arrival(sequence, next, &crowd);
            if next.place == 0 {
                live.open(id, Origin::COLLECTION_V1, arrival, &mut ());
                accepted.push(sequence);
            } else {
                closed.extend(live.advance_session(&id, next.arrived_at_ms, &mut ()));
                let admission = live.get(&id).map(|session| session.admit(&arrival.event, arrival.fingerprint, &[]));
                if admission == Some(Admission::Accept) {
                    accepted.push(sequence);
                    closed.extend(live.push(&id, arrival, &mut ()));
                }
            }
            for (session, at) in states_at.iter().enumerate() {
                if at.index(recorded.len()) == sequence && let Some(session_now) = live.get(&id_of(session)) {
                    states.insert(session, postcard::to_stdvec(session_now).unwrap());
                }
            }
        }
        live.advance_to(i64::MAX - 1_000, &mut closed, &mut ());
        prop_assert!(live.is_empty());
        let live_rows = rows(closed);

        // The states are of moments from `first_state` on; the replay begins there, and skips what a state has.
        let mut replayed = Engine::new(settings());
        let mut closed = Vec::new();
        for state in states.values() {
            replayed.insert(postcard::from_bytes(state).unwrap());
        }
        let known: Vec<SessionId> = states.keys().map(|session| id_of(*session)).collect();
        let mut steps = numbered.iter().peekable();
        for &sequence in accepted.iter().filter(|sequence| **sequence > first_state) {
            while let Some(step) = steps.next_if(|step| step.sequence <= sequence as u64) {
                replayed.step_clock(step, &mut closed, &mut ());
            }
            let next = &recorded[sequence];
            let id = id_of(next.session);
            let arrival = arrival(sequence, next, &crowd);
            match replayed.get(&id).map(Session::last_sequence) {
                Some(last_sequence) if sequence as u64 <= last_sequence => {}
                Some(_) => closed.extend(replayed.push(&id, arrival, &mut ())),
                None if next.place == 0 => replayed.open(id, Origin::COLLECTION_V1, arrival, &mut ()),
                None => {}
            }
        }
        for step in steps {
            replayed.step_clock(step, &mut closed, &mut ());
        }
        replayed.advance_to(i64::MAX - 1_000, &mut closed, &mut ());
        for (id, row) in rows(closed) {
            prop_assert_eq!(Some(&row), live_rows.get(&id), "{} {:?}", id, known.contains(&id));
        }
    }
}
