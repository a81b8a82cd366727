//! Rows that are not in the lake yet: of open sessions in memory, wherever that is, of sessions that closed a moment ago in the
//! journal, and events in the journal.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::try_unfold;
use playhead_journal::{JournalReader, OutboxPosition, Sequence};
use playhead_lake::{Exclusion, Lake, RowsBuilder, Table, event_batch};
use playhead_report::engine::unstored::{Closed, OpenRows, Rows};
use playhead_report::engine::wanted::Wanted;
use playhead_report::{Error as ReportError, Unstored};
use playhead_session::ReadRows;

use crate::error::ReadError;
use crate::exclusions::exclusions_in;
use crate::readers::Readers;

/// Closed sessions that are read from the journal at once.
const PAGE_SESSIONS: usize = 1_000;

/// Events that are read from the journal at once.
const PAGE_EVENTS: usize = 8_192;

/// The rows of sessions in memory, wherever that memory is.
#[async_trait]
pub(crate) trait OpenSessionRows: Send + Sync + std::fmt::Debug {
    /// See [`Unstored::open_rows`].
    async fn open_rows(
        &self,
        table: Table,
        projection: &[usize],
        wanted: &Wanted,
    ) -> Result<OpenRows, ReportError>;
}

/// The rows that the lake does not have yet.
#[derive(Debug, Clone)]
pub(crate) struct JournalRows {
    in_memory: Arc<dyn OpenSessionRows>,
    readers: Arc<Readers>,
    /// Knows the journal's name in the tables.
    lake: Arc<Lake>,
}

impl JournalRows {
    /// The rows of sessions in memory and in the journal.
    pub(crate) fn new(in_memory: Arc<dyn OpenSessionRows>, readers: Arc<Readers>, lake: Arc<Lake>) -> Self {
        Self { in_memory, readers, lake }
    }
}

#[async_trait]
impl Unstored for JournalRows {
    async fn open_rows(
        &self,
        table: Table,
        projection: &[usize],
        wanted: &Wanted,
    ) -> Result<OpenRows, ReportError> {
        self.in_memory.open_rows(table, projection, wanted).await
    }

    async fn exclusions(&self) -> Result<Vec<Exclusion>, ReportError> {
        let read = |reader: &mut dyn JournalReader| Ok(exclusions_in(reader)?);
        self.readers.read(read).await.map_err(unreadable)
    }

    async fn closed_since(&self, since: u64) -> Result<Closed, ReportError> {
        let read = move |reader: &mut dyn JournalReader| {
            let mut closed = Closed { until: since, ..Closed::default() };
            loop {
                let page = reader.outbox_sessions(OutboxPosition::new(closed.until), PAGE_SESSIONS)?;
                let Some((last, _)) = page.last() else { return Ok(closed) };
                closed.until = last.get();
                closed.sessions.extend(page.iter().map(|(_, session)| *session));
            }
        };
        self.readers.read(read).await.map_err(unreadable)
    }

    fn closed_rows(&self, table: Table, projection: &[usize], after: u64, until: u64) -> Rows {
        let (readers, projection) = (self.readers.clone(), Arc::<[usize]>::from(projection));
        let next_page = move |after: u64| {
            let (readers, projection) = (readers.clone(), projection.clone());
            async move {
                if after >= until {
                    return Ok(None);
                }
                let read = move |reader: &mut dyn JournalReader| {
                    let page = reader.outbox(OutboxPosition::new(after), PAGE_SESSIONS)?;
                    let mut builder = RowsBuilder::new(table, Some(&projection));
                    for record in page.iter().filter(|record| record.position.get() <= until) {
                        builder.push_read(&ReadRows::read(&record.row).map_err(playhead_lake::Error::Row)?);
                    }
                    let last = page.last().map_or(until, |record| record.position.get());
                    Ok(Some((builder.finish()?, last)))
                };
                readers.read(read).await.map_err(unreadable)
            }
        };
        try_unfold(after, next_page).boxed()
    }

    fn events(&self, projection: &[usize], after: u64) -> Rows {
        let (readers, server) = (self.readers.clone(), self.lake.server());
        let projection = Arc::<[usize]>::from(projection);
        // Events that arrive during the query are left out: with them, it might never end.
        let next_page = move |(after, end): (Sequence, Option<Sequence>)| {
            let (readers, server, projection) = (readers.clone(), server.clone(), projection.clone());
            async move {
                let read = move |reader: &mut dyn JournalReader| {
                    let end = match end {
                        Some(end) => end,
                        None => reader.ends()?.next_sequence,
                    };
                    let mut page = reader.events_from(after.next(), PAGE_EVENTS)?;
                    page.retain(|event| event.sequence < end);
                    let Some(last) = page.last() else { return Ok(None) };
                    let next = (last.sequence, Some(end));
                    let rows = event_batch(&page, &server)?;
                    let rows = rows.project(&projection).map_err(playhead_lake::Error::Arrow)?;
                    Ok(Some((rows, next)))
                };
                readers.read(read).await.map_err(unreadable)
            }
        };
        try_unfold((Sequence::new(after), None), next_page).boxed()
    }
}

/// The error of a query whose unstored rows cannot be read.
pub(crate) fn unreadable(error: ReadError) -> ReportError {
    match error {
        ReadError::Busy(_) => ReportError::Busy,
        ReadError::Starting => ReportError::Interrupted(error.to_string()),
        ReadError::Journal(error) if error.is_damage() => ReportError::Unreadable(error.to_string()),
        error => ReportError::Unstored(error.to_string()),
    }
}
