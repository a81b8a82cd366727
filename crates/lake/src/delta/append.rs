//! Appends rows to a table: writes them into new files as they come, then makes all files one version.

use datafusion::arrow::array::RecordBatch;
use deltalake::DeltaTable;
use deltalake::kernel::{Action, Add};
use deltalake::writer::{DeltaWriter, RecordBatchWriter};

use crate::delta::Delta;
use crate::delta::columns::under_log_schema;
use crate::delta::writing::writer_properties;
use crate::error::Error;
use crate::lake::Lake;
use crate::limits::{APPEND_ZSTD_LEVEL, FILE_BYTES};
use crate::line::{Feeder, token_application};
use crate::tables::Table;

/// An append that builds on one version of a table. If it is dropped, the table stays as it was; its files are in no
/// version, and upkeep deletes them with other unreferenced files.
pub(crate) struct Append<'a> {
    delta: &'a Delta,
    feeder: &'a Feeder,
    table: Table,
    base: DeltaTable,
    application: String,
    taken: u64,
    /// The marks that the version records beside the position.
    marks: Vec<(String, u64)>,
    /// Created with the first rows.
    writer: Option<RecordBatchWriter>,
}

impl Lake {
    /// Begins an append to a table; creates the table if it is missing.
    ///
    /// # Errors
    ///
    /// [`Error::TakenOver`] if another process has handed over under the same name.
    pub(crate) async fn begin_append(&self, table: Table) -> Result<Append<'_>, Error> {
        let delta = self.delta(table);
        let base = delta.latest_or_new().await?;
        let application = self.application();
        let taken = delta.transaction(&base, &application).await?;
        let last = delta.transaction_if_any(&base, &token_application(&application)).await?;
        let marks = self.feeder().marks(table, taken, last)?;
        Ok(Append { delta, feeder: self.feeder(), table, base, application, taken, marks, writer: None })
    }
}

impl Append<'_> {
    /// The position of the journal up to which the base version has its rows.
    pub(crate) const fn taken(&self) -> u64 {
        self.taken
    }

    /// Writes rows into new files.
    pub(crate) async fn write(&mut self, rows: &RecordBatch) -> Result<(), Error> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let writer = match &mut self.writer {
            Some(writer) => writer,
            writer => writer.insert(new_writer(self.delta, &self.base)?),
        };
        let rows = under_log_schema(rows, writer.arrow_schema(), self.delta.name())?;
        writer.write(rows).await.map_err(|error| self.delta.error(&error))
    }

    /// Makes the written files the table's next version, which records that it has the journal's rows up to `position`.
    ///
    /// # Errors
    ///
    /// [`Error::TakenOver`] if another process handed over the same journal since this append began.
    pub(crate) async fn commit(self, position: u64) -> Result<(), Error> {
        let Self { delta, feeder, table, base, application, mut marks, writer, .. } = self;
        let adds = match writer {
            Some(mut writer) => writer.flush().await.map_err(|error| delta.error(&error))?,
            None => Vec::new(),
        };
        let actions = adds.into_iter().map(Action::Add).collect();
        marks.push((application, position));
        delta.commit(&base, actions, Delta::append_operation(), marks).await?;
        feeder.has_written(table, position);
        Ok(())
    }
}

/// Writes rows into new files that no version of the table has yet.
pub(crate) async fn write_rows(
    delta: &Delta,
    table: &DeltaTable,
    batches: &[RecordBatch],
) -> Result<Vec<Add>, Error> {
    let mut writer = new_writer(delta, table)?;
    for rows in batches {
        let rows = under_log_schema(rows, writer.arrow_schema(), delta.name())?;
        writer.write(rows).await.map_err(|error| delta.error(&error))?;
    }
    writer.flush().await.map_err(|error| delta.error(&error))
}

fn new_writer(delta: &Delta, table: &DeltaTable) -> Result<RecordBatchWriter, Error> {
    let writer = RecordBatchWriter::for_table(table).map_err(|error| delta.error(&error))?;
    Ok(writer
        .with_writer_properties(writer_properties(delta.name(), APPEND_ZSTD_LEVEL)?)
        .with_target_file_size(FILE_BYTES))
}
