//! Checkpoints, a part with each commit.
//!
//! A sweep begins at a sequence and writes every session that has had an event since it was last written. Each state names
//! its last event, so the states of one sweep may be of different moments: a replay skips the events that a state already
//! has. When all states are written, replay starts where the sweep began.

use std::time::{Duration, Instant};

use playhead_journal::{CheckpointEntry, Sequence};
use playhead_protocol::SessionId;

use crate::error::Unreplayable;
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::recovery::state::Encoder;
use crate::limits::COMMIT_CHECKPOINTS;

/// The progress of checkpoints.
#[derive(Debug)]
pub(crate) struct Sweeper {
    encoder: Encoder,
    under_way: Option<Sweep>,
    last_began: Instant,
    swept_from: Sequence,
    /// Settings of the accounting that the journal does not know yet; they go with the end of a sweep.
    accounting: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Sweep {
    /// The sessions to write, in the order of their keys, so that the journal's pages are written one after another.
    sessions: Vec<(u64, SessionId)>,
    written: usize,
    began_at: Sequence,
}

/// The part of a sweep that one commit writes.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) states: Vec<State>,
    pub(crate) replay_from: Option<Sequence>,
    pub(crate) accounting: Option<Vec<u8>>,
    passed: usize,
}

#[derive(Debug)]
pub(crate) struct State {
    start_sequence: u64,
    bytes: Vec<u8>,
}

impl<'a> From<&'a State> for CheckpointEntry<'a> {
    fn from(state: &'a State) -> Self {
        Self { start_sequence: Sequence::new(state.start_sequence), state: &state.bytes }
    }
}

impl Sweeper {
    /// No sweep is running. `accounting` are the settings in force, if the journal has others.
    pub(crate) fn new(accounting: Option<Vec<u8>>) -> Self {
        Self {
            encoder: Encoder::new(),
            under_way: None,
            last_began: Instant::now(),
            swept_from: Sequence::new(0),
            accounting,
        }
    }

    pub(crate) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Begins a sweep if the last one was long enough ago and there is something to write.
    pub(crate) fn begin_when_due(
        &mut self,
        open_sessions: &OpenSessions,
        next_sequence: Sequence,
        interval: Duration,
    ) {
        let is_due = self.last_began.elapsed() >= interval && next_sequence > self.swept_from;
        if self.under_way.is_none() && (is_due || self.accounting.is_some()) {
            self.begin(open_sessions, next_sequence);
        }
    }

    /// Begins a sweep after the one that is running.
    pub(crate) fn begin(&mut self, open_sessions: &OpenSessions, next_sequence: Sequence) {
        let mut sessions: Vec<_> =
            open_sessions.shards().flat_map(|mut shard| shard.take_changed()).collect();
        if let Some(sweep) = &mut self.under_way {
            sessions.extend(sweep.sessions.drain(sweep.written..));
        }
        sessions.sort_unstable();
        self.last_began = Instant::now();
        self.swept_from = next_sequence;
        self.under_way = Some(Sweep { sessions, written: 0, began_at: next_sequence });
    }

    /// The part for the next commit. A sweep can end only with a commit that holds the rows of all sessions that have closed
    /// by then (`may_end`), because a restart finds them nowhere else.
    pub(crate) fn next_part(
        &self,
        open_sessions: &OpenSessions,
        may_end: bool,
    ) -> Result<Part, Unreplayable> {
        let Some(sweep) = &self.under_way else { return Ok(Part::default()) };
        let mut part = Part::default();
        let left = &sweep.sessions[sweep.written..];
        for (start_sequence, id) in left.iter().take(COMMIT_CHECKPOINTS) {
            part.passed += 1;
            // A session that has closed since needs no state: its row is on disk, or goes with this commit.
            if let Some(session) = open_sessions.shard(id).checkpoint(id) {
                let bytes = self.encoder.encode(session)?;
                part.states.push(State { start_sequence: *start_sequence, bytes });
            }
        }
        if part.passed == left.len() && may_end {
            part.replay_from = Some(sweep.began_at);
            part.accounting.clone_from(&self.accounting);
        }
        Ok(part)
    }

    /// The part is on disk.
    pub(crate) fn part_is_committed(&mut self, part: &Part) {
        if let Some(sweep) = &mut self.under_way {
            sweep.written += part.passed;
        }
        if part.replay_from.is_some() {
            self.under_way = None;
            self.accounting = None;
        }
    }
}
