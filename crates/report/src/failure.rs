//! An error as it passes from the process that answers queries to the one that is asked.

use datafusion::error::DataFusionError;
use playhead_protocol::Fault;
use serde::{Deserialize, Serialize};

use crate::error::{Error, plain_message};

/// An [`Error`] in words and numbers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub enum Failure {
    /// See [`Error::Invalid`]: places and messages.
    Invalid(Vec<(String, String)>),
    /// See [`Error::Sql`].
    Sql(String),
    /// See [`Error::TooMuchMemory`]: the limit, bytes.
    TooMuchMemory(usize),
    /// See [`Error::TooSlow`]: the limit, ms.
    TooSlow(u64),
    /// See [`Error::CutShort`]: rows and bytes.
    CutShort(u64, u64),
    /// See [`Error::Busy`].
    Busy,
    /// See [`Error::Ended`].
    Ended(String),
    /// See [`Error::Interrupted`].
    Interrupted(String),
    /// See [`Error::Unreadable`] and [`Error::Lake`].
    Unreadable(String),
    /// See [`Error::Unstored`].
    Unstored(String),
    /// See [`Error::Query`].
    Query(String),
}

impl Failure {
    /// The words and numbers of an error.
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Invalid(faults) => {
                let pair = |fault: &Fault| (fault.path.to_string(), fault.message.to_string());
                Self::Invalid(faults.iter().map(pair).collect())
            }
            Error::Sql(message) => Self::Sql(message.clone()),
            Error::TooMuchMemory { limit_bytes } => Self::TooMuchMemory(*limit_bytes),
            Error::TooSlow { limit_ms } => Self::TooSlow(*limit_ms),
            Error::CutShort { rows, bytes } => Self::CutShort(*rows, *bytes),
            Error::Busy => Self::Busy,
            Error::Ended(message) => Self::Ended(message.clone()),
            Error::Interrupted(message) => Self::Interrupted(message.clone()),
            Error::Unreadable(message) => Self::Unreadable(message.clone()),
            Error::Lake(error) => Self::Unreadable(error.to_string()),
            Error::Unstored(message) => Self::Unstored(message.clone()),
            Error::Query(error) => Self::Query(plain_message(error)),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Invalid(pairs) => {
                Self::Invalid(pairs.into_iter().map(|(path, message)| Fault { path, message }).collect())
            }
            Failure::Sql(message) => Self::Sql(message),
            Failure::TooMuchMemory(limit_bytes) => Self::TooMuchMemory { limit_bytes },
            Failure::TooSlow(limit_ms) => Self::TooSlow { limit_ms },
            Failure::CutShort(rows, bytes) => Self::CutShort { rows, bytes },
            Failure::Busy => Self::Busy,
            Failure::Ended(message) => Self::Ended(message),
            Failure::Interrupted(message) => Self::Interrupted(message),
            Failure::Unreadable(message) => Self::Unreadable(message),
            Failure::Unstored(message) => Self::Unstored(message),
            Failure::Query(message) => Self::Query(DataFusionError::Execution(message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_the_same_on_the_other_side() {
        let errors = [
            Error::fault("/from", "must be a time"),
            Error::Sql("no such column".into()),
            Error::TooMuchMemory { limit_bytes: 5 },
            Error::TooSlow { limit_ms: 7 },
            Error::CutShort { rows: 1, bytes: 2 },
            Error::Busy,
            Error::Ended("it took too much".into()),
            Error::Interrupted("it starts".into()),
            Error::Unreadable("a.parquet is damaged".into()),
            Error::Unstored("the journal is gone".into()),
        ];
        for error in errors {
            let failure = Failure::of(&error);
            let text = serde_json::to_string(&failure).unwrap();
            let there = Error::from(serde_json::from_str::<Failure>(&text).unwrap());
            assert_eq!(there.to_string(), error.to_string());
            assert_eq!(Failure::of(&there), failure);
        }
    }
}
