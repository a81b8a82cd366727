//! The messages of a connection, one by one, from its login to its end.

use std::net::{Ipv4Addr, SocketAddr};

use datafusion::error::DataFusionError;
use datafusion_postgres::pgwire::api::auth::StartupHandler;
use datafusion_postgres::pgwire::api::{ClientInfo, DefaultClient, PgWireConnectionState};
use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::response::ReadyForQuery;
use datafusion_postgres::pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use datafusion_postgres::pgwire::tokio::server::PgWireMessageServerCodec;
use futures::{SinkExt, StreamExt};
use tokio::net::UnixStream;

use crate::postgres::login::Login;
use crate::postgres::refusal::{VIOLATION, engine, error_message, refusal};
use crate::postgres::session::connection::Connection;
use crate::postgres::wire::Wire;

/// Answers a client until it or the connection ends. `begin` makes what the connection has, once it has logged in.
///
/// # Errors
///
/// If the connection breaks.
pub(super) async fn converse(
    socket: UnixStream,
    login: &Login,
    begin: impl FnOnce(&Wire) -> Result<Connection, DataFusionError>,
) -> PgWireResult<()> {
    // Where the client is, the port has noted.
    let client = DefaultClient::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), false);
    let mut wire: Wire = Wire::new(socket, PgWireMessageServerCodec::new(client));
    match hold(&mut wire, login, begin).await {
        Err(error) if !matches!(error, PgWireError::IoError(_)) => end(&mut wire, error).await,
        // Nobody is left who could be told of an error.
        held => held,
    }
}

/// Holds a conversation from its login on. An error is one that ends it.
async fn hold(
    wire: &mut Wire,
    login: &Login,
    begin: impl FnOnce(&Wire) -> Result<Connection, DataFusionError>,
) -> PgWireResult<()> {
    wire.set_state(PgWireConnectionState::AwaitingStartup);
    while !matches!(wire.state(), PgWireConnectionState::ReadyForQuery) {
        let Some(message) = wire.next().await else { return Ok(()) };
        login.on_startup(wire, message.map_err(unreadable)?).await?;
    }
    let mut connection = begin(wire).map_err(engine)?;
    connection.tell_engine().await?;
    let mut skips = false;
    while let Some(message) = wire.next().await {
        let message = message.map_err(unreadable)?;
        if matches!(message, PgWireFrontendMessage::Terminate(_)) {
            break;
        }
        // After an error, all messages up to the next sync belong to what has failed.
        if skips && !matches!(message, PgWireFrontendMessage::Sync(_)) {
            continue;
        }
        skips = false;
        let is_whole = matches!(message, PgWireFrontendMessage::Query(_));
        if let Err(error) = answer(&mut connection, wire, message).await {
            if matches!(error, PgWireError::IoError(_)) {
                return Err(error);
            }
            connection.fail();
            wire.feed(error_message(error)).await?;
            skips = !is_whole;
            if is_whole {
                ready(&mut connection, wire).await?;
            }
            wire.flush().await?;
        }
    }
    Ok(())
}

/// The error of a message that the library does not take.
fn unreadable(error: PgWireError) -> PgWireError {
    match error {
        PgWireError::IoError(error) => PgWireError::IoError(error),
        error => refusal(VIOLATION, error.to_string()),
    }
}

/// Tells an error that ends the connection.
async fn end(wire: &mut Wire, error: PgWireError) -> PgWireResult<()> {
    let mut error = ErrorInfo::from(error);
    "FATAL".clone_into(&mut error.severity);
    wire.send(error_message(PgWireError::UserError(Box::new(error)))).await?;
    Ok(wire.close().await?)
}

async fn answer(
    connection: &mut Connection,
    wire: &mut Wire,
    message: PgWireFrontendMessage,
) -> PgWireResult<()> {
    match message {
        PgWireFrontendMessage::Query(query) => {
            connection.run(wire, &query.query).await?;
            ready(connection, wire).await
        }
        PgWireFrontendMessage::Parse(parse) => connection.prepare(wire, &parse).await,
        PgWireFrontendMessage::Bind(bind) => connection.bind(wire, &bind).await,
        PgWireFrontendMessage::Describe(describe) => connection.describe(wire, &describe).await,
        PgWireFrontendMessage::Execute(execute) => connection.execute(wire, &execute).await,
        PgWireFrontendMessage::Close(close) => connection.close_named(wire, &close).await,
        PgWireFrontendMessage::Flush(_) => Ok(wire.flush().await?),
        PgWireFrontendMessage::Sync(_) => ready(connection, wire).await,
        // The port lets no others through.
        _ => Ok(()),
    }
}

/// Says that the next statement may come.
async fn ready(connection: &mut Connection, wire: &mut Wire) -> PgWireResult<()> {
    connection.end_message(wire).await?;
    wire.send(PgWireBackendMessage::ReadyForQuery(ReadyForQuery::new(connection.status()))).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::postgres::cancel::CancelSwitch;

    #[tokio::test]
    async fn a_message_that_the_library_refuses_ended_the_connection_without_a_word() {
        let (mut client, socket) = UnixStream::pair().unwrap();
        let login = Login::new(Arc::default(), CancelSwitch::default(), Arc::default());
        let begin = |_: &Wire| Err(DataFusionError::Internal("no client has logged in".into()));
        // A beginning that is longer than any.
        client
            .write_all(&[&20_000_u32.to_be_bytes()[..], &196_608_u32.to_be_bytes()].concat())
            .await
            .unwrap();
        converse(socket, &login, begin).await.unwrap();
        let mut words = Vec::new();
        client.read_to_end(&mut words).await.unwrap();
        let words = String::from_utf8_lossy(&words);
        assert!(words.contains("SFATAL") && words.contains("C08P01"), "{words}");
    }
}
