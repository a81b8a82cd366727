//! Rows in formats for people and programs.

pub mod adobe_feed;
pub(crate) mod cells;
pub mod export;
pub mod formats;
