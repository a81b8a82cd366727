//! A session's events, each with what it did: the accounting is run over them again and watched.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use playhead_journal::OwnedEvent;
use playhead_protocol::decode;
use playhead_session::{
    Account, CloseReason, EventRef, Interval, MovedToStall, Observer, Playback, Session, Settings, rfc3339,
    seconds,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::error::Unreplayable;
use crate::ingest::arrivals::ClockSteps;
use crate::ingest::recovery::anew::{advance_from_last_event, watch};
use crate::sessions::changes::{Change, Columns};

/// An accepted event of a session.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Event")]
pub struct EventReport {
    /// Its place in the journal.
    pub sequence: u64,
    /// Its type.
    pub event_type: &'static str,
    /// Its timestamp, as the device's clock said.
    pub ts: String,
    /// The time at which it counts where the device's clock is wrong, or would if it took effect now; absent where that is
    /// `ts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub effective_ts: Option<String>,
    /// `effective_ts` less `ts`, ms; absent with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    pub clock_offset_ms: Option<i64>,
    /// Its playhead, seconds.
    pub playhead: f64,
    /// When it arrived, by the server's clock.
    pub received_at: String,
    /// What became of it.
    pub status: EventStatus,
    /// What it did; `null` while it waits, when it was ignored, and when the session's first events are no longer kept.
    pub effect: Option<Effect>,
    /// The event as it was sent.
    #[schemars(with = "Map<String, Value>")]
    pub body: Box<RawValue>,
}

/// What became of an accepted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// It took effect.
    Processed,
    /// It waits in the reorder window.
    Waiting,
    /// The session had ended before it.
    Ignored,
    /// The session's first events are no longer kept, so nothing can be said.
    Unknown,
}

/// What an event did.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Effect {
    /// The time that it brought to account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributed: Vec<Attributed>,
    /// Columns of the session's row that changed, with their values before and after; without the lists of spans, which
    /// `attributed` tells.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "BTreeMap<String, ChangedColumn>")]
    pub changes: Map<String, Value>,
    /// Playback, ad break, ad and chapter after it.
    pub state: EffectState,
}

/// Time that was brought to account, or that moved from one account to another.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Attributed {
    /// Its beginning, by the device's clock, corrected where that is wrong.
    from: String,
    /// Its end.
    to: String,
    /// Its length, seconds.
    seconds: f64,
    /// The column that it counts for; `ad_break_gap`, `startup` and `after_end` are not columns.
    #[schemars(with = "String")]
    account: Account,
    /// Playback during it; absent for time that moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    playback: Option<Playback>,
    /// The sequence of the event that began it; absent for time that moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    opened_by: Option<u64>,
    /// The row of its ad, `null` outside of ads; absent for time that moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u32>")]
    ad: Option<Option<u32>>,
    /// The row of its chapter, `null` outside of chapters; absent for time that moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u32>")]
    chapter: Option<Option<u32>>,
    /// The column that it counted for before; only for time that moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    moved_from: Option<Account>,
}

/// A column that an event changed.
#[derive(Debug, JsonSchema, Serialize)]
struct ChangedColumn {
    /// The value before; `null` at the session's first event.
    from: Option<Value>,
    /// The value after.
    to: Value,
}

/// Playback, ad break, ad and chapter after an event.
#[derive(Debug, JsonSchema, Serialize)]
pub struct EffectState {
    #[schemars(with = "String")]
    playback: Playback,
    ad_break: bool,
    ad: bool,
    chapter: bool,
    /// The reason for which the session closed; `null` while it is open.
    #[schemars(with = "Option<String>")]
    closed: Option<CloseReason>,
}

/// Some of a session's events.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Events")]
pub struct EventPage {
    /// In the order in which they took effect, then those that wait.
    pub events: Vec<EventReport>,
    /// Where the next page begins; `None` when there is none.
    pub next_cursor: Option<String>,
}

/// Of all events of a session, at hand in the order of the journal, those at some places in the order in which they took
/// effect, then those that wait. `now_ms` is the time up to which waiting events are let through.
pub(crate) fn event_page(
    stored: &[OwnedEvent],
    places: Range<usize>,
    now_ms: i64,
    clock_steps: &ClockSteps,
    settings: &Settings,
) -> Result<EventPage, Unreplayable> {
    let mut watcher = Watcher { places: places.clone(), ..Watcher::default() };
    let session = watch(stored, clock_steps, settings, &mut watcher)?;
    let status = if session.is_some() { EventStatus::Waiting } else { EventStatus::Unknown };
    let mut waiting_offsets = HashMap::new();
    if let Some(mut session) = session {
        advance_from_last_event(&mut session, now_ms, clock_steps, settings, &mut watcher);
        waiting_offsets.extend(session.waiting_offsets(settings));
    }
    let by_sequence: HashMap<u64, &OwnedEvent> =
        stored.iter().map(|event| (event.sequence.get(), event)).collect();
    let known: HashSet<u64> = watcher.outcomes.iter().map(|outcome| outcome.sequence).collect();
    let others = stored.iter().map(|event| event.sequence.get()).filter(|sequence| !known.contains(sequence));
    let others = others.map(|sequence| {
        let clock_offset_ms = waiting_offsets.get(&sequence).copied().unwrap_or_default();
        Outcome { sequence, status, clock_offset_ms, effect: None }
    });
    let events = watcher
        .outcomes
        .into_iter()
        .chain(others)
        .filter_map(|outcome| Some((*by_sequence.get(&outcome.sequence)?, outcome)))
        .skip(places.start)
        .take(places.len())
        .map(|(event, outcome)| report(event, outcome))
        .collect::<Result<_, _>>()?;
    Ok(EventPage { events, next_cursor: (stored.len() > places.end).then(|| places.end.to_string()) })
}

fn report(event: &OwnedEvent, outcome: Outcome) -> Result<EventReport, Unreplayable> {
    let unreadable = || Unreplayable(format!("the body of event {} is unreadable", event.sequence));
    let parsed = decode(&event.recorded()).map_err(|_| unreadable())?;
    let Outcome { status, clock_offset_ms, effect, .. } = outcome;
    let clock_offset_ms = Some(clock_offset_ms).filter(|offset_ms| *offset_ms != 0);
    Ok(EventReport {
        sequence: event.sequence.get(),
        event_type: parsed.event_type.name(),
        ts: rfc3339(parsed.ts_ms),
        effective_ts: clock_offset_ms.map(|offset_ms| rfc3339(parsed.ts_ms.saturating_add(offset_ms))),
        clock_offset_ms,
        playhead: parsed.playhead,
        received_at: rfc3339(event.received_at_ms),
        status,
        effect,
        body: serde_json::from_slice(&event.body).map_err(|_| unreadable())?,
    })
}

fn state_of(session: &Session) -> EffectState {
    EffectState {
        playback: session.playback(),
        ad_break: session.has_ad_break(),
        ad: session.has_ad(),
        chapter: session.has_chapter(),
        closed: session.close_reason(),
    }
}

/// What became of one event.
struct Outcome {
    sequence: u64,
    status: EventStatus,
    /// What was added to its timestamp, ms.
    clock_offset_ms: i64,
    effect: Option<Effect>,
}

/// Takes down what happens, event by event: at some places in full, elsewhere only that it did, which takes a small part
/// of the time.
#[derive(Default)]
struct Watcher {
    places: Range<usize>,
    attributed: Vec<Attributed>,
    columns: Columns,
    outcomes: Vec<Outcome>,
    /// That of the last event that took effect.
    clock_offset_ms: i64,
}

impl Watcher {
    /// Whether the event that takes effect next is asked for.
    fn is_asked_for(&self) -> bool {
        self.places.contains(&self.outcomes.len())
    }

    fn take_down(&mut self, event: EventRef, status: EventStatus, effect: Option<Effect>) {
        let clock_offset_ms = self.clock_offset_ms;
        self.outcomes.push(Outcome { sequence: event.sequence, status, clock_offset_ms, effect });
    }
}

impl Observer for Watcher {
    fn interval(&mut self, interval: &Interval) {
        if !self.is_asked_for() {
            return;
        }
        self.attributed.push(Attributed {
            from: rfc3339(interval.from_ms),
            to: rfc3339(interval.to_ms),
            seconds: seconds(interval.to_ms - interval.from_ms),
            account: interval.account,
            playback: Some(interval.playback),
            opened_by: Some(interval.opened_by.sequence),
            ad: Some(interval.ad),
            chapter: Some(interval.chapter),
            moved_from: None,
        });
    }

    fn moved_to_stall(&mut self, moved: &MovedToStall) {
        if !self.is_asked_for() {
            return;
        }
        self.attributed.push(Attributed {
            from: rfc3339(moved.from_ms),
            to: rfc3339(moved.to_ms),
            seconds: seconds(moved.to_ms - moved.from_ms),
            account: Account::TotalStallDuration,
            playback: None,
            opened_by: None,
            ad: None,
            chapter: None,
            moved_from: Some(Account::ContentTimeSpent),
        });
    }

    fn processed(&mut self, event: EventRef, session: &Session) {
        let place = self.outcomes.len();
        let effect = self.is_asked_for().then(|| {
            let mut changes = Map::new();
            for Change { column, before, after } in self.columns.changes(session) {
                // The event count runs with arrivals, not with effects.
                if place > 0 && column != "event_count" {
                    let change = ChangedColumn { from: before, to: after };
                    changes.insert(column.to_owned(), json!(change));
                }
            }
            Effect { attributed: std::mem::take(&mut self.attributed), changes, state: state_of(session) }
        });
        if place + 1 == self.places.start {
            // What the first event asked for changed is told from here.
            self.columns.changes(session);
        }
        self.clock_offset_ms = session.clock_offset_ms();
        self.take_down(event, EventStatus::Processed, effect);
    }

    fn ignored(&mut self, event: EventRef) {
        self.take_down(event, EventStatus::Ignored, None);
    }
}
