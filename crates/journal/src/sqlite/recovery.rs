//! A recovery: the states of open sessions, then the events since.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::closed::ClosedSessions;
use super::events::StoredEvents;
use super::meta::{self, Unchecked};
use super::numbers::{number_of, sequence_of};
use crate::checksums;
use crate::error::{Error, SqliteContext};
use crate::place::Sequence;
use crate::records::{CheckpointState, RecoveryItem};

/// Where a recovery stands.
enum Stage {
    Begin,
    Checkpoints { after: i64 },
    Events { next: Sequence },
    Done,
}

pub(super) struct RecoveryItems<'a> {
    view: Transaction<'a>,
    stage: Stage,
    replay_from: Sequence,
    unchecked: Unchecked,
    events: StoredEvents,
    /// Where sessions begin that have closed and whose states were not removed yet.
    closed: HashSet<Sequence>,
}

impl<'a> RecoveryItems<'a> {
    /// All states, then all events from `replay_from` on.
    pub(super) fn new(view: Transaction<'a>, replay_from: Sequence) -> Result<Self, Error> {
        let (unchecked, events) = (meta::read_unchecked(&view)?, StoredEvents::new(&view)?);
        Ok(Self { view, stage: Stage::Begin, replay_from, unchecked, events, closed: HashSet::new() })
    }

    fn step(&mut self) -> Result<Option<RecoveryItem>, Error> {
        if matches!(self.stage, Stage::Begin) {
            let removed_up_to = meta::read_states_removed(&self.view)?;
            self.closed = ClosedSessions::new(&self.view)?.starts_behind(removed_up_to)?;
            self.stage = Stage::Checkpoints { after: 0 };
        }
        if let Stage::Checkpoints { mut after } = self.stage {
            while let Some((start_sequence, state)) = read_checkpoint(&self.view, self.unchecked, after)? {
                after = number_of(start_sequence.get());
                self.stage = Stage::Checkpoints { after };
                if self.closed.contains(&start_sequence) {
                    continue;
                }
                return Ok(Some(match state {
                    Ok(state) => RecoveryItem::Checkpoint(CheckpointState { start_sequence, state }),
                    Err(finding) => RecoveryItem::DamagedCheckpoint { start_sequence, finding },
                }));
            }
            self.stage = Stage::Events { next: self.replay_from };
        }
        let Stage::Events { next } = self.stage else {
            return Ok(None);
        };
        if next >= self.events.next() {
            return Ok(None);
        }
        let event = self.events.event(&self.view, next)?;
        let event = event.ok_or_else(|| Error::Corrupt(format!("event {next} was trimmed too early")))?;
        self.stage = Stage::Events { next: next.next() };
        Ok(Some(RecoveryItem::Event(event)))
    }
}

impl Iterator for RecoveryItems<'_> {
    type Item = Result<RecoveryItem, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.step().transpose();
        if !matches!(item, Some(Ok(_))) {
            self.stage = Stage::Done;
        }
        item
    }
}

/// The state of the first session that begins behind `after`, or why it cannot be read.
type ReadState = Option<(Sequence, Result<Vec<u8>, String>)>;

/// A state and its checksum.
type StoredState = (Vec<u8>, Option<i64>);

/// Reads a state, and checks it.
pub(super) fn read_checkpoint(
    connection: &Connection,
    unchecked: Unchecked,
    after: i64,
) -> Result<ReadState, Error> {
    let columns = match unchecked {
        Unchecked::All => "start_sequence, state, NULL",
        Unchecked::UpTo(..) => "start_sequence, state, checksum",
    };
    let read = |columns: &str| {
        format!(
            "SELECT {columns} FROM open_sessions WHERE start_sequence > ?1 ORDER BY start_sequence LIMIT 1"
        )
    };
    let row = connection
        .prepare_cached(&read(columns))
        .and_then(|mut statement| {
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            statement.query_row([after], read).optional()
        })
        .context("reading a checkpoint");
    let (number, state): (i64, Result<StoredState, String>) = match row {
        Ok(Some((number, state, checksum))) => (number, Ok((state, checksum))),
        Ok(None) => return Ok(None),
        Err(Error::Corrupt(finding)) => {
            // Its key may be whole: the session can be made from its events then.
            let start: i64 = connection
                .prepare_cached(&read("start_sequence"))
                .and_then(|mut statement| statement.query_row([after], |row| row.get(0)))
                .context("reading a checkpoint")?;
            (start, Err(finding))
        }
        Err(error) => return Err(error),
    };
    if number <= after {
        return Err(Error::Corrupt("the states of open sessions do not ascend".into()));
    }
    let start_sequence = sequence_of(number, "start of a session")?;
    let is_whole = |state: &[u8], checksum: Option<i64>| match (checksum, unchecked) {
        (Some(checksum), _) => checksum == checksums::of_state(start_sequence, state),
        (None, Unchecked::All) => true,
        (None, Unchecked::UpTo(checked_from, _)) => start_sequence < checked_from,
    };
    let state = match state {
        Ok((state, checksum)) if is_whole(&state, checksum) => Ok(state),
        Ok(_) => Err("its checksum does not fit its bytes".into()),
        Err(finding) => Err(finding),
    };
    Ok(Some((start_sequence, state)))
}
