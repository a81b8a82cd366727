//! Runs the load: one thread that waits for what is due and for answers.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::LocalSet;

use crate::expectation::{ExpectationError, Writer};
use crate::load::connection::{Connection, Outcome};
use crate::load::fleet::{Fleet, Place};
use crate::load::pool::{Idle, Pool};
use crate::load::report::Report;
use crate::settings::Settings;
use crate::world::World;

/// How often progress is told.
const PROGRESS_INTERVAL_US: i64 = 200_000;
/// How often is looked whether all answers have come, after a run was stopped.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);
/// For how long answers are awaited after a run was stopped.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the load goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `host:port` to connect to.
    pub address: String,
    /// The header `Host`.
    pub host: String,
    /// What stands before `/api/v1`; usually nothing.
    pub base: String,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Since its beginning.
    pub elapsed: Duration,
    /// Viewers who are there.
    pub viewers: usize,
    /// Requests that were sent.
    pub sent: u64,
    /// Requests that were answered.
    pub answered: u64,
    /// Requests that wait for a connection.
    pub waiting: usize,
}

/// Why a run cannot begin or end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The server's name has no address.
    #[error("{address} has no address: {reason}")]
    NoAddress {
        /// What was looked up.
        address: String,
        /// Why.
        reason: String,
    },
    /// The runtime does not start.
    #[error("cannot start: {0}")]
    Runtime(std::io::Error),
    /// The expected totals cannot be written.
    #[error(transparent)]
    Expectation(#[from] ExpectationError),
}

/// Runs an audience to its end, or until the process is told to stop.
///
/// # Errors
///
/// If it cannot begin, or the expected totals cannot be written.
pub fn run(
    settings: &Settings,
    target: &Target,
    expect: Option<&Path>,
    tell: &mut dyn FnMut(Progress),
) -> Result<Report, RunError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(RunError::Runtime)?;
    LocalSet::new().block_on(&runtime, async {
        let address = resolve(target).await?;
        let world = Rc::new(World::new(settings));
        let begin = Instant::now();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let begin_ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        let books = expect.map(|path| Writer::create(path, settings, begin_ms)).transpose()?;
        let place = Place { begin_ms, host: target.host.clone(), base: target.base.clone() };
        let shared = Rc::new(Shared {
            fleet: RefCell::new(Fleet::new(&world, place, books)),
            pool: Pool::default(),
            address,
            most: settings.connections,
            begin,
            sleeps_until_us: Cell::new(0),
            wake: Notify::new(),
        });
        let is_stopped = drive(&shared, tell).await?;
        let seconds = shared.begin.elapsed().as_secs_f64();
        let (counters, books) = shared.fleet.borrow_mut().finish();
        books.map(Writer::finish).transpose()?;
        Ok(counters.report(settings, seconds, is_stopped))
    })
}

async fn resolve(target: &Target) -> Result<SocketAddr, RunError> {
    let no_address = |reason: String| RunError::NoAddress { address: target.address.clone(), reason };
    let found = tokio::net::lookup_host(&target.address).await;
    let mut found = found.map_err(|error| no_address(error.to_string()))?;
    found.next().ok_or_else(|| no_address("there is no such host".into()))
}

/// What the connections of a run share.
struct Shared {
    fleet: RefCell<Fleet>,
    pool: Pool,
    address: SocketAddr,
    most: usize,
    begin: Instant,
    /// Until when the main loop sleeps, µs.
    sleeps_until_us: Cell<i64>,
    wake: Notify,
}

impl Shared {
    fn now_us(&self) -> i64 {
        i64::try_from(self.begin.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// Wakes the main loop if something is due before the end of its sleep.
    fn wake_if_due(&self) {
        let next_us = self.fleet.borrow().next_us();
        if next_us.is_none_or(|next_us| next_us < self.sleeps_until_us.get()) {
            self.wake.notify_one();
        }
    }
}

/// Runs to the end; `true` if the process was told to stop before.
async fn drive(shared: &Rc<Shared>, tell: &mut dyn FnMut(Progress)) -> Result<bool, RunError> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Runtime)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(RunError::Runtime)?;
    let is_stopped = tokio::select! {
        () = send_all(shared, tell) => false,
        () = told_to_stop(&mut interrupt, &mut terminate) => true,
    };
    shared.pool.close();
    if is_stopped {
        shared.fleet.borrow_mut().stop(shared.now_us());
        // Answers that are on their way still count; a second signal ends that as well.
        let answers = async {
            while shared.fleet.borrow().viewers() > 0 {
                tokio::time::sleep(LOOK_INTERVAL).await;
            }
        };
        tokio::select! {
            () = answers => {}
            () = tokio::time::sleep(STOP_TIMEOUT) => {}
            () = told_to_stop(&mut interrupt, &mut terminate) => {}
        }
        shared.fleet.borrow_mut().give_up(shared.now_us());
    }
    Ok(is_stopped)
}

async fn told_to_stop(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Sends what is due when it is due, until nobody is left.
async fn send_all(shared: &Rc<Shared>, tell: &mut dyn FnMut(Progress)) {
    let mut jobs = Vec::new();
    let mut told_us = 0;
    loop {
        let now_us = shared.now_us();
        shared.fleet.borrow_mut().take_due(now_us, &mut jobs);
        for job in jobs.drain(..) {
            if !shared.pool.give(job) && shared.pool.connections.get() < shared.most {
                shared.pool.connections.set(shared.pool.connections.get() + 1);
                tokio::task::spawn_local(serve(shared.clone()));
            }
        }
        if now_us >= told_us {
            told_us = now_us + PROGRESS_INTERVAL_US;
            tell(progress(shared));
        }
        if shared.fleet.borrow().is_done() {
            return;
        }
        let next_us = shared.fleet.borrow().next_us().unwrap_or(i64::MAX).min(told_us);
        shared.sleeps_until_us.set(next_us);
        let sleep = Duration::from_micros((next_us - shared.now_us()).max(0).unsigned_abs());
        tokio::select! {
            () = tokio::time::sleep(sleep) => {}
            () = shared.wake.notified() => {}
        }
    }
}

fn progress(shared: &Shared) -> Progress {
    let fleet = shared.fleet.borrow();
    Progress {
        elapsed: shared.begin.elapsed(),
        viewers: fleet.viewers(),
        sent: fleet.sent(),
        answered: fleet.answered(),
        waiting: shared.pool.waiting(),
    }
}

/// One connection: a request and its answer at a time.
async fn serve(shared: Rc<Shared>) {
    let idle = Rc::new(Idle::default());
    let mut connection = Connection::new(shared.address);
    let mut request = Vec::new();
    while let Some(job) = shared.pool.next(&idle).await {
        let outcome = if connection.connect().await {
            request.clear();
            if !shared.fleet.borrow_mut().write_request(job, shared.now_us(), &mut request) {
                continue;
            }
            connection.exchange(&request).await
        } else {
            Outcome::NotSent
        };
        shared.fleet.borrow_mut().settle(job, &outcome, shared.now_us());
        shared.wake_if_due();
    }
}
