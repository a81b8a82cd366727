//! The streams that a command reads and writes.

use std::io::{Read, Write};

/// The three streams of a process.
pub struct Streams<'run> {
    /// Standard input.
    pub input: &'run mut dyn Read,
    /// Standard output.
    pub out: &'run mut dyn Write,
    /// Standard error.
    pub notes: &'run mut dyn Write,
}
