//! The login as the library sees it. Any token is accepted as password, whatever its role, because only reading is
//! possible; that it is one was found out at the port.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion_postgres::pgwire::api::auth::{
    DefaultServerParameterProvider, StartupHandler, finish_authentication, protocol_negotiation,
    save_startup_parameters_to_metadata,
};
use datafusion_postgres::pgwire::api::{ClientInfo, PgWireConnectionState};
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::startup::Authentication;
use datafusion_postgres::pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use futures::{Sink, SinkExt};

use crate::postgres::cancel::{CancelSwitch, Connections};

/// Asks for a token, and takes any: the port has checked it before it passes the message on.
pub(super) struct Login {
    connections: Arc<Connections>,
    cancel: CancelSwitch,
    parameters: DefaultServerParameterProvider,
}

impl Login {
    /// The login of a connection that is then known by what cancel requests name.
    pub(super) fn new(connections: Arc<Connections>, cancel: CancelSwitch) -> Self {
        let mut parameters = DefaultServerParameterProvider::default();
        parameters.is_superuser = false;
        parameters.default_transaction_read_only = true;
        Self { connections, cancel, parameters }
    }
}

#[async_trait]
impl StartupHandler for Login {
    async fn on_startup<C>(&self, client: &mut C, message: PgWireFrontendMessage) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        match message {
            PgWireFrontendMessage::Startup(ref startup) => {
                protocol_negotiation(client, startup).await?;
                save_startup_parameters_to_metadata(client, startup);
                client.set_state(PgWireConnectionState::AuthenticationInProgress);
                let request = PgWireBackendMessage::Authentication(Authentication::CleartextPassword);
                client.send(request).await?;
            }
            PgWireFrontendMessage::PasswordMessageFamily(_) => {
                self.connections.register(client, &self.cancel);
                finish_authentication(client, &self.parameters).await?;
            }
            _ => {}
        }
        Ok(())
    }
}
