//! Panels against naive counts over the same sessions.
mod breaks;
mod concurrency;
mod content;
mod counts;
mod errors;
<<<<<<< HEAD
mod listing;
=======
mod live_content;
>>>>>>> content
mod others;
mod rounding;
pub(crate) mod scene;
mod time_spent;
mod worsened;
