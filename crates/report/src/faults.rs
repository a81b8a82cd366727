//! All faults of one request together, in the form that collection responses also use.

use std::fmt::Display;

use playhead_protocol::Fault;
use playhead_protocol::limits::LISTED_FAULTS;

use crate::error::Error;

/// The faults of one request. Paths are JSON pointers into its body (`/metrics/1`) or names of URL parameters.
#[derive(Debug, Default)]
pub struct Faults {
    listed: Vec<Fault>,
    unlisted: usize,
}

impl Faults {
    /// Adds a fault. `message` is a phrase whose subject is the value at `path`.
    pub fn push(&mut self, path: impl Display, message: impl Display) {
        if self.listed.len() == LISTED_FAULTS {
            self.unlisted += 1;
            return;
        }
        self.listed.push(Fault { path: path.to_string(), message: message.to_string() });
    }

    /// Whether there are no faults.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// Adds faults that were found elsewhere.
    pub fn extend(&mut self, faults: Vec<Fault>) {
        faults.into_iter().for_each(|fault| self.push(fault.path, fault.message));
    }

    /// Returns `value` if there is no fault.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with the faults, as [`Self::or_list`] lists them.
    pub fn or<T>(self, value: T) -> Result<T, Error> {
        self.or_list(value).map_err(Error::Invalid)
    }

    /// Returns `value` if there is no fault.
    ///
    /// # Errors
    ///
    /// The faults; the last one counts those that are not listed.
    pub fn or_list<T>(mut self, value: T) -> Result<T, Vec<Fault>> {
        if self.listed.is_empty() {
            return Ok(value);
        }
        if self.unlisted > 0 {
            self.listed.pop();
            let message = format!("has {} more faults", self.unlisted + 1);
            self.listed.push(Fault { path: String::new(), message });
        }
        Err(self.listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_fault_counts_those_that_are_not_listed() {
        let mut faults = Faults::default();
        for index in 0..LISTED_FAULTS + 5 {
            faults.push(format_args!("/metrics/{index}"), "is wrong");
        }
        let Err(Error::Invalid(listed)) = faults.or(()) else { panic!("there are faults") };
        assert_eq!(listed.len(), LISTED_FAULTS);
        assert_eq!(listed[LISTED_FAULTS - 1].message, "has 6 more faults");
        assert!(Faults::default().or(3).is_ok_and(|value| value == 3));
    }
}
