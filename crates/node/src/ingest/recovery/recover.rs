//! The recovery at a start: restores the states of the last checkpoint and accounts for the events since then.

use std::collections::HashSet;
use std::sync::Arc;

use playhead_journal::{JournalReader, OwnedEvent, RecoveryItem, Sequence};
use playhead_protocol::SessionId;
use playhead_session::{ClockStep, Session, Settings};

use crate::error::{StartError, Unreplayable};
use crate::ingest::arrivals::ClockSteps;
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::recovery::anew::{arrival_of, open_sessions_anew};
use crate::ingest::recovery::restore::{NotRestored, restore_states};

pub use crate::ingest::recovery::anew::account_for;

/// The result of a recovery.
#[derive(Debug, Default)]
pub struct Recovered {
    /// The settings under which the last events were accounted for, if the journal has any.
    pub accounting: Option<Settings>,
    /// The latest time of arrival in the journal, ms by the server's clock as it went last.
    pub last_arrival_ms: i64,
    /// The steps of the server's clock in the journal.
    pub clock_steps: ClockSteps,
    /// Sessions that closed in what was replayed and whose rows the journal does not hold yet, in order of closing.
    pub closed: Vec<SessionId>,
    /// Events accounted for again.
    pub replayed_events: u64,
}

/// Brings `open_sessions` to the state of the journal. `events` is read from front to back; `lookups` serves lookups in
/// between.
pub fn recover(
    events: &mut dyn JournalReader,
    lookups: &mut dyn JournalReader,
    open_sessions: &OpenSessions,
) -> Result<Recovered, StartError> {
    let recovery = events.recover()?;
    let mut recovered = Recovered::default();
    if let Some(stored) = &recovery.accounting {
        let settings = serde_json::from_slice(stored)
            .map_err(|error| Unreplayable(format!("its accounting settings are unreadable: {error}")))?;
        open_sessions.shards().for_each(|mut shard| shard.change_settings(settings));
        recovered.accounting = Some(settings);
    }
    // Read behind the moment of `recovery`, so none is missing; those that are newer come after all of its events.
    let clock_steps = ClockSteps::read(lookups)?;
    let mut steps = clock_steps.iter().peekable();
    let mut closed_before = HashSet::new();
    let mut items = recovery.items.peekable();
    let NotRestored { of_other_release, damaged } = restore_states(&mut items, open_sessions)?;
    for last_sequence in of_other_release {
        rebuild(last_sequence, &clock_steps, lookups, open_sessions)?;
    }
    open_sessions_anew(&damaged, recovery.replay_from, &clock_steps, lookups, open_sessions);
    for item in items {
        // All states came before the events.
        let RecoveryItem::Event(event) = item? else { continue };
        while let Some(step) = steps.next_if(|step| step.sequence <= event.sequence.get()) {
            step_clock(step, open_sessions, &mut closed_before, &mut recovered);
        }
        recovered.last_arrival_ms = recovered.last_arrival_ms.max(event.received_at_ms);
        replay(&event, lookups, open_sessions, &mut closed_before, &mut recovered)?;
    }
    for step in steps {
        step_clock(step, open_sessions, &mut closed_before, &mut recovered);
    }
    recovered.clock_steps = clock_steps;
    // Not of those that have closed, whose times may be those of the clock before a step.
    for shard in open_sessions.shards() {
        for session in shard.iter() {
            recovered.last_arrival_ms = recovered.last_arrival_ms.max(session.last_arrival_ms());
        }
    }
    Ok(recovered)
}

fn step_clock(
    step: &ClockStep,
    open_sessions: &OpenSessions,
    closed_before: &mut HashSet<SessionId>,
    recovered: &mut Recovered,
) {
    let closed = open_sessions.step_clock(step);
    closed_before.extend(&closed);
    recovered.closed.extend(closed);
    // Earlier arrivals are times of another clock.
    recovered.last_arrival_ms = step.to_ms;
}

/// Accounts for a session from its first event on. A checkpoint of another release is replaced this way.
fn rebuild(
    last_sequence: u64,
    clock_steps: &ClockSteps,
    lookups: &mut dyn JournalReader,
    open_sessions: &OpenSessions,
) -> Result<(), StartError> {
    let events =
        lookups.events_of(Sequence::new(last_sequence), playhead_journal::limits::MAX_SESSION_EVENTS)?;
    let settings = open_sessions.shards().next().map(|shard| shard.settings()).unwrap_or_default();
    let session = account_for(&events, clock_steps, &settings)?;
    let session = session.ok_or_else(|| {
        Unreplayable(format!("the events of the session that ends at {last_sequence} are incomplete"))
    })?;
    open_sessions.shard(&session.id()).insert(session);
    Ok(())
}

fn replay(
    event: &OwnedEvent,
    lookups: &mut dyn JournalReader,
    open_sessions: &OpenSessions,
    closed_before: &mut HashSet<SessionId>,
    recovered: &mut Recovered,
) -> Result<(), StartError> {
    let id = event.session;
    if closed_before.contains(&id) {
        return Ok(());
    }
    let mut shard = open_sessions.shard(&id);
    let closed = match shard.get(&id).map(Session::last_sequence) {
        // The session's checkpoint was taken after this event.
        Some(last_sequence) if event.sequence.get() <= last_sequence => return Ok(()),
        Some(_) => shard.push(&id, arrival_of(event)?, &mut ()),
        None if event.previous.is_some() || has_closed(&id, lookups)? => {
            closed_before.insert(id);
            return Ok(());
        }
        None => {
            shard.open(id, event.recorded().origin(), arrival_of(event)?, &mut ());
            None
        }
    };
    let closed = if event.last_of_batch { shard.finish_batch(&id, &mut ()) } else { closed };
    recovered.replayed_events += 1;
    if let Some(session) = closed {
        closed_before.insert(id);
        recovered.closed.push(id);
        open_sessions.closing().insert(id, Arc::new(session));
    }
    Ok(())
}

/// Whether the journal has the session as closed. Its row need not be readable for that.
fn has_closed(id: &SessionId, lookups: &mut dyn JournalReader) -> Result<bool, StartError> {
    match lookups.closed_session(id) {
        Ok(found) => Ok(found.is_some()),
        Err(playhead_journal::Error::DamagedRow(_)) => Ok(true),
        Err(error) => Err(error.into()),
    }
}
