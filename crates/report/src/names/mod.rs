//! The catalogue's names: metrics, dimensions and segments.

pub mod dimension;
pub mod metric;
pub(crate) mod metric_by_name;
pub mod metric_table;
pub(crate) mod segment;
pub(crate) mod timeline;
