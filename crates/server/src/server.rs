//! A server: put together, started, stopped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use playhead_dashboard::Dashboard;
use playhead_journal::Journal;
use playhead_lake::{Lake, Location};
use playhead_report::Reports;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::{Clock, RandomSource};
use crate::error::Error;
use crate::faults::Faults;
use crate::http::access::Access;
use crate::http::assets::Assets;
use crate::http::{App, connections};
use crate::ingest;
use crate::ingest::live::LiveSessions;
use crate::ingest::retention::HandedOver;
use crate::keeper::{Keeper, KeeperParts};
use crate::limits::REPORT_SUITES;
use crate::live::{self, Sampled};
use crate::metrics::Metrics;
use crate::postgres;
use crate::readers::Readers;
use crate::reports::directory::{LAKE_NAME, stored_lake_name};
use crate::reports::questions::Questions;
use crate::reports::sessions::SessionReports;
use crate::reports::unstored::JournalRows;
use crate::settings::Settings;
use crate::status::Status;

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
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    postgres_address: Option<SocketAddr>,
    made_token: Option<String>,
    status: Arc<Status>,
    stop: watch::Sender<bool>,
    connections: tokio::task::JoinHandle<()>,
    writer: JoinHandle<Result<(), Error>>,
    keeper: Keeper,
}

impl Server {
    /// Starts a server: it listens at once, and takes events as soon as the journal is replayed. To be called within
    /// a Tokio runtime.
    ///
    /// # Errors
    ///
    /// When a setting cannot be put into force, the address cannot be listened on, or the journal cannot be used.
    pub async fn start(settings: Settings, outside: Outside) -> Result<Self, Error> {
        let Outside { mut journal, clock, random, lake, dashboard } = outside;
        if settings.report_suites.len() > REPORT_SUITES {
            return Err(Error::Setting(format!("report_suites may have at most {REPORT_SUITES} entries")));
        }
        let listen = settings.listen;
        let (listener, address) = bind(listen).await?;
        let postgres = match settings.postgres_listen {
            Some(listen) => Some(bind(listen).await?),
            None => None,
        };
        // Only a server that listens makes a token: one that nobody sees would be lost.
        if settings.new_admin_token {
            Access::forget(&mut *journal)?;
        }
        let (access, made_token) = Access::establish(&settings, &mut *journal, &random, clock.clone())?;
        let access = Arc::new(access);

        let lake = Arc::new(Lake::new(lake, &lake_name(&mut *journal, &random)?)?);
        let settings = Arc::new(settings);
        let status = Arc::new(Status::default());
        let metrics = Arc::new(Metrics::default());
        let live = Arc::new(LiveSessions::new(settings.accounting));
        let readers = Arc::new(Readers::open(&*journal)?);
        let handed_over = Arc::new(HandedOver::default());
        let (ingest, writer) = ingest::start(ingest::Parts {
            journal,
            live: live.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
            status: status.clone(),
            settings: settings.clone(),
            handed_over: handed_over.clone(),
        })?;
        let unstored = JournalRows::new(live.clone(), readers.clone(), lake.server());
        let reports = Reports::new(lake.clone(), unstored, settings.questions.engine(&settings.lake))?;
        let keeper = Keeper::start(KeeperParts {
            lake,
            readers: readers.clone(),
            handed_over,
            clock: clock.clone(),
            metrics: metrics.clone(),
            settings: settings.lake.clone(),
        })?;
        let (stop, is_stopped) = watch::channel(false);
        let faults = Arc::new(Faults::default());
        let sampled = Sampled {
            live: live.clone(),
            metrics: metrics.clone(),
            faults: faults.clone(),
            clock: clock.clone(),
        };
        let app = App {
            settings,
            ingest,
            sessions: SessionReports::new(live, readers.clone(), reports.clone()),
            questions: Questions::new(reports, clock.clone()),
            readers,
            metrics,
            status: status.clone(),
            clock,
            random,
            access: access.clone(),
            keeper: keeper.handle(),
            faults,
            live: live::start(sampled, is_stopped.clone()),
            assets: Assets::new(&dashboard),
        };
        let postgres_address = match postgres {
            Some((listener, address)) => {
                let reports = app.questions.reports().clone();
                let timeout = app.settings.questions.timeout;
                tokio::spawn(postgres::serve(listener, reports, access, timeout, is_stopped.clone()));
                Some(address)
            }
            None => None,
        };
        let connections = tokio::spawn(connections::serve(listener, Arc::new(app), is_stopped));
        Ok(Self { address, postgres_address, made_token, status, stop, connections, writer, keeper })
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
        self.status.check_ready().is_ok()
    }

    /// Whether the writer has ended by itself, which only a failure makes it do.
    pub fn has_failed(&self) -> bool {
        self.writer.is_finished()
    }

    /// Stops: takes no more connections, lets requests under way finish, brings everything to disk.
    ///
    /// # Errors
    ///
    /// What ended the writer early, when something did.
    pub async fn stop(self) -> Result<(), Error> {
        self.status.set_stopping();
        // Nobody listening means that the connections have ended already.
        let _ended = self.stop.send(true);
        if self.connections.await.is_err() {
            tracing::error!("the connections ended in a panic");
        }
        let writer = tokio::task::spawn_blocking(move || self.writer.join()).await;
        // All rows are in the outbox now: what can be moved into the lake in a moment goes there.
        self.keeper.stop().await;
        match writer {
            Ok(Ok(outcome)) => outcome,
            _ => Err(Error::Internal),
        }
    }
}

async fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Under which name the journal's positions are kept in the lake; made at the first start. It goes with the journal: a
/// new journal in an old place counts from the beginning, under a name of its own.
fn lake_name(journal: &mut dyn Journal, random: &RandomSource) -> Result<String, Error> {
    if let Some(name) = stored_lake_name(&*journal.reader()?)? {
        return Ok(name);
    }
    let name: String = random.bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    journal.meta_set(LAKE_NAME, name.as_bytes())?;
    Ok(name)
}
