//! Many sessions at once: each wakes at its deadline, whatever happened to its timers before.

use playhead_protocol::EventType::*;
use playhead_protocol::{Event, Origin, SessionId};
use playhead_session::{Arrival, CloseReason, Engine, Session, Settings};

use crate::player::{event, fingerprint, moment, start_event};

const TICK_S: f64 = 0.1;

fn id(number: u8) -> SessionId {
    SessionId::from_bytes([number; 32])
}

fn arrival(sequence: u64, arrived_at: f64, event: Event) -> Arrival {
    let fingerprint = fingerprint(&event);
    Arrival { sequence, arrived_at_ms: moment(arrived_at), event, fingerprint }
}

fn open(engine: &mut Engine, number: u8) {
    engine.open(id(number), Origin::COLLECTION_V1, arrival(0, 0.0, start_event(1_000)), &mut ());
}

/// The sessions that close when the time advances to a moment.
fn advance(engine: &mut Engine, to: f64) -> Vec<Session> {
    let mut closed = Vec::new();
    engine.advance_to(moment(to), &mut closed, &mut ());
    closed
}

#[test]
fn a_waiting_event_is_woken_by_time_alone() {
    let mut engine = Engine::default();
    engine.change_settings(Settings::default());
    open(&mut engine, 1);
    engine.push(&id(1), arrival(1, 1.0, event(Play, 1, 0)), &mut ());
    assert!(advance(&mut engine, 5.9).is_empty());
    assert_eq!(engine.get(&id(1)).unwrap().waiting_events(), 1);
    assert!(advance(&mut engine, 6.0 + TICK_S).is_empty());
    assert_eq!(engine.get(&id(1)).unwrap().waiting_events(), 0);
}

#[test]
fn a_window_that_was_emptied_early_and_filled_again_is_woken() {
    let mut engine = Engine::new(Settings::default());
    open(&mut engine, 1);
    for place in 0..11 {
        engine.push(&id(1), arrival(place, 1.0, event(Ping, 1, 0)), &mut ());
    }
    assert_eq!(engine.get(&id(1)).unwrap().waiting_events(), 0, "eleven equals leave together");
    engine.push(&id(1), arrival(12, 4.0, event(SessionEnd, 4, 0)), &mut ());
    assert!(advance(&mut engine, 8.9).is_empty());
    let closed = advance(&mut engine, 9.0 + TICK_S);
    assert_eq!(closed[0].close_reason(), Some(CloseReason::SessionEnd));
}

#[test]
fn a_session_from_a_checkpoint_is_woken() {
    let mut engine = Engine::new(Settings::default());
    for number in 1..=3 {
        open(&mut engine, number);
    }
    engine.push(&id(2), arrival(1, 1.0, event(SessionEnd, 1, 0)), &mut ());
    engine.push(&id(3), arrival(2, 1.0, event(Ping, 1, 0)), &mut ());
    let mut restored = Engine::new(Settings::default());
    for session in engine.iter() {
        restored.insert(postcard::from_bytes(&postcard::to_stdvec(session).unwrap()).unwrap());
    }
    let closed = advance(&mut restored, 6.0 + TICK_S);
    assert_eq!(closed.iter().map(Session::id).collect::<Vec<_>>(), [id(2)]);
    assert_eq!(restored.get(&id(3)).unwrap().waiting_events(), 0);
    assert_eq!(advance(&mut restored, 601.0 + TICK_S).len(), 2);
    assert_eq!(restored.memory_bytes(), 0);
}

#[test]
fn a_session_that_is_inserted_again_replaces_the_first() {
    let mut engine = Engine::new(Settings::default());
    open(&mut engine, 1);
    let copy = engine.get(&id(1)).unwrap().clone();
    engine.push(&id(1), arrival(1, 1.0, event(SessionEnd, 1, 0)), &mut ());
    engine.insert(copy);
    assert_eq!(engine.len(), 1);
    assert!(advance(&mut engine, 599.9).is_empty());
    assert_eq!(advance(&mut engine, 600.0 + TICK_S).len(), 1);
    assert_eq!(engine.memory_bytes(), 0);
}

#[test]
fn deadlines_move_with_the_settings() {
    let shorter = Settings { reorder_window_ms: 1_000, idle_timeout_ms: 60_000, ..Settings::default() };
    let mut engine = Engine::new(Settings::default());
    for number in 1..=2 {
        open(&mut engine, number);
    }
    engine.push(&id(1), arrival(1, 1.0, event(Ping, 1, 0)), &mut ());
    engine.change_settings(shorter);
    advance(&mut engine, 2.0 + TICK_S);
    assert_eq!(engine.get(&id(1)).unwrap().waiting_events(), 0);
    assert_eq!(advance(&mut engine, 60.0 + TICK_S).len(), 1);
    engine.change_settings(Settings::default());
    assert!(advance(&mut engine, 600.9).is_empty());
    assert_eq!(advance(&mut engine, 601.0 + TICK_S).len(), 1);
}

#[test]
fn a_shorter_window_lets_what_has_waited_long_enough_leave_at_the_next_tick() {
    let mut engine = Engine::new(Settings::default());
    open(&mut engine, 1);
    engine.push(&id(1), arrival(1, 1.0, event(SessionEnd, 1, 0)), &mut ());
    engine.change_settings(Settings { reorder_window_ms: 0, ..Settings::default() });
    assert_eq!(advance(&mut engine, 1.0 + TICK_S).len(), 1);
}

#[test]
fn an_active_session_is_looked_at_again_after_each_timeout_that_it_outlived() {
    let mut engine = Engine::new(Settings::default());
    open(&mut engine, 1);
    for minute in 1..40_u32 {
        let at = f64::from(minute * 60);
        assert!(engine.push(&id(1), arrival(minute.into(), at, event(Ping, at, at)), &mut ()).is_none());
        assert!(advance(&mut engine, at).is_empty());
    }
    assert!(advance(&mut engine, 39.0 * 60.0 + 599.9).is_empty());
    assert_eq!(advance(&mut engine, 39.0 * 60.0 + 600.0 + TICK_S).len(), 1);
}

#[test]
fn an_event_that_finds_its_session_timed_out_hands_it_out_and_changes_nothing() {
    let mut engine = Engine::new(Settings::default());
    open(&mut engine, 1);
    let rows = {
        let mut lonely = engine.get(&id(1)).unwrap().clone();
        lonely.advance_to(moment(600), &Settings::default(), &mut ());
        lonely.rows()
    };
    let closed = engine.push(&id(1), arrival(1, 700.0, event(Ping, 700, 0)), &mut ()).unwrap();
    assert_eq!(closed.rows(), rows);
    assert!(engine.is_empty());
    assert!(engine.push(&id(1), arrival(2, 701.0, event(Ping, 701, 0)), &mut ()).is_none());
    assert_eq!(engine.memory_bytes(), 0);
}

#[test]
fn an_event_that_arrives_brings_its_session_to_the_present() {
    let mut engine = Engine::new(Settings::default());
    open(&mut engine, 1);
    engine.push(&id(1), arrival(1, 1.0, event(SessionEnd, 1, 0)), &mut ());
    assert!(engine.advance_session(&id(1), moment(5.999), &mut ()).is_none());
    let closed = engine.advance_session(&id(1), moment(6), &mut ()).unwrap();
    assert_eq!(closed.close_reason(), Some(CloseReason::SessionEnd));
    assert!(advance(&mut engine, 10_000.0).is_empty(), "timers of a session that left do nothing");
}

#[test]
fn a_checkpoint_has_each_session_that_took_in_events_once() {
    let mut engine = Engine::new(Settings::default());
    open(&mut engine, 1);
    open(&mut engine, 2);
    let changed =
        |engine: &mut Engine| engine.take_changed().into_iter().map(|(_, id)| id).collect::<Vec<_>>();
    assert_eq!(changed(&mut engine), [id(1), id(2)]);
    // A session that is written contains an event that came after the list was taken.
    engine.push(&id(1), arrival(1, 1.0, event(Play, 1, 0)), &mut ());
    assert_eq!(engine.checkpoint(&id(1)).unwrap().waiting_events(), 1);
    assert!(engine.checkpoint(&id(2)).is_some());
    assert!(changed(&mut engine).is_empty());
    advance(&mut engine, 20.0);
    assert!(changed(&mut engine).is_empty(), "time alone comes again by itself");
    for place in 2..4 {
        engine.push(&id(2), arrival(place, 30.0, event(Ping, 30, 0)), &mut ());
    }
    assert_eq!(changed(&mut engine), [id(2)]);
}

/// An engine did not list a session that came from the list of another engine.
#[test]
fn a_session_that_moves_to_another_engine_is_listed_there_when_it_changes() {
    let mut first = Engine::new(Settings::default());
    open(&mut first, 1);
    let mut second = Engine::new(Settings::default());
    second.insert(first.get(&id(1)).unwrap().clone());
    second.push(&id(1), arrival(1, 1.0, event(Play, 1, 0)), &mut ());
    assert_eq!(second.take_changed().len(), 1);
}

#[test]
fn all_sessions_that_fell_silent_together_held_up_one_call() {
    let mut engine = Engine::new(Settings::default());
    (1..=10).for_each(|number| open(&mut engine, number));
    engine.push(&id(10), arrival(1, 1.0, event(SessionEnd, 1, 0)), &mut ());
    let some = |engine: &mut Engine, to: f64, timeouts: usize| {
        let mut closed = Vec::new();
        engine.advance_some(moment(to), timeouts, &mut closed, &mut ());
        closed.len()
    };
    assert_eq!(some(&mut engine, 7.0, 0), 1, "reorder windows never wait");
    assert_eq!(some(&mut engine, 700.0, 0), 0);
    assert_eq!([4, 4, 4].map(|timeouts| some(&mut engine, 700.0, timeouts)), [4, 4, 1]);
    assert!(engine.is_empty());
    assert_eq!(some(&mut engine, 10_000.0, 4), 0);
}
