//! Tables on a terminal, and plain columns elsewhere.

use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

/// A line under the header, without other lines.
const UNDERLINED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// The output format of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table for people
    Table,
    /// JSON for programs
    Json,
}

/// The properties of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terminal {
    /// Standard input is a terminal.
    pub is_stdin: bool,
    /// Standard output is a terminal.
    pub is_stdout: bool,
    /// Standard error is a terminal.
    pub is_stderr: bool,
    /// Colours and bold letters are allowed on a terminal.
    pub is_styled: bool,
}

/// An empty table with this header. Foreign text must pass through [`printable`](crate::terminal::printable::printable)
/// before it goes into a cell.
pub(crate) fn table(terminal: Terminal, header: &[&str]) -> Table {
    let mut table = Table::new();
    if terminal.is_stdout {
        table.load_style(UNDERLINED);
        table.set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        // The output goes to a program or a file: no lines, no wrapping.
        table.load_style(TableStyle::new());
        table.force_no_tty();
    }
    if !header.is_empty() {
        let is_bold = terminal.is_stdout && terminal.is_styled;
        table.set_header(header.iter().map(|name| {
            let cell = Cell::new(name);
            if is_bold { cell.add_attribute(Attribute::Bold) } else { cell }
        }));
    }
    table
}

/// Keeps the cells of the first columns on one line, however narrow the terminal, because a time or an id is unreadable
/// on two lines.
pub(crate) fn keep_whole(table: &mut Table, columns: usize) {
    for column in table.column_iter_mut().take(columns) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

/// A duration in seconds as hours, minutes and seconds: `0:01:05`, with milliseconds unless they are zero.
pub(crate) fn duration(seconds: f64) -> String {
    let ms = (seconds.abs() * 1_000.0).round() as u64;
    let sign = if seconds < 0.0 && ms > 0 { "-" } else { "" };
    let (whole, ms) = (ms / 1_000, ms % 1_000);
    let fraction = if ms == 0 { String::new() } else { format!(".{ms:03}") };
    format!("{sign}{}:{:02}:{:02}{fraction}", whole / 3_600, whole / 60 % 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elsewhere_than_on_a_terminal_a_table_is_plain_columns() {
        let mut plain = table(Terminal { is_styled: true, ..Terminal::default() }, &["name", "count"]);
        plain.add_row([
            "a long name that goes on and on so that it would be wrapped on many a terminal there is",
            "1",
        ]);
        let text = plain.trim_fmt();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn durations_are_hours_minutes_and_seconds() {
        assert_eq!(duration(0.0), "0:00:00");
        assert_eq!(duration(65.0), "0:01:05");
        assert_eq!(duration(3_661.25), "1:01:01.250");
        assert_eq!(duration(-1.0), "-0:00:01");
    }
}
