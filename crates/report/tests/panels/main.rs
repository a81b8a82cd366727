//! Panels against naive counts over the same sessions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod concurrency;
mod content;
mod counts;
mod scene;
mod time_spent;
