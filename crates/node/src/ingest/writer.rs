//! The one writer takes submissions in their order of arrival, commits them in groups, responds, and applies them. It also
//! advances time, writes checkpoints, and puts closed sessions into the outbox.
//!
//! The order is the promise: decide, commit, respond, apply. Nothing is acknowledged or applied before it is on disk, and
//! nothing that is on disk waits for its client.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use playhead_journal::{CheckpointEntry, ClosedSession, Commit, Committed, Journal, Sequence};
use playhead_protocol::{EventType, Origin, ParamId, SessionId};
use playhead_session::{Arrival, Session, visitor_of_params};

use crate::clock::Clock;
use crate::error::{CommitError, Unreplayable};
use crate::ingest::group::{Group, Room};
use crate::ingest::notes::NotesReceived;
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::retention::Retention;
use crate::ingest::submission::Submission;
use crate::ingest::sweep::Sweeper;
use crate::limits::{COMMIT_CLOSED, OPEN_SESSIONS_BYTES};
use crate::settings::Settings;
use crate::status::Status;
use crate::telemetry::Telemetry;

/// How often time advances for sessions that send nothing.
const TICK: Duration = Duration::from_millis(100);

/// How often the journal's upkeep runs.
const UPKEEP: Duration = Duration::from_millis(500);

/// The writer with its parts.
pub(crate) struct Writer {
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) open_sessions: Arc<OpenSessions>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) status: Arc<Status>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) queue: Receiver<Submission>,
    /// Sessions that have closed and whose rows are not on disk yet, in order of closing.
    pub(crate) closed: VecDeque<SessionId>,
    /// The latest time that sessions know of: arrivals never lie before it, or a replay would differ.
    pub(crate) latest_ms: i64,
    pub(crate) sweeper: Sweeper,
    /// Submissions that came too early for a decision, in order.
    pub(crate) deferred: VecDeque<Submission>,
    pub(crate) group: Group,
    pub(crate) retention: Retention,
    /// Values that other parts of the node keep in the journal.
    pub(crate) notes: NotesReceived,
}

impl Writer {
    /// Runs until all senders of submissions are gone, then writes everything to disk.
    /// Returns the journal, and the notes that may still come.
    pub(crate) fn run(mut self) -> (Box<dyn Journal>, NotesReceived) {
        let mut last_tick = Instant::now();
        let mut last_upkeep = last_tick;
        loop {
            let is_open = self.gather(last_tick);
            if last_tick.elapsed() >= TICK {
                last_tick = Instant::now();
                self.tick();
            }
            if !self.group.is_empty() || self.has_upkeep_to_commit() {
                self.commit();
            }
            while let Ok(note) = self.notes.try_recv() {
                note.write(&mut *self.journal);
            }
            if last_upkeep.elapsed() >= UPKEEP {
                last_upkeep = Instant::now();
                self.maintain();
            }
            if !is_open && self.deferred.is_empty() {
                break;
            }
        }
        self.checkpoint_all();
        tracing::info!("the writer has ended");
        (self.journal, self.notes)
    }

    fn has_upkeep_to_commit(&self) -> bool {
        !self.closed.is_empty() || self.sweeper.is_under_way()
    }

    /// Fills the group from the queue; waits for a first submission if there is nothing else to do. Returns `false` if no
    /// more can come.
    fn gather(&mut self, last_tick: Instant) -> bool {
        let now_ms = self.clock.now_ms().max(self.latest_ms);
        self.group.begin(self.journal.next_sequence(), now_ms);
        let mut room = self.room();
        for submission in std::mem::take(&mut self.deferred) {
            self.plan(submission, &mut room);
        }
        if self.group.is_empty() {
            let is_busy = self.has_upkeep_to_commit() && !self.status.disk_fails();
            let wait = if is_busy { Duration::ZERO } else { TICK.saturating_sub(last_tick.elapsed()) };
            match self.queue.recv_timeout(wait) {
                Ok(submission) => {
                    // Time went by while waiting: the group begins with its first submission.
                    let now_ms = self.clock.now_ms().max(self.latest_ms);
                    self.group.begin(self.journal.next_sequence(), now_ms);
                    self.plan(submission, &mut room);
                }
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        self.drain(&mut room);
        true
    }

    fn drain(&mut self, room: &mut Room) {
        while !self.group.is_full()
            && let Ok(submission) = self.queue.try_recv()
        {
            self.plan(submission, room);
        }
    }

    fn plan(&mut self, submission: Submission, room: &mut Room) {
        self.telemetry.ingest_queue.dec();
        if let Some(deferred) = self.group.plan(submission, &self.open_sessions, room) {
            self.telemetry.ingest_queue.inc();
            self.deferred.push_back(deferred);
        }
        self.telemetry.sessions_closed.inc_by(self.group.timed_out.len() as u64);
        self.closed.extend(self.group.timed_out.drain(..));
    }

    fn room(&self) -> Room {
        let (sessions, bytes) = self.open_sessions.size();
        let capacity = &self.settings.capacity;
        Room {
            sessions: capacity.open_sessions.saturating_sub(sessions),
            bytes: capacity.open_sessions_bytes.min(OPEN_SESSIONS_BYTES).saturating_sub(bytes),
        }
    }

    /// One transaction: the group's events, a part of the checkpoint sweep, the rows of closed sessions.
    fn commit(&mut self) {
        let began = Instant::now();
        let events = self.group.accepted.len();
        match self.try_commit() {
            Ok(committed) => {
                self.telemetry.commit.observe(began.elapsed().as_secs_f64());
                if events > 0 {
                    self.telemetry.commit_events.observe(events as f64);
                }
                self.latest_ms = self.group.now_ms();
                self.set_disk_fails(false);
                // Responses go out before their events take effect, so that players continue while the writer works. A
                // report on a session waits until the events have taken effect.
                let open_sessions = self.open_sessions.clone();
                let _settling = open_sessions.begin_settling();
                self.group.answer(true);
                self.apply(committed);
            }
            Err(error) => {
                self.telemetry.commit_failures.inc();
                if !self.status.disk_fails() {
                    tracing::error!(%error, events, "commit failed; nothing of it was stored");
                }
                self.set_disk_fails(true);
                self.group.answer(false);
            }
        }
        self.group.clear();
    }

    fn try_commit(&mut self) -> Result<Committed, CommitError> {
        let part = self.sweeper.next_part(&self.open_sessions, self.closed.len() <= COMMIT_CLOSED)?;
        let checkpoints: Vec<_> = part.states.iter().map(CheckpointEntry::from).collect();
        let closing: Vec<_> = {
            let sessions = self.open_sessions.closing();
            self.closed.iter().take(COMMIT_CLOSED).filter_map(|id| sessions.get(id).cloned()).collect()
        };
        let rows = closing.iter().map(|session| session.rows_view().write());
        let rows: Vec<String> =
            rows.collect::<Result<_, _>>().map_err(|error| Unreplayable(error.to_string()))?;
        let closed: Vec<_> = closing
            .iter()
            .zip(&rows)
            .map(|(session, row)| closed_session(session, row, self.group.now_ms()))
            .collect();
        let accounting = part.accounting.as_deref();
        let committed = self.journal.commit(&Commit {
            received_at_ms: self.group.now_ms(),
            events: &self.group.new_events(),
            checkpoints: &checkpoints,
            closed: &closed,
            replay_from: part.replay_from,
            accounting,
        })?;
        self.sweeper.part_is_committed(&part);
        self.telemetry.outbox_rows.inc_by(rows.len() as u64);
        let mut sessions = self.open_sessions.closing();
        for id in self.closed.drain(..rows.len()) {
            sessions.remove(&id);
        }
        Ok(committed)
    }

    /// Applies the committed events in the order of the journal.
    fn apply(&mut self, committed: Committed) {
        let now_ms = self.group.now_ms();
        self.telemetry.duplicates.inc_by(self.group.duplicates);
        let mut by_origin = [0; Origin::ALL.len()];
        let (mut errors, mut buffers) = (0, 0);
        for (sequence, accepted) in (committed.first_sequence.get()..).zip(self.group.accepted.drain(..)) {
            let id = accepted.session;
            match accepted.incoming.event.event_type {
                EventType::Error => errors += 1,
                EventType::BufferStart => buffers += 1,
                _ => {}
            }
            let arrival = Arrival {
                sequence,
                arrived_at_ms: now_ms,
                event: accepted.incoming.event,
                fingerprint: accepted.incoming.fingerprint,
            };
            by_origin[accepted.origin.place()] += 1;
            let mut shard = self.open_sessions.shard(&id);
            let mut closed = None;
            if accepted.previous.is_none() {
                self.telemetry.sessions_opened.inc();
                shard.open(id, accepted.origin, arrival, &mut ());
            } else {
                closed = shard.push(&id, arrival, &mut ());
            }
            if accepted.last_of_batch && closed.is_none() {
                closed = shard.finish_batch(&id, &mut ());
            }
            match closed {
                Some(session) => {
                    self.open_sessions.closing().insert(id, Arc::new(session));
                    self.closed.push_back(id);
                    self.telemetry.sessions_closed.inc();
                }
                None => {
                    let depth = shard.get(&id).map_or(0, Session::waiting_events);
                    self.telemetry.reorder_depth.observe(depth as f64);
                }
            }
        }
        self.telemetry.error_events.inc_by(errors);
        self.telemetry.buffer_events.inc_by(buffers);
        for (origin, events) in Origin::ALL.into_iter().zip(by_origin) {
            if events > 0 {
                self.telemetry.count_accepted(origin, events);
            }
        }
    }

    /// Advances time.
    fn tick(&mut self) {
        if self.group.is_empty() {
            let now_ms = self.clock.now_ms().max(self.latest_ms);
            self.group.begin(self.journal.next_sequence(), now_ms);
        }
        // Events that wait for the commit have arrived at the time of their group, so no session may be further: a replay
        // has no ticks, only arrivals.
        let now_ms = self.group.now_ms();
        self.latest_ms = now_ms;
        let closed = self.open_sessions.advance_to(now_ms);
        self.telemetry.sessions_closed.inc_by(closed.len() as u64);
        self.closed.extend(closed);
        let (sessions, bytes) = self.open_sessions.size();
        self.telemetry.open_sessions.set(sessions as i64);
        self.telemetry.open_sessions_memory.set(bytes as i64);
        self.sweeper.begin_when_due(
            &self.open_sessions,
            self.journal.next_sequence(),
            self.settings.checkpoint_interval,
        );
    }

    fn maintain(&mut self) {
        let upkeep = self
            .journal
            .maintain()
            .and_then(|()| self.retention.trim(self.latest_ms, &self.open_sessions, &mut *self.journal));
        if let Err(error) = upkeep {
            if !self.status.disk_fails() {
                tracing::error!(%error, "the journal's upkeep failed");
            }
            self.set_disk_fails(true);
        } else {
            self.set_disk_fails(false);
        }
        if let Ok(bytes) = self.journal.size_bytes() {
            self.telemetry.journal_size.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }

    fn set_disk_fails(&self, fails: bool) {
        if self.status.disk_fails() && !fails {
            tracing::info!("the disk takes commits again");
        }
        self.status.set_disk_fails(fails);
        self.telemetry.set_ready(self.status.check_ready().is_ok());
    }

    /// Writes a whole checkpoint and the rows of all sessions that have closed, so that a start has nothing to replay.
    pub(crate) fn checkpoint_all(&mut self) {
        self.sweeper.begin(&self.open_sessions, self.journal.next_sequence());
        while self.has_upkeep_to_commit() {
            let now_ms = self.clock.now_ms().max(self.latest_ms);
            self.group.begin(self.journal.next_sequence(), now_ms);
            if let Err(error) = self.try_commit() {
                tracing::error!(%error, "a checkpoint failed; it is tried again beside the next events");
                self.set_disk_fails(true);
                return;
            }
        }
    }
}

/// A closed session as the journal keeps it.
pub(crate) fn closed_session<'a>(session: &'a Session, row: &'a str, closed_at_ms: i64) -> ClosedSession<'a> {
    let params = session.params();
    let text = |key: ParamId| params.text(key).unwrap_or_default();
    ClosedSession {
        session: session.id(),
        start_sequence: Sequence::new(session.start_sequence()),
        last_sequence: Sequence::new(session.last_sequence()),
        started_at_ms: session.started_at_ms(),
        closed_at_ms,
        report_suite: text(ParamId::named("analytics.reportSuite")),
        content_id: text(ParamId::named("media.id")),
        visitor_id: visitor_of_params(params).unwrap_or_default(),
        row,
    }
}
