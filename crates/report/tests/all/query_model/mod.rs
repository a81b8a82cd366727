//! Evaluates queries the slow way: over the JSON of sessions, row by row, without any of the code under test.

pub(crate) mod evaluate;
pub(crate) mod sample;
