//! The PostgreSQL port: psql, Grafana and BI tools ask in SQL, with any user name and a token as password.
//!
//! Each connection has a query session of its own, with the memory that one question may have. Only reading is possible.

mod login;
mod read_only;
mod service;

use std::sync::Arc;
use std::time::Duration;

use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use datafusion_postgres::datafusion_pg_catalog::pg_catalog::context::EmptyContextProvider;
use datafusion_postgres::datafusion_pg_catalog::setup_pg_catalog;
use datafusion_postgres::hooks::set_show::SetShowHook;
use datafusion_postgres::hooks::transactions::TransactionStatementHook;
use datafusion_postgres::pgwire::api::PgWireServerHandlers;
use datafusion_postgres::pgwire::api::auth::StartupHandler;
use datafusion_postgres::pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use datafusion_postgres::pgwire::tokio::process_socket;
use datafusion_postgres::{DfSessionService, QueryHook};
use playhead_report::Reports;
use playhead_report::engine::reports::CATALOG;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::access::Access;
use crate::postgres::login::Login;
use crate::postgres::read_only::ReadOnly;
use crate::postgres::service::Service;
use playhead_node::limits::POSTGRES_CONNECTIONS;

/// How long is waited after the system refused a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers connections until told to stop; what is under way then is broken off.
pub(crate) async fn serve(
    listener: TcpListener,
    reports: Reports,
    access: Arc<Access>,
    timeout: Duration,
    mut is_stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(POSTGRES_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            _ = is_stopped.changed() => return,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a PostgreSQL connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            tracing::warn!(%peer, "too many PostgreSQL connections; one was turned away");
            continue;
        };
        let handlers = Handlers::new(&reports, access.clone(), timeout);
        connections.spawn(async move {
            let _place = place;
            match handlers {
                Ok(handlers) => answer(socket, handlers).await,
                Err(error) => tracing::error!(%error, "a PostgreSQL session could not be set up"),
            }
        });
    }
}

async fn answer(socket: TcpStream, handlers: Handlers) {
    if let Err(error) = process_socket(socket, None, handlers).await {
        tracing::debug!(%error, "a PostgreSQL connection ended");
    }
}

/// What answers one connection.
struct Handlers {
    login: Arc<Login>,
    service: Arc<Service>,
}

impl Handlers {
    fn new(reports: &Reports, access: Arc<Access>, timeout: Duration) -> Result<Self, DataFusionError> {
        let context: Arc<SessionContext> = Arc::new(reports.context());
        setup_pg_catalog(&context, CATALOG, EmptyContextProvider).map_err(|error| *error)?;
        let hooks: Vec<Arc<dyn QueryHook>> =
            vec![Arc::new(SetShowHook), Arc::new(TransactionStatementHook), Arc::new(ReadOnly)];
        let inner = DfSessionService::new_with_hooks(context, hooks);
        let service = Service::new(inner, reports.clone(), timeout);
        Ok(Self { login: Arc::new(Login::new(access)), service: Arc::new(service) })
    }
}

impl PgWireServerHandlers for Handlers {
    fn simple_query_handler(&self) -> Arc<impl SimpleQueryHandler> {
        self.service.clone()
    }

    fn extended_query_handler(&self) -> Arc<impl ExtendedQueryHandler> {
        self.service.clone()
    }

    fn startup_handler(&self) -> Arc<impl StartupHandler> {
        self.login.clone()
    }
}
