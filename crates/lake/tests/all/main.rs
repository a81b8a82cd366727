//! The tables: one binary, because linking many costs more than running them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod compaction;
mod crash;
mod earlier_tables;
mod exclusions;
mod expiry;
mod failing_store;
mod filled_journal;
mod hand_over;
mod kept_lake;
mod location;
mod object_store;
mod reference;
mod rollups;
mod round_trip;
mod skipped_files;
mod verification;
