//! What is wrong with a body, and where. All faults of a body go into one answer.

use std::fmt::{self, Display, Write as _};

use serde::Serialize;

use crate::limits::{LISTED_FAULTS, PATH_KEY_BYTES};

/// One thing that is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: a JSON pointer (RFC 6901) such as `/params/media.length` or `/3/playerTime/ts`; empty for the whole
    /// body. A key longer than [`PATH_KEY_BYTES`] is cut.
    pub path: String,
    /// What: a phrase whose subject is the value at `path`.
    pub message: String,
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path.is_empty() { "the body" } else { &self.path };
        write!(f, "{place} {}", self.message)
    }
}

/// Why a body was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The body breaks rules of the wire: status 400. At least one fault and at most
    /// [`LISTED_FAULTS`](crate::limits::LISTED_FAULTS).
    Invalid(Vec<Fault>),
    /// The body is longer than it may be: status 413.
    TooLarge {
        /// The longest body that is accepted, bytes.
        limit_bytes: usize,
    },
}

impl Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit_bytes } => write!(f, "the body is longer than {limit_bytes} bytes"),
            Self::Invalid(faults) => match faults.split_first() {
                Some((first, [])) => write!(f, "{first}"),
                Some((first, more)) => write!(f, "{first}, and {} more faults", more.len()),
                None => f.write_str("the body is invalid"),
            },
        }
    }
}

impl std::error::Error for Rejection {}

/// A place in a body. Written out only when there is something wrong at it, so a sound body costs no path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Path<'a> {
    /// The whole body.
    Body,
    /// A key of an object.
    Key(&'a Path<'a>, &'a str),
    /// An element of an array.
    Index(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    pub(crate) const fn key(&'a self, key: &'a str) -> Self {
        Self::Key(self, key)
    }

    pub(crate) const fn index(&'a self, index: usize) -> Self {
        Self::Index(self, index)
    }
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => Ok(()),
            Self::Index(parent, index) => write!(f, "{parent}/{index}"),
            Self::Key(parent, key) => {
                write!(f, "{parent}/")?;
                let kept = &key[..key.floor_char_boundary(PATH_KEY_BYTES)];
                for character in kept.chars() {
                    match character {
                        '~' => f.write_str("~0")?,
                        '/' => f.write_str("~1")?,
                        other => f.write_char(other)?,
                    }
                }
                if kept.len() < key.len() { f.write_char('…') } else { Ok(()) }
            }
        }
    }
}

/// The faults of one body.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    listed: Vec<Fault>,
    unlisted: usize,
}

impl Faults {
    /// Adds a fault. Path and message are written out only while there is room in the list.
    pub(crate) fn push(&mut self, path: &Path<'_>, message: impl Display) {
        if self.listed.len() == LISTED_FAULTS {
            self.unlisted += 1;
            return;
        }
        self.listed.push(Fault { path: path.to_string(), message: message.to_string() });
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// The answer for a body with at least one fault.
    pub(crate) fn into_rejection(mut self) -> Rejection {
        if self.unlisted > 0 {
            self.listed.pop();
            let message = format!("has {} more faults", self.unlisted + 1);
            self.listed.push(Fault { path: String::new(), message });
        }
        Rejection::Invalid(self.listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_escape_slashes_and_tildes_and_cut_long_keys() {
        let params = Path::Body.index(3);
        let params = params.key("params");
        assert_eq!(params.key("a/b~c").to_string(), "/3/params/a~1b~0c");
        let long = "é".repeat(PATH_KEY_BYTES);
        assert_eq!(Path::Body.key(&long).to_string(), format!("/{}…", "é".repeat(PATH_KEY_BYTES / 2)));
        assert_eq!(Path::Body.to_string(), "");
    }

    #[test]
    fn the_last_fault_counts_those_not_listed() {
        let mut faults = Faults::default();
        for index in 0..LISTED_FAULTS + 5 {
            faults.push(&Path::Body.index(index), "is wrong");
        }
        let Rejection::Invalid(listed) = faults.into_rejection() else { panic!("not a matter of size") };
        assert_eq!(listed.len(), LISTED_FAULTS);
        assert_eq!(listed[LISTED_FAULTS - 2].path, "/98");
        assert_eq!(listed[LISTED_FAULTS - 1].message, "has 6 more faults");
    }

    #[test]
    fn exactly_as_many_faults_as_fit_are_all_listed() {
        let mut faults = Faults::default();
        for index in 0..LISTED_FAULTS {
            faults.push(&Path::Body.index(index), "is wrong");
        }
        let Rejection::Invalid(listed) = faults.into_rejection() else { panic!("not a matter of size") };
        assert_eq!(listed[LISTED_FAULTS - 1].path, "/99");
    }
}
