//! `playhead exclude`: takes sessions out of all reports, puts them back, and lists those that are out.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use playhead_journal::SqliteJournal;
use playhead_lake::Exclusion;
use playhead_node::clock::{Clock, SystemClock};
use playhead_node::exclusions::{ExclusionReport, checked_reason};
use playhead_node::tables::upkeep::{exclude_in_directory, undo_exclusion_in_directory};
use playhead_protocol::SessionId;
use serde_json::{Value, json};

use crate::commands::randomness::randomness;
use crate::commands::sessions::resolve;
use crate::error::Error;
use crate::settings::Effective;
use crate::settings::config_file;
use crate::settings::environment::Environment;
use crate::source::Source;
use crate::source::client::{Client, Request};
use crate::source::directory::{DirectorySource, runtime};
use crate::source::place::LakePlaceArgs;
use crate::source::server::ServerSource;
use crate::terminal::printable::{printable, printable_json};
use crate::terminal::session_tables;
use crate::terminal::tables::{Format, Terminal};

/// The arguments of `playhead exclude`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ExcludeArgs {
    /// The session: its id, or enough of the first digits to be unique; without it, the excluded sessions are listed
    #[arg(value_name = "SID")]
    pub sid: Option<String>,
    /// Exclude the session, for this reason
    #[arg(long, value_name = "REASON", requires = "sid", value_parser = checked_reason)]
    pub why: Option<String>,
    /// Let the session count again
    #[arg(long, requires = "sid", conflicts_with = "why")]
    pub undo: bool,
    /// Configuration file of the server; it says where data and tables are, and how much memory may be used
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    pub config: Option<PathBuf>,
    /// The location of the sessions.
    #[command(flatten)]
    pub place: LakePlaceArgs,
    /// Output format
    #[arg(long, value_name = "table|json", value_enum, hide_possible_values = true, default_value = "table")]
    pub format: Format,
}

/// What is to happen to a session.
enum Change {
    Exclude(String),
    Undo,
}

/// What has happened.
enum Outcome {
    /// With what the tables have not followed for.
    Excluded(Value, Option<String>),
    Counts,
}

/// Excludes a session, undoes that, or lists the excluded sessions.
///
/// # Errors
///
/// If there is no such session, or the server, the journal or the tables cannot be used.
pub(crate) fn exclude(
    args: &ExcludeArgs,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<(), Error> {
    let change = match (&args.sid, &args.why, args.undo) {
        (None, ..) => None,
        (Some(sid), Some(reason), _) => Some((sid, Change::Exclude(reason.clone()))),
        (Some(sid), None, true) => Some((sid, Change::Undo)),
        (Some(_), None, false) => {
            let message = "say why with --why REASON, or let the session count again with --undo";
            return Err(Error::WrongCall(message.into()));
        }
    };
    if let Some((client, token)) = args.place.place.server(environment)? {
        let source = ServerSource::new(client, token);
        return match change {
            None => print_list(args, &source, terminal, out),
            Some((sid, change)) => {
                let id = resolve(sid, &source)?;
                let outcome = on_server(source.client(), source.token(), &id, &change)?;
                print(args, &id, outcome, out, notes)
            }
        };
    }
    let file = args.config.as_deref().map(config_file::read).transpose()?;
    let settings = Effective::resolve(args.place.layer(), environment.settings()?, file.unwrap_or_default());
    let location = || settings.lake_location(environment.object_store());
    let zone = settings.time_zone.value.clone();
    let source = DirectorySource::open(&settings.data.value, location()?, zone, Arc::new(SystemClock))?;
    let Some((sid, change)) = change else { return print_list(args, &source, terminal, out) };
    let id = resolve(sid, &source)?;
    let change = match change {
        Change::Exclude(reason) => {
            ChangeInDirectory::Exclude(source.exclusion_of(&id, reason, SystemClock.now_ms())?)
        }
        Change::Undo => {
            // An exclusion may outlive its session, whose rows were dropped when they grew old.
            let excluded = source.exclusions()?;
            let mut excluded = excluded["exclusions"].as_array().into_iter().flatten();
            if !excluded.any(|row| row["session_id"] == id.to_string()) {
                source.exclusion_of(&id, String::new(), SystemClock.now_ms())?;
            }
            ChangeInDirectory::Undo(id)
        }
    };
    drop(source);
    let outcome = in_directory(&settings, location()?, change)?;
    print(args, &id, outcome, out, notes)
}

/// A change with all that a directory without a server needs for it.
enum ChangeInDirectory {
    Exclude(Exclusion),
    Undo(SessionId),
}

fn on_server(
    client: &Client,
    token: Option<&str>,
    id: &SessionId,
    change: &Change,
) -> Result<Outcome, Error> {
    let path = format!("/reports/v1/sessions/{id}/exclusion");
    match change {
        Change::Exclude(reason) => {
            let body = json!({"reason": reason}).to_string();
            let request = Request { path: &path, pairs: &[], body: Some(&body), accept: "application/json" };
            let response = client.query(request, token)?;
            let exclusion =
                serde_json::from_reader(response).map_err(|error| Error::BrokenOff(error.to_string()))?;
            Ok(Outcome::Excluded(exclusion, None))
        }
        Change::Undo => client.delete(&path, token).map(|()| Outcome::Counts),
    }
}

fn in_directory(
    settings: &Effective,
    location: playhead_lake::Location,
    change: ChangeInDirectory,
) -> Result<Outcome, Error> {
    let options = settings.journal_options(SystemClock.now_ms());
    let mut journal = SqliteJournal::open(&settings.data.value, options).map_err(|error| match error {
        playhead_journal::Error::InUse { .. } => {
            Error::WrongCall(format!("{error}; let that server do it, with --server"))
        }
        error => error.into(),
    })?;
    let lake = settings.server_settings(false).lake;
    let (random, clock) = (randomness()?, Arc::new(SystemClock));
    let runtime = runtime()?;
    match change {
        ChangeInDirectory::Exclude(exclusion) => {
            let work = exclude_in_directory(&mut journal, &random, location, lake, clock, exclusion);
            let (in_force, failure) = runtime.block_on(work)?;
            let report = serde_json::to_value(ExclusionReport::of(&in_force));
            let report = report.map_err(|error| Error::Output(error.into()))?;
            Ok(Outcome::Excluded(report, failure.map(|failure| failure.to_string())))
        }
        ChangeInDirectory::Undo(session) => {
            let work = undo_exclusion_in_directory(&mut journal, &random, location, lake, clock, session);
            runtime.block_on(work)?;
            Ok(Outcome::Counts)
        }
    }
}

fn print(
    args: &ExcludeArgs,
    id: &SessionId,
    outcome: Outcome,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<(), Error> {
    let (report, text) = match outcome {
        Outcome::Excluded(exclusion, failure) => {
            if let Some(failure) = failure {
                writeln!(
                    notes,
                    "playhead: the tables have not followed yet, which the next start of a server does: {}",
                    printable(&failure)
                )?;
            }
            let text = format!("session {id} is {}", session_tables::exclusion(&exclusion));
            (exclusion, text)
        }
        Outcome::Counts => (json!({"session_id": id}), format!("session {id} counts in all reports")),
    };
    match args.format {
        Format::Table => writeln!(out, "{text}")?,
        Format::Json => writeln!(out, "{}", printable_json(&report.to_string()))?,
    }
    Ok(())
}

fn print_list(
    args: &ExcludeArgs,
    source: &dyn Source,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let list = source.exclusions()?;
    match args.format {
        Format::Table => writeln!(out, "{}", session_tables::exclusions(&list, terminal))?,
        Format::Json => writeln!(out, "{}", printable_json(&list.to_string()))?,
    }
    Ok(())
}
