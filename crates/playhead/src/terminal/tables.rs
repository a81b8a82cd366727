//! Tables: on a terminal as wide as it is, elsewhere plain columns with nothing cut.

use std::borrow::Cow;

use rustix::termios::tcgetwinsize;

use crate::terminal::layout::{Fit, Measured, Placed, SHORT_ID_DIGITS, place};
use crate::terminal::width::{clipped, text_width, wrapped};

/// The width of a terminal that does not say how wide it is.
const USUAL_WIDTH: usize = 80;

/// The least width that tables are made for; lines run over the edge of a narrower terminal.
const LEAST_WIDTH: usize = 20;

/// The least width of names and values in a table of one thing.
const RECORD_LEAST: usize = 8;

/// The most spaces that align a column of plain text; longer cells stand out of it, so that one of a megabyte does not
/// make all others as long.
const ALIGNED_WIDTH: usize = 1_000;

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
    /// The width that is set for it; without one, the terminal is asked.
    pub columns: Option<usize>,
}

impl Terminal {
    /// The width to draw for, in cells. The terminal is asked each time, because people change the size of windows.
    pub(crate) fn width(self) -> usize {
        let asked = || tcgetwinsize(std::io::stdout()).ok().map(|size| usize::from(size.ws_col));
        let known = self.columns.or_else(asked).filter(|width| *width > 0);
        known.unwrap_or(USUAL_WIDTH).max(LEAST_WIDTH)
    }
}

/// The heading of a column, and how the column gives way on a narrow terminal.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    name: String,
    fit: Fit,
    leaves: Option<usize>,
    is_right: bool,
}

impl Heading {
    /// A column that is never cut, such as one of numbers or times.
    pub(crate) fn whole(name: impl Into<String>) -> Self {
        Self { name: name.into(), fit: Fit::Whole, leaves: None, is_right: false }
    }

    /// A column of names, which can be cut.
    pub(crate) fn clipped(name: impl Into<String>) -> Self {
        Self { fit: Fit::Clipped, ..Self::whole(name) }
    }

    /// A column of texts, which go on in further lines of at least this width.
    pub(crate) fn wrapped(name: impl Into<String>, least: usize) -> Self {
        Self { fit: Fit::Wrapped(least), ..Self::whole(name) }
    }

    /// A column of session ids.
    pub(crate) fn id(name: impl Into<String>) -> Self {
        Self { fit: Fit::Id, ..Self::whole(name) }
    }

    /// The same, left out where there is no room; the column with the lowest order goes first.
    pub(crate) fn leaving(self, order: usize) -> Self {
        Self { leaves: Some(order), ..self }
    }

    /// The same, aligned to the right.
    pub(crate) fn right(self) -> Self {
        Self { is_right: true, ..self }
    }
}

/// A table. Foreign text must pass through [`printable`](crate::terminal::printable::printable) before it goes into a cell.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    headings: Vec<Heading>,
    rows: Vec<Vec<String>>,
    has_total: bool,
}

impl Table {
    /// A table without rows. If all names are empty, it has no header.
    pub(crate) fn new(headings: impl IntoIterator<Item = Heading>) -> Self {
        Self { headings: headings.into_iter().collect(), rows: Vec::new(), has_total: false }
    }

    /// A table of one thing: names and values, under a title.
    pub(crate) fn record(title: &str) -> Self {
        Self::new([Heading::wrapped(title, RECORD_LEAST), Heading::wrapped("", RECORD_LEAST)])
    }

    /// Adds a row, with a cell for each column.
    pub(crate) fn add_row<Cell: Into<String>>(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Adds the last row, which is the total of the others.
    pub(crate) fn add_total(&mut self, cells: impl IntoIterator<Item = String>) {
        self.add_row(cells);
        self.has_total = true;
    }

    /// The text of the table. On a terminal it is no wider than that; what it lacks then is said below it, with `whole`
    /// as the way to see all. Columns that do not fit beside each other at all are drawn below each other.
    pub(crate) fn text(&self, terminal: Terminal, whole: &str) -> String {
        if !terminal.is_stdout {
            return self.plain();
        }
        let room = terminal.width();
        let measured: Vec<Measured> = self.measured();
        let Some(placed) = place(&measured, room) else { return self.records(terminal) };
        let text = self.drawn(&placed, terminal.is_styled);
        match self.missing(&placed, &measured) {
            missing if missing.is_empty() => text,
            missing => {
                let note = format!("{missing} A wider terminal shows more, and {whole} all.");
                format!("{text}\n{}", sentence(&note, terminal))
            }
        }
    }

    /// Whether the whole table fits into a width.
    pub(crate) fn fits(&self, width: usize) -> bool {
        let whole =
            self.measured().into_iter().map(|column| Measured { fit: Fit::Whole, leaves: None, ..column });
        place(&whole.collect::<Vec<_>>(), width).is_some()
    }

    fn measured(&self) -> Vec<Measured> {
        let natural = self.natural_widths();
        let columns = self.headings.iter().zip(natural);
        columns
            .map(|(heading, natural)| Measured { fit: heading.fit, leaves: heading.leaves, natural })
            .collect()
    }

    fn natural_widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.headings.iter().map(|heading| text_width(&heading.name)).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.split('\n').map(text_width).fold(*width, usize::max);
            }
        }
        widths
    }

    fn has_header(&self) -> bool {
        self.headings.iter().any(|heading| !heading.name.is_empty())
    }

    /// Columns with nothing cut and nothing styled, for programs and files.
    fn plain(&self) -> String {
        let widths = self.natural_widths().into_iter().enumerate();
        let placed: Vec<Placed> =
            widths.map(|(column, width)| Placed { column, width: width.min(ALIGNED_WIDTH) }).collect();
        let lines_of = |cells: &[&str]| {
            let cells =
                placed.iter().zip(cells).map(|(_, cell)| cell.split('\n').map(str::to_owned).collect());
            self.lines(&placed, &cells.collect::<Vec<_>>(), false)
        };
        let header: Vec<&str> = self.headings.iter().map(|heading| &*heading.name).collect();
        let header = self.has_header().then(|| lines_of(&header));
        let rows = self.rows.iter().map(|row| lines_of(&row.iter().map(String::as_str).collect::<Vec<_>>()));
        header.into_iter().chain(rows).flatten().collect::<Vec<_>>().join("\n")
    }

    /// The columns that are placed, under an underlined header.
    fn drawn(&self, placed: &[Placed], is_styled: bool) -> String {
        let mut lines = Vec::new();
        if self.has_header() {
            let names = placed.iter().map(|at| self.fitted(*at, &self.headings[at.column].name));
            lines.extend(self.lines(placed, &names.collect::<Vec<_>>(), is_styled));
            lines.push(placed.iter().map(|at| "─".repeat(at.width + 2)).collect());
        }
        for (index, row) in self.rows.iter().enumerate() {
            let is_total = self.has_total && index + 1 == self.rows.len();
            let cell = |at: &Placed| self.fitted(*at, row.get(at.column).map_or("", String::as_str));
            lines.extend(self.lines(
                placed,
                &placed.iter().map(cell).collect::<Vec<_>>(),
                is_styled && is_total,
            ));
        }
        lines.join("\n")
    }

    /// The lines of a cell in the width of its column.
    fn fitted(&self, at: Placed, cell: &str) -> Vec<String> {
        match self.headings[at.column].fit {
            Fit::Wrapped(_) => wrapped(cell, at.width),
            Fit::Id => vec![short_id(cell, at.width).to_owned()],
            Fit::Clipped => cell.split('\n').map(|line| clipped(line, at.width).into_owned()).collect(),
            Fit::Whole => cell.split('\n').map(str::to_owned).collect(),
        }
    }

    /// The lines of a row, whose cells are lines themselves.
    fn lines(&self, placed: &[Placed], cells: &[Vec<String>], is_bold: bool) -> Vec<String> {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        let line = |number: usize| {
            let mut line = String::new();
            for (at, lines) in placed.iter().zip(cells) {
                let text = lines.get(number).map_or("", String::as_str);
                let space = " ".repeat(at.width.saturating_sub(text_width(text)));
                let text = match is_bold && !text.is_empty() {
                    true => Cow::Owned(format!("\u{1b}[1m{text}\u{1b}[0m")),
                    false => Cow::Borrowed(text),
                };
                let is_right = self.headings[at.column].is_right;
                let (before, behind) = if is_right { (&*space, "") } else { ("", &*space) };
                line.extend([" ", before, &text, behind, " "]);
            }
            line.truncate(line.trim_end().len());
            line
        };
        (0..height).map(line).collect()
    }

    /// What a table with these columns does not show, in sentences.
    fn missing(&self, placed: &[Placed], measured: &[Measured]) -> String {
        let mut missing = Vec::new();
        let is_placed = |column: usize| placed.iter().any(|at| at.column == column);
        let absent = self.headings.iter().enumerate().filter(|(column, _)| !is_placed(*column));
        let absent: Vec<&str> = absent.map(|(_, heading)| &*heading.name).collect();
        if !absent.is_empty() {
            missing.push(format!("There is no room for: {}.", absent.join(", ")));
        }
        let is_cut = |fit: Fit| {
            let of_kind = placed.iter().filter(|at| self.headings[at.column].fit == fit);
            of_kind.into_iter().any(|at| at.width < measured[at.column].natural)
        };
        if is_cut(Fit::Clipped) {
            missing.push("Texts that end in … are cut.".into());
        }
        if is_cut(Fit::Id) {
            missing.push(format!("Of session ids, the first {SHORT_ID_DIGITS} digits are shown."));
        }
        missing.join(" ")
    }

    /// Each row as a table of names and values.
    fn records(&self, terminal: Terminal) -> String {
        let record = |(index, row): (usize, &Vec<String>)| {
            let mut record = Self::record(&format!("row {}", index + 1));
            for (heading, cell) in self.headings.iter().zip(row) {
                record.add_row([heading.name.clone(), cell.clone()]);
            }
            record.text(terminal, "")
        };
        self.rows.iter().enumerate().map(record).collect::<Vec<_>>().join("\n\n")
    }
}

/// A sentence beside a table: on a terminal in lines of its width.
pub(crate) fn sentence(text: &str, terminal: Terminal) -> Cow<'_, str> {
    match terminal.is_stdout {
        true => Cow::Owned(wrapped(text, terminal.width()).join("\n")),
        false => Cow::Borrowed(text),
    }
}

/// The beginning of a session id that has no room.
fn short_id(id: &str, width: usize) -> &str {
    if text_width(id) <= width { id } else { id.get(..SHORT_ID_DIGITS.min(width)).unwrap_or(id) }
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

    fn terminal(columns: usize) -> Terminal {
        Terminal { is_stdout: true, columns: Some(columns), ..Terminal::default() }
    }

    fn sessions() -> Table {
        let mut table = Table::new([
            Heading::id("session"),
            Heading::clipped("content"),
            Heading::whole("count").right().leaving(1),
            Heading::wrapped("reason", 20).leaving(2),
        ]);
        table.add_row(["ab".repeat(32), "日本の試合 ".repeat(8), "7".into(), "too e\u{301}arly ".repeat(9)]);
        table.add_row(["cd".repeat(32), "short".into(), "1000000".into(), "-".into()]);
        table
    }

    #[test]
    fn elsewhere_than_on_a_terminal_a_table_is_plain_columns() {
        let plain = Terminal { is_styled: true, columns: Some(20), ..Terminal::default() };
        let text = sessions().text(plain, "a pipe");
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(!text.contains(['\u{1b}', '…']), "{text}");
        assert!(text.contains(&"ab".repeat(32)), "{text}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_whatever_its_width() {
        for columns in (20..200).chain([65_535, 100_000, usize::MAX]) {
            let text = sessions().text(terminal(columns), "a pipe");
            let widest = text.lines().map(text_width).max().unwrap();
            assert!(widest <= columns, "{columns}:\n{text}");
            assert!(text.len() < 2_000, "{columns}: {} bytes", text.len());
        }
        for columns in [0, 1, 19] {
            let text = sessions().text(terminal(columns), "a pipe");
            let least = if columns == 0 { USUAL_WIDTH } else { LEAST_WIDTH };
            assert!(text.lines().all(|line| text_width(line) <= least), "{columns}:\n{text}");
        }
    }

    #[test]
    fn a_table_that_lacks_something_says_what_and_where_it_is() {
        let text = sessions().text(terminal(80), "--format json");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("Texts that end in … are cut."), "{text}");
        assert!(words.contains("Of session ids, the first 12 digits are shown."), "{text}");
        assert!(words.ends_with("A wider terminal shows more, and --format json all."), "{text}");
        assert!(text.contains(" abababababab  日本"), "{text}");
        let text = sessions().text(terminal(40), "--format json");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("There is no room for: count, reason."), "{text}");
        let text = sessions().text(terminal(400), "--format json");
        assert!(!text.contains("wider terminal"), "{text}");
        assert_eq!(text.lines().count(), 4, "{text}");
    }

    #[test]
    fn columns_that_do_not_fit_beside_each_other_are_drawn_below_each_other() {
        let mut wide = Table::new(["first", "second", "third"].map(Heading::whole));
        wide.add_row(["1".repeat(20), "2".repeat(20), "3".repeat(20)]);
        let text = wide.text(terminal(30), "");
        assert!(text.lines().all(|line| text_width(line) <= 30), "{text}");
        assert!(text.starts_with(" row 1"), "{text}");
        assert_eq!(text.matches('3').count(), 20, "{text}");
    }

    #[test]
    fn letters_are_bold_on_a_terminal_that_allows_it() {
        let styled = Terminal { is_styled: true, ..terminal(80) };
        let mut table = Table::new([Heading::whole("name"), Heading::whole("n").right()]);
        table.add_row(["a", "1"]);
        table.add_total(["total".into(), "1".into()]);
        let text = table.text(styled, "");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], " \u{1b}[1mname\u{1b}[0m   \u{1b}[1mn\u{1b}[0m");
        assert_eq!((lines[1], lines[2]), ("──────────", " a      1"));
        assert_eq!(lines[3], " \u{1b}[1mtotal\u{1b}[0m  \u{1b}[1m1\u{1b}[0m");
    }

    #[test]
    fn durations_are_hours_minutes_and_seconds() {
        assert_eq!(duration(0.0), "0:00:00");
        assert_eq!(duration(65.0), "0:01:05");
        assert_eq!(duration(3_661.25), "1:01:01.250");
        assert_eq!(duration(-1.0), "-0:00:01");
    }
}
