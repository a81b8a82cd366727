//! Reports against independent evaluations: one binary, because linking many costs more than running them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod names;
mod panels;
mod partial_buckets;
mod query;
mod query_faults;
mod query_model;
mod query_responses;
mod query_timelines;
mod reference;
mod sql;
mod sql_expressions;
mod sql_mistakes;
mod sql_moments;
mod sql_of_tools;
mod sql_operators;
mod sql_postgres;
mod street;
mod time_zones;
mod whole_table;
