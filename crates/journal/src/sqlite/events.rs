//! Stored events as of one moment, and what is missing among them.
//!
//! Sequences have no gaps, and a trim takes from the front alone and records how far. So an event between the first that is
//! kept and the end of the journal either can be read or is lost, whatever a damaged page makes of a search for it.

use std::fmt::{self, Display, Formatter};

use rusqlite::{Connection, OptionalExtension, Row};

use super::meta;
use super::numbers::{number_of, sequence_of};
use crate::error::{Error, SqliteContext};
use crate::group::DecodedGroup;
use crate::place::Sequence;
use crate::records::OwnedEvent;

/// The events of one view of the journal.
pub(super) struct StoredEvents {
    first: Sequence,
    next: Sequence,
    /// The group that was read last, kept for its neighbours.
    group: Option<DecodedGroup>,
}

/// Neighbouring events that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    first: Sequence,
    /// The event behind the gap.
    pub(super) next: Sequence,
    finding: String,
}

impl Display for Gap {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { first, next, finding } = self;
        match next.get() - 1 {
            last if last == first.get() => write!(f, "event {first} cannot be read: {finding}"),
            last => write!(f, "events {first} to {last} cannot be read: {finding}"),
        }
    }
}

impl StoredEvents {
    /// The events that `connection` sees. It is to be the same for all calls, and to stay in one transaction.
    pub(super) fn new(connection: &Connection) -> Result<Self, Error> {
        let next = meta::read_next_sequence(connection)?;
        let first = meta::read_first_sequence(connection)?.min(next);
        Ok(Self { first, next, group: None })
    }

    /// The first event that was not trimmed.
    pub(super) const fn first(&self) -> Sequence {
        self.first
    }

    /// The sequence of the event after the last.
    pub(super) const fn next(&self) -> Sequence {
        self.next
    }

    /// The event of this sequence; `None` if it was trimmed or does not exist yet.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] with all events beside it that cannot be read either.
    pub(super) fn event(
        &mut self,
        connection: &Connection,
        sequence: Sequence,
    ) -> Result<Option<OwnedEvent>, Error> {
        if !(self.first..self.next).contains(&sequence) {
            return Ok(None);
        }
        if self.group.as_ref().is_none_or(|group| group.event(sequence).is_none()) {
            self.group = match group_of(connection, sequence)? {
                Ok(group) => Some(group),
                Err(finding) => {
                    return Err(Error::Corrupt(self.gap(connection, sequence, finding)?.to_string()));
                }
            };
        }
        let event = self.group.as_ref().and_then(|group| group.event(sequence));
        Ok(event.map(|event| event.to_owned_event()))
    }

    /// The last event of the group that has this event, or the gap that begins there.
    pub(super) fn group_end(
        &self,
        connection: &Connection,
        sequence: Sequence,
    ) -> Result<Result<Sequence, Gap>, Error> {
        match group_of(connection, sequence)? {
            Ok(group) => Ok(Ok(group.last_sequence())),
            Err(finding) => self.gap(connection, sequence, finding).map(Err),
        }
    }

    /// The gap that begins at `first`.
    fn gap(&self, connection: &Connection, first: Sequence, finding: String) -> Result<Gap, Error> {
        let next = first_readable(first.get(), self.next.get(), |number| {
            let group = group_of(connection, Sequence::new(number))?;
            Ok(group.ok().map(|group| group.first_sequence().get()))
        })?;
        Ok(Gap { first, next: Sequence::new(next), finding })
    }
}

/// The first number behind `unreadable` and before `end` that can be read; `end` if there is none. `look` says where the run of
/// readable numbers with this one begins. Looks at a few numbers only, so a short run between two damaged places may be
/// passed over, but never more than that.
pub(super) fn first_readable(
    unreadable: u64,
    end: u64,
    mut look: impl FnMut(u64) -> Result<Option<u64>, Error>,
) -> Result<u64, Error> {
    let mut low = unreadable;
    let mut step = 1;
    let mut high = loop {
        let number = unreadable.saturating_add(step);
        if number >= end {
            break end;
        }
        if let Some(first) = look(number)? {
            break first.max(low + 1);
        }
        low = number;
        step *= 2;
    };
    while low + 1 < high {
        let middle = low.midpoint(high);
        match look(middle)? {
            Some(first) => high = first.max(low + 1),
            None => low = middle,
        }
    }
    Ok(high)
}

/// The group that has this event, or why it cannot be read.
fn group_of(connection: &Connection, sequence: Sequence) -> Result<Result<DecodedGroup, String>, Error> {
    match read_group(connection, number_of(sequence.get())) {
        Ok(Some(group)) if group.event(sequence).is_some() => Ok(Ok(group)),
        Ok(_) => Ok(Err("they are missing".into())),
        Err(Error::Corrupt(finding)) => Ok(Err(finding)),
        Err(error) => Err(error),
    }
}

/// The group that starts at `at_or_before`, or the nearest before it.
fn read_group(connection: &Connection, at_or_before: i64) -> Result<Option<DecodedGroup>, Error> {
    let row: Option<(i64, i64, i64, Vec<u8>)> = connection
        .prepare_cached(
            "SELECT first_sequence, last_sequence, received_at, data FROM groups \
             WHERE first_sequence <= ?1 ORDER BY first_sequence DESC LIMIT 1",
        )
        .and_then(|mut statement| {
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
            statement.query_row([at_or_before], read).optional()
        })
        .context("reading events")?;
    let Some((first, last, received_at_ms, group)) = row else {
        return Ok(None);
    };
    let first = sequence_of(first, "first sequence")?;
    let last = sequence_of(last, "last sequence")?;
    DecodedGroup::new(first, last, received_at_ms, group).map(Some)
}
