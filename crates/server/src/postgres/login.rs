//! The login as the library sees it. Any token is accepted as password, whatever its role, because only reading is
//! possible; that it is one was found out at the port.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion_postgres::pgwire::api::auth::{
    ServerParameterProvider, StartupHandler, finish_authentication, protocol_negotiation,
    save_startup_parameters_to_metadata,
};
use datafusion_postgres::pgwire::api::{ClientInfo, PgWireConnectionState};
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::startup::Authentication;
use datafusion_postgres::pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use futures::{Sink, SinkExt};
use parking_lot::Mutex;

use crate::postgres::cancel::{CancelSwitch, Connections};
use crate::postgres::session::settings::Settings;

/// Asks for a token, and takes any: the port has checked it before it passes the message on.
pub(super) struct Login {
    connections: Arc<Connections>,
    cancel: CancelSwitch,
    settings: Arc<Mutex<Settings>>,
}

impl Login {
    /// The login of a connection with these settings, which is then known by what cancel requests name.
    pub(super) fn new(
        connections: Arc<Connections>,
        cancel: CancelSwitch,
        settings: Arc<Mutex<Settings>>,
    ) -> Self {
        Self { connections, cancel, settings }
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
                let parameters =
                    client.metadata().iter().map(|(name, value)| (name.as_str(), value.as_str()));
                self.settings.lock().log_in(parameters)?;
                self.connections.register(client, &self.cancel);
                finish_authentication(client, &Greeting(&self.settings)).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The settings that a client is told when it has logged in.
struct Greeting<'login>(&'login Mutex<Settings>);

impl ServerParameterProvider for Greeting<'_> {
    fn server_parameters<C: ClientInfo>(&self, _client: &C) -> Option<HashMap<String, String>> {
        let news = self.0.lock().news();
        Some(news.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}
