//! `make bench`: the cost of the ingest path, each figure beside a reference from the same run. `scripts/bench-reports`:
//! the same for reports, over a lake that this program generates.
//!
//! Every server runs in a process of its own, which is this program with other arguments; the load comes from this one.

mod cpu;
mod generate;
mod load;
mod queries;
mod report;
mod servers;

use std::io::Write;
use std::time::Duration;

use clap::{Parser, Subcommand};
use playhead_lake::Location;

use crate::load::{Load, Measured};
use crate::servers::{Child, Kind};

/// The allocator of the shipped command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Any failure of a run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}: {1}")]
    Io(&'static str, std::io::Error),
    #[error("{0}")]
    Unexpected(String),
    #[error(transparent)]
    Server(#[from] playhead_server::Error),
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    #[error(transparent)]
    Lake(#[from] playhead_lake::Error),
}

#[derive(Parser)]
struct Call {
    #[command(subcommand)]
    be: Option<Be>,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How often the servers take turns; medians over the turns are reported.
    #[arg(long, default_value_t = 5)]
    turns: usize,
    /// Keep-alive connections.
    #[arg(long, default_value_t = 128)]
    connections: usize,
    /// Open sessions that receive the pings.
    #[arg(long, default_value_t = 4_096)]
    sessions: usize,
    /// Sessions to hold open for the measurement of memory.
    #[arg(long, default_value_t = 100_000)]
    open: usize,
    /// Measure memory only.
    #[arg(long)]
    memory_only: bool,
}

#[derive(Subcommand)]
enum Be {
    /// Serve, for the load of another process.
    Serve {
        /// The server to run.
        kind: Kind,
        /// The journal's directory, for the kinds that have one.
        data: std::path::PathBuf,
    },
    /// Generate a lake, and print the sizes of its rows.
    Lake(generate::GenerateCall),
    /// Run queries over a lake, and print how long they take.
    Reports(queries::QueriesCall),
}

fn main() -> Result<(), Error> {
    let call = Call::parse();
    match &call.be {
        Some(Be::Serve { kind, data }) => servers::serve(*kind, data),
        Some(Be::Lake(call)) => generate::generate(call, &mut std::io::stdout()),
        Some(Be::Reports(call)) => queries::run(call, &mut std::io::stdout()),
        None => bench(&call),
    }
}

/// The location of a lake from an argument.
pub(crate) fn location(text: &str) -> Result<Location, Error> {
    let environment: Vec<_> = std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).collect();
    Ok(Location::parse(text, &environment)?)
}

fn bench(call: &Call) -> Result<(), Error> {
    let mut out = std::io::stdout();
    let print = |out: &mut std::io::Stdout, line: String| {
        writeln!(out, "{line}").map_err(|error| Error::Io("printing", error))
    };
    print(&mut out, report::machine())?;
    if !call.memory_only {
        let load = Load {
            connections: call.connections,
            sessions: call.sessions,
            duration: Duration::from_secs(call.seconds),
        };
        let mut turns: Vec<Vec<Measured>> = Vec::new();
        for turn in 1..=call.turns {
            let mut measured = Vec::new();
            for kind in Kind::ALL {
                let child = Child::start(kind)?;
                measured.push(load.run(&child)?);
            }
            print(&mut out, report::turn(turn, &measured))?;
            turns.push(measured);
        }
        print(&mut out, report::medians(&turns))?;
    }
    let child = Child::start(Kind::Durable)?;
    let before = child.resident_bytes()?;
    load::open_sessions(child.address, call.open)?;
    let after = child.resident_bytes()?;
    print(&mut out, report::memory(call.open, before, after))
}
