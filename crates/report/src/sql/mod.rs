//! SQL as text: what a statement may hold, and how it is run.

pub(crate) mod nesting;
pub mod statement;
