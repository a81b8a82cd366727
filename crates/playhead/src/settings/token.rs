//! The setting that holds a token.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::settings::written_value;

/// A token, which is never printed or logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Token(Option<String>);

impl Token {
    /// Whether a token is set.
    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// The token itself, for the server alone.
    pub(super) fn reveal(&self) -> Option<&str> {
        self.0.as_deref()
    }

    fn shown(&self) -> &'static str {
        if self.is_set() { "(set)" } else { "(not set)" }
    }
}

impl FromStr for Token {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(Some(text.to_owned())))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written_value::deserialize(deserializer)
    }
}
