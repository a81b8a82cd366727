//! Random calls against the journal on disk, the journal in memory, and a plain model of both.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test"
)]

mod samples;

use std::collections::BTreeMap;
use std::ops::Range;

use playhead_journal::{
    CheckpointState, ClosedFilter, ClosedRecord, Error, Journal, JournalReader, MemoryStore, OpenOptions,
    OutboxPosition, OwnedEvent, Sequence, SqliteJournal, open_reader,
};
use playhead_protocol::{Delivery, Fact, PackedFacts, Wire};
use proptest::prelude::*;
use samples::{Recovered, SampleCommit, recover, session};

const SLOTS: usize = 5;

/// Most events have no facts.
fn facts_of(length: usize) -> PackedFacts {
    if length.is_multiple_of(7) {
        PackedFacts::pack([(Fact::ReportSuite, &*"s".repeat(length % 500))]).unwrap()
    } else {
        PackedFacts::default()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Commit {
        events: Vec<(usize, usize)>,
        checkpoints: Vec<usize>,
        closes: Vec<usize>,
        sweep: bool,
    },
    /// Closes the session again that is the given share into all closed ones, as a replay would.
    CloseAgain(prop::sample::Index),
    RefusedCommit,
    Acknowledge(prop::sample::Index),
    Trim {
        before: prop::sample::Index,
        limit: usize,
    },
    TrimClosed {
        from: prop::sample::Index,
        to: prop::sample::Index,
        limit: usize,
    },
    MetaSet(u8, u8),
    Maintain,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let slots = || prop::collection::vec(0..SLOTS, 0..3);
    prop_oneof![
        8 => (prop::collection::vec((0..SLOTS, 0..12_000_usize), 0..8), slots(), slots(), any::<bool>())
            .prop_map(|(events, checkpoints, closes, sweep)| Step::Commit { events, checkpoints, closes, sweep }),
        1 => any::<prop::sample::Index>().prop_map(Step::CloseAgain),
        1 => Just(Step::RefusedCommit),
        1 => any::<prop::sample::Index>().prop_map(Step::Acknowledge),
        2 => (any::<prop::sample::Index>(), 0..4_usize).prop_map(|(before, limit)| Step::Trim { before, limit }),
        1 => (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_usize)
            .prop_map(|(from, to, limit)| Step::TrimClosed { from, to, limit }),
        1 => (0..3_u8, any::<u8>()).prop_map(|(key, value)| Step::MetaSet(key, value)),
        1 => Just(Step::Maintain),
        1 => Just(Step::Reopen),
    ]
}

#[derive(Debug, Clone, Copy)]
struct OpenSession {
    number: u64,
    start_sequence: u64,
    last_sequence: u64,
}

/// What the journal should hold.
#[derive(Debug, Default)]
struct Model {
    /// One list for each commit.
    groups: Vec<Vec<OwnedEvent>>,
    event_count: u64,
    open: [Option<OpenSession>; SLOTS],
    sessions: u64,
    checkpoints: BTreeMap<u64, Vec<u8>>,
    /// Positions are 1, 2, 3, ... here; a journal may leave some out.
    closed: Vec<ClosedRecord>,
    closed_ever: Vec<ClosedRecord>,
    acknowledged: u64,
    replay_from: u64,
    accounting: Option<Vec<u8>>,
    meta: BTreeMap<u8, u8>,
    now_ms: i64,
}

impl Model {
    fn next_sequence(&self) -> u64 {
        self.event_count + 1
    }

    /// Makes up a commit, and takes it in.
    fn commit(
        &mut self,
        events: &[(usize, usize)],
        checkpoints: &[usize],
        closes: &[usize],
        sweep: bool,
    ) -> SampleCommit {
        self.now_ms += 10;
        let mut commit = SampleCommit { received_at_ms: self.now_ms, ..SampleCommit::default() };
        for (slot, length) in events {
            let sequence = self.next_sequence();
            self.event_count += 1;
            let previous = self.open[*slot].map(|open| open.last_sequence);
            if previous.is_none() {
                self.sessions += 1;
            }
            let number = self.open[*slot].map_or(self.sessions, |open| open.number);
            let start_sequence = self.open[*slot].map_or(sequence, |open| open.start_sequence);
            self.open[*slot] = Some(OpenSession { number, start_sequence, last_sequence: sequence });
            commit.events.push(OwnedEvent {
                sequence: Sequence::new(sequence),
                received_at_ms: self.now_ms,
                session: session(number),
                previous: previous.map(Sequence::new),
                wire: Wire::CollectionV1,
                delivery: [Delivery::Live, Delivery::Downloaded][length % 2],
                facts: facts_of(*length),
                last_of_batch: length % 5 == 0,
                body: vec![sequence as u8; *length],
            });
        }
        if !commit.events.is_empty() {
            self.groups.push(commit.events.clone());
        }
        for open in checkpoints.iter().filter_map(|slot| self.open[*slot]) {
            let state = format!("{} at {}", open.number, self.now_ms).into_bytes();
            self.checkpoints.insert(open.start_sequence, state.clone());
            commit
                .checkpoints
                .push(CheckpointState { start_sequence: Sequence::new(open.start_sequence), state });
        }
        for slot in closes {
            let Some(open) = self.open[*slot].take() else { continue };
            self.checkpoints.remove(&open.start_sequence);
            let record = ClosedRecord {
                position: OutboxPosition::new(self.closed_ever.len() as u64 + 1),
                last_sequence: Sequence::new(open.last_sequence),
                closed_at_ms: self.now_ms,
                // Many starts are the same, so that ids decide.
                ..samples::closed(open.number, open.start_sequence, (open.number % 4) as i64)
            };
            self.closed.push(record.clone());
            self.closed_ever.push(record.clone());
            commit.closed.push(record);
        }
        if sweep {
            self.replay_from = self.next_sequence();
            self.accounting = Some(self.now_ms.to_le_bytes().to_vec());
            commit.replay_from = Some(self.replay_from);
            commit.accounting.clone_from(&self.accounting);
        }
        commit
    }

    fn trim(&mut self, before: u64, limit: usize) -> u64 {
        let before = before.min(self.replay_from);
        let old = self
            .groups
            .iter()
            .take_while(|group| group[group.len() - 1].sequence < Sequence::new(before))
            .count()
            .min(limit);
        self.groups.drain(..old);
        old as u64
    }

    fn trim_closed(&mut self, kept_ms: &Range<i64>, limit: usize) -> u64 {
        let goes = |record: &&ClosedRecord| {
            record.position <= OutboxPosition::new(self.acknowledged)
                && !kept_ms.contains(&record.closed_at_ms)
                && record.start_sequence < Sequence::new(self.replay_from)
        };
        let old = self.closed.iter().take_while(goes).count().min(limit);
        self.closed.drain(..old);
        old as u64
    }

    fn check(&self, journal: &dyn Journal, reader: &mut dyn JournalReader) {
        assert_eq!(journal.next_sequence(), Sequence::new(self.next_sequence()));
        assert_eq!(journal.replay_from(), Sequence::new(self.replay_from));
        let stored: Vec<&OwnedEvent> = self.groups.iter().flatten().collect();
        let expected = Recovered {
            replay_from: self.replay_from,
            next_sequence: self.next_sequence(),
            accounting: self.accounting.clone(),
            checkpoints: self
                .checkpoints
                .iter()
                .map(|(start_sequence, state)| CheckpointState {
                    start_sequence: Sequence::new(*start_sequence),
                    state: state.clone(),
                })
                .collect(),
            events: stored
                .iter()
                .filter(|event| event.sequence >= Sequence::new(self.replay_from))
                .map(|event| (*event).clone())
                .collect(),
        };
        assert_eq!(recover(reader), expected);

        self.check_closed(reader);

        for open in self.open.iter().flatten() {
            let mut events: Vec<OwnedEvent> = stored
                .iter()
                .filter(|event| event.session == session(open.number))
                .map(|event| (*event).clone())
                .collect();
            assert_eq!(reader.events_of(Sequence::new(open.last_sequence), 1_000).unwrap(), events);
            let last_two = events.split_off(events.len().saturating_sub(2));
            assert_eq!(reader.events_of(Sequence::new(open.last_sequence), 2).unwrap(), last_two);
        }
        for (key, value) in &self.meta {
            assert_eq!(reader.meta_get(&key.to_string()).unwrap(), Some(vec![*value]));
        }
        for time_ms in [0, self.now_ms / 20 * 10, self.now_ms, self.now_ms + 1] {
            let first = stored.iter().find(|event| event.received_at_ms >= time_ms);
            let expected = first.map_or(self.next_sequence(), |event| event.sequence.get());
            assert_eq!(reader.sequence_before(time_ms).unwrap(), Sequence::new(expected), "before {time_ms}");
        }
        assert_eq!(reader.verify().unwrap(), Vec::<String>::new());
    }

    fn check_closed(&self, reader: &mut dyn JournalReader) {
        let sessions =
            |records: &[ClosedRecord]| records.iter().map(|record| record.session).collect::<Vec<_>>();
        let outbox = reader.outbox(OutboxPosition::new(0), 1_000).unwrap();
        assert!(outbox.is_sorted_by(|one, other| one.position < other.position));
        assert_eq!(sessions(&outbox), sessions(&self.closed));
        for (read, expected) in outbox.iter().zip(&self.closed) {
            assert_eq!(ClosedRecord { position: expected.position, ..read.clone() }, *expected);
            assert_eq!(reader.closed_session(&read.session).unwrap().as_ref(), Some(read));
        }
        let acknowledged = reader.acknowledged().unwrap();
        let waiting = reader.outbox(acknowledged, 1_000).unwrap();
        let expected: Vec<ClosedRecord> = self
            .closed
            .iter()
            .filter(|record| record.position > OutboxPosition::new(self.acknowledged))
            .cloned()
            .collect();
        assert_eq!(sessions(&waiting), sessions(&expected));

        let (suite, content, visitor) = ("suite-1", "content-2", "visitor-3");
        for filter in [
            ClosedFilter::default(),
            ClosedFilter { report_suite: Some(suite), ..ClosedFilter::default() },
            ClosedFilter { content_id: Some(content), started_from_ms: Some(1), ..ClosedFilter::default() },
            ClosedFilter { visitor_id: Some(visitor), report_suite: Some(suite), ..ClosedFilter::default() },
            ClosedFilter { visitor_id: Some(""), started_before_ms: Some(3), ..ClosedFilter::default() },
        ] {
            let mut expected: Vec<ClosedRecord> = outbox
                .iter()
                .filter(|record| record.position > acknowledged)
                .filter(|record| {
                    filter.report_suite.is_none_or(|suite| record.report_suite == suite)
                        && filter.content_id.is_none_or(|content| record.content_id == content)
                        && filter.visitor_id.is_none_or(|visitor| record.visitor_id == visitor)
                        && filter.started_from_ms.is_none_or(|from| from <= record.started_at_ms)
                        && filter.started_before_ms.is_none_or(|before| record.started_at_ms < before)
                })
                .cloned()
                .collect();
            expected.sort_by(|one, other| {
                (other.started_at_ms, other.session).cmp(&(one.started_at_ms, one.session))
            });
            let mut listed = Vec::new();
            let mut before = None;
            loop {
                let page = reader.closed_sessions_page(&filter, before, 2).unwrap();
                let Some(last) = page.last() else { break };
                before = Some(last.cursor());
                listed.extend(page);
            }
            assert_eq!(listed, expected, "{filter:?}");
        }
    }
}

/// The position that a journal gave to a session.
fn position_in(reader: &mut dyn JournalReader, record: &ClosedRecord) -> u64 {
    (reader.closed_session(&record.session).unwrap().unwrap().position).get()
}

fn options() -> OpenOptions {
    // Small enough for checkpoints and restarts of the log to happen.
    OpenOptions { copy_after_bytes: 100_000, restart_after_bytes: 400_000, ..OpenOptions::new(7) }
}

fn run(steps: &[Step]) {
    let directory = tempfile::tempdir().unwrap();
    let store = MemoryStore::new();
    let mut journals: Option<Vec<Box<dyn Journal>>> = None;
    let mut model = Model { replay_from: 1, ..Model::default() };
    let mut reader_on_disk = None;
    for step in steps {
        let journals = journals.get_or_insert_with(|| {
            vec![
                Box::new(SqliteJournal::open(directory.path(), options()).unwrap()),
                Box::new(store.open(7).unwrap()),
            ]
        });
        let reader_on_disk = reader_on_disk.get_or_insert_with(|| open_reader(directory.path()).unwrap());
        let mut reader_in_memory = store.reader();
        let mut readers: [&mut dyn JournalReader; 2] = [reader_on_disk, &mut reader_in_memory];
        take(step, journals, &mut readers, &mut model);
        if matches!(step, Step::Reopen) {
            journals.clear();
            journals.push(Box::new(SqliteJournal::open(directory.path(), options()).unwrap()));
            journals.push(Box::new(store.open(8).unwrap()));
        }
        for (journal, reader) in journals.iter().zip(&mut readers) {
            model.check(&**journal, &mut **reader);
            assert_eq!(reader.created_at_ms().unwrap(), 7);
        }
    }
}

fn take(
    step: &Step,
    journals: &mut [Box<dyn Journal>],
    readers: &mut [&mut dyn JournalReader; 2],
    model: &mut Model,
) {
    let both = journals.iter_mut().zip(readers);
    match step {
        Step::Commit { events, checkpoints, closes, sweep } => {
            let first_sequence = model.next_sequence();
            let commit = model.commit(events, checkpoints, closes, *sweep);
            for (journal, _) in both {
                let committed = commit.write(&mut **journal).unwrap();
                assert_eq!(committed.first_sequence, Sequence::new(first_sequence));
                assert_eq!(committed.event_count, events.len() as u64);
            }
        }
        Step::CloseAgain(which) => {
            if model.closed.is_empty() {
                return;
            }
            let again = model.closed[which.index(model.closed.len())].clone();
            let again = ClosedRecord { row: b"another row".to_vec(), ..again };
            let commit = SampleCommit { closed: vec![again], ..SampleCommit::default() };
            for (journal, _) in both {
                commit.write(&mut **journal).unwrap();
            }
        }
        Step::RefusedCommit => {
            let mut commit = SampleCommit::default();
            commit.events.push(samples::event(
                model.next_sequence(),
                0,
                1,
                Some(model.next_sequence()),
                b"x",
            ));
            commit.closed.push(samples::closed(1_000_000, model.next_sequence(), 0));
            for (journal, _) in both {
                assert!(matches!(commit.write(&mut **journal), Err(Error::Refused(_))));
            }
        }
        Step::Acknowledge(which) => {
            if model.closed.is_empty() {
                return;
            }
            let record = model.closed[which.index(model.closed.len())].clone();
            model.acknowledged = model.acknowledged.max(record.position.get());
            for (journal, reader) in both {
                journal.acknowledge(OutboxPosition::new(position_in(&mut **reader, &record))).unwrap();
            }
        }
        Step::Trim { before, limit } => {
            let before = before.index(model.event_count as usize + 2) as u64;
            let groups = model.trim(before, *limit);
            for (journal, _) in both {
                assert_eq!(journal.trim(Sequence::new(before), *limit).unwrap().groups, groups);
            }
        }
        Step::TrimClosed { from, to, limit } => {
            let time = |index: &prop::sample::Index| index.index(model.now_ms as usize + 20) as i64;
            let kept_ms = time(from)..time(to);
            let sessions = model.trim_closed(&kept_ms, *limit);
            for (journal, _) in both {
                assert_eq!(journal.trim_closed(kept_ms.clone(), *limit).unwrap(), sessions);
            }
        }
        Step::MetaSet(key, value) => {
            model.meta.insert(*key, *value);
            for (journal, _) in both {
                journal.meta_set(&key.to_string(), &[*value]).unwrap();
            }
        }
        Step::Maintain => {
            for (journal, _) in both {
                journal.maintain().unwrap();
            }
        }
        Step::Reopen => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn both_journals_behave_as_the_model(steps in prop::collection::vec(step(), 1..30)) {
        run(&steps);
    }
}
