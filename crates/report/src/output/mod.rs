//! Rows in formats for people and programs.

pub mod adobe_feed;
pub(crate) mod cells;
pub(crate) mod export;
pub mod formats;
pub mod json_texts;
