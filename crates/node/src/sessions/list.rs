//! Pages of sessions, the latest start first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use playhead_journal::{JournalReader, PageCursor};
use playhead_lake::Exclusions;
use playhead_protocol::SessionId;
use playhead_report::ScopeResponse;
use playhead_session::ReadRows;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::error::ReadError;
use crate::ingest::open_sessions::OpenSessions;
use crate::limits::PAGE_SCANNED;
use crate::sessions::filter::SessionFilter;
use crate::sessions::row_schemas::SessionColumns;
use crate::sessions::stored::StoredSession;

/// Closed sessions fetched from the journal at first.
const FETCHED: usize = 500;

/// Closed sessions fetched at once if those were not enough: each fetch goes over all that the lake does not have yet.
const FETCHED_MORE: usize = 5_000;

/// One page of sessions.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Sessions")]
pub struct SessionPage {
    /// Session rows, the latest start first.
    #[schemars(with = "Vec<SessionColumns>")]
    pub sessions: Vec<Value>,
    /// The beginning of the next page; `null` on the last one.
    pub next_cursor: Option<String>,
    /// How many sessions there are on all pages; `null` in a list by `from`, `to`, `report_suite`, `content_id`, `visitor_id`,
    /// `open`, `diagnosis`, `q` and filters of texts of the start alone, which is not counted.
    pub total: Option<u64>,
    /// Which sessions the list is about; `null` as for `total`.
    pub scope: Option<ScopeResponse>,
}

/// A page of the sessions that a filter lets through and that are not excluded, those behind `before` when it is given.
pub fn sessions(
    filter: &SessionFilter,
    before: Option<PageCursor>,
    limit: usize,
    excluded: &Exclusions,
    open_sessions: &OpenSessions,
    reader: &mut dyn JournalReader,
) -> Result<SessionPage, ReadError> {
    // One more than asked for tells whether there is another page.
    let wanted = limit.saturating_add(1);
    let in_memory = latest_in_memory(filter, before, wanted, excluded, open_sessions);
    let (closed, scanned_to) = match filter.open {
        Some(true) => (Vec::new(), None),
        _ => closed_sessions(filter, before, wanted, excluded, reader)?,
    };
    let mut page: Vec<(PageCursor, Value)> = Vec::new();
    let stored: HashSet<SessionId> = closed.iter().map(|(cursor, _)| cursor.session).collect();
    page.extend(closed);
    for cursor in in_memory {
        // A session may have closed between the two looks; it is shown once.
        if !stored.contains(&cursor.session)
            && let Some(row) = row_of(&cursor.session, open_sessions, reader)?
        {
            page.push((cursor, row));
        }
    }
    page.sort_unstable_by_key(|&(cursor, _)| Reverse(cursor));
    if let Some(scanned_to) = scanned_to {
        // Sessions behind the last closed session that was read belong to the next page.
        page.retain(|&(cursor, _)| cursor >= scanned_to);
    }
    let has_more = page.len() > limit;
    page.truncate(limit);
    let last = page.last().map(|&(cursor, _)| cursor).filter(|_| has_more);
    let next = if has_more { last } else { scanned_to };
    Ok(SessionPage {
        sessions: page.into_iter().map(|(_, row)| row).collect(),
        next_cursor: next.map(write_cursor),
        total: None,
        scope: None,
    })
}

fn latest_in_memory(
    filter: &SessionFilter,
    before: Option<PageCursor>,
    wanted: usize,
    excluded: &Exclusions,
    open_sessions: &OpenSessions,
) -> Vec<PageCursor> {
    let mut latest: BinaryHeap<Reverse<PageCursor>> = BinaryHeap::new();
    open_sessions.for_each(|session| {
        let cursor = PageCursor { started_at_ms: session.started_at_ms(), session: session.id() };
        let is_late_enough =
            latest.len() < wanted || latest.peek().is_some_and(|Reverse(least)| cursor > *least);
        let is_in_place = is_late_enough && before.is_none_or(|before| cursor < before);
        if is_in_place && filter.admits(session) && !excluded.contains(&cursor.session) {
            latest.push(Reverse(cursor));
            if latest.len() > wanted {
                latest.pop();
            }
        }
    });
    let mut found: Vec<PageCursor> = latest.into_iter().map(|Reverse(cursor)| cursor).collect();
    // A session that closed while its shard was visited may have been seen twice.
    found.sort_unstable();
    found.dedup();
    found
}

/// Adds sessions that the lake has to a page, each once, in order; the page keeps at most `limit`.
pub(crate) fn add_stored(page: &mut SessionPage, stored: Vec<StoredSession>, limit: usize) {
    let mut rows: Vec<(PageCursor, Value)> = Vec::new();
    for row in std::mem::take(&mut page.sessions) {
        if let Some(cursor) = cursor_of(&row) {
            rows.push((cursor, row));
        }
    }
    let ends_at = page.next_cursor.as_deref().and_then(read_cursor);
    let known: HashSet<SessionId> = rows.iter().map(|(cursor, _)| cursor.session).collect();
    rows.extend(
        stored
            .into_iter()
            .filter(|session| !known.contains(&session.cursor.session))
            // Sessions behind the end of the page belong to the next one.
            .filter(|session| ends_at.is_none_or(|ends_at| session.cursor >= ends_at))
            .map(|session| (session.cursor, Value::Object(session.row))),
    );
    rows.sort_unstable_by_key(|&(cursor, _)| Reverse(cursor));
    if rows.len() > limit {
        rows.truncate(limit);
        page.next_cursor = rows.last().map(|&(cursor, _)| write_cursor(cursor));
    }
    page.sessions = rows.into_iter().map(|(_, row)| row).collect();
}

fn cursor_of(row: &Value) -> Option<PageCursor> {
    let started_at: jiff::Timestamp = row["started_at"].as_str()?.parse().ok()?;
    let session = row["session_id"].as_str()?.parse().ok()?;
    Some(PageCursor { started_at_ms: started_at.as_millisecond(), session })
}

type ClosedPage = (Vec<(PageCursor, Value)>, Option<PageCursor>);

/// Closed sessions that the filter lets through, and how far was looked when that was not to the end.
fn closed_sessions(
    filter: &SessionFilter,
    before: Option<PageCursor>,
    wanted: usize,
    excluded: &Exclusions,
    reader: &mut dyn JournalReader,
) -> Result<ClosedPage, ReadError> {
    let mut found = Vec::new();
    let mut scanned = 0;
    let mut cursor = before;
    while scanned < PAGE_SCANNED {
        let fetched = if scanned == 0 { FETCHED } else { FETCHED_MORE };
        let records = reader.closed_sessions_page(&filter.of_closed(), cursor, fetched)?;
        let is_last = records.len() < fetched;
        for record in &records {
            cursor = Some(record.cursor());
            scanned += 1;
            if excluded.contains(&record.session) {
                continue;
            }
            let ReadRows { session, .. } = read(&record.row)?;
            if filter.admits_closed(record, &session) {
                found.push((record.cursor(), row_json(&session)?));
                if found.len() == wanted {
                    return Ok((found, None));
                }
            }
        }
        if is_last {
            return Ok((found, None));
        }
    }
    Ok((found, cursor))
}

/// The row of a session in memory, or of one that closed in the meantime.
fn row_of(
    id: &SessionId,
    open_sessions: &OpenSessions,
    reader: &mut dyn JournalReader,
) -> Result<Option<Value>, ReadError> {
    if let Some(row) = open_sessions.read(id, |session| row_json(&session.row_view())) {
        return row.map(Some);
    }
    let Some(record) = reader.closed_session(id)? else { return Ok(None) };
    row_json(&read(&record.row)?.session).map(Some)
}

fn read(rows: &[u8]) -> Result<ReadRows<'_>, ReadError> {
    ReadRows::read(rows).map_err(|_| ReadError::Internal)
}

fn row_json(row: &impl Serialize) -> Result<Value, ReadError> {
    serde_json::to_value(row).map_err(|_| ReadError::Internal)
}

/// Writes a cursor as a list shows it.
pub(crate) fn write_cursor(cursor: PageCursor) -> String {
    format!("{}-{}", cursor.started_at_ms, cursor.session)
}

/// Reads a cursor back; `None` if no list made it.
pub fn read_cursor(text: &str) -> Option<PageCursor> {
    let (started_at_ms, session) = text.rsplit_once('-')?;
    Some(PageCursor { started_at_ms: started_at_ms.parse().ok()?, session: session.parse().ok()? })
}
