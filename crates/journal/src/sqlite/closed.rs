//! Closed sessions as they are stored: read, and checked against their checksums.
//!
//! Positions have no gaps but where a trim, which takes from the front and never what was not taken over, or a release before
//! left one. So any other position between two that can be read is that of a lost row.

use std::collections::HashSet;

use playhead_protocol::SessionId;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use super::events::first_readable;
use super::meta::{self, Unchecked};
use super::numbers::number_of;
use crate::checksums;
use crate::error::{DamagedRow, DamagedSession, Error, SqliteContext};
use crate::place::{OutboxPosition, Sequence};
use crate::records::{ClosedRecord, ClosedSession};

const CONTEXT: &str = "reading closed sessions";

/// The columns that say which session it is, and which events it has.
const IDENTITY: &str = "position, session_id, start_sequence, last_sequence, started_at, closed_at";

/// Reads closed sessions from one view of the journal.
pub(super) struct ClosedSessions<'a> {
    connection: &'a Connection,
    unchecked: Unchecked,
}

/// Which closed sessions, in which order.
pub(super) struct Selection<'a> {
    /// The part of the statement behind its columns, from `FROM` on; its last parameter is the limit.
    pub(super) from: &'a str,
    pub(super) params: &'a [&'a dyn ToSql],
}

impl<'a> ClosedSessions<'a> {
    pub(super) fn new(connection: &'a Connection) -> Result<Self, Error> {
        Ok(Self { connection, unchecked: meta::read_unchecked(connection)? })
    }

    /// The closed sessions of `selection`, up to the first damaged one.
    ///
    /// # Errors
    ///
    /// [`Error::DamagedRow`] if the first one is damaged.
    pub(super) fn page(&self, selection: &Selection<'_>) -> Result<Vec<ClosedRecord>, Error> {
        let checksums = match self.unchecked {
            Unchecked::All => "NULL, NULL",
            Unchecked::UpTo(..) => "checksum, row_checksum",
        };
        let sql = format!(
            "SELECT {IDENTITY}, report_suite, content_id, visitor_id, row, {checksums} {}",
            selection.from
        );
        let mut statement = self.connection.prepare_cached(&sql).context(CONTEXT)?;
        let mut rows = statement.query(selection.params).context(CONTEXT)?;
        let mut page = Vec::new();
        loop {
            let read = match rows.next().context(CONTEXT) {
                Ok(None) => return Ok(page),
                Ok(Some(row)) => self.read(row),
                Err(error) => Err(error),
            };
            match read {
                Ok(record) => page.push(record),
                Err(Error::DamagedRow(_) | Error::Corrupt(_)) if !page.is_empty() => return Ok(page),
                Err(Error::Corrupt(finding)) => return Err(self.without_row(selection, finding)),
                Err(error) => return Err(error),
            }
        }
    }

    /// The closed sessions behind a position, up to the first that is damaged or lost.
    ///
    /// # Errors
    ///
    /// [`Error::DamagedRow`] if the first one is damaged or lost.
    pub(super) fn outbox(&self, after: OutboxPosition, limit: i64) -> Result<Vec<ClosedRecord>, Error> {
        let selection = Selection {
            from: "FROM closed_sessions WHERE position > ?1 ORDER BY position LIMIT ?2",
            params: &[&number_of(after.get()), &limit],
        };
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut page = match self.page(&selection) {
            Ok(page) => page,
            Err(Error::DamagedRow(damaged)) => {
                // One that is lost before it comes first.
                self.without_gap(after, std::iter::once(damaged.first))?;
                return Err(Error::DamagedRow(damaged));
            }
            Err(Error::Corrupt(finding)) => return Err(self.lost_behind(after, finding)?),
            Err(error) => return Err(error),
        };
        let positions = page.iter().map(|record| record.position);
        let whole = self.without_gap(after, positions)?;
        page.truncate(whole);
        Ok(page)
    }

    /// Where the sessions behind a position begin. One that is damaged is left out, because its number may be another
    /// session's.
    pub(super) fn starts_behind(&self, position: OutboxPosition) -> Result<HashSet<Sequence>, Error> {
        let mut starts = HashSet::new();
        if matches!(self.unchecked, Unchecked::All) {
            return Ok(starts);
        }
        let sql = format!(
            "SELECT {IDENTITY}, report_suite, content_id, visitor_id, checksum FROM closed_sessions \
             WHERE position > ?1 ORDER BY position"
        );
        let mut statement = self.connection.prepare_cached(&sql).context(CONTEXT)?;
        let mut rows = statement.query([number_of(position.get())]).context(CONTEXT)?;
        loop {
            let row = match rows.next().context(CONTEXT) {
                Ok(Some(row)) => row,
                // What lies behind cannot be found either.
                Ok(None) | Err(Error::Corrupt(_)) => return Ok(starts),
                Err(error) => return Err(error),
            };
            let (Ok(record), Ok(checksum)) = (record(row), row.get::<_, Option<i64>>(9)) else { continue };
            if checksum == Some(checksums::of_closed(&borrowed(&record))) {
                starts.insert(record.start_sequence);
            }
        }
    }

    /// How many of these positions, read behind `after`, follow each other without one that is lost.
    ///
    /// # Errors
    ///
    /// [`Error::DamagedRow`] if one is lost before the first.
    pub(super) fn without_gap(
        &self,
        after: OutboxPosition,
        positions: impl Iterator<Item = OutboxPosition>,
    ) -> Result<usize, Error> {
        // A position up to here may be missing.
        let loose = match self.unchecked {
            Unchecked::All => u64::MAX,
            Unchecked::UpTo(_, unchecked) => unchecked.max(meta::read_acknowledged(self.connection)?).get(),
        };
        let is_lost = |last: u64, next: u64| last.max(loose) < next.saturating_sub(1);
        let (mut last, mut whole) = (after.get(), 0);
        for position in positions {
            let position = position.get();
            if position <= last || is_lost(last, position) {
                if whole > 0 {
                    return Ok(whole);
                }
                return Err(if position <= last {
                    Error::Corrupt("the positions of closed sessions do not ascend".into())
                } else {
                    lost(last.max(loose) + 1, position, "nothing is there".into())
                });
            }
            last = position;
            whole += 1;
        }
        let end = meta::read_last_position(self.connection)?.get().saturating_add(1);
        if whole == 0 && is_lost(last, end) {
            return Err(lost(last.max(loose) + 1, end, "nothing is there".into()));
        }
        Ok(whole)
    }

    /// What is lost behind a position where nothing can be read.
    fn lost_behind(&self, after: OutboxPosition, finding: String) -> Result<Error, Error> {
        let first = after.get().saturating_add(1);
        let end = meta::read_last_position(self.connection)?.get().saturating_add(1);
        if first >= end {
            return Ok(Error::Corrupt(finding));
        }
        let next = first_readable(first, end, |position| {
            let found: Result<Option<i64>, Error> = self
                .connection
                .prepare_cached("SELECT position FROM closed_sessions WHERE position = ?1")
                .and_then(|mut statement| {
                    statement.query_row([number_of(position)], |row| row.get(0)).optional()
                })
                .context(CONTEXT);
            match found {
                Ok(found) => Ok(found.map(|_| position)),
                Err(Error::Corrupt(_)) => Ok(None),
                Err(error) => Err(error),
            }
        })?;
        Ok(lost(first, next.max(first + 1), finding))
    }

    /// The first of `selection` without its row, which cannot be read.
    fn without_row(&self, selection: &Selection<'_>, finding: String) -> Error {
        let sql = format!("SELECT {IDENTITY} {}", selection.from);
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement.query_row(selection.params, |row| damaged(row, false, finding.clone()))
            })
            .unwrap_or(Error::Corrupt(finding))
    }

    fn read(&self, row: &Row<'_>) -> Result<ClosedRecord, Error> {
        let record = match record(row).context(CONTEXT) {
            Ok(record) => record,
            Err(Error::Corrupt(finding)) => return Err(damaged(row, false, finding).context(CONTEXT)?),
            Err(error) => return Err(error),
        };
        let number = |column| row.get::<_, Option<i64>>(column).context(CONTEXT);
        let (checksum, row_checksum) = match (number(10), number(11)) {
            (Ok(checksum), Ok(row_checksum)) => (checksum, row_checksum),
            (Err(Error::Corrupt(finding)), _) | (_, Err(Error::Corrupt(finding))) => {
                return Err(damaged(row, false, finding).context(CONTEXT)?);
            }
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        let may_be_unchecked = match self.unchecked {
            Unchecked::All => true,
            Unchecked::UpTo(_, unchecked) => record.position <= unchecked,
        };
        let expected = checksums::of_closed(&borrowed(&record));
        if checksum != Some(expected) && !(checksum.is_none() && may_be_unchecked) {
            let finding = "its checksum does not fit what is stored beside its row";
            return Err(damaged(row, false, finding.into()).context(CONTEXT)?);
        }
        let is_sure = checksum.is_some();
        let rows = match row.get_ref(9).context(CONTEXT).map(bytes_of) {
            Ok(Some(rows)) => rows,
            Ok(None) => {
                let finding = "its row is neither text nor bytes";
                return Err(damaged(row, is_sure, finding.into()).context(CONTEXT)?);
            }
            Err(Error::Corrupt(finding)) => return Err(damaged(row, is_sure, finding).context(CONTEXT)?),
            Err(error) => return Err(error),
        };
        let expected = checksums::of_row(record.start_sequence, rows);
        if row_checksum != Some(expected) && !(row_checksum.is_none() && may_be_unchecked) {
            let finding = "its checksum does not fit its row";
            return Err(damaged(row, is_sure, finding.into()).context(CONTEXT)?);
        }
        Ok(ClosedRecord { row: rows.to_vec(), ..record })
    }
}

/// The bytes of a row; releases before stored text.
fn bytes_of(stored: ValueRef<'_>) -> Option<&[u8]> {
    match stored {
        ValueRef::Blob(bytes) => Some(bytes),
        ValueRef::Text(text) => std::str::from_utf8(text).ok().map(str::as_bytes),
        _ => None,
    }
}

/// A closed session without its row.
fn record(row: &Row<'_>) -> rusqlite::Result<ClosedRecord> {
    Ok(ClosedRecord {
        position: position(row, 0)?,
        session: SessionId::from_bytes(row.get(1)?),
        start_sequence: Sequence::new(count(row, 2)?),
        last_sequence: Sequence::new(count(row, 3)?),
        started_at_ms: row.get(4)?,
        closed_at_ms: row.get(5)?,
        report_suite: row.get(6)?,
        content_id: row.get(7)?,
        visitor_id: row.get(8)?,
        row: Vec::new(),
    })
}

/// The error of closed sessions at positions from `first` and before `end` of which nothing can be read.
fn lost(first: u64, end: u64, finding: String) -> Error {
    let (first, last) = (OutboxPosition::new(first), OutboxPosition::new(end - 1));
    Error::DamagedRow(Box::new(DamagedRow { first, last, session: None, finding }))
}

/// The error of a closed session that is not what was written.
fn damaged(row: &Row<'_>, is_sure: bool, finding: String) -> rusqlite::Result<Error> {
    let position = position(row, 0)?;
    let session = DamagedSession {
        session: SessionId::from_bytes(row.get(1)?),
        start_sequence: Sequence::new(count(row, 2)?),
        last_sequence: Sequence::new(count(row, 3)?),
        started_at_ms: row.get(4)?,
        closed_at_ms: row.get(5)?,
        is_sure,
    };
    let damage = DamagedRow { first: position, last: position, session: Some(session), finding };
    Ok(Error::DamagedRow(Box::new(damage)))
}

fn borrowed(record: &ClosedRecord) -> ClosedSession<'_> {
    ClosedSession {
        session: record.session,
        start_sequence: record.start_sequence,
        last_sequence: record.last_sequence,
        started_at_ms: record.started_at_ms,
        closed_at_ms: record.closed_at_ms,
        report_suite: &record.report_suite,
        content_id: &record.content_id,
        visitor_id: &record.visitor_id,
        row: &record.row,
    }
}

/// A stored position.
pub(super) fn position(row: &Row<'_>, column: usize) -> rusqlite::Result<OutboxPosition> {
    count(row, column).map(OutboxPosition::new)
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}
