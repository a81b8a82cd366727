//! The rows of the sessions in the memory of this process, batch by batch: of the columns that a query needs, and of the
//! sessions that its filters let through.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::try_unfold;
use playhead_journal::{JournalReader, OutboxPosition};
use playhead_lake::{RowsBuilder, Table};
use playhead_protocol::{ParamId, SessionId};
use playhead_report::Error as ReportError;
use playhead_report::engine::unstored::{OpenBatch, OpenRows};
use playhead_report::engine::wanted::{InMemory, Wanted};
use playhead_session::Session;

use crate::error::ReadError;
use crate::ingest::open_sessions::OpenSessions;
use crate::limits::{OPEN_BATCH_BYTES, OPEN_BATCH_ROWS, OPEN_BATCH_STEPS};
use crate::readers::Readers;
use crate::tables::open_walk::Walk;
use crate::tables::unstored::{OpenSessionRows, unreadable};

/// The sessions in the memory of this process.
#[derive(Debug)]
pub(crate) struct SessionsInMemory {
    open_sessions: Arc<OpenSessions>,
    readers: Arc<Readers>,
    /// How far the journal went when the sessions in memory were as they are, when they do not move.
    as_of: Option<OutboxPosition>,
}

impl SessionsInMemory {
    /// Sessions that move on while their journal is read.
    pub(crate) fn new(open_sessions: Arc<OpenSessions>, readers: Arc<Readers>) -> Self {
        Self { open_sessions, readers, as_of: None }
    }

    /// The same of sessions that stand still, as they were when the journal went up to `position`.
    pub(crate) fn up_to(self, position: OutboxPosition) -> Self {
        Self { as_of: Some(position), ..self }
    }
}

#[async_trait]
impl OpenSessionRows for SessionsInMemory {
    async fn open_rows(
        &self,
        table: Table,
        projection: &[usize],
        wanted: &Wanted,
    ) -> Result<OpenRows, ReportError> {
        let (open_sessions, as_of) = (self.open_sessions.clone(), self.as_of);
        let read = move |reader: &mut dyn JournalReader| {
            open_sessions.check_recovered()?;
            // First how far the journal goes, then the sessions: what closes in between lies behind that.
            Ok(match as_of {
                Some(position) => position,
                None => reader.ends()?.last_position,
            })
        };
        let since = self.readers.read(read).await.map_err(unreadable)?.get();
        let making = Making::new(self.open_sessions.clone(), table, projection, wanted);
        let batches = try_unfold(making, |making| async {
            let made = tokio::task::spawn_blocking(move || making.next_batch()).await;
            made.map_err(|_| ReadError::Internal).flatten().map_err(unreadable)
        });
        Ok(OpenRows { since, batches: batches.boxed() })
    }
}

/// Rows on their way from sessions into batches.
struct Making {
    way: Way,
    admission: Admission,
    builder: RowsBuilder,
    /// The session of each row that the builder has.
    sessions: Vec<SessionId>,
}

/// How the sessions are found.
enum Way {
    Through(Walk),
    /// These alone.
    To(Arc<OpenSessions>, VecDeque<SessionId>),
}

impl Making {
    fn new(open_sessions: Arc<OpenSessions>, table: Table, projection: &[usize], wanted: &Wanted) -> Self {
        let way = match &wanted.sessions {
            None => Way::Through(Walk::new(open_sessions)),
            Some(sessions) => Way::To(open_sessions, sessions.iter().copied().collect()),
        };
        let builder = RowsBuilder::new(table, Some(projection));
        Self { way, admission: Admission::new(wanted), builder, sessions: Vec::new() }
    }

    /// The next batch, which may be empty: a client that has gone is noticed between two.
    fn next_batch(mut self) -> Result<Option<(OpenBatch, Self)>, ReadError> {
        let mut has_more = true;
        let mut steps = 0;
        while has_more
            && steps < OPEN_BATCH_STEPS
            && self.builder.len() < OPEN_BATCH_ROWS
            && self.builder.text_bytes() < OPEN_BATCH_BYTES
        {
            has_more = self.step();
            steps += 1;
        }
        if self.builder.is_empty() && !has_more {
            return Ok(None);
        }
        let batch = OpenBatch { sessions: std::mem::take(&mut self.sessions), rows: self.builder.finish()? };
        Ok(Some((batch, self)))
    }

    /// Adds some sessions; `false` once there are no more.
    fn step(&mut self) -> bool {
        let Self { way, admission, builder, sessions } = self;
        let add = |session: &Session| {
            if admission.admits(session) {
                let before = builder.len();
                builder.push_open(session);
                sessions.extend(std::iter::repeat_n(session.id(), builder.len() - before));
            }
        };
        match way {
            Way::Through(walk) => walk.go_on(add),
            Way::To(open_sessions, ids) => {
                let next = ids.pop_front();
                next.inspect(|id| {
                    open_sessions.read(id, add);
                });
                next.is_some()
            }
        }
    }
}

/// What a session must have for its rows to be made, told by its start.
#[derive(Debug)]
struct Admission {
    state: InMemory,
    from_us: Option<i64>,
    until_us: Option<i64>,
    texts: Vec<(ParamId, Vec<String>)>,
}

impl Admission {
    fn new(wanted: &Wanted) -> Self {
        let Wanted { state, from_us, until_us, .. } = *wanted;
        let texts = wanted.texts.iter().filter_map(|wanted| Some((wanted.param()?, wanted.texts.clone())));
        Self { state, from_us, until_us, texts: texts.collect() }
    }

    fn admits(&self, session: &Session) -> bool {
        let is_in_state = match self.state {
            InMemory::All => true,
            InMemory::Open => session.close_reason().is_none(),
            InMemory::Closed => session.close_reason().is_some(),
        };
        let started_us = session.started_at_ms().saturating_mul(1_000);
        is_in_state
            && self.from_us.is_none_or(|from_us| started_us >= from_us)
            && self.until_us.is_none_or(|until_us| started_us <= until_us)
            && self.texts.iter().all(|(param, texts)| {
                let text = session.params().text(*param);
                text.is_some_and(|text| texts.iter().any(|wanted| wanted == text))
            })
    }
}

#[cfg(test)]
mod tests;
