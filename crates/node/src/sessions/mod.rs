//! Queries about sessions: the open ones in memory and the closed ones in the journal as one.

pub(crate) mod changes;
pub mod effects;
pub mod explain;
pub mod filter;
pub mod list;
pub(crate) mod mending;
pub mod query_threads;
pub mod row_schemas;
pub(crate) mod session_reports;
pub(crate) mod stored;

use playhead_journal::JournalReader;
use playhead_protocol::SessionId;
use playhead_session::ReadRows;

use crate::error::ReadError;
use crate::ingest::open_sessions::OpenSessions;

/// A session's rows as JSON text: the session's row with `ads`, `chapters` and `errors`.
pub(crate) fn session_rows(
    id: &SessionId,
    open_sessions: &OpenSessions,
    reader: &mut dyn JournalReader,
) -> Result<Option<String>, ReadError> {
    if let Some(rows) = open_sessions.read(id, |session| session.rows_view().write()) {
        return rows.map(Some).map_err(|_| ReadError::Internal);
    }
    let Some(record) = reader.closed_session(id)? else { return Ok(None) };
    match ReadRows::read(&record.row) {
        // An earlier release wrote fewer columns; every door shows those of this one.
        Ok(rows) => rows.write().map(Some).map_err(|_| ReadError::Internal),
        Err(_) => Err(ReadError::Internal),
    }
}
