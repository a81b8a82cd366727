//! The side of the port that answers: PostgreSQL's protocol over the reports.

use std::pin::pin;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion_postgres::pgwire::api::ClientInfo;
use futures::FutureExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use playhead_node::reporter::service::PostgresDoor;
use playhead_report::Reports;
use tokio::net::UnixStream;

use crate::postgres::cancel::{CancelSwitch, Connections};
use crate::postgres::catalogue::settings::show_settings;
use crate::postgres::catalogue::with_catalogue;
use crate::postgres::conversation::converse;
use crate::postgres::login::Login;
use crate::postgres::session::connection::Connection;
use crate::postgres::session::functions;
use crate::postgres::session::queries::Queries;
use crate::postgres::session::running::{Gates, Shared};
use crate::postgres::session::settings::Settings;

/// Answers clients that the port has let in.
pub(crate) struct Answers {
    connections: Arc<Connections>,
    shared: Shared,
}

impl Answers {
    /// With room for so many queries at a time; one fewer than run in all, so that the dashboard finds a turn.
    pub(crate) fn new(queries: usize) -> Self {
        let shared = Shared::new(queries.saturating_sub(1).max(1));
        Self { connections: Arc::default(), shared }
    }
}

impl PostgresDoor for Answers {
    fn answer(&self, socket: UnixStream, reports: Reports) -> BoxFuture<'static, ()> {
        let settings = Settings::in_zone(reports.settings().time_zone.name());
        let begin = Begin {
            reports,
            cancel: CancelSwitch::default(),
            settings: Arc::new(Mutex::new(settings)),
            shared: self.shared.clone(),
        };
        let login = Login::new(self.connections.clone(), begin.cancel.clone(), begin.settings.clone());
        async move {
            if let Err(error) = relayed(socket, login, begin).await {
                tracing::debug!(%error, "a PostgreSQL connection ended");
            }
        }
        .boxed()
    }

    fn cancel(&self, request: &[u8]) {
        self.connections.cancel(request);
    }
}

/// Answers, until the connection or the client ends. Nothing looks at the client while a query runs, so the messages pass
/// through a pair of sockets, where it is seen that the client is gone.
async fn relayed(socket: UnixStream, login: Login, begin: Begin) -> std::io::Result<()> {
    let (ours, theirs) = UnixStream::pair()?;
    let (mut from_client, mut to_client) = socket.into_split();
    let (mut from_library, mut to_library) = ours.into_split();
    let mut answers = pin!(tokio::io::copy(&mut from_library, &mut to_client));
    tokio::select! {
        answered = converse(theirs, &login, |wire| begin.connection(wire.pid_and_secret_key().0)) => {
            // What it said last is still on its way, in part in the hands of the copy, after an error as well.
            let passed_on = answers.await;
            answered?;
            passed_on?;
        }
        gone = tokio::io::copy(&mut from_client, &mut to_library) => drop(gone?),
        ended = &mut answers => drop(ended?),
    }
    Ok(())
}

/// What a connection is made of.
struct Begin {
    reports: Reports,
    cancel: CancelSwitch,
    settings: Arc<Mutex<Settings>>,
    shared: Shared,
}

impl Begin {
    /// The connection that has this number.
    fn connection(self, number: i32) -> Result<Connection, DataFusionError> {
        let context = Arc::new(with_catalogue(&self.reports.context())?);
        functions::register(&context, &self.settings, number);
        let settings = self.settings.clone();
        show_settings(&context, move || settings.lock().all().collect())?;
        let gates = Gates::new(self.reports.clone(), self.cancel, self.shared);
        Ok(Connection::new(Queries { context, reports: self.reports, gates }, self.settings))
    }
}
