//! Holds the reports of a server or a data directory against expected totals.

pub(crate) mod compare;
pub(crate) mod course;
pub(crate) mod explain;
pub(crate) mod queries;
pub(crate) mod reports;
