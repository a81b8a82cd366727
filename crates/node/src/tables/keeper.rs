//! Keeps the lake: moves what the journal has into it, and puts its files in order. Works beside everything else, on a
//! thread of its own; what fails is tried again, and the journal keeps everything meanwhile.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use playhead_journal::JournalReader;
use playhead_lake::{Bounds, Done, Lake, Maintenance, MaintenanceSettings, Table};
use tokio::runtime;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::clock::Clock;
use crate::error::{Busy, MaintenanceError, ReadError, StartError};
use crate::ingest::retention::HandedOver;
use crate::limits::{
    HAND_OVER_BYTES, HAND_OVER_EVENTS, HAND_OVER_SESSIONS, KEEPER_REQUESTS, LAKE_DRAIN_TIMEOUT,
};
use crate::readers::Readers;
use crate::settings::LakeSettings;
use crate::telemetry::Telemetry;

/// How long the lake is left alone when nothing was to be put in order.
const IDLE: Duration = Duration::from_secs(60);

/// So many times as long as a piece of upkeep took, the next one waits: upkeep takes a quarter of one core at most.
const REST: u32 = 3;

/// How long is waited after a hand-over that failed, at first.
const FIRST_RETRY: Duration = Duration::from_secs(5);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the keeper works with.
pub(crate) struct KeeperParts {
    pub(crate) lake: Arc<Lake>,
    pub(crate) readers: Arc<Readers>,
    pub(crate) handed_over: Arc<HandedOver>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) settings: LakeSettings,
}

/// The keeper at work.
#[derive(Debug)]
pub(crate) struct Keeper {
    thread: JoinHandle<()>,
    stop: watch::Sender<bool>,
    handle: KeeperHandle,
}

/// The way to the keeper.
#[derive(Debug, Clone)]
pub struct KeeperHandle {
    requests: Sender<oneshot::Sender<Result<Vec<String>, MaintenanceError>>>,
}

impl KeeperHandle {
    /// Moves what the journal has into the lake now and puts everything in order; says what was done.
    pub async fn maintain(&self) -> Result<Vec<String>, MaintenanceError> {
        let (reply, outcome) = oneshot::channel();
        self.requests.try_send(reply).map_err(|_| Busy("requests for upkeep"))?;
        outcome.await.map_err(|_| MaintenanceError::ShuttingDown)?
    }
}

impl Keeper {
    pub(crate) fn start(parts: KeeperParts) -> Result<Self, StartError> {
        let system = |context| move |source| StartError::System { context, source };
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(system("starting the runtime of the lake's keeper"))?;
        let (stop, is_stopped) = watch::channel(false);
        let (requests, received) = channel(KEEPER_REQUESTS);
        let mut work = KeeperWork::new(parts);
        let run = move || runtime.block_on(work.run(received, is_stopped));
        let thread = Builder::new().name("keeper".into()).spawn(run);
        let thread = thread.map_err(system("starting the lake's keeper"))?;
        Ok(Self { thread, stop, handle: KeeperHandle { requests } })
    }

    pub(crate) fn handle(&self) -> KeeperHandle {
        self.handle.clone()
    }

    /// Lets the keeper move what is there, for a bounded time, and end.
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
    has_failed: bool,
}

impl KeeperWork {
    pub(crate) fn new(parts: KeeperParts) -> Self {
        let settings = &parts.settings;
        let bounds = Bounds {
            memory_bytes: settings.maintenance_memory_bytes,
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
        Self { parts, maintenance: Maintenance::new(settings), has_failed: false }
    }

    async fn run(
        &mut self,
        mut requests: Receiver<oneshot::Sender<Result<Vec<String>, MaintenanceError>>>,
        mut is_stopped: watch::Receiver<bool>,
    ) {
        let interval = self.parts.settings.interval;
        let mut hand_over_at = Instant::now() + interval;
        let mut upkeep_at = Instant::now() + IDLE.min(interval);
        let mut retry = FIRST_RETRY;
        loop {
            tokio::select! {
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
                Some(reply) = requests.recv() => {
                    // Whoever asked may have gone; what was asked for is done all the same.
                    let _gone = reply.send(self.everything().await);
                }
            }
        }
        if timeout(LAKE_DRAIN_TIMEOUT, self.hand_over()).await.is_err() {
            tracing::warn!("not everything was moved into the lake before the end; the next start goes on");
        }
    }

    /// Moves all that the journal has.
    async fn hand_over(&mut self) -> Result<(u64, u64), MaintenanceError> {
        let outcome = self.try_hand_over().await;
        match &outcome {
            Ok(_) if self.has_failed => tracing::info!("the lake takes rows again"),
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

    /// Hands over what there is when it begins. What comes meanwhile waits for the next time: under load there is always
    /// something, and each handful of events would become a commit and a file of its own, without end.
    async fn try_hand_over(&self) -> Result<(u64, u64), MaintenanceError> {
        let KeeperParts { lake, readers, handed_over, telemetry, .. } = &self.parts;
        let mut taken = lake.taken().await?;
        handed_over.advance(taken.position, taken.sequence);
        let ends = readers.read(|reader| Ok(reader.ends()?)).await?;
        let (mut sessions, mut events) = (0, 0);
        while taken.position < ends.last_position {
            let after = taken.position;
            let records = readers.read(move |reader| closed_page(reader, after, ends.last_position)).await?;
            let Some(last) = records.last() else { break };
            taken.position = last.position;
            let handed_in = lake.take_sessions(&records).await?;
            telemetry.lake_sessions.inc_by(handed_in.rows);
            telemetry.lake_sessions_unreadable.inc_by(handed_in.unreadable);
            sessions += handed_in.rows;
            handed_over.advance(taken.position, taken.sequence);
        }
        while taken.sequence + 1 < ends.next_sequence {
            let after = taken.sequence;
            let page =
                readers.read(move |reader| Ok(reader.events_from(after + 1, HAND_OVER_EVENTS)?)).await?;
            let Some(last) = page.last() else { break };
            taken.sequence = last.sequence;
            let handed_in = lake.take_events(&page).await?;
            telemetry.lake_events.inc_by(handed_in.rows);
            events += handed_in.rows;
            handed_over.advance(taken.position, taken.sequence);
        }
        if sessions + events > 0 {
            tracing::debug!(sessions, events, "moved into the lake");
        }
        Ok((sessions, events))
    }

    /// Does one piece of upkeep; `false` when none was due.
    async fn upkeep(&self) -> bool {
        match self.maintenance.step(&self.parts.lake, self.parts.clock.now_ms()).await {
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

    pub(crate) async fn everything(&mut self) -> Result<Vec<String>, MaintenanceError> {
        let (sessions, events) = self.hand_over().await?;
        let mut told = vec![format!("moved {sessions} sessions and {events} events into the tables")];
        let now_ms = self.parts.clock.now_ms();
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

/// Closed sessions behind a position and, but for the rest of a page, up to another; no more than a number and a size.
fn closed_page(
    reader: &mut dyn JournalReader,
    after: u64,
    up_to: u64,
) -> Result<Vec<playhead_journal::ClosedRecord>, ReadError> {
    let mut records: Vec<playhead_journal::ClosedRecord> = Vec::new();
    let mut bytes = 0;
    let mut position = after;
    while position < up_to && records.len() < HAND_OVER_SESSIONS && bytes < HAND_OVER_BYTES {
        let page = reader.outbox(position, 200)?;
        let Some(last) = page.last() else { break };
        position = last.position;
        bytes += page.iter().map(|record| record.row.len()).sum::<usize>();
        records.extend(page);
    }
    Ok(records)
}

#[cfg(test)]
mod tests;
