//! The query engine over the tables, and the memory and time that it gives to each query.

pub mod column_comments;
pub mod deadline;
pub mod exclusions;
pub(crate) mod held_rows;
pub(crate) mod memory;
pub mod reports;
pub(crate) mod scratch;
pub mod time_zone;
pub mod unstored;
pub mod wanted;
pub(crate) mod whole_table;
