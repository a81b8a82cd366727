//! A fault of a table, as a verification reports it.

use std::fmt;

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The table or rollup.
    pub table: &'static str,
    /// The file, relative to the lake; `None` if no single file is at fault.
    pub file: Option<String>,
    /// The fault.
    pub message: String,
}

impl Finding {
    /// About a file of a table, given from the table's folder on.
    pub(crate) fn new(table: &'static str, file: &str, message: String) -> Self {
        Self { table, file: Some(format!("{table}/{file}")), message }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{file}: {}", self.message),
            None => write!(f, "table {}: {}", self.table, self.message),
        }
    }
}
