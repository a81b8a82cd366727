//! A column of any type as texts in JSON.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringBuilder};
use datafusion::arrow::error::ArrowError;

use crate::output::cells::Cells;

/// The values of a column as texts in JSON, each as a response over HTTP has it; null where there is no value.
///
/// # Errors
///
/// If a value cannot be written, as for the type of a column that nothing writes.
pub fn json_texts(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let cells = Cells::new(column)?;
    let mut texts = StringBuilder::new();
    let mut text = Vec::new();
    for row in 0..column.len() {
        if cells.is_null(row) {
            texts.append_null();
            continue;
        }
        text.clear();
        cells.write_json(row, &mut text)?;
        texts.append_value(String::from_utf8_lossy(&text));
    }
    Ok(Arc::new(texts.finish()))
}
