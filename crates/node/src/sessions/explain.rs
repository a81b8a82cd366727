//! What a session's metrics are made of: the accounting is run over its events again and watched, so no rule is told
//! twice.

use std::collections::{BTreeMap, HashMap};

use playhead_journal::OwnedEvent;
use playhead_protocol::decode;
use playhead_report::names::metric::Unit;
use playhead_session::{
    Account, Column, ColumnType, EventRef, Interval, Intervals, MovedToStall, Observer, Playback,
    SESSION_COLUMNS, Session, Settings, rfc3339, seconds,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::error::Unreplayable;
use crate::ingest::arrivals::ClockSteps;
use crate::ingest::recovery::anew::{advance_from_last_event, watch};
use crate::sessions::changes::{Change, Columns};

/// The first of the columns that are metrics; those that follow are, but for the lists at the end.
const FIRST_METRIC: &str = "media_start";

/// Durations that are sums of intervals, with where the time of these goes.
const TIMES: &[(&str, &[Account])] = &[
    ("content_time_spent", &[Account::ContentTimeSpent]),
    ("ad_time_spent", &[Account::AdTimeSpent]),
    ("media_time_spent", &[Account::ContentTimeSpent, Account::AdTimeSpent]),
    ("total_pause_duration", &[Account::TotalPauseDuration]),
    ("total_buffer_duration", &[Account::TotalBufferDuration]),
    ("total_stall_duration", &[Account::TotalStallDuration]),
];

/// What the metrics of a session are made of.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Explanation {
    session_id: String,
    /// By column, in the order of the row.
    #[serde(serialize_with = "as_map")]
    #[schemars(with = "BTreeMap<String, Metric>")]
    metrics: Vec<(&'static str, Metric)>,
    /// The time played of each of its ads, in the order of their rows.
    ads: Vec<ViewTime>,
    /// The time played of each of its chapters, in the order of their rows.
    chapters: Vec<ViewTime>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct ViewTime {
    time_played: Metric,
}

/// A metric: either the intervals that add up to its value, or the events that changed it.
#[derive(Debug, JsonSchema, Serialize)]
struct Metric {
    value: Value,
    unit: &'static str,
    /// The intervals that add up to the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<IntervalReport>")]
    intervals: Option<Vec<IntervalReport>>,
    /// The events that changed the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<ChangeReport>")]
    events: Option<Vec<ChangeReport>>,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ExplainedInterval")]
struct IntervalReport {
    from: String,
    to: String,
    seconds: f64,
    #[schemars(with = "String")]
    playback: Playback,
    ad: Option<u32>,
    chapter: Option<u32>,
    opened_by: EventName,
    closed_by: EventName,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "EventReference")]
struct EventName {
    sequence: u64,
    event_type: &'static str,
}

/// A change of a value.
#[derive(Debug, Clone, JsonSchema, Serialize)]
#[schemars(rename = "ExplainedChange")]
struct ChangeReport {
    at: String,
    /// `None` when time changed the value: the session closed without an event.
    sequence: Option<u64>,
    /// The event's type; without an event, why the session closed.
    event_type: &'static str,
    before: Value,
    after: Value,
}

/// Explains a session by all its events in the order of the journal, let through up to `now_ms`. `None` when the first
/// ones are missing.
pub fn explain(
    stored: &[OwnedEvent],
    now_ms: i64,
    clock_steps: &ClockSteps,
    settings: &Settings,
) -> Result<Option<Explanation>, Unreplayable> {
    let mut watcher = Watcher::default();
    let Some(mut session) = watch(stored, clock_steps, settings, &mut watcher)? else {
        return Ok(None);
    };
    advance_from_last_event(&mut session, now_ms, clock_steps, settings, &mut watcher);
    watcher.closed(&session);
    let moments = moments(stored, &watcher)?;
    let Watcher { intervals, columns, changes } = watcher;
    let metric = |column: &Column| {
        let time = TIMES.iter().find(|(name, _)| *name == column.name);
        let (value, unit) = (columns.value(column.name), unit(column)?);
        let metric = match time {
            Some((_, accounts)) => {
                let parts = reports(&intervals, |interval| accounts.contains(&interval.account));
                Metric { value, unit, intervals: Some(parts), events: None }
            }
            None => {
                let changes = changes.get(column.name).into_iter().flatten();
                let parts = changes.map(|change| change.report(&moments)).collect();
                Metric { value, unit, intervals: None, events: Some(parts) }
            }
        };
        Some((column.name, metric))
    };
    let first = SESSION_COLUMNS.iter().skip_while(|column| column.name != FIRST_METRIC);
    let time_played = |time_ms: i64, counts: &dyn Fn(&Interval) -> bool| {
        let (value, unit) = (seconds(time_ms).into(), Unit::Seconds.name());
        let intervals = Some(reports(&intervals, counts));
        ViewTime { time_played: Metric { value, unit, intervals, events: None } }
    };
    let rows = session.rows_view();
    let ads = (0..).zip(rows.ads.iter());
    let chapters = (0..).zip(rows.chapters.iter());
    Ok(Some(Explanation {
        session_id: session.id().to_string(),
        metrics: first.filter_map(metric).collect(),
        ads: ads.map(|(row, ad)| time_played(ad.time_ms, &|interval| interval.ad == Some(row))).collect(),
        chapters: chapters
            .map(|(row, chapter)| time_played(chapter.time_ms, &|interval| interval.chapter == Some(row)))
            .collect(),
    }))
}

/// The unit of a metric; `None` for lists, which have no unit.
fn unit(column: &Column) -> Option<&'static str> {
    Some(match (column.column_type, column.name) {
        (ColumnType::Boolean, _) => "flag",
        (ColumnType::Text, _) => "text",
        (ColumnType::Count, _) => Unit::Count.name(),
        (ColumnType::Seconds, _) => Unit::Seconds.name(),
        (ColumnType::Number, "time_to_start_ms") => Unit::Milliseconds.name(),
        (ColumnType::Number, "average_minute_audience") => Unit::Viewers.name(),
        (ColumnType::Number, "average_bitrate") => Unit::Bitrate.name(),
        (ColumnType::Number, "dropped_frames") => Unit::Frames.name(),
        (ColumnType::Number, _) => Unit::FramesPerSecond.name(),
        _ => return None,
    })
}

fn reports(intervals: &Intervals, counts: impl Fn(&Interval) -> bool) -> Vec<IntervalReport> {
    let report = |interval: &Interval| IntervalReport {
        from: rfc3339(interval.from_ms),
        to: rfc3339(interval.to_ms),
        seconds: seconds(interval.to_ms - interval.from_ms),
        playback: interval.playback,
        ad: interval.ad,
        chapter: interval.chapter,
        opened_by: interval.opened_by.into(),
        closed_by: interval.closed_by.into(),
    };
    intervals.iter().filter(|interval| counts(interval)).map(report).collect()
}

impl From<EventRef> for EventName {
    fn from(event: EventRef) -> Self {
        Self { sequence: event.sequence, event_type: event.event_type.name() }
    }
}

/// The timestamps of the events that changed something, as the device's clock said.
fn moments(stored: &[OwnedEvent], watcher: &Watcher) -> Result<HashMap<u64, i64>, Unreplayable> {
    let mut moments = HashMap::new();
    let by_sequence: HashMap<u64, &OwnedEvent> =
        stored.iter().map(|event| (event.sequence.get(), event)).collect();
    let sequences = watcher.changes.values().flatten().filter_map(|change| match change.by {
        By::Event { event, .. } => Some(event.sequence),
        By::Closing { .. } => None,
    });
    for sequence in sequences {
        if let (false, Some(event)) = (moments.contains_key(&sequence), by_sequence.get(&sequence)) {
            let unreadable = |_| Unreplayable(format!("the body of event {sequence} is unreadable"));
            moments.insert(sequence, decode(&event.recorded()).map_err(unreadable)?.ts_ms);
        }
    }
    Ok(moments)
}

/// What changed a value.
#[derive(Debug, Clone, Copy)]
enum By {
    Event { event: EventRef, clock_offset_ms: i64 },
    Closing { at_ms: i64, reason: &'static str },
}

#[derive(Debug)]
struct Changed {
    by: By,
    before: Value,
    after: Value,
}

impl Changed {
    fn report(&self, moments: &HashMap<u64, i64>) -> ChangeReport {
        let (at_ms, sequence, event_type) = match self.by {
            By::Event { event, clock_offset_ms } => {
                let ts_ms = moments.get(&event.sequence).copied().unwrap_or_default();
                let at_ms = ts_ms.saturating_add(clock_offset_ms);
                (at_ms, Some(event.sequence), event.event_type.name())
            }
            By::Closing { at_ms, reason } => (at_ms, None, reason),
        };
        let (before, after) = (self.before.clone(), self.after.clone());
        ChangeReport { at: rfc3339(at_ms), sequence, event_type, before, after }
    }
}

/// Takes down what happens.
#[derive(Debug, Default)]
struct Watcher {
    intervals: Intervals,
    columns: Columns,
    changes: HashMap<&'static str, Vec<Changed>>,
}

impl Watcher {
    fn take_down(&mut self, by: By, session: &Session) {
        for Change { column, before, after } in self.columns.changes(session) {
            let is_time = TIMES.iter().any(|(name, _)| *name == column);
            // A session begins with nothing: what is nothing after its start has not changed.
            let is_nothing = matches!(&after, Value::Null | Value::Bool(false))
                || after.as_f64().is_some_and(|number| number == 0.0);
            if is_time || (before.is_none() && is_nothing) {
                continue;
            }
            let before = before.unwrap_or_default();
            self.changes.entry(column).or_default().push(Changed { by, before, after });
        }
    }

    /// The session may have closed without an event.
    fn closed(&mut self, session: &Session) {
        if let Some(reason) = session.close_reason() {
            let by = By::Closing { at_ms: session.row_view().last_event_at_ms, reason: reason.name() };
            self.take_down(by, session);
        }
    }
}

impl Observer for Watcher {
    fn interval(&mut self, interval: &Interval) {
        self.intervals.add(interval);
    }

    fn moved_to_stall(&mut self, moved: &MovedToStall) {
        self.intervals.move_to_stall(moved);
    }

    fn processed(&mut self, event: EventRef, session: &Session) {
        self.take_down(By::Event { event, clock_offset_ms: session.clock_offset_ms() }, session);
    }
}

fn as_map<S: serde::Serializer>(
    metrics: &[(&'static str, Metric)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(metrics.iter().map(|(name, metric)| (name, metric)))
}
