//! Makes anew from events what the journal kept beside them and cannot read: states of open sessions, and rows of closed ones.

use std::collections::{BTreeSet, HashMap};

use playhead_journal::{
    ClosedRecord, DamagedSession, JournalReader, OutboxPosition, OwnedEvent, Sequence, limits,
};
use playhead_protocol::{Delivery, SessionId, decode};
use playhead_session::{Arrival, Fingerprint, Observer, Session, Settings};

use crate::error::Unreplayable;
use crate::ingest::arrivals::ClockSteps;
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::writer::closed_session;

/// Events that are read from the journal at once.
const PAGE_EVENTS: usize = 8_192;

/// The session that `events` make, if they are all of its events in the order of the journal, and `clock_steps` the steps of
/// the clock that the journal has. `None` if the first events are missing.
pub fn account_for(
    events: &[OwnedEvent],
    clock_steps: &ClockSteps,
    settings: &Settings,
) -> Result<Option<Session>, Unreplayable> {
    account_for_moved(events, 0, clock_steps, settings, &mut ())
}

/// The same, for an observer that is to see all times as the session's rows have them: a downloaded session may be moved as a
/// whole at its end, so it is accounted for beforehand, unseen.
pub(crate) fn watch<O: Observer>(
    events: &[OwnedEvent],
    clock_steps: &ClockSteps,
    settings: &Settings,
    observer: &mut O,
) -> Result<Option<Session>, Unreplayable> {
    let is_downloaded = events.first().is_some_and(|first| first.delivery == Delivery::Downloaded);
    let unseen = if is_downloaded { account_for(events, clock_steps, settings)? } else { None };
    let moved_back_ms = unseen.map_or(0, |session| session.moved_back_ms());
    account_for_moved(events, moved_back_ms, clock_steps, settings, observer)
}

fn account_for_moved<O: Observer>(
    events: &[OwnedEvent],
    moved_back_ms: i64,
    clock_steps: &ClockSteps,
    settings: &Settings,
    observer: &mut O,
) -> Result<Option<Session>, Unreplayable> {
    let Some((first, others)) = events.split_first() else { return Ok(None) };
    if first.previous.is_some() {
        return Ok(None);
    }
    let (origin, start) = (first.recorded().origin(), arrival_of(first)?);
    let mut session = Session::open_moved(first.session, origin, start, moved_back_ms, observer);
    let mut steps = clock_steps.iter().peekable();
    for event in others {
        while let Some(step) = steps.next_if(|step| step.sequence <= event.sequence.get()) {
            session.step_clock(step, settings, observer);
        }
        session.advance_to(event.received_at_ms, settings, observer);
        session.push(arrival_of(event)?, settings, observer);
        if event.last_of_batch {
            session.finish_batch(settings, observer);
        }
    }
    Ok(Some(session))
}

/// Brings a session from its last event to a time of the server's clock as it goes now.
pub(crate) fn advance_from_last_event<O: Observer>(
    session: &mut Session,
    now_ms: i64,
    clock_steps: &ClockSteps,
    settings: &Settings,
    observer: &mut O,
) {
    for step in clock_steps.iter() {
        session.step_clock(step, settings, observer);
    }
    session.advance_to(now_ms, settings, observer);
}

pub(crate) fn arrival_of(event: &OwnedEvent) -> Result<Arrival, Unreplayable> {
    let parsed = decode(&event.recorded()).map_err(|rejection| {
        Unreplayable(format!("the body of event {} is not what was accepted: {rejection}", event.sequence))
    })?;
    Ok(Arrival {
        sequence: event.sequence.get(),
        arrived_at_ms: event.received_at_ms,
        event: parsed,
        fingerprint: Fingerprint::of(&event.body),
    })
}

/// Makes the open sessions that begin with the events `starts` from their events before `before`, from which on all events are
/// replayed. A session whose events are damaged too is left out, and the log names it: a server that does not start would
/// lose the events of all others.
pub(crate) fn open_sessions_anew(
    starts: &BTreeSet<Sequence>,
    before: Sequence,
    clock_steps: &ClockSteps,
    lookups: &mut dyn JournalReader,
    open_sessions: &OpenSessions,
) {
    let Some(first) = starts.first() else { return };
    let mut found: HashMap<SessionId, Vec<OwnedEvent>> = HashMap::new();
    let mut next = *first;
    while next < before {
        let page = match lookups.events_from(next, PAGE_EVENTS) {
            Ok(page) => page,
            Err(error) => {
                let starts: Vec<u64> = starts.iter().map(|start| start.get()).collect();
                tracing::error!(
                    %error,
                    ?starts,
                    "the open sessions that begin with these events cannot be made anew; more events of them are refused"
                );
                return;
            }
        };
        let Some(last) = page.last() else { break };
        next = last.sequence.next();
        for event in page.into_iter().filter(|event| event.sequence < before) {
            if starts.contains(&event.sequence) && event.previous.is_none() {
                found.insert(event.session, Vec::new());
            }
            if let Some(events) = found.get_mut(&event.session) {
                events.push(event);
            }
        }
    }
    let settings = settings_of(open_sessions);
    for (session, events) in found {
        match account_for(&events, clock_steps, &settings) {
            Ok(Some(anew)) => {
                tracing::warn!(%session, "the checkpoint of an open session is damaged; it was made anew from its events");
                open_sessions.shard(&session).insert_anew(anew);
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%session, %error, "an open session cannot be made anew"),
        }
    }
}

fn settings_of(open_sessions: &OpenSessions) -> Settings {
    open_sessions.shards().next().map(|shard| shard.settings()).unwrap_or_default()
}

/// Makes a closed session anew, for its place in the outbox; the error says why that is impossible.
pub(crate) fn closed_session_anew(
    reader: &mut dyn JournalReader,
    position: OutboxPosition,
    damaged: &DamagedSession,
) -> Result<ClosedRecord, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let settings = reader.recover().map_err(|error| text(&error))?.accounting;
    let settings: Settings = match settings {
        Some(stored) => serde_json::from_slice(&stored).map_err(|error| text(&error))?,
        None => Settings::default(),
    };
    let events =
        reader.events_of(damaged.last_sequence, limits::MAX_SESSION_EVENTS).map_err(|error| text(&error))?;
    let is_of_session = |event: &OwnedEvent| event.session == damaged.session;
    if !events.first().is_some_and(|first| is_of_session(first) && first.sequence == damaged.start_sequence) {
        return Err("the journal does not have all of its events any more".into());
    }
    if !damaged.is_sure {
        ends_there(reader, damaged)?;
    }
    let clock_steps = ClockSteps::read(reader).map_err(|error| text(&error))?;
    let session = account_for(&events, &clock_steps, &settings).map_err(|error| text(&error))?;
    let mut session = session.ok_or("its first event is missing")?;
    advance_from_last_event(&mut session, i64::MAX, &clock_steps, &settings, &mut ());
    let row = session.rows_view().pack();
    Ok(ClosedRecord::of(&closed_session(&session, &row, damaged.closed_at_ms), position))
}

/// Checks that the session has no event behind the one that is taken for its last: that number may be damaged too.
fn ends_there(reader: &mut dyn JournalReader, damaged: &DamagedSession) -> Result<(), String> {
    let mut next = damaged.last_sequence.next();
    loop {
        let page = reader.events_from(next, PAGE_EVENTS).map_err(|error| error.to_string())?;
        let Some(last) = page.last() else { return Ok(()) };
        next = last.sequence.next();
        if page.iter().any(|event| event.session == damaged.session) {
            return Err("which events it has is damaged too".into());
        }
    }
}
