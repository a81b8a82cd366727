//! Watches over a reporter from a thread of its own: a query that takes too much memory, or that goes on after its time
//! without a pause, cannot be stopped in any other way than with the process.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::thread::Builder;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use playhead_report::engine::deadline::NotedDeadline;

use crate::limits::QUERY_GRACE;
pub use crate::reporter::messages::Ending;

/// How often is looked while something runs.
const BUSY_INTERVAL: Duration = Duration::from_millis(10);

/// How often is looked while nothing runs.
const IDLE_INTERVAL: Duration = Duration::from_millis(250);

/// How long a query that looks at its deadline may take to end.
const LONG_POLL: Duration = Duration::from_millis(200);

/// A reporter that works for so long although no query runs works on what is left of one that has ended.
const LEFT_OVER: Duration = Duration::from_secs(2);

/// What a reporter may have.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// The time of a query.
    pub query_time: Duration,
    /// The memory of the whole process; `None` if the process is not the reporter's alone.
    pub memory_bytes: Option<u64>,
}

/// The queries that run.
#[derive(Debug)]
pub(crate) struct Watchdog {
    allowance: Allowance,
    begun: Instant,
    next: AtomicU64,
    watched: Mutex<HashMap<u64, Arc<Watched>>>,
    /// When a thread of queries was last seen to be free, ms since `begun`.
    free_at_ms: AtomicU64,
}

/// One query, or one connection that asks queries one after the other.
#[derive(Debug, Default)]
struct Watched {
    deadline: Arc<NotedDeadline>,
    /// Since when a thread works on it without a pause.
    busy_since: Mutex<Option<Instant>>,
}

/// Takes a query off the list when it ends.
struct Leaves {
    watchdog: Arc<Watchdog>,
    number: u64,
}

impl Drop for Leaves {
    fn drop(&mut self) {
        self.watchdog.watched.lock().remove(&self.number);
    }
}

impl Watchdog {
    pub(crate) fn new(allowance: Allowance) -> Arc<Self> {
        Arc::new(Self {
            allowance,
            begun: Instant::now(),
            next: AtomicU64::new(0),
            watched: Mutex::default(),
            free_at_ms: AtomicU64::new(0),
        })
    }

    /// Runs `work`, which notes the deadlines of its queries, under watch.
    pub(crate) fn watch<Work: Future<Output = ()>>(
        self: &Arc<Self>,
        work: impl FnOnce(Arc<NotedDeadline>) -> Work,
    ) -> WatchedWork<Work> {
        let watched = Arc::new(Watched::default());
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.watched.lock().insert(number, watched.clone());
        let leaves = Leaves { watchdog: self.clone(), number };
        let work = work(watched.deadline.clone());
        WatchedWork { work: Box::pin(work), watched, _leaves: leaves }
    }

    /// Says that a thread of queries is free; to be called by one, again and again.
    pub(crate) fn note_free_thread(&self) {
        self.free_at_ms.store(self.passed_ms(), Ordering::Relaxed);
    }

    /// Looks after the reporter until it has to end, and then calls `end`. Ends by itself when all else is gone.
    ///
    /// # Errors
    ///
    /// If the system gives no thread.
    pub(crate) fn start(self: &Arc<Self>, end: impl FnOnce(Ending) + Send + 'static) -> std::io::Result<()> {
        let watchdog = Arc::downgrade(self);
        Builder::new().name("watchdog".into()).spawn(move || {
            let mut quiet = Quiet::begin();
            loop {
                let Some(watchdog) = watchdog.upgrade() else { return };
                let is_idle = watchdog.is_idle();
                // What a process does that is not the reporter's alone says nothing about the reporter.
                let is_alone = watchdog.allowance.memory_bytes.is_some();
                let left_over = (quiet.is_left_over(is_idle) && is_alone).then(|| watchdog.stuck());
                if let Some(ending) = watchdog.has_to_end().or(left_over) {
                    return end(ending);
                }
                drop(watchdog);
                std::thread::sleep(if is_idle { IDLE_INTERVAL } else { BUSY_INTERVAL });
            }
        })?;
        Ok(())
    }

    fn has_to_end(&self) -> Option<Ending> {
        if let Some(limit_bytes) = self.allowance.memory_bytes
            && let Some(needed_bytes) = resident_bytes().filter(|bytes| *bytes > limit_bytes)
        {
            return Some(Ending::Memory { needed_bytes, limit_bytes });
        }
        let is_stuck = self.watched.lock().values().any(|watched| self.is_stuck(watched));
        let limit = self.allowance.query_time;
        // Each thread of queries works on a part of some query for longer than any may take.
        let no_thread_ms = self.passed_ms().saturating_sub(self.free_at_ms.load(Ordering::Relaxed));
        let is_full = Duration::from_millis(no_thread_ms) > limit + QUERY_GRACE;
        (is_stuck || is_full).then(|| self.stuck())
    }

    fn stuck(&self) -> Ending {
        let limit_ms = u64::try_from(self.allowance.query_time.as_millis()).unwrap_or(u64::MAX);
        Ending::Stuck { limit_ms }
    }

    /// Whether no query runs.
    fn is_idle(&self) -> bool {
        let is_idle =
            |watched: &Arc<Watched>| watched.busy_since.lock().is_none() && watched.deadline.get().is_none();
        self.watched.lock().values().all(is_idle)
    }

    fn is_stuck(&self, watched: &Watched) -> bool {
        // Whatever waits looks at its deadline, so one that goes on long after it does not wait.
        let is_over =
            watched.deadline.get().is_some_and(|deadline| deadline.elapsed() > QUERY_GRACE + LONG_POLL);
        let busy_for = watched.busy_since.lock().map(|since| since.elapsed());
        is_over || busy_for.is_some_and(|busy_for| busy_for > self.allowance.query_time + QUERY_GRACE)
    }

    fn passed_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The time since which no query has run, and the work that the process had done by then.
struct Quiet {
    since: Instant,
    worked: Duration,
}

impl Quiet {
    fn begin() -> Self {
        Self { since: Instant::now(), worked: worked() }
    }

    /// Whether the process has been at work for most of a time in which no query ran.
    fn is_left_over(&mut self, is_idle: bool) -> bool {
        let (passed, done) = (self.since.elapsed(), worked().saturating_sub(self.worked));
        if is_idle && passed < LEFT_OVER {
            return false;
        }
        *self = Self::begin();
        is_idle && done > passed.mul_f64(0.75)
    }
}

/// The time of processors that this process has used.
fn worked() -> Duration {
    let worked = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(worked).unwrap_or_default()
}

/// Work that says when a thread is busy with it.
pub(crate) struct WatchedWork<Work> {
    work: Pin<Box<Work>>,
    watched: Arc<Watched>,
    _leaves: Leaves,
}

impl<Work: Future<Output = ()>> Future for WatchedWork<Work> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        *self.watched.busy_since.lock() = Some(Instant::now());
        let polled = self.work.as_mut().poll(context);
        *self.watched.busy_since.lock() = None;
        polled
    }
}

/// The memory that this process has, bytes; `None` where the system does not say.
fn resident_bytes() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let resident: u64 = pages.split(' ').nth(1)?.parse().ok()?;
    Some(resident.saturating_mul(rustix::param::page_size() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watchdog(query_time: Duration) -> Arc<Watchdog> {
        Watchdog::new(Allowance { query_time, memory_bytes: None })
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_query_that_never_pauses_ends_the_reporter_and_one_that_waits_does_not() {
        let watchdog = watchdog(Duration::ZERO);
        let waits = tokio::spawn(watchdog.watch(|_| std::future::pending()));
        std::thread::sleep(QUERY_GRACE + LONG_POLL);
        watchdog.note_free_thread();
        assert_eq!(watchdog.has_to_end(), None);
        let works = watchdog.watch(|_| async { std::thread::sleep(3 * QUERY_GRACE) });
        let works = tokio::spawn(works);
        std::thread::sleep(2 * QUERY_GRACE);
        watchdog.note_free_thread();
        assert_eq!(watchdog.has_to_end(), Some(Ending::Stuck { limit_ms: 0 }));
        works.await.unwrap();
        watchdog.note_free_thread();
        assert_eq!(watchdog.has_to_end(), None);
        waits.abort();
    }

    #[test]
    fn too_much_memory_is_told_with_what_was_needed() {
        let allowance = Allowance { query_time: Duration::from_secs(60), memory_bytes: Some(1) };
        let Some(Ending::Memory { needed_bytes, limit_bytes: 1 }) = Watchdog::new(allowance).has_to_end()
        else {
            panic!("must end");
        };
        assert!(needed_bytes > 1 << 20, "{needed_bytes}");
    }
}
