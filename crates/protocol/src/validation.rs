//! How strictly events are taken (protocol contract, section 3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::param_table::{ParamId, Requirement};

/// The validation level. Every level accepts a part of what the level before it accepts, and a body that several
/// levels accept becomes the same event at each of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validation {
    /// Missing mandatory keys are remarked on instead of refused, except those without which nothing can be counted.
    Lenient,
    /// What the documents require; undocumented keys are remarked on, because the SDKs send some.
    #[default]
    Standard,
    /// What the documents require and nothing besides.
    Strict,
}

/// The text names no validation level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownValidation;

impl fmt::Display for UnknownValidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a validation level is lenient, standard or strict")
    }
}

impl std::error::Error for UnknownValidation {}

/// Required at every level: a view of unknown content, or of an unknown ad, belongs to no row of any report.
const ALWAYS_REQUIRED: [ParamId; 2] = [ParamId::named("media.id"), ParamId::named("media.ad.id")];

impl Validation {
    /// Every level, from the most to the least tolerant.
    pub const ALL: [Self; 3] = [Self::Lenient, Self::Standard, Self::Strict];

    /// The level's name in settings and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lenient => "lenient",
            Self::Standard => "standard",
            Self::Strict => "strict",
        }
    }

    /// Whether an event without that parameter is refused; for events on which the parameter is sent.
    pub fn requires(self, id: ParamId) -> bool {
        match self {
            Self::Lenient => ALWAYS_REQUIRED.contains(&id),
            Self::Standard | Self::Strict => id.param().requirement == Requirement::Required,
        }
    }

    /// Whether missing mandatory parameters that do not fall under [`ALWAYS_REQUIRED`] are let pass with a remark.
    pub(crate) const fn tolerates_missing(self) -> bool {
        matches!(self, Self::Lenient)
    }

    /// Whether undocumented keys are let pass with a remark.
    pub(crate) const fn tolerates_unknown(self) -> bool {
        !matches!(self, Self::Strict)
    }
}

impl FromStr for Validation {
    type Err = UnknownValidation;

    fn from_str(text: &str) -> Result<Self, UnknownValidation> {
        Self::ALL.into_iter().find(|level| level.name() == text).ok_or(UnknownValidation)
    }
}

impl fmt::Display for Validation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_text_and_in_serde() {
        for level in Validation::ALL {
            assert_eq!(level.name().parse(), Ok(level));
            assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{level}\""));
        }
        assert_eq!("Strict".parse::<Validation>(), Err(UnknownValidation));
        assert_eq!(Validation::default(), Validation::Standard);
    }
}
