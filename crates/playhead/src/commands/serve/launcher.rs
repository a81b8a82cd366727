//! Starts the process that answers queries, from the program that runs.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use async_trait::async_trait;
use playhead_node::reporter::launch::{Launch, Launched};
use tokio::process::{Child, Command};

use crate::commands::reporter::Orders;
use crate::error::Error;

/// The program that runs, also after its file was replaced by another release.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// Bytes that the allocator of the process keeps ready at once, in KiB: as much as its usual gigabyte would count as used.
const ARENA_KIB: &str = "65536";

/// Starts reporters with these orders.
pub(crate) struct Launcher {
    program: PathBuf,
    orders: String,
    /// Variables that are none of its business, such as tokens.
    kept_back: Vec<OsString>,
    spill: Option<PathBuf>,
}

impl Launcher {
    /// Reporters get these orders, and the environment without the variables in `kept_back`.
    ///
    /// # Errors
    ///
    /// If the orders cannot be written, or this program cannot be found.
    pub(crate) fn new(orders: &Orders, kept_back: Vec<OsString>) -> Result<Self, Error> {
        let system =
            |context, error: &dyn std::fmt::Display| Error::System { context, message: error.to_string() };
        let text = serde_json::to_string(orders);
        let text = text.map_err(|error| system("cannot write the orders of a reporter", &error))?;
        let program = match PathBuf::from(THIS_PROGRAM) {
            program if program.exists() => program,
            _ => std::env::current_exe().map_err(|error| system("cannot find this program", &error))?,
        };
        Ok(Self { program, orders: text, kept_back, spill: orders.engine.spill_directory.clone() })
    }
}

impl Launch for Launcher {
    fn launch(&self, link: OwnedFd) -> io::Result<Box<dyn Launched>> {
        // One that was ended had no time to clean up.
        if let Some(spill) = &self.spill
            && let Err(error) = std::fs::remove_dir_all(spill)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, directory = %spill.display(), "cannot remove what queries have spilled");
        }
        let mut command = Command::new(&self.program);
        command.arg0("playhead").arg("reporter").arg(&self.orders).env("MIMALLOC_ARENA_RESERVE", ARENA_KIB);
        for name in &self.kept_back {
            command.env_remove(name);
        }
        // In a group of its own, so that Ctrl-C reaches the server alone.
        command.stdin(Stdio::from(link)).stdout(Stdio::null()).process_group(0).kill_on_drop(true);
        Ok(Box::new(Process(command.spawn()?)))
    }
}

struct Process(Child);

#[async_trait]
impl Launched for Process {
    async fn ended(&mut self) -> String {
        match self.0.wait().await {
            Ok(status) => words(status),
            Err(error) => format!("nobody knows how: {error}"),
        }
    }
}

fn words(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        // The allocator and the guard of the stack both end a process with SIGABRT.
        (Some(6), _) => "it had no memory or no stack left for what a query needed".into(),
        (Some(9), _) => "it was killed, by an operator or by the system for want of memory".into(),
        (Some(signal), _) => format!("signal {signal}"),
        (None, Some(code)) => format!("it ended with exit code {code}"),
        (None, None) => "it ended".into(),
    }
}
