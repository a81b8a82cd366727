//! Threads for queries, apart from those that collect. A query may keep a thread busy for its whole time without a pause,
//! and collection must not wait for that.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use playhead_report::EngineSettings;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::limits::{QUERY_BLOCKING_THREADS, QUERY_STACK_BYTES, REPORTER_THREADS};

/// Whose threads they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// The process that collects. They yield to its other threads, and come before those of the process that answers
    /// queries: what they hold a lock for, others wait for.
    Node,
    /// The process that answers queries, whose priority they have: this many.
    Reporter { threads: usize },
}

/// How much the system prefers other threads of the node to these, from 0 (not at all) to 19.
const NODE_NICENESS: i32 = 10;

/// The threads of a reporter: one for each part of each query that runs, because some go on for long without a pause, and one to
/// take what comes meanwhile.
pub fn reporter_threads(engine: &EngineSettings) -> usize {
    engine.queries.saturating_mul(engine.parts()).saturating_add(1).min(REPORTER_THREADS)
}

/// The threads of queries. They end with the last clone; what they are busy with is left behind.
#[derive(Debug, Clone)]
pub struct QueryThreads(Arc<Owned>);

#[derive(Debug)]
struct Owned(Option<Runtime>);

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // A query that does not pause must not hold up the end.
            runtime.shutdown_background();
        }
    }
}

impl QueryThreads {
    /// One for each core, unless it is said how many.
    ///
    /// # Errors
    ///
    /// If the operating system gives no threads.
    pub(crate) fn start(of: Of) -> Result<Self, std::io::Error> {
        let threads = match of {
            Of::Node => available_parallelism().map_or(1, NonZeroUsize::get),
            Of::Reporter { threads } => threads,
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("query")
            .thread_stack_size(QUERY_STACK_BYTES)
            .max_blocking_threads(QUERY_BLOCKING_THREADS)
            .on_thread_start(move || {
                // Without the lower priority everything works, only less smoothly.
                if of == Of::Node {
                    let _not_lowered = rustix::process::setpriority_process(None, NODE_NICENESS);
                }
            })
            .enable_all()
            .build()?;
        Ok(Self(Arc::new(Owned(Some(runtime)))))
    }

    /// The way to them; `None` while they end.
    pub fn handle(&self) -> Option<&Handle> {
        self.0.0.as_ref().map(Runtime::handle)
    }
}
