//! One sending thread: it waits for what is due of its viewers, and for answers.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio::task::LocalSet;

use crate::load::connection::{Connection, Outcome};
use crate::load::fleet::Fleet;
use crate::load::pool::{Idle, Pool};
use crate::load::report::Counters;

/// How often a thread tells how far it is.
pub(crate) const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);
/// How often is looked whether all answers have come, after a run was stopped.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);
/// For how long answers are awaited after a run was stopped.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// What the threads are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    GoOn,
    /// Send nothing more, and wait for answers for a while.
    Stop,
    /// Wait for no answer any more.
    GiveUp,
}

/// How far a thread is.
#[derive(Debug, Default)]
pub(crate) struct Board {
    pub(crate) viewers: AtomicUsize,
    pub(crate) waiting: AtomicUsize,
    pub(crate) sent: AtomicU64,
    pub(crate) answered: AtomicU64,
}

/// What a thread begins with.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) address: SocketAddr,
    /// The most connections of this thread.
    pub(crate) connections: usize,
    pub(crate) begin: Instant,
    pub(crate) board: Arc<Board>,
    pub(crate) order: watch::Receiver<Order>,
}

impl Sender {
    /// Sends what the viewers of a fleet send, to its end or until told to stop.
    ///
    /// # Errors
    ///
    /// If the runtime does not start.
    pub(crate) fn run(self, fleet: Fleet) -> std::io::Result<Counters> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, async {
            let shared = Rc::new(Shared {
                fleet: RefCell::new(fleet),
                pool: Pool::default(),
                address: self.address,
                most: self.connections,
                begin: self.begin,
                board: self.board,
                sleeps_until_us: Cell::new(0),
                wake: Notify::new(),
            });
            drive(&shared, self.order).await;
            shared.tell();
            Ok(shared.fleet.borrow_mut().finish())
        })
    }
}

/// What the connections of a thread share.
struct Shared {
    fleet: RefCell<Fleet>,
    pool: Pool,
    address: SocketAddr,
    most: usize,
    begin: Instant,
    board: Arc<Board>,
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

    /// Tells how far the thread is.
    fn tell(&self) {
        let fleet = self.fleet.borrow();
        self.board.viewers.store(fleet.viewers(), Ordering::Relaxed);
        self.board.waiting.store(self.pool.waiting(), Ordering::Relaxed);
        self.board.sent.store(fleet.sent(), Ordering::Relaxed);
        self.board.answered.store(fleet.answered(), Ordering::Relaxed);
    }
}

/// Runs to the end, or until told to stop.
async fn drive(shared: &Rc<Shared>, mut order: watch::Receiver<Order>) {
    let is_stopped = tokio::select! {
        () = send_all(shared) => false,
        () = is_told(&mut order, Order::Stop) => true,
    };
    shared.pool.close();
    if is_stopped {
        shared.fleet.borrow_mut().stop(shared.now_us());
        // Answers that are on their way still count.
        let answers = async {
            while shared.fleet.borrow().viewers() > 0 {
                tokio::time::sleep(LOOK_INTERVAL).await;
            }
        };
        tokio::select! {
            () = answers => {}
            () = tokio::time::sleep(STOP_TIMEOUT) => {}
            () = is_told(&mut order, Order::GiveUp) => {}
        }
        shared.fleet.borrow_mut().give_up(shared.now_us());
    }
}

/// Waits for an order, or one that goes further.
async fn is_told(order: &mut watch::Receiver<Order>, awaited: Order) {
    if order.wait_for(|order| *order >= awaited).await.is_err() {
        // Nobody is left who could give it.
        std::future::pending::<()>().await;
    }
}

/// Sends what is due when it is due, until nobody is left.
async fn send_all(shared: &Rc<Shared>) {
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
            told_us = now_us + PROGRESS_INTERVAL.as_micros() as i64;
            shared.tell();
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
