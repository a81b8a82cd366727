//! Stored rows back as the JSON in which a session's row is shown everywhere: the way in is `rows.rs`.

use std::collections::HashSet;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use playhead_protocol::ValueType;
use playhead_session::{rfc3339, start_columns};
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::tables::{DAY, Kind, Table, TableColumn, VISITOR_KEY};

/// The rows of a batch of `table`, each with the columns that the batch has, in order. What only the tables know (the
/// partition, the visitor's key, the place of a view) is left out.
///
/// # Errors
///
/// [`Error::Arrow`] when a column has another type than the table's.
pub fn rows_json(table: Table, batch: &RecordBatch) -> Result<Vec<Map<String, Value>>, Error> {
    let mut rows = vec![Map::new(); batch.num_rows()];
    for column in table.columns() {
        let is_inner =
            matches!(column.name, DAY | VISITOR_KEY | "ad_number" | "chapter_number" | "error_number");
        let Some(values) = batch.column_by_name(column.name).filter(|_| !is_inner) else { continue };
        let values = cast(values, &column.kind.data_type()).map_err(Error::Arrow)?;
        let is_json = is_json_text(column);
        for (index, row) in rows.iter_mut().enumerate() {
            let value = match value(&values, column.kind, index) {
                Value::String(text) if is_json => serde_json::from_str(&text).unwrap_or(Value::Null),
                value => value,
            };
            row.insert(column.name.to_owned(), value);
        }
    }
    Ok(rows)
}

/// The JSON of a session: its row, with the rows of each of these tables under the table's name. What a view has from its
/// session is left out there.
pub fn session_json(
    mut row: Map<String, Value>,
    views: impl IntoIterator<Item = (Table, Vec<Map<String, Value>>)>,
) -> Map<String, Value> {
    let own: HashSet<String> = row.keys().cloned().collect();
    for (table, mut views) in views {
        for view in &mut views {
            view.retain(|name, _| is_of_view(table, name, &own));
        }
        row.insert(table.name().to_owned(), views.into_iter().map(Value::Object).collect());
    }
    row
}

/// Whether a column is the view's own, and not its session's beside it.
fn is_of_view(table: Table, name: &str, of_session: &HashSet<String>) -> bool {
    match name {
        "custom_metadata" => table != Table::Errors,
        "source" => table == Table::Errors,
        _ => !of_session.contains(name),
    }
}

/// Whether the column keeps an object or a list as its JSON text.
fn is_json_text(column: &TableColumn) -> bool {
    start_columns().any(|(id, name)| {
        name == column.name && matches!(id.param().value_type, ValueType::Object | ValueType::Array)
    })
}

fn value(values: &ArrayRef, kind: Kind, index: usize) -> Value {
    if values.is_null(index) {
        return Value::Null;
    }
    match kind {
        Kind::Text => values.as_string::<i32>().value(index).into(),
        Kind::Boolean => values.as_boolean().value(index).into(),
        Kind::Integer => values.as_primitive::<Int64Type>().value(index).into(),
        Kind::Number => json!(values.as_primitive::<Float64Type>().value(index)),
        Kind::Time => time(values, index),
        Kind::Day => Value::Null,
        Kind::Texts => {
            let items = values.as_list::<i32>().value(index);
            (0..items.len()).map(|item| value(&items, Kind::Text, item)).collect()
        }
        Kind::TextMap => {
            let entries = values.as_map().value(index);
            let (keys, texts) = (entries.column(0), entries.column(1));
            let pairs = (0..entries.len()).map(|entry| {
                let key = keys.as_string::<i32>().value(entry).to_owned();
                (key, value(texts, Kind::Text, entry))
            });
            Value::Object(pairs.collect())
        }
        Kind::States => objects(values, index, &[Kind::Text, Kind::Integer, Kind::Number]),
        Kind::TimeSpans => objects(values, index, &[Kind::Time, Kind::Time]),
        Kind::ContentSpans => objects(values, index, &[Kind::Number, Kind::Number]),
    }
}

fn time(values: &ArrayRef, index: usize) -> Value {
    let microseconds = values.as_primitive::<TimestampMicrosecondType>().value(index);
    rfc3339(microseconds.div_euclid(1_000)).into()
}

fn objects(values: &ArrayRef, index: usize, kinds: &[Kind]) -> Value {
    let items = values.as_list::<i32>().value(index);
    let items = items.as_struct();
    let object = |item: usize| {
        let fields = items.fields().iter().zip(items.columns()).zip(kinds);
        let pairs = fields.map(|((field, column), kind)| (field.name().clone(), value(column, *kind, item)));
        Value::Object(pairs.collect())
    };
    (0..items.len()).map(object).collect()
}
