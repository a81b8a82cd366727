//! What an event changed in the row of its session.

use playhead_session::Session;
use serde_json::{Map, Value};

/// The columns of a row as they were last.
#[derive(Debug, Default)]
pub(crate) struct Columns(Map<String, Value>);

/// A column that changed.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) column: &'static str,
    /// `None` when there was no row before.
    pub(crate) before: Option<Value>,
    pub(crate) after: Value,
}

impl Columns {
    /// What has changed in the session's row since the last call; all of it at the first.
    pub(crate) fn changes(&mut self, session: &Session) -> Vec<Change> {
        let mut changes = Vec::new();
        for (column, cell) in session.row().cells() {
            let after = serde_json::to_value(&cell).unwrap_or(Value::Null);
            if self.0.get(column) != Some(&after) {
                let before = self.0.insert(column.to_owned(), after.clone());
                changes.push(Change { column, before, after });
            }
        }
        changes
    }

    /// The value of a column.
    pub(crate) fn value(&self, column: &str) -> Value {
        self.0.get(column).cloned().unwrap_or_default()
    }
}
