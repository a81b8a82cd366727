//! Many sessions at once: which are open, and which are due.

pub(crate) mod table;
pub(crate) mod timers;

use std::ops::Range;

use playhead_protocol::{Origin, SessionId, SharedBytes};

use crate::accounting::clock::server::ClockStep;
use crate::accounting::observe::Observer;
use crate::accounting::session::{Arrival, Session};
use crate::engine::table::{Handle, Table};
use crate::engine::timers::Timers;
use crate::settings::Settings;

/// The open sessions of one shard.
#[derive(Debug, Default)]
pub struct Engine {
    settings: Settings,
    sessions: Table,
    windows: Timers,
    timeouts: Timers,
    /// What many of the sessions have said alike.
    shared_bytes: SharedBytes,
    /// Bytes that the sessions hold alone.
    session_bytes: usize,
    /// Sessions with new events since their last checkpoint, each once.
    changed: Vec<Handle>,
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
        self.sessions.iter_mut().for_each(|(_, session)| session.take_settings(&settings));
        self.make_calendar();
    }

    /// Makes the calendar anew, after deadlines have moved otherwise than by events.
    fn make_calendar(&mut self) {
        (self.windows, self.timeouts) = (Timers::default(), Timers::default());
        for (place, session) in self.sessions.iter_mut() {
            session.is_window_scheduled = false;
            schedule_timeout(&mut self.timeouts, place, session, &self.settings);
            schedule_window(&mut self.windows, place, session, &self.settings);
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

    /// Bytes of the open sessions in memory: what each holds alone, what they share, and the lists that they are in.
    pub fn memory_bytes(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        let changed = self.changed.capacity() * size_of::<Handle>();
        let lists =
            self.sessions.heap_bytes() + self.windows.heap_bytes() + self.timeouts.heap_bytes() + changed;
        self.session_bytes + self.shared_bytes.heap_bytes() + lists
    }

    /// An open session.
    pub fn get(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.get(self.sessions.find(id)?)
    }

    /// The open sessions, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Session> {
        self.sessions.iter()
    }

    /// How many places there are for sessions. Each has its own from its begin to its end, so whoever goes through the
    /// places in several steps meets every session once that is open all the while.
    pub fn places(&self) -> usize {
        self.sessions.places()
    }

    /// The open sessions at places of this range.
    pub fn at_places(&self, places: Range<usize>) -> impl Iterator<Item = &Session> {
        self.sessions.at(places)
    }

    /// Takes an accepted `sessionStart`.
    pub fn open<O: Observer>(&mut self, id: SessionId, origin: Origin, start: Arrival, observer: &mut O) {
        let place = self.put(Session::open(id, origin, start, observer));
        self.list_as_changed(place);
    }

    /// Hands out the sessions that a checkpoint must write, with their start sequences: those with new events since they
    /// were last written. The caller fetches those that are still open with [`Self::checkpoint`].
    pub fn take_changed(&mut self) -> Vec<(u64, SessionId)> {
        let changed = std::mem::take(&mut self.changed).into_iter();
        let open = changed.filter_map(|handle| self.sessions.get(self.sessions.place_of(handle)?));
        open.map(|session| (session.start_sequence(), session.id)).collect()
    }

    /// An open session for a checkpoint; until it takes another event, it counts as unchanged.
    pub fn checkpoint(&mut self, id: &SessionId) -> Option<&Session> {
        let session = self.sessions.get_mut(self.sessions.find(id)?)?;
        session.is_listed_as_changed = false;
        Some(session)
    }

    fn list_as_changed(&mut self, place: u32) {
        if let Some(session) = self.sessions.get_mut(place)
            && !session.is_listed_as_changed
        {
            session.is_listed_as_changed = true;
            self.changed.push(Handle { place, tenancy: session.tenancy });
        }
    }

    /// Takes a session from a checkpoint.
    pub fn insert(&mut self, session: Session) {
        self.put(session);
    }

    /// Takes a session that was made from its events because its checkpoint could not be read. The next checkpoint writes it.
    pub fn insert_anew(&mut self, session: Session) {
        let place = self.put(session);
        self.list_as_changed(place);
    }

    /// Gives a session its place, which no other of its id keeps.
    fn put(&mut self, session: Session) -> u32 {
        if let Some(replaced) = self.sessions.find(&session.id) {
            self.remove(replaced);
        }
        let mut session = Box::new(session);
        session.take_settings(&self.settings);
        session.share(&mut self.shared_bytes);
        session.is_window_scheduled = false;
        session.is_listed_as_changed = false;
        self.session_bytes += session.memory_bytes();
        let place = self.sessions.insert(session);
        if let Some(session) = self.sessions.get_mut(place) {
            schedule_timeout(&mut self.timeouts, place, session, &self.settings);
            schedule_window(&mut self.windows, place, session, &self.settings);
        }
        place
    }

    /// Takes a session away.
    fn remove(&mut self, place: u32) -> Option<Session> {
        let session = *self.sessions.remove(place)?;
        self.session_bytes = self.session_bytes.saturating_sub(session.memory_bytes());
        if self.is_empty() {
            self.shared_bytes = SharedBytes::default();
        }
        Some(session)
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
        let place = self.sessions.find(id)?;
        if !self.sessions.get(place)?.has_due(now_ms, &settings) {
            return None;
        }
        self.change(place, |session| session.advance_to(now_ms, &settings, observer))
    }

    /// Takes an accepted event for an open session, and hands the session out if that closes it. An event for a session
    /// that is not open is dropped, because the session has closed in the meantime.
    pub fn push<O: Observer>(
        &mut self,
        id: &SessionId,
        mut arrival: Arrival,
        observer: &mut O,
    ) -> Option<Session> {
        let settings = self.settings;
        let place = self.sessions.find(id)?;
        arrival.event.share(&mut self.shared_bytes);
        self.list_as_changed(place);
        self.change(place, |session| {
            session.advance_to(arrival.arrived_at_ms, &settings, observer);
            session.push(arrival, &settings, observer);
        })
    }

    /// Ends the downloaded batch of a session, and hands the session out.
    pub fn finish_batch<O: Observer>(&mut self, id: &SessionId, observer: &mut O) -> Option<Session> {
        let settings = self.settings;
        let place = self.sessions.find(id)?;
        self.change(place, |session| session.finish_batch(&settings, observer))
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
        let settings = self.settings;
        for handle in self.windows.take_due(now_ms) {
            let Some(place) = self.sessions.place_of(handle) else { continue };
            closed.extend(self.change(place, |session| {
                session.is_window_scheduled = false;
                session.advance_to(now_ms, &settings, observer);
            }));
        }
        let all = closed.len().saturating_add(timeouts);
        if timeouts == 0 {
            return;
        }
        let mut due = self.timeouts.take_due(now_ms);
        while closed.len() < all
            && let Some(handle) = due.next()
        {
            let Some(place) = self.sessions.place_of(handle) else { continue };
            match self.change(place, |session| session.advance_to(now_ms, &settings, observer)) {
                Some(session) => closed.push(session),
                None => {
                    if let Some(session) = self.sessions.get(place) {
                        schedule_timeout(&mut self.timeouts, place, session, &settings);
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
        let before = self.sessions.iter_mut().filter(|(_, session)| session.is_before(step));
        let mut before: Vec<_> = before
            .map(|(place, session)| (session.timeout_deadline_ms(&settings), session.id, place))
            .collect();
        before.sort_unstable();
        for (_, _, place) in before {
            self.list_as_changed(place);
            closed.extend(self.change(place, |session| session.step_clock(step, &settings, observer)));
        }
        self.make_calendar();
    }

    /// Changes a session, and updates the memory count, the calendar and the set of open sessions.
    fn change(&mut self, place: u32, change: impl FnOnce(&mut Session)) -> Option<Session> {
        let session = self.sessions.get_mut(place)?;
        let before_bytes = session.memory_bytes();
        change(session);
        schedule_window(&mut self.windows, place, session, &self.settings);
        let after_bytes = session.memory_bytes();
        let is_closed = session.closed.is_some();
        self.session_bytes = (self.session_bytes + after_bytes).saturating_sub(before_bytes);
        if is_closed { self.remove(place) } else { None }
    }
}

/// Enters a session into the calendar of timeouts, which has no entry of it.
fn schedule_timeout(timeouts: &mut Timers, place: u32, session: &Session, settings: &Settings) {
    timeouts.add(session.timeout_deadline_ms(settings), Handle { place, tenancy: session.tenancy });
}

fn schedule_window(windows: &mut Timers, place: u32, session: &mut Session, settings: &Settings) {
    if session.is_window_scheduled || session.closed.is_some() {
        return;
    }
    if let Some(deadline_ms) = session.window_deadline_ms(settings) {
        windows.add(deadline_ms, Handle { place, tenancy: session.tenancy });
        session.is_window_scheduled = true;
    }
}
