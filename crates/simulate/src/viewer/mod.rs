//! One viewer: a state machine that says what its player sends next, and when.

pub(crate) mod body;
pub(crate) mod breaks;
pub(crate) mod disruptions;
pub(crate) mod event;
pub(crate) mod phase;
pub(crate) mod script;
