//! Gives the journal's space back: raw events that are older than they are to be kept.

use std::time::{Duration, Instant};

use playhead_journal::{Journal, JournalReader};

use crate::error::Error;
use crate::ingest::live::LiveSessions;

/// How often it is looked for events that are too old.
const INTERVAL: Duration = Duration::from_secs(60);

/// Groups of events that go at once, between two commits.
const GROUPS: usize = 500;

/// Removes raw events by age.
pub(crate) struct Retention {
    kept_ms: i64,
    reader: Box<dyn JournalReader>,
    looked_at: Option<Instant>,
    up_to_sequence: Option<u64>,
}

impl Retention {
    /// Events are kept for `kept`, and as long as their session is open.
    pub(crate) fn new(kept: Duration, reader: Box<dyn JournalReader>) -> Self {
        let kept_ms = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
        Self { kept_ms, reader, looked_at: None, up_to_sequence: None }
    }

    /// Does a bounded part of what is due.
    pub(crate) fn trim(
        &mut self,
        now_ms: i64,
        live: &LiveSessions,
        journal: &mut dyn Journal,
    ) -> Result<(), Error> {
        if self.up_to_sequence.is_none() && self.looked_at.is_none_or(|at| at.elapsed() >= INTERVAL) {
            self.looked_at = Some(Instant::now());
            let mut up_to_sequence = self.reader.sequence_before(now_ms.saturating_sub(self.kept_ms))?;
            live.for_each(|session| up_to_sequence = up_to_sequence.min(session.start_sequence()));
            self.up_to_sequence = Some(up_to_sequence);
        }
        let Some(up_to_sequence) = self.up_to_sequence else { return Ok(()) };
        let trimmed = journal.trim(up_to_sequence, GROUPS)?;
        if trimmed.groups < GROUPS as u64 {
            self.up_to_sequence = None;
        }
        Ok(())
    }
}
