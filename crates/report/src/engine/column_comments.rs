//! The meanings of the columns, as a table: `select * from catalogue.columns`.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use playhead_lake::Table;

use crate::engine::exclusions::{EXCLUSION_COLUMNS, EXCLUSIONS};
use crate::error::Error;

/// The schema that holds the table.
pub const CATALOGUE_SCHEMA: &str = "catalogue";

/// The columns of the table.
pub const COMMENT_COLUMNS: [&str; 4] = ["table_name", "column_name", "data_type", "comment"];

/// Adds the table to a catalog of a query session.
pub(crate) fn register_column_comments(context: &SessionContext, catalog: &str) -> Result<(), Error> {
    let of_tables = Table::ALL.into_iter().flat_map(|table| {
        let columns = table.columns().iter();
        columns.map(move |column| [table.name(), column.name, column.kind.name(), &column.meaning])
    });
    let of_exclusions =
        EXCLUSION_COLUMNS.map(|(name, kind, meaning)| [EXCLUSIONS, name, kind.name(), meaning]);
    let columns: Vec<[&str; 4]> = of_tables.chain(of_exclusions).collect();
    let texts = |place: usize| -> ArrayRef {
        Arc::new(columns.iter().map(|column| Some(column[place])).collect::<StringArray>())
    };
    let batch = RecordBatch::try_from_iter(COMMENT_COLUMNS.into_iter().zip((0..).map(texts)))
        .map_err(|error| Error::Query(error.into()))?;
    let schema = Arc::new(MemorySchemaProvider::new());
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
    schema.register_table("columns".to_owned(), Arc::new(table))?;
    if let Some(catalog) = context.catalog(catalog) {
        catalog.register_schema(CATALOGUE_SCHEMA, schema)?;
    }
    Ok(())
}
