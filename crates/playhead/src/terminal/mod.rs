//! Output for people: tables, charts of characters, and text made safe for a terminal.

pub(crate) mod catalogue_table;
pub mod output;
pub mod printable;
pub mod response_table;
pub mod session_tables;
pub mod spark_line;
pub mod sql_rows;
pub mod streams;
pub mod tables;
