//! The side of the port that answers: PostgreSQL's protocol as the library speaks it, over the reports.

use std::pin::pin;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
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
use tokio::net::UnixStream;
use tokio::sync::Semaphore;

use crate::postgres::cancel::{CancelSwitch, Connections};
use crate::postgres::catalogue::with_catalogue;
use crate::postgres::login::Login;
use crate::postgres::read_only::ReadOnly;
use crate::postgres::service::Service;

/// Answers clients that the port has let in.
pub(crate) struct Answers {
    connections: Arc<Connections>,
    places: Arc<Semaphore>,
}

impl Answers {
    /// With room for so many queries at a time; one fewer than run in all, so that the dashboard finds a turn.
    pub(crate) fn new(queries: usize) -> Self {
        let places = queries.saturating_sub(1).max(1);
        Self { connections: Arc::default(), places: Arc::new(Semaphore::new(places)) }
    }
}

impl PostgresDoor for Answers {
    fn answer(&self, socket: UnixStream, reports: Reports) -> BoxFuture<'static, ()> {
        let handlers = Handlers::new(&reports, self);
        async move {
            let outcome = match handlers {
                Ok(handlers) => converse(socket, handlers).await.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = outcome {
                tracing::debug!(error, "a PostgreSQL connection ended");
            }
        }
        .boxed()
    }

    fn cancel(&self, request: &[u8]) {
        self.connections.cancel(request);
    }
}

/// Lets the library answer, until it or the client ends. The library does not look at the client while a query runs, so the
/// messages pass through a pair of sockets, where it is seen that the client is gone.
async fn converse(socket: UnixStream, handlers: Handlers) -> std::io::Result<()> {
    let (ours, theirs) = UnixStream::pair()?;
    let (mut from_client, mut to_client) = socket.into_split();
    let (mut from_library, mut to_library) = ours.into_split();
    let mut answers = pin!(tokio::io::copy(&mut from_library, &mut to_client));
    tokio::select! {
        answered = process_socket_unix(theirs, handlers) => {
            answered?;
            // What it said last is still on its way, in part in the hands of the copy.
            answers.await?;
        }
        gone = tokio::io::copy(&mut from_client, &mut to_library) => drop(gone?),
        ended = &mut answers => drop(ended?),
    }
    Ok(())
}

/// The handlers of one connection.
struct Handlers {
    login: Arc<Login>,
    service: Arc<Service>,
}

impl Handlers {
    fn new(reports: &Reports, answers: &Answers) -> Result<Self, DataFusionError> {
        let context: Arc<SessionContext> = Arc::new(with_catalogue(&reports.context())?);
        let hooks: Vec<Arc<dyn QueryHook>> =
            vec![Arc::new(SetShowHook), Arc::new(TransactionStatementHook), Arc::new(ReadOnly)];
        let inner = DfSessionService::new_with_hooks(context, hooks);
        let cancel = CancelSwitch::default();
        let service = Service::new(inner, reports.clone(), cancel.clone(), answers.places.clone());
        let login = Login::new(answers.connections.clone(), cancel);
        Ok(Self { login: Arc::new(login), service: Arc::new(service) })
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
