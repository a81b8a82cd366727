//! States of sessions that have closed, on their way out.
//!
//! A state lies where its session began, and sessions close in no such order: to remove each with the commit that closes its
//! session would change a page of the disk for nearly each of them. So they wait until many can go in the order in which
//! they lie. Until then a recovery passes over them: it knows them by the closed sessions behind the position up to which
//! states were removed.

use rusqlite::Connection;

use super::closed::ClosedSessions;
use super::meta;
use super::numbers::number_of;
use crate::error::{Error, SqliteContext};
use crate::kinds::META_STATES_REMOVED;
use crate::limits::{CLOSED_STATES_CALLS, CLOSED_STATES_TOGETHER};
use crate::place::{OutboxPosition, Sequence};

/// States that are to be removed, by where their sessions begin.
#[derive(Debug, Default)]
pub(super) struct ClosedStates {
    /// Those of sessions that closed since the removal under way began.
    waiting: Vec<Sequence>,
    /// Those that go now, the last first.
    going: Vec<Sequence>,
    /// The last closed session among those that go.
    going_up_to: OutboxPosition,
    /// All before and at this position have gone.
    removed_up_to: OutboxPosition,
    /// Calls since the last removal began.
    calls: u32,
}

impl ClosedStates {
    /// Those that a journal has when it is opened.
    pub(super) fn read(connection: &Connection) -> Result<Self, Error> {
        let removed_up_to = meta::read_states_removed(connection)?;
        let waiting = ClosedSessions::new(connection)?.starts_behind(removed_up_to)?.into_iter().collect();
        Ok(Self { waiting, removed_up_to, ..Self::default() })
    }

    pub(super) fn removed_up_to(&self) -> OutboxPosition {
        self.removed_up_to
    }

    /// Sessions have closed that begin there.
    pub(super) fn add(&mut self, starts: impl Iterator<Item = Sequence>) {
        self.waiting.extend(starts);
    }

    /// Looks whether it is time for some to go.
    pub(super) fn begin_if_due(&mut self, connection: &Connection) -> Result<(), Error> {
        self.calls = self.calls.saturating_add(1);
        let are_many = self.waiting.len() >= CLOSED_STATES_TOGETHER;
        let is_due = are_many || (!self.waiting.is_empty() && self.calls >= CLOSED_STATES_CALLS);
        if is_due && self.going.is_empty() { self.begin(connection) } else { Ok(()) }
    }

    /// All that wait are to go.
    pub(super) fn begin(&mut self, connection: &Connection) -> Result<(), Error> {
        self.going_up_to = meta::read_last_position(connection)?;
        self.going.append(&mut self.waiting);
        self.going.sort_unstable_by(|one, other| other.cmp(one));
        self.calls = 0;
        Ok(())
    }

    /// Whether there are some that go.
    pub(super) fn are_going(&self) -> bool {
        !self.going.is_empty()
    }

    /// Removes some, at most so many, within the caller's transaction.
    pub(super) fn remove(&self, connection: &Connection, limit: usize) -> Result<(), Error> {
        let context = "removing states of closed sessions";
        let kept = self.going.len().saturating_sub(limit);
        let mut statement = connection
            .prepare_cached("DELETE FROM open_sessions WHERE start_sequence = ?1")
            .context(context)?;
        for start in self.going[kept..].iter().rev() {
            statement.execute([number_of(start.get())]).context(context)?;
        }
        match kept {
            0 => meta::set(connection, META_STATES_REMOVED.key, number_of(self.going_up_to.get())),
            _ => Ok(()),
        }
    }

    /// So many were removed, and that is on disk.
    pub(super) fn are_removed(&mut self, limit: usize) {
        self.going.truncate(self.going.len().saturating_sub(limit));
        if self.going.is_empty() {
            self.removed_up_to = self.going_up_to;
        }
    }
}
