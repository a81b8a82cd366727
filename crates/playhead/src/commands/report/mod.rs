//! `playhead report`: metrics by dimensions and time, as a table (with spark lines on a terminal) or as a file.

pub(crate) mod panel;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use indicatif::ProgressBar;
use playhead_node::clock::{Clock, SystemClock};
use playhead_node::tables::queries::Report;
use playhead_report::Zone;
use playhead_report::names::dimension::Dimension;
use serde_json::{Map, Value, json};

use crate::commands::filter_text::FilterText;
use crate::commands::report::panel::{PanelFlags, SharedFlags};
use crate::commands::typed_time::{End, TypedRange, TypedTime};
use crate::error::{Error, Fault};
use crate::settings::environment::Environment;
use crate::source::place::LakePlaceArgs;
use crate::source::server::ServerSource;
use crate::source::{Query, query_json, usual_zone};
use crate::terminal::catalogue_table;
use crate::terminal::output::{Content, Output, ResponseFormat, byte_progress};
use crate::terminal::response_table::{Response, Shape, response_table, spark_lines};
use crate::terminal::tables::Terminal;

/// The arguments of `playhead report`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ReportArgs {
    /// Metrics to count: content_starts, content_time_spent, ...
    #[arg(value_name = "METRIC", required_unless_present_any = ["list", "panel"])]
    pub metrics: Vec<String>,
    /// Print all metrics and dimensions with their meaning; this needs no data, and asks a server only with --server
    #[arg(long, conflicts_with_all = ["metrics", "by", "from", "to", "granularity", "time_zone", "filter", "segment", "order_by", "limit", "names", "open", "panel"])]
    pub list: bool,
    /// A panel in place of metrics.
    #[command(flatten)]
    pub panel: PanelFlags,
    /// Break the numbers down by this dimension; at most three, of a panel one
    #[arg(long, value_name = "DIMENSION", value_delimiter = ',')]
    pub by: Vec<String>,
    /// Only sessions that started at or after this time: 2026-11-01T12:00:00Z; a date, today or yesterday in the time
    /// zone; now; or so long ago: 7d, 24h, 30m
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub from: Option<TypedTime>,
    /// Only sessions that started before this time, which is not part of the range
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub to: Option<TypedTime>,
    /// Step of the time series: none, minute, hour, day, week or month; of concurrency second or minute
    #[arg(long, value_name = "STEP")]
    pub granularity: Option<String>,
    /// Time zone of dates and steps, such as Europe/Berlin [default: that of reports that name none]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Count only rows that match, such as channel=web; with several filters, all must match
    #[arg(long, value_name = "EXPR")]
    pub filter: Vec<FilterText>,
    /// Count only a standard segment: audio, video, live, ...
    #[arg(long, value_name = "NAME")]
    pub segment: Option<String>,
    /// Order rows by these columns; - before a column means descending
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',', allow_hyphen_values = true)]
    pub order_by: Vec<String>,
    /// Maximum number of rows
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Show the latest name beside each content and ad id; a table always does
    #[arg(long)]
    pub names: bool,
    /// Whether open sessions are counted
    #[arg(long, value_name = "include|exclude", hide_possible_values = true, default_value = "include")]
    pub open: OpenSessions,
    /// Output format
    #[arg(long, value_name = "table|json|csv|parquet", hide_possible_values = true, default_value = "table")]
    pub format: ResponseFormat,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The location of the sessions.
    #[command(flatten)]
    pub place: LakePlaceArgs,
}

/// Whether open sessions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OpenSessions {
    /// Open sessions are included
    Include,
    /// Open sessions are excluded
    Exclude,
}

/// Prints a report.
///
/// # Errors
///
/// [`Error::Refused`] with all faults if the query is invalid; another error if it fails or cannot be printed.
pub(crate) fn report(
    args: &ReportArgs,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let content = args.format.content();
    if args.list && !matches!(args.format, ResponseFormat::Table | ResponseFormat::Json) {
        return Err(Error::WrongCall("--list needs --format table or json".into()));
    }
    if args.panel.panel.is_some() && args.format == ResponseFormat::Table {
        return Err(Error::WrongCall("--panel needs --format json, csv or parquet".into()));
    }
    let output = Output::open(args.out.as_deref(), content, terminal, out)?;
    if args.list {
        return list(args, environment, output, terminal);
    }
    let source = args.place.source(environment, Arc::new(SystemClock))?;
    let time_zone = args.time_zone.as_deref();
    let range = TypedRange { from: args.from.as_ref(), to: args.to.as_ref(), time_zone };
    let ends = range.ends(SystemClock.now_ms(), || usual_zone(&*source))?;
    let accept = args.format.media_type();
    let query = match args.panel.panel {
        Some(panel) => {
            Query { pairs: panel_pairs(args, ends), accept, ..Query::of(Report::Panel(panel.panel())) }
        }
        None => {
            let body = query_body(args, ends).to_string();
            Query { body: Some(body), accept, ..Query::of(Report::Query) }
        }
    };
    if args.format != ResponseFormat::Table {
        let mut response = source.query(&query).map_err(in_flags)?;
        let progress = byte_progress(terminal, output.is_terminal());
        let outcome = output.put_response(&mut *response, content, &progress);
        progress.finish_and_clear();
        return outcome;
    }
    let response: Response = query_json(&*source, &query).map_err(in_flags)?;
    let terminal = Terminal { is_stdout: output.is_terminal(), ..terminal };
    output.put_text(&drawn(&response, shape(args), terminal))
}

/// The table; on a terminal with spark lines below it.
fn drawn(response: &Response, shape: Shape, terminal: Terminal) -> String {
    let mut text = response_table(response, shape, terminal);
    let width = terminal.is_stdout.then(|| terminal.width());
    if let Some(lines) = width.and_then(|width| spark_lines(response, shape, width, terminal)) {
        text.push_str("\n\n");
        text.push_str(&lines);
    }
    text
}

fn shape(args: &ReportArgs) -> Shape {
    let granularity = args.granularity.as_deref().unwrap_or("none");
    Shape {
        is_series: granularity != "none",
        is_by_day: matches!(granularity, "day" | "week" | "month"),
        dimensions: args.by.len(),
        names: if has_names(args) { nameable(args) } else { 0 },
    }
}

/// Whether the response has names. A table has them without being told, where there are some.
fn has_names(args: &ReportArgs) -> bool {
    let is_by_name = |name: &str| args.by.iter().any(|by| by == name);
    let names = args.by.iter().filter_map(|by| Dimension::named(by)?.named_by());
    let is_named_already = names.clone().any(is_by_name);
    args.names || (args.format == ResponseFormat::Table && names.count() > 0 && !is_named_already)
}

/// How many of the dimensions have names.
fn nameable(args: &ReportArgs) -> usize {
    args.by
        .iter()
        .filter(|by| Dimension::named(by).is_some_and(|dimension| dimension.named_by().is_some()))
        .count()
}

/// The body of `POST /query`.
fn query_body(args: &ReportArgs, (from, to): (Option<End>, Option<End>)) -> Value {
    let mut query = Map::new();
    query.insert("metrics".into(), json!(args.metrics));
    let mut set = |name: &str, value: Value| {
        let is_given = !matches!(&value, Value::Null) && value.as_array().is_none_or(|list| !list.is_empty());
        if is_given {
            query.insert(name.into(), value);
        }
    };
    set("dimensions", json!(args.by));
    set("from", json!(from.map(|from| from.text)));
    set("to", json!(to.map(|to| to.text)));
    set("granularity", json!(args.granularity));
    set("time_zone", json!(args.time_zone));
    set("filters", args.filter.iter().map(FilterText::condition).cloned().collect());
    set("segment", json!(args.segment));
    set("order_by", json!(args.order_by));
    set("limit", json!(args.limit));
    if has_names(args) {
        set("names", json!(true));
    }
    if args.open == OpenSessions::Exclude {
        set("include_open", json!(false));
    }
    Value::Object(query)
}

/// The query string of a panel.
fn panel_pairs(args: &ReportArgs, (from, to): (Option<End>, Option<End>)) -> Vec<(&'static str, String)> {
    let parameters = args.panel.parameters(&SharedFlags {
        by: &args.by,
        granularity: args.granularity.as_deref(),
        filter: &args.filter,
        segment: args.segment.as_deref(),
        limit: args.limit,
        names: args.names,
    });
    let written = |(name, value): (&'static str, Value)| match value {
        Value::String(text) => (name, text),
        other => (name, other.to_string()),
    };
    let mut pairs: Vec<(&'static str, String)> = parameters.into_iter().map(written).collect();
    pairs.extend(from.map(|from| ("from", from.text)));
    pairs.extend(to.map(|to| ("to", to.text)));
    pairs.extend(args.time_zone.clone().map(|zone| ("time_zone", zone)));
    if args.open == OpenSessions::Exclude {
        pairs.push(("include_open", "false".to_owned()));
    }
    pairs
}

/// The same error, with the flags of the call in place of parts of the query.
pub(crate) fn in_flags(error: Error) -> Error {
    let Error::Refused { message, faults } = error else { return error };
    let faults = faults.into_iter().map(|fault| Fault { path: flag_of(&fault.path), ..fault }).collect();
    Error::Refused { message, faults }
}

/// The flag that gives a part of the query.
pub(crate) fn flag_of(path: &str) -> String {
    let part = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    match part {
        "" => String::new(),
        "metrics" => "METRIC".into(),
        "dimensions" => "--by".into(),
        "filters" => "--filter".into(),
        "include_open" => "--open".into(),
        other => format!("--{}", other.replace('_', "-")),
    }
}

/// The catalogue of a server, which may be another release, or that of this program. No data is needed for it.
fn list(
    args: &ReportArgs,
    environment: &Environment,
    output: Output<'_>,
    terminal: Terminal,
) -> Result<(), Error> {
    let catalogue: Value = match args.place.place.server(environment)? {
        Some((client, token)) => {
            query_json(&ServerSource::new(client, token), &Query::of(Report::Catalogue))?
        }
        None => playhead_report::catalogue(&Zone::UTC),
    };
    if args.format == ResponseFormat::Json {
        let mut response = catalogue.to_string();
        response.push('\n');
        return output.put_response(&mut response.as_bytes(), Content::Json, &ProgressBar::hidden());
    }
    let terminal = Terminal { is_stdout: output.is_terminal(), ..terminal };
    let catalogue = serde_json::from_value(catalogue).map_err(|error| Error::System {
        context: "cannot read the catalogue",
        message: error.to_string(),
    })?;
    output.put_text(&catalogue_table::catalogue_table(&catalogue, terminal))
}
