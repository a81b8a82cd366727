//! A file or a directory that a setting names, or none.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::settings::written_value;

/// The path of a file or a directory; `none` names none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OptionalFile(Option<PathBuf>);

impl OptionalFile {
    /// The path, if one is named.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        self.0.clone()
    }
}

impl FromStr for OptionalFile {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(if matches!(text, "" | "none") { None } else { Some(text.into()) }))
    }
}

impl fmt::Display for OptionalFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("none"),
            Some(path) => path.display().fmt(f),
        }
    }
}

impl Serialize for OptionalFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OptionalFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written_value::deserialize(deserializer)
    }
}
