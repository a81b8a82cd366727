//! The meanings of the columns, as a table: `select * from catalogue.columns`.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use playhead_lake::Table;

use crate::error::Error;

/// The schema that holds the table.
pub const CATALOGUE_SCHEMA: &str = "catalogue";

/// The columns of the table.
pub const COMMENT_COLUMNS: [&str; 4] = ["table_name", "column_name", "data_type", "comment"];

/// Adds the table to a catalog of a query session.
pub(crate) fn register_column_comments(context: &SessionContext, catalog: &str) -> Result<(), Error> {
    let columns =
        || Table::ALL.into_iter().flat_map(|table| table.columns().iter().map(move |column| (table, column)));
    let texts = |texts: Vec<&str>| -> ArrayRef { Arc::new(StringArray::from(texts)) };
    let values = [
        texts(columns().map(|(table, _)| table.name()).collect()),
        texts(columns().map(|(_, column)| column.name).collect()),
        texts(columns().map(|(_, column)| column.kind.name()).collect()),
        texts(columns().map(|(_, column)| column.meaning.as_str()).collect()),
    ];
    let batch = RecordBatch::try_from_iter(COMMENT_COLUMNS.into_iter().zip(values))
        .map_err(|error| Error::Query(error.into()))?;
    let schema = Arc::new(MemorySchemaProvider::new());
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
    schema.register_table("columns".to_owned(), Arc::new(table))?;
    if let Some(catalog) = context.catalog(catalog) {
        catalog.register_schema(CATALOGUE_SCHEMA, schema)?;
    }
    Ok(())
}
