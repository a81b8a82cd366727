//! The reference of rows, generated from the tables, so that docs and code cannot part ways.

use std::fmt::{self, Write};

use playhead_protocol::{Param, ParamId, ValueType};

use crate::accounting::diagnosis::Diagnosis;
use crate::rows::columns::SESSION_COLUMNS;
use crate::rows::columns::start_columns;
use crate::rows::param_columns::{AD_EVENTS, CHAPTER_EVENTS};
use crate::rows::view_rows::view_columns;

/// `docs/rows.md`: every column of every row, and every diagnosis.
pub fn reference_markdown() -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _written = write_reference(&mut text);
    text
}

fn write_reference(text: &mut String) -> fmt::Result {
    text.push_str(
        "# Rows\n\nGenerated from the column and parameter tables (`make docs`); do not edit.\n\n\
         One row per session, one per ad view, one per chapter view, one per error. Times are UTC, RFC 3339 with\n\
         milliseconds; durations are seconds to the millisecond. A column without a value is `null`.\n\n\
         ## Sessions\n\n| column | type | meaning |\n|---|---|---|\n\
         | `session_id` | text | The id in `Location`: 64 hexadecimal digits. |\n",
    );
    for (id, column) in start_columns() {
        write_param(text, column, id)?;
    }
    for column in SESSION_COLUMNS {
        let rule = column.section.map(|section| format!(" ([accounting](accounting.md), section {section})"));
        let (name, kind, meaning) = (column.name, column.column_type.name(), column.meaning);
        writeln!(text, "| `{name}` | {kind} | {meaning}{} |", rule.unwrap_or_default())?;
    }
    text.push_str("\n## Ads\n\n| column | type | meaning |\n|---|---|---|\n");
    for (id, column) in view_columns(AD_EVENTS) {
        write_param(text, column, id)?;
    }
    write_view_columns(text, "ad", "adStart")?;
    text.push_str("\n## Chapters\n\n| column | type | meaning |\n|---|---|---|\n");
    for (id, column) in view_columns(CHAPTER_EVENTS) {
        write_param(text, column, id)?;
    }
    write_view_columns(text, "chapter", "chapterStart")?;
    text.push_str(
        "\n## Errors\n\n| column | type | meaning |\n|---|---|---|\n\
         | `error_id` | text | The player's id of the error; null when it sent none. |\n\
         | `source` | text | `player`, `external`, or what else the player wrote. |\n\
         | `at` | time (UTC, ms) | When it happened, by the device's clock, corrected where that is wrong. |\n\
         | `playhead` | number | The event's playhead, seconds, as sent. |\n\n\
         ## Diagnoses\n\nWhat a session's events say about the player that sent them; the last one is about the server. \
         None changes a number by itself.\n\n\
         | diagnosis | what happened | what to change in the player |\n|---|---|---|\n",
    );
    for diagnosis in Diagnosis::ALL {
        writeln!(text, "| `{}` | {} | {} |", diagnosis.name(), diagnosis.meaning(), diagnosis.advice())?;
    }
    Ok(())
}

fn write_param(text: &mut String, column: &str, id: ParamId) -> fmt::Result {
    let param: &Param = id.param();
    let kind = match param.value_type {
        ValueType::String => "text",
        other => other.name(),
    };
    let meaning = param.meaning.replace('|', "\\|");
    writeln!(text, "| `{column}` | {kind} | {meaning} (`{}`) |", param.key)
}

fn write_view_columns(text: &mut String, view: &str, event: &str) -> fmt::Result {
    writeln!(
        text,
        "| `{view}_started_at` | time (UTC, ms) | When `{event}` happened, by the device's clock, corrected where that is wrong. |"
    )?;
    writeln!(text, "| `time_played` | seconds | Time for which it played. |")?;
    writeln!(text, "| `end` | text | `completed`, `skipped` or `not_completed`; null while open. |")?;
    writeln!(
        text,
        "| `custom_metadata` | map of texts | The session's metadata with the {view}'s own laid over it. |"
    )
}
