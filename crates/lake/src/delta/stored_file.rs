//! Checks one Parquet file of the lake by reading it.

use std::sync::Arc;

use deltalake::ObjectStore;
use deltalake::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake::parquet::errors::ParquetError;
use deltalake::parquet::file::metadata::ParquetMetaDataReader;
use deltalake::parquet::file::reader::ChunkReader;
use object_store::ObjectStoreExt;
use object_store::path::Path;

/// Bytes at the end of a file that the first request fetches: enough for most footers.
const TAIL_BYTES: u64 = 64 * 1024;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("{0}")]
    Store(#[from] object_store::Error),
    #[error("{0}")]
    File(#[from] std::io::Error),
    #[error("it is not a complete Parquet file: {0}")]
    Parquet(#[from] ParquetError),
    #[error("part of it is damaged: {0}")]
    Damaged(datafusion::arrow::error::ArrowError),
    #[error("reading it was interrupted")]
    BrokenOff,
}

/// The number of rows in the footer of a file of `bytes` bytes.
pub(crate) async fn footer_rows(store: &dyn ObjectStore, path: &Path, bytes: u64) -> Result<u64, Unreadable> {
    let mut tail = bytes.min(TAIL_BYTES);
    loop {
        let end = store.get_range(path, bytes - tail..bytes).await?;
        let mut reader = ParquetMetaDataReader::new();
        match reader.try_parse_sized(&end, bytes) {
            Ok(()) => {
                let rows = reader.finish()?.file_metadata().num_rows();
                return Ok(u64::try_from(rows).unwrap_or(0));
            }
            Err(ParquetError::NeedMoreData(needed)) if needed as u64 > tail && needed as u64 <= bytes => {
                tail = needed as u64;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reads every page of a file, from `on_disk` if it is on this machine, and from memory otherwise. Returns the number
/// of its rows.
pub(crate) async fn read_whole(
    store: &Arc<dyn ObjectStore>,
    path: &Path,
    on_disk: Option<std::path::PathBuf>,
) -> Result<u64, Unreadable> {
    let read = match on_disk {
        Some(on_disk) => tokio::task::spawn_blocking(move || read_rows(std::fs::File::open(on_disk)?)).await,
        None => {
            let bytes = store.get(path).await?.bytes().await?;
            tokio::task::spawn_blocking(move || read_rows(bytes)).await
        }
    };
    read.unwrap_or(Err(Unreadable::BrokenOff))
}

fn read_rows(file: impl ChunkReader + 'static) -> Result<u64, Unreadable> {
    let mut rows = 0;
    for batch in ParquetRecordBatchReaderBuilder::try_new(file)?.build()? {
        rows += batch.map_err(Unreadable::Damaged)?.num_rows() as u64;
    }
    Ok(rows)
}
