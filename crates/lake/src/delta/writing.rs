//! Writes rows into files: the one place for encodings and compression, and for turning a stream of batches into files.

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use deltalake::kernel::Add;
use deltalake::parquet::basic::{Compression, Encoding, ZstdLevel};
use deltalake::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use deltalake::parquet::schema::types::ColumnPath;
use deltalake::writer::{DeltaWriter, RecordBatchWriter};
use deltalake::{DeltaTable, DeltaTableError};
use futures::TryStreamExt;

use crate::error::Error;
use crate::limits::{BODY_PAGE_BYTES, FILE_BYTES, PAGE_BYTES, ROW_GROUP_ROWS};
use crate::tables::Table;

/// The properties for writing a table's files.
///
/// # Errors
///
/// If the level of compression does not exist.
pub(crate) fn writer_properties(table: &str, zstd_level: i32) -> Result<WriterProperties, Error> {
    let level = ZstdLevel::try_new(zstd_level).map_err(|error| Error::Query(error.into()))?;
    let builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_size_limit(PAGE_BYTES)
        .set_data_page_row_count_limit(ROW_GROUP_ROWS)
        .set_statistics_enabled(EnabledStatistics::Page);
    let builder = match Table::named(table) {
        Some(Table::Events) => event_encodings(builder),
        _ => builder,
    };
    Ok(builder.build())
}

/// Events are sorted by session and, within one, by arrival. So sequences and times are stored as small differences, ids
/// as runs, similar bodies are next to each other in one page, where the compression finds them, and the bytes of
/// playheads that hardly change are stored apart from those that do. (Times would also be smaller with that encoding, but
/// not every reader supports it for types other than floating-point numbers.)
fn event_encodings(builder: WriterPropertiesBuilder) -> WriterPropertiesBuilder {
    const ENCODINGS: [(&str, Encoding); 5] = [
        ("sequence", Encoding::DELTA_BINARY_PACKED),
        ("received_at", Encoding::DELTA_BINARY_PACKED),
        ("ts", Encoding::DELTA_BINARY_PACKED),
        ("playhead", Encoding::BYTE_STREAM_SPLIT),
        ("body", Encoding::PLAIN),
    ];
    let builder = ENCODINGS.into_iter().fold(builder, |builder, (name, encoding)| {
        builder
            .set_column_dictionary_enabled(ColumnPath::from(name), false)
            .set_column_encoding(ColumnPath::from(name), encoding)
    });
    // Bounds of bodies would be long and useless.
    builder
        .set_column_data_page_size_limit(ColumnPath::from("body"), BODY_PAGE_BYTES)
        .set_column_statistics_enabled(ColumnPath::from("body"), EnabledStatistics::None)
}

/// Writes a stream of rows, batch by batch, into new files that no version of the table has yet.
///
/// # Errors
///
/// If the rows cannot be read or written. The files written until then are in no version; upkeep deletes them with
/// other unreferenced files.
pub(crate) async fn write_stream(
    table: &DeltaTable,
    name: &str,
    mut rows: SendableRecordBatchStream,
    zstd_level: i32,
) -> Result<Vec<Add>, Error> {
    let failed = |error: DeltaTableError| Error::table(name, &error);
    let mut writer = RecordBatchWriter::for_table(table)
        .map_err(failed)?
        .with_writer_properties(writer_properties(name, zstd_level)?)
        .with_target_file_size(FILE_BYTES);
    let schema = writer.arrow_schema();
    loop {
        match rows.try_next().await {
            Ok(Some(batch)) => writer.write(conform(&batch, &schema)?).await.map_err(failed)?,
            Ok(None) => return writer.flush().await.map_err(failed),
            Err(error) => {
                // Finish a started upload, so that its files become visible and can be deleted.
                writer.flush().await.map_err(failed)?;
                return Err(Error::Query(error));
            }
        }
    }
}

/// The batch with the columns and types of `schema`; query engines return some types in other forms.
fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, Error> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let column = |name: &str| batch.column_by_name(name);
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|field| match column(field.name()) {
            Some(values) if values.data_type() == field.data_type() => Ok(values.clone()),
            Some(values) => cast_with_options(values, field.data_type(), &options).map_err(Error::Arrow),
            None => Err(Error::OtherSchema {
                table: "rows".into(),
                message: format!("the column {} is missing", field.name()),
            }),
        })
        .collect::<Result<_, _>>()?;
    RecordBatch::try_new(schema.clone(), columns).map_err(Error::Arrow)
}
