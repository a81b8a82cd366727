//! Where answers come from: a server, a data directory, or a recorded file.

pub mod answers;
pub mod client;
pub mod recording;
pub mod session_source;
