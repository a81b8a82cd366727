//! The accounting against its contract: one module for each section of the metrics contract, the documented timelines,
//! and properties of random sessions. One binary, because linking many small ones costs more than running them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod player;

mod attribution;
mod batches;
mod clock_steps;
mod codec;
mod derived;
mod duplicates;
mod effects;
mod engine;
mod errors_states;
mod limits;
mod order;
mod playheads;
mod rows;
mod session_end;
mod stalls;
mod timelines;
mod timeouts;

mod random;

mod garbage_properties;
mod metric_properties;
mod observer_properties;
mod order_properties;
mod replay_properties;
