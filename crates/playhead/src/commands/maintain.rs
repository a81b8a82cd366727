//! `playhead maintain`: moves new rows from the journal into the tables and tidies up their files, now.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use playhead_journal::SqliteJournal;
use playhead_node::clock::{Clock, SystemClock};
use playhead_node::tables::upkeep::maintain_directory;
use serde::{Deserialize, Serialize};

use crate::commands::randomness::randomness;
use crate::error::Error;
use crate::settings::Effective;
use crate::settings::config_file;
use crate::settings::environment::Environment;
use crate::source::client::Request;
use crate::source::directory::runtime;
use crate::source::place::LakePlaceArgs;
use crate::terminal::printable::{printable, printable_json};
use crate::terminal::tables::Format;

/// The arguments of `playhead maintain`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct MaintainArgs {
    /// Configuration file of the server; it says how long rows are kept and how much memory may be used
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    pub config: Option<PathBuf>,
    /// Believe the clock, however far ahead it is: drop all rows that are too old by it
    #[arg(long, conflicts_with = "server")]
    pub accept_clock: bool,
    /// Output format
    #[arg(long, value_name = "table|json", value_enum, hide_possible_values = true, default_value = "table")]
    pub format: Format,
    /// The location of the tables.
    #[command(flatten)]
    pub place: LakePlaceArgs,
}

/// The work that was done, in sentences.
#[derive(Debug, Serialize, Deserialize)]
struct Maintained {
    done: Vec<String>,
}

/// Does the pending work, and prints what was done.
///
/// # Errors
///
/// If a server uses the data directory, or the journal or the tables cannot be used.
pub(crate) fn maintain(
    args: &MaintainArgs,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let maintained = match args.place.place.server(environment)? {
        Some((client, token)) => {
            let request = Request {
                path: "/reports/v1/maintenance",
                pairs: &[],
                body: Some("{}"),
                accept: "application/json",
            };
            let response = client.query(request, token.as_deref())?;
            serde_json::from_reader(response).map_err(|error| Error::BrokenOff(error.to_string()))?
        }
        None => Maintained { done: maintain_here(args, environment)? },
    };
    match args.format {
        Format::Table => {
            for line in &maintained.done {
                writeln!(out, "{}", printable(line))?;
            }
        }
        Format::Json => {
            let json = serde_json::to_string(&maintained).map_err(|error| Error::Output(error.into()))?;
            writeln!(out, "{}", printable_json(&json))?;
        }
    }
    Ok(())
}

fn maintain_here(args: &MaintainArgs, environment: &Environment) -> Result<Vec<String>, Error> {
    let file = args.config.as_deref().map(config_file::read).transpose()?;
    let settings = Effective::resolve(args.place.layer(), environment.settings()?, file.unwrap_or_default());
    // The command must not create a journal in a directory without one.
    drop(playhead_journal::open_reader(&settings.data.value)?);
    let options = settings.journal_options(SystemClock.now_ms());
    let mut journal = SqliteJournal::open(&settings.data.value, options).map_err(|error| match error {
        playhead_journal::Error::InUse { .. } => {
            Error::WrongCall(format!("{error}; let that server do it, with --server"))
        }
        error => error.into(),
    })?;
    let location = settings.lake_location(environment.object_store())?;
    let lake = settings.server_settings(false).lake;
    let random = randomness()?;
    let clock = Arc::new(SystemClock);
    let work = maintain_directory(&mut journal, &random, location, lake, clock, args.accept_clock);
    Ok(runtime()?.block_on(work)?)
}
