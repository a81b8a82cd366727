//! The catalogue's names: metrics, dimensions and segments.

pub mod dimension;
mod fact;
pub mod metric;
pub(crate) mod metric_by_name;
pub mod metric_table;
pub(crate) mod segment;
mod session_value;
pub(crate) mod timeline;
