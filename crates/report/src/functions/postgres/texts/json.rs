//! `json_build_object`: names and values in turn.

use datafusion::common::{Result, exec_datafusion_err, exec_err};

use super::Column;

/// The object of a row.
pub(super) fn object(columns: &[Column], row: usize) -> Result<String> {
    if columns.len() % 2 == 1 {
        return exec_err!("json_build_object takes names and values in turn, so an even number of arguments");
    }
    let mut members = Vec::with_capacity(columns.len() / 2);
    for pair in columns.chunks(2) {
        let [name, value] = pair else { continue };
        let Some(name) = name.text(row) else {
            return exec_err!("a name of json_build_object must not be null");
        };
        let value = match value.text(row) {
            None => "null".to_owned(),
            // JSON has no word for numbers such as these.
            Some(text) if value.is_plain && !["NaN", "inf", "-inf"].contains(&text) => text.to_owned(),
            Some(text) => written(text)?,
        };
        members.push(format!("{} : {value}", written(name)?));
    }
    Ok(format!("{{{}}}", members.join(", ")))
}

fn written(text: &str) -> Result<String> {
    serde_json::to_string(text).map_err(|error| exec_datafusion_err!("{error}"))
}
