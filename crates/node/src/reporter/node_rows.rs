//! The rows of open sessions, as a reporter gets them from its node.

use std::io::{Error, Result};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::ipc::reader::StreamReader;
use playhead_lake::Table;
use playhead_protocol::SessionId;
use playhead_report::Error as ReportError;
use playhead_report::engine::unstored::{InMemory, OpenBatch, OpenRows};
use playhead_report::failure::Failure;

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
        wanted: InMemory,
    ) -> std::result::Result<OpenRows, ReportError> {
        let unreadable = |error: Error| ReportError::Unstored(error.to_string());
        match self.request(&OpenRowsRequest::new(table, projection, wanted)).await.map_err(unreadable)? {
            Ok(rows) => Ok(rows),
            Err(failure) => Err(failure.into()),
        }
    }
}

impl NodeRows {
    async fn request(&self, request: &OpenRowsRequest) -> Result<std::result::Result<OpenRows, Failure>> {
        let mut socket = self.0.call(Call::OpenRows).await?;
        frames::write_json(&mut socket, Kind::Head, request).await?;
        let since = match frames::read(&mut socket).await? {
            (Kind::Head, since) => serde_json::from_slice(&since)?,
            (_, failure) => return Ok(Err(serde_json::from_slice(&failure)?)),
        };
        let mut batches = Vec::new();
        loop {
            match frames::read(&mut socket).await? {
                (Kind::Data, ids) => {
                    let (_, columns) = frames::read(&mut socket).await?;
                    let sessions = session_ids(&ids)?;
                    let rows = rows(&columns, sessions.len())?;
                    batches.push(OpenBatch { sessions, rows });
                }
                _ => return Ok(Ok(OpenRows { since, batches })),
            }
        }
    }
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
