//! Sends reports by schedule.
//!
//! One task looks a few times a second which schedules are due, by the node's clock, and starts their runs: each in a task of
//! its own, a few at a time, never two of one schedule. A run asks the reporter as any client does. How each ended is in the
//! journal, with the number of the schedule's slot as its key, so the journal never has more of them than slots. A run whose
//! end is not there, because the node was stopped or killed meanwhile, is begun anew when the node starts; a file that it has
//! written is found again, and a webhook can tell by the headers that it has had the report.

mod asking;
mod file_name;
mod folder;
pub mod fonts;
mod picture;
pub mod run;
mod sending;
mod state;
pub mod webhooks;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use playhead_journal::JournalReader;
use playhead_picture::Fonts;
use playhead_report::Zone;
use playhead_session::rfc3339;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::{Clock, Moment};
use crate::error::{Busy, ReadError, StartError};
use crate::ingest::notes::Notes;
use crate::kept::schedule::Schedule;
use crate::kept::schedule::places::{Origin, Places};
use crate::kept::{Kept, KeptError, OnShelf, Shelf, TokenHolder, all_in_journal};
use crate::limits::{RUN_FAULT_BYTES, SCHEDULES, SCHEDULES_AT_A_TIME};
use crate::node::Node;
use crate::schedules::run::{NotSent, Run, RunOutcome};
use crate::schedules::sending::{Order, Sender, Sent};
use crate::schedules::state::{Due, Record, State};
use crate::schedules::webhooks::Webhooks;
use crate::status::Status;
use crate::stop::is_told;

/// How often the runner looks what is due.
const LOOK: Duration = Duration::from_millis(250);

/// A schedule with what became of it.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct ScheduleState {
    /// The schedule.
    #[serde(flatten)]
    pub kept: Kept<Schedule>,
    /// The time zone in force: its own, or that of reports that name none.
    pub zone_in_force: String,
    /// When it is due next; null if it is paused, or no server runs.
    #[schemars(extend("format" = "date-time"))]
    pub next_due_at: Option<String>,
    /// Whether it runs at this moment.
    pub is_running: bool,
    /// Its last runs, the latest first.
    pub runs: Vec<Run>,
}

/// Schedules of reports.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct ScheduleList {
    /// All of them, the oldest first.
    schedules: Vec<ScheduleState>,
    /// Whether the operator allows folders.
    are_folders_allowed: bool,
    /// Origins of the webhooks that the operator allows.
    webhook_origins: Vec<String>,
}

impl ScheduleList {
    fn of(schedules: Vec<ScheduleState>, places: &Places) -> Self {
        let origins = places.webhook_origins.iter().filter(|_| places.has_webhook_secret);
        Self {
            schedules,
            are_folders_allowed: places.folder.is_some(),
            webhook_origins: origins.map(Origin::to_string).collect(),
        }
    }
}

/// Why a schedule does not run now.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is none.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// It runs already, or too many others do.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The node stops.
    #[error("the server is shutting down")]
    ShuttingDown,
}

/// The schedules of a node.
#[derive(Clone)]
pub struct Schedules(Arc<Runner>);

struct Runner {
    shelf: Arc<Shelf<Schedule>>,
    /// By the id of the schedule.
    states: Mutex<HashMap<String, State>>,
    notes: Notes,
    clock: Arc<dyn Clock>,
    status: Arc<Status>,
    sender: Sender,
    turns: Arc<Semaphore>,
    is_stopped: watch::Receiver<bool>,
}

/// A run under way: while it exists, no other one of the schedule begins.
struct UnderWay {
    runner: Arc<Runner>,
    id: String,
    turn: Option<OwnedSemaphorePermit>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // The turn first: who sees that the schedule does not run any more can have it run again.
        drop(self.turn.take());
        if let Some(state) = self.runner.states.lock().get_mut(&self.id) {
            state.is_running = false;
        }
    }
}

impl Schedules {
    /// Runs the schedules of a node until it is told to stop.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn start(
        node: &Node,
        webhooks: Arc<dyn Webhooks>,
        fonts: Fonts,
        is_stopped: watch::Receiver<bool>,
    ) -> Result<Self, StartError> {
        let records = node.readers.read(|journal| Ok(records_in(journal)?)).await;
        let records = records.map_err(|error| match error {
            ReadError::Journal(error) => StartError::Journal(error),
            _ => StartError::Internal,
        })?;
        let states = records.into_iter().map(|record| (record.schedule_id.clone(), State::of(record)));
        let sender = Sender {
            queries: node.queries.clone(),
            places: node.settings.places.clone(),
            webhooks,
            clock: node.clock.clone(),
            usual_zone: node.settings.queries.time_zone.clone(),
            fonts,
        };
        let runner = Arc::new(Runner {
            shelf: Schedule::shelf(&node.kept).clone(),
            states: Mutex::new(states.collect()),
            notes: node.kept.notes.clone(),
            clock: node.clock.clone(),
            status: node.status.clone(),
            sender,
            turns: Arc::new(Semaphore::new(SCHEDULES_AT_A_TIME)),
            is_stopped,
        });
        tokio::spawn(runner.clone().look_again_and_again());
        Ok(Self(runner))
    }

    /// All schedules, the oldest first.
    pub fn list(&self, holder: &TokenHolder) -> ScheduleList {
        let all = self.0.shelf.list(holder, |schedule| Some(schedule.clone()));
        ScheduleList::of(all.into_iter().map(|kept| self.0.shown(kept)).collect(), &self.0.sender.places)
    }

    /// What is known of a schedule.
    pub fn shown(&self, kept: Kept<Schedule>) -> ScheduleState {
        self.0.shown(kept)
    }

    /// Runs a schedule at once, and returns how that ended. It is tried once: who asked sees the fault, and may ask again.
    ///
    /// # Errors
    ///
    /// If there is no such schedule, it runs already, or too many others do.
    pub async fn run_now(&self, holder: &TokenHolder, id: &str) -> Result<Run, RunError> {
        let kept = self.0.shelf.get(holder, id)?;
        let runner = self.0.clone();
        if runner.states.lock().get(&kept.id).is_some_and(|state| state.is_running) {
            return Err(Busy("runs of this schedule").into());
        }
        let turn = runner.turns.clone().try_acquire_owned().map_err(|_| Busy("runs of schedules"))?;
        let under_way = runner.begin(&kept.id, turn).ok_or(Busy("runs of this schedule"))?;
        let due = Due { due_ms: runner.clock.now_ms(), attempts: 0, missed: 0 };
        let order = Order { id: kept.id, schedule: kept.content, due_ms: due.due_ms };
        // Done to its end even if the caller goes away.
        let done = tokio::spawn(under_way.run(order, due, true));
        done.await.ok().flatten().ok_or(RunError::ShuttingDown)
    }
}

impl Runner {
    async fn look_again_and_again(self: Arc<Self>) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut is_stopped = self.is_stopped.clone();
        loop {
            tokio::select! {
                () = is_told(&mut is_stopped) => return,
                _ = looks.tick() => {}
            }
            // Before the journal is replayed, reports would lack what it has.
            if self.status.check_taking_events().is_ok() {
                self.look();
            }
        }
    }

    /// Starts what is due, the earliest first, as far as there are turns; the rest waits for the next look.
    fn look(self: &Arc<Self>) {
        let moment = self.clock.moment();
        for (due, order) in self.due(moment) {
            let Ok(turn) = self.turns.clone().try_acquire_owned() else { return };
            if let Some(under_way) = self.begin(&order.id, turn) {
                tokio::spawn(under_way.run(order, due, false));
            }
        }
    }

    fn due(&self, moment: Moment) -> Vec<(Due, Order)> {
        let mut found = Vec::new();
        let mut states = self.states.lock();
        self.shelf.visit(|placed| {
            if !states.contains_key(placed.id) {
                states.insert(placed.id.to_owned(), State::default());
            }
            let Some(state) = states.get_mut(placed.id) else { return };
            state.is_kept = true;
            if let Some(due) = state.due(&placed, &self.sender.usual_zone, moment) {
                let (id, schedule) = (placed.id.to_owned(), placed.content.clone());
                found.push((due, Order { id, schedule, due_ms: due.due_ms }));
            }
        });
        states.retain(|_, state| std::mem::take(&mut state.is_kept) || state.is_running);
        drop(states);
        found.sort_by_key(|(due, _)| due.due_ms);
        found
    }

    /// Begins a run, unless one of the schedule is under way.
    fn begin(self: &Arc<Self>, id: &str, turn: OwnedSemaphorePermit) -> Option<UnderWay> {
        let mut states = self.states.lock();
        let state = states.entry(id.to_owned()).or_default();
        if std::mem::replace(&mut state.is_running, true) {
            return None;
        }
        Some(UnderWay { runner: self.clone(), id: id.to_owned(), turn: Some(turn) })
    }

    fn shown(&self, kept: Kept<Schedule>) -> ScheduleState {
        let zone = kept.content.zone(&self.sender.usual_zone).clone();
        let states = self.states.lock();
        let state = states.get(&kept.id);
        let next_ms = kept.content.when.next_ms(self.clock.now_ms(), &zone);
        ScheduleState {
            zone_in_force: zone.to_string(),
            next_due_at: next_ms.filter(|_| !kept.content.is_paused).map(rfc3339),
            is_running: state.is_some_and(|state| state.is_running),
            runs: state.map(|state| state.record.runs.iter().rev().cloned().collect()).unwrap_or_default(),
            kept,
        }
    }

    /// Takes down how an attempt ended, and keeps it in the journal.
    async fn end(&self, id: &str, run: Run, may_pass: bool) -> Run {
        let moment = self.clock.moment();
        let (run, record) = {
            let mut states = self.states.lock();
            let state = states.entry(id.to_owned()).or_default();
            id.clone_into(&mut state.record.schedule_id);
            (state.end(run, may_pass, moment), state.record.clone())
        };
        let mut slot = None;
        self.shelf.visit(|placed| slot = if placed.id == id { Some(placed.slot) } else { slot });
        if let (Some(slot), Ok(value)) = (slot, serde_json::to_vec(&record))
            && let Err(error) = self.notes.keep(key_of(slot), value).await
        {
            tracing::warn!(%error, schedule = id, "how a schedule ended is not kept");
        }
        run
    }
}

impl UnderWay {
    /// Makes one attempt. `None` if the node stops meanwhile: then the run begins anew when it starts.
    async fn run(self, order: Order, due: Due, is_by_request: bool) -> Option<Run> {
        let runner = self.runner.clone();
        let mut is_stopped = runner.is_stopped.clone();
        let started_ms = runner.clock.now_ms();
        let outcome = tokio::select! {
            () = is_told(&mut is_stopped) => return None,
            outcome = runner.sender.send(&order) => outcome,
        };
        let ends = runner.sender.ends(&order);
        let run = Run {
            due_ms: due.due_ms,
            is_by_request,
            started_ms,
            ended_ms: runner.clock.now_ms(),
            outcome: if outcome.is_ok() { RunOutcome::Sent } else { RunOutcome::Failed },
            attempts: due.attempts.saturating_add(1),
            next_attempt_ms: None,
            from_ms: ends.map(|ends| ends.from_ms),
            to_ms: ends.map(|ends| ends.to_ms),
            place: outcome.as_ref().ok().map(|sent: &Sent| sent.place.clone()),
            size_bytes: outcome.as_ref().ok().map(|sent| sent.size_bytes),
            fault: outcome.as_ref().err().map(|not_sent| {
                not_sent.message[..not_sent.message.floor_char_boundary(RUN_FAULT_BYTES)].to_owned()
            }),
            missed: due.missed,
        };
        let may_pass = outcome.as_ref().is_err_and(|not_sent: &NotSent| not_sent.may_pass);
        let run = runner.end(&order.id, run, may_pass).await;
        match &run.fault {
            None => tracing::info!(schedule = order.id, place = run.place, "a report was sent by schedule"),
            Some(fault) => tracing::warn!(
                schedule = order.id,
                fault,
                attempts = run.attempts,
                "a report was not sent by schedule"
            ),
        }
        Some(run)
    }
}

/// The key of what became of the schedule in a slot.
fn key_of(slot: usize) -> String {
    format!("schedule_runs/{slot}")
}

/// What a journal has of the runs of schedules. A value that is damaged takes nothing else along.
pub(crate) fn records_in(journal: &dyn JournalReader) -> Result<Vec<Record>, playhead_journal::Error> {
    let mut records = Vec::new();
    for key in (0..SCHEDULES).map(key_of) {
        let value = match journal.meta_get(&key) {
            Ok(value) => value.unwrap_or_default(),
            Err(error) if error.is_damage() => {
                tracing::warn!(%error, key, "how a schedule ended is left out");
                continue;
            }
            Err(error) => return Err(error),
        };
        if value.is_empty() {
            continue;
        }
        match serde_json::from_slice(&value) {
            Ok(record) => records.push(record),
            Err(error) => {
                tracing::warn!(%error, key, "how a schedule ended is left out: this release cannot read it");
            }
        }
    }
    Ok(records)
}

/// The schedules that a journal has, without a node that runs them.
///
/// # Errors
///
/// If the journal cannot be read.
pub fn schedules_in(
    journal: &dyn JournalReader,
    usual: &Zone,
) -> Result<ScheduleList, playhead_journal::Error> {
    let records = records_in(journal)?;
    let mut runs: BTreeMap<String, Vec<Run>> = records
        .into_iter()
        .map(|record| (record.schedule_id, record.runs.into_iter().rev().collect()))
        .collect();
    let all: Vec<Kept<Schedule>> = all_in_journal(journal)?;
    let schedules = all.into_iter().map(|kept| ScheduleState {
        zone_in_force: kept.content.zone(usual).to_string(),
        next_due_at: None,
        is_running: false,
        runs: runs.remove(&kept.id).unwrap_or_default(),
        kept,
    });
    Ok(ScheduleList::of(schedules.collect(), &Places::default()))
}

impl std::fmt::Debug for Schedules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Schedules")
    }
}
