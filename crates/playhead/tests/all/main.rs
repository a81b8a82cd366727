//! The command from outside: one binary, because linking many costs more than running them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod backups;
mod calls;
mod copies;
mod damage;
mod exclusions;
mod heavy_queries;
mod kept;
mod kill;
mod overload;
mod postgres;
mod postgres_catalogue;
mod postgres_clients;
mod postgres_limits;
mod postgres_statements;
mod postgres_tls;
mod postgres_types;
mod replay;
mod reporter;
mod reports;
mod schedules;
mod serve;
mod sessions;
mod simulate;
mod support;
mod terminals;
mod timelines;
mod usual_zone;
