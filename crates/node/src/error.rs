//! Everything that can go wrong in a node, by operation. Each front door decides what its clients are told about it.

use playhead_protocol::Fault;

use crate::limits::{EXCLUDED_SESSIONS, LIVE_FILTERS, LIVE_STREAMS};

/// Why the node takes no events. Nothing was stored, except that after `Internal` nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// The node starts: it still replays its journal.
    #[error("the server is starting and goes over its journal")]
    Starting,
    /// The node stops.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// A limit of the node is reached.
    #[error("the server is busy: too many {0}")]
    Busy(&'static str),
    /// The disk is full or fails; nothing was stored.
    #[error("the server cannot store events now; nothing was stored")]
    NotStored,
    /// The writer ended before it decided.
    #[error("internal error")]
    Internal,
}

/// More is under way than the node takes on: too many of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server is busy: too many {0}")]
pub struct Busy(pub &'static str);

/// Why nobody else can watch live numbers now. One who watches makes room by leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WatchError {
    /// All streams are taken.
    #[error("the server is busy: too many live streams (at most {LIVE_STREAMS} at a time)")]
    TooManyStreams,
    /// Too many different filters are watched.
    #[error(
        "the server is busy: too many different filters of live numbers are watched (at most {LIVE_FILTERS} at a time; any \
         number of streams may share one)"
    )]
    TooManyFilters,
}

/// The journal holds what this release cannot have written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the journal cannot be replayed: {0}")]
pub struct Unreplayable(pub String);

/// Why a node does not start, ends before it is told to, or cannot open a data directory.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    /// The journal cannot be replayed.
    #[error(transparent)]
    Unreplayable(#[from] Unreplayable),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] playhead_lake::Error),
    /// The query engine does not start.
    #[error(transparent)]
    Report(#[from] playhead_report::Error),
    /// The operating system refused something that the node needs.
    #[error("{context}: {source}")]
    System {
        /// The attempted action.
        context: &'static str,
        /// The reason.
        source: std::io::Error,
    },
    /// Something that must not happen did.
    #[error("internal error")]
    Internal,
}

/// Why a commit did not happen. Nothing of it was stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommitError {
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    /// A session cannot be written.
    #[error(transparent)]
    Unreplayable(#[from] Unreplayable),
}

/// Why the journal cannot be read beside the writer.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Too many requests wait for a reader.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The node starts, and its open sessions are not yet what the journal has.
    #[error("the server is starting and goes over its journal")]
    Starting,
    /// The node stops.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    /// The rows of the journal cannot be brought into the columns of a table.
    #[error(transparent)]
    Rows(#[from] playhead_lake::Error),
    /// Something that must not happen did.
    #[error("internal error")]
    Internal,
}

/// Why a query over the tables has no response.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The query breaks the rules of its call.
    #[error("the request is invalid")]
    Invalid(Vec<Fault>),
    /// Too many queries run and wait.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The query failed.
    #[error(transparent)]
    Report(playhead_report::Error),
    /// Something that must not happen did.
    #[error("internal error")]
    Internal,
}

impl QueryError {
    /// The error of one fault in a part of a query.
    pub(crate) fn fault(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault { path: path.into(), message: message.into() }])
    }
}

impl From<playhead_report::Error> for QueryError {
    fn from(error: playhead_report::Error) -> Self {
        match error {
            playhead_report::Error::Invalid(faults) => Self::Invalid(faults),
            playhead_report::Error::Busy => Self::Busy(QUERIES),
            error => Self::Report(error),
        }
    }
}

/// Why a query about sessions has no response.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The events of the session cannot be accounted for again.
    #[error(transparent)]
    Unreplayable(#[from] Unreplayable),
    /// Too many queries run and wait.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] playhead_lake::Error),
    /// The query over the tables failed.
    #[error(transparent)]
    Report(playhead_report::Error),
    /// Something that must not happen did.
    #[error("internal error")]
    Internal,
}

impl From<playhead_report::Error> for SessionError {
    fn from(error: playhead_report::Error) -> Self {
        match error {
            playhead_report::Error::Busy => Self::Busy(QUERIES),
            error => Self::Report(error),
        }
    }
}

impl From<datafusion::error::DataFusionError> for SessionError {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        Self::Report(error.into())
    }
}

/// Why the exclusion of a session is not changed.
#[derive(Debug, thiserror::Error)]
pub enum ExclusionError {
    /// There is no such session.
    #[error("session not found")]
    UnknownSession,
    /// As many sessions are excluded as may be.
    #[error(
        "{EXCLUDED_SESSIONS} sessions are excluded, and that is the most; undo the exclusion of another one first"
    )]
    TooMany,
    /// The session cannot be read.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The change is not kept, or the tables do not follow it.
    #[error(transparent)]
    Maintenance(#[from] MaintenanceError),
}

/// The error of too many queries over the tables.
const QUERIES: Busy = Busy("queries");

/// Why the tables are not put in order.
#[derive(Debug, thiserror::Error)]
pub enum MaintenanceError {
    /// The journal belongs to no tables.
    #[error("no server has kept tables for this journal yet: start one first")]
    NoTables,
    /// Too many requests for upkeep wait.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The node stops.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] playhead_lake::Error),
}

impl MaintenanceError {
    /// Whether the journal is damaged: trying again changes nothing, and what is whole need not wait for it.
    pub(crate) const fn is_damage(&self) -> bool {
        match self {
            Self::Journal(error) | Self::Read(ReadError::Journal(error)) => error.is_damage(),
            _ => false,
        }
    }
}
