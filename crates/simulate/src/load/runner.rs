//! Runs the load: threads that send, each the requests of its share of the viewers, and one that watches over them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use crate::expectation::{ExpectationError, Writer};
use crate::load::fleet::{Fleet, Place, Share};
use crate::load::report::{Counters, Report};
use crate::load::sender::{Board, Order, PROGRESS_INTERVAL, Sender};
use crate::settings::Settings;
use crate::world::World;

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
    /// A thread or its runtime does not start.
    #[error("cannot start: {0}")]
    Runtime(std::io::Error),
    /// A thread ended before its viewers had gone.
    #[error("a sending thread has failed")]
    ThreadFailed,
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
    runtime.block_on(async {
        let address = resolve(target).await?;
        let begin = Instant::now();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let begin_ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        let books = expect.map(|path| Writer::create(path, settings, begin_ms)).transpose()?;
        let books = books.map(|writer| Arc::new(Mutex::new(writer)));
        let place = Place { begin_ms, host: target.host.clone(), base: target.base.clone() };
        let mut crew = Crew::start(settings, &place, address, begin, books.as_ref())?;
        let is_stopped = crew.watch_over(tell).await?;
        let seconds = begin.elapsed().as_secs_f64();
        let counters = crew.counters()?;
        // The threads have ended, and their shares of the books with them.
        if let Some(books) = books.and_then(Arc::into_inner) {
            books.into_inner().unwrap_or_else(PoisonError::into_inner).finish()?;
        }
        Ok(counters.report(settings, seconds, is_stopped))
    })
}

async fn resolve(target: &Target) -> Result<SocketAddr, RunError> {
    let no_address = |reason: String| RunError::NoAddress { address: target.address.clone(), reason };
    let found = tokio::net::lookup_host(&target.address).await;
    let mut found = found.map_err(|error| no_address(error.to_string()))?;
    found.next().ok_or_else(|| no_address("there is no such host".into()))
}

/// The threads that send.
struct Crew {
    begin: Instant,
    boards: Vec<Arc<Board>>,
    threads: Vec<std::thread::JoinHandle<std::io::Result<Counters>>>,
    orders: watch::Sender<Order>,
    /// Ends when all threads have.
    alive: mpsc::Receiver<()>,
}

impl Crew {
    /// Starts the threads. Which viewer is whose does not change what is sent.
    fn start(
        settings: &Settings,
        place: &Place,
        address: SocketAddr,
        begin: Instant,
        books: Option<&Arc<Mutex<Writer>>>,
    ) -> Result<Self, RunError> {
        let world = Arc::new(World::new(settings));
        let (orders, order) = watch::channel(Order::GoOn);
        let (lives, alive) = mpsc::channel(1);
        let mut crew = Self { begin, boards: Vec::new(), threads: Vec::new(), orders, alive };
        // A thread without a connection would send nothing.
        let of = settings.threads.clamp(1, settings.connections);
        for number in 0..of {
            let board = Arc::new(Board::default());
            crew.boards.push(board.clone());
            let connections = settings.connections / of + usize::from(number < settings.connections % of);
            let sender = Sender { address, connections, begin, board, order: order.clone() };
            let (world, place, books) = (world.clone(), place.clone(), books.cloned());
            let share = Share { number: number as u32, of: of as u32 };
            let life = lives.clone();
            let thread = std::thread::Builder::new().name(format!("sender {number}"));
            let thread = thread.spawn(move || {
                let _life = life;
                sender.run(Fleet::new(&world, place, share, books))
            });
            crew.threads.push(thread.map_err(RunError::Runtime)?);
        }
        Ok(crew)
    }

    /// Waits until all threads have ended; `true` if the process was told to stop before.
    async fn watch_over(&mut self, tell: &mut dyn FnMut(Progress)) -> Result<bool, RunError> {
        let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Runtime)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(RunError::Runtime)?;
        let mut is_stopped = false;
        loop {
            tell(self.progress());
            tokio::select! {
                _ended = self.alive.recv() => return Ok(is_stopped),
                () = tokio::time::sleep(PROGRESS_INTERVAL) => continue,
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            self.orders.send_replace(if is_stopped { Order::GiveUp } else { Order::Stop });
            is_stopped = true;
        }
    }

    fn progress(&self) -> Progress {
        let sum = |of: fn(&Board) -> usize| self.boards.iter().map(|board| of(board)).sum();
        let count = |of: fn(&Board) -> u64| self.boards.iter().map(|board| of(board)).sum();
        Progress {
            elapsed: self.begin.elapsed(),
            viewers: sum(|board| board.viewers.load(Ordering::Relaxed)),
            sent: count(|board| board.sent.load(Ordering::Relaxed)),
            answered: count(|board| board.answered.load(Ordering::Relaxed)),
            waiting: sum(|board| board.waiting.load(Ordering::Relaxed)),
        }
    }

    /// What all threads counted, which have ended.
    fn counters(self) -> Result<Counters, RunError> {
        let mut all = Counters::default();
        for thread in self.threads {
            let counters = thread.join().map_err(|_| RunError::ThreadFailed)?;
            all.add_all(counters.map_err(RunError::Runtime)?);
        }
        Ok(all)
    }
}
