//! Rows as a table, with bars behind the first metric if the rows are no series.

use playhead_picture::limits::{COLUMNS, ROWS};
use playhead_picture::{Body, Column, Table};
use serde_json::{Value, json};

use crate::reporter::client::Client;
use crate::schedules::picture::answer::{Answer, AnswerColumn, ask};
use crate::schedules::picture::subject::{Drawn, Subject, or_nothing};
use crate::schedules::picture::texts::{moment_text, value_text, written};
use crate::schedules::run::NotSent;
use crate::tables::queries::Report;

/// A table of the first rows.
pub(super) async fn table(queries: &Client, subject: &Subject<'_>) -> Result<Drawn, NotSent> {
    let mut body = subject.parameters.clone();
    let own = body.get("limit").and_then(Value::as_u64);
    body.insert("limit".to_owned(), json!(own.map_or(ROWS as u64, |own| own.min(ROWS as u64))));
    let answer: Answer = ask(queries, Report::Query, &body).await?;
    let has_time = answer.columns.iter().any(|column| column.kind == "time");
    let measured = answer.columns.iter().position(|column| column.kind == "metric");
    let bars = measured.filter(|place| !has_time && *place > 0 && *place < COLUMNS).map(|place| {
        let values = answer.rows.iter().map(|row| row.get(place).and_then(Value::as_f64));
        (place, values.collect())
    });
    let shown = || answer.columns.iter().take(COLUMNS).enumerate();
    let rows = answer.rows.iter().enumerate().map(|(number, row)| {
        let cell = |(place, column): (usize, &AnswerColumn)| {
            let text = cell_text(subject, column, row.get(place).unwrap_or(&Value::Null));
            let is_partial = column.kind == "time" && answer.is_partial(number);
            if is_partial { format!("{text} (in part)") } else { text }
        };
        shown().map(cell).collect()
    });
    let columns = shown()
        .map(|(_, column)| Column { name: column.name.clone(), is_number: column.kind == "metric" })
        .collect();
    let table = Table { columns, rows: rows.collect(), bars };

    let mut notes = Vec::new();
    let all = own.map_or(answer.row_count_total, |own| own.min(answer.row_count_total));
    match all.saturating_sub(answer.rows.len() as u64) {
        0 => {}
        1 => notes.push("1 more row is left out; a CSV file has all.".to_owned()),
        count => notes.push(format!("{count} more rows are left out; a CSV file has all.")),
    }
    if answer.columns.len() > COLUMNS {
        let count = answer.columns.len() - COLUMNS;
        notes.push(format!("{count} more columns are left out; a CSV file has all."));
    }
    Ok(Drawn { body: or_nothing(Body::Table(table)), notes, excluded_sessions: answer.excluded_sessions })
}

fn cell_text(subject: &Subject<'_>, column: &AnswerColumn, value: &Value) -> String {
    match (&*column.kind, value) {
        ("time", Value::String(time)) => match subject.zone.moment_ms(time) {
            Ok(ms) => moment_text(subject.zone, ms),
            Err(_) => time.clone(),
        },
        ("metric", Value::Null) => "–".to_owned(),
        ("metric", value) => value
            .as_f64()
            .map_or_else(|| value_text(value), written(column.unit.as_deref().unwrap_or("count"))),
        ("name", Value::Null) => String::new(),
        (_, value) => value_text(value),
    }
}
