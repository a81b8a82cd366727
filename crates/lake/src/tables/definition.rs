//! The definition with which the log of a table is created.

use datafusion::arrow::datatypes::SchemaRef;

/// The definition of a table, for its creation.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) schema: SchemaRef,
    /// The columns whose bounds the log keeps for each file.
    pub(crate) pruning_columns: Vec<&'static str>,
}
