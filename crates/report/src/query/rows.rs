//! Rows at hand for a file, made batch by batch as they are written.

use std::iter::once;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::arrow::error::ArrowError;

/// Rows of one schema.
pub struct Rows {
    schema: Arc<Schema>,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>,
}

impl Rows {
    /// Rows whose batches have these columns.
    pub(crate) fn new(
        fields: Vec<Field>,
        batches: impl Iterator<Item = Vec<ArrayRef>> + Send + 'static,
    ) -> Self {
        let schema = Arc::new(Schema::new(fields));
        let of_batch = schema.clone();
        let batches = batches.map(move |columns| {
            let rows = columns.first().map(|column| column.len());
            let options = RecordBatchOptions::new().with_row_count(rows);
            RecordBatch::try_new_with_options(of_batch.clone(), columns, &options)
        });
        Self { schema, batches: Box::new(batches) }
    }

    pub(crate) fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    pub(crate) fn next(&mut self) -> Option<Result<RecordBatch, ArrowError>> {
        self.batches.next()
    }
}

impl From<RecordBatch> for Rows {
    fn from(batch: RecordBatch) -> Self {
        Self { schema: batch.schema(), batches: Box::new(once(Ok(batch))) }
    }
}
