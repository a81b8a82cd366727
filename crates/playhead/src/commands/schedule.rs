//! `playhead schedule`: reports that a server sends by itself.

use std::io::Write;

use playhead_journal::open_reader;
use playhead_node::schedules::schedules_in;
use serde_json::{Map, Value, json};

use crate::commands::filter_text::FilterText;
use crate::commands::report::flag_of;
use crate::commands::report::panel::{PanelFlags, PanelName, SharedFlags};
use crate::error::{Error, Fault};
use crate::settings::Effective;
use crate::settings::environment::Environment;
use crate::source::client::{Client, Request};
use crate::source::place::PlaceArgs;
use crate::terminal::printable::{printable, printable_json};
use crate::terminal::schedule_tables;
use crate::terminal::tables::{Format, Terminal};

/// The path of all schedules.
const SCHEDULES: &str = "/reports/v1/schedules";

/// The arguments of `playhead schedule`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ScheduleArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Action {
    /// List all schedules with their last run
    List(Common),
    /// Add a schedule
    Add(Box<AddArgs>),
    /// Remove a schedule; files that it wrote stay
    Remove(NamedArgs),
    /// Send the report of a schedule now
    Run(NamedArgs),
}

#[derive(Debug, Clone, clap::Args)]
struct Common {
    /// The server or the data directory.
    #[command(flatten)]
    place: PlaceArgs,
    /// Output format
    #[arg(long, value_name = "table|json", value_enum, hide_possible_values = true, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, clap::Args)]
struct NamedArgs {
    /// The name of the schedule, or its id
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, clap::Args)]
struct AddArgs {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// Metrics to count, as `playhead report` takes them
    #[arg(value_name = "METRIC", required_unless_present = "panel")]
    metrics: Vec<String>,
    #[command(flatten)]
    panel: PanelFlags,
    /// Break the numbers down by this dimension; at most three
    #[arg(long, value_name = "DIMENSION", value_delimiter = ',')]
    by: Vec<String>,
    /// Step of the time series: none, minute, hour, day, week or month; of concurrency second or minute
    #[arg(long, value_name = "STEP")]
    granularity: Option<String>,
    /// Count only rows that match, such as channel=web; with several filters, all must match
    #[arg(long, value_name = "EXPR")]
    filter: Vec<FilterText>,
    /// Count only a standard segment: audio, video, live, ...
    #[arg(long, value_name = "NAME")]
    segment: Option<String>,
    /// Order rows by these columns; - before a column means descending
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',', allow_hyphen_values = true)]
    order_by: Vec<String>,
    /// Maximum number of rows
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Show the latest name beside each content and ad id
    #[arg(long)]
    names: bool,
    /// The range, up to when the schedule is due: today, yesterday, last_week, last_month, or so many whole days or hours: 7d,
    /// 24h
    #[arg(long, value_name = "RANGE", default_value = "yesterday")]
    range: String,
    /// How often it is due
    #[arg(long, value_name = "hour|day|week|month", value_parser = ["hour", "day", "week", "month"],
        hide_possible_values = true, default_value = "day")]
    every: String,
    /// The day of the week (monday, ...) or of the month (1 to 31; the last one of a shorter month)
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    /// The time of day, such as 06:00
    #[arg(long, value_name = "HH:MM")]
    at: Option<String>,
    /// The minute of each hour
    #[arg(long, value_name = "MINUTE")]
    minute: Option<u8>,
    /// Time zone of the range and of the times [default: that of reports that name none]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Write the file into this folder below the server's directory for reports; . is that directory itself
    #[arg(long, value_name = "FOLDER", conflicts_with = "webhook", required_unless_present = "webhook")]
    folder: Option<String>,
    /// Send the file to this URL
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// As which file the report is sent
    #[arg(long, value_name = "csv|png", value_parser = ["csv", "png"], hide_possible_values = true,
        default_value = "csv")]
    file_format: String,
    #[command(flatten)]
    common: Common,
}

/// Lists, adds, removes or runs schedules.
///
/// # Errors
///
/// If the schedule is invalid or its report is not sent, or the server or the journal cannot be used.
pub(crate) fn schedule(
    args: &ScheduleArgs,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let common = match &args.action {
        Action::List(common) => common,
        Action::Add(args) => &args.common,
        Action::Remove(args) | Action::Run(args) => &args.common,
    };
    let Some((client, token)) = common.place.server(environment)? else {
        if !matches!(args.action, Action::List(_)) {
            let message = "schedules are kept and run by a running server: name it with --server";
            return Err(Error::WrongCall(message.into()));
        }
        let reader = open_reader(&common.place.data(environment)?)?;
        let zone = environment.settings()?.time_zone.unwrap_or_else(|| Effective::default().time_zone.value);
        let list = serde_json::to_value(schedules_in(&reader, &zone)?);
        let list = list.map_err(|error| Error::Output(error.into()))?;
        return print(common, &list, || schedule_tables::schedules(&list, terminal), out);
    };
    let token = token.as_deref();
    match &args.action {
        Action::List(_) => {
            let list = asked(&client, SCHEDULES, None, token)?;
            print(common, &list, || schedule_tables::schedules(&list, terminal), out)
        }
        Action::Add(args) => {
            let body = body_of(args)?.to_string();
            let kept = asked(&client, SCHEDULES, Some(&body), token).map_err(in_flags)?;
            print(common, &kept, || schedule_tables::schedule(&kept), out)
        }
        Action::Remove(args) => {
            let id = id_of(&client, &args.name, token)?;
            client.delete(&format!("{SCHEDULES}/{id}"), token)?;
            let name = printable(&args.name);
            print(common, &json!({"id": id}), || format!("schedule {name} is removed"), out)
        }
        Action::Run(args) => {
            let id = id_of(&client, &args.name, token)?;
            let run = asked(&client, &format!("{SCHEDULES}/{id}/run"), Some(""), token)?;
            print(common, &run, || schedule_tables::run(&run), out)?;
            if run["outcome"] == "sent" { Ok(()) } else { Err(Error::Findings) }
        }
    }
}

/// The id of the schedule that has this name, or this id.
fn id_of(client: &Client, name: &str, token: Option<&str>) -> Result<String, Error> {
    let list = asked(client, SCHEDULES, None, token)?;
    let schedules = list["schedules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named = schedules.iter().filter(|schedule| schedule["id"] == name || schedule["name"] == name);
    // An id as the server writes it; anything else could name another path.
    let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let ids: Vec<&str> = named.filter_map(|schedule| schedule["id"].as_str()).filter(is_id).collect();
    match ids[..] {
        [id] => Ok(id.to_owned()),
        [] => Err(Error::WrongCall(format!("there is no schedule `{}`", printable(name)))),
        _ => {
            let (name, ids) = (printable(name), ids.join(", "));
            Err(Error::WrongCall(format!("there are several schedules `{name}`; give the id of one: {ids}")))
        }
    }
}

/// The report: a query of metrics, or a panel.
fn report_of(args: &AddArgs) -> Value {
    if let Some(panel) = args.panel.panel {
        let kind = match panel {
            PanelName::Concurrency => "concurrency",
            PanelName::Quality => "quality",
        };
        let parameters = args.panel.parameters(&SharedFlags {
            by: &args.by,
            granularity: args.granularity.as_deref(),
            filter: &args.filter,
            segment: args.segment.as_deref(),
            limit: args.limit,
            names: args.names,
        });
        let named = parameters.into_iter().map(|(name, value)| (name.to_owned(), value));
        let parameters: Map<String, Value> = named.collect();
        return json!({"kind": kind, "parameters": parameters});
    }
    let mut query = Map::new();
    query.insert("metrics".into(), json!(args.metrics));
    let mut set = |name: &str, value: Value| {
        let is_given = !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
        if is_given {
            query.insert(name.into(), value);
        }
    };
    set("dimensions", json!(args.by));
    set("granularity", json!(args.granularity));
    set("filters", args.filter.iter().map(FilterText::condition).cloned().collect());
    set("segment", json!(args.segment));
    set("order_by", json!(args.order_by));
    set("limit", json!(args.limit));
    if args.names {
        set("names", json!(true));
    }
    json!({"kind": "query", "parameters": query})
}

fn body_of(args: &AddArgs) -> Result<Value, Error> {
    let to = match (&args.folder, &args.webhook) {
        (Some(folder), _) => json!({"folder": folder}),
        (None, url) => json!({"webhook": url}),
    };
    Ok(json!({
        "name": args.name,
        "report": report_of(args),
        "range": args.range,
        "time_zone": args.time_zone,
        "when": when_of(args)?,
        "format": args.file_format,
        "to": to,
    }))
}

/// When it is due. Flags that this choice has no use for are an error, and so are those that it lacks.
fn when_of(args: &AddArgs) -> Result<Value, Error> {
    let given =
        [("--minute", args.minute.is_some()), ("--on", args.on.is_some()), ("--at", args.at.is_some())];
    let needed: &[&str] = match &*args.every {
        "hour" => &["--minute"],
        "day" => &["--at"],
        _ => &["--on", "--at"],
    };
    let every = &args.every;
    let wrong: Vec<String> = given
        .into_iter()
        .filter(|(flag, is_given)| needed.contains(flag) != *is_given)
        .map(|(flag, is_given)| match is_given {
            true => format!("{flag} means nothing with --every {every}"),
            false => format!("--every {every} needs {flag}"),
        })
        .collect();
    if !wrong.is_empty() {
        return Err(Error::WrongCall(wrong.join("; ")));
    }
    let mut when = json!({"every": every});
    match (&**every, &args.on) {
        ("hour", _) => when["minute"] = json!(args.minute),
        ("week", Some(day)) => when["weekday"] = json!(day),
        ("month", Some(day)) => when["day"] = day.parse::<u8>().map_or_else(|_| json!(day), |day| json!(day)),
        _ => {}
    }
    if let Some(at) = &args.at {
        when["at"] = json!(at);
    }
    Ok(when)
}

/// Renames the parts of a refusal to the flags of the command line.
fn in_flags(error: Error) -> Error {
    let Error::Refused { message, faults } = error else { return error };
    let faults = faults.into_iter().map(|fault| {
        let path = match fault.path.strip_prefix("/report/parameters/") {
            Some(part) => flag_of(part),
            None => match &*fault.path {
                "/name" => "NAME".into(),
                "/when/weekday" | "/when/day" => "--on".into(),
                "/when/at" => "--at".into(),
                "/when/minute" => "--minute".into(),
                "/format" => "--file-format".into(),
                "/to/folder" => "--folder".into(),
                "/to/webhook" => "--webhook".into(),
                other => flag_of(other),
            },
        };
        Fault { path, ..fault }
    });
    Error::Refused { message, faults: faults.collect() }
}

fn asked(client: &Client, path: &str, body: Option<&str>, token: Option<&str>) -> Result<Value, Error> {
    let request = Request { path, pairs: &[], body, accept: "application/json" };
    let response = client.query(request, token)?;
    serde_json::from_reader(response).map_err(|error| Error::BrokenOff(error.to_string()))
}

fn print(
    common: &Common,
    value: &Value,
    text: impl FnOnce() -> String,
    out: &mut dyn Write,
) -> Result<(), Error> {
    match common.format {
        Format::Table => writeln!(out, "{}", text())?,
        Format::Json => writeln!(out, "{}", printable_json(&value.to_string()))?,
    }
    Ok(())
}
