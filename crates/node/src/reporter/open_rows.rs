//! Gives a reporter the rows of open sessions, as it asks for them.

use std::io::{Error, Result};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::ipc::writer::StreamWriter;
use futures::TryStreamExt;
use playhead_report::engine::unstored::{OpenBatch, OpenRows};
use playhead_report::failure::Failure;
use tokio::net::UnixStream;

use crate::reporter::frames::{self, Kind};
use crate::reporter::messages::OpenRowsRequest;
use crate::tables::in_memory::SessionsInMemory;
use crate::tables::unstored::OpenSessionRows;

/// Answers one request.
pub(crate) async fn serve(mut socket: UnixStream, sessions: Arc<SessionsInMemory>) -> Result<()> {
    let request: OpenRowsRequest = frames::read_json(&mut socket, Kind::Head).await?;
    let Some(table) = request.table() else { return Err(Error::other("an unknown table")) };
    let rows = sessions.open_rows(table, &request.projection, &request.wanted).await;
    let OpenRows { since, mut batches } = match rows {
        Ok(rows) => rows,
        Err(error) => return frames::write_json(&mut socket, Kind::Failed, &Failure::of(&error)).await,
    };
    frames::write_json(&mut socket, Kind::Head, &since).await?;
    loop {
        match batches.try_next().await {
            Ok(Some(OpenBatch { sessions, rows })) => {
                let ids: Vec<u8> = sessions.iter().flat_map(|id| *id.as_bytes()).collect();
                // A batch without rows shows whether somebody still waits.
                frames::write(&mut socket, Kind::Data, &ids).await?;
                if !sessions.is_empty() {
                    frames::write(&mut socket, Kind::Data, &columns(&rows)?).await?;
                }
            }
            Ok(None) => return frames::write(&mut socket, Kind::End, &[]).await,
            Err(error) => return frames::write_json(&mut socket, Kind::Failed, &Failure::of(&error)).await,
        }
    }
}

fn columns(rows: &RecordBatch) -> Result<Vec<u8>> {
    let mut writer = StreamWriter::try_new(Vec::new(), &rows.schema()).map_err(Error::other)?;
    writer.write(rows).map_err(Error::other)?;
    writer.into_inner().map_err(Error::other)
}
