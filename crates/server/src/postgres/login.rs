//! The login: any token is accepted as password, whatever its role, because only reading is possible.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion_postgres::pgwire::api::auth::{
    DefaultServerParameterProvider, LoginInfo, StartupHandler, finish_authentication, protocol_negotiation,
    save_startup_parameters_to_metadata,
};
use datafusion_postgres::pgwire::api::{ClientInfo, PgWireConnectionState};
use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::startup::Authentication;
use datafusion_postgres::pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use futures::{Sink, SinkExt};

use crate::access::Access;
use crate::error::Error;
use playhead_node::ingest::addresses::ClientAddress;

/// `invalid_authorization_specification`
const INVALID_AUTHORIZATION: &str = "28000";

/// Asks for a token.
pub(super) struct Login {
    access: Arc<Access>,
    address: ClientAddress,
    parameters: DefaultServerParameterProvider,
}

impl Login {
    pub(super) fn new(access: Arc<Access>, address: ClientAddress) -> Self {
        let mut parameters = DefaultServerParameterProvider::default();
        parameters.is_superuser = false;
        parameters.default_transaction_read_only = true;
        Self { access, address, parameters }
    }
}

/// The refusal of a password: as PostgreSQL words it, or as the limit says.
fn refusal(error: &Error, user: Option<&str>) -> PgWireError {
    match error {
        Error::WrongToken => PgWireError::InvalidPassword(user.unwrap_or_default().to_owned()),
        error => PgWireError::UserError(Box::new(ErrorInfo::new(
            "FATAL".to_owned(),
            INVALID_AUTHORIZATION.to_owned(),
            error.to_string(),
        ))),
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
            PgWireFrontendMessage::PasswordMessageFamily(password) => {
                let password = password.into_password()?;
                if let Err(error) = self.access.authenticate(self.address, &password.password) {
                    return Err(refusal(&error, LoginInfo::from_client_info(client).user()));
                }
                finish_authentication(client, &self.parameters).await?;
            }
            _ => {}
        }
        Ok(())
    }
}
