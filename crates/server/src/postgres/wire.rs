//! The side of a connection to which answers are written.

use datafusion::arrow::array::RecordBatch;
use datafusion_postgres::pgwire::api::results::FieldInfo;
use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::pgwire::messages::data::RowDescription;
use datafusion_postgres::pgwire::messages::response::CommandComplete;
use datafusion_postgres::pgwire::tokio::server::PgWireMessageServerCodec;
use futures::SinkExt;
use tokio::net::UnixStream;
use tokio_util::codec::Framed;

use crate::postgres::values::rows::RowWriter;

/// A connection as the library frames its messages. The statements and portals that the library could keep for it are kept
/// here, within limits.
pub(super) type Wire = Framed<UnixStream, PgWireMessageServerCodec<()>>;

/// Sends rows to a client.
pub(super) struct Delivery<'connection> {
    pub(super) wire: &'connection mut Wire,
    pub(super) writer: &'connection mut RowWriter,
}

impl Delivery<'_> {
    /// Says which columns the rows have.
    pub(super) async fn describe(&mut self) -> PgWireResult<()> {
        tell_columns(self.wire, self.writer.described()).await
    }

    /// Sends a row of a batch.
    pub(super) async fn send(&mut self, batch: &RecordBatch, row: usize) -> PgWireResult<()> {
        let row = self.writer.write(batch, row)?;
        self.wire.feed(PgWireBackendMessage::DataRow(row)).await?;
        Ok(())
    }
}

/// Says which columns rows have.
pub(super) async fn tell_columns(wire: &mut Wire, described: &[FieldInfo]) -> PgWireResult<()> {
    let described = described.iter().map(Into::into).collect();
    wire.feed(PgWireBackendMessage::RowDescription(RowDescription::new(described))).await?;
    Ok(())
}

/// Says that a statement is complete.
pub(super) async fn complete(wire: &mut Wire, tag: String) -> PgWireResult<()> {
    wire.feed(PgWireBackendMessage::CommandComplete(CommandComplete::new(tag))).await?;
    Ok(())
}
