//! The reading side of the journal in SQLite.

use std::path::Path;

use playhead_protocol::SessionId;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction};

use super::schema::{self, number_of, sequence_of};
use super::verification::verify_all;
use crate::error::{Error, SqliteContext};
use crate::group::DecodedGroup;
use crate::journal::JournalReader;
use crate::kinds::{META_ACCOUNTING, META_CREATED_AT};
use crate::limits;
use crate::log::LogReader;
use crate::place::{OutboxPosition, Sequence};
use crate::progress::ProgressReader;
use crate::records::{
    CheckpointState, ClosedFilter, ClosedRecord, Ends, EventPage, OwnedEvent, PageCursor, Recovery,
    RecoveryItem,
};

/// A reader of the journal in an SQLite database.
#[derive(Debug)]
pub struct SqliteReader {
    connection: Connection,
}

/// Opens the journal of `directory` for reading, with or without a running writer. The reader is on its own and may
/// be used from any one thread. It needs the right to write in the directory, where SQLite keeps a small file that
/// coordinates readers and the writer.
///
/// # Errors
///
/// [`Error::Missing`] when there is no journal; [`Error::NewerVersion`] and [`Error::Foreign`] when the file is not
/// one that this release reads.
pub fn open_reader(directory: &Path) -> Result<SqliteReader, Error> {
    Ok(SqliteReader { connection: schema::open_for_reading(directory)? })
}

const CLOSED_COLUMNS: &str = "position, session_id, start_sequence, last_sequence, started_at, closed_at, \
                              report_suite, content_id, visitor_id, row";

impl JournalReader for SqliteReader {
    fn recover(&mut self) -> Result<Recovery<'_>, Error> {
        let view = self.connection.unchecked_transaction().context("beginning a recovery")?;
        let replay_from = schema::read_replay_from(&view)?;
        let next_sequence = schema::read_next_sequence(&view)?;
        let accounting = schema::meta_bytes(&view, META_ACCOUNTING.key)?;
        let items = RecoveryItems {
            view,
            stage: Stage::Checkpoints { after: 0 },
            replay_from,
            next_sequence,
            group: None,
        };
        Ok(Recovery { replay_from, next_sequence, accounting, items: Box::new(items) })
    }

    fn ends(&mut self) -> Result<Ends, Error> {
        let view = self.connection.unchecked_transaction().context("beginning to look for the ends")?;
        let next_sequence = schema::read_next_sequence(&view)?;
        Ok(Ends { next_sequence, last_position: schema::read_last_position(&view)? })
    }

    fn meta_get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        schema::meta_bytes(&self.connection, &schema::caller_key(key))
    }

    fn created_at_ms(&self) -> Result<i64, Error> {
        schema::meta_number(&self.connection, META_CREATED_AT)?
            .ok_or_else(|| Error::Corrupt("its creation time is missing".into()))
    }

    fn verify(&mut self) -> Result<Vec<String>, Error> {
        let view = self.connection.unchecked_transaction().context("beginning a verification")?;
        verify_all(&view)
    }
}

impl LogReader for SqliteReader {
    fn events_of(&mut self, last_sequence: Sequence, limit: usize) -> Result<Vec<OwnedEvent>, Error> {
        let view = self.connection.unchecked_transaction().context("beginning to read a session")?;
        let mut group = None;
        let mut events: Vec<OwnedEvent> = Vec::new();
        let mut wanted = Some(last_sequence);
        while let Some(sequence) = wanted
            && events.len() < limit.min(limits::MAX_SESSION_EVENTS)
        {
            let Some(event) = read_event(&view, &mut group, sequence)? else {
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
            events.push(event);
        }
        events.reverse();
        Ok(events)
    }

    fn events_from(&mut self, from_sequence: Sequence, limit: usize) -> Result<Vec<OwnedEvent>, Error> {
        let view = self.connection.unchecked_transaction().context("beginning to read events")?;
        let next_sequence = schema::read_next_sequence(&view)?;
        let mut group = None;
        let mut page = EventPage::new(limit);
        let mut sequence = from_sequence;
        while sequence < next_sequence && page.has_room() {
            match read_event(&view, &mut group, sequence)? {
                Some(event) => {
                    page.push(event);
                    sequence = sequence.next();
                }
                None => {
                    let Some(later) = first_sequence_behind(&view, sequence)? else { break };
                    sequence = later;
                }
            }
        }
        Ok(page.events)
    }

    fn sequence_before(&mut self, received_at_ms: i64) -> Result<Sequence, Error> {
        let context = "looking for a time";
        let view = self.connection.unchecked_transaction().context(context)?;
        let oldest: Option<i64> = view
            .prepare_cached("SELECT first_sequence FROM groups ORDER BY first_sequence LIMIT 1")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
            .context(context)?;
        let mut high = schema::read_next_sequence(&view)?;
        let mut low = oldest.map_or(Ok(high), |oldest| sequence_of(oldest, "first sequence"))?;
        // Everything before `low` is older; the group that starts at `high`, if there is one, is not.
        while low < high {
            let middle = Sequence::new(low.get().midpoint(high.get()));
            let (first, last, group_received_at): (i64, i64, i64) = view
                .prepare_cached(
                    "SELECT first_sequence, last_sequence, received_at FROM groups \
                     WHERE first_sequence <= ?1 ORDER BY first_sequence DESC LIMIT 1",
                )
                .and_then(|mut statement| {
                    statement.query_row([number_of(middle.get())], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                    })
                })
                .context(context)?;
            if group_received_at < received_at_ms {
                low = sequence_of(last, "last sequence")?.max(middle).next();
            } else {
                high = sequence_of(first, "first sequence")?;
            }
        }
        Ok(high)
    }
}

impl ProgressReader for SqliteReader {
    fn closed_session(&self, session: &SessionId) -> Result<Option<ClosedRecord>, Error> {
        self.connection
            .prepare_cached(&format!("SELECT {CLOSED_COLUMNS} FROM closed_sessions WHERE session_id = ?1"))
            .and_then(|mut statement| statement.query_row([session.as_bytes()], closed_record).optional())
            .context("reading a closed session")
    }

    fn closed_sessions_page(
        &self,
        filter: &ClosedFilter<'_>,
        before: Option<PageCursor>,
        limit: usize,
    ) -> Result<Vec<ClosedRecord>, Error> {
        let limit = page_limit(limit);
        let cursor = before.map(|cursor| (cursor.started_at_ms, *cursor.session.as_bytes()));
        let page = PageQuery::new(filter, cursor.as_ref(), &limit);
        self.connection
            .prepare_cached(&page.sql)
            .and_then(|mut statement| {
                statement.query_map(page.params.as_slice(), closed_record)?.collect::<rusqlite::Result<_>>()
            })
            .context("listing closed sessions")
    }

    fn outbox(&self, after_position: OutboxPosition, limit: usize) -> Result<Vec<ClosedRecord>, Error> {
        self.connection
            .prepare_cached(&format!(
                "SELECT {CLOSED_COLUMNS} FROM closed_sessions WHERE position > ?1 ORDER BY position LIMIT ?2"
            ))
            .and_then(|mut statement| {
                let params = [number_of(after_position.get()), page_limit(limit)];
                statement.query_map(params, closed_record)?.collect::<rusqlite::Result<_>>()
            })
            .context("reading the outbox")
    }

    fn outbox_sessions(
        &self,
        after_position: OutboxPosition,
        limit: usize,
    ) -> Result<Vec<(OutboxPosition, SessionId)>, Error> {
        self.connection
            .prepare_cached(
                "SELECT position, session_id FROM closed_sessions WHERE position > ?1 ORDER BY position LIMIT ?2",
            )
            .and_then(|mut statement| {
                let params = [number_of(after_position.get()), page_limit(limit)];
                let read = |row: &Row<'_>| Ok((position(row, 0)?, SessionId::from_bytes(row.get(1)?)));
                statement.query_map(params, read)?.collect::<rusqlite::Result<_>>()
            })
            .context("reading the outbox")
    }

    fn acknowledged(&self) -> Result<OutboxPosition, Error> {
        schema::read_acknowledged(&self.connection)
    }
}

/// The statement of one page of closed sessions, with its parameters in order.
struct PageQuery<'a> {
    sql: String,
    params: Vec<&'a dyn ToSql>,
}

impl<'a> PageQuery<'a> {
    fn new(filter: &'a ClosedFilter<'_>, cursor: Option<&'a (i64, [u8; 32])>, limit: &'a i64) -> Self {
        // The narrowest index that fits. Each is in the order of the list behind its first column, so a page reads
        // its own rows only; left to itself the planner may prefer to sort.
        let index = match filter {
            ClosedFilter { visitor_id: Some(_), .. } => "closed_by_visitor",
            ClosedFilter { content_id: Some(_), .. } => "closed_by_content",
            ClosedFilter { report_suite: Some(_), .. } => "closed_by_suite",
            _ => "closed_by_start",
        };
        let mut conditions: Vec<&str> = Vec::new();
        let mut params: Vec<&dyn ToSql> = Vec::new();
        let mut condition = |text, value: Option<&'a dyn ToSql>| {
            if let Some(value) = value {
                conditions.push(text);
                params.push(value);
            }
        };
        condition("visitor_id = ?", filter.visitor_id.as_ref().map(|value| value as _));
        condition("content_id = ?", filter.content_id.as_ref().map(|value| value as _));
        condition("report_suite = ?", filter.report_suite.as_ref().map(|value| value as _));
        condition("started_at >= ?", filter.started_from_ms.as_ref().map(|value| value as _));
        condition("started_at < ?", filter.started_before_ms.as_ref().map(|value| value as _));
        if let Some((started_at, session)) = cursor {
            conditions.push("(started_at, session_id) < (?, ?)");
            params.push(started_at);
            params.push(session);
        }
        params.push(limit);
        let filter_sql =
            if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
        let sql = format!(
            "SELECT {CLOSED_COLUMNS} FROM closed_sessions INDEXED BY {index} {filter_sql} \
             ORDER BY started_at DESC, session_id DESC LIMIT ?"
        );
        Self { sql, params }
    }
}

/// Where a recovery stands.
enum Stage {
    Checkpoints { after: i64 },
    Events { next: Sequence },
    Done,
}

struct RecoveryItems<'a> {
    view: Transaction<'a>,
    stage: Stage,
    replay_from: Sequence,
    next_sequence: Sequence,
    group: Option<DecodedGroup>,
}

impl RecoveryItems<'_> {
    fn step(&mut self) -> Result<Option<RecoveryItem>, Error> {
        if let Stage::Checkpoints { after } = self.stage {
            if let Some((number, state)) = read_checkpoint(&self.view, after)? {
                self.stage = Stage::Checkpoints { after: number };
                let start_sequence = sequence_of(number, "start of a session")?;
                return Ok(Some(RecoveryItem::Checkpoint(CheckpointState { start_sequence, state })));
            }
            self.stage = Stage::Events { next: self.replay_from };
        }
        let Stage::Events { next } = self.stage else {
            return Ok(None);
        };
        if next >= self.next_sequence {
            return Ok(None);
        }
        let event = read_event(&self.view, &mut self.group, next)?;
        let event = event.ok_or_else(|| Error::Corrupt(format!("event {next} is missing")))?;
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

fn read_checkpoint(connection: &Connection, after: i64) -> Result<Option<(i64, Vec<u8>)>, Error> {
    connection
        .prepare_cached(
            "SELECT start_sequence, state FROM open_sessions WHERE start_sequence > ?1 \
             ORDER BY start_sequence LIMIT 1",
        )
        .and_then(|mut statement| {
            statement.query_row([after], |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .context("reading a checkpoint")
}

/// The event of this sequence; `None` when it is not stored. `group` keeps the group that was read last, for its
/// neighbours.
fn read_event(
    connection: &Connection,
    group: &mut Option<DecodedGroup>,
    sequence: Sequence,
) -> Result<Option<OwnedEvent>, Error> {
    if let Some(event) = group.as_ref().and_then(|group| group.event(sequence)) {
        return Ok(Some(event.to_owned_event()));
    }
    *group = read_group(connection, number_of(sequence.get()))?;
    let event = group.as_ref().and_then(|group| group.event(sequence));
    Ok(event.map(|event| event.to_owned_event()))
}

/// The first stored sequence behind one that is not stored.
fn first_sequence_behind(connection: &Connection, sequence: Sequence) -> Result<Option<Sequence>, Error> {
    let first: Option<i64> = connection
        .prepare_cached(
            "SELECT first_sequence FROM groups WHERE first_sequence > ?1 ORDER BY first_sequence LIMIT 1",
        )
        .and_then(|mut statement| {
            statement.query_row([number_of(sequence.get())], |row| row.get(0)).optional()
        })
        .context("reading events")?;
    first.map(|first| sequence_of(first, "first sequence")).transpose()
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

fn position(row: &Row<'_>, column: usize) -> rusqlite::Result<OutboxPosition> {
    count(row, column).map(OutboxPosition::new)
}

fn sequence(row: &Row<'_>, column: usize) -> rusqlite::Result<Sequence> {
    count(row, column).map(Sequence::new)
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

fn closed_record(row: &Row<'_>) -> rusqlite::Result<ClosedRecord> {
    Ok(ClosedRecord {
        position: position(row, 0)?,
        session: SessionId::from_bytes(row.get(1)?),
        start_sequence: sequence(row, 2)?,
        last_sequence: sequence(row, 3)?,
        started_at_ms: row.get(4)?,
        closed_at_ms: row.get(5)?,
        report_suite: row.get(6)?,
        content_id: row.get(7)?,
        visitor_id: row.get(8)?,
        row: row.get(9)?,
    })
}

fn page_limit(limit: usize) -> i64 {
    number_of(limit.min(limits::MAX_PAGE_ROWS) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{OpenOptions, SqliteJournal};

    /// Sorting would read all sessions of a filter for each page.
    #[test]
    fn pages_of_closed_sessions_are_read_in_index_order() {
        let directory = tempfile::tempdir().unwrap();
        let _journal = SqliteJournal::open(directory.path(), OpenOptions::new(0)).unwrap();
        let reader = open_reader(directory.path()).unwrap();
        let cursor = (5, [7; 32]);
        for choice in 0..64 {
            let filter = ClosedFilter {
                started_from_ms: (choice & 1 != 0).then_some(1),
                started_before_ms: (choice & 2 != 0).then_some(9),
                report_suite: (choice & 4 != 0).then_some("s"),
                content_id: (choice & 8 != 0).then_some("c"),
                visitor_id: (choice & 16 != 0).then_some("v"),
            };
            let query = PageQuery::new(&filter, (choice & 32 != 0).then_some(&cursor), &10);
            let mut statement =
                reader.connection.prepare(&format!("EXPLAIN QUERY PLAN {}", query.sql)).unwrap();
            let steps = statement.query_map(query.params.as_slice(), |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = steps.map(Result::unwrap).collect();
            assert_eq!(plan.len(), 1, "{filter:?}: {plan:?}");
            assert!(plan[0].contains("USING INDEX closed_by_"), "{filter:?}: {plan:?}");
        }
    }
}
