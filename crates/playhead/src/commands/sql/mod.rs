//! `playhead sql`: one query over the tables, or a prompt for several.

pub(crate) mod completion;
pub(crate) mod prompt;
pub(crate) mod statements;

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use playhead_node::clock::SystemClock;
use playhead_node::tables::queries::Report;
use serde_json::json;

use crate::error::Error;
use crate::settings::environment::Environment;
use crate::source::place::LakePlaceArgs;
use crate::source::{Query, Source, query_json};
use crate::terminal::output::{Output, ResponseFormat, byte_progress};
use crate::terminal::sql_rows::{SqlRows, rows_text};
use crate::terminal::streams::Streams;
use crate::terminal::tables::Terminal;

/// The maximum length of a query from standard input.
const QUERY_BYTES: u64 = 1024 * 1024;

/// The arguments of `playhead sql`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SqlArgs {
    /// Query, or \\d, which needs no data; without it, the command reads standard input, or shows a prompt at a terminal
    #[arg(value_name = "QUERY")]
    pub query: Option<String>,
    /// Output format
    #[arg(long, value_name = "table|json|csv|parquet", hide_possible_values = true, default_value = "table")]
    pub format: ResponseFormat,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The location of the tables.
    #[command(flatten)]
    pub place: LakePlaceArgs,
}

/// Runs one query, or the queries typed at a prompt.
///
/// # Errors
///
/// [`Error::Refused`] with the query engine's message if the query is invalid; another error if it fails or cannot be
/// printed.
pub(crate) fn sql(
    args: &SqlArgs,
    environment: &Environment,
    terminal: Terminal,
    streams: &mut Streams<'_>,
) -> Result<(), Error> {
    let is_prompt = args.query.is_none() && terminal.is_stdin;
    if is_prompt && (args.out.is_some() || args.format != ResponseFormat::Table) {
        return Err(Error::WrongCall("--format and --out need a QUERY; the prompt shows tables only".into()));
    }
    if is_prompt {
        let source = args.place.source(environment, Arc::new(SystemClock))?;
        return prompt::prompt(&*source, environment, terminal, streams);
    }
    let query = match &args.query {
        Some(query) => query.clone(),
        None => read_query(streams.input)?,
    };
    if query.trim().is_empty() {
        return Err(Error::WrongCall("the query is empty".into()));
    }
    let output = Output::open(args.out.as_deref(), args.format.content(), terminal, streams.out)?;
    let on_output = Terminal { is_stdout: output.is_terminal(), ..terminal };
    if let Some(text) = prompt::described(&query, on_output)? {
        return match args.format {
            ResponseFormat::Table => output.put_text(&text),
            _ => Err(Error::WrongCall("commands such as \\d need --format table".into())),
        };
    }
    let source = args.place.source(environment, Arc::new(SystemClock))?;
    if args.format == ResponseFormat::Table {
        let rows = ask(&*source, &query)?;
        output.put_text(&rows_text(&rows.rows, rows.took, on_output))?;
        return note_cut(&rows.rows, streams.notes);
    }
    let query = Query { accept: args.format.media_type(), ..query_of(&query) };
    let mut response = source.query(&query)?;
    let progress = byte_progress(terminal, output.is_terminal());
    let outcome = output.put_response(&mut *response, args.format.content(), &progress);
    progress.finish_and_clear();
    outcome
}

/// Rows, and the time that the query took.
pub(crate) struct Timed {
    pub(crate) rows: SqlRows,
    pub(crate) took: std::time::Duration,
}

/// Runs one query.
///
/// # Errors
///
/// As for [`sql`].
pub(crate) fn ask(source: &dyn Source, query: &str) -> Result<Timed, Error> {
    let began = Instant::now();
    let rows = query_json(source, &query_of(query))?;
    Ok(Timed { rows, took: began.elapsed() })
}

/// Notes that the query has more rows than the response.
///
/// # Errors
///
/// If the note cannot be written.
pub(crate) fn note_cut(rows: &SqlRows, notes: &mut dyn Write) -> Result<(), Error> {
    if rows.is_truncated {
        let count = rows.rows.len();
        writeln!(
            notes,
            "There are more than these {count} rows; --format csv or parquet gives all of them."
        )?;
    }
    Ok(())
}

fn query_of(query: &str) -> Query<'static> {
    // Only the prompt needs a semicolon; the statement ends with the text.
    let query = query.trim().trim_end_matches(';');
    Query { body: Some(json!({"query": query}).to_string()), ..Query::of(Report::Sql) }
}

fn read_query(input: &mut dyn Read) -> Result<String, Error> {
    let unreadable = |message: String| Error::System { context: "cannot read standard input", message };
    let mut bytes = Vec::new();
    let read = input.take(QUERY_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > QUERY_BYTES {
        return Err(Error::WrongCall(format!("the query is longer than {QUERY_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| Error::WrongCall("the query is not UTF-8 text".into()))
}
