//! `playhead annotate`: says what happened at a time, and lists what was said.

use std::io::Write;

use playhead_journal::open_reader;
use playhead_node::clock::{Clock, SystemClock};
use playhead_node::kept::annotations_in;
use playhead_report::Zone;
use playhead_session::rfc3339;
use serde_json::{Value, json};

use crate::commands::typed_time::TypedTime;
use crate::error::Error;
use crate::settings::environment::Environment;
use crate::source::client::{Client, Request};
use crate::source::place::PlaceArgs;
use crate::source::server::ServerSource;
use crate::source::usual_zone;
use crate::terminal::annotation_tables;
use crate::terminal::printable::{printable, printable_json};
use crate::terminal::tables::{Format, Terminal};

/// The path of all annotations.
const ANNOTATIONS: &str = "/reports/v1/annotations";

/// The arguments of `playhead annotate`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct AnnotateArgs {
    /// What happened, in one line; without it, all annotations are listed
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
    /// When it happened, or began: 2026-11-01T12:00:00Z; a date, today or yesterday in the time zone of reports; or so long
    /// ago: 7d, 24h, 30m [default: now]
    #[arg(long, value_name = "TIME", requires = "text", allow_hyphen_values = true)]
    pub at: Option<TypedTime>,
    /// When it ended; without it, it is a moment
    #[arg(long, value_name = "TIME", requires = "text", allow_hyphen_values = true)]
    pub to: Option<TypedTime>,
    /// What it is about
    #[arg(long, value_name = "release|outage|other", value_parser = ["release", "outage", "other"],
        hide_possible_values = true, requires = "text")]
    pub kind: Option<String>,
    /// The report suite that it concerns; without it, it concerns all
    #[arg(long, value_name = "SUITE", requires = "text")]
    pub report_suite: Option<String>,
    /// Remove the annotation with this id
    #[arg(long, value_name = "ID", conflicts_with = "text")]
    pub remove: Option<String>,
    /// The server or the data directory.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Output format
    #[arg(long, value_name = "table|json", value_enum, hide_possible_values = true, default_value = "table")]
    pub format: Format,
}

/// Adds an annotation, removes one, or lists them.
///
/// # Errors
///
/// If the annotation is invalid, or the server or the journal cannot be used.
pub(crate) fn annotate(
    args: &AnnotateArgs,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let Some((client, token)) = args.place.server(environment)? else {
        if args.text.is_some() || args.remove.is_some() {
            let message = "annotations are kept by a running server: name it with --server";
            return Err(Error::WrongCall(message.into()));
        }
        let reader = open_reader(&args.place.data(environment)?)?;
        let list = serde_json::to_value(annotations_in(&reader)?);
        return print_list(args, &list.map_err(|error| Error::Output(error.into()))?, terminal, out);
    };
    let source = ServerSource::new(client, token);
    let (client, token) = (source.client(), source.token());
    match (&args.text, &args.remove) {
        (Some(text), _) => {
            let body = body_of(args, text, &source)?.to_string();
            let kept = asked(client, Some(&body), token)?;
            print_kept(args, &kept, out)
        }
        (None, Some(id)) => {
            client.delete(&format!("{ANNOTATIONS}/{}", id_of(id)?), token)?;
            match args.format {
                Format::Table => writeln!(out, "annotation {id} is removed")?,
                Format::Json => writeln!(out, "{}", json!({"id": id}))?,
            }
            Ok(())
        }
        (None, None) => print_list(args, &asked(client, None, token)?, terminal, out),
    }
}

fn body_of(args: &AnnotateArgs, text: &str, source: &ServerSource) -> Result<Value, Error> {
    let depends_on_zone = [&args.at, &args.to].into_iter().flatten().any(TypedTime::depends_on_zone);
    let zone = if depends_on_zone { usual_zone(source)? } else { Zone::UTC };
    let now_ms = SystemClock.now_ms();
    let at_ms = args.at.as_ref().map_or(Ok(now_ms), |at| at.ms("--at", &zone, now_ms))?;
    let to_ms = args.to.as_ref().map(|to| to.ms("--to", &zone, now_ms)).transpose()?;
    Ok(json!({
        "at": rfc3339(at_ms),
        "to": to_ms.map(rfc3339),
        "kind": args.kind.as_deref().unwrap_or("other"),
        "text": text,
        "report_suite": args.report_suite,
    }))
}

/// An id as the server writes it; anything else could name another path.
fn id_of(id: &str) -> Result<&str, Error> {
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id {
        Ok(id)
    } else {
        Err(Error::WrongCall(format!("`{}` is not an id of an annotation", printable(id))))
    }
}

fn asked(client: &Client, body: Option<&str>, token: Option<&str>) -> Result<Value, Error> {
    let request = Request { path: ANNOTATIONS, pairs: &[], body, accept: "application/json" };
    let response = client.query(request, token)?;
    serde_json::from_reader(response).map_err(|error| Error::BrokenOff(error.to_string()))
}

fn print_kept(args: &AnnotateArgs, kept: &Value, out: &mut dyn Write) -> Result<(), Error> {
    match args.format {
        Format::Table => writeln!(out, "{}", annotation_tables::annotation(kept))?,
        Format::Json => writeln!(out, "{}", printable_json(&kept.to_string()))?,
    }
    Ok(())
}

fn print_list(
    args: &AnnotateArgs,
    list: &Value,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    match args.format {
        Format::Table => writeln!(out, "{}", annotation_tables::annotations(list, terminal))?,
        Format::Json => writeln!(out, "{}", printable_json(&list.to_string()))?,
    }
    Ok(())
}
