//! Threads for queries, apart from those that collect. A query may keep a thread busy for its whole time without a pause,
//! and collection must not wait for that.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::limits::{QUERY_BLOCKING_THREADS, QUERY_STACK_BYTES};

/// Whose threads they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// The process that collects. They yield to its other threads, and come before those of the process that answers
    /// queries: what they hold a lock for, others wait for.
    Node,
    /// The process that answers queries, whose priority they have.
    Reporter,
}

/// How much the system prefers other threads of the node to these, from 0 (not at all) to 19.
const NODE_NICENESS: i32 = 10;

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
    /// One for each core, and in a reporter one more: a query that does not pause keeps one, and others want to go on.
    ///
    /// # Errors
    ///
    /// If the operating system gives no threads.
    pub(crate) fn start(of: Of) -> Result<Self, std::io::Error> {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let runtime = Builder::new_multi_thread()
            .worker_threads(cores + usize::from(of == Of::Reporter))
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
