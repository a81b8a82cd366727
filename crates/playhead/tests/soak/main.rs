//! Long trials, each with a short form that runs with all other tests. `make soak` runs the long forms against a release
//! build; `SOAK_SEED` repeats a run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test, and a trial says what it saw"
)]

mod chance;
mod clients;
mod clock;
mod corpus;

mod histories;
mod hostile;
mod load;
mod players;
mod power_cut;
#[path = "../all/support/mod.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod support;
