//! From the journal back to sessions: at a start, and where what was kept beside the events cannot be read.

pub(crate) mod anew;
pub mod recover;
pub(crate) mod restore;
pub(crate) mod state;
