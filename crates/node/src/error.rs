//! Everything that can go wrong in a node. Each front door decides what its clients are told about it.

use playhead_protocol::Fault;

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

/// The error of starting a node, or of a query.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A query breaks the rules of its call.
    #[error("the request is invalid")]
    Invalid(Vec<Fault>),
    /// There is no such resource.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The node stops.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// More is under way than the node takes on.
    #[error("the server is busy: too many {0}")]
    Busy(&'static str),
    /// Something that must not happen did.
    #[error("internal error")]
    Internal,
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] playhead_lake::Error),
    /// A query could not be answered.
    #[error(transparent)]
    Report(playhead_report::Error),
    /// The journal holds what this release cannot have written.
    #[error("the journal cannot be replayed: {0}")]
    Unreplayable(String),
    /// A setting cannot be put into force.
    #[error("{0}")]
    Setting(String),
    /// The operating system refused something that the node needs.
    #[error("{context}: {source}")]
    System {
        /// What was to be done.
        context: &'static str,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    /// The error of one fault in a parameter of a query.
    pub fn fault(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault { path: path.into(), message: message.into() }])
    }
}

impl From<playhead_report::Error> for Error {
    fn from(error: playhead_report::Error) -> Self {
        match error {
            playhead_report::Error::Invalid(faults) => Self::Invalid(faults),
            playhead_report::Error::Busy => Self::Busy("queries"),
            error => Self::Report(error),
        }
    }
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        Self::Report(error.into())
    }
}
