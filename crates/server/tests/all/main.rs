//! The server from outside: one binary, because linking many costs more than running them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod access;
mod assets;
mod bad_input;
mod clock_steps;
mod contract;
mod crash_points;
mod device_clocks;
mod downloaded;
mod encodings;
mod exclusions;
mod explain;
mod failures;
mod faults;
mod journal_of_release_1;
mod keep_alive;
mod kept;
mod lake;
mod live;
mod live_filters;
mod one_answer;
mod operations;
mod overload;
mod panel_files;
mod pictures;
mod pipeline;
mod proxies;
mod recovery;
mod reference;
mod reports;
mod responses;
mod schedules;
mod sessions;
mod slow_clients;
mod support;
