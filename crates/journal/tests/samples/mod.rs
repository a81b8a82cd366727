//! Commits that own what they hold, for tests that build many and keep them to compare with.
#![allow(dead_code, reason = "each test file uses a part")]

use playhead_journal::{
    CheckpointEntry, CheckpointState, ClosedRecord, ClosedSession, Commit, Committed, Error, Journal,
    JournalReader, NewEvent, OutboxPosition, OwnedEvent, RecoveryItem, Sequence,
};
use playhead_protocol::{Delivery, PackedFacts, SessionId, Wire};

/// The session of a number.
pub(crate) fn session(number: u64) -> SessionId {
    let mut bytes = [0x5e; 32];
    // Spread over the id, so that ids do not ascend with their numbers.
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    bytes[24..].copy_from_slice(&number.to_be_bytes());
    SessionId::from_bytes(bytes)
}

/// A commit with its bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct SampleCommit {
    pub(crate) received_at_ms: i64,
    pub(crate) events: Vec<OwnedEvent>,
    pub(crate) checkpoints: Vec<CheckpointState>,
    pub(crate) closed: Vec<ClosedRecord>,
    pub(crate) replay_from: Option<u64>,
    pub(crate) accounting: Option<Vec<u8>>,
}

impl SampleCommit {
    pub(crate) fn write(&self, journal: &mut dyn Journal) -> Result<Committed, Error> {
        let events: Vec<NewEvent<'_>> = self
            .events
            .iter()
            .map(|event| NewEvent {
                session: event.session,
                previous: event.previous,
                last_of_batch: event.last_of_batch,
                recorded: event.recorded(),
            })
            .collect();
        let checkpoints: Vec<CheckpointEntry<'_>> = self
            .checkpoints
            .iter()
            .map(|entry| CheckpointEntry { start_sequence: entry.start_sequence, state: &entry.state })
            .collect();
        let closed: Vec<ClosedSession<'_>> = self
            .closed
            .iter()
            .map(|record| ClosedSession {
                session: record.session,
                start_sequence: record.start_sequence,
                last_sequence: record.last_sequence,
                started_at_ms: record.started_at_ms,
                closed_at_ms: record.closed_at_ms,
                report_suite: &record.report_suite,
                content_id: &record.content_id,
                visitor_id: &record.visitor_id,
                row: &record.row,
            })
            .collect();
        journal.commit(&Commit {
            received_at_ms: self.received_at_ms,
            events: &events,
            checkpoints: &checkpoints,
            closed: &closed,
            replay_from: self.replay_from.map(Sequence::new),
            accounting: self.accounting.as_deref(),
        })
    }
}

/// An event of one session.
pub(crate) fn event(
    sequence: u64,
    received_at_ms: i64,
    session_number: u64,
    previous: Option<u64>,
    body: &[u8],
) -> OwnedEvent {
    OwnedEvent {
        sequence: Sequence::new(sequence),
        received_at_ms,
        session: session(session_number),
        previous: previous.map(Sequence::new),
        wire: Wire::CollectionV1,
        delivery: Delivery::Live,
        facts: PackedFacts::default(),
        last_of_batch: false,
        body: body.to_vec(),
    }
}

/// A closed session with everything derived from its number; `start_sequence` is its only event.
pub(crate) fn closed(session_number: u64, start_sequence: u64, started_at_ms: i64) -> ClosedRecord {
    ClosedRecord {
        position: OutboxPosition::new(0),
        session: session(session_number),
        start_sequence: Sequence::new(start_sequence),
        last_sequence: Sequence::new(start_sequence),
        started_at_ms,
        closed_at_ms: started_at_ms + 1_000,
        report_suite: format!("suite-{}", session_number % 2),
        content_id: format!("content-{}", session_number % 3),
        visitor_id: if session_number.is_multiple_of(4) {
            String::new()
        } else {
            format!("visitor-{}", session_number % 4)
        },
        row: format!("{{\"session\":{session_number}}}").into_bytes(),
    }
}

/// `count` single-event sessions from the journal's next sequence on; session numbers are the sequences. A long body is made
/// such that it cannot be packed: it is long so that much is written.
pub(crate) fn events_commit(
    journal: &dyn Journal,
    received_at_ms: i64,
    count: u64,
    body: &[u8],
) -> SampleCommit {
    let first = journal.next_sequence().get();
    let events = (first..first + count).map(|sequence| {
        let body = if body.len() < 10_000 { body.to_vec() } else { scrambled(sequence, body) };
        event(sequence, received_at_ms, sequence, None, &body)
    });
    SampleCommit { received_at_ms, events: events.collect(), ..SampleCommit::default() }
}

fn scrambled(seed: u64, body: &[u8]) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let scrambled = body.iter().map(|byte| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        byte ^ state.to_le_bytes()[3]
    });
    scrambled.collect()
}

/// Everything that a recovery gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Recovered {
    pub(crate) replay_from: u64,
    pub(crate) next_sequence: u64,
    pub(crate) accounting: Option<Vec<u8>>,
    pub(crate) checkpoints: Vec<CheckpointState>,
    pub(crate) events: Vec<OwnedEvent>,
}

pub(crate) fn recover(reader: &mut dyn JournalReader) -> Recovered {
    let recovery = reader.recover().unwrap();
    let mut recovered = Recovered {
        replay_from: recovery.replay_from.get(),
        next_sequence: recovery.next_sequence.get(),
        accounting: recovery.accounting,
        ..Recovered::default()
    };
    for item in recovery.items {
        match item.unwrap() {
            RecoveryItem::Checkpoint(state) => {
                assert!(recovered.events.is_empty(), "checkpoints come before events");
                recovered.checkpoints.push(state);
            }
            RecoveryItem::Event(event) => recovered.events.push(event),
            RecoveryItem::DamagedCheckpoint { start_sequence, finding } => {
                panic!("the state of {start_sequence}: {finding}")
            }
        }
    }
    recovered
}

/// The same numbers on each run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
