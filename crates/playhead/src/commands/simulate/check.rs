//! The check: reports beside expected totals.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use playhead_node::clock::SystemClock;
use playhead_node::tables::queries::Report;
use playhead_simulate::{Checked, Compared, Expectation, ExpectationError, NotAReport, Reports, check};
use serde_json::{Value, json};

use crate::commands::simulate::args::SimulateArgs;
use crate::commands::simulate::json_file::write_json;
use crate::error::Error;
use crate::settings::environment::Environment;
use crate::source::{Query, Source, query_json};
use crate::terminal::printable::printable;
use crate::terminal::tables::{Heading, Table, Terminal};

/// Differences that are shown; a file of `--json` has all.
const SHOWN_DIFFERENCES: usize = 40;

/// Queries to a server or a data directory.
struct Asked<'source>(&'source dyn Source);

impl Reports for Asked<'_> {
    type Error = Error;

    fn query(&self, body: &Value) -> Result<Value, Error> {
        query_json(self.0, &Query { body: Some(body.to_string()), ..Query::of(Report::Query) })
    }

    fn sql(&self, statement: &str) -> Result<Value, Error> {
        let body = json!({"query": statement}).to_string();
        query_json(self.0, &Query { body: Some(body), ..Query::of(Report::Sql) })
    }
}

impl From<NotAReport> for Error {
    fn from(error: NotAReport) -> Self {
        Self::System { context: "cannot check the reports", message: error.to_string() }
    }
}

impl From<ExpectationError> for Error {
    fn from(error: ExpectationError) -> Self {
        Self::Expectation(error)
    }
}

/// Checks the reports.
pub(super) fn check_file(
    args: &SimulateArgs,
    file: &Path,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let expectation = Expectation::read(file)?;
    let source = args.place.source(environment, Arc::new(SystemClock))?;
    let wait = Duration::from_millis(args.wait.as_ms().unsigned_abs());
    let progress = progress_bar(terminal);
    let checked = check(&expectation, &Asked(&*source), wait, &mut |open| {
        progress.set_message(format!("{open} sessions are open"));
        progress.tick();
    });
    progress.finish_and_clear();
    let checked = checked?;
    print(&checked, terminal, out)?;
    write_json(args.json.as_deref(), &checked)?;
    if checked.is_fine() { Ok(()) } else { Err(Error::Findings) }
}

fn progress_bar(terminal: Terminal) -> ProgressBar {
    if !terminal.is_stderr {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{spinner} {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn print(checked: &Checked, terminal: Terminal, out: &mut dyn Write) -> Result<(), Error> {
    let Checked { run, sessions, compared, .. } = checked;
    writeln!(out, "run {run}: {sessions} sessions, {compared} values compared")?;
    if checked.ranges > 0 {
        let ranges = checked.ranges;
        writeln!(out, "{ranges} values are expected as a range, because some answers never came")?;
    }
    if checked.cut_sessions > 0 {
        let sessions = checked.cut_sessions;
        writeln!(
            out,
            "{sessions} sessions have more gaps than can be followed: their ranges are too narrow"
        )?;
    }
    if checked.open_sessions > 0 {
        let ids = checked.open_session_ids.join("\n  ");
        writeln!(out, "{} sessions are open still, among them\n  {ids}", checked.open_sessions)?;
    }
    if checked.differences.is_empty() {
        writeln!(out, "the reports show what is expected")?;
        return Ok(());
    }
    let differences = checked.differences.len();
    writeln!(out, "{differences} values differ:\n\n{}", difference_table(&checked.differences, terminal))?;
    if differences > SHOWN_DIFFERENCES {
        writeln!(out, "and {} more; --json has all", differences - SHOWN_DIFFERENCES)?;
    }
    if !checked.explanations.is_empty() {
        writeln!(out, "\nsessions that could explain it:")?;
    }
    for explanation in &checked.explanations {
        writeln!(out, "  {}", printable(explanation))?;
    }
    Ok(())
}

fn difference_table(differences: &[Compared], terminal: Terminal) -> String {
    let mut table = Table::new([
        Heading::clipped("of"),
        Heading::whole("metric"),
        Heading::whole("expected").right(),
        Heading::whole("found").right(),
    ]);
    for compared in differences.iter().take(SHOWN_DIFFERENCES) {
        let of = match (&compared.dimension, &compared.value) {
            (Some(dimension), Some(value)) => format!("{dimension} {value}"),
            _ => "all sessions".to_owned(),
        };
        let expected = match compared.low == compared.high {
            true => compared.low.to_string(),
            false => format!("{} to {}", compared.low, compared.high),
        };
        table.add_row([
            printable(&of).into_owned(),
            compared.metric.clone(),
            expected,
            compared.found.to_string(),
        ]);
    }
    table.text(terminal, "--json or a pipe")
}
