//! What a start does: the states of the last checkpoint, and the events since, accounted for again.

use std::collections::HashSet;
use std::sync::Arc;

use playhead_journal::{CheckpointState, JournalReader, OwnedEvent, RecoveryItem};
use playhead_protocol::{SessionId, decode};
use playhead_session::{Arrival, Fingerprint, Observer, Session, Settings};

use crate::error::{StartError, Unreplayable};
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::state;

/// What a recovery found out.
#[derive(Debug, Default)]
pub struct Recovered {
    /// The settings under which the last events were accounted for, when the journal has some.
    pub accounting: Option<Settings>,
    /// The latest arrival time in the journal, ms.
    pub last_arrival_ms: i64,
    /// Sessions that closed in what was replayed and whose rows the journal does not hold yet, in order of closing.
    pub closed: Vec<SessionId>,
    /// Events accounted for again.
    pub replayed_events: u64,
}

/// Brings `live` to the state of the journal. `events` is read from front to back; `lookups` answers questions in
/// between.
pub fn recover(
    events: &mut dyn JournalReader,
    lookups: &mut dyn JournalReader,
    live: &OpenSessions,
) -> Result<Recovered, StartError> {
    let recovery = events.recover()?;
    let mut recovered = Recovered::default();
    if let Some(stored) = &recovery.accounting {
        let settings = serde_json::from_slice(stored)
            .map_err(|error| Unreplayable(format!("its accounting settings are unreadable: {error}")))?;
        live.shards().for_each(|mut shard| shard.change_settings(settings));
        recovered.accounting = Some(settings);
    }
    let mut closed_before = HashSet::new();
    for item in recovery.items {
        match item? {
            RecoveryItem::Checkpoint(checkpoint) => restore(&checkpoint, lookups, live)?,
            RecoveryItem::Event(event) => {
                recovered.last_arrival_ms = recovered.last_arrival_ms.max(event.received_at_ms);
                replay(&event, lookups, live, &mut closed_before, &mut recovered)?;
            }
        }
    }
    live.for_each(|session| {
        recovered.last_arrival_ms = recovered.last_arrival_ms.max(session.last_arrival_ms());
    });
    Ok(recovered)
}

fn restore(
    checkpoint: &CheckpointState,
    lookups: &mut dyn JournalReader,
    live: &OpenSessions,
) -> Result<(), StartError> {
    let session = match state::decode(&checkpoint.state)? {
        state::Decoded::Session(session) => *session,
        state::Decoded::OtherRelease { last_sequence } => rebuild(last_sequence, lookups, live)?,
    };
    live.shard(&session.id()).insert(session);
    Ok(())
}

/// Accounts for a session from its first event on: what is done with checkpoints of other releases.
fn rebuild(
    last_sequence: u64,
    lookups: &mut dyn JournalReader,
    live: &OpenSessions,
) -> Result<Session, StartError> {
    let events = lookups.events_of(last_sequence, playhead_journal::limits::MAX_SESSION_EVENTS)?;
    let settings = live.shards().next().map(|shard| shard.settings()).unwrap_or_default();
    let session = account_for(&events, &settings, &mut ())?;
    session.ok_or_else(|| {
        Unreplayable(format!("the events of the session that ends at {last_sequence} are incomplete")).into()
    })
}

/// A session as its events make it, `events` being all of them in the order of the journal. `None` when the first
/// ones are missing.
pub fn account_for<O: Observer>(
    events: &[OwnedEvent],
    settings: &Settings,
    observer: &mut O,
) -> Result<Option<Session>, Unreplayable> {
    let Some((first, others)) = events.split_first() else { return Ok(None) };
    if first.previous.is_some() {
        return Ok(None);
    }
    let mut session = Session::open(first.session, first.recorded().origin(), arrival_of(first)?, observer);
    for event in others {
        session.advance_to(event.received_at_ms, settings, observer);
        session.push(arrival_of(event)?, observer);
        if event.last_of_batch {
            session.finish_batch(observer);
        }
    }
    Ok(Some(session))
}

fn replay(
    event: &OwnedEvent,
    lookups: &mut dyn JournalReader,
    live: &OpenSessions,
    closed_before: &mut HashSet<SessionId>,
    recovered: &mut Recovered,
) -> Result<(), StartError> {
    let id = event.session;
    if closed_before.contains(&id) {
        return Ok(());
    }
    let mut shard = live.shard(&id);
    let closed = match shard.get(&id).map(Session::last_sequence) {
        // The session's checkpoint was taken after this event.
        Some(last_sequence) if event.sequence <= last_sequence => return Ok(()),
        Some(_) => shard.push(&id, arrival_of(event)?, &mut ()),
        None if event.previous.is_some() || lookups.closed_session(&id)?.is_some() => {
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
        live.closing().insert(id, Arc::new(session));
    }
    Ok(())
}

fn arrival_of(event: &OwnedEvent) -> Result<Arrival, Unreplayable> {
    let parsed = decode(&event.recorded()).map_err(|rejection| {
        Unreplayable(format!("the body of event {} is not what was accepted: {rejection}", event.sequence))
    })?;
    Ok(Arrival {
        sequence: event.sequence,
        arrived_at_ms: event.received_at_ms,
        event: parsed,
        fingerprint: Fingerprint::of(&event.body),
    })
}
