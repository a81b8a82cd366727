//! Why rows cannot be read.

use std::fmt;

/// What is wrong with rows that were read.
#[derive(Debug)]
pub enum RowsError {
    /// The text is not JSON, or no rows.
    Text(serde_json::Error),
    /// The packed rows are not what was written.
    Packed(&'static str),
    /// A later release packed them.
    UnknownLayout(u8),
    /// A value is missing without which no query would find the rows.
    Missing(&'static str),
}

impl fmt::Display for RowsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(error) => error.fmt(f),
            Self::Packed(finding) => write!(f, "they are not what was written: {finding}"),
            Self::UnknownLayout(layout) => {
                write!(f, "they have layout {layout}, which this release does not know")
            }
            Self::Missing(column) => write!(f, "they have no `{column}`"),
        }
    }
}

impl std::error::Error for RowsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Text(error) => Some(error),
            _ => None,
        }
    }
}
