//! One session: its reorder window, its deadlines, its end (metrics contract, sections 1 and 10).

use playhead_protocol::limits::TS_END_MS;
use playhead_protocol::{Event, EventType, Origin, PackedPairs, PackedParams, SessionId, SharedBytes};
use serde::{Deserialize, Serialize};

use crate::accounting::accounts::{Accounts, counted};
use crate::accounting::clock::device::{DeviceClock, Moment};
use crate::accounting::content::Content;
use crate::accounting::diagnosis::{Diagnoses, Diagnosis};
use crate::accounting::kept::recent::{Fingerprint, RecentBodies};
use crate::accounting::observe::{Account, EventRef, Observer};
use crate::accounting::order::next_of_equals;
use crate::accounting::silence::Presence;
use crate::accounting::views::Playback;
use crate::accounting::window::{Waiting, Window};
use crate::limits::REORDER_EVENTS_MAX;
use crate::settings::Settings;

/// An accepted event on its way into a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// The event's place in the journal.
    pub sequence: u64,
    /// Its arrival: ms since the epoch by the server's clock, never lower than the arrival before unless the clock was stepped
    /// in between ([`ClockStep`](crate::ClockStep)).
    pub arrived_at_ms: i64,
    /// The event itself.
    pub event: Event,
    /// The fingerprint of its body.
    pub fingerprint: Fingerprint,
}

/// The decision on an event for a session that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is new: journal it and apply it.
    Accept,
    /// It is a retry of an accepted event: answer as for an accepted one, and ignore it.
    Duplicate,
    /// It is a `sessionEnd` for a session that another `sessionEnd` ends: answer as for an accepted one, and ignore it.
    RepeatedEnd,
    /// The session has ended: refuse it.
    Closed,
}

/// The reason for the end of a session; column `close_reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CloseReason {
    /// The player ended it.
    #[serde(rename = "session_end")]
    SessionEnd,
    /// No event for the idle timeout, 10 minutes by default.
    #[serde(rename = "idle_10m")]
    Idle,
    /// Events but an unchanged playhead for the playhead timeout, 30 minutes by default.
    #[serde(rename = "idle_playhead_30m")]
    IdlePlayhead,
    /// A downloaded session without its own end.
    #[serde(rename = "downloaded")]
    Downloaded,
}

impl CloseReason {
    /// The value of the column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SessionEnd => "session_end",
            Self::Idle => "idle_10m",
            Self::IdlePlayhead => "idle_playhead_30m",
            Self::Downloaded => "downloaded",
        }
    }
}

/// Allocators hand out 512 bytes and then 640.
const _: () = assert!(size_of::<Session>() <= 512);

/// A session with the sum of its events so far. Its serialised form is the checkpoint of the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub(crate) id: SessionId,
    pub(crate) origin: Origin,
    pub(crate) params: PackedParams,
    pub(crate) custom_metadata: PackedPairs,
    pub(crate) received_at_ms: i64,
    pub(crate) event_count: u32,
    pub(crate) accounts: Accounts,
    pub(crate) closed: Option<CloseReason>,
    pub(crate) clock: DeviceClock,
    content: Content,
    start_sequence: u64,
    last_sequence: u64,
    /// By the server's clock as it goes now, as are the other times below: a step of the clock moves them.
    last_arrival_ms: i64,
    last_arrived_playhead: f64,
    playhead_changed_at_ms: i64,
    /// The number of the last step of the server's clock since it was opened; 0 for none.
    pub(crate) clock_step: u32,
    recent: RecentBodies,
    window: Window,
    /// Tells it from others that have had its place in the engine; not part of the session's state.
    #[serde(skip)]
    pub(crate) tenancy: u32,
    /// Whether the engine's calendar holds an entry for the window; not part of the session's state.
    #[serde(skip)]
    pub(crate) is_window_scheduled: bool,
    /// Whether the engine's list of changed sessions holds this one; not part of the session's state.
    #[serde(skip)]
    pub(crate) is_listed_as_changed: bool,
}

impl Session {
    /// Opens a session with its `sessionStart`, and processes that at once.
    pub fn open<O: Observer>(id: SessionId, origin: Origin, start: Arrival, observer: &mut O) -> Self {
        Self::open_moved(id, origin, start, 0, observer)
    }

    /// Opens a downloaded session of which is known that it will be moved back so far ([`Self::moved_back_ms`]): all that an
    /// observer sees is moved from the beginning. The session itself becomes the same as without.
    pub fn open_moved<O: Observer>(
        id: SessionId,
        origin: Origin,
        start: Arrival,
        moved_back_ms: i64,
        observer: &mut O,
    ) -> Self {
        let Arrival { sequence, arrived_at_ms, mut event, fingerprint } = start;
        let moment = Moment { ts_ms: bounded(event.ts_ms), arrived_at_ms };
        let clock = DeviceClock::at_start(moment, origin, moved_back_ms);
        event.ts_ms = clock.effective_ms(moment.ts_ms);
        let event_ref = EventRef { sequence, event_type: event.event_type };
        let presence = Presence::new(origin.delivery, &Settings::default());
        let mut accounts = Accounts::open(&event, event_ref, presence);
        if moment.is_in_seconds() {
            accounts.diagnoses.add(Diagnosis::TsInSeconds);
        }
        if moment.is_wrong_start(origin) || moved_back_ms != 0 {
            accounts.diagnoses.add(Diagnosis::ClockWrong);
        }
        if moved_back_ms != 0 {
            accounts.rare_mut().moved_back_ms = moved_back_ms;
        }
        let detail = event.detail.map(|detail| *detail).unwrap_or_default();
        let mut recent = RecentBodies::default();
        recent.remember(fingerprint);
        let session = Self {
            id,
            origin,
            content: Content::of(&detail.params),
            params: detail.params,
            custom_metadata: detail.custom_metadata,
            received_at_ms: arrived_at_ms,
            event_count: 1,
            accounts,
            closed: None,
            clock,
            start_sequence: sequence,
            last_sequence: sequence,
            last_arrival_ms: arrived_at_ms,
            last_arrived_playhead: counted(event.playhead),
            playhead_changed_at_ms: arrived_at_ms,
            clock_step: 0,
            recent,
            window: Window::default(),
            tenancy: 0,
            is_window_scheduled: false,
            is_listed_as_changed: false,
        };
        observer.processed(event_ref, &session);
        session
    }

    /// The session's id.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// Where it came from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The journal's sequence of its `sessionStart`.
    pub fn start_sequence(&self) -> u64 {
        self.start_sequence
    }

    /// The journal's sequence of the last event that it accepted.
    pub fn last_sequence(&self) -> u64 {
        self.last_sequence
    }

    /// The reason for its end; `None` while it is open.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.closed
    }

    /// The time of its opening, ms by the server's clock.
    pub fn received_at_ms(&self) -> i64 {
        self.received_at_ms
    }

    /// The arrival of its last event, ms by the server's clock as it goes now.
    pub fn last_arrival_ms(&self) -> i64 {
        self.last_arrival_ms
    }

    /// Whether its player has sent nothing for so long that nobody can be taken to be there, at a time of the server's clock.
    pub fn is_silent_at(&self, now_ms: i64) -> bool {
        self.last_arrival_ms.saturating_add(self.accounts.presence.lasts_ms()) <= now_ms
    }

    /// Counts silence by these settings from now on.
    pub(crate) fn take_settings(&mut self, settings: &Settings) {
        if self.closed.is_none() {
            self.accounts.presence.take(self.origin.delivery, settings);
        }
    }

    /// What was added to the last event's timestamp for its effective time, ms.
    pub fn clock_offset_ms(&self) -> i64 {
        self.clock.offset_ms
    }

    /// How far it was moved back as a whole at its end, ms, as a number below 0; 0 if it was not.
    pub fn moved_back_ms(&self) -> i64 {
        self.accounts.rare().moved_back_ms
    }

    /// Its begin, ms: the effective time of its first event.
    pub fn started_at_ms(&self) -> i64 {
        self.accounts.started_at_ms
    }

    /// The parameters of `sessionStart`.
    pub fn params(&self) -> &PackedParams {
        &self.params
    }

    /// The findings about its player.
    pub fn diagnoses(&self) -> Diagnoses {
        self.accounts.diagnoses
    }

    /// Playback as of the events processed so far: of the open ad break, else of the content.
    pub fn playback(&self) -> Playback {
        self.accounts.playback()
    }

    /// The account for time as of the events processed so far.
    pub fn account(&self) -> Account {
        self.accounts.account()
    }

    /// Whether an ad break is open.
    pub fn has_ad_break(&self) -> bool {
        self.accounts.has_ad_break()
    }

    /// Whether an ad is open.
    pub fn has_ad(&self) -> bool {
        self.accounts.has_ad()
    }

    /// Whether a chapter is open.
    pub fn has_chapter(&self) -> bool {
        self.accounts.has_chapter()
    }

    /// The number of events in the reorder window.
    pub fn waiting_events(&self) -> usize {
        self.window.len()
    }

    /// The events in the reorder window by their sequences, each with what would be added to its timestamp for its effective
    /// time if all of them took effect now, ms.
    pub fn waiting_offsets(&self, settings: &Settings) -> Vec<(u64, i64)> {
        let mut waiting: Vec<&Waiting> = self.window.iter().collect();
        waiting.sort_by_key(|waiting| waiting.event.ts_ms);
        let (mut clock, mut latest_ms) = (self.clock, self.accounts.previous_ms);
        let offset_of = |waiting: &Waiting| {
            let moment = Moment { ts_ms: waiting.event.ts_ms, arrived_at_ms: waiting.arrived_at_ms };
            clock.follow(moment, latest_ms, self.origin, settings);
            latest_ms = latest_ms.max(clock.effective_ms(moment.ts_ms));
            clock.reach(moment.arrived_at_ms);
            (waiting.sequence, clock.offset_ms)
        };
        waiting.into_iter().map(offset_of).collect()
    }

    /// Keeps only once what other sessions have as well.
    pub(crate) fn share(&mut self, shared_bytes: &mut SharedBytes) {
        self.params.share(shared_bytes);
        self.custom_metadata.share(shared_bytes);
        self.window.share(shared_bytes);
        self.accounts.share(shared_bytes);
    }

    /// Bytes that the session holds alone in memory, which the limits count.
    pub fn memory_bytes(&self) -> usize {
        let start = self.params.own_bytes() + self.custom_metadata.own_bytes();
        let waiting = self.window.heap_bytes();
        size_of::<Self>() + start + waiting + self.recent.heap_bytes() + self.accounts.heap_bytes()
    }

    /// Decides on an event; the caller must have called [`Self::advance_to`] with the time of its arrival. `newer` holds
    /// the fingerprints of events that this session has accepted since but not applied yet; it must be empty while a
    /// `sessionEnd` waits ([`Self::is_ending`]).
    pub fn admit(&self, event: &Event, fingerprint: Fingerprint, newer: &[Fingerprint]) -> Admission {
        let is_end = event.event_type == EventType::SessionEnd;
        if let Some(reason) = self.closed {
            // After a timeout, a `sessionEnd` is not a retry: it comes too late, like any other event.
            let is_repetition = is_end && reason == CloseReason::SessionEnd;
            return if is_repetition { Admission::RepeatedEnd } else { Admission::Closed };
        }
        if newer.contains(&fingerprint) || self.recent.contains(fingerprint, newer.len()) {
            return Admission::Duplicate;
        }
        match self.window.end_ms() {
            Some(_) if is_end => Admission::RepeatedEnd,
            Some(end_ms) if event.ts_ms > end_ms => Admission::Closed,
            _ => Admission::Accept,
        }
    }

    /// Whether a `sessionEnd` waits in the window.
    pub fn is_ending(&self) -> bool {
        self.window.end_ms().is_some()
    }

    /// Takes an accepted event. The caller must have called [`Self::advance_to`] with the time of its arrival.
    pub fn push<O: Observer>(&mut self, arrival: Arrival, settings: &Settings, observer: &mut O) {
        let Arrival { sequence, arrived_at_ms, mut event, fingerprint } = arrival;
        event.ts_ms = bounded(event.ts_ms);
        if self.closed.is_some() {
            observer.ignored(EventRef { sequence, event_type: event.event_type });
            return;
        }
        self.recent.remember(fingerprint);
        self.event_count = self.event_count.saturating_add(1);
        self.last_sequence = sequence;
        self.last_arrival_ms = arrived_at_ms;
        let playhead = counted(event.playhead);
        if playhead != self.last_arrived_playhead {
            self.last_arrived_playhead = playhead;
            self.playhead_changed_at_ms = arrived_at_ms;
        }
        self.window.push(Waiting { sequence, arrived_at_ms, event });
        if self.window.len() > REORDER_EVENTS_MAX {
            let lowest_ts_ms = self.window.lowest_ts_ms().unwrap_or(i64::MAX);
            self.release(lowest_ts_ms, settings, observer);
        }
    }

    /// Does everything that is due at or before a time of the arrival clock, in the order of the deadlines. The number of
    /// calls does not change the outcome.
    pub fn advance_to<O: Observer>(&mut self, now_ms: i64, settings: &Settings, observer: &mut O) {
        while self.closed.is_none() {
            let timeout_ms = self.timeout_deadline_ms(settings);
            match self.window.oldest() {
                Some(oldest)
                    if oldest.arrived_at_ms.saturating_add(settings.reorder_window_ms)
                        <= now_ms.min(timeout_ms) =>
                {
                    self.release(oldest.event.ts_ms, settings, observer);
                }
                _ if timeout_ms <= now_ms => {
                    let reason = self.timeout_reason(settings);
                    self.close(reason, settings, observer);
                }
                _ => return,
            }
        }
    }

    /// Moves the times from which deadlines count.
    pub(crate) fn move_arrivals(&mut self, by_ms: i64) {
        self.last_arrival_ms = self.last_arrival_ms.saturating_add(by_ms);
        self.playhead_changed_at_ms = self.playhead_changed_at_ms.saturating_add(by_ms);
        self.clock.known_until_ms = self.clock.known_until_ms.saturating_add(by_ms);
        self.window.move_arrivals(by_ms);
    }

    /// Ends a downloaded batch: no further event follows.
    pub fn finish_batch<O: Observer>(&mut self, settings: &Settings, observer: &mut O) {
        self.close(CloseReason::Downloaded, settings, observer);
    }

    /// The deadline of the oldest waiting event.
    pub(crate) fn window_deadline_ms(&self, settings: &Settings) -> Option<i64> {
        Some(self.window.oldest()?.arrived_at_ms.saturating_add(settings.reorder_window_ms))
    }

    /// The time at which the session times out if no event arrives.
    pub(crate) fn timeout_deadline_ms(&self, settings: &Settings) -> i64 {
        self.idle_deadline_ms(settings).min(self.playhead_deadline_ms(settings))
    }

    /// Whether anything is due at or before a time of the arrival clock.
    pub(crate) fn has_due(&self, now_ms: i64, settings: &Settings) -> bool {
        self.window_deadline_ms(settings).is_some_and(|deadline_ms| deadline_ms <= now_ms)
            || self.timeout_deadline_ms(settings) <= now_ms
    }

    fn idle_deadline_ms(&self, settings: &Settings) -> i64 {
        self.last_arrival_ms.saturating_add(settings.idle_timeout_ms)
    }

    fn playhead_deadline_ms(&self, settings: &Settings) -> i64 {
        self.playhead_changed_at_ms.saturating_add(settings.playhead_timeout_ms)
    }

    fn timeout_reason(&self, settings: &Settings) -> CloseReason {
        if self.idle_deadline_ms(settings) <= self.playhead_deadline_ms(settings) {
            CloseReason::Idle
        } else {
            CloseReason::IdlePlayhead
        }
    }

    /// Empties the window, then closes the session unless a `sessionEnd` in the window has closed it.
    fn close<O: Observer>(&mut self, reason: CloseReason, settings: &Settings, observer: &mut O) {
        self.release(i64::MAX, settings, observer);
        if self.closed.is_none() {
            let present_ms = match reason {
                CloseReason::SessionEnd | CloseReason::Downloaded => 0,
                CloseReason::Idle | CloseReason::IdlePlayhead => {
                    self.timeout_deadline_ms(settings).saturating_sub(self.last_arrival_ms)
                }
            };
            self.end(reason, present_ms);
        }
    }

    /// Ends the session, which was present for at most so long after its last event. The end of a downloaded one shows whether
    /// its clock was ahead.
    fn end(&mut self, reason: CloseReason, present_ms: i64) {
        self.closed = Some(reason);
        self.accounts.presence.end_within(present_ms, self.accounts.presence_now());
        self.accounts.close_open_views();
        let latest_ms = self.accounts.previous_ms;
        if let Some(by_ms) = DeviceClock::way_back_ms(self.origin, latest_ms, self.last_arrival_ms) {
            self.clock.move_by(by_ms);
            let rare = self.accounts.rare_mut();
            rare.moved_back_ms = rare.moved_back_ms.saturating_add(by_ms);
            self.accounts.move_times(by_ms);
            self.accounts.diagnoses.add(Diagnosis::ClockWrong);
        }
    }

    /// Applies every waiting event with at most this timestamp, in ascending order.
    fn release<O: Observer>(&mut self, up_to_ts_ms: i64, settings: &Settings, observer: &mut O) {
        let mut leaving = self.window.take_up_to(up_to_ts_ms);
        while let Some(lowest) = leaving.first() {
            let ts_ms = lowest.event.ts_ms;
            let equals = leaving.partition_point(|waiting| waiting.event.ts_ms <= ts_ms);
            let place = match equals {
                1 => 0,
                _ => next_of_equals(&self.accounts, &leaving[..equals].iter().map(|waiting| &waiting.event)),
            };
            let next = leaving.remove(place);
            self.process(next, settings, observer);
        }
        if self.closed.is_some() {
            self.drop_window(observer);
        }
    }

    /// Applies an event at its effective time: from here on there is no other.
    fn process<O: Observer>(&mut self, waiting: Waiting, settings: &Settings, observer: &mut O) {
        let Waiting { sequence, arrived_at_ms, mut event } = waiting;
        let event_ref = EventRef { sequence, event_type: event.event_type };
        if self.closed.is_some() {
            observer.ignored(event_ref);
            return;
        }
        let moment = Moment { ts_ms: event.ts_ms, arrived_at_ms };
        if moment.is_in_seconds() {
            self.accounts.diagnoses.add(Diagnosis::TsInSeconds);
        }
        if self.clock.follow(moment, self.accounts.previous_ms, self.origin, settings) {
            self.accounts.diagnoses.add(Diagnosis::ClockStep);
        }
        event.ts_ms = self.clock.effective_ms(moment.ts_ms);
        // A session that was opened by itself has not seen the settings; and the event may tell the interval of pings.
        self.take_settings(settings);
        self.accounts.process(&event, event_ref, self.content, observer);
        self.take_settings(settings);
        if self.accounts.previous_ms == event.ts_ms {
            self.clock.reach(arrived_at_ms);
        }
        if event.event_type == EventType::SessionEnd {
            self.end(CloseReason::SessionEnd, 0);
        }
        observer.processed(event_ref, self);
    }

    /// Drops the events that still wait after the session has closed.
    fn drop_window<O: Observer>(&mut self, observer: &mut O) {
        for waiting in self.window.take_all() {
            let event_type = waiting.event.event_type;
            observer.ignored(EventRef { sequence: waiting.sequence, event_type });
        }
    }
}

/// Clamps a timestamp to the range of the protocol, so that no event, wherever it comes from, overflows the sums.
fn bounded(ts_ms: i64) -> i64 {
    ts_ms.clamp(0, TS_END_MS)
}
