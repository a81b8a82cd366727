//! One session: its reorder window, its deadlines, its end (metrics contract, sections 1 and 10).

use playhead_protocol::limits::TS_END_MS;
use playhead_protocol::{Event, EventType, Origin, PackedPairs, PackedParams, SessionId};
use serde::{Deserialize, Serialize};

use crate::accounting::accounts::{Accounts, counted};
use crate::accounting::content::Content;
use crate::accounting::diagnosis::Diagnoses;
use crate::accounting::observe::{Account, EventRef, Observer, Playback};
use crate::accounting::order::next_of_equals;
use crate::accounting::recent::{Fingerprint, RecentBodies};
use crate::limits::REORDER_EVENTS_MAX;
use crate::settings::Settings;

/// An accepted event on its way into a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// The event's place in the journal.
    pub sequence: u64,
    /// When it arrived: ms since the epoch by the server's clock, never lower than that of the arrival before.
    pub arrived_at_ms: i64,
    /// What arrived.
    pub event: Event,
    /// Of its body.
    pub fingerprint: Fingerprint,
}

/// What becomes of an event for a session that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is to be journaled and accounted for.
    Accept,
    /// A retry of an accepted event: answered as accepted, and left alone.
    Duplicate,
    /// `sessionEnd` of a session that another `sessionEnd` ends or has ended: answered as accepted, and left alone.
    RepeatedEnd,
    /// The session has ended: refused.
    Closed,
}

/// Why a session closed; column `close_reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CloseReason {
    /// The player said so.
    #[serde(rename = "session_end")]
    SessionEnd,
    /// No event for the idle timeout, 10 minutes by default.
    #[serde(rename = "idle_10m")]
    Idle,
    /// Events, but no change of the playhead for the playhead timeout, 30 minutes by default.
    #[serde(rename = "idle_playhead_30m")]
    IdlePlayhead,
    /// A downloaded session without an end of its own.
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Waiting {
    sequence: u64,
    arrived_at_ms: i64,
    event: Event,
}

/// A session and everything that its events amount to so far. Serialised, it is the checkpoint of the session.
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
    content: Content,
    start_sequence: u64,
    last_sequence: u64,
    last_arrival_ms: i64,
    last_arrived_playhead: f64,
    playhead_changed_at_ms: i64,
    recent: RecentBodies,
    /// In arrival order.
    window: Vec<Waiting>,
    window_bytes: usize,
    /// Whether the engine's calendar holds an entry for the window; not part of what a session is.
    #[serde(skip)]
    pub(crate) is_window_scheduled: bool,
    /// Whether the engine's list of sessions to be checkpointed holds this one; not part of what a session is.
    #[serde(skip)]
    pub(crate) is_listed_as_changed: bool,
}

impl Session {
    /// Opens a session with its `sessionStart`, which is processed at once.
    pub fn open<O: Observer>(id: SessionId, origin: Origin, start: Arrival, observer: &mut O) -> Self {
        let Arrival { sequence, arrived_at_ms, mut event, fingerprint } = start;
        event.ts_ms = bounded(event.ts_ms);
        let event_ref = EventRef { sequence, event_type: event.event_type };
        let accounts = Accounts::open(&event, event_ref);
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
            start_sequence: sequence,
            last_sequence: sequence,
            last_arrival_ms: arrived_at_ms,
            last_arrived_playhead: counted(event.playhead),
            playhead_changed_at_ms: arrived_at_ms,
            recent,
            window: Vec::new(),
            window_bytes: 0,
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

    /// Whether it is over, and why.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.closed
    }

    /// When it was opened, ms by the server's clock.
    pub fn received_at_ms(&self) -> i64 {
        self.received_at_ms
    }

    /// When it was last heard of, ms by the server's clock.
    pub fn last_arrival_ms(&self) -> i64 {
        self.last_arrival_ms
    }

    /// When it began by the device's clock, ms.
    pub fn started_at_ms(&self) -> i64 {
        self.accounts.started_at_ms
    }

    /// What `sessionStart` said.
    pub fn params(&self) -> &PackedParams {
        &self.params
    }

    /// What its events say about the player.
    pub fn diagnoses(&self) -> Diagnoses {
        self.accounts.diagnoses
    }

    /// Playback as of the events processed so far.
    pub fn playback(&self) -> Playback {
        self.accounts.playback
    }

    /// Where time goes as of the events processed so far.
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

    /// Events that wait in the reorder window.
    pub fn waiting_events(&self) -> usize {
        self.window.len()
    }

    /// Bytes that the session takes in memory; what the limits count.
    pub fn memory_bytes(&self) -> usize {
        let start = self.params.len_bytes() + self.custom_metadata.len_bytes();
        let window = self.window.capacity() * size_of::<Waiting>() + self.window_bytes;
        size_of::<Self>() + start + window + self.recent.heap_bytes() + self.accounts.heap_bytes()
    }

    /// What becomes of an event, given that [`Self::advance_to`] was called with the time of its arrival. `newer` are
    /// the fingerprints of events that were accepted for this session since, but are not applied yet; while a
    /// `sessionEnd` waits ([`Self::is_ending`]), there must be none.
    pub fn admit(&self, event: &Event, fingerprint: Fingerprint, newer: &[Fingerprint]) -> Admission {
        let is_end = event.event_type == EventType::SessionEnd;
        if let Some(reason) = self.closed {
            // After a timeout, a `sessionEnd` repeats nothing: it comes too late, as anything else does.
            let is_repetition = is_end && reason == CloseReason::SessionEnd;
            return if is_repetition { Admission::RepeatedEnd } else { Admission::Closed };
        }
        if newer.contains(&fingerprint) || self.recent.contains(fingerprint, newer.len()) {
            return Admission::Duplicate;
        }
        match self.waiting_end() {
            Some(_) if is_end => Admission::RepeatedEnd,
            Some(end_ms) if event.ts_ms > end_ms => Admission::Closed,
            _ => Admission::Accept,
        }
    }

    /// Whether a `sessionEnd` waits in the window.
    pub fn is_ending(&self) -> bool {
        self.waiting_end().is_some()
    }

    fn waiting_end(&self) -> Option<i64> {
        let mut events = self.window.iter().map(|waiting| &waiting.event);
        events.find(|event| event.event_type == EventType::SessionEnd).map(|event| event.ts_ms)
    }

    /// Takes in an accepted event. Everything due by its arrival must have left before: call [`Self::advance_to`].
    pub fn push<O: Observer>(&mut self, arrival: Arrival, observer: &mut O) {
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
        self.window_bytes += event.heap_bytes();
        self.window.push(Waiting { sequence, arrived_at_ms, event });
        if self.window.len() > REORDER_EVENTS_MAX {
            let lowest = self.window.iter().map(|waiting| waiting.event.ts_ms).min();
            self.release(lowest.unwrap_or(i64::MAX), observer);
        }
    }

    /// Lets everything happen that is due at or before a time of the arrival clock, in the order in which it is due:
    /// however often this is called, the outcome is the same.
    pub fn advance_to<O: Observer>(&mut self, now_ms: i64, settings: &Settings, observer: &mut O) {
        while self.closed.is_none() {
            let timeout_ms = self.timeout_deadline_ms(settings);
            match self.window.first() {
                Some(oldest)
                    if oldest.arrived_at_ms.saturating_add(settings.reorder_window_ms)
                        <= now_ms.min(timeout_ms) =>
                {
                    self.release(oldest.event.ts_ms, observer);
                }
                _ if timeout_ms <= now_ms => {
                    let reason = self.timeout_reason(settings);
                    self.close(reason, observer);
                }
                _ => return,
            }
        }
    }

    /// Ends a downloaded batch: nothing more will come.
    pub fn finish_batch<O: Observer>(&mut self, observer: &mut O) {
        self.close(CloseReason::Downloaded, observer);
    }

    /// When the oldest waiting event is due.
    pub(crate) fn window_deadline_ms(&self, settings: &Settings) -> Option<i64> {
        Some(self.window.first()?.arrived_at_ms.saturating_add(settings.reorder_window_ms))
    }

    /// When the session times out if nothing comes any more.
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

    /// Empties the window, then closes the session unless a `sessionEnd` in the window did.
    fn close<O: Observer>(&mut self, reason: CloseReason, observer: &mut O) {
        self.release(i64::MAX, observer);
        if self.closed.is_none() {
            self.closed = Some(reason);
            self.accounts.close_open_views();
        }
    }

    /// Lets every waiting event of that timestamp or a lower one leave the window, in ascending order.
    fn release<O: Observer>(&mut self, up_to_ts_ms: i64, observer: &mut O) {
        let mut leaving: Vec<Waiting> =
            self.window.extract_if(.., |waiting| waiting.event.ts_ms <= up_to_ts_ms).collect();
        leaving.sort_by_key(|waiting| waiting.event.ts_ms);
        while let Some(lowest) = leaving.first() {
            let ts_ms = lowest.event.ts_ms;
            let equals = leaving.partition_point(|waiting| waiting.event.ts_ms <= ts_ms);
            let place = match equals {
                1 => 0,
                _ => next_of_equals(&self.accounts, &leaving[..equals].iter().map(|waiting| &waiting.event)),
            };
            let next = leaving.remove(place);
            self.process(&next, observer);
        }
        self.window_bytes = self.window.iter().map(|waiting| waiting.event.heap_bytes()).sum();
        if self.closed.is_some() {
            self.drop_window(observer);
        }
        if self.window.is_empty() {
            self.window = Vec::new();
        }
    }

    fn process<O: Observer>(&mut self, waiting: &Waiting, observer: &mut O) {
        let event_ref = EventRef { sequence: waiting.sequence, event_type: waiting.event.event_type };
        if self.closed.is_some() {
            observer.ignored(event_ref);
            return;
        }
        self.accounts.process(&waiting.event, event_ref, self.content, observer);
        if waiting.event.event_type == EventType::SessionEnd {
            self.closed = Some(CloseReason::SessionEnd);
            self.accounts.close_open_views();
        }
        observer.processed(event_ref, self);
    }

    /// What still waits when the session has closed has no effect.
    fn drop_window<O: Observer>(&mut self, observer: &mut O) {
        for waiting in std::mem::take(&mut self.window) {
            let event_type = waiting.event.event_type;
            observer.ignored(EventRef { sequence: waiting.sequence, event_type });
        }
        self.window_bytes = 0;
    }
}

/// The protocol lets no other timestamps pass. An event that was made in another way must not overflow the sums.
fn bounded(ts_ms: i64) -> i64 {
    ts_ms.clamp(0, TS_END_MS)
}
