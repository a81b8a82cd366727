//! The reference of the tables, generated from their columns, so that docs and code cannot differ.

use std::fmt::{self, Write};

use crate::tables::{DAY, Table};

/// `docs/tables.md`: every column of every table.
pub fn reference_markdown() -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _written = write_reference(&mut text);
    text
}

fn write_reference(text: &mut String) -> fmt::Result {
    writeln!(
        text,
        "# Columns of the tables\n\n\
         Generated from the column and parameter tables (`make docs`); do not edit. [lake.md](lake.md) explains how the\n\
         tables are stored, [accounting.md](accounting.md) how the numbers are computed.\n\n\
         Each table is partitioned by `{DAY}`. Column types are those of Delta and Parquet: text `string`, integer\n\
         `long`, number `double`, time `timestamp` (microseconds, of which the last three digits are zero). A column\n\
         without a value is null. The name in parentheses is that of the parameter that fills the column."
    )?;
    for table in Table::ALL {
        writeln!(text, "\n## {}\n\n{}\n", table.name(), table.meaning())?;
        writeln!(text, "- The rows of a file are sorted by: {}", names(table.sort_columns()))?;
        writeln!(
            text,
            "- The log keeps the lowest and highest values of: {}",
            names(table.pruning_columns())
        )?;
        writeln!(text, "- Time ranges apply to: `{}`\n", table.time_column())?;
        text.push_str("| column | type | meaning |\n|---|---|---|\n");
        for column in table.columns() {
            let meaning = column.meaning.replace('|', "\\|");
            writeln!(text, "| `{}` | {} | {meaning} |", column.name, column.kind.name())?;
        }
    }
    Ok(())
}

fn names(columns: &[&str]) -> String {
    let names: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
