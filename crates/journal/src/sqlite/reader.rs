//! The reading side of the journal in SQLite.

use std::path::Path;

use playhead_protocol::SessionId;
use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use super::closed::{ClosedSessions, Selection, position};
use super::events::StoredEvents;
use super::meta;
use super::numbers::{number_of, sequence_of};
use super::recovery::RecoveryItems;
use super::schema;
use super::verification::verify_all;
use crate::error::{Error, SqliteContext};
use crate::journal::JournalReader;
use crate::kinds::{META_ACCOUNTING, META_CREATED_AT};
use crate::limits;
use crate::log::LogReader;
use crate::place::{OutboxPosition, Sequence};
use crate::progress::ProgressReader;
use crate::records::{ClosedFilter, ClosedRecord, Ends, EventPage, OwnedEvent, PageCursor, Recovery};

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

impl JournalReader for SqliteReader {
    fn recover(&mut self) -> Result<Recovery<'_>, Error> {
        let view = self.connection.unchecked_transaction().context("beginning a recovery")?;
        let replay_from = meta::read_replay_from(&view)?;
        let next_sequence = meta::read_next_sequence(&view)?;
        let accounting = meta::bytes(&view, META_ACCOUNTING.key)?;
        let items = RecoveryItems::new(view, replay_from)?;
        Ok(Recovery { replay_from, next_sequence, accounting, items: Box::new(items) })
    }

    fn ends(&mut self) -> Result<Ends, Error> {
        let view = self.connection.unchecked_transaction().context("beginning to look for the ends")?;
        let next_sequence = meta::read_next_sequence(&view)?;
        Ok(Ends { next_sequence, last_position: meta::read_last_position(&view)? })
    }

    fn meta_get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        meta::bytes(&self.connection, &meta::caller_key(key))
    }

    fn created_at_ms(&self) -> Result<i64, Error> {
        meta::number(&self.connection, META_CREATED_AT)?
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
        let mut stored = StoredEvents::new(&view)?;
        let mut events: Vec<OwnedEvent> = Vec::new();
        let mut wanted = Some(last_sequence);
        while let Some(sequence) = wanted
            && events.len() < limit.min(limits::MAX_SESSION_EVENTS)
        {
            let Some(event) = stored.event(&view, sequence)? else { break };
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
        let mut stored = StoredEvents::new(&view)?;
        let mut page = EventPage::new(limit);
        let mut sequence = from_sequence.max(stored.first());
        while sequence < stored.next() && page.has_room() {
            match stored.event(&view, sequence) {
                Ok(Some(event)) => page.push(event),
                // What stands before a gap is given out first; the next page begins with the gap, and says so.
                Err(Error::Corrupt(_)) if !page.events.is_empty() => break,
                Ok(None) => break,
                Err(error) => return Err(error),
            }
            sequence = sequence.next();
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
        let mut high = meta::read_next_sequence(&view)?;
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
        let view = self.connection.unchecked_transaction().context("beginning to read a closed session")?;
        let selection = Selection {
            from: "FROM closed_sessions WHERE session_id = ?1 LIMIT ?2",
            params: &[session.as_bytes(), &1],
        };
        Ok(ClosedSessions::new(&view)?.page(&selection)?.pop())
    }

    fn closed_sessions_page(
        &self,
        filter: &ClosedFilter<'_>,
        before: Option<PageCursor>,
        limit: usize,
    ) -> Result<Vec<ClosedRecord>, Error> {
        let view = self.connection.unchecked_transaction().context("beginning to list closed sessions")?;
        let limit = page_limit(limit);
        let cursor = before.map(|cursor| (cursor.started_at_ms, *cursor.session.as_bytes()));
        let acknowledged = number_of(meta::read_acknowledged(&view)?.get());
        let page = PageQuery::new(filter, &acknowledged, cursor.as_ref(), &limit);
        ClosedSessions::new(&view)?.page(&Selection { from: &page.from, params: &page.params })
    }

    fn outbox(&self, after_position: OutboxPosition, limit: usize) -> Result<Vec<ClosedRecord>, Error> {
        let view = self.connection.unchecked_transaction().context("beginning to read the outbox")?;
        ClosedSessions::new(&view)?.outbox(after_position, page_limit(limit))
    }

    fn outbox_sessions(
        &self,
        after_position: OutboxPosition,
        limit: usize,
    ) -> Result<Vec<(OutboxPosition, SessionId)>, Error> {
        let view = self.connection.unchecked_transaction().context("beginning to read the outbox")?;
        let limit = page_limit(limit);
        let mut sessions: Vec<(OutboxPosition, SessionId)> = view
            .prepare_cached(
                "SELECT position, session_id FROM closed_sessions WHERE position > ?1 ORDER BY position LIMIT ?2",
            )
            .and_then(|mut statement| {
                let params = [number_of(after_position.get()), limit];
                let read = |row: &Row<'_>| Ok((position(row, 0)?, SessionId::from_bytes(row.get(1)?)));
                statement.query_map(params, read)?.collect::<rusqlite::Result<_>>()
            })
            .context("reading the outbox")?;
        let positions = sessions.iter().map(|(position, _)| *position);
        if limit > 0 {
            let whole = ClosedSessions::new(&view)?.without_gap(after_position, positions)?;
            sessions.truncate(whole);
        }
        Ok(sessions)
    }

    fn acknowledged(&self) -> Result<OutboxPosition, Error> {
        meta::read_acknowledged(&self.connection)
    }
}

/// The statement of one page of closed sessions, with its parameters in order.
struct PageQuery<'a> {
    /// The statement behind its columns.
    from: String,
    params: Vec<&'a dyn ToSql>,
}

impl<'a> PageQuery<'a> {
    fn new(
        filter: &'a ClosedFilter<'_>,
        acknowledged: &'a i64,
        cursor: Option<&'a (i64, [u8; 32])>,
        limit: &'a i64,
    ) -> Self {
        let mut conditions = vec!["position > ?"];
        let mut params: Vec<&dyn ToSql> = vec![acknowledged];
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
        let conditions = conditions.join(" AND ");
        // The rows themselves are read of those alone that are on the page.
        let from = format!(
            "FROM closed_sessions WHERE position IN (SELECT position FROM closed_sessions WHERE {conditions} \
             ORDER BY started_at DESC, session_id DESC LIMIT ?) ORDER BY started_at DESC, session_id DESC"
        );
        Self { from, params }
    }
}

fn page_limit(limit: usize) -> i64 {
    number_of(limit.min(limits::MAX_PAGE_ROWS) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{OpenOptions, SqliteJournal};

    /// An index by anything else than the position costs a page of the disk for each session that closes.
    #[test]
    fn pages_of_closed_sessions_begin_behind_what_was_taken_over() {
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
            let query = PageQuery::new(&filter, &3, (choice & 32 != 0).then_some(&cursor), &10);
            let mut statement =
                reader.connection.prepare(&format!("EXPLAIN QUERY PLAN SELECT row {}", query.from)).unwrap();
            let steps = statement.query_map(query.params.as_slice(), |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = steps.map(Result::unwrap).collect();
            let behind = "SEARCH closed_sessions USING INTEGER PRIMARY KEY (rowid>?)";
            assert!(plan.iter().any(|step| step == behind), "{filter:?}: {plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN")), "{filter:?}: {plan:?}");
        }
    }
}
