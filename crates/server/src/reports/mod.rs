//! Questions about sessions: the open ones in memory and the closed ones in the journal as one.

mod changes;
pub mod directory;
pub mod effects;
pub mod explain;
pub mod filter;
pub mod list;
pub mod questions;
pub mod sessions;
pub mod stored;
pub mod unstored;

use playhead_journal::{ClosedRecord, JournalReader};
use playhead_protocol::SessionId;

use crate::error::Error;
use crate::ingest::live::LiveSessions;

/// A session's rows as JSON text: the session's row with `ads`, `chapters` and `errors`.
pub fn session_rows(
    id: &SessionId,
    live: &LiveSessions,
    reader: &mut dyn JournalReader,
) -> Result<Option<String>, Error> {
    if let Some(rows) = live.read(id, |session| session.rows()) {
        return serde_json::to_string(&rows).map(Some).map_err(|_| Error::Internal);
    }
    Ok(reader.closed_session(id)?.map(|record: ClosedRecord| record.row))
}
