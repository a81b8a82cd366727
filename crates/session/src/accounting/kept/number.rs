//! A number that may be missing, in the place of one.

use serde::{Deserialize, Serialize};

/// A finite number, or none. The wire has no others.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct OptionalNumber(f64);

impl OptionalNumber {
    pub(crate) const NONE: Self = Self(f64::NAN);

    pub(crate) fn of(number: Option<f64>) -> Self {
        Self(number.unwrap_or(f64::NAN))
    }

    pub(crate) fn get(self) -> Option<f64> {
        (!self.0.is_nan()).then_some(self.0)
    }

    /// Replaces the number if there is a new one.
    pub(crate) fn update(&mut self, newer: Option<f64>) {
        if let Some(number) = newer {
            self.0 = number;
        }
    }
}

impl Default for OptionalNumber {
    fn default() -> Self {
        Self::NONE
    }
}

impl PartialEq for OptionalNumber {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}
