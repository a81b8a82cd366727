//! A server: a node with its doors opened, and closed in the right order.

use std::net::SocketAddr;
use std::sync::Arc;

use playhead_dashboard::Dashboard;
use playhead_journal::Journal;
use playhead_lake::Location;
use playhead_node::clock::{Clock, RandomSource};
use playhead_node::kept::schedule::places::Places;
use playhead_node::limits::{REPORT_SUITES, WEBHOOK_ORIGINS};
use playhead_node::reporter::launch::Launch;
use playhead_node::schedules::Schedules;
use playhead_node::schedules::fonts::read_fonts;
use playhead_node::settings::Settings;
use playhead_node::{Node, Running};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::access::Access;
use crate::app::App;
use crate::error::Error;
use crate::http::assets::Assets;
use crate::http::wire::connections;
use crate::postgres;
use crate::postgres::tls::certificate::Certificate;
use crate::webhooks::HttpWebhooks;

/// What a server is given from outside: the log, the time, the randomness, the page.
pub struct Outside {
    /// Where accepted events go.
    pub journal: Box<dyn Journal>,
    /// The server's clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness for session ids and tokens.
    pub random: RandomSource,
    /// Where closed sessions and events go in the end.
    pub lake: Location,
    /// The dashboard's files.
    pub dashboard: Dashboard,
    /// Starts the process that answers queries.
    pub reporter: Arc<dyn Launch>,
}

/// Bytes of the secret that signs what is sent to webhooks, at least.
const SHORTEST_SECRET: usize = 16;

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    postgres_address: Option<SocketAddr>,
    made_token: Option<String>,
    stop: watch::Sender<bool>,
    connections: tokio::task::JoinHandle<()>,
    node: Running,
}

impl Server {
    /// Starts a server: it listens at once, and takes events as soon as the journal is replayed. To be called within
    /// a Tokio runtime.
    ///
    /// # Errors
    ///
    /// When a setting cannot be put into force, the address cannot be listened on, or the journal cannot be used.
    pub async fn start(settings: Settings, outside: Outside) -> Result<Self, Error> {
        let Outside { mut journal, clock, random, lake, dashboard, reporter } = outside;
        if settings.report_suites.len() > REPORT_SUITES {
            return Err(Error::Setting(format!("report_suites may have at most {REPORT_SUITES} entries")));
        }
        let (listener, address) = bind(settings.listen).await?;
        let postgres = match settings.postgres_listen {
            Some(listen) => {
                let certificate = Certificate::of(&settings)?;
                let (listener, address) = bind(listen).await?;
                warn_of_tokens_in_clear(address, certificate.is_some());
                Some((listener, address, certificate))
            }
            None => None,
        };
        let is_tls_optional = settings.postgres_tls_optional;
        let secret = settings.webhook_secret.clone().unwrap_or_default();
        check_places(&settings)?;
        let fonts = read_fonts(settings.report_font.as_deref()).map_err(Error::Setting)?;
        // Only a server that listens makes a token: one that nobody sees would be lost.
        if settings.new_admin_token {
            Access::forget(&mut *journal)?;
        }
        let (access, made_token) = Access::establish(&settings, &mut *journal, &random, clock.clone())?;
        let access = Arc::new(access);

        let (stop, is_stopped) = watch::channel(false);
        let (node, running) = Node::start(
            settings,
            playhead_node::Outside { journal, lake, clock, random, reporter, is_stopped: is_stopped.clone() },
        )?;
        let postgres_address = match postgres {
            Some((listener, address, certificate)) => {
                let reporter = node.queries.clone();
                let port = postgres::Port::new(reporter, access.clone(), certificate, is_tls_optional);
                tokio::spawn(postgres::serve(listener, port, is_stopped.clone()));
                Some(address)
            }
            None => None,
        };
        let webhooks = Arc::new(HttpWebhooks::new(secret));
        let schedules = Schedules::start(&node, webhooks, fonts, is_stopped.clone()).await?;
        let app = App { node, schedules, access, assets: Assets::new(&dashboard) };
        let connections = tokio::spawn(connections::serve(listener, Arc::new(app), is_stopped));
        Ok(Self { address, postgres_address, made_token, stop, connections, node: running })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for the PostgreSQL protocol, when it does.
    pub fn postgres_address(&self) -> Option<SocketAddr> {
        self.postgres_address
    }

    /// The admin token, in clear, when this start made it: the only time that it can be shown.
    pub fn made_token(&self) -> Option<&str> {
        self.made_token.as_deref()
    }

    /// Whether the journal is replayed and events are taken.
    pub fn is_ready(&self) -> bool {
        self.node.is_ready()
    }

    /// Whether the writer has ended by itself, which only a failure makes it do.
    pub fn has_failed(&self) -> bool {
        self.node.has_failed()
    }

    /// Stops: takes no more connections, lets requests under way finish, brings everything to disk.
    ///
    /// # Errors
    ///
    /// What ended the writer early, when something did.
    pub async fn stop(self) -> Result<(), Error> {
        self.node.refuse_events();
        // Nobody listening means that the connections have ended already.
        let _ended = self.stop.send(true);
        if self.connections.await.is_err() {
            tracing::error!("the connections ended in a panic");
        }
        Ok(self.node.stop().await?)
    }
}

/// Whether reports can be sent where the operator lets them be sent.
fn check_places(settings: &Settings) -> Result<(), Error> {
    let fault = |message: String| Err(Error::Setting(message));
    let Places { folder, webhook_origins, .. } = &settings.places;
    if webhook_origins.len() > WEBHOOK_ORIGINS {
        return fault(format!("webhook_origins may have at most {WEBHOOK_ORIGINS} entries"));
    }
    if settings.webhook_secret.as_ref().is_some_and(|secret| secret.len() < SHORTEST_SECRET) {
        return fault(format!("webhook_secret must have at least {SHORTEST_SECRET} characters"));
    }
    if !webhook_origins.is_empty() && settings.webhook_secret.is_none() {
        return fault("webhook_origins needs webhook_secret, which signs what is sent there".to_owned());
    }
    // A disk that is missing keeps reports from being written, and no event from being taken.
    if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
        tracing::warn!(folder = %folder.display(), "report_folder is not a directory; reports cannot be sent there");
    }
    Ok(())
}

/// The token is the password of the PostgreSQL port, so whoever can read what passes could use it.
fn warn_of_tokens_in_clear(address: SocketAddr, has_certificate: bool) {
    if !has_certificate && postgres::is_another_machine(address.ip()) {
        tracing::warn!(
            %address,
            "other machines send their token to the PostgreSQL port in clear; set postgres_tls_certificate and \
             postgres_tls_key"
        );
    }
}

async fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}
