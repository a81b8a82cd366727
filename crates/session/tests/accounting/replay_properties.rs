//! The same events with the same times of arrival give the same rows, whatever else happens in the meantime.

use std::collections::HashMap;

use playhead_protocol::{Origin, SessionId};
use playhead_session::{Admission, Arrival, Engine, Session};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::player::SESSION_ID;
use crate::random::{Sent, arrive, body_of, cases, json, opened, run, sessions, settings};

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_retry_of_one_of_the_last_thirty_two_events_changes_nothing(
        sent in sessions(70),
        retries in prop::collection::vec((any::<Index>(), any::<Index>()), 1..20),
    ) {
        let mut retry_after: HashMap<usize, Vec<Index>> = HashMap::new();
        for (after, which) in retries {
            retry_after.entry(after.index(sent.len())).or_default().push(which);
        }
        let mut session = opened(SESSION_ID, &sent, &mut ());
        let mut accepted = vec![0];
        for (sequence, event) in sent.iter().enumerate() {
            if sequence > 0 && arrive(&mut session, sequence, event, &mut ()) == Admission::Accept {
                accepted.push(sequence);
            }
            for which in retry_after.remove(&sequence).unwrap_or_default() {
                let recent = &accepted[accepted.len().saturating_sub(32)..];
                let retried = recent[which.index(recent.len())];
                let retry = Sent { arrived_at_ms: event.arrived_at_ms, ..sent[retried].clone() };
                let before = session.clone();
                let admission = arrive(&mut session, retried, &retry, &mut ());
                if before.close_reason().is_none() {
                    prop_assert_eq!(admission, Admission::Duplicate);
                } else {
                    prop_assert!(matches!(admission, Admission::Closed | Admission::RepeatedEnd));
                }
                prop_assert_eq!(&session, &before);
            }
        }
        session.advance_to(i64::MAX, &settings(), &mut ());
        prop_assert_eq!(json(&session), json(&run(&sent, &mut ())));
    }

    #[test]
    fn more_ticks_change_nothing(sent in sessions(70), ticks in prop::collection::vec(0_i64..1_000_000, 0..60)) {
        let mut session = opened(SESSION_ID, &sent, &mut ());
        for (sequence, pair) in sent.windows(2).enumerate() {
            let (now_ms, next_ms) = (pair[0].arrived_at_ms, pair[1].arrived_at_ms);
            let mut between: Vec<i64> =
                ticks.iter().map(|tick| now_ms + tick % (next_ms - now_ms + 1)).collect();
            between.sort_unstable();
            for tick_ms in between {
                session.advance_to(tick_ms, &settings(), &mut ());
            }
            arrive(&mut session, sequence + 1, &pair[1], &mut ());
        }
        let last_ms = sent.last().unwrap().arrived_at_ms;
        let mut after = ticks;
        after.sort_unstable();
        for tick in after {
            session.advance_to(last_ms + tick, &settings(), &mut ());
        }
        session.advance_to(i64::MAX, &settings(), &mut ());
        prop_assert_eq!(json(&session), json(&run(&sent, &mut ())));
    }

    #[test]
    fn a_session_goes_on_from_a_checkpoint_as_if_nothing_had_happened(
        sent in sessions(70),
        cuts in prop::collection::vec(any::<Index>(), 1..5),
    ) {
        let cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(sent.len())).collect();
        let mut session = opened(SESSION_ID, &sent, &mut ());
        for (sequence, event) in sent.iter().enumerate() {
            if sequence > 0 {
                arrive(&mut session, sequence, event, &mut ());
            }
            if cuts.contains(&sequence) {
                let bytes = postcard::to_stdvec(&session).unwrap();
                let restored: Session = postcard::from_bytes(&bytes).unwrap();
                prop_assert_eq!(&restored, &session);
                prop_assert_eq!(postcard::to_stdvec(&restored).unwrap(), bytes);
                prop_assert_eq!(json(&restored), json(&session));
                session = restored;
            }
        }
        session.advance_to(i64::MAX, &settings(), &mut ());
        prop_assert_eq!(json(&session), json(&run(&sent, &mut ())));
    }
}

/// Several sessions, and the advance of the clock between each event and the next tick; 0 for no tick.
fn crowds() -> impl Strategy<Value = (Vec<Vec<Sent>>, Vec<i64>)> {
    let sessions = prop::collection::vec(sessions(40), 1..8);
    (sessions, prop::collection::vec(prop_oneof![Just(0), 1_i64..7_000], 1..50))
}

fn id_of(place: usize) -> SessionId {
    SessionId::from_bytes([u8::try_from(place).unwrap(); 32])
}

/// The rows of each session on its own.
fn rows_alone(place: usize, sent: &[Sent]) -> String {
    let mut session = opened(id_of(place), sent, &mut ());
    for (sequence, event) in sent.iter().enumerate().skip(1) {
        arrive(&mut session, sequence, event, &mut ());
    }
    session.advance_to(i64::MAX, &settings(), &mut ());
    json(&session)
}

/// Sends one event of a session to an engine.
fn arrive_at(engine: &mut Engine, id: &SessionId, sequence: usize, sent: &Sent, closed: &mut Vec<Session>) {
    let Sent { arrived_at_ms, event } = sent.clone();
    let fingerprint = body_of(sequence);
    let arrival = |event| Arrival { sequence: sequence as u64, arrived_at_ms, event, fingerprint };
    if sequence == 0 {
        engine.open(*id, Origin::COLLECTION_V1, arrival(event), &mut ());
        return;
    }
    closed.extend(engine.advance_session(id, arrived_at_ms, &mut ()));
    let admission = engine.get(id).map(|session| session.admit(&event, fingerprint, &[]));
    if admission == Some(Admission::Accept) {
        closed.extend(engine.push(id, arrival(event), &mut ()));
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn an_engine_gives_each_session_the_rows_that_it_has_alone(
        (crowd, ticks) in crowds(),
        restart in any::<Index>(),
    ) {
        let mut arrivals: Vec<(i64, usize, usize)> = Vec::new();
        for (place, sent) in crowd.iter().enumerate() {
            arrivals.extend(sent.iter().enumerate().map(|(sequence, sent)| (sent.arrived_at_ms, sequence, place)));
        }
        arrivals.sort_unstable();
        let restart = restart.index(arrivals.len());
        let mut engine = Engine::new(settings());
        let mut closed = Vec::new();
        for (step, &(now_ms, sequence, place)) in arrivals.iter().enumerate() {
            arrive_at(&mut engine, &id_of(place), sequence, &crowd[place][sequence], &mut closed);
            if step == restart {
                let checkpoint: Vec<_> = engine.iter().map(|session| postcard::to_stdvec(session).unwrap()).collect();
                engine = Engine::new(settings());
                for session in checkpoint {
                    engine.insert(postcard::from_bytes(&session).unwrap());
                }
            }
            let counted: usize = engine.iter().map(Session::memory_bytes).sum();
            // Beside the sessions there is only what they share.
            let shared = engine.memory_bytes().checked_sub(counted);
            prop_assert!(shared.is_some_and(|shared| shared < 20_000), "{shared:?}");
            let tick_ms = ticks[step % ticks.len()];
            let next_ms = arrivals.get(step + 1).map_or(i64::MAX, |next| next.0);
            if tick_ms > 0 {
                engine.advance_to(now_ms.saturating_add(tick_ms).min(next_ms), &mut closed, &mut ());
            }
        }
        // Time alone must wake every session: first its window, then its timeouts.
        let last_ms = arrivals.last().unwrap().0;
        engine.advance_to(last_ms + settings().reorder_window_ms + 100, &mut closed, &mut ());
        prop_assert!(engine.iter().all(|session| session.waiting_events() == 0));
        engine.advance_to(last_ms + settings().idle_timeout_ms + 100, &mut closed, &mut ());
        prop_assert!(engine.is_empty());
        prop_assert_eq!(engine.memory_bytes(), 0);

        prop_assert_eq!(closed.len(), crowd.len());
        closed.sort_by_key(Session::id);
        for (place, session) in closed.iter().enumerate() {
            prop_assert_eq!(session.id(), id_of(place));
            prop_assert_eq!(json(session), rows_alone(place, &crowd[place]));
        }
    }
}
