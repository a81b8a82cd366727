//! A node: put together, started, stopped.

use std::sync::Arc;
use std::thread::JoinHandle;

use playhead_journal::Journal;
use playhead_lake::{Lake, Location};
use tokio::sync::{oneshot, watch};

use crate::clock::{Clock, RandomSource};
use crate::error::StartError;
use crate::exclusions::book::ExclusionBook;
use crate::exclusions::exclusions_in;
use crate::ingest::activity::Activity;
use crate::ingest::notes::Notes;
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::retention::HandedOver;
use crate::ingest::{self, Ingest};
use crate::kept::KeptThings;
use crate::live::{self, LiveFeed, Sampled};
use crate::outcome::Outcomes;
use crate::readers::Readers;
use crate::refusals::Refusals;
use crate::reporter::client::Client;
use crate::reporter::launch::Launch;
use crate::reporter::supervisor::{State, Supervisor};
use crate::sessions::session_reports::SessionReports;
use crate::settings::Settings;
use crate::status::Status;
use crate::tables::exclusion_desk::ExclusionDesk;
use crate::tables::in_memory::SessionsInMemory;
use crate::tables::keeper::{Keeper, KeeperHandle, KeeperParts};
use crate::tables::line::{Line, begin_run};
use crate::telemetry::Telemetry;

/// The parts that a node is given from outside: log, tables, time, randomness, and the signal to stop.
pub struct Outside {
    /// Where accepted events go.
    pub journal: Box<dyn Journal>,
    /// Where closed sessions and events go in the end.
    pub lake: Location,
    /// The node's clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness for session ids and names.
    pub random: RandomSource,
    /// Starts the process that answers queries.
    pub reporter: Arc<dyn Launch>,
    /// Turns true when the node is to stop.
    pub is_stopped: watch::Receiver<bool>,
}

/// A running node, as the front doors use it.
pub struct Node {
    /// The settings in force.
    pub settings: Arc<Settings>,
    /// Takes events.
    pub ingest: Ingest,
    /// Readers of the journal.
    pub readers: Arc<Readers>,
    /// The node's metrics about itself.
    pub telemetry: Arc<Telemetry>,
    /// Whether it takes events.
    pub status: Arc<Status>,
    /// The node's clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness for session ids.
    pub random: RandomSource,
    /// Has queries over the tables answered.
    pub queries: Client,
    /// Answers queries about single sessions.
    pub sessions: SessionReports,
    /// Excludes sessions from all reports.
    pub exclusions: ExclusionDesk,
    /// What people keep here beside the numbers.
    pub kept: KeptThings,
    /// Asks for upkeep of the tables.
    pub keeper: KeeperHandle,
    /// Counts the outcome of each collection request.
    pub outcomes: Arc<Outcomes>,
    /// The last refused requests.
    pub refusals: Arc<Refusals>,
    /// Live numbers.
    pub live: LiveFeed,
}

/// The threads of a node, to be waited for at its end.
#[derive(Debug)]
pub struct Running {
    status: Arc<Status>,
    outcomes: Arc<Outcomes>,
    /// Comes when the writer has nothing left to write but notes, or has ended.
    is_all_on_disk: oneshot::Receiver<()>,
    writer: JoinHandle<Result<(), StartError>>,
    keeper: Keeper,
}

impl Node {
    /// Starts a node: it takes events as soon as the journal is replayed. To be called within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// When the journal or the lake cannot be used, or the operating system gives no thread.
    pub fn start(settings: Settings, outside: Outside) -> Result<(Self, Running), StartError> {
        let Outside { mut journal, lake, clock, random, reporter, is_stopped } = outside;
        let begun = begin_run(&mut *journal, &random)?;
        let lake = Arc::new(Lake::new(lake, &begun.lineage.name)?);
        let (settings, status) = (Arc::new(settings), Arc::<Status>::default());
        let (refusals, activity) = (Arc::<Refusals>::default(), Arc::<Activity>::default());
        let (telemetry, handed_over) = (Arc::<Telemetry>::default(), Arc::<HandedOver>::default());
        let outcomes = Arc::new(Outcomes::new(telemetry.clone(), refusals.clone(), clock.clone()));
        let open_sessions = Arc::new(OpenSessions::recovering(settings.accounting));
        let readers = Arc::new(Readers::open(&*journal)?);
        let (notes, notes_received) = Notes::new();
        let (book, kept) = decided_in(&*journal, &notes, &clock, &settings)?;
        let (at_start, asked_at_start) = oneshot::channel();
        let (all_on_disk, is_all_on_disk) = oneshot::channel();
        let (ingest, writer) = ingest::start(ingest::Parts {
            journal,
            open_sessions: open_sessions.clone(),
            clock: clock.clone(),
            telemetry: telemetry.clone(),
            activity: activity.clone(),
            outcomes: outcomes.clone(),
            status: status.clone(),
            settings: settings.clone(),
            handed_over: handed_over.clone(),
            notes: notes_received,
            all_on_disk,
            at_start,
        })?;
        let state = start_reporter(reporter, &open_sessions, &readers, telemetry.clone())?;
        let queries = Client::new(state, lake.clone(), &settings.queries);
        let parts = KeeperParts {
            lake,
            line: Line::new(begun, notes),
            book: book.clone(),
            readers: readers.clone(),
            handed_over,
            clock: clock.clone(),
            telemetry: telemetry.clone(),
            settings: settings.lake.clone(),
        };
        let keeper = Keeper::start(parts, asked_at_start)?;
        let sampled = Sampled {
            open_sessions: open_sessions.clone(),
            exclusions: book.known().clone(),
            telemetry: telemetry.clone(),
            activity,
            refusals: refusals.clone(),
            clock: clock.clone(),
        };
        let stored = Arc::new(queries.clone());
        let sessions = SessionReports::new(open_sessions, readers.clone(), stored, book.source());
        let node = Self {
            settings,
            ingest,
            exclusions: ExclusionDesk::new(book, sessions.clone(), keeper.handle(), clock.clone()),
            sessions,
            kept,
            queries,
            readers,
            telemetry,
            status: status.clone(),
            clock,
            random,
            keeper: keeper.handle(),
            outcomes: outcomes.clone(),
            refusals,
            live: live::start(sampled, is_stopped),
        };
        Ok((node, Running { status, outcomes, is_all_on_disk, writer, keeper }))
    }
}

/// What people have decided and kept, as the journal has it.
fn decided_in(
    journal: &dyn Journal,
    notes: &Notes,
    clock: &Arc<dyn Clock>,
    settings: &Settings,
) -> Result<(Arc<ExclusionBook>, KeptThings), StartError> {
    let reader = journal.reader()?;
    let book = Arc::new(ExclusionBook::new(exclusions_in(&*reader)?, notes.clone()));
    let places = Arc::new(settings.places.clone());
    Ok((book, KeptThings::in_journal(&*reader, notes, clock, &places)?))
}

/// Starts the reporter, and keeps one running.
fn start_reporter(
    launch: Arc<dyn Launch>,
    open_sessions: &Arc<OpenSessions>,
    readers: &Arc<Readers>,
    telemetry: Arc<Telemetry>,
) -> Result<watch::Receiver<State>, StartError> {
    let sessions = SessionsInMemory::new(open_sessions.clone(), readers.clone());
    let (state, is_up) = watch::channel(State::Starting(None));
    Supervisor { launch, sessions: Arc::new(sessions), telemetry, state }.start()?;
    Ok(is_up)
}

impl Running {
    /// Whether the journal is replayed and events are taken.
    pub fn is_ready(&self) -> bool {
        self.status.check_ready().is_ok()
    }

    /// Whether the writer has ended by itself, which only a failure makes it do.
    pub fn has_failed(&self) -> bool {
        self.writer.is_finished()
    }

    /// Takes no more events from now on.
    pub fn refuse_events(&self) {
        self.status.set_stopping();
    }

    /// Waits until everything is on disk, once the front doors are closed and the node is dropped.
    ///
    /// # Errors
    ///
    /// The error that ended the writer early, if one did.
    pub async fn stop(self) -> Result<(), StartError> {
        // It is dropped unsent if the writer ended early.
        let _ended_early = self.is_all_on_disk.await;
        // All rows are in the outbox now, and the rest of them moves into the lake. The writer still takes the keeper's notes,
        // and ends with it.
        self.keeper.stop().await;
        let writer = tokio::task::spawn_blocking(move || self.writer.join()).await;
        writer.map_err(|_| StartError::Internal)?.map_err(|_| StartError::Internal)??;
        let tally = self.outcomes.tally();
        debug_assert!(tally.is_balanced(), "a request has no outcome, or two: {tally:?}");
        tracing::info!(?tally, "the node has stopped");
        Ok(())
    }
}
