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
use playhead_session::{Arrival, Session, rfc3339, visitor_of_params};

use crate::error::CommitError;
use crate::ingest::activity::Activity;
use crate::ingest::arrivals::{ArrivalClock, CLOCK_STEPS, ClockSteps};
use crate::ingest::group::{Group, Room};
use crate::ingest::notes::NotesReceived;
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::retention::Retention;
use crate::ingest::submission::Submission;
use crate::ingest::sweep::Sweeper;
use crate::ingest::verdict::Wakeups;
use crate::limits::{COMMIT_CLOSED, OPEN_SESSIONS_BYTES, TICK_TIMEOUTS};
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
    /// Times of arrival, behind which sessions are never advanced, or a replay would differ.
    pub(crate) arrivals: ArrivalClock,
    /// The steps of the server's clock in the journal.
    pub(crate) clock_steps: ClockSteps,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) activity: Arc<Activity>,
    pub(crate) status: Arc<Status>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) queue: Receiver<Submission>,
    /// Sessions that have closed and whose rows are not on disk yet, in order of closing.
    pub(crate) closed: VecDeque<SessionId>,
    pub(crate) sweeper: Sweeper,
    /// Submissions that came too early for a decision, in order.
    pub(crate) deferred: VecDeque<Submission>,
    pub(crate) group: Group,
    /// Wakes those who wait for a verdict.
    pub(crate) wakeups: Wakeups,
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
                self.tick(TICK_TIMEOUTS.saturating_sub(self.closed.len()));
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
        self.begin_group();
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
                    self.begin_group();
                    self.plan(submission, &mut room);
                }
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        self.drain(&mut room);
        true
    }

    /// Begins an empty group, whose events arrive now.
    fn begin_group(&mut self) {
        self.look_at_clock();
        self.group.begin(self.journal.next_sequence(), self.arrivals.latest_ms());
    }

    /// Goes over a step of the server's clock, if it has made one. No event waits for its commit then, so the step has its
    /// place between two events.
    pub(crate) fn look_at_clock(&mut self) {
        let Some(found) = self.arrivals.advance() else { return };
        let steps = self.clock_steps.with(self.journal.next_sequence(), found.from_ms, found.to_ms);
        let is_kept = steps
            .to_kept()
            .map_err(CommitError::from)
            .and_then(|kept| Ok(self.journal.meta_set(CLOCK_STEPS, &kept)?));
        if let Err(error) = is_kept {
            if !self.status.disk_fails() {
                tracing::error!(%error, "the server's clock was stepped, which cannot be kept; it is not followed yet");
            }
            self.set_disk_fails(true);
            return;
        }
        let (from, to) = (rfc3339(found.from_ms), rfc3339(found.to_ms));
        tracing::warn!(%from, %to, "the server's clock was stepped; open sessions go on and are marked");
        self.telemetry.server_clock_steps.inc();
        let closed = steps.last().map(|step| self.open_sessions.step_clock(step)).unwrap_or_default();
        self.telemetry.sessions_closed.inc_by(closed.len() as u64);
        self.closed.extend(closed);
        self.arrivals.follow(found);
        self.clock_steps = steps;
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
                self.set_disk_fails(false);
                // Responses go out before their events take effect, so that players continue while the writer works. A
                // report on a session waits until the events have taken effect.
                let open_sessions = self.open_sessions.clone();
                let _settling = open_sessions.begin_settling();
                self.wakeups.wake(self.group.answer(true));
                self.apply(committed);
            }
            Err(error) => {
                self.telemetry.commit_failures.inc();
                if !self.status.disk_fails() {
                    tracing::error!(%error, events, "commit failed; nothing of it was stored");
                }
                self.set_disk_fails(true);
                self.wakeups.wake(self.group.answer(false));
            }
        }
        self.group.clear();
    }

    fn try_commit(&mut self) -> Result<Committed, CommitError> {
        // With as many rows as events, no more sessions close than find their way to disk.
        let rows_max = COMMIT_CLOSED.max(self.group.accepted.len());
        let part = self.sweeper.next_part(&self.open_sessions, self.closed.len() <= rows_max)?;
        let checkpoints: Vec<_> = part.states.iter().map(CheckpointEntry::from).collect();
        let closing: Vec<_> = {
            let sessions = self.open_sessions.closing();
            self.closed.iter().take(rows_max).filter_map(|id| sessions.get(id).cloned()).collect()
        };
        let rows: Vec<Vec<u8>> = closing.iter().map(|session| session.rows_view().pack()).collect();
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
        let activity = self.activity.clone();
        let mut activity = activity.begin();
        for (sequence, accepted) in (committed.first_sequence.get()..).zip(self.group.accepted.drain(..)) {
            let id = accepted.session;
            let event_type = accepted.incoming.event.event_type;
            match event_type {
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
            let is_start = accepted.previous.is_none();
            if is_start {
                self.telemetry.sessions_opened.inc();
                shard.open(id, accepted.origin, arrival, &mut ());
            } else {
                closed = shard.push(&id, arrival, &mut ());
            }
            if accepted.last_of_batch && closed.is_none() {
                closed = shard.finish_batch(&id, &mut ());
            }
            let session = closed.as_ref().or_else(|| shard.get(&id));
            activity.count(session.map(Session::params), event_type, is_start);
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
        drop(activity);
        self.telemetry.error_events.inc_by(errors);
        self.telemetry.buffer_events.inc_by(buffers);
        for (origin, events) in Origin::ALL.into_iter().zip(by_origin) {
            if events > 0 {
                self.telemetry.count_accepted(origin, events);
            }
        }
    }

    /// Advances time, which may close so many sessions.
    pub(crate) fn tick(&mut self, timeouts: usize) {
        if self.group.is_empty() {
            self.begin_group();
        }
        // Events that wait for the commit have arrived at the time of their group, so no session may be further: a replay
        // has no ticks, only arrivals.
        let now_ms = self.group.now_ms();
        let closed = self.open_sessions.advance_some(now_ms, timeouts);
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
        let upkeep = self.journal.maintain().and_then(|()| {
            self.retention.trim(self.arrivals.latest_ms(), &self.open_sessions, &mut *self.journal)
        });
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
            self.begin_group();
            if let Err(error) = self.try_commit() {
                tracing::error!(%error, "a checkpoint failed; it is tried again beside the next events");
                self.set_disk_fails(true);
                return;
            }
        }
    }
}

/// A closed session as the journal keeps it.
pub(crate) fn closed_session<'a>(
    session: &'a Session,
    row: &'a [u8],
    closed_at_ms: i64,
) -> ClosedSession<'a> {
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
        visitor_id: visitor_of_params(params).map(|visitor| visitor.id).unwrap_or_default(),
        row,
    }
}
