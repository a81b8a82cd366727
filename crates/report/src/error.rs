//! What can go wrong with a question.

use std::error::Error as StdError;

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use playhead_protocol::Fault;

use crate::engine::memory::is_all_taken;

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The question breaks the rules; each fault names its place and, where a name is unknown, the nearest valid one.
    #[error("the question is invalid")]
    Invalid(Vec<Fault>),
    /// The SQL is not understood, or not allowed; DataFusion's message.
    #[error("{0}")]
    Sql(String),
    /// The answer needs more memory than a question may have.
    #[error(
        "the question needs more memory than one may have ({limit_bytes} bytes); ask for a shorter range or fewer groups"
    )]
    TooMuchMemory {
        /// What one may have.
        limit_bytes: usize,
    },
    /// The answer takes longer than a question may.
    #[error("the question took longer than one may ({limit_ms} ms); ask for a shorter range")]
    TooSlow {
        /// What it may take.
        limit_ms: u64,
    },
    /// The answer is larger than one may be, and its form has no place to say that it was cut short.
    #[error(
        "the answer has more than {rows} rows or {bytes} bytes; add a LIMIT, or ask for JSON, which says that it was cut"
    )]
    CutShort {
        /// Rows that an answer may have.
        rows: u64,
        /// Bytes that an answer may have.
        bytes: u64,
    },
    /// More questions are under way than the server takes on.
    #[error("too many questions at the same time")]
    Busy,
    /// A table cannot be read; the message names the file.
    #[error("{0}")]
    Unreadable(String),
    /// What is not stored yet cannot be read.
    #[error("rows that are not stored yet cannot be read: {0}")]
    Unstored(String),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] playhead_lake::Error),
    /// The question could not be answered.
    #[error(transparent)]
    Query(#[from] DataFusionError),
}

impl Error {
    /// The error of one fault.
    pub fn fault(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault { path: path.into(), message: message.into() }])
    }

    /// What an error of the query engine means; others stay as they are.
    pub(crate) fn explained(self, question_memory_bytes: usize) -> Self {
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
            DataFusionError::ResourcesExhausted(_) => {
                Self::TooMuchMemory { limit_bytes: question_memory_bytes }
            }
            root if is_of_storage(&error) => Self::Unreadable(plain_message(root)),
            _ => Self::Query(error),
        }
    }

    /// As [`Error::explained`], for a question in SQL: whatever else is wrong is wrong with the SQL.
    pub(crate) fn into_sql(self, question_memory_bytes: usize) -> Self {
        match self.explained(question_memory_bytes) {
            Self::Query(error) => match error.find_root() {
                DataFusionError::Internal(_) | DataFusionError::ExecutionJoin(_) => Self::Query(error),
                root => Self::Sql(plain_message(root)),
            },
            error => error,
        }
    }

    /// The same, where an error is to be told more than once.
    fn again(&self) -> Self {
        match self {
            Self::Invalid(faults) => Self::Invalid(faults.clone()),
            Self::Sql(message) => Self::Sql(message.clone()),
            Self::TooMuchMemory { limit_bytes } => Self::TooMuchMemory { limit_bytes: *limit_bytes },
            Self::TooSlow { limit_ms } => Self::TooSlow { limit_ms: *limit_ms },
            Self::CutShort { rows, bytes } => Self::CutShort { rows: *rows, bytes: *bytes },
            Self::Busy => Self::Busy,
            Self::Unreadable(message) => Self::Unreadable(message.clone()),
            Self::Unstored(message) => Self::Unstored(message.clone()),
            Self::Lake(error) => Self::Unreadable(error.to_string()),
            Self::Query(error) => Self::Unreadable(plain_message(error)),
        }
    }
}

/// The error of this crate that an error of the query engine carries.
fn carried(error: &DataFusionError) -> Option<Error> {
    causes(error).find_map(|cause| cause.downcast_ref::<Error>()).map(Error::again)
}

/// Whether reading files failed. Their libraries' errors come as they are or inside others.
fn is_of_storage(error: &DataFusionError) -> bool {
    causes(error).any(|cause| match cause.downcast_ref::<DataFusionError>() {
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

fn causes(error: &DataFusionError) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |&error| error.source())
}

/// An error's message without what is meant for those who work on the query engine.
fn plain_message(error: &DataFusionError) -> String {
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
