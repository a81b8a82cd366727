//! What the log of a table is created with.

use datafusion::arrow::datatypes::SchemaRef;

/// What a table is made from, if it is missing.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) schema: SchemaRef,
    /// The columns whose bounds the log keeps for each file.
    pub(crate) pruning_columns: Vec<&'static str>,
}
