//! Rows in the formats that people and programs take.

pub mod adobe_feed;
pub(crate) mod cells;
pub mod export;
pub mod formats;
