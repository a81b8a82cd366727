//! The rows of a query as text: a table, or a list of records if a table would be too wide.

use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table};
use serde::Deserialize;
use serde_json::Value;

use crate::terminal::printable::printable;
use crate::terminal::response_table::text;
use crate::terminal::tables::{Terminal, table};

/// Up to this number of columns, a table wraps its cells, however narrow the terminal.
const WRAPPED_COLUMNS: usize = 4;

/// The rows of a query.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SqlRows {
    /// The columns.
    pub columns: Vec<SqlColumn>,
    /// The rows, each with one value per column.
    pub rows: Vec<Vec<Value>>,
    /// Whether there are more rows than these.
    #[serde(default)]
    pub is_truncated: bool,
}

/// A column of a query.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SqlColumn {
    /// Its name.
    pub name: String,
}

/// The rows for people; on a terminal with their number and the time of the query.
pub(crate) fn rows_text(rows: &SqlRows, took: Duration, terminal: Terminal) -> String {
    let width = terminal.is_stdout.then(|| table(terminal, &[]).width()).flatten().map(usize::from);
    let mut drawn = rows_table(rows, terminal);
    let is_too_wide = width.is_some_and(|width| {
        drawn.set_content_arrangement(ContentArrangement::Disabled);
        drawn.lines().any(|line| line.trim_end().chars().count() > width)
    });
    if terminal.is_stdout {
        drawn.set_content_arrangement(ContentArrangement::Dynamic);
    }
    let mut text = match is_too_wide && rows.columns.len() > WRAPPED_COLUMNS {
        true => records(rows, terminal),
        false => drawn.trim_fmt(),
    };
    if terminal.is_stdout {
        let count = rows.rows.len();
        let more = if rows.is_truncated { "more than " } else { "" };
        let plural = if count == 1 { "" } else { "s" };
        text.push_str(&format!("\n({more}{count} row{plural}, {:.3} s)", took.as_secs_f64()));
    }
    text
}

fn rows_table(rows: &SqlRows, terminal: Terminal) -> Table {
    let names: Vec<_> = rows.columns.iter().map(|column| printable(&column.name)).collect();
    let mut drawn = table(terminal, &names.iter().map(|name| &**name).collect::<Vec<_>>());
    for row in &rows.rows {
        drawn.add_row(row.iter().map(text));
    }
    for (place, column) in drawn.column_iter_mut().enumerate() {
        let mut values = rows.rows.iter().filter_map(|row| row.get(place)).filter(|value| !value.is_null());
        if values.next().is_some_and(Value::is_number) && values.all(Value::is_number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    drawn
}

/// Each row as lines of name and value.
fn records(rows: &SqlRows, terminal: Terminal) -> String {
    let mut blocks = Vec::new();
    for (index, row) in rows.rows.iter().enumerate() {
        let mut drawn = table(terminal, &[&format!("row {}", index + 1), ""]);
        for (column, value) in rows.columns.iter().zip(row) {
            drawn.add_row([printable(&column.name).into_owned(), text(value)]);
        }
        blocks.push(drawn.trim_fmt());
    }
    blocks.join("\n\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(value: Value) -> SqlRows {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn numbers_stand_right_and_nothing_in_a_cell_is_obeyed() {
        let rows = rows(json!({
            "columns": [{"name": "name"}, {"name": "n"}, {"name": "\u{1b}[2J"}],
            "rows": [["a", 1, null], ["b\u{202e}", 1000, {"k": [1]}]],
        }));
        let text = rows_text(&rows, Duration::ZERO, Terminal::default());
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        assert!(lines[0].contains("\\u{1b}[2J"), "{text}");
        assert!(lines[1].contains("    1 "), "{text}");
        assert!(lines[2].contains(r#"b\u{202e}"#) && lines[2].contains(r#"{"k":[1]}"#), "{text}");
        assert_eq!(lines.len(), 3, "{text}");
    }

    #[test]
    fn a_terminal_is_told_how_many_rows_there_are() {
        let terminal = Terminal { is_stdout: true, ..Terminal::default() };
        let one = rows(json!({"columns": [{"name": "n"}], "rows": [[1]]}));
        assert!(rows_text(&one, Duration::from_millis(12), terminal).ends_with("\n(1 row, 0.012 s)"));
        let cut = rows(json!({"columns": [{"name": "n"}], "rows": [[1], [2]], "is_truncated": true}));
        assert!(rows_text(&cut, Duration::ZERO, terminal).ends_with("(more than 2 rows, 0.000 s)"));
    }

    #[test]
    fn records_name_each_value() {
        let rows = rows(json!({"columns": [{"name": "a"}, {"name": "b"}], "rows": [[1, "x"], [2, null]]}));
        let text = records(&rows, Terminal::default());
        let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            words,
            [
                vec!["row", "1"],
                vec!["a", "1"],
                vec!["b", "x"],
                vec![],
                vec!["row", "2"],
                vec!["a", "2"],
                vec!["b", "-"],
            ]
        );
    }
}
