//! The rows of open sessions, as a reporter gets them from its node.

use std::io::{Error, Result};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::ipc::reader::StreamReader;
use futures::StreamExt;
use futures::stream::try_unfold;
use playhead_lake::Table;
use playhead_protocol::SessionId;
use playhead_report::Error as ReportError;
use playhead_report::engine::unstored::{OpenBatch, OpenRows};
use playhead_report::engine::wanted::Wanted;
use playhead_report::failure::Failure;
use tokio::net::UnixStream;

use crate::reporter::frames::{self, Kind};
use crate::reporter::link::{Call, Link};
use crate::reporter::messages::OpenRowsRequest;
use crate::tables::unstored::OpenSessionRows;

/// Bytes of a session id.
const ID_BYTES: usize = 32;

/// The open sessions of the node at the other end of the link.
#[derive(Debug)]
pub(crate) struct NodeRows(pub(crate) Arc<Link>);

#[async_trait]
impl OpenSessionRows for NodeRows {
    async fn open_rows(
        &self,
        table: Table,
        projection: &[usize],
        wanted: &Wanted,
    ) -> std::result::Result<OpenRows, ReportError> {
        let request = OpenRowsRequest::new(table, projection, wanted);
        let (head, socket) = self.request(&request).await.map_err(|error| unreadable(&error))?;
        let batches = try_unfold(socket, |mut socket| async {
            Ok(next_batch(&mut socket).await?.map(|batch| (batch, socket)))
        });
        Ok(OpenRows { since: head?, batches: batches.boxed() })
    }
}

impl NodeRows {
    /// What the node answers first, and the socket from which the rows come.
    async fn request(
        &self,
        request: &OpenRowsRequest,
    ) -> Result<(std::result::Result<u64, Failure>, UnixStream)> {
        let mut socket = self.0.call(Call::OpenRows).await?;
        frames::write_json(&mut socket, Kind::Head, request).await?;
        let head = match frames::read(&mut socket).await? {
            (Kind::Head, since) => Ok(serde_json::from_slice(&since)?),
            (_, failure) => Err(serde_json::from_slice(&failure)?),
        };
        Ok((head, socket))
    }
}

/// The next rows, of which there is at least one.
async fn next_batch(socket: &mut UnixStream) -> std::result::Result<Option<OpenBatch>, ReportError> {
    loop {
        match frames::read(socket).await.map_err(|error| unreadable(&error))? {
            (Kind::Data, ids) if ids.is_empty() => {}
            (Kind::Data, ids) => {
                return received(socket, &ids).await.map(Some).map_err(|error| unreadable(&error));
            }
            (Kind::Failed, failure) => {
                let failure: Failure = serde_json::from_slice(&failure)
                    .map_err(Error::other)
                    .map_err(|error| unreadable(&error))?;
                return Err(failure.into());
            }
            _ => return Ok(None),
        }
    }
}

async fn received(socket: &mut UnixStream, ids: &[u8]) -> Result<OpenBatch> {
    let (_, columns) = frames::read(socket).await?;
    let sessions = session_ids(ids)?;
    let rows = rows(&columns, sessions.len())?;
    Ok(OpenBatch { sessions, rows })
}

fn unreadable(error: &Error) -> ReportError {
    ReportError::Unstored(error.to_string())
}

fn session_ids(bytes: &[u8]) -> Result<Vec<SessionId>> {
    let ids = bytes.chunks(ID_BYTES).map(|id| id.try_into().map(SessionId::from_bytes));
    ids.collect::<std::result::Result<_, _>>().map_err(Error::other)
}

fn rows(columns: &[u8], count: usize) -> Result<RecordBatch> {
    let mut reader = StreamReader::try_new(columns, None).map_err(Error::other)?;
    let batch = reader.next().ok_or_else(|| Error::other("rows are missing"))?.map_err(Error::other)?;
    if !batch.columns().is_empty() {
        return Ok(batch);
    }
    // Rows without columns have nothing but their number.
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    RecordBatch::try_new_with_options(batch.schema(), Vec::new(), &options).map_err(Error::other)
}
