//! Queries about single sessions: those in memory, those in the journal and those in the lake as one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use playhead_journal::{JournalReader, OwnedEvent, PageCursor, Sequence};
use playhead_lake::{Exclusion, Exclusions};
use playhead_protocol::{EventType, SessionId, decode};
use playhead_session::{Cell, Diagnosis, ReadRows, Settings};
use serde_json::Value;

use crate::error::{ReadError, SessionError, Unreplayable};
use crate::exclusions::{ExclusionReport, ExclusionSource};
use crate::ingest::arrivals::ClockSteps;
use crate::ingest::open_sessions::OpenSessions;
use crate::limits::SESSION_EVENTS;
use crate::readers::Readers;
use crate::sessions::effects::{EventPage, event_page};
use crate::sessions::explain::{Explanation, explain};
use crate::sessions::filter::SessionFilter;
use crate::sessions::list::{self, SessionPage};
use crate::sessions::session_rows;
use crate::sessions::stored::StoredSessions;

/// With this diagnosis a session may have events that arrived before its first one, by the clock as it went then.
const STEPPED: &str = Diagnosis::ServerClockStepped.name();

/// Runs queries about sessions.
#[derive(Debug, Clone)]
pub struct SessionReports {
    open_sessions: Arc<OpenSessions>,
    readers: Arc<Readers>,
    stored: Arc<dyn StoredSessions>,
    exclusions: ExclusionSource,
}

/// The events of a session in memory and journal.
struct Recent {
    is_known: bool,
    events: Vec<OwnedEvent>,
    received_at_ms: Option<i64>,
    clock_steps: ClockSteps,
}

impl SessionReports {
    /// Queries over memory, journal and lake.
    pub(crate) fn new(
        open_sessions: Arc<OpenSessions>,
        readers: Arc<Readers>,
        stored: Arc<dyn StoredSessions>,
        exclusions: ExclusionSource,
    ) -> Self {
        Self { open_sessions, readers, stored, exclusions }
    }

    /// The sessions in memory.
    pub fn live(&self) -> &OpenSessions {
        &self.open_sessions
    }

    /// A page of the sessions that a filter lets through, those behind `before` when it is given.
    ///
    /// # Errors
    ///
    /// When the journal or the lake cannot be read.
    pub async fn list(
        &self,
        filter: SessionFilter,
        before: Option<PageCursor>,
        limit: usize,
    ) -> Result<SessionPage, SessionError> {
        let open_sessions = self.open_sessions.clone();
        let of_journal = filter.clone();
        let excluded = self.exclusions.now().await?;
        // The journal gives those that the lake has not taken over, so looking there first misses none.
        let mut page = self
            .readers
            .read(move |reader| {
                open_sessions.check_recovered()?;
                list::sessions(&of_journal, before, limit, &excluded, &open_sessions, reader)
            })
            .await?;
        let stored = self.stored.page(&filter, before, limit.saturating_add(1)).await?;
        list::add_stored(&mut page, stored, limit);
        Ok(page)
    }

    /// The exclusions at this moment.
    ///
    /// # Errors
    ///
    /// When the journal or the lake cannot be read.
    pub async fn exclusions(&self) -> Result<Arc<Exclusions>, SessionError> {
        self.exclusions.now().await
    }

    /// A session's rows as JSON text: the session's row with `ads`, `chapters` and `errors`; and with `exclusion` if no
    /// report counts it.
    ///
    /// # Errors
    ///
    /// When the journal or the lake cannot be read.
    pub async fn session(&self, id: SessionId) -> Result<Option<String>, SessionError> {
        let open_sessions = self.open_sessions.clone();
        let read = move |reader: &mut dyn JournalReader| {
            open_sessions.check_recovered()?;
            session_rows(&id, &open_sessions, reader)
        };
        let rows = match self.readers.read(read).await? {
            Some(rows) => rows,
            None => match self.stored.session(id).await? {
                Some(row) => serde_json::to_string(&row).map_err(|_| SessionError::Internal)?,
                None => return Ok(None),
            },
        };
        match self.exclusions.now().await?.get(&id) {
            Some(exclusion) => with_exclusion(&rows, exclusion).map(Some),
            None => Ok(Some(rows)),
        }
    }

    /// Those at some places of a session's events, each with what it did, in the order in which they took effect, then
    /// those that wait; `None` when there is no such session. `now_ms` is the time up to which waiting events are let
    /// through.
    ///
    /// # Errors
    ///
    /// When the journal or the lake cannot be read.
    pub async fn events(
        &self,
        id: SessionId,
        places: Range<usize>,
        now_ms: i64,
        settings: &Settings,
    ) -> Result<Option<EventPage>, SessionError> {
        let Some((events, steps)) = self.accepted_events(id).await? else { return Ok(None) };
        let page = move |settings: &Settings| event_page(&events, places, now_ms, &steps, settings);
        account(*settings, page).await.map(Some)
    }

    /// The parts of a session's metrics, up to `now_ms`; `None` if there is no such session, or when its first
    /// events are no longer kept.
    ///
    /// # Errors
    ///
    /// When the journal or the lake cannot be read.
    pub async fn explain(
        &self,
        id: SessionId,
        now_ms: i64,
        settings: &Settings,
    ) -> Result<Option<Explanation>, SessionError> {
        let Some((events, steps)) = self.accepted_events(id).await? else { return Ok(None) };
        account(*settings, move |settings| explain(&events, now_ms, &steps, settings)).await
    }

    /// The accepted events of a session in the order of the journal, wherever they are, and the steps of the server's
    /// clock; `None` when there is no such session.
    async fn accepted_events(
        &self,
        id: SessionId,
    ) -> Result<Option<(Vec<OwnedEvent>, ClockSteps)>, SessionError> {
        let open_sessions = self.open_sessions.clone();
        let recent = self.readers.read(move |reader| recent_events(&id, &open_sessions, reader)).await?;
        let is_complete = recent.events.first().is_some_and(|first| first.previous.is_none());
        if is_complete {
            return Ok(Some((recent.events, recent.clock_steps)));
        }
        let received_at_ms = match recent.received_at_ms {
            Some(received_at_ms) => Some(received_at_ms),
            None => {
                let row = self.stored.session(id).await?;
                row.map(|row| first_arrival_ms(&Value::Object(row)).unwrap_or(0))
            }
        };
        let Some(received_at_ms) = received_at_ms else {
            return Ok(recent.is_known.then(|| (Vec::new(), recent.clock_steps)));
        };
        let stored = self.stored.events(id, received_at_ms, SESSION_EVENTS).await?;
        Ok(Some((joined(stored, recent.events), recent.clock_steps)))
    }
}

/// The text of a session with its exclusion as one more member.
fn with_exclusion(rows: &str, exclusion: &Exclusion) -> Result<String, SessionError> {
    let exclusion = serde_json::to_string(&ExclusionReport::of(exclusion));
    let exclusion = exclusion.map_err(|_| SessionError::Internal)?;
    let members = rows.trim_end().strip_suffix('}').ok_or(SessionError::Internal)?;
    Ok(format!("{members},\"exclusion\":{exclusion}}}"))
}

/// Runs the accounting over a session's events on a thread that may take its time.
async fn account<T: Send + 'static>(
    settings: Settings,
    work: impl FnOnce(&Settings) -> Result<T, Unreplayable> + Send + 'static,
) -> Result<T, SessionError> {
    Ok(tokio::task::spawn_blocking(move || work(&settings)).await.map_err(|_| SessionError::Internal)??)
}

fn recent_events(
    id: &SessionId,
    open_sessions: &OpenSessions,
    reader: &mut dyn JournalReader,
) -> Result<Recent, ReadError> {
    open_sessions.check_recovered()?;
    let mut recent = Recent {
        is_known: true,
        events: Vec::new(),
        received_at_ms: None,
        // Read before the events, it would lack a step that they lie behind.
        clock_steps: ClockSteps::default(),
    };
    if let Some(last_sequence) = open_sessions.read(id, playhead_session::Session::last_sequence) {
        recent.events = reader.events_of(Sequence::new(last_sequence), SESSION_EVENTS)?;
    } else if let Some(record) = reader.closed_session(id)? {
        recent.events = reader.events_of(record.last_sequence, SESSION_EVENTS)?;
        let row = ReadRows::read(&record.row).ok().map(|rows| rows.session);
        recent.received_at_ms = row.and_then(|row| {
            let is_stepped =
                matches!(row.get("diagnoses"), Cell::Texts(names) if names.iter().any(|name| name == STEPPED));
            if is_stepped { Some(0) } else { row.time_ms("received_at") }
        });
    } else {
        recent.is_known = false;
    }
    recent.clock_steps = ClockSteps::read(reader)?;
    Ok(recent)
}

/// The time from which on a stored session's events arrived.
fn first_arrival_ms(row: &Value) -> Option<i64> {
    if row["diagnoses"].as_array().is_some_and(|names| names.iter().any(|name| name == STEPPED)) {
        return Some(0);
    }
    let received_at: jiff::Timestamp = row["received_at"].as_str()?.parse().ok()?;
    Some(received_at.as_millisecond())
}

/// The events of lake and journal, each once, in order; marked as incomplete when the first one is missing.
fn joined(stored: Vec<OwnedEvent>, recent: Vec<OwnedEvent>) -> Vec<OwnedEvent> {
    // Histories that have parted count with the same numbers, but not at the same moments.
    let place = |event: &OwnedEvent| (event.sequence, event.received_at_ms);
    let in_order: BTreeMap<(Sequence, i64), OwnedEvent> =
        stored.into_iter().chain(recent).map(|event| (place(&event), event)).collect();
    let mut events: Vec<OwnedEvent> = in_order.into_values().collect();
    if let Some(first) = events.first_mut() {
        let is_start =
            decode(&first.recorded()).is_ok_and(|event| event.event_type == EventType::SessionStart);
        first.previous = (!is_start).then_some(Sequence::default());
    }
    events
}
