//! What a node and its reporter say to each other.

use playhead_journal::{OwnedEvent, Sequence};
use playhead_lake::Table;
use playhead_protocol::{Origin, PackedFacts, SessionId};
use playhead_report::engine::wanted::Wanted;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::sessions::filter::SessionFilter;
use crate::sessions::list::{read_cursor, write_cursor};
use crate::sessions::stored::StoredSession;
use crate::tables::queries::Report;

/// A request to the reporter. The body of a query follows in a frame of its own.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Request {
    /// The name of the journal in the tables, which changes when histories part.
    pub(crate) server: String,
    /// How many versions of tables the node has made.
    pub(crate) written: u64,
    pub(crate) kind: RequestKind,
}

/// What is requested.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum RequestKind {
    /// A query over the tables.
    Query { report: Report, table: String, pairs: Vec<(String, String)>, accept: String },
    /// A page of stored sessions; `before` is a cursor.
    Page { filter: SessionFilter, before: Option<String>, wanted: usize },
    /// A stored session.
    Session { id: SessionId },
    /// The stored events of a session.
    Events { id: SessionId, received_from_ms: i64, limit: usize },
}

/// The head of the response to a query.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Head {
    pub(crate) content_type: String,
    pub(crate) length_bytes: Option<u64>,
}

/// A stored session on its way.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct SentSession {
    cursor: String,
    row: Map<String, Value>,
}

impl From<StoredSession> for SentSession {
    fn from(session: StoredSession) -> Self {
        Self { cursor: write_cursor(session.cursor), row: session.row }
    }
}

impl SentSession {
    pub(crate) fn received(self) -> Option<StoredSession> {
        Some(StoredSession { cursor: read_cursor(&self.cursor)?, row: self.row })
    }
}

/// A stored event on its way.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct SentEvent {
    sequence: u64,
    received_at_ms: i64,
    previous: Option<u64>,
    source: String,
    last_of_batch: bool,
    body: Vec<u8>,
}

impl From<OwnedEvent> for SentEvent {
    fn from(event: OwnedEvent) -> Self {
        Self {
            sequence: event.sequence.get(),
            received_at_ms: event.received_at_ms,
            previous: event.previous.map(Sequence::get),
            source: Origin { wire: event.wire, delivery: event.delivery }.source().to_owned(),
            last_of_batch: event.last_of_batch,
            body: event.body,
        }
    }
}

impl SentEvent {
    pub(crate) fn received(self, session: SessionId) -> OwnedEvent {
        let Origin { wire, delivery } = Origin::of_source(&self.source).unwrap_or(Origin::COLLECTION_V1);
        OwnedEvent {
            sequence: Sequence::new(self.sequence),
            received_at_ms: self.received_at_ms,
            session,
            previous: self.previous.map(Sequence::new),
            wire,
            delivery,
            facts: PackedFacts::default(),
            last_of_batch: self.last_of_batch,
            body: self.body,
        }
    }
}

/// A request for rows of open sessions.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct OpenRowsRequest {
    table: String,
    /// Places of columns in [`Table::columns`].
    pub(crate) projection: Vec<usize>,
    pub(crate) wanted: Wanted,
}

impl OpenRowsRequest {
    pub(crate) fn new(table: Table, projection: &[usize], wanted: &Wanted) -> Self {
        Self { table: table.name().to_owned(), projection: projection.to_vec(), wanted: wanted.clone() }
    }

    pub(crate) fn table(&self) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.name() == self.table)
    }
}

/// Why a reporter ends itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub enum Ending {
    /// It needed more memory than it may have.
    Memory {
        /// What it had taken, bytes.
        needed_bytes: u64,
        /// What it may have, bytes.
        limit_bytes: u64,
    },
    /// A query went on after its time without a pause.
    Stuck {
        /// The time of a query, ms.
        limit_ms: u64,
    },
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory { needed_bytes, limit_bytes } => {
                write!(f, "it needed {needed_bytes} bytes of memory and may have {limit_bytes}")
            }
            Self::Stuck { limit_ms } => {
                write!(f, "a query went on after its limit of {limit_ms} ms and could not be stopped")
            }
        }
    }
}
