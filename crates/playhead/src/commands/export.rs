//! `playhead export`: all rows of a table in a time range, as a file.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use playhead_lake::Table;
use playhead_node::clock::{Clock, SystemClock};
use playhead_node::tables::queries::Report;
use playhead_report::nearest::did_you_mean;

use crate::commands::report::OpenSessions;
use crate::commands::typed_time::{TypedRange, TypedTime};
use crate::error::{Error, Fault};
use crate::settings::environment::Environment;
use crate::source::place::LakePlaceArgs;
use crate::source::{Query, usual_zone};
use crate::terminal::output::{Content, Output, byte_progress};
use crate::terminal::tables::Terminal;

/// The arguments of `playhead export`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ExportArgs {
    /// The table: sessions, ads, chapters, errors or events
    #[arg(value_name = "TABLE", value_parser = table)]
    pub table: Table,
    /// Only rows of sessions that started (events: were received) at or after this time: 2026-11-01T12:00:00Z; a date,
    /// today or yesterday in the time zone; now; or so long ago: 7d, 24h, 30m
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub from: Option<TypedTime>,
    /// Only rows of sessions that started (events: were received) before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub to: Option<TypedTime>,
    /// Time zone of dates, such as Europe/Berlin [default: that of reports that name none]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Output format: parquet, csv, jsonl, or adobe-feed for context data (a.media.*) of sessions, ads and chapters
    #[arg(long, value_name = "FORMAT", hide_possible_values = true, default_value = "parquet")]
    pub format: ExportFormat,
    /// Whether rows of open sessions are included
    #[arg(long, value_name = "include|exclude", hide_possible_values = true, default_value = "include")]
    pub open: OpenSessions,
    /// Write to this file instead of standard output; it appears once it is complete
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The location of the tables.
    #[command(flatten)]
    pub place: LakePlaceArgs,
}

/// The format of exported rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ExportFormat {
    /// A Parquet file
    Parquet,
    /// CSV with a header
    Csv,
    /// One JSON object per line
    Jsonl,
    /// Context data, one JSON object per line
    AdobeFeed,
}

impl ExportFormat {
    /// Its name.
    const fn name(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::AdobeFeed => "adobe-feed",
        }
    }

    const fn content(self) -> Content {
        match self {
            Self::Parquet => Content::Binary,
            Self::Csv => Content::Text,
            Self::Jsonl | Self::AdobeFeed => Content::Json,
        }
    }
}

fn table(name: &str) -> Result<Table, String> {
    Table::named(name).ok_or_else(|| {
        let names = Table::ALL.map(Table::name);
        format!("there is no such table{}; the tables are {}", did_you_mean(name, names), names.join(", "))
    })
}

/// Writes the rows of a table.
///
/// # Errors
///
/// [`Error::Refused`] if the call is invalid; another error if the table cannot be read or the output written.
pub(crate) fn export(
    args: &ExportArgs,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let content = args.format.content();
    let output = Output::open(args.out.as_deref(), content, terminal, out)?;
    let source = args.place.source(environment, Arc::new(SystemClock))?;
    let time_zone = args.time_zone.as_deref();
    let range = TypedRange { from: args.from.as_ref(), to: args.to.as_ref(), time_zone };
    let (from, to) = range.ends(SystemClock.now_ms(), || usual_zone(&*source))?;
    let mut pairs = vec![("format", args.format.name().to_owned())];
    pairs.extend(from.map(|from| ("from", from.text)));
    pairs.extend(to.map(|to| ("to", to.text)));
    pairs.extend(args.time_zone.clone().map(|zone| ("time_zone", zone)));
    if args.open == OpenSessions::Exclude {
        pairs.push(("include_open", "false".into()));
    }
    let query = Query { table: args.table.name(), pairs, ..Query::of(Report::Export) };
    let mut response = source.query(&query).map_err(in_flags)?;
    let progress = byte_progress(terminal, output.is_terminal());
    let outcome = output.put_response(&mut *response, content, &progress);
    progress.finish_and_clear();
    outcome
}

/// Renames the parts of a refusal to the flags of the command line.
fn in_flags(error: Error) -> Error {
    let Error::Refused { message, faults } = error else { return error };
    let flag = |path: String| match path.trim_start_matches(['/', '?']) {
        "" => String::new(),
        "include_open" => "--open".into(),
        name => format!("--{}", name.replace('_', "-")),
    };
    let faults = faults.into_iter().map(|fault| Fault { path: flag(fault.path), ..fault }).collect();
    Error::Refused { message, faults }
}
