//! A journal in memory, for tests of what is built on a journal.
//!
//! It follows the same rules as the one on disk, down to encoding and decoding groups. A [`MemoryStore`] stands for
//! the disk: it outlives the writer, so dropping the [`MemoryJournal`] and opening the store again is a crash and a
//! restart. The store can be told to fail.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use playhead_protocol::SessionId;

use crate::error::Error;
use crate::group::{DecodedGroup, encode_group};
use crate::journal::{Journal, JournalReader, check_commit, check_meta};
use crate::limits;
use crate::log::{Log, LogReader};
use crate::place::{OutboxPosition, Sequence};
use crate::progress::{Progress, ProgressReader};
use crate::records::{
    CheckpointState, ClosedFilter, ClosedRecord, ClosedSession, Commit, Committed, Ends, EventPage, NewEvent,
    OwnedEvent, PageCursor, Recovery, RecoveryItem, Trimmed,
};

/// How the store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// As a full disk does: [`Error::DiskFull`].
    DiskFull,
    /// As a broken disk does: [`Error::Io`].
    Io,
}

/// A stand-in for the disk. Clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Mutex<Stored>>,
}

/// The writer of a [`MemoryStore`].
#[derive(Debug)]
pub struct MemoryJournal {
    store: MemoryStore,
    next_sequence: Sequence,
    replay_from: Sequence,
}

/// A reader of a [`MemoryStore`].
#[derive(Debug)]
pub struct MemoryReader {
    store: MemoryStore,
}

#[derive(Debug, Default)]
struct Stored {
    /// By first sequence.
    groups: BTreeMap<Sequence, Group>,
    open: BTreeMap<Sequence, Vec<u8>>,
    /// By position.
    closed: BTreeMap<OutboxPosition, ClosedRecord>,
    positions: BTreeMap<SessionId, OutboxPosition>,
    last_position: OutboxPosition,
    acknowledged: OutboxPosition,
    replay_from: Option<Sequence>,
    next_sequence: Option<Sequence>,
    accounting: Option<Vec<u8>>,
    meta: BTreeMap<String, Vec<u8>>,
    created_at_ms: Option<i64>,
    has_writer: bool,
    failing: Failing,
}

#[derive(Debug, Clone)]
struct Group {
    last_sequence: Sequence,
    received_at_ms: i64,
    data: Arc<[u8]>,
}

#[derive(Debug, Clone, Copy, Default)]
enum Failing {
    #[default]
    No,
    Next(u64, Failure),
    UntilCleared(Failure),
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens the store for writing; `now_ms` is its creation time if it is new (milliseconds since the Unix epoch).
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] while another writer of the store exists.
    pub fn open(&self, now_ms: i64) -> Result<MemoryJournal, Error> {
        let mut stored = self.stored();
        if stored.has_writer {
            return Err(Error::InUse { path: "memory".into(), pid: Some(std::process::id()) });
        }
        stored.has_writer = true;
        stored.created_at_ms.get_or_insert(now_ms);
        let (next_sequence, replay_from) = (stored.next_sequence(), stored.replay_from());
        drop(stored);
        Ok(MemoryJournal { store: self.clone(), next_sequence, replay_from })
    }

    /// A reader; sees what was committed before each call.
    pub fn reader(&self) -> MemoryReader {
        MemoryReader { store: self.clone() }
    }

    /// Lets the next `calls` writing calls fail.
    pub fn fail_next(&self, calls: u64, failure: Failure) {
        self.stored().failing = Failing::Next(calls, failure);
    }

    /// Lets all writing calls fail until [`MemoryStore::clear_failure`].
    pub fn fail_until_cleared(&self, failure: Failure) {
        self.stored().failing = Failing::UntilCleared(failure);
    }

    /// Ends an injected failure.
    pub fn clear_failure(&self) {
        self.stored().failing = Failing::No;
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        // Each change is made after all checks, in steps that cannot fail, so a panic elsewhere leaves it whole.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store for a writing call, unless it is to fail.
    fn stored_to_write(&self) -> Result<MutexGuard<'_, Stored>, Error> {
        let mut stored = self.stored();
        let failure = match stored.failing {
            Failing::No | Failing::Next(0, _) => return Ok(stored),
            Failing::Next(calls, failure) => {
                stored.failing = Failing::Next(calls - 1, failure);
                failure
            }
            Failing::UntilCleared(failure) => failure,
        };
        let context = "writing to memory";
        Err(match failure {
            Failure::DiskFull => Error::DiskFull { context, message: "injected failure".into(), code: 13 },
            Failure::Io => Error::Io { context, message: "injected failure".into(), code: 10 },
        })
    }
}

impl Stored {
    fn next_sequence(&self) -> Sequence {
        self.next_sequence.unwrap_or(Sequence::FIRST)
    }

    fn replay_from(&self) -> Sequence {
        self.replay_from.unwrap_or(Sequence::FIRST)
    }

    fn close(&mut self, closed: &ClosedSession<'_>) {
        self.open.remove(&closed.start_sequence);
        if self.closed_session(&closed.session).is_some() {
            return;
        }
        self.last_position = OutboxPosition::new(self.last_position.get() + 1);
        let record = ClosedRecord::of(closed, self.last_position);
        self.positions.insert(record.session, record.position);
        self.closed.insert(record.position, record);
    }

    fn closed_session(&self, session: &SessionId) -> Option<&ClosedRecord> {
        self.closed.get(self.positions.get(session)?)
    }
}

impl Group {
    fn decode(&self, first_sequence: Sequence) -> Result<DecodedGroup, Error> {
        DecodedGroup::new(first_sequence, self.last_sequence, self.received_at_ms, self.data.to_vec())
    }
}

impl Drop for MemoryJournal {
    fn drop(&mut self) {
        self.store.stored().has_writer = false;
    }
}

impl Journal for MemoryJournal {
    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, Error> {
        let first_sequence = self.next_sequence;
        let sequence_after = check_commit(first_sequence, self.replay_from, commit)?;
        let mut data = Vec::new();
        encode_group(first_sequence, commit.received_at_ms, commit.events, &mut data)?;
        let mut stored = self.store.stored_to_write()?;
        if !commit.events.is_empty() {
            let group = Group {
                last_sequence: first_sequence.after(commit.events.len() as u64 - 1),
                received_at_ms: commit.received_at_ms,
                data: data.into(),
            };
            stored.groups.insert(first_sequence, group);
        }
        for checkpoint in commit.checkpoints {
            stored.open.insert(checkpoint.start_sequence, checkpoint.state.to_vec());
        }
        for closed in commit.closed {
            stored.close(closed);
        }
        stored.next_sequence = Some(sequence_after);
        stored.replay_from = commit.replay_from.or(stored.replay_from);
        if let Some(accounting) = commit.accounting {
            stored.accounting = Some(accounting.to_vec());
        }
        self.next_sequence = sequence_after;
        self.replay_from = stored.replay_from();
        Ok(Committed { first_sequence, event_count: commit.events.len() as u64 })
    }

    fn meta_set(&mut self, key: &str, value: &[u8]) -> Result<(), Error> {
        check_meta(key, value)?;
        self.store.stored_to_write()?.meta.insert(key.into(), value.to_vec());
        Ok(())
    }

    fn maintain(&mut self) -> Result<(), Error> {
        self.store.stored_to_write().map(|_stored| ())
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, Error> {
        Ok(Box::new(self.store.reader()))
    }

    fn size_bytes(&self) -> Result<u64, Error> {
        let stored = self.store.stored();
        let groups: usize = stored.groups.values().map(|group| group.data.len()).sum();
        let states: usize = stored.open.values().map(Vec::len).sum();
        let rows: usize = stored.closed.values().map(|record| record.row.len()).sum();
        Ok((groups + states + rows) as u64)
    }
}

impl Log for MemoryJournal {
    fn append(&mut self, received_at_ms: i64, events: &[NewEvent<'_>]) -> Result<Committed, Error> {
        self.commit(&Commit { received_at_ms, events, ..Commit::default() })
    }

    fn next_sequence(&self) -> Sequence {
        self.next_sequence
    }

    fn trim(&mut self, up_to_sequence: Sequence, group_limit: usize) -> Result<Trimmed, Error> {
        let trimmed_before = up_to_sequence.min(self.replay_from);
        let limit = group_limit.min(limits::MAX_TRIM_ROWS);
        let mut stored = self.store.stored_to_write()?;
        let old = stored.groups.iter().take_while(|(_, group)| group.last_sequence < trimmed_before);
        let old: Vec<Sequence> = old.map(|(first, _)| *first).take(limit).collect();
        for first in &old {
            stored.groups.remove(first);
        }
        Ok(Trimmed { groups: old.len() as u64 })
    }
}

impl Progress for MemoryJournal {
    fn replay_from(&self) -> Sequence {
        self.replay_from
    }

    fn acknowledge(&mut self, position: OutboxPosition) -> Result<(), Error> {
        let (acknowledged, last_position) = {
            let stored = self.store.stored();
            (stored.acknowledged, stored.last_position)
        };
        if position <= acknowledged {
            return Ok(());
        }
        if position > last_position {
            return Err(Error::Refused(format!(
                "acknowledging position {position}; the last closed session has position {last_position}"
            )));
        }
        self.store.stored_to_write()?.acknowledged = position;
        Ok(())
    }

    fn trim_closed(&mut self, kept_ms: Range<i64>, limit: usize) -> Result<u64, Error> {
        let limit = limit.min(limits::MAX_TRIM_ROWS);
        let mut stored = self.store.stored_to_write()?;
        let (acknowledged, replay_from) = (stored.acknowledged, stored.replay_from());
        let old = stored.closed.values().take_while(|record| {
            record.position <= acknowledged
                && !kept_ms.contains(&record.closed_at_ms)
                && record.start_sequence < replay_from
        });
        let old: Vec<OutboxPosition> = old.map(|record| record.position).take(limit).collect();
        for position in &old {
            if let Some(record) = stored.closed.remove(position) {
                stored.positions.remove(&record.session);
            }
        }
        Ok(old.len() as u64)
    }
}

impl JournalReader for MemoryReader {
    fn recover(&mut self) -> Result<Recovery<'_>, Error> {
        let stored = self.store.stored();
        let (replay_from, next_sequence) = (stored.replay_from(), stored.next_sequence());
        let checkpoints = stored.open.clone().into_iter().map(|(start_sequence, state)| {
            Ok(RecoveryItem::Checkpoint(CheckpointState { start_sequence, state }))
        });
        let groups: Vec<(Sequence, Group)> = stored
            .groups
            .iter()
            .filter(|(_, group)| group.last_sequence >= replay_from)
            .map(|(first, group)| (*first, group.clone()))
            .collect();
        let events = groups.into_iter().flat_map(move |(first, group)| {
            let sequences = first.max(replay_from).get()..=group.last_sequence.get();
            match group.decode(first) {
                Ok(decoded) => sequences
                    .filter_map(|sequence| decoded.event(Sequence::new(sequence)))
                    .map(|event| Ok(RecoveryItem::Event(event.to_owned_event())))
                    .collect(),
                Err(error) => vec![Err(error)],
            }
        });
        let accounting = stored.accounting.clone();
        drop(stored);
        Ok(Recovery { replay_from, next_sequence, accounting, items: Box::new(checkpoints.chain(events)) })
    }

    fn ends(&mut self) -> Result<Ends, Error> {
        let stored = self.store.stored();
        Ok(Ends { next_sequence: stored.next_sequence(), last_position: stored.last_position })
    }

    fn meta_get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.store.stored().meta.get(key).cloned())
    }

    fn created_at_ms(&self) -> Result<i64, Error> {
        Ok(self.store.stored().created_at_ms.unwrap_or(0))
    }

    fn verify(&mut self) -> Result<Vec<String>, Error> {
        let stored = self.store.stored();
        let checks = stored.groups.iter().map(|(first, group)| group.decode(*first));
        Ok(checks.filter_map(Result::err).map(|error| error.to_string()).take(limits::MAX_FINDINGS).collect())
    }
}

impl LogReader for MemoryReader {
    fn events_of(&mut self, last_sequence: Sequence, limit: usize) -> Result<Vec<OwnedEvent>, Error> {
        let stored = self.store.stored();
        let mut events: Vec<OwnedEvent> = Vec::new();
        let mut wanted = Some(last_sequence);
        while let Some(sequence) = wanted
            && events.len() < limit.min(limits::MAX_SESSION_EVENTS)
        {
            let Some((first, group)) = stored.groups.range(..=sequence).next_back() else {
                break;
            };
            let decoded = group.decode(*first)?;
            let Some(event) = decoded.event(sequence) else {
                break;
            };
            if let Some(successor) = events.last()
                && successor.session != event.session
            {
                return Err(Error::Corrupt(format!(
                    "event {} names event {sequence} as the one before it, which is another session's",
                    successor.sequence
                )));
            }
            wanted = event.previous;
            events.push(event.to_owned_event());
        }
        events.reverse();
        Ok(events)
    }

    fn events_from(&mut self, from_sequence: Sequence, limit: usize) -> Result<Vec<OwnedEvent>, Error> {
        let stored = self.store.stored();
        let mut page = EventPage::new(limit);
        for (first, group) in stored.groups.iter().filter(|(_, group)| group.last_sequence >= from_sequence) {
            let decoded = group.decode(*first)?;
            for sequence in from_sequence.max(*first).get()..=group.last_sequence.get() {
                if !page.has_room() {
                    return Ok(page.events);
                }
                if let Some(event) = decoded.event(Sequence::new(sequence)) {
                    page.push(event.to_owned_event());
                }
            }
        }
        Ok(page.events)
    }

    fn sequence_before(&mut self, received_at_ms: i64) -> Result<Sequence, Error> {
        let stored = self.store.stored();
        let first_not_before = stored.groups.iter().find(|(_, group)| group.received_at_ms >= received_at_ms);
        Ok(first_not_before.map_or(stored.next_sequence(), |(first, _)| *first))
    }
}

impl ProgressReader for MemoryReader {
    fn closed_session(&self, session: &SessionId) -> Result<Option<ClosedRecord>, Error> {
        Ok(self.store.stored().closed_session(session).cloned())
    }

    fn closed_sessions_page(
        &self,
        filter: &ClosedFilter<'_>,
        before: Option<PageCursor>,
        limit: usize,
    ) -> Result<Vec<ClosedRecord>, Error> {
        let stored = self.store.stored();
        let is_behind = |record: &ClosedRecord| {
            record.position > stored.acknowledged && before.is_none_or(|before| record.cursor() < before)
        };
        let admitted = stored.closed.values().filter(|record| filter.admits(record) && is_behind(record));
        let mut page: Vec<ClosedRecord> = admitted.cloned().collect();
        page.sort_by_key(|record| std::cmp::Reverse(record.cursor()));
        page.truncate(limit.min(limits::MAX_PAGE_ROWS));
        Ok(page)
    }

    fn outbox(&self, after_position: OutboxPosition, limit: usize) -> Result<Vec<ClosedRecord>, Error> {
        let stored = self.store.stored();
        let behind = stored.closed.values().filter(|record| record.position > after_position);
        Ok(behind.take(limit.min(limits::MAX_PAGE_ROWS)).cloned().collect())
    }

    fn outbox_sessions(
        &self,
        after_position: OutboxPosition,
        limit: usize,
    ) -> Result<Vec<(OutboxPosition, SessionId)>, Error> {
        let page = self.outbox(after_position, limit)?;
        Ok(page.into_iter().map(|record| (record.position, record.session)).collect())
    }

    fn acknowledged(&self) -> Result<OutboxPosition, Error> {
        Ok(self.store.stored().acknowledged)
    }
}
