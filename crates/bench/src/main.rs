//! `make bench`: what collection costs, each figure beside a reference from the same run. `scripts/bench-reports`:
//! the same for reports, over a lake that this program generates.
//!
//! Every server runs in a process of its own: this program with other arguments, the shipped command, or somebody else's server.
//! The load comes from this one.

mod client;
mod cpu;
mod generate;
mod load;
mod parts;
mod playhead;
mod queries;
mod report;
mod servers;

use clap::{Parser, Subcommand};
use playhead_lake::Location;

use crate::parts::{
    Size, beside_queries, collectors, generator, hour, open_sessions, overload, steps, street,
};
use crate::servers::Kind;

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
    /// What is measured; everything but the hour if nothing is named.
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    size: Size,
}

#[derive(Subcommand)]
enum Part {
    /// A durable ping beside an empty handler, nginx, and a collector on Node.
    Collectors,
    /// CPU of an event until the tables have it, and its bytes.
    Street,
    /// Memory, throughput and restart with many open sessions.
    OpenSessions,
    /// Kick-off and ad break of a simulated audience.
    Steps,
    /// Collection at 70 % of its limit while reports are asked for.
    BesideQueries,
    /// Three times more than a server can take.
    Overload,
    /// What the generators of load cost themselves.
    Generator,
    /// A sustained rate, and what grows meanwhile.
    Hour(hour::HourCall),
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
    let Call { part, size } = Call::parse();
    match part {
        Some(Part::Serve { kind, data }) => return servers::serve(kind, &data),
        Some(Part::Lake(call)) => return generate::generate(&call, &mut std::io::stdout()),
        Some(Part::Reports(call)) => return queries::run(&call, &mut std::io::stdout()),
        _ => report::say(&report::head())?,
    }
    match part {
        Some(Part::Collectors) => collectors::run(&size),
        Some(Part::Street) => street::run(&size),
        Some(Part::OpenSessions) => open_sessions::run(&size),
        Some(Part::Steps) => steps::run(&size),
        Some(Part::BesideQueries) => beside_queries::run(&size),
        Some(Part::Overload) => overload::run(&size),
        Some(Part::Generator) => generator::run(&size),
        Some(Part::Hour(call)) => hour::run(&size, &call),
        _ => {
            let parts = [
                collectors::run,
                street::run,
                open_sessions::run,
                steps::run,
                beside_queries::run,
                overload::run,
                generator::run,
            ];
            parts.into_iter().try_for_each(|run| run(&size))
        }
    }
}

/// The location of a lake from an argument.
pub(crate) fn location(text: &str) -> Result<Location, Error> {
    let environment: Vec<_> = std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).collect();
    Ok(Location::parse(text, &environment)?)
}
