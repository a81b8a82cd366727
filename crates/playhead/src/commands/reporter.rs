//! `playhead reporter`: the process that answers queries. `playhead serve` starts it and gives it its orders; nobody else
//! does.

use std::io::stdin;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;

use playhead_journal::{JournalReader, open_reader};
use playhead_node::clock::SystemClock;
use playhead_node::limits::{QUERY_BLOCKING_THREADS, QUERY_STACK_BYTES};
use playhead_node::sessions::query_threads::reporter_threads;
use playhead_report::EngineSettings;
use playhead_server::reporter::Reporter;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getrlimit, set_dumpable_behavior,
    set_parent_process_death_signal, setpriority_process, setrlimit,
};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{EXIT_FINDING, Error};
use crate::settings::environment::Environment;
use crate::settings::lake_location;
use crate::settings::logs::{self, LogFilter, LogFormat};

/// How much the system prefers other processes to this one, from 0 (not at all) to 19.
const NICENESS: i32 = 19;

/// How much rather than others the system ends this process when the machine has no memory left, from 0 to 1000.
const FIRST_TO_GO: &str = "800";

/// Memory that the process may ask for beside that which it may use: what the allocator keeps ready, and the program.
const READY_BYTES: u64 = 512 * 1024 * 1024;

/// The orders of a reporter.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct Orders {
    /// The directory of the journal.
    pub(crate) data: PathBuf,
    /// The place of the tables, as in the settings.
    pub(crate) lake: String,
    /// The limits of queries.
    pub(crate) engine: EngineSettings,
    /// The memory that it may use, bytes.
    pub(crate) memory_bytes: u64,
    /// What is logged.
    pub(crate) log: LogFilter,
    /// How.
    pub(crate) log_format: LogFormat,
    /// Whether the log has colours.
    pub(crate) is_coloured: bool,
}

/// The arguments of `playhead reporter`.
#[derive(Debug, clap::Args)]
pub(crate) struct ReporterArgs {
    /// The orders, as JSON
    orders: String,
}

/// Answers queries until the server at the other end of standard input is gone.
///
/// # Errors
///
/// If standard input is no link to a server, or journal and tables cannot be opened.
pub(crate) fn reporter(args: &ReporterArgs, environment: &Environment) -> Result<(), Error> {
    let not_by_hand = || Error::WrongCall("`playhead serve` starts this command by itself".into());
    let orders: Orders = serde_json::from_str(&args.orders).map_err(|_| not_by_hand())?;
    let link = stdin().as_fd().try_clone_to_owned().map_err(|_| not_by_hand())?;
    let link = UnixStream::from(link);
    link.peer_addr().map_err(|_| not_by_hand())?;
    logs::start(&orders.log, orders.log_format, orders.is_coloured)?;
    leave_one_core();
    step_back(orders.memory_bytes, reporter_threads(&orders.engine));
    answer(link.into(), orders, environment)
}

/// Makes this process the first to yield, to be limited and to be ended. Each of these is a help only, so a system that
/// refuses one does not keep queries from being answered.
fn step_back(memory_bytes: u64, threads: usize) {
    let _not_lowered = setpriority_process(None, NICENESS);
    let _not_first = std::fs::write("/proc/self/oom_score_adj", FIRST_TO_GO);
    // It ends with its server even when that has no time to say so.
    let _not_told = set_parent_process_death_signal(Some(Signal::KILL));
    // A dump of this memory helps nobody, and takes long to write.
    let _dumped = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let threads = threads + QUERY_BLOCKING_THREADS;
    let stacks = (threads as u64).saturating_mul(QUERY_STACK_BYTES as u64);
    let most = memory_bytes.saturating_add(stacks).saturating_add(READY_BYTES);
    let before = getrlimit(Resource::Data);
    let most = before.maximum.map_or(most, |maximum| most.min(maximum));
    let limit = Rlimit { current: Some(most), maximum: Some(most) };
    if let Err(error) = setrlimit(Resource::Data, limit) {
        tracing::warn!(%error, "the memory of the process that answers queries has no limit by the system");
    }
}

/// Leaves one core to collection, if there are several. A low priority alone does not: a thread that wakes waits for the
/// running one's turn to end, several times for each event that is synced to disk.
fn leave_one_core() {
    let Ok(mut cores) = sched_getaffinity(None) else { return };
    if cores.count() > 1
        && let Some(first) = (0..CpuSet::MAX_CPU).find(|core| cores.is_set(*core))
    {
        cores.unset(first);
        let _not_left = sched_setaffinity(None, &cores);
    }
}

fn answer(link: OwnedFd, orders: Orders, environment: &Environment) -> Result<(), Error> {
    let lake = lake_location(&orders.data, &orders.lake, environment.object_store())?;
    let data = orders.data;
    let reporter = Reporter {
        reader: Box::new(move || Ok(Box::new(open_reader(&data)?) as Box<dyn JournalReader>)),
        lake,
        engine: orders.engine,
        clock: Arc::new(SystemClock),
        memory_bytes: Some(orders.memory_bytes),
    };
    // Queries have threads of their own; these only listen.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let system = |message: &dyn std::fmt::Display| Error::System {
        context: "cannot start the process that answers queries",
        message: message.to_string(),
    };
    let runtime = runtime.map_err(|error| system(&error))?;
    let outcome = runtime.block_on(async {
        // The server says when it is over, after its clients have been answered: what tells all processes of a service to
        // stop is not meant for this one.
        let _ignored = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(signal);
        let end = || std::process::exit(i32::from(EXIT_FINDING));
        reporter.serve(link, end).await
    });
    // What still runs has nobody left to hear of it.
    runtime.shutdown_background();
    outcome.map_err(Error::from)
}
