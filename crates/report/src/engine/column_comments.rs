//! The meanings of the columns, as a table: `select * from catalogue.columns`.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use playhead_lake::Table;

use crate::error::Error;

/// The schema that holds the table.
pub(crate) const CATALOGUE_SCHEMA: &str = "catalogue";

/// Adds the table to a catalog of a query session.
pub(crate) fn register_column_comments(context: &SessionContext, catalog: &str) -> Result<(), Error> {
    let columns =
        || Table::ALL.into_iter().flat_map(|table| table.columns().iter().map(move |column| (table, column)));
    let texts = |texts: Vec<&str>| -> ArrayRef { Arc::new(StringArray::from(texts)) };
    let batch = RecordBatch::try_from_iter([
        ("table_name", texts(columns().map(|(table, _)| table.name()).collect())),
        ("column_name", texts(columns().map(|(_, column)| column.name).collect())),
        ("data_type", texts(columns().map(|(_, column)| column.kind.name()).collect())),
        ("comment", texts(columns().map(|(_, column)| column.meaning.as_str()).collect())),
    ])
    .map_err(|error| Error::Query(error.into()))?;
    let schema = Arc::new(MemorySchemaProvider::new());
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
    schema.register_table("columns".to_owned(), Arc::new(table))?;
    if let Some(catalog) = context.catalog(catalog) {
        catalog.register_schema(CATALOGUE_SCHEMA, schema)?;
    }
    Ok(())
}
