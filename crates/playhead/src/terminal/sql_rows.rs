//! The rows of a query as text: a table, or a list of records if a table would be too wide.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::terminal::printable::printable;
use crate::terminal::response_table::text;
use crate::terminal::tables::{Heading, Table, Terminal, sentence};

/// Up to this number of columns, a table wraps its cells, however narrow the terminal.
const WRAPPED_COLUMNS: usize = 4;

/// The least width of a column of such a table.
const WRAPPED_LEAST: usize = 12;

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
    // No column may be left out or cut: a table that does not fit is drawn as records.
    let mut text = rows_table(rows).text(terminal, "");
    if terminal.is_stdout {
        let count = rows.rows.len();
        let more = if rows.is_truncated { "more than " } else { "" };
        let plural = if count == 1 { "" } else { "s" };
        let note = format!("({more}{count} row{plural}, {:.3} s)", took.as_secs_f64());
        text.push('\n');
        text.push_str(&sentence(&note, terminal));
    }
    text
}

fn rows_table(rows: &SqlRows) -> Table {
    let heading = |(place, column): (usize, &SqlColumn)| {
        let name = printable(&column.name);
        let mut values = rows.rows.iter().filter_map(|row| row.get(place)).filter(|value| !value.is_null());
        let is_number = values.next().is_some_and(Value::is_number) && values.all(Value::is_number);
        match is_number {
            true => Heading::whole(name).right(),
            false if rows.columns.len() > WRAPPED_COLUMNS => Heading::whole(name),
            false => Heading::wrapped(name, WRAPPED_LEAST),
        }
    };
    let mut drawn = Table::new(rows.columns.iter().enumerate().map(heading));
    for row in &rows.rows {
        drawn.add_row(row.iter().map(text));
    }
    drawn
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::terminal::width::text_width;

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
    fn a_table_that_is_too_wide_names_each_value_of_a_row() {
        let wide = "wide ".repeat(12);
        let rows = rows(json!({
            "columns": [{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}, {"name": "e"}],
            "rows": [[1, "x", wide, 2, 3], [2, null, "", 2, 3]],
        }));
        let terminal = Terminal { is_stdout: true, columns: Some(40), ..Terminal::default() };
        let text = rows_text(&rows, Duration::ZERO, terminal);
        let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            (&*words[0], &*words[2], &*words[3]),
            (&["row", "1"][..], &["a", "1"][..], &["b", "x"][..])
        );
        assert!(text.lines().all(|line| text_width(line) <= 40), "{text}");
        assert_eq!(text.matches("wide").count(), 12, "{text}");
        assert!(words.iter().any(|words| *words == ["row", "2"]), "{text}");
        assert!(words.iter().any(|words| *words == ["b", "-"]), "{text}");
    }

    #[test]
    fn a_cell_of_a_megabyte_is_whole_in_a_pipe_and_does_not_pad_the_others() {
        let rows = rows(json!({
            "columns": [{"name": "a"}, {"name": "b"}],
            "rows": [["x".repeat(1_000_000), "behind"], ["short", "behind"]],
        }));
        let text = rows_text(&rows, Duration::ZERO, Terminal::default());
        assert_eq!(text.lines().count(), 3);
        assert!(text.contains(&"x".repeat(1_000_000)));
        assert!(text.len() < 1_010_000, "{}", text.len());
    }
}
