//! Frees space in the journal: removes events that are in the lake and whose sessions have closed, and rows of sessions that
//! closed long enough ago.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use playhead_journal::{Journal, OutboxPosition, Sequence};

use crate::ingest::open_sessions::OpenSessions;
use crate::limits::CLOSED_KNOWN_MS;

/// How often retention looks for what it may remove.
const INTERVAL: Duration = Duration::from_secs(2);

/// Groups of events, or closed sessions, that are removed between two commits.
const AT_ONCE: usize = 500;

/// How far the lake has taken over the journal. The hand-over writes it, and the writer reads it.
#[derive(Debug, Default)]
pub(crate) struct HandedOver {
    position: AtomicU64,
    sequence: AtomicU64,
}

impl HandedOver {
    /// Closed sessions up to `position` and events up to `sequence` are in the lake, durably.
    pub(crate) fn advance(&self, position: OutboxPosition, sequence: Sequence) {
        self.position.fetch_max(position.get(), Ordering::AcqRel);
        self.sequence.fetch_max(sequence.get(), Ordering::AcqRel);
    }

    /// The position up to which closed sessions are in the lake.
    pub(crate) fn position(&self) -> OutboxPosition {
        OutboxPosition::new(self.position.load(Ordering::Acquire))
    }

    /// The sequence up to which events are in the lake.
    pub(crate) fn sequence(&self) -> Sequence {
        Sequence::new(self.sequence.load(Ordering::Acquire))
    }
}

/// Removes what the lake has.
pub(crate) struct Retention {
    handed_over: Arc<HandedOver>,
    acknowledged: OutboxPosition,
    looked_at: Option<Instant>,
    /// How far the lake was at some moment.
    noted: Option<(Instant, Sequence)>,
    /// How long events stay after that, so that a query that began earlier can finish.
    kept: Duration,
    /// Events that may go once the lake has the closed sessions up to a position: until then a row that turns out to be
    /// damaged is made anew from them.
    held: Option<(OutboxPosition, Sequence)>,
    up_to_sequence: Option<Sequence>,
    has_old_rows: bool,
}

impl Retention {
    /// Removes what the lake has had for longer than a query may take, `query_timeout`.
    pub(crate) fn new(handed_over: Arc<HandedOver>, query_timeout: Duration) -> Self {
        Self {
            handed_over,
            acknowledged: OutboxPosition::default(),
            looked_at: None,
            noted: None,
            // A query waits for its slot at most as long as it may run.
            kept: query_timeout * 2 + INTERVAL,
            held: None,
            up_to_sequence: None,
            has_old_rows: false,
        }
    }

    /// Does a limited part of the work that is due.
    pub(crate) fn trim(
        &mut self,
        now_ms: i64,
        open_sessions: &OpenSessions,
        journal: &mut dyn Journal,
    ) -> Result<(), playhead_journal::Error> {
        let position = self.handed_over.position();
        if position > self.acknowledged {
            journal.acknowledge(position)?;
            self.acknowledged = position;
        }
        if self.looked_at.is_none_or(|at| at.elapsed() >= INTERVAL) {
            self.looked_at = Some(Instant::now());
            self.has_old_rows = true;
            let taken = self.handed_over.sequence();
            let (noted_at, noted) = *self.noted.get_or_insert((Instant::now(), taken));
            if noted_at.elapsed() >= self.kept && self.held.is_none() && self.up_to_sequence.is_none() {
                self.noted = Some((Instant::now(), taken));
                let mut up_to_sequence = noted.next();
                open_sessions.for_each(|session| {
                    up_to_sequence = up_to_sequence.min(Sequence::new(session.start_sequence()));
                });
                // Sessions that have closed and whose rows are not on disk yet count as open here.
                self.held = Some((journal.reader()?.ends()?.last_position, up_to_sequence));
            }
        }
        if let Some((rows, up_to_sequence)) = self.held
            && position >= rows
        {
            self.held = None;
            self.up_to_sequence = Some(up_to_sequence);
        }
        if let Some(up_to_sequence) = self.up_to_sequence {
            let trimmed = journal.trim(up_to_sequence, AT_ONCE)?;
            if trimmed.groups < AT_ONCE as u64 {
                self.up_to_sequence = None;
            }
        }
        if self.has_old_rows {
            // Those that closed later than now did so by a clock that was set back since.
            let kept_ms = now_ms.saturating_sub(CLOSED_KNOWN_MS)..now_ms.saturating_add(CLOSED_KNOWN_MS);
            let trimmed = journal.trim_closed(kept_ms, AT_ONCE)?;
            self.has_old_rows = trimmed == AT_ONCE as u64;
        }
        Ok(())
    }
}
