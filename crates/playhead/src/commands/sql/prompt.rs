//! The prompt of `playhead sql`: queries over several lines, history, completion.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use playhead_lake::Table;
use playhead_report::nearest::did_you_mean;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use crate::commands::sql::completion::complete;
use crate::commands::sql::statements::{is_complete, statements};
use crate::commands::sql::{ask, note_cut};
use crate::error::Error;
use crate::settings::environment::Environment;
use crate::source::Source;
use crate::terminal::printable::printable;
use crate::terminal::sql_rows::rows_text;
use crate::terminal::streams::Streams;
use crate::terminal::tables::{Heading, Table as TextTable, Terminal};

/// The least width of a meaning.
const MEANING_LEAST: usize = 20;

const PROMPT: &str = "playhead> ";

/// The maximum number of queries in the history.
const HISTORY_QUERIES: usize = 1_000;

const HELP: &str = "A query ends with ;  and may span several lines.\n\
    \\d        the tables\n\
    \\d TABLE  its columns and their meaning\n\
    \\q        quit (or Ctrl-D); Ctrl-C clears the input";

/// Runs the typed queries until the end of the input.
///
/// # Errors
///
/// If the terminal cannot be read or written. A query that fails is reported and does not end the prompt.
pub(crate) fn prompt(
    source: &dyn Source,
    environment: &Environment,
    terminal: Terminal,
    streams: &mut Streams<'_>,
) -> Result<(), Error> {
    let mut editor = editor()?;
    let history = environment.state_directory().map(|directory| directory.join("history"));
    let history = match history.map(|path| open_history(&path).map(|()| path)).transpose() {
        Ok(history) => history,
        Err(error) => {
            writeln!(
                streams.notes,
                "playhead: the history is unavailable: {}",
                printable(&error.to_string())
            )?;
            None
        }
    };
    if let Some(path) = &history {
        // The prompt works without its history.
        let _loaded = editor.load_history(path);
    }
    if terminal.is_stdout {
        writeln!(streams.out, "{HELP}")?;
    }
    loop {
        streams.out.flush()?;
        let typed = match editor.readline(PROMPT) {
            Ok(typed) => typed,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(terminal_error(&error)),
        };
        if typed.trim().is_empty() {
            continue;
        }
        remember(&mut editor, typed.trim(), history.as_deref());
        for input in Input::of(&typed) {
            match input {
                Input::Quit => return Ok(()),
                Input::Text(text) | Input::Wrong(text) => writeln!(streams.out, "{text}")?,
                Input::Tables => writeln!(streams.out, "{}", tables_text(terminal))?,
                Input::Columns(of) => writeln!(streams.out, "{}", columns_text(of, terminal))?,
                Input::Query(query) => match ask(source, &query) {
                    Ok(response) => {
                        writeln!(streams.out, "{}", rows_text(&response.rows, response.took, terminal))?;
                        note_cut(&response.rows, streams.notes)?;
                    }
                    Err(error) => {
                        let message = error.to_string();
                        let lines: Vec<_> = message.lines().map(printable).collect();
                        writeln!(streams.notes, "{}", lines.join("\n"))?;
                        break;
                    }
                },
            }
        }
    }
}

fn editor() -> Result<Editor<SqlHelper, FileHistory>, Error> {
    let config = Config::builder()
        .max_history_size(HISTORY_QUERIES)
        .and_then(|config| config.history_ignore_dups(true))
        .map_err(|error| terminal_error(&error))?;
    let config = config.completion_type(CompletionType::List).history_ignore_space(true).build();
    let mut editor = Editor::with_config(config).map_err(|error| terminal_error(&error))?;
    editor.set_helper(Some(SqlHelper));
    Ok(editor)
}

fn terminal_error(error: &ReadlineError) -> Error {
    Error::System { context: "cannot use the terminal", message: error.to_string() }
}

/// Creates the file of the history if it is missing. Only its owner may read it, because queries name visitors.
fn open_history(path: &Path) -> std::io::Result<()> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(|_| ())
}

fn remember(editor: &mut Editor<SqlHelper, FileHistory>, typed: &str, history: Option<&Path>) {
    let is_new = editor.add_history_entry(typed).unwrap_or(false);
    if let Some(path) = history.filter(|_| is_new) {
        // Written at once, so that the queries survive if the prompt is killed. A full disk does not end the prompt.
        let _written = editor.append_history(path);
    }
}

/// A typed input.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Input {
    Query(String),
    Tables,
    Columns(Table),
    /// A text to print.
    Text(String),
    /// No command, or one about nothing, and why.
    Wrong(String),
    Quit,
}

impl Input {
    fn of(typed: &str) -> Vec<Self> {
        let typed = typed.trim();
        if !typed.starts_with('\\') {
            return statements(typed).into_iter().map(Self::Query).collect();
        }
        let mut words = typed.trim_end_matches(';').split_whitespace();
        let command = words.next().unwrap_or_default();
        let input = match (command, words.next()) {
            ("\\q", None) => Self::Quit,
            ("\\?" | "\\h", None) => Self::Text(HELP.into()),
            ("\\d" | "\\dt", None) => Self::Tables,
            ("\\d", Some(name)) => match Table::named(&name.to_lowercase()) {
                Some(table) => Self::Columns(table),
                None => {
                    let meant = did_you_mean(name, Table::ALL.map(Table::name));
                    Self::Wrong(format!("there is no table {}{meant}", printable(name)))
                }
            },
            _ => Self::Wrong(format!("{} is not a command; \\? lists the commands", printable(command))),
        };
        vec![input]
    }
}

/// The answer to a command about tables and columns, which needs no data; `None` if the text is a query.
///
/// # Errors
///
/// [`Error::WrongCall`] if there is no such command or table.
pub(crate) fn described(typed: &str, terminal: Terminal) -> Result<Option<String>, Error> {
    if !typed.trim_start().starts_with('\\') {
        return Ok(None);
    }
    let mut texts = Vec::new();
    for input in Input::of(typed) {
        match input {
            Input::Tables => texts.push(tables_text(terminal)),
            Input::Columns(of) => texts.push(columns_text(of, terminal)),
            Input::Text(text) => texts.push(text),
            Input::Wrong(fault) => return Err(Error::WrongCall(fault)),
            Input::Quit | Input::Query(_) => {}
        }
    }
    Ok(Some(texts.join("\n\n")))
}

fn tables_text(terminal: Terminal) -> String {
    let mut drawn = TextTable::new([Heading::whole("table"), Heading::wrapped("rows", MEANING_LEAST)]);
    for of in Table::ALL {
        drawn.add_row([of.name(), of.meaning()]);
    }
    drawn.text(terminal, "")
}

fn columns_text(of: Table, terminal: Terminal) -> String {
    let meaning = Heading::wrapped("meaning", MEANING_LEAST);
    let mut drawn = TextTable::new([Heading::whole("column"), Heading::whole("type"), meaning]);
    for column in of.columns() {
        drawn.add_row([column.name, column.kind.name(), &*printable(&column.meaning)]);
    }
    drawn.text(terminal, "")
}

/// Completion and validation for the line editor.
struct SqlHelper;

impl rustyline::completion::Completer for SqlHelper {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(complete(line, position))
    }
}

impl Validator for SqlHelper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let is_whole = is_complete(context.input());
        Ok(if is_whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for SqlHelper {
    type Hint = String;
}

impl Highlighter for SqlHelper {}

impl Helper for SqlHelper {}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_typed_is_a_command_or_queries() {
        assert_eq!(Input::of("\\d"), [Input::Tables]);
        assert_eq!(Input::of(" \\d Sessions; "), [Input::Columns(Table::Sessions)]);
        assert_eq!(Input::of("\\q"), [Input::Quit]);
        assert_eq!(
            Input::of("select 1; select\n2;"),
            [Input::Query("select 1".into()), Input::Query("select\n2".into())]
        );
        let said = |typed: &str| match Input::of(typed).as_slice() {
            [Input::Text(text) | Input::Wrong(text)] => text.clone(),
            other => format!("{other:?}"),
        };
        assert!(said("\\d sesions").contains("did you mean sessions?"));
        assert!(said("\\x").contains("is not a command"));
        assert!(said("\\?").contains("\\d TABLE"));
    }

    #[test]
    fn tables_and_columns_are_listed_with_what_they_mean() {
        let tables = tables_text(Terminal::default());
        assert!(Table::ALL.iter().all(|table| tables.contains(table.name())), "{tables}");
        let columns = columns_text(Table::Sessions, Terminal::default());
        assert!(columns.contains("content_time_spent"), "{columns}");
        assert_eq!(columns.lines().count(), 1 + Table::Sessions.columns().len());
    }

    #[test]
    fn nobody_else_may_read_the_history() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state/playhead/history");
        open_history(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&path, "kept\n").unwrap();
        open_history(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "kept\n");
    }
}
