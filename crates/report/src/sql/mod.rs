//! SQL as text: checks a statement and runs it.

pub(crate) mod common_tables;
pub mod dialect;
pub(crate) mod nesting;
pub mod sql_state;
pub mod statement;
