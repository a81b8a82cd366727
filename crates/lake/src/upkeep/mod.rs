//! Keeps the tables in order: taking over closed sessions and events, excluding sessions, compaction, rollups, expiry,
//! verification.

pub(crate) mod compact;
pub(crate) mod copy;
pub(crate) mod exclude;
pub(crate) mod exclusions;
pub(crate) mod expire;
pub mod handover;
pub(crate) mod known;
pub(crate) mod lines;
pub(crate) mod maintenance;
pub(crate) mod rollup;
pub(crate) mod twice;
pub(crate) mod verify;
