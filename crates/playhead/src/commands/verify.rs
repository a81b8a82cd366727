//! `playhead verify`: checks that all stored data can be read and is unchanged.

use std::io::Write;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use playhead_journal::{JOURNAL_FILE_NAME, JournalReader, open_reader};
use playhead_lake::{Exclusion, Exclusions, Lake, ROLLUPS, Table};
use playhead_node::exclusions::exclusions_in;
use playhead_node::tables::line::{stored_lake_name, stored_lineage};
use playhead_node::tables::lineage::Parting;
use playhead_session::rfc3339;
use serde::Serialize;

use crate::error::Error;
use crate::settings::environment::Environment;
use crate::source::directory::runtime;
use crate::source::place::{LakePlaceArgs, PlaceArgs};
use crate::terminal::printable::{printable, printable_json};
use crate::terminal::tables::{Format, Heading, Table as TextTable, Terminal};

/// The table of excluded sessions, which comes with the first of them.
const EXCLUSIONS: &str = "exclusions";

/// The least width of an outcome.
const OUTCOME_LEAST: usize = 16;

/// The name of the journal in the list of tables.
const JOURNAL: &str = "journal";

/// The arguments of `playhead verify`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct VerifyArgs {
    /// Read every page of every file, not only sizes and metadata
    #[arg(long)]
    pub thorough: bool,
    /// Output format
    #[arg(long, value_name = "table|json", value_enum, hide_possible_values = true, default_value = "table")]
    pub format: Format,
    /// Data directory, whether a server uses it or not [default: ./playhead-data]
    /// [env: PLAYHEAD_DATA]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Location of the tables: a directory, relative to the data directory, or s3://bucket/prefix with AWS_... variables
    /// [default: lake] [env: PLAYHEAD_LAKE]
    #[arg(long, value_name = "PLACE")]
    pub lake: Option<String>,
}

/// The result of a verification.
#[derive(Debug, Default, Serialize)]
struct Verified {
    findings: Vec<Finding>,
    /// Events in the history of the journal and its tables; nothing is wrong.
    notes: Vec<String>,
    files: u64,
    bytes: u64,
    rows: u64,
    unreferenced_files: u64,
    unreferenced_bytes: u64,
}

/// One fault in the stored data.
#[derive(Debug, Serialize)]
struct Finding {
    /// The journal, a table, or a rollup.
    part: String,
    /// The file, if the finding concerns one.
    file: Option<String>,
    message: String,
}

/// Reads everything and prints the findings. Changes nothing.
///
/// # Errors
///
/// [`Error::Findings`] if there are findings; another error if there is nothing to read, or printing fails.
pub(crate) fn verify(
    args: &VerifyArgs,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let place = PlaceArgs { data: args.data.clone(), ..PlaceArgs::default() };
    let place = LakePlaceArgs { place, lake: args.lake.clone() };
    let data = place.place.data(environment)?;
    let location = place.location(&data, environment)?;
    let (mut findings, mut notes, lake_name) = verify_journal(&data)?;
    let lake = Lake::new(location, &lake_name)?;
    let found = verify_lake(&lake, args.thorough, terminal)?;
    match exclusion_notes(&data, &lake) {
        Ok(sentences) => notes.extend(sentences),
        Err(message) => findings.push(of_journal(message)),
    }
    findings.extend(found.findings.into_iter().map(|finding| Finding {
        part: finding.table.into(),
        file: finding.file,
        message: finding.message,
    }));
    let verified = Verified {
        findings,
        notes,
        files: found.files,
        bytes: found.bytes,
        rows: found.rows,
        unreferenced_files: found.unreferenced_files,
        unreferenced_bytes: found.unreferenced_bytes,
    };
    let text = match args.format {
        Format::Table => drawn(&verified, terminal),
        Format::Json => {
            let json = serde_json::to_string(&verified).map_err(|error| Error::Output(error.into()))?;
            printable_json(&json).into_owned()
        }
    };
    writeln!(out, "{text}")?;
    if verified.findings.is_empty() { Ok(()) } else { Err(Error::Findings) }
}

/// Verifies the journal; returns the findings, the notes, and the name of the journal in the tables.
fn verify_journal(data: &Path) -> Result<(Vec<Finding>, Vec<String>, String), Error> {
    let found = open_reader(data).and_then(|mut reader| {
        let messages = reader.verify()?;
        // A damaged journal must not keep the command from verifying the tables.
        let partings = stored_lineage(&reader).ok().flatten().map(|lineage| lineage.partings().to_vec());
        let notes = partings.iter().flatten().map(Parting::dated_sentence).collect();
        Ok((messages, notes, stored_lake_name(&reader).ok().flatten().unwrap_or_default()))
    });
    let (messages, notes, lake_name) = match found {
        Ok(found) => found,
        Err(
            error @ (playhead_journal::Error::Corrupt(_)
            | playhead_journal::Error::Foreign { .. }
            | playhead_journal::Error::Io { .. }),
        ) => (vec![error.to_string()], Vec::new(), String::new()),
        Err(error) => return Err(error.into()),
    };
    Ok((messages.into_iter().map(of_journal).collect(), notes, lake_name))
}

fn of_journal(message: String) -> Finding {
    Finding { part: JOURNAL.into(), file: Some(JOURNAL_FILE_NAME.into()), message }
}

/// A sentence for each session that is excluded from all reports; or what is wrong with the journal's list of them. A
/// table that cannot be read is a finding already, and so is a journal.
fn exclusion_notes(data: &Path, lake: &Lake) -> Result<Vec<String>, String> {
    let own = match open_reader(data).and_then(|reader| exclusions_in(&reader)) {
        Err(playhead_journal::Error::Corrupt(message)) => return Err(message),
        own => own.unwrap_or_default(),
    };
    let runtime = runtime().map_err(|error| error.to_string())?;
    let stored = runtime.block_on(lake.latest_exclusions()).unwrap_or_default();
    let sentence = |exclusion: &Exclusion| {
        let Exclusion { session, reason, excluded_at_ms, .. } = exclusion;
        format!("session {session} is excluded from all reports since {}: {reason}", rfc3339(*excluded_at_ms))
    };
    Ok(Exclusions::of(own, &stored).list().iter().map(sentence).collect())
}

fn verify_lake(lake: &Lake, is_thorough: bool, terminal: Terminal) -> Result<playhead_lake::Verified, Error> {
    let bar = progress_bar(terminal);
    let found = runtime()?.block_on(lake.verify(is_thorough, |progress| {
        bar.set_message(progress.table);
        bar.set_length(progress.of_files);
        bar.set_position(progress.files);
    }));
    bar.finish_and_clear();
    Ok(found)
}

fn progress_bar(terminal: Terminal) -> ProgressBar {
    if !terminal.is_stderr {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} files") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// One line for each part without findings, and one for each finding.
fn drawn(verified: &Verified, terminal: Terminal) -> String {
    let mut lines = TextTable::new([Heading::whole("part"), Heading::wrapped("outcome", OUTCOME_LEAST)]);
    let tables = Table::ALL.iter().map(|table| table.name());
    let parts = std::iter::once(JOURNAL).chain(tables).chain(ROLLUPS.iter().map(|rollup| rollup.name));
    let parts = parts.chain([EXCLUSIONS]);
    for part in parts {
        let mut of_part = verified.findings.iter().filter(|finding| finding.part == part).peekable();
        if of_part.peek().is_none() {
            lines.add_row([part, "ok"]);
        }
        for finding in of_part {
            let file = finding.file.as_deref().map(|file| format!("{file}: ")).unwrap_or_default();
            lines.add_row([part, &*printable(&format!("{file}{}", finding.message))]);
        }
    }
    let Verified { findings, notes, files, bytes, rows, unreferenced_files, unreferenced_bytes } = verified;
    let mut text = lines.text(terminal, "");
    text.push_str(&format!("\n\n{files} files, {bytes} bytes, {rows} rows; findings: {}", findings.len()));
    if *unreferenced_files > 0 {
        text.push_str(&format!(
            "; {unreferenced_files} files ({unreferenced_bytes} bytes) are no longer needed and will be removed"
        ));
    }
    for note in notes {
        text.push_str(&format!("\n\nnote: {}", printable(note)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_stands_where_its_part_stands_and_nothing_in_it_is_obeyed() {
        let finding = Finding {
            part: "ads".into(),
            file: Some("ads/a.parquet".into()),
            message: "it is \u{1b}[2Jmissing".into(),
        };
        let verified =
            Verified { findings: vec![finding], files: 2, unreferenced_files: 1, ..Verified::default() };
        let text = drawn(&verified, Terminal::default());
        let line = |part: &str| text.lines().find(|line| line.trim_start().starts_with(part)).unwrap();
        assert!(line("journal").trim_end().ends_with("ok"), "{text}");
        assert!(line("ads").contains("ads/a.parquet: it is \\u{1b}[2Jmissing"), "{text}");
        assert!(text.contains("findings: 1; 1 files"), "{text}");
    }
}
