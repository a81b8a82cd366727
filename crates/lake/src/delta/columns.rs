//! The columns of a table whose log an earlier release began: those that came since are null in its files, and its log gets
//! them before the first row that has them.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::transaction::CommitProperties;
use deltalake::kernel::{StructField, StructType};
use deltalake::{DeltaTable, DeltaTableError};

use crate::delta::Delta;
use crate::error::Error;

/// The columns of a table as queries see them: those of this release in its order, then what only the log has.
pub(crate) fn reading_schema(of_release: &Schema, of_log: &Schema) -> SchemaRef {
    let known = of_release.fields().iter().map(|field| match of_log.field_with_name(field.name()) {
        Ok(logged) if logged.data_type() != field.data_type() => Arc::new(logged.clone()),
        _ => field.clone(),
    });
    let others = of_log.fields().iter().filter(|field| of_release.index_of(field.name()).is_err()).cloned();
    Arc::new(Schema::new(known.chain(others).collect::<Vec<FieldRef>>()))
}

/// Rows of this release under the schema of the table's log, which may have the same columns in another order.
pub(crate) fn under_log_schema(
    rows: &RecordBatch,
    of_log: SchemaRef,
    table: &str,
) -> Result<RecordBatch, Error> {
    let differs = |message: String| Error::OtherSchema { table: table.to_owned(), message };
    if let Some(missing) = rows.schema().fields().iter().find(|field| of_log.index_of(field.name()).is_err())
    {
        return Err(differs(format!("it lacks the column {}", missing.name())));
    }
    let column = |field: &FieldRef| {
        let unknown = || differs(format!("this release does not write its column {}", field.name()));
        rows.column_by_name(field.name()).cloned().ok_or_else(unknown)
    };
    let columns = of_log.fields().iter().map(column).collect::<Result<_, _>>()?;
    RecordBatch::try_new(of_log, columns).map_err(|error| differs(error.to_string()))
}

impl Delta {
    /// The columns of this release that the log of the table does not have.
    pub(crate) fn missing_columns(&self, table: &DeltaTable) -> Result<Vec<StructField>, Error> {
        let state = table.snapshot().map_err(|error| self.error(&error))?;
        let of_log = state.snapshot().arrow_schema();
        let fields = self.schema().fields().iter();
        let missing: Vec<FieldRef> =
            fields.filter(|field| of_log.index_of(field.name()).is_err()).cloned().collect();
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let missing = Schema::new(missing);
        let kernel: StructType =
            (&missing).try_into_kernel().map_err(|error| self.error(&DeltaTableError::from(error)))?;
        Ok(kernel.fields().cloned().collect())
    }

    /// The table with these columns in its log, as a version of its own that changes no file.
    pub(crate) async fn with_columns(
        &self,
        table: DeltaTable,
        columns: Vec<StructField>,
    ) -> Result<DeltaTable, DeltaTableError> {
        let names: Vec<&str> = columns.iter().map(|column| column.name().as_str()).collect();
        tracing::info!(
            table = self.name(),
            ?names,
            "the table is of an earlier release and gets new columns"
        );
        table
            .add_columns()
            .with_fields(columns)
            .with_commit_properties(CommitProperties::default().with_cleanup_expired_logs(Some(false)))
            .await
    }
}
