//! Panels against naive counts over the same sessions.
mod breaks;
mod concurrency;
mod content;
mod counts;
mod errors;
mod listing;
mod live_content;
mod others;
mod rounding;
pub(crate) mod scene;
mod time_spent;
mod value_names;
mod worsened;
