//! Starts the writer: its thread first goes over the journal, then takes submissions.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use playhead_journal::{Journal, Upkeep};
use playhead_protocol::SessionId;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::error::StartError;
use crate::ingest::Ingest;
use crate::ingest::activity::Activity;
use crate::ingest::arrivals::ArrivalClock;
use crate::ingest::bodies::Bodies;
use crate::ingest::group::Group;
use crate::ingest::notes::NotesReceived;
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::recovery::recover::{Recovered, recover};
use crate::ingest::retention::{HandedOver, Retention};
use crate::ingest::submission::Submission;
use crate::ingest::sweep::Sweeper;
use crate::ingest::verdict::{Wakeups, wakeups};
use crate::ingest::writer::Writer;
use crate::limits::TABLES_AT_START;
use crate::outcome::Outcomes;
use crate::settings::Settings;
use crate::status::Status;
use crate::telemetry::Telemetry;

/// How often the journal is asked for the upkeep that it does beside the writer.
const UPKEEP_INTERVAL: Duration = Duration::from_millis(100);

/// How often notes are looked for while the tables are waited for.
const NOTES_INTERVAL: Duration = Duration::from_millis(5);

/// The request of a start to the keeper of the tables.
#[derive(Debug)]
pub(crate) struct AtStart {
    /// The open sessions.
    pub(crate) open: HashSet<SessionId>,
    /// The earliest start among them.
    pub(crate) started_from_ms: i64,
    /// Takes those of them that the tables have as closed.
    pub(crate) reply: std::sync::mpsc::Sender<Vec<SessionId>>,
}

/// The parts of the writer.
pub(crate) struct Parts {
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) open_sessions: Arc<OpenSessions>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) activity: Arc<Activity>,
    pub(crate) outcomes: Arc<Outcomes>,
    pub(crate) status: Arc<Status>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) handed_over: Arc<HandedOver>,
    pub(crate) notes: NotesReceived,
    /// Says that all events and rows are on disk, and that the writer takes only notes from now on.
    pub(crate) all_on_disk: oneshot::Sender<()>,
    /// Sends one request to the keeper of the tables.
    pub(crate) at_start: oneshot::Sender<AtStart>,
}

/// Starts the writer's thread. It ends when the last [`Ingest`] is gone, with everything on disk; or with an error when
/// the journal cannot be replayed. To be called within a Tokio runtime.
pub(crate) fn start(parts: Parts) -> Result<(Ingest, JoinHandle<Result<(), StartError>>), StartError> {
    let waiting_requests = parts.settings.capacity.waiting_requests;
    let (sender, queue) = sync_channel(waiting_requests);
    let ingest = Ingest {
        queue: sender,
        waiting_requests,
        bodies: Bodies::default(),
        status: parts.status.clone(),
        telemetry: parts.telemetry.clone(),
        outcomes: parts.outcomes.clone(),
    };
    let (wakeups, wakeups_received) = wakeups();
    tokio::spawn(wakeups_received.run());
    let thread = Builder::new().name("writer".into()).spawn(move || run(parts, queue, wakeups));
    let thread = thread.map_err(|source| StartError::System { context: "starting the writer", source })?;
    Ok((ingest, thread))
}

fn run(mut parts: Parts, queue: Receiver<Submission>, wakeups: Wakeups) -> Result<(), StartError> {
    let mut recovered = {
        let (mut events, mut lookups) = (parts.journal.reader()?, parts.journal.reader()?);
        recover(&mut *events, &mut *lookups, &parts.open_sessions)?
    };
    let elsewhere = closed_elsewhere(&mut parts);
    close(&elsewhere, &parts.open_sessions, &mut recovered);
    let accounting = parts.settings.accounting;
    let is_changed = recovered.accounting != Some(accounting);
    let stored_accounting = serde_json::to_vec(&accounting).map_err(|_| StartError::Internal)?;
    let (open_sessions, _) = parts.open_sessions.size();
    tracing::info!(open_sessions, replayed_events = recovered.replayed_events, "the journal is replayed");

    let retention = Retention::new(parts.handed_over, parts.settings.queries.timeout);
    let upkeep = parts.journal.upkeep()?.map(UpkeepThread::start).transpose()?;
    let mut writer = Writer {
        journal: parts.journal,
        open_sessions: parts.open_sessions,
        arrivals: ArrivalClock::new(parts.clock, recovered.last_arrival_ms),
        clock_steps: recovered.clock_steps,
        telemetry: parts.telemetry,
        activity: parts.activity,
        status: parts.status,
        settings: parts.settings,
        queue,
        closed: recovered.closed.into(),
        sweeper: Sweeper::new(is_changed.then_some(stored_accounting)),
        deferred: VecDeque::new(),
        group: Group::default(),
        wakeups,
        retention,
        notes: parts.notes,
    };
    // Before the settings change: a replay goes over the step under those of before.
    writer.look_at_clock();
    if is_changed {
        writer.open_sessions.shards().for_each(|mut shard| shard.change_settings(accounting));
        // The journal must know the settings before it takes in events that are accounted for under them.
        writer.checkpoint_all();
    }
    // What has waited its time in the reorder windows takes effect, and what has timed out closes: a report right after the
    // start tells of each session as much as one right before the end.
    writer.tick(usize::MAX);
    writer.open_sessions.set_recovered();
    writer.status.set_ready();
    writer.telemetry.set_ready(writer.status.check_ready().is_ok());
    let (mut journal, mut notes) = writer.run();
    // The last hand-over still has to note what it does. A node that is not waited for does not care.
    let _nobody_waits = parts.all_on_disk.send(());
    while let Some(note) = notes.blocking_recv() {
        note.write(&mut *journal);
    }
    drop(upkeep);
    Ok(())
}

/// Sessions that are open here but closed in the tables: the journal was put back from a copy, and another history of it
/// went on. Waits only so long for the tables: collection does not depend on them.
fn closed_elsewhere(parts: &mut Parts) -> Vec<SessionId> {
    let mut open = HashSet::new();
    let mut started_from_ms = i64::MAX;
    parts.open_sessions.for_each(|session| {
        open.insert(session.id());
        started_from_ms = started_from_ms.min(session.started_at_ms());
    });
    let (reply, known) = std::sync::mpsc::channel();
    let (no_keeper, replaced) = oneshot::channel();
    drop(replaced);
    let at_start = std::mem::replace(&mut parts.at_start, no_keeper);
    let has_open_sessions = !open.is_empty();
    let is_asked = at_start.send(AtStart { open, started_from_ms, reply }).is_ok();
    // Without open sessions the tables are looked at as well, but nothing has to wait for that.
    if !is_asked || !has_open_sessions {
        return Vec::new();
    }
    let deadline = Instant::now() + TABLES_AT_START;
    loop {
        while let Ok(note) = parts.notes.try_recv() {
            note.write(&mut *parts.journal);
        }
        match known.recv_timeout(NOTES_INTERVAL) {
            Ok(known) => return known,
            Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
            Err(_) => return Vec::new(),
        }
    }
}

/// Closes sessions as if nothing more came for them.
fn close(sessions: &[SessionId], open_sessions: &OpenSessions, recovered: &mut Recovered) {
    for id in sessions {
        if let Some(session) = open_sessions.shard(id).advance_session(id, i64::MAX, &mut ()) {
            open_sessions.closing().insert(*id, Arc::new(session));
            recovered.closed.push(*id);
        }
    }
}

/// Does the journal's upkeep beside the writer, until dropped.
struct UpkeepThread {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl UpkeepThread {
    fn start(mut upkeep: Box<dyn Upkeep>) -> Result<Self, StartError> {
        let stop = Arc::new(AtomicBool::new(false));
        let is_stopped = stop.clone();
        let thread = Builder::new().name("journal-upkeep".into()).spawn(move || {
            let mut has_failed = false;
            while !is_stopped.load(Ordering::Acquire) {
                let outcome = upkeep.work_if_due();
                if let (Err(error), false) = (&outcome, has_failed) {
                    tracing::warn!(%error, "the journal's upkeep failed; it is tried again");
                }
                has_failed = outcome.is_err();
                std::thread::park_timeout(UPKEEP_INTERVAL);
            }
        });
        let thread = thread
            .map_err(|source| StartError::System { context: "starting the journal's upkeep", source })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for UpkeepThread {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the journal's upkeep ended in a panic");
            }
        }
    }
}
