//! Sessions on their way: open in memory, closed in a journal, stored in a lake. A test can make them move between the
//! reads of a query.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::StreamExt;
use playhead_journal::{OwnedEvent, Sequence};
use playhead_lake::{Lake, Location, RowsBuilder, Table, event_batch};
use playhead_protocol::{Delivery, PackedFacts, SessionId, Wire};
use playhead_report::engine::unstored::{Closed, OpenBatch, OpenRows, Rows};
use playhead_report::engine::wanted::{InMemory, Wanted};
use playhead_report::{EngineSettings, Error, Reports, Unstored};
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::{CloseReason, SessionRows};

/// The tables that sessions have rows in.
pub(crate) const SESSION_TABLES: [Table; 4] = [Table::Sessions, Table::Ads, Table::Chapters, Table::Errors];

/// A moment between the reads of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    BeforeMemory,
    AfterMemory,
    AfterSnapshot,
    AfterClosed,
    BeforeJournalRows,
}

pub(crate) const MOMENTS: [Moment; 5] = [
    Moment::BeforeMemory,
    Moment::AfterMemory,
    Moment::AfterSnapshot,
    Moment::AfterClosed,
    Moment::BeforeJournalRows,
];

/// A move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// This session closes.
    Close(usize),
    /// The lake takes over the closed sessions.
    HandOver,
}

/// Sessions on their way.
#[derive(Debug)]
pub(crate) struct Street {
    pub(crate) lake: Arc<Lake>,
    sessions: std::sync::Mutex<Vec<Walker>>,
    last_position: AtomicU64,
    moves: std::sync::Mutex<Vec<(Moment, Move)>>,
    pub(crate) events: Vec<OwnedEvent>,
    pub(crate) pages_read: Arc<AtomicUsize>,
    pub(crate) looks_at_memory: AtomicUsize,
}

#[derive(Debug)]
struct Walker {
    rows: SessionRows,
    /// `None` while it is open.
    position: Option<u64>,
}

impl Walker {
    fn is_wanted(&self, wanted: &Wanted) -> bool {
        self.position.is_none() && wanted.state != InMemory::Closed
    }
}

/// Sample sessions, all closed.
pub(crate) fn closed_sessions(count: u64) -> Vec<SessionRows> {
    Sessions::new(7, SampleSettings { sessions: count, ..SampleSettings::default() }).collect()
}

/// A lake in memory.
pub(crate) fn empty_lake() -> Arc<Lake> {
    Arc::new(Lake::new(Location::memory().unwrap(), "test").unwrap())
}

/// Appends sessions to all tables for which they have rows.
#[allow(dead_code, reason = "not every test file stores by itself")]
pub(crate) async fn store(lake: &Lake, sessions: &[SessionRows], position: u64) {
    for table in SESSION_TABLES {
        let mut builder = RowsBuilder::new(table, None);
        sessions.iter().for_each(|rows| builder.push(rows));
        lake.append(table, [builder.finish().unwrap()], position).await.unwrap();
    }
}

impl Street {
    /// Open sessions only, and an empty lake.
    pub(crate) fn new(sessions: Vec<SessionRows>) -> Self {
        let open = |mut rows: SessionRows| {
            rows.session.close_reason = None;
            Walker { rows, position: None }
        };
        Self {
            lake: empty_lake(),
            sessions: std::sync::Mutex::new(sessions.into_iter().map(open).collect()),
            last_position: AtomicU64::new(0),
            moves: std::sync::Mutex::default(),
            events: Vec::new(),
            pages_read: Arc::default(),
            looks_at_memory: AtomicUsize::new(0),
        }
    }

    /// Plans moves at moments of the next query.
    pub(crate) fn plan(&self, moves: &[(Moment, Move)]) {
        *self.moves.lock().unwrap() = moves.to_vec();
    }

    /// Makes a move.
    pub(crate) async fn make(&self, step: Move) {
        match step {
            Move::Close(index) => {
                let position = self.last_position.fetch_add(1, Ordering::SeqCst) + 1;
                let walker = &mut self.sessions.lock().unwrap()[index];
                walker.rows.session.close_reason = Some(CloseReason::SessionEnd);
                walker.position = Some(position);
            }
            Move::HandOver => {
                for table in SESSION_TABLES {
                    let taken = self.lake.snapshot(table).await.unwrap().taken();
                    let until = self.last_position.load(Ordering::SeqCst);
                    let batch = self.rows(table, None, |walker| {
                        walker.position.is_some_and(|position| position > taken && position <= until)
                    });
                    self.lake.append(table, [batch], until).await.unwrap();
                }
            }
        }
    }

    fn rows(
        &self,
        table: Table,
        projection: Option<&[usize]>,
        is_wanted: impl Fn(&Walker) -> bool,
    ) -> datafusion::arrow::array::RecordBatch {
        let mut builder = RowsBuilder::new(table, projection);
        self.sessions.lock().unwrap().iter().filter(|walker| is_wanted(walker)).for_each(|walker| {
            builder.push(&walker.rows);
        });
        builder.finish().unwrap()
    }

    async fn pass(&self, moment: Moment) {
        let due: Vec<Move> = self
            .moves
            .lock()
            .unwrap()
            .iter()
            .filter(|(at, _)| *at == moment)
            .map(|(_, step)| *step)
            .collect();
        for step in due {
            self.make(step).await;
        }
    }
}

/// The street as queries see it.
#[derive(Debug, Clone)]
pub(crate) struct OnTheWay(pub(crate) Arc<Street>);

impl OnTheWay {
    pub(crate) fn reports(&self, settings: EngineSettings) -> Reports {
        Reports::new(self.0.lake.clone(), self.clone(), settings).unwrap()
    }
}

#[async_trait]
impl Unstored for OnTheWay {
    async fn open_rows(
        &self,
        table: Table,
        projection: &[usize],
        wanted: &Wanted,
    ) -> Result<OpenRows, Error> {
        let street = &self.0;
        street.looks_at_memory.fetch_add(usize::from(wanted.state != InMemory::Closed), Ordering::SeqCst);
        street.pass(Moment::BeforeMemory).await;
        let since = street.last_position.load(Ordering::SeqCst);
        let mut builder = RowsBuilder::new(table, Some(projection));
        let mut sessions: Vec<SessionId> = Vec::new();
        for walker in street.sessions.lock().unwrap().iter().filter(|walker| walker.is_wanted(wanted)) {
            let before = builder.len();
            builder.push(&walker.rows);
            sessions.extend(vec![walker.rows.session.session_id; builder.len() - before]);
        }
        let batches = vec![OpenBatch { sessions, rows: builder.finish().unwrap() }];
        street.pass(Moment::AfterMemory).await;
        Ok(OpenRows::of(since, batches))
    }

    async fn closed_since(&self, since: u64) -> Result<Closed, Error> {
        let street = &self.0;
        street.pass(Moment::AfterSnapshot).await;
        let until = street.last_position.load(Ordering::SeqCst);
        let is_new = |walker: &&Walker| walker.position.is_some_and(|position| position > since);
        let sessions: HashSet<SessionId> = {
            let walkers = street.sessions.lock().unwrap();
            walkers.iter().filter(is_new).map(|walker| walker.rows.session.session_id).collect()
        };
        street.pass(Moment::AfterClosed).await;
        Ok(Closed { sessions, until })
    }

    fn closed_rows(&self, table: Table, projection: &[usize], after: u64, until: u64) -> Rows {
        let (street, projection) = (self.0.clone(), projection.to_vec());
        let read = async move {
            street.pass(Moment::BeforeJournalRows).await;
            Ok(street.rows(table, Some(&projection), |walker| {
                walker.position.is_some_and(|position| position > after && position <= until)
            }))
        };
        futures::stream::once(read).boxed()
    }

    fn events(&self, projection: &[usize], after: u64) -> Rows {
        let (street, projection) = (self.0.clone(), projection.to_vec());
        let pages: Vec<Vec<OwnedEvent>> = street
            .events
            .iter()
            .filter(|event| event.sequence > Sequence::new(after))
            .cloned()
            .collect::<Vec<_>>()
            .chunks(10)
            .map(<[OwnedEvent]>::to_vec)
            .collect();
        let page = move |page: Vec<OwnedEvent>| {
            street.pages_read.fetch_add(1, Ordering::SeqCst);
            Ok(event_batch(&page, "test").unwrap().project(&projection).unwrap())
        };
        futures::stream::iter(pages).map(page).boxed()
    }
}

/// Sample events with sequences from 1 on.
pub(crate) fn sample_events(count: usize) -> Vec<OwnedEvent> {
    playhead_samples::events(3, 1_767_225_600_000)
        .take(count)
        .enumerate()
        .map(|(index, event)| OwnedEvent {
            sequence: Sequence::new(index as u64 + 1),
            received_at_ms: event.received_at_ms,
            session: event.session,
            previous: None,
            wire: Wire::CollectionV1,
            delivery: Delivery::Live,
            facts: PackedFacts::default(),
            last_of_batch: false,
            body: event.body.into_bytes(),
        })
        .collect()
}
