//! Values between the query engine and the protocol: the type that PostgreSQL has for each of them, and its text and bytes.

pub(super) mod columns;
mod moments;
mod numbers;
pub(super) mod parameters;
pub(super) mod rows;
