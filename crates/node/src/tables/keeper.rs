//! Keeps the lake: moves closed sessions and events from the journal into it, and puts its files in order. It runs on its
//! own thread beside everything else. It retries a failed step, and the journal keeps everything until then.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use playhead_journal::Ends;
use playhead_lake::{Bounds, Done, Lake, Maintenance, MaintenanceSettings, Table};
use playhead_protocol::SessionId;
use tokio::runtime;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::clock::Clock;
use crate::error::{Busy, MaintenanceError, StartError};
use crate::exclusions::book::{ExclusionBook, LookedFor};
use crate::ingest::retention::HandedOver;
use crate::ingest::start::AtStart;
use crate::limits::{KEEPER_REQUESTS, LAKE_DRAIN_TIMEOUT};
use crate::readers::Readers;
use crate::settings::LakeSettings;
use crate::tables::line::Line;
use crate::tables::retention_clock::{RETENTION_NOW, RetentionClock, from_kept};
use crate::telemetry::Telemetry;

/// The pause after upkeep found nothing to do.
const IDLE: Duration = Duration::from_secs(60);

/// The pause after a piece of upkeep, as a multiple of the time that it took: upkeep takes at most a quarter of one core.
const REST: u32 = 3;

/// The pause after the first hand-over that failed.
const FIRST_RETRY: Duration = Duration::from_secs(5);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The parts that the keeper works with.
pub(crate) struct KeeperParts {
    pub(crate) lake: Arc<Lake>,
    pub(crate) line: Line,
    pub(crate) book: Arc<ExclusionBook>,
    pub(crate) readers: Arc<Readers>,
    pub(crate) handed_over: Arc<HandedOver>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) settings: LakeSettings,
}

/// A running keeper.
#[derive(Debug)]
pub(crate) struct Keeper {
    thread: JoinHandle<()>,
    stop: watch::Sender<bool>,
    handle: KeeperHandle,
}

/// Sends requests to the keeper.
#[derive(Debug, Clone)]
pub struct KeeperHandle {
    requests: Sender<Request>,
}

/// Something that the keeper is asked for. The work is done even if nobody waits for it any more.
#[derive(Debug)]
enum Request {
    Everything(oneshot::Sender<Result<Vec<String>, MaintenanceError>>),
    UndoExclusion(SessionId, oneshot::Sender<Result<(), MaintenanceError>>),
}

impl KeeperHandle {
    /// Moves everything from the journal into the lake now, puts all files in order, and reports what it did.
    pub async fn maintain(&self) -> Result<Vec<String>, MaintenanceError> {
        let (reply, outcome) = oneshot::channel();
        self.send(Request::Everything(reply))?;
        outcome.await.map_err(|_| MaintenanceError::ShuttingDown)?
    }

    /// Lets a session that was excluded count again; when this returns, all reports count it.
    pub(crate) async fn undo_exclusion(&self, session: SessionId) -> Result<(), MaintenanceError> {
        let (reply, outcome) = oneshot::channel();
        self.send(Request::UndoExclusion(session, reply))?;
        outcome.await.map_err(|_| MaintenanceError::ShuttingDown)?
    }

    fn send(&self, request: Request) -> Result<(), MaintenanceError> {
        self.requests.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => Busy("requests for upkeep").into(),
            TrySendError::Closed(_) => MaintenanceError::ShuttingDown,
        })
    }
}

impl Keeper {
    /// Starts a keeper, which first answers what the start asks.
    pub(crate) fn start(
        parts: KeeperParts,
        at_start: oneshot::Receiver<AtStart>,
    ) -> Result<Self, StartError> {
        let system = |context| move |source| StartError::System { context, source };
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(system("starting the runtime of the lake's keeper"))?;
        let (stop, is_stopped) = watch::channel(false);
        let (requests, received) = channel(KEEPER_REQUESTS);
        // Beside collection, upkeep has this one thread.
        let mut work = KeeperWork::new(parts, 1);
        let run = move || runtime.block_on(work.run(at_start, received, is_stopped));
        let thread = Builder::new().name("keeper".into()).spawn(run);
        let thread = thread.map_err(system("starting the lake's keeper"))?;
        Ok(Self { thread, stop, handle: KeeperHandle { requests } })
    }

    pub(crate) fn handle(&self) -> KeeperHandle {
        self.handle.clone()
    }

    /// Lets the keeper move what is left, for a limited time, and stops it.
    pub(crate) async fn stop(self) {
        let _ended = self.stop.send(true);
        let joined = tokio::task::spawn_blocking(move || self.thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the lake's keeper ended in a panic");
        }
    }
}

pub(crate) struct KeeperWork {
    parts: KeeperParts,
    maintenance: Maintenance,
    retention_clock: Option<RetentionClock>,
    has_failed: bool,
    looked_for: LookedFor,
    /// The damage that was told.
    damage: Option<String>,
}

impl KeeperWork {
    /// A keeper whose upkeep has so many threads.
    pub(crate) fn new(parts: KeeperParts, threads: usize) -> Self {
        let settings = &parts.settings;
        let bounds = Bounds {
            memory_bytes: settings.maintenance_memory_bytes,
            threads,
            ..Bounds::new(settings.scratch.clone())
        };
        let days = |kept: Duration| u32::try_from(kept.as_secs().div_ceil(DAY.as_secs())).unwrap_or(u32::MAX);
        let of_table = |table: Table| match table {
            Table::Events => settings.event_retention,
            _ => settings.session_retention,
        };
        let retention = Table::ALL.into_iter().filter_map(|table| Some((table, days(of_table(table)?))));
        let settings =
            MaintenanceSettings { retention_days: retention.collect(), ..MaintenanceSettings::new(bounds) };
        Self {
            parts,
            maintenance: Maintenance::new(settings),
            retention_clock: None,
            has_failed: false,
            looked_for: LookedFor::default(),
            damage: None,
        }
    }

    async fn run(
        &mut self,
        mut at_start: oneshot::Receiver<AtStart>,
        mut requests: Receiver<Request>,
        mut is_stopped: watch::Receiver<bool>,
    ) {
        let interval = self.parts.settings.interval;
        let mut hand_over_at = Instant::now() + interval;
        let mut upkeep_at = Instant::now() + IDLE.min(interval);
        let mut retry = FIRST_RETRY;
        let mut has_started = false;
        loop {
            tokio::select! {
                asked = &mut at_start, if !has_started => {
                    has_started = true;
                    if let Ok(asked) = asked && self.look_at_tables(asked).await {
                        hand_over_at = Instant::now();
                    }
                }
                _ = is_stopped.changed() => break,
                () = sleep_until(hand_over_at) => {
                    let is_done = self.hand_over().await.is_ok();
                    retry = if is_done { FIRST_RETRY } else { (retry * 2).min(interval.max(FIRST_RETRY)) };
                    hand_over_at = Instant::now() + if is_done { interval } else { retry };
                }
                () = sleep_until(upkeep_at) => {
                    let began = Instant::now();
                    let is_done = self.upkeep().await;
                    upkeep_at = Instant::now() + if is_done { began.elapsed() * REST } else { IDLE };
                }
                Some(request) = requests.recv() => self.answer(request).await,
            }
        }
        if timeout(LAKE_DRAIN_TIMEOUT, self.hand_over()).await.is_err() {
            tracing::warn!("not everything was moved into the lake before the end; the next start goes on");
        }
    }

    async fn answer(&mut self, request: Request) {
        match request {
            Request::Everything(reply) => drop(reply.send(self.everything().await)),
            Request::UndoExclusion(session, reply) => drop(reply.send(self.undo_exclusion(&session).await)),
        }
    }

    /// Lets a session that was excluded count again. Its rows must be in all tables or in none when they come back.
    pub(crate) async fn undo_exclusion(&mut self, session: &SessionId) -> Result<(), MaintenanceError> {
        match self.hand_over().await {
            Err(error) if !error.is_damage() => return Err(error),
            _ => {}
        }
        self.parts.undo_exclusion(session, &self.maintenance.settings().bounds).await
    }

    /// Learns what the tables know of exclusions.
    pub(crate) async fn learn_exclusions(&self) -> Result<(), MaintenanceError> {
        self.parts.learn_exclusions().await
    }

    /// Moves everything that the journal has.
    pub(crate) async fn hand_over(&mut self) -> Result<(u64, u64), MaintenanceError> {
        let outcome = self.try_hand_over().await;
        match &outcome {
            Ok(_) if self.has_failed => tracing::info!("the lake takes rows again"),
            Err(error) if error.is_damage() => self.tell_damage(error),
            Err(error) if !self.has_failed => {
                tracing::error!(%error, "the lake takes no rows; the journal keeps them, and it is tried again");
            }
            _ => {}
        }
        self.has_failed = outcome.is_err();
        if self.has_failed {
            self.parts.telemetry.lake_failures.inc();
        }
        outcome
    }

    /// Says once what of the journal cannot be read.
    fn tell_damage(&mut self, error: &MaintenanceError) {
        let damage = error.to_string();
        if self.damage.as_ref() != Some(&damage) {
            tracing::error!(
                %error,
                "the hand-over to the tables stops where the journal is damaged; what lies behind stays in the journal"
            );
            self.damage = Some(damage);
        }
    }

    /// Compares the journal with the tables, and says so once if they have parted. Returns whether they have, and where the
    /// journal ends.
    async fn examine(&mut self) -> Result<(bool, Ends), MaintenanceError> {
        let KeeperParts { lake, line, readers, clock, telemetry, .. } = &mut self.parts;
        let ends = readers.read(|reader| Ok(reader.ends()?)).await?;
        let parting = line.examine(lake, ends, clock.now_ms()).await?;
        if let Some(parting) = &parting {
            telemetry.lake_partings.inc();
            tracing::warn!("{}", parting.sentence());
        }
        Ok((parting.is_some(), ends))
    }

    /// Answers what a start asks. `true` if the journal has parted from the tables.
    async fn look_at_tables(&mut self, asked: AtStart) -> bool {
        if let Err(error) = self.parts.learn_exclusions().await {
            tracing::debug!(%error, "what the tables know of exclusions is looked up later");
        }
        let looked_at = match self.examine().await {
            Ok((true, _)) => {
                let known = self.parts.lake.sessions_among(&asked.open, asked.started_from_ms).await;
                known.map_err(MaintenanceError::from).map(|known| (true, known))
            }
            Ok((false, _)) => Ok((false, HashSet::new())),
            Err(error) => Err(error),
        };
        let (has_parted, known) = looked_at.unwrap_or_else(|error| {
            tracing::warn!(%error, "the tables cannot be looked at; the next hand-over tries it again");
            (false, HashSet::new())
        });
        // A start does not wait for ever.
        let _gone = asked.reply.send(known.into_iter().collect());
        // A later jump of the clock is measured from here.
        if let Err(error) = self.look_at_clock().await {
            tracing::debug!(%error, "the time that retention has reached is looked up later");
        }
        has_parted
    }

    /// Hands over what there is when it begins. What comes meanwhile waits for the next time: under load there is always
    /// something, and each handful of events would become a commit and a file of its own, without end.
    async fn try_hand_over(&mut self) -> Result<(u64, u64), MaintenanceError> {
        let ends = self.examine().await?.1;
        let KeeperParts { lake, handed_over, .. } = &self.parts;
        let taken = lake.taken().await?;
        handed_over.advance(taken.position, taken.sequence);
        self.parts.learn_exclusions().await?;
        let bounds = self.maintenance.settings().bounds.clone();
        let sessions = self.parts.hand_over_sessions(taken.position, ends, &bounds).await;
        if let Err(error) = &sessions
            && !error.is_damage()
        {
            return sessions.map(|sessions| (sessions, 0));
        }
        // Damage among one of the two is no reason to keep the other.
        let events = self.parts.hand_over_events(taken.sequence, ends).await;
        let _logged = self.settle_exclusions().await;
        let (sessions, events) = (sessions?, events?);
        if sessions + events > 0 {
            tracing::debug!(sessions, events, "moved into the lake");
        }
        Ok((sessions, events))
    }

    /// Lets the tables follow the exclusions of sessions. Reports have followed already.
    pub(crate) async fn settle_exclusions(&mut self) -> Result<(), MaintenanceError> {
        let bounds = &self.maintenance.settings().bounds;
        match self.parts.settle_exclusions(bounds, &mut self.looked_for).await {
            Ok(0) => Ok(()),
            Ok(sessions) => {
                tracing::info!(sessions, "the tables have followed exclusions of sessions");
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "the tables do not follow an exclusion of a session; it is tried again");
                self.parts.telemetry.lake_failures.inc();
                Err(error)
            }
        }
    }

    /// Does one piece of upkeep; returns `false` if none was due.
    async fn upkeep(&mut self) -> bool {
        match self.upkeep_step().await {
            Ok(Some(done)) => {
                tracing::debug!(?done, "put in order");
                self.parts.telemetry.lake_upkeep.inc();
                true
            }
            Ok(None) => false,
            Err(error) => {
                tracing::warn!(%error, "upkeep of the lake failed; it is tried again later");
                self.parts.telemetry.lake_failures.inc();
                false
            }
        }
    }

    async fn upkeep_step(&mut self) -> Result<Option<Done>, MaintenanceError> {
        let now_ms = self.look_at_clock().await?;
        Ok(self.maintenance.step(&self.parts.lake, now_ms).await?)
    }

    /// Lets retention go no further than the clock can be believed. Returns the clock's time.
    async fn look_at_clock(&mut self) -> Result<i64, MaintenanceError> {
        let KeeperParts { line, readers, clock, telemetry, .. } = &self.parts;
        let (now_ms, at) = (clock.now_ms(), Instant::now());
        let retention_clock = match &mut self.retention_clock {
            Some(retention_clock) => retention_clock,
            none => {
                let kept = readers.read(|reader| Ok(reader.meta_get(RETENTION_NOW)?)).await?;
                let kept_ms = kept.as_deref().and_then(from_kept);
                none.insert(RetentionClock::new(kept_ms, now_ms, at))
            }
        };
        let allowed = retention_clock.look(now_ms, at);
        self.maintenance.hold_retention(allowed.now_ms);
        if allowed.begins_to_hold_back {
            telemetry.lake_retention_held.inc();
            tracing::warn!(
                clock_ms = now_ms,
                retention_ms = allowed.now_ms,
                "the clock is more than a day ahead of the time that retention has reached, so rows that are too old by \
                 the clock alone stay, and retention catches up at twice the pace of time; if the clock is right, stop \
                 the server and run `playhead maintain --accept-clock` to drop them at once"
            );
        }
        if let Some(reached_ms) = retention_clock.to_keep() {
            // An older time than the true one holds back more, so retention and what frees the disk go on without it.
            match line.notes().keep(RETENTION_NOW, reached_ms.to_le_bytes().to_vec()).await {
                Ok(()) => retention_clock.is_kept(reached_ms),
                Err(error) => tracing::debug!(%error, "the time that retention has reached is kept later"),
            }
        }
        Ok(now_ms)
    }

    pub(crate) async fn everything(&mut self) -> Result<Vec<String>, MaintenanceError> {
        let mut told = match self.hand_over().await {
            Ok((sessions, events)) => {
                vec![format!("moved {sessions} sessions and {events} events into the tables")]
            }
            Err(error) if error.is_damage() => vec![format!("failed: {error}")],
            Err(error) => return Err(error),
        };
        let now_ms = self.look_at_clock().await?;
        self.maintenance
            .all(&self.parts.lake, now_ms, |outcome| {
                told.push(match outcome {
                    Ok(done) => sentence(done),
                    Err(error) => format!("failed: {error}"),
                });
            })
            .await;
        Ok(told)
    }
}

fn sentence(done: &Done) -> String {
    let Done { work, table, day, files_before, files_after, bytes_before, bytes_after, rows } = done;
    let day = day.map(|day| format!(", day {day}")).unwrap_or_default();
    format!(
        "{work:?} {table}{day}: {files_before} files ({bytes_before} bytes) to {files_after} ({bytes_after} bytes), \
         {rows} rows"
    )
}

#[cfg(test)]
mod tests;
