//! The process that answers queries, and how a test has it in a thread instead.

use std::io::Error as IoError;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use async_trait::async_trait;
use playhead_journal::JournalReader;
use playhead_lake::Location;
use playhead_node::clock::Clock;
use playhead_node::error::StartError;
use playhead_node::limits::REPORT_READERS;
use playhead_node::reporter::launch::{Launch, Launched};
use playhead_node::reporter::link::Link;
use playhead_node::reporter::service::{Parts, serve};
use playhead_report::EngineSettings;
use tokio::sync::oneshot;

use crate::postgres::answers::Answers;

/// Gives a reader of the journal.
pub type NewReader = Box<dyn Fn() -> Result<Box<dyn JournalReader>, playhead_journal::Error> + Send + Sync>;

/// What a reporter works with.
pub struct Reporter {
    /// Gives readers of the journal.
    pub reader: NewReader,
    /// Where the tables are.
    pub lake: Location,
    /// The limits of queries.
    pub engine: EngineSettings,
    /// Says what "now" is in a query.
    pub clock: Arc<dyn Clock>,
    /// The memory that it may have, bytes; `None` to let it be.
    pub memory_bytes: Option<u64>,
}

impl Reporter {
    /// Answers what comes through this end of a link until the other side is gone, or calls `end` when it has to end before.
    ///
    /// # Errors
    ///
    /// If the journal or the tables cannot be opened, or the query engine does not start.
    pub async fn serve(&self, link: OwnedFd, end: impl FnOnce() + Send + 'static) -> Result<(), StartError> {
        let system = |source| StartError::System { context: "opening the link to the node", source };
        let readers = (0..REPORT_READERS).map(|_| (self.reader)()).collect::<Result<_, _>>()?;
        let parts = Parts {
            link: Link::of(link).map_err(system)?,
            readers,
            lake: self.lake.clone(),
            engine: self.engine.clone(),
            clock: self.clock.clone(),
            memory_bytes: self.memory_bytes,
            postgres: Arc::new(Answers::new(self.engine.queries)),
        };
        serve(parts, end).await
    }
}

/// A reporter within this process: for tests, whose journal no other process can read.
#[derive(Clone)]
pub struct InThisProcess(Arc<Reporter>);

impl InThisProcess {
    /// Starts that one.
    pub fn new(reporter: Reporter) -> Self {
        Self(Arc::new(reporter))
    }
}

impl Launch for InThisProcess {
    fn launch(&self, link: OwnedFd) -> Result<Box<dyn Launched>, IoError> {
        let (ends, is_ended) = oneshot::channel();
        let reporter = self.0.clone();
        let serves = tokio::spawn(async move {
            let (has_to_end, told) = oneshot::channel::<()>();
            let serves = reporter.serve(link, move || drop(has_to_end));
            let how = tokio::select! {
                served = serves => match served {
                    Ok(()) => "its node has gone".to_owned(),
                    Err(error) => error.to_string(),
                },
                _ = told => "it had to end".to_owned(),
            };
            // Whoever started it may have gone.
            let _told = ends.send(how);
        });
        Ok(Box::new(Thread { serves, is_ended }))
    }
}

struct Thread {
    serves: tokio::task::JoinHandle<()>,
    is_ended: oneshot::Receiver<String>,
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.serves.abort();
    }
}

#[async_trait]
impl Launched for Thread {
    async fn ended(&mut self) -> String {
        match (&mut self.is_ended).await {
            Ok(how) => how,
            Err(_) => "it was ended".to_owned(),
        }
    }
}
