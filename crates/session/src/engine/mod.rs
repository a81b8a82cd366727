//! Many sessions at once: which are open, and which are due.

pub(crate) mod timers;

use std::collections::HashMap;

use playhead_protocol::{Origin, SessionId};

use crate::accounting::clock::server::ClockStep;
use crate::accounting::observe::Observer;
use crate::accounting::session::{Arrival, Session};
use crate::engine::timers::Timers;
use crate::settings::Settings;

/// The open sessions of one shard.
#[derive(Debug, Default)]
pub struct Engine {
    settings: Settings,
    sessions: HashMap<SessionId, Box<Session>>,
    windows: Timers,
    timeouts: Timers,
    memory_bytes: usize,
    /// Sessions with new events since their last checkpoint, each once, with their start sequences.
    changed: Vec<(u64, SessionId)>,
}

impl Engine {
    /// An engine without sessions.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// The settings in force.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Changes the settings from now on. The deadlines of sessions move with them.
    pub fn change_settings(&mut self, settings: Settings) {
        self.settings = settings;
        self.sessions.values_mut().for_each(|session| session.take_settings(&settings));
        self.make_calendar();
    }

    /// Makes the calendar anew, after deadlines have moved otherwise than by events.
    fn make_calendar(&mut self) {
        (self.windows, self.timeouts) = (Timers::default(), Timers::default());
        for session in self.sessions.values_mut() {
            session.is_window_scheduled = false;
            self.timeouts.add(session.timeout_deadline_ms(&self.settings), session.id);
            schedule_window(&mut self.windows, session, &self.settings);
        }
    }

    /// The number of open sessions.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether no session is open.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Bytes of the open sessions.
    pub fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// An open session.
    pub fn get(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.get(id).map(|session| &**session)
    }

    /// The open sessions, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Session> {
        self.sessions.values().map(|session| &**session)
    }

    /// Takes an accepted `sessionStart`.
    pub fn open<O: Observer>(&mut self, id: SessionId, origin: Origin, start: Arrival, observer: &mut O) {
        self.insert(Session::open(id, origin, start, observer));
        self.list_as_changed(&id);
    }

    /// Hands out the sessions that a checkpoint must write, with their start sequences: those with new events since they
    /// were last written. The caller fetches those that are still open with [`Self::checkpoint`].
    pub fn take_changed(&mut self) -> Vec<(u64, SessionId)> {
        std::mem::take(&mut self.changed)
    }

    /// An open session for a checkpoint; until it takes another event, it counts as unchanged.
    pub fn checkpoint(&mut self, id: &SessionId) -> Option<&Session> {
        let session = self.sessions.get_mut(id)?;
        session.is_listed_as_changed = false;
        Some(session)
    }

    fn list_as_changed(&mut self, id: &SessionId) {
        if let Some(session) = self.sessions.get_mut(id)
            && !session.is_listed_as_changed
        {
            session.is_listed_as_changed = true;
            self.changed.push((session.start_sequence(), *id));
        }
    }

    /// Takes a session from a checkpoint.
    pub fn insert(&mut self, session: Session) {
        let mut session = Box::new(session);
        session.take_settings(&self.settings);
        session.is_window_scheduled = false;
        session.is_listed_as_changed = false;
        self.timeouts.add(session.timeout_deadline_ms(&self.settings), session.id);
        schedule_window(&mut self.windows, &mut session, &self.settings);
        self.memory_bytes += session.memory_bytes();
        if let Some(replaced) = self.sessions.insert(session.id, session) {
            self.memory_bytes = self.memory_bytes.saturating_sub(replaced.memory_bytes());
        }
    }

    /// Takes a session that was made from its events because its checkpoint could not be read. The next checkpoint writes it.
    pub fn insert_anew(&mut self, session: Session) {
        let id = session.id;
        self.insert(session);
        self.list_as_changed(&id);
    }

    /// Advances one session before it decides on an event that arrives at `now_ms`. If that closes the session, the engine
    /// hands it out.
    pub fn advance_session<O: Observer>(
        &mut self,
        id: &SessionId,
        now_ms: i64,
        observer: &mut O,
    ) -> Option<Session> {
        let settings = self.settings;
        if !self.sessions.get(id)?.has_due(now_ms, &settings) {
            return None;
        }
        self.change(id, |session| session.advance_to(now_ms, &settings, observer))
    }

    /// Takes an accepted event for an open session, and hands the session out if that closes it. An event for a session
    /// that is not open is dropped, because the session has closed in the meantime.
    pub fn push<O: Observer>(
        &mut self,
        id: &SessionId,
        arrival: Arrival,
        observer: &mut O,
    ) -> Option<Session> {
        let settings = self.settings;
        let closed = self.change(id, |session| {
            session.advance_to(arrival.arrived_at_ms, &settings, observer);
            session.push(arrival, &settings, observer);
        });
        self.list_as_changed(id);
        closed
    }

    /// Ends the downloaded batch of a session, and hands the session out.
    pub fn finish_batch<O: Observer>(&mut self, id: &SessionId, observer: &mut O) -> Option<Session> {
        let settings = self.settings;
        self.change(id, |session| session.finish_batch(&settings, observer))
    }

    /// Advances all sessions that are due, and hands out those that close.
    pub fn advance_to<O: Observer>(&mut self, now_ms: i64, closed: &mut Vec<Session>, observer: &mut O) {
        self.advance_some(now_ms, usize::MAX, closed, observer);
    }

    /// Advances sessions that are due, and hands out those that close: all whose reorder windows are due, and of those that
    /// time closes at most `timeouts`, the earliest first. The others wait for the next call, as they might for a tick.
    pub fn advance_some<O: Observer>(
        &mut self,
        now_ms: i64,
        timeouts: usize,
        closed: &mut Vec<Session>,
        observer: &mut O,
    ) {
        for id in self.windows.take_due(now_ms) {
            closed.extend(self.change_to(
                &id,
                now_ms,
                |session| session.is_window_scheduled = false,
                observer,
            ));
        }
        let all = closed.len().saturating_add(timeouts);
        if timeouts == 0 {
            return;
        }
        let mut due = self.timeouts.take_due(now_ms);
        while closed.len() < all
            && let Some(id) = due.next()
        {
            match self.change_to(&id, now_ms, |_| {}, observer) {
                Some(session) => closed.push(session),
                None => {
                    if let Some(session) = self.sessions.get(&id) {
                        self.timeouts.add(session.timeout_deadline_ms(&self.settings), id);
                    }
                }
            }
        }
        self.timeouts.put_back(due);
    }

    /// Takes all sessions over a step of the server's clock, and hands out those that time had closed before it, the
    /// earliest deadline first.
    pub fn step_clock<O: Observer>(&mut self, step: &ClockStep, closed: &mut Vec<Session>, observer: &mut O) {
        let settings = self.settings;
        let before = self.sessions.values().filter(|session| session.is_before(step));
        let mut before: Vec<_> =
            before.map(|session| (session.timeout_deadline_ms(&settings), session.id)).collect();
        before.sort_unstable();
        for (_, id) in before {
            closed.extend(self.change(&id, |session| session.step_clock(step, &settings, observer)));
            self.list_as_changed(&id);
        }
        self.make_calendar();
    }

    /// Advances a session after a change of what the engine notes in it.
    fn change_to<O: Observer>(
        &mut self,
        id: &SessionId,
        now_ms: i64,
        note: impl FnOnce(&mut Session),
        observer: &mut O,
    ) -> Option<Session> {
        let settings = self.settings;
        self.change(id, |session| {
            note(session);
            session.advance_to(now_ms, &settings, observer);
        })
    }

    /// Changes a session, and updates the memory count, the calendar and the set of open sessions.
    fn change(&mut self, id: &SessionId, change: impl FnOnce(&mut Session)) -> Option<Session> {
        let session = self.sessions.get_mut(id)?;
        let before_bytes = session.memory_bytes();
        change(session);
        schedule_window(&mut self.windows, session, &self.settings);
        let after_bytes = session.memory_bytes();
        let is_closed = session.closed.is_some();
        self.memory_bytes = (self.memory_bytes + after_bytes).saturating_sub(before_bytes);
        if !is_closed {
            return None;
        }
        self.memory_bytes = self.memory_bytes.saturating_sub(after_bytes);
        self.sessions.remove(id).map(|session| *session)
    }
}

fn schedule_window(windows: &mut Timers, session: &mut Session, settings: &Settings) {
    if session.is_window_scheduled || session.closed.is_some() {
        return;
    }
    if let Some(deadline_ms) = session.window_deadline_ms(settings) {
        windows.add(deadline_ms, session.id);
        session.is_window_scheduled = true;
    }
}
