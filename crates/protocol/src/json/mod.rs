//! JSON, read once and without a tree.

pub(crate) mod object;
pub(crate) mod scan;
