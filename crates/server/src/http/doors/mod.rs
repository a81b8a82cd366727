//! The doors through which players report.

pub(crate) mod collection;
pub(crate) mod refusals;
