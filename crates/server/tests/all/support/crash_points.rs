//! The contents of the disk after each commit of a run: the process may have died at any of them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use playhead_journal::{
    CheckpointEntry, ClosedSession, Commit, Committed, Error, Journal, JournalReader, Log, MemoryJournal,
    MemoryStore, NewEvent, OutboxPosition, Progress, Sequence, Trimmed, Upkeep,
};
use playhead_node::ingest::arrivals::CLOCK_STEPS;
use playhead_protocol::{Origin, Recorded, SessionId};

/// A journal that records every commit.
#[derive(Debug)]
pub(crate) struct RecordingJournal {
    inner: MemoryJournal,
    commits: CommitLog,
}

/// The commits of a journal so far. Clones share the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommitLog(Arc<Mutex<Vec<KeptCommit>>>);

#[derive(Debug, Clone, Default)]
struct KeptCommit {
    received_at_ms: i64,
    events: Vec<KeptEvent>,
    checkpoints: Vec<(Sequence, Vec<u8>)>,
    closed: Vec<KeptClosed>,
    replay_from: Option<Sequence>,
    accounting: Option<Vec<u8>>,
    clock_steps: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
struct KeptEvent {
    session: SessionId,
    previous: Option<Sequence>,
    last_of_batch: bool,
    origin: Origin,
    body: Vec<u8>,
}

#[derive(Debug, Clone)]
struct KeptClosed {
    session: SessionId,
    start_sequence: Sequence,
    last_sequence: Sequence,
    started_at_ms: i64,
    closed_at_ms: i64,
    report_suite: String,
    content_id: String,
    visitor_id: String,
    row: Vec<u8>,
}

impl RecordingJournal {
    pub(crate) fn new(inner: MemoryJournal) -> Self {
        Self { inner, commits: CommitLog::default() }
    }

    pub(crate) fn log(&self) -> CommitLog {
        self.commits.clone()
    }
}

impl CommitLog {
    /// Stalls the journal: the next commit waits until the guard is dropped.
    pub(crate) fn stall(&self) -> impl Sized + '_ {
        self.0.lock().unwrap()
    }

    /// The number of commits.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The number of events in the first `commits` commits.
    pub(crate) fn events_in(&self, commits: usize) -> usize {
        self.0.lock().unwrap()[..commits].iter().map(|commit| commit.events.len()).sum()
    }

    /// The number of events of each session in the first `commits` commits.
    pub(crate) fn events_by_session(&self, commits: usize) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for event in self.0.lock().unwrap()[..commits].iter().flat_map(|commit| &commit.events) {
            *counts.entry(event.session.to_string()).or_default() += 1;
        }
        counts
    }

    /// The number of steps of the server's clock in the first `commits` commits.
    pub(crate) fn clock_steps_in(&self, commits: usize) -> usize {
        self.0.lock().unwrap()[..commits].iter().filter(|commit| commit.clock_steps.is_some()).count()
    }

    /// Whether a commit did more than add events: checkpoints, rows, settings.
    pub(crate) fn has_upkeep(&self, commit: usize) -> bool {
        let commit = &self.0.lock().unwrap()[commit];
        !commit.checkpoints.is_empty() || !commit.closed.is_empty() || commit.replay_from.is_some()
    }

    /// A store that holds the first `commits` commits.
    pub(crate) fn store_after(&self, commits: usize) -> MemoryStore {
        let store = MemoryStore::new();
        let kept = self.0.lock().unwrap();
        let mut journal = store.open(0).unwrap();
        for commit in &kept[..commits] {
            commit.write_to(&mut journal);
        }
        store
    }
}

impl KeptCommit {
    fn of(commit: &Commit<'_>) -> Self {
        Self {
            received_at_ms: commit.received_at_ms,
            events: commit.events.iter().map(KeptEvent::of).collect(),
            checkpoints: commit
                .checkpoints
                .iter()
                .map(|entry| (entry.start_sequence, entry.state.to_vec()))
                .collect(),
            closed: commit.closed.iter().map(KeptClosed::of).collect(),
            replay_from: commit.replay_from,
            accounting: commit.accounting.map(<[u8]>::to_vec),
            clock_steps: None,
        }
    }

    fn write_to(&self, journal: &mut MemoryJournal) {
        let events: Vec<_> = self.events.iter().map(KeptEvent::borrow).collect();
        let checkpoints: Vec<_> = self
            .checkpoints
            .iter()
            .map(|(start_sequence, state)| CheckpointEntry { start_sequence: *start_sequence, state })
            .collect();
        let closed: Vec<_> = self.closed.iter().map(KeptClosed::borrow).collect();
        let commit = Commit {
            received_at_ms: self.received_at_ms,
            events: &events,
            checkpoints: &checkpoints,
            closed: &closed,
            replay_from: self.replay_from,
            accounting: self.accounting.as_deref(),
        };
        journal.commit(&commit).unwrap();
        if let Some(clock_steps) = &self.clock_steps {
            journal.meta_set(CLOCK_STEPS, clock_steps).unwrap();
        }
    }
}

impl KeptEvent {
    fn of(event: &NewEvent<'_>) -> Self {
        Self {
            session: event.session,
            previous: event.previous,
            last_of_batch: event.last_of_batch,
            origin: event.recorded.origin(),
            body: event.recorded.body.to_vec(),
        }
    }

    fn borrow(&self) -> NewEvent<'_> {
        NewEvent {
            session: self.session,
            previous: self.previous,
            last_of_batch: self.last_of_batch,
            recorded: Recorded::new(self.origin, &self.body),
        }
    }
}

impl KeptClosed {
    fn of(closed: &ClosedSession<'_>) -> Self {
        Self {
            session: closed.session,
            start_sequence: closed.start_sequence,
            last_sequence: Sequence::new(closed.last_sequence.get()),
            started_at_ms: closed.started_at_ms,
            closed_at_ms: closed.closed_at_ms,
            report_suite: closed.report_suite.to_owned(),
            content_id: closed.content_id.to_owned(),
            visitor_id: closed.visitor_id.to_owned(),
            row: closed.row.to_owned(),
        }
    }

    fn borrow(&self) -> ClosedSession<'_> {
        ClosedSession {
            session: self.session,
            start_sequence: self.start_sequence,
            last_sequence: Sequence::new(self.last_sequence.get()),
            started_at_ms: self.started_at_ms,
            closed_at_ms: self.closed_at_ms,
            report_suite: &self.report_suite,
            content_id: &self.content_id,
            visitor_id: &self.visitor_id,
            row: &self.row,
        }
    }
}

impl Journal for RecordingJournal {
    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, Error> {
        let committed = self.inner.commit(commit)?;
        self.commits.0.lock().unwrap().push(KeptCommit::of(commit));
        Ok(committed)
    }

    fn meta_set(&mut self, key: &str, value: &[u8]) -> Result<(), Error> {
        self.inner.meta_set(key, value)?;
        if key == CLOCK_STEPS {
            let kept = KeptCommit { clock_steps: Some(value.to_vec()), ..KeptCommit::default() };
            self.commits.0.lock().unwrap().push(kept);
        }
        Ok(())
    }

    fn maintain(&mut self) -> Result<(), Error> {
        self.inner.maintain()
    }

    fn upkeep(&mut self) -> Result<Option<Box<dyn Upkeep>>, Error> {
        self.inner.upkeep()
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, Error> {
        self.inner.reader()
    }

    fn size_bytes(&self) -> Result<u64, Error> {
        self.inner.size_bytes()
    }
}

impl Log for RecordingJournal {
    fn append(&mut self, received_at_ms: i64, events: &[NewEvent<'_>]) -> Result<Committed, Error> {
        self.commit(&Commit { received_at_ms, events, ..Commit::default() })
    }

    fn next_sequence(&self) -> Sequence {
        Sequence::new(self.inner.next_sequence().get())
    }

    fn trim(&mut self, up_to_sequence: Sequence, group_limit: usize) -> Result<Trimmed, Error> {
        self.inner.trim(up_to_sequence, group_limit)
    }
}

impl Progress for RecordingJournal {
    fn replay_from(&self) -> Sequence {
        Sequence::new(self.inner.replay_from().get())
    }

    fn acknowledge(&mut self, position: OutboxPosition) -> Result<(), Error> {
        self.inner.acknowledge(position)
    }

    fn trim_closed(&mut self, kept_ms: Range<i64>, limit: usize) -> Result<u64, Error> {
        self.inner.trim_closed(kept_ms, limit)
    }
}
