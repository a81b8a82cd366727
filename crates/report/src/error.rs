//! Errors of queries.

use std::error::Error as StdError;
use std::sync::Arc;

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use playhead_protocol::Fault;
use tokio::task::JoinError;

use crate::engine::memory::is_all_taken;

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The query breaks the rules; each fault names its place and, for an unknown name, the nearest known one.
    #[error("the query is invalid")]
    Invalid(Vec<Fault>),
    /// The SQL is invalid or not allowed; the message is DataFusion's.
    #[error("{0}")]
    Sql(String),
    /// The query needs more memory than one query may use.
    #[error(
        "the query needs more memory than one query may use ({limit_bytes} bytes); use a shorter range or fewer groups"
    )]
    TooMuchMemory {
        /// Memory that one query may use.
        limit_bytes: usize,
    },
    /// The query takes longer than one query may run.
    #[error("the query took longer than the limit of {limit_ms} ms; use a shorter range")]
    TooSlow {
        /// Time that one query may take.
        limit_ms: u64,
    },
    /// The response exceeds the limits, and its format cannot say that it was cut.
    #[error(
        "the response has more than {rows} rows or {bytes} bytes; add a LIMIT, or request JSON, which marks a cut response"
    )]
    CutShort {
        /// Rows that a response may have.
        rows: u64,
        /// Bytes that a response may have.
        bytes: u64,
    },
    /// More queries run and wait than the server accepts.
    #[error("too many queries at the same time")]
    Busy,
    /// The process that answers queries was ended while it ran this query and no other.
    #[error("the query was ended together with the process that answers queries: {0}")]
    Ended(String),
    /// The process that answers queries ended while it ran this query beside others, or is being started.
    #[error("{0}; try again")]
    Interrupted(String),
    /// A table cannot be read; the message names the file.
    #[error("{0}")]
    Unreadable(String),
    /// Rows that are not stored yet cannot be read.
    #[error("rows that are not stored yet cannot be read: {0}")]
    Unstored(String),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] playhead_lake::Error),
    /// The query failed.
    #[error(transparent)]
    Query(#[from] DataFusionError),
}

impl Error {
    /// An error with one fault.
    pub fn fault(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault { path: path.into(), message: message.into() }])
    }

    /// The error of SQL on which the engine ends in a panic.
    pub fn beyond_engine() -> Self {
        Self::Sql("the query engine cannot run this query".to_owned())
    }

    /// Translates an error of the query engine; other errors stay as they are.
    pub(crate) fn explained(self, query_memory_bytes: usize) -> Self {
        let error = match self {
            Self::Query(error) => error,
            Self::Lake(error @ playhead_lake::Error::Table { .. }) => {
                return Self::Unreadable(error.to_string());
            }
            other => return other,
        };
        if let Some(own) = carried(&error) {
            return own;
        }
        match error.find_root() {
            DataFusionError::ResourcesExhausted(message) if is_all_taken(message) => Self::Busy,
            DataFusionError::ResourcesExhausted(_) => Self::TooMuchMemory { limit_bytes: query_memory_bytes },
            root if is_of_storage(&error) => Self::Unreadable(plain_message(root)),
            _ => Self::Query(error),
        }
    }

    /// Like [`Error::explained`], for SQL: any error that remains is an error of the SQL. That holds for what the engine
    /// calls internal as well: it refuses some mistakes so, and other queries go on.
    pub(crate) fn into_sql(self, query_memory_bytes: usize) -> Self {
        match self.explained(query_memory_bytes) {
            Self::Query(error) => match error.find_root() {
                _ if has_ended(&error) == Some(false) => Self::Query(error),
                _ if has_ended(&error).is_some() => {
                    tracing::error!(%error, "the query engine ended a query in a panic");
                    Self::beyond_engine()
                }
                root => {
                    if matches!(root, DataFusionError::Internal(_)) {
                        tracing::warn!(%error, "the query engine refused a query as if by a fault of its own");
                    }
                    Self::Sql(plain_message(root))
                }
            },
            error => error,
        }
    }

    /// A copy, for an error that is reported more than once.
    fn again(&self) -> Self {
        match self {
            Self::Invalid(faults) => Self::Invalid(faults.clone()),
            Self::Sql(message) => Self::Sql(message.clone()),
            Self::TooMuchMemory { limit_bytes } => Self::TooMuchMemory { limit_bytes: *limit_bytes },
            Self::TooSlow { limit_ms } => Self::TooSlow { limit_ms: *limit_ms },
            Self::CutShort { rows, bytes } => Self::CutShort { rows: *rows, bytes: *bytes },
            Self::Busy => Self::Busy,
            Self::Ended(how) => Self::Ended(how.clone()),
            Self::Interrupted(why) => Self::Interrupted(why.clone()),
            Self::Unreadable(message) => Self::Unreadable(message.clone()),
            Self::Unstored(message) => Self::Unstored(message.clone()),
            Self::Lake(error) => Self::Unreadable(error.to_string()),
            Self::Query(error) => Self::Unreadable(plain_message(error)),
        }
    }
}

/// The error of this crate inside an error of the query engine.
fn carried(error: &DataFusionError) -> Option<Error> {
    causes(error).find_map(|cause| cause.downcast_ref::<Error>()).map(Error::again)
}

/// Whether a task of the engine ended before its time: in a panic (true), or with its runtime.
fn has_ended(error: &DataFusionError) -> Option<bool> {
    let join = |cause: &(dyn StdError + 'static)| {
        // An error that several streams got is shared between them.
        let shared = cause.downcast_ref::<Arc<JoinError>>().map(|join| join.is_panic());
        cause.downcast_ref::<JoinError>().map(JoinError::is_panic).or(shared)
    };
    causes(error).find_map(join)
}

/// Whether reading files failed. The errors of the file libraries come directly or inside other errors, as those of
/// regular expressions do, which are the query's own.
pub(crate) fn is_of_storage(error: &DataFusionError) -> bool {
    !is_of_pattern(error)
        && has_ended(error).is_none()
        && causes(error).any(|cause| match cause.downcast_ref::<DataFusionError>() {
            Some(
                DataFusionError::ObjectStore(_)
                | DataFusionError::ParquetError(_)
                | DataFusionError::IoError(_)
                | DataFusionError::External(_),
            ) => true,
            Some(_) => false,
            None => matches!(
                cause.downcast_ref::<ArrowError>(),
                Some(ArrowError::ParquetError(_) | ArrowError::IoError(..) | ArrowError::ExternalError(_))
            ),
        })
}

/// Whether a regular expression is at fault. Two libraries inside the engine say so, in the same words.
pub(crate) fn is_of_pattern(error: &DataFusionError) -> bool {
    let root = causes(error).last().map(ToString::to_string).unwrap_or_default();
    ["regex parse error", "Compiled regex exceeds"].iter().any(|start| root.starts_with(start))
}

fn causes(error: &DataFusionError) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |&error| error.source())
}

/// The message of an error, without the parts that address developers of the query engine.
pub(crate) fn plain_message(error: &DataFusionError) -> String {
    let message = match error {
        DataFusionError::SQL(error, _) => error.to_string(),
        DataFusionError::SchemaError(error, _) => error.to_string(),
        DataFusionError::ArrowError(error, _) => error.to_string(),
        error => error.message().into_owned(),
    };
    let before = |message: &str, noise: &str| message.split(noise).next().unwrap_or_default().to_owned();
    let message = before(&message, DataFusionError::BACK_TRACE_SEP);
    before(&message, ".\nThis issue was likely caused by a bug").trim().to_owned()
}
