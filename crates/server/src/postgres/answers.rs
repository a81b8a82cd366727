//! The side of the port that answers: PostgreSQL's protocol as the library speaks it, over the reports.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use datafusion_postgres::datafusion_pg_catalog::pg_catalog::context::EmptyContextProvider;
use datafusion_postgres::datafusion_pg_catalog::setup_pg_catalog;
use datafusion_postgres::hooks::set_show::SetShowHook;
use datafusion_postgres::hooks::transactions::TransactionStatementHook;
use datafusion_postgres::pgwire::api::PgWireServerHandlers;
use datafusion_postgres::pgwire::api::auth::StartupHandler;
use datafusion_postgres::pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use datafusion_postgres::pgwire::tokio::process_socket_unix;
use datafusion_postgres::{DfSessionService, QueryHook};
use futures::FutureExt;
use futures::future::BoxFuture;
use playhead_node::reporter::service::PostgresDoor;
use playhead_report::Reports;
use playhead_report::engine::reports::CATALOG;
use tokio::net::UnixStream;

use crate::postgres::login::Login;
use crate::postgres::read_only::ReadOnly;
use crate::postgres::service::Service;

/// Answers clients that the port has let in.
pub(crate) struct Answers;

impl PostgresDoor for Answers {
    fn answer(&self, socket: UnixStream, reports: Reports) -> BoxFuture<'static, ()> {
        async move {
            let outcome = match Handlers::new(&reports) {
                Ok(handlers) => {
                    process_socket_unix(socket, handlers).await.map_err(|error| error.to_string())
                }
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = outcome {
                tracing::debug!(error, "a PostgreSQL connection ended");
            }
        }
        .boxed()
    }
}

/// The handlers of one connection.
struct Handlers {
    login: Arc<Login>,
    service: Arc<Service>,
}

impl Handlers {
    fn new(reports: &Reports) -> Result<Self, DataFusionError> {
        let context: Arc<SessionContext> = Arc::new(reports.context());
        setup_pg_catalog(&context, CATALOG, EmptyContextProvider).map_err(|error| *error)?;
        let hooks: Vec<Arc<dyn QueryHook>> =
            vec![Arc::new(SetShowHook), Arc::new(TransactionStatementHook), Arc::new(ReadOnly)];
        let inner = DfSessionService::new_with_hooks(context, hooks);
        let service = Service::new(inner, reports.clone());
        Ok(Self { login: Arc::new(Login::new()), service: Arc::new(service) })
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
