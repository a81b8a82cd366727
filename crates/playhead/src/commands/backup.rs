//! `playhead backup` and `playhead restore`: copies of a data directory, made while a server works in it, and put back.

use std::io::Write;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use playhead_node::backup::{Copy, back_up, restore as put_back};
use playhead_node::clock::{Clock, SystemClock};
use serde_json::json;

use crate::error::Error;
use crate::settings::environment::Environment;
use crate::source::directory::runtime;
use crate::source::place::{LakePlaceArgs, PlaceArgs};
use crate::terminal::tables::{Format, Terminal};

/// The arguments of `playhead backup`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct BackupArgs {
    /// Directory for the backup; it must not exist yet, or be empty
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Data directory, whether a server uses it or not [default: ./playhead-data] [env: PLAYHEAD_DATA]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Location of the tables: a directory, relative to the data directory, or s3://bucket/prefix with AWS_... variables
    /// [default: lake] [env: PLAYHEAD_LAKE]
    #[arg(long, value_name = "PLACE")]
    pub lake: Option<String>,
    /// Output format
    #[arg(long, value_name = "table|json", value_enum, hide_possible_values = true, default_value = "table")]
    pub format: Format,
}

/// The arguments of `playhead restore`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RestoreArgs {
    /// Directory with the backup
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// Data directory to fill; it must not have a journal [default: ./playhead-data] [env: PLAYHEAD_DATA]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Location for the tables, which must be empty: a directory, relative to the data directory, or s3://bucket/prefix with
    /// AWS_... variables [default: lake] [env: PLAYHEAD_LAKE]
    #[arg(long, value_name = "PLACE", conflicts_with = "journal_only")]
    pub lake: Option<String>,
    /// Restore only the journal, and leave the tables as they are
    #[arg(long)]
    pub journal_only: bool,
    /// Output format
    #[arg(long, value_name = "table|json", value_enum, hide_possible_values = true, default_value = "table")]
    pub format: Format,
}

/// Makes a backup and verifies it.
///
/// # Errors
///
/// If the target is not empty, or something cannot be read, written, or is damaged.
pub(crate) fn backup(
    args: &BackupArgs,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let place = place(args.data.as_ref(), args.lake.as_ref());
    let data = place.place.data(environment)?;
    let location = place.location(&data, environment)?;
    let bar = progress_bar(terminal);
    let progress = |files, of| show(&bar, files, of);
    let made = runtime()?.block_on(back_up(&data, location, &args.to, SystemClock.now_ms(), progress))?;
    bar.finish_and_clear();
    print(&made, &format!("backed up to {}, and verified", args.to.display()), args.format, out)
}

/// Restores a backup, after verifying it.
///
/// # Errors
///
/// If the backup is incomplete or damaged, if there is something already, or a file cannot be written.
pub(crate) fn restore(
    args: &RestoreArgs,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let place = place(args.data.as_ref(), args.lake.as_ref());
    let data = place.place.data(environment)?;
    let location = if args.journal_only { None } else { Some(place.location(&data, environment)?) };
    let bar = progress_bar(terminal);
    let progress = |files, of| show(&bar, files, of);
    let copy = runtime()?.block_on(put_back(&args.from, &data, location, progress))?;
    bar.finish_and_clear();
    print(&copy, &format!("restored into {}", data.display()), args.format, out)
}

fn place(data: Option<&PathBuf>, lake: Option<&String>) -> LakePlaceArgs {
    let place = PlaceArgs { data: data.cloned(), ..PlaceArgs::default() };
    LakePlaceArgs { place, lake: lake.cloned() }
}

fn print(copy: &Copy, done: &str, format: Format, out: &mut dyn Write) -> Result<(), Error> {
    let (files, bytes) = (copy.files(), copy.bytes());
    let (events, sessions) = (copy.next_sequence.saturating_sub(1), copy.last_position);
    let made_at = playhead_session::rfc3339(copy.made_at_ms);
    match format {
        Format::Table => writeln!(
            out,
            "{done}: {files} files, {bytes} bytes; made at {made_at}, up to event {events} and closed session {sessions}"
        )?,
        Format::Json => {
            let summary = json!({
                "files": files, "bytes": bytes, "made_at": made_at,
                "last_sequence": events, "last_position": sessions,
            });
            writeln!(out, "{summary}")?;
        }
    }
    Ok(())
}

fn progress_bar(terminal: Terminal) -> ProgressBar {
    if !terminal.is_stderr {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{wide_bar} {pos}/{len} files") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn show(bar: &ProgressBar, files: u64, of: u64) {
    bar.set_length(of);
    bar.set_position(files);
}
