//! Parquet files that leave the lake: responses and exports, made piece by piece.

use std::io::Write;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::DataFusionError;
use deltalake::parquet::arrow::ArrowWriter;
use deltalake::parquet::basic::{Compression, ZstdLevel};
use deltalake::parquet::errors::ParquetError;
use deltalake::parquet::file::metadata::KeyValue;
use deltalake::parquet::file::properties::WriterProperties;
use parking_lot::Mutex;

use crate::error::Error;
use crate::limits::{APPEND_ZSTD_LEVEL, ROW_GROUP_BYTES, ROW_GROUP_ROWS};

/// A Parquet file in progress, on its way to a client.
#[derive(Debug)]
pub struct ParquetFile {
    writer: ArrowWriter<Piece>,
    piece: Piece,
}

/// The bytes that are written and not taken yet.
#[derive(Debug, Clone, Default)]
struct Piece(Arc<Mutex<Vec<u8>>>);

impl Write for Piece {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Piece {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock())
    }
}

impl ParquetFile {
    /// A file of rows of this schema.
    ///
    /// # Errors
    ///
    /// If Parquet does not have a type for a column.
    pub fn new(schema: SchemaRef) -> Result<Self, Error> {
        let level = ZstdLevel::try_new(APPEND_ZSTD_LEVEL).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let piece = Piece::default();
        let writer = ArrowWriter::try_new(piece.clone(), schema, Some(properties)).map_err(failed)?;
        Ok(Self { writer, piece })
    }

    /// Adds rows. Returns the next piece of the file, which is often empty because rows are written in groups.
    ///
    /// # Errors
    ///
    /// If the rows have another schema.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<Vec<u8>, Error> {
        self.writer.write(rows).map_err(failed)?;
        if self.writer.in_progress_size() >= ROW_GROUP_BYTES {
            self.writer.flush().map_err(failed)?;
        }
        Ok(self.piece.take())
    }

    /// Returns the last piece of the file, with these names and values in its metadata.
    ///
    /// # Errors
    ///
    /// If rows cannot be written.
    pub fn finish(mut self, metadata: &[(&str, &str)]) -> Result<Vec<u8>, Error> {
        for (name, value) in metadata {
            self.writer.append_key_value_metadata(KeyValue::new((*name).to_owned(), (*value).to_owned()));
        }
        self.writer.close().map_err(failed)?;
        Ok(self.piece.take())
    }
}

fn failed(error: ParquetError) -> Error {
    Error::Query(DataFusionError::from(error))
}
