//! The PostgreSQL port: psql, Grafana and BI tools query in SQL, with any user name and a token as password.
//!
//! Each connection has its own query session with the memory limit of one query. Only reading is possible.

mod frames;
mod login;
mod read_only;
mod relay;
mod service;

use std::collections::VecDeque;
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
use datafusion_postgres::pgwire::tokio::process_socket_unix;
use datafusion_postgres::{DfSessionService, QueryHook};
use parking_lot::Mutex;
use playhead_report::Reports;
use playhead_report::engine::reports::CATALOG;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::access::Access;
use crate::postgres::login::Login;
use crate::postgres::read_only::ReadOnly;
use crate::postgres::relay::{Client, End, Library, in_time};
use crate::postgres::service::Service;
use playhead_node::ingest::addresses::ClientAddress;
use playhead_node::limits::{POSTGRES_CONNECTIONS, POSTGRES_LOGINS};
use playhead_node::sessions::query_threads::QueryThreads;
use playhead_node::tables::queries::Queries;

/// The pause after the system refused a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves connections until it is told to stop; queries that still run then are cut off.
pub(crate) async fn serve(listener: TcpListener, port: Port, mut is_stopped: watch::Receiver<bool>) {
    let port = Arc::new(port);
    let mut connections = JoinSet::new();
    for number in 0_u64.. {
        let accepted = loop {
            tokio::select! {
                accepted = listener.accept() => break accepted,
                Some(_) = connections.join_next() => {}
                _ = is_stopped.changed() => return,
            }
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a PostgreSQL connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let address = ClientAddress::of(peer.ip());
        let connection = connections.spawn(port.clone().answer(number, socket, address));
        port.make_room(number, connection);
    }
}

/// What all connections share.
pub(crate) struct Port {
    queries: Queries,
    access: Arc<Access>,
    timeout: Duration,
    /// One for each connection that has logged in.
    places: Arc<Semaphore>,
    /// The connections that have not, the oldest first.
    logging_in: Mutex<VecDeque<(u64, AbortHandle)>>,
}

impl Port {
    /// Answers these queries; one may take `timeout`.
    pub(crate) fn new(queries: Queries, access: Arc<Access>, timeout: Duration) -> Self {
        let places = Arc::new(Semaphore::new(POSTGRES_CONNECTIONS));
        Self { queries, access, timeout, places, logging_in: Mutex::default() }
    }

    /// Notes a connection that has not logged in. Silent ones must not keep others out: the oldest goes.
    fn make_room(&self, number: u64, connection: AbortHandle) {
        let mut logging_in = self.logging_in.lock();
        logging_in.retain(|(_, connection)| !connection.is_finished());
        if logging_in.len() >= POSTGRES_LOGINS
            && let Some((_, oldest)) = logging_in.pop_front()
        {
            oldest.abort();
        }
        logging_in.push_back((number, connection));
    }

    async fn answer(self: Arc<Self>, number: u64, socket: TcpStream, address: ClientAddress) {
        let (reads, writes) = socket.into_split();
        let mut client = Client { reads, writes };
        match self.converse(number, &mut client, address).await {
            Ok(()) => {}
            Err(End::Gone(error)) => tracing::debug!(%error, "a PostgreSQL connection ended"),
            Err(End::Refused(code, message)) => {
                tracing::debug!(code, message, "a PostgreSQL connection was refused");
                client.turn_away(code, &message).await;
            }
        }
    }

    async fn converse(&self, number: u64, client: &mut Client, address: ClientAddress) -> Result<(), End> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut library = Library::new(ours);
        let login = async {
            let Some(startup) = client.begin().await? else { return Ok(None) };
            let handlers = Handlers::new(self.queries.reports(), self.access.clone(), address, self.timeout);
            let handlers = handlers.map_err(|error| std::io::Error::other(error.to_string()))?;
            // A query ends with its connection.
            let mut served = JoinSet::new();
            let answers = process_socket_unix(theirs, handlers);
            match self.queries.threads().and_then(QueryThreads::handle) {
                Some(threads) => served.spawn_on(answers, threads),
                None => served.spawn(answers),
            };
            let place = library.log_in(client, &startup, &self.places).await?;
            Ok(place.map(|place| (place, served)))
        };
        let Some((_place, _served)) = in_time(login).await? else { return Ok(()) };
        self.logging_in.lock().retain(|(waiting, _)| *waiting != number);
        library.converse(client).await
    }
}

/// The handlers of one connection.
struct Handlers {
    login: Arc<Login>,
    service: Arc<Service>,
}

impl Handlers {
    fn new(
        reports: &Reports,
        access: Arc<Access>,
        address: ClientAddress,
        timeout: Duration,
    ) -> Result<Self, DataFusionError> {
        let context: Arc<SessionContext> = Arc::new(reports.context());
        setup_pg_catalog(&context, CATALOG, EmptyContextProvider).map_err(|error| *error)?;
        let hooks: Vec<Arc<dyn QueryHook>> =
            vec![Arc::new(SetShowHook), Arc::new(TransactionStatementHook), Arc::new(ReadOnly)];
        let inner = DfSessionService::new_with_hooks(context, hooks);
        let service = Service::new(inner, reports.clone(), timeout);
        Ok(Self { login: Arc::new(Login::new(access, address)), service: Arc::new(service) })
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
