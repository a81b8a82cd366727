//! `playhead report`: metrics by dimensions and time, as a table (with spark lines on a terminal) or as a file.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use playhead_node::clock::SystemClock;
use playhead_node::tables::queries::Report;
use playhead_report::names::dimension::Dimension;
use serde_json::{Map, Value, json};

use crate::commands::filter_text::FilterText;
use crate::error::{Error, Fault};
use crate::settings::environment::Environment;
use crate::source::place::LakePlaceArgs;
use crate::source::{Query, Source, query_json};
use crate::terminal::catalogue_table;
use crate::terminal::output::{Content, Output, ResponseFormat, byte_progress};
use crate::terminal::response_table::{Response, Shape, response_table, spark_lines};
use crate::terminal::tables::{Terminal, table};

/// The arguments of `playhead report`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ReportArgs {
    /// Metrics to count: content_starts, content_time_spent, ...
    #[arg(value_name = "METRIC", required_unless_present = "list")]
    pub metrics: Vec<String>,
    /// Print all metrics and dimensions with their meaning
    #[arg(long, conflicts_with_all = ["metrics", "by", "from", "to", "granularity", "time_zone", "filter", "segment", "order_by", "limit", "names", "open"])]
    pub list: bool,
    /// Break the numbers down by this dimension; at most three
    #[arg(long, value_name = "DIMENSION", value_delimiter = ',')]
    pub by: Vec<String>,
    /// Only sessions that started at or after this time: 2026-11-01T12:00:00Z, or a date in the time zone
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Only sessions that started before this time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Step of the time series: none, minute, hour, day, week or month
    #[arg(long, value_name = "STEP")]
    pub granularity: Option<String>,
    /// Time zone of dates and steps, such as Europe/Berlin [default: UTC]
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
    let output = Output::open(args.out.as_deref(), content, terminal, out)?;
    let source = args.place.source(environment, Arc::new(SystemClock))?;
    if args.list {
        return list(args, &*source, output, terminal);
    }
    let body = query_body(args).to_string();
    let query = Query { body: Some(body), accept: args.format.media_type(), ..Query::of(Report::Query) };
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
    let width = terminal.is_stdout.then(|| table(terminal, &[]).width()).flatten();
    if let Some(lines) = width.and_then(|width| spark_lines(response, shape, width.into(), terminal)) {
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
fn query_body(args: &ReportArgs) -> Value {
    let mut query = Map::new();
    query.insert("metrics".into(), json!(args.metrics));
    let mut set = |name: &str, value: Value| {
        let is_given = !matches!(&value, Value::Null) && value.as_array().is_none_or(|list| !list.is_empty());
        if is_given {
            query.insert(name.into(), value);
        }
    };
    set("dimensions", json!(args.by));
    set("from", json!(args.from));
    set("to", json!(args.to));
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

/// Renames the parts of a refusal to the flags of the command line.
fn in_flags(error: Error) -> Error {
    let Error::Refused { message, faults } = error else { return error };
    let faults = faults.into_iter().map(|fault| Fault { path: flag_of(&fault.path), ..fault }).collect();
    Error::Refused { message, faults }
}

fn flag_of(path: &str) -> String {
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

fn list(args: &ReportArgs, source: &dyn Source, output: Output<'_>, terminal: Terminal) -> Result<(), Error> {
    let query = Query::of(Report::Catalogue);
    if args.format == ResponseFormat::Json {
        let mut response = source.query(&query)?;
        return output.put_response(&mut *response, Content::Json, &indicatif::ProgressBar::hidden());
    }
    let terminal = Terminal { is_stdout: output.is_terminal(), ..terminal };
    let catalogue = query_json(source, &query)?;
    output.put_text(&catalogue_table::catalogue_table(&catalogue, terminal))
}
