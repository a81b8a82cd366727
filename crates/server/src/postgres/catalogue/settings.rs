//! `pg_settings`: the settings of a connection, as they are when they are read.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::SessionContext;
use playhead_report::engine::reports::CATALOG;

use crate::postgres::catalogue::columns::{Row, Value, batch, schema_of};
use crate::postgres::catalogue::objects::PG_CATALOG;
use crate::postgres::catalogue::shapes::{FILLED, Shape};

const NAME: &str = "pg_settings";

/// The names and values of all settings.
type All = dyn Fn() -> Vec<(&'static str, String)> + Send + Sync;

/// Shows the settings of a connection in its catalogue.
///
/// # Errors
///
/// If the engine does not take the table, which does not happen.
pub(in crate::postgres) fn show_settings(
    context: &SessionContext,
    all: impl Fn() -> Vec<(&'static str, String)> + Send + Sync + 'static,
) -> Result<(), DataFusionError> {
    let schema = context.catalog(CATALOG).and_then(|catalog| catalog.schema(PG_CATALOG));
    let shape = FILLED.iter().find(|shape| shape.name == NAME);
    let (Some(schema), Some(shape)) = (schema, shape) else { return Ok(()) };
    let settings = Settings { shape, schema: schema_of(shape), all: Arc::new(all) };
    let table = StreamingTable::try_new(settings.schema.clone(), vec![Arc::new(settings)])?;
    schema.deregister_table(NAME)?;
    schema.register_table(NAME.to_owned(), Arc::new(table))?;
    Ok(())
}

#[derive(Clone)]
struct Settings {
    shape: &'static Shape,
    schema: SchemaRef,
    all: Arc<All>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

impl PartitionStream for Settings {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let row = |(name, value): (&'static str, String)| {
            Row::from([("name", Value::from(name)), ("setting", Value::from(value))])
        };
        let rows: Vec<Row> = (self.all)().into_iter().map(row).collect();
        let batch = batch(self.shape, &rows);
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), futures::stream::iter([batch])))
    }
}
