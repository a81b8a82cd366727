//! The PostgreSQL port: psql, Grafana and BI tools query in SQL, with any user name and a token as password.
//!
//! The port is here, with its limits and the check of the token; the answers come from the process that answers queries
//! ([`answers`]). Each connection has its own query session with the memory limit of one query. Only reading is possible.

pub(crate) mod answers;
mod cancel;
mod catalogue;
mod conversation;
mod frames;
mod login;
mod refusal;
mod relay;
mod session;
mod statements;
pub(crate) mod tls;
mod values;
mod wire;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use playhead_node::reporter::client::{Client as Reporter, ReporterEnd};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::access::Access;
use crate::error::Error;
use crate::postgres::frames::user_of;
use crate::postgres::refusal::BUSY;
use crate::postgres::relay::{Begun, Client, End, Library, in_time};
use crate::postgres::tls::certificate::Certificate;
use playhead_node::ingest::addresses::ClientAddress;
use playhead_node::limits::{POSTGRES_CONNECTIONS, POSTGRES_LOGINS};

/// `cannot_connect_now`, while no reporter answers.
const CANNOT_CONNECT_NOW: &str = "57P03";
/// `crash_shutdown`, for a connection whose reporter has ended.
const CRASH_SHUTDOWN: &str = "57P02";
/// `invalid_password`.
const INVALID_PASSWORD: &str = "28P01";
/// `invalid_authorization_specification`.
const INVALID_AUTHORIZATION: &str = "28000";

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
        let client = Client::new(socket, is_stopped.clone());
        port.take_in(number, || connections.spawn(port.clone().answer(number, client, peer.ip())));
    }
}

/// What all connections share.
pub(crate) struct Port {
    reporter: Reporter,
    access: Arc<Access>,
    certificate: Option<Arc<Certificate>>,
    /// Whether other machines may log in without TLS although there is a certificate.
    is_tls_optional: bool,
    /// One for each connection that has logged in.
    places: Arc<Semaphore>,
    /// The connections that have not, the oldest first.
    logging_in: Mutex<VecDeque<(u64, AbortHandle)>>,
}

impl Port {
    /// Has queries answered by this reporter.
    pub(crate) fn new(
        reporter: Reporter,
        access: Arc<Access>,
        certificate: Option<Certificate>,
        is_tls_optional: bool,
    ) -> Self {
        let places = Arc::new(Semaphore::new(POSTGRES_CONNECTIONS));
        let certificate = certificate.map(Arc::new);
        Self { reporter, access, certificate, is_tls_optional, places, logging_in: Mutex::default() }
    }

    /// Refuses a login whose token could be read on its way, before the client sends it. What stays on this machine cannot.
    fn check_secrecy(&self, client: &Client, address: IpAddr) -> Result<(), End> {
        let must_be_secret = self.certificate.is_some() && !self.is_tls_optional;
        if must_be_secret && client.is_clear() && is_another_machine(address) {
            let message = "this server lets other machines in over TLS only (sslmode=require)";
            return Err(End::Refused(INVALID_AUTHORIZATION, message.into()));
        }
        Ok(())
    }

    /// Begins a connection, and notes that it has not logged in. Silent ones must not keep others out: the oldest goes.
    fn take_in(&self, number: u64, begin: impl FnOnce() -> AbortHandle) {
        // It must not log in before it is noted: it would stay noted, and be closed for it later.
        let mut logging_in = self.logging_in.lock();
        logging_in.retain(|(_, connection)| !connection.is_finished());
        if logging_in.len() >= POSTGRES_LOGINS
            && let Some((_, oldest)) = logging_in.pop_front()
        {
            oldest.abort();
        }
        logging_in.push_back((number, begin()));
    }

    async fn answer(self: Arc<Self>, number: u64, mut client: Client, address: IpAddr) {
        // It keeps its place until its last words are sent.
        let mut place = None;
        match self.converse(number, &mut client, address, &mut place).await {
            Ok(()) | Err(End::NoLibrary) => client.close().await,
            Err(End::Gone(error)) => tracing::debug!(%error, "a PostgreSQL connection ended"),
            Err(End::Refused(code, message)) => {
                tracing::debug!(code, message, "a PostgreSQL connection was refused");
                client.turn_away(code, &message).await;
            }
        }
    }

    async fn converse(
        &self,
        number: u64,
        client: &mut Client,
        address: IpAddr,
        place: &mut Option<OwnedSemaphorePermit>,
    ) -> Result<(), End> {
        let login = async {
            let startup = match client.begin(self.certificate.as_ref()).await? {
                Begun::Startup(startup) => startup,
                // Nobody is told whether it was of use.
                Begun::Cancel(request) => return Ok(self.reporter.cancel(&request).await.map(|()| None)?),
            };
            self.check_secrecy(client, address)?;
            let found = self.reporter.postgres().await;
            let (socket, reporter) =
                found.map_err(|error| End::Refused(CANNOT_CONNECT_NOW, error.to_string()))?;
            let mut library = Library::new(socket);
            match self.log_in(client, &startup, &mut library, address).await {
                Ok(place) => Ok(place.map(|place| (place, library, reporter))),
                Err(End::NoLibrary) => Err(lost(&reporter, CANNOT_CONNECT_NOW).await),
                Err(end) => Err(end),
            }
        };
        let Some((own, library, reporter)) = in_time(login).await? else { return Ok(()) };
        *place = Some(own);
        self.logging_in.lock().retain(|(waiting, _)| *waiting != number);
        match library.converse(client).await {
            Err(End::NoLibrary) => Err(lost(&reporter, CRASH_SHUTDOWN).await),
            ended => ended,
        }
    }

    /// Lets a client in that has a token; returns its place, or `None` if it was turned away already.
    async fn log_in(
        &self,
        client: &mut Client,
        startup: &[u8],
        library: &mut Library,
        address: IpAddr,
    ) -> Result<Option<OwnedSemaphorePermit>, End> {
        if !library.ask_for_password(client, startup).await? {
            return Ok(None);
        }
        let password = client.password().await?;
        if let Err(error) = self.access.authenticate(ClientAddress::of(address), &password) {
            return Err(refusal(&error, &user_of(startup).unwrap_or_default()));
        }
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return Err(End::Refused(BUSY, "too many connections are open".into()));
        };
        library.let_in().await?;
        Ok(Some(place))
    }
}

/// Whether what a client sends leaves its machine on the way here.
pub(crate) fn is_another_machine(address: IpAddr) -> bool {
    !address.to_canonical().is_loopback()
}

/// The end of a connection whose other side has closed it without a word: with its reporter, or because that had no room for
/// it.
async fn lost(reporter: &ReporterEnd, code: &'static str) -> End {
    let closed = || "the process that answers queries has closed this connection; connect again".to_owned();
    End::Refused(code, reporter.why().await.unwrap_or_else(closed))
}

/// The refusal of a password: as PostgreSQL words it, or as the limit says.
fn refusal(error: &Error, user: &str) -> End {
    match error {
        Error::WrongToken => {
            End::Refused(INVALID_PASSWORD, format!("password authentication failed for user \"{user}\""))
        }
        error => End::Refused(INVALID_AUTHORIZATION, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_other_machines_are_told_from_those_that_stay_here() {
        let is_other = |address: &str| is_another_machine(address.parse().unwrap());
        for here in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(!is_other(here), "{here}");
        }
        for elsewhere in
            ["10.0.0.1", "192.168.1.1", "203.0.113.7", "::ffff:10.0.0.1", "fd00::1", "0.0.0.0", "::"]
        {
            assert!(is_other(elsewhere), "{elsewhere}");
        }
    }
}
