//! The accounting against its contract: one module for each section of the metrics contract, the documented timelines,
//! and properties of random sessions. One binary, because linking many small ones costs more than running them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod player;

mod ad_playback;
mod attribution;
mod batches;
mod cases;
mod clock_steps;
mod codec;
mod content_end;
mod derived;
mod device_clock_model;
mod device_clocks;
mod downloaded_clocks;
mod duplicates;
mod effects;
mod engine;
mod errors_states;
mod limits;
mod live_playheads;
mod order;
mod packed_rows;
mod playheads;
mod rows;
mod session_end;
mod silence;
mod stalls;
mod timelines;
mod timeouts;
mod unique_time;

mod random;

mod garbage_properties;
mod metric_properties;
mod observer_properties;
mod order_properties;
mod replay_properties;
