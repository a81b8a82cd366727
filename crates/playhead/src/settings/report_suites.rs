//! The setting that lists report suites.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A list of report suites: separated by commas in a flag and in the environment, an array in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub(crate) struct ReportSuites(Vec<String>);

impl ReportSuites {
    /// Their names; an empty list means that all are collected.
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for ReportSuites {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        match names.iter().find(|name| name.trim().is_empty() || name.trim() != *name) {
            Some(name) => Err(format!("`{name}` is not the name of a report suite")),
            None => Ok(Self(names)),
        }
    }
}

impl FromStr for ReportSuites {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>())
    }
}
