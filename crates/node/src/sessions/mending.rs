//! A reader of the journal for which a damaged row of a closed session is made anew from the session's events.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use playhead_journal::{
    ClosedFilter, ClosedRecord, DamagedRow, Ends, Error, JournalReader, LogReader, OutboxPosition,
    OwnedEvent, PageCursor, ProgressReader, Recovery, Sequence,
};
use playhead_protocol::SessionId;

use crate::ingest::recovery::anew::closed_session_anew;

/// Rows that are kept once they were made; the others are made each time.
const ROWS_KEPT: usize = 1_000;

/// The rows that were made anew, for all readers of a journal.
pub(crate) type Mended = Arc<Mutex<BTreeMap<OutboxPosition, ClosedRecord>>>;

/// A reader that makes damaged rows anew.
pub(crate) struct MendingReader {
    /// What is read makes a row anew by reading more.
    inner: Mutex<Box<dyn JournalReader>>,
    mended: Mended,
}

impl MendingReader {
    pub(crate) fn new(inner: Box<dyn JournalReader>, mended: Mended) -> Self {
        Self { inner: Mutex::new(inner), mended }
    }

    /// The session whose row is damaged, or the same damage if that cannot be made anew.
    fn mend(&self, damaged: Box<DamagedRow>) -> Result<ClosedRecord, Error> {
        let Some(session) = &damaged.session else { return Err(Error::DamagedRow(damaged)) };
        if let Some(record) = self.mended.lock().get(&damaged.first) {
            return Ok(record.clone());
        }
        match closed_session_anew(&mut **self.inner.lock(), damaged.first, session) {
            Ok(record) => {
                let mut mended = self.mended.lock();
                if mended.len() < ROWS_KEPT && mended.insert(damaged.first, record.clone()).is_none() {
                    tracing::warn!(%damaged, "the row of a closed session was made anew from its events");
                }
                Ok(record)
            }
            Err(why) => {
                let finding = format!("{}; it cannot be made anew: {why}", damaged.finding);
                Err(Error::DamagedRow(Box::new(DamagedRow { finding, ..*damaged })))
            }
        }
    }
}

impl JournalReader for MendingReader {
    fn recover(&mut self) -> Result<Recovery<'_>, Error> {
        self.inner.get_mut().recover()
    }

    fn ends(&mut self) -> Result<Ends, Error> {
        self.inner.get_mut().ends()
    }

    fn meta_get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.inner.lock().meta_get(key)
    }

    fn created_at_ms(&self) -> Result<i64, Error> {
        self.inner.lock().created_at_ms()
    }

    fn verify(&mut self) -> Result<Vec<String>, Error> {
        self.inner.get_mut().verify()
    }
}

impl LogReader for MendingReader {
    fn events_of(&mut self, last_sequence: Sequence, limit: usize) -> Result<Vec<OwnedEvent>, Error> {
        self.inner.get_mut().events_of(last_sequence, limit)
    }

    fn events_from(&mut self, from_sequence: Sequence, limit: usize) -> Result<Vec<OwnedEvent>, Error> {
        self.inner.get_mut().events_from(from_sequence, limit)
    }

    fn sequence_before(&mut self, received_at_ms: i64) -> Result<Sequence, Error> {
        self.inner.get_mut().sequence_before(received_at_ms)
    }
}

impl ProgressReader for MendingReader {
    fn closed_session(&self, session: &SessionId) -> Result<Option<ClosedRecord>, Error> {
        let found = self.inner.lock().closed_session(session);
        match found {
            Err(Error::DamagedRow(damaged)) => self.mend(damaged).map(Some),
            found => found,
        }
    }

    /// A page that ends before a damaged row goes on behind it: a short page is the last one of a list.
    fn closed_sessions_page(
        &self,
        filter: &ClosedFilter<'_>,
        before: Option<PageCursor>,
        limit: usize,
    ) -> Result<Vec<ClosedRecord>, Error> {
        let mut page: Vec<ClosedRecord> = Vec::new();
        while page.len() < limit {
            let cursor = page.last().map(ClosedRecord::cursor).or(before);
            let more = self.inner.lock().closed_sessions_page(filter, cursor, limit - page.len());
            match more {
                Ok(more) if more.is_empty() => break,
                Ok(more) => page.extend(more),
                Err(Error::DamagedRow(damaged)) => page.push(self.mend(damaged)?),
                Err(error) => return Err(error),
            }
        }
        Ok(page)
    }

    fn outbox(&self, after_position: OutboxPosition, limit: usize) -> Result<Vec<ClosedRecord>, Error> {
        let page = self.inner.lock().outbox(after_position, limit);
        match page {
            Err(Error::DamagedRow(damaged)) if limit > 0 => Ok(vec![self.mend(damaged)?]),
            page => page,
        }
    }

    fn outbox_sessions(
        &self,
        after_position: OutboxPosition,
        limit: usize,
    ) -> Result<Vec<(OutboxPosition, SessionId)>, Error> {
        self.inner.lock().outbox_sessions(after_position, limit)
    }

    fn acknowledged(&self) -> Result<OutboxPosition, Error> {
        self.inner.lock().acknowledged()
    }
}
