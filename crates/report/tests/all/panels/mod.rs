//! Panels against naive counts over the same sessions.
mod concurrency;
mod content;
mod counts;
mod scene;
mod time_spent;
