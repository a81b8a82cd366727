//! Responses as bytes: JSON, CSV, Parquet, an Arrow stream; made piece by piece, on demand.

use std::future::ready;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::writer::StreamWriter;
use futures::StreamExt;
use futures::stream::{BoxStream, try_unfold};
use playhead_lake::ParquetFile;

use crate::error::Error;
use crate::limits::CHUNK_BYTES;
use crate::output::cells::{Cells, type_name, write_csv_field, write_json_text};
use crate::query::rows::Rows;
use crate::sql::statement::{SqlLimits, SqlResponse};

/// Rows that are written at once.
const ROWS_AT_ONCE: usize = 1_024;

/// Pieces of a response.
pub type Bytes = BoxStream<'static, Result<Vec<u8>, Error>>;

/// A format of responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlFormat {
    /// `{"columns": [{"name", "type"}], "rows": [[...]], "is_truncated"}`.
    Json,
    /// CSV with a line of names.
    Csv,
    /// A Parquet file.
    Parquet,
    /// An Arrow IPC stream.
    Arrow,
}

impl SqlFormat {
    /// All formats; the first is the default.
    pub const ALL: [Self; 4] = [Self::Json, Self::Csv, Self::Parquet, Self::Arrow];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }

    /// How much of a response there is in this format. JSON, which is read as a whole, is cut and says so. Files have all
    /// rows: they are written as they are made, and hardly any reader of one asks whether it was cut.
    pub fn limits(self) -> SqlLimits {
        match self {
            Self::Json => SqlLimits::default(),
            Self::Csv | Self::Parquet | Self::Arrow => SqlLimits::NONE,
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The first known format in an `Accept` header; the default one if the header is empty or accepts any.
    pub fn accepted(accept: &str) -> Option<Self> {
        let mut types = accept.split(',').filter_map(|range| range.split(';').next()).map(str::trim);
        if accept.trim().is_empty() {
            return Some(Self::Json);
        }
        types.find_map(|range| match range {
            "*/*" | "application/*" => Some(Self::Json),
            "text/*" => Some(Self::Csv),
            "application/x-parquet" => Some(Self::Parquet),
            range => {
                Self::ALL.into_iter().find(|format| format.media_type().split(';').next() == Some(range))
            }
        })
    }
}

/// Makes bytes of rows.
enum Writer {
    Json { has_rows: bool },
    Csv,
    Parquet(Box<ParquetFile>),
    Arrow(Box<StreamWriter<Vec<u8>>>),
}

impl SqlResponse {
    /// The response as bytes.
    ///
    /// A cut response says so: JSON in `is_truncated`, Parquet in its metadata of that name. CSV and Arrow cannot say
    /// it, so their streams end with [`Error::CutShort`].
    ///
    /// # Errors
    ///
    /// If the format does not have a type for a column.
    pub fn into_bytes(self, format: SqlFormat) -> Result<Bytes, Error> {
        let (writer, start) = Writer::start(format, self.schema())?;
        let state = State { response: self, writer: Some(writer), start: Some(start), written: 0 };
        Ok(try_unfold(state, State::next).boxed())
    }
}

impl SqlFormat {
    /// Rows at hand in this format, piece by piece.
    ///
    /// # Errors
    ///
    /// If the format does not have a type for a column.
    pub fn pieces_of(self, rows: impl Into<Rows>) -> Result<Bytes, Error> {
        let rows = rows.into();
        let (writer, start) = Writer::start(self, rows.schema())?;
        let left = AtHand { rows, batch: None, writer: Some(writer), start };
        Ok(try_unfold(left, |left| ready(left.next())).boxed())
    }
}

/// Rows at hand that are being written.
struct AtHand {
    rows: Rows,
    /// What is not written of the batch under way.
    batch: Option<RecordBatch>,
    /// `None` once it has finished.
    writer: Option<Writer>,
    start: Vec<u8>,
}

impl AtHand {
    fn next(mut self) -> Result<Option<(Vec<u8>, Self)>, Error> {
        let mut out = std::mem::take(&mut self.start);
        while out.len() < CHUNK_BYTES {
            let Some(mut writer) = self.writer.take() else { break };
            let Some(batch) = self.batch.take().map(Ok).or_else(|| self.rows.next()) else {
                writer.end(false, &mut out)?;
                break;
            };
            let batch = batch.map_err(failed)?;
            let rows = ROWS_AT_ONCE.min(batch.num_rows());
            if rows > 0 {
                writer.write(&batch.slice(0, rows), &mut out)?;
                self.batch = Some(batch.slice(rows, batch.num_rows() - rows));
            }
            self.writer = Some(writer);
        }
        Ok((!out.is_empty()).then_some((out, self)))
    }
}

struct State {
    response: SqlResponse,
    /// `None` once it has finished.
    writer: Option<Writer>,
    start: Option<Vec<u8>>,
    written: u64,
}

impl State {
    async fn next(mut self) -> Result<Option<(Vec<u8>, Self)>, Error> {
        let mut out = self.start.take().unwrap_or_default();
        while let Some(writer) = &mut self.writer {
            match self.response.next().await? {
                Some(batch) => {
                    let before = out.len();
                    let mut from = 0;
                    while from < batch.num_rows() {
                        let rows = ROWS_AT_ONCE.min(batch.num_rows() - from);
                        let written = self.written + (out.len() - before) as u64;
                        if written >= self.response.limits().bytes {
                            self.response.truncate();
                            break;
                        }
                        writer.write(&batch.slice(from, rows), &mut out)?;
                        from += rows;
                    }
                    self.written += (out.len() - before) as u64;
                    if !out.is_empty() {
                        break;
                    }
                }
                None => {
                    if let Some(writer) = self.writer.take() {
                        writer.finish(&self.response, &mut out)?;
                    }
                }
            }
        }
        Ok((!out.is_empty()).then_some((out, self)))
    }
}

impl Writer {
    fn start(format: SqlFormat, schema: &std::sync::Arc<Schema>) -> Result<(Self, Vec<u8>), Error> {
        let mut out = Vec::new();
        let writer = match format {
            SqlFormat::Json => {
                write_json_columns(schema, &mut out);
                Self::Json { has_rows: false }
            }
            SqlFormat::Csv => {
                write_csv_names(schema, &mut out);
                Self::Csv
            }
            SqlFormat::Parquet => Self::Parquet(Box::new(ParquetFile::new(schema.clone())?)),
            SqlFormat::Arrow => {
                let mut writer = StreamWriter::try_new(Vec::new(), schema).map_err(failed)?;
                out.append(writer.get_mut());
                Self::Arrow(Box::new(writer))
            }
        };
        Ok((writer, out))
    }

    fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Json { has_rows } => {
                write_rows(batch, out, |columns, row, out| {
                    out.extend_from_slice(if *has_rows { b",\n" } else { b"\n" });
                    *has_rows = true;
                    write_json_row(columns, row, out)
                })
                .map_err(failed)?;
            }
            Self::Csv => write_csv_rows(batch, out).map_err(failed)?,
            Self::Parquet(file) => out.append(&mut file.write(batch)?),
            Self::Arrow(writer) => {
                writer.write(batch).map_err(failed)?;
                out.append(writer.get_mut());
            }
        }
        Ok(())
    }

    fn finish(self, response: &SqlResponse, out: &mut Vec<u8>) -> Result<(), Error> {
        let limits = response.limits();
        match self {
            Self::Csv | Self::Arrow(_) if response.is_truncated() => {
                Err(Error::CutShort { rows: limits.rows, bytes: limits.bytes })
            }
            writer => writer.end(response.is_truncated(), out),
        }
    }

    fn end(self, is_truncated: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Json { .. } => {
                out.extend_from_slice(format!("\n],\"is_truncated\":{is_truncated}}}\n").as_bytes());
            }
            Self::Parquet(file) => {
                out.append(&mut file.finish(&[("is_truncated", &is_truncated.to_string())])?);
            }
            Self::Csv => {}
            Self::Arrow(mut writer) => {
                writer.finish().map_err(failed)?;
                out.append(writer.get_mut());
            }
        }
        Ok(())
    }
}

fn write_json_columns(schema: &Schema, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"columns\":[");
    for (index, field) in schema.fields().iter().enumerate() {
        out.extend_from_slice(if index > 0 { b",{\"name\":" } else { b"{\"name\":" });
        write_json_text(field.name(), out);
        out.extend_from_slice(b",\"type\":");
        write_json_text(type_name(field.data_type()), out);
        out.push(b'}');
    }
    out.extend_from_slice(b"],\"rows\":[");
}

fn write_json_row(columns: &[Cells], row: usize, out: &mut Vec<u8>) -> Result<(), ArrowError> {
    out.push(b'[');
    for (index, column) in columns.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        column.write_json(row, out)?;
    }
    out.push(b']');
    Ok(())
}

/// Writes the line of names.
pub(crate) fn write_csv_names(schema: &Schema, out: &mut Vec<u8>) {
    for (index, field) in schema.fields().iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_csv_field(field.name().as_bytes(), false, out);
    }
    out.push(b'\n');
}

/// Writes rows as lines of CSV.
pub(crate) fn write_csv_rows(batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
    write_rows(batch, out, |columns, row, out| {
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            column.write_csv(row, out)?;
        }
        out.push(b'\n');
        Ok(())
    })
}

fn write_rows(
    batch: &RecordBatch,
    out: &mut Vec<u8>,
    mut write: impl FnMut(&[Cells], usize, &mut Vec<u8>) -> Result<(), ArrowError>,
) -> Result<(), ArrowError> {
    let columns: Vec<Cells> = batch.columns().iter().map(Cells::new).collect::<Result<_, _>>()?;
    (0..batch.num_rows()).try_for_each(|row| write(&columns, row, out))
}

fn failed(error: ArrowError) -> Error {
    Error::Query(error.into())
}
