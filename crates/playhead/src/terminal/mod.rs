//! Output for people: tables, charts of characters, and text made safe for a terminal.

pub(crate) mod annotation_tables;
pub(crate) mod catalogue_table;
pub(crate) mod layout;
pub(crate) mod output;
pub(crate) mod printable;
pub(crate) mod response_table;
pub(crate) mod schedule_tables;
pub(crate) mod session_tables;
pub(crate) mod spark_line;
pub(crate) mod sql_rows;
pub(crate) mod streams;
pub(crate) mod tables;
pub(crate) mod width;
