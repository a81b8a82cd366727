//! The changes that an event made in the row of its session.

use playhead_session::{Cell, Session, SessionRow};
use serde_json::Value;

/// The columns of a row as they were last.
#[derive(Debug, Default)]
pub(crate) struct Columns(Option<SessionRow>);

/// A column that changed.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) column: &'static str,
    /// `None` when there was no row before.
    pub(crate) before: Option<Value>,
    pub(crate) after: Value,
}

impl Columns {
    /// What has changed in the session's row since the last call; all of it at the first. Lists of spans are left out:
    /// they grow with every event, and told twice for each they would be the square of a long session.
    pub(crate) fn changes(&mut self, session: &Session) -> Vec<Change> {
        let row = session.row();
        let changes = {
            let mut before = self.0.as_ref().map(SessionRow::cells);
            let compared = row.cells().map(|cell| (cell, before.as_mut().and_then(Iterator::next)));
            compared
                .filter(|((_, after), before)| {
                    !after.is_spans() && before.as_ref().is_none_or(|(_, before)| before != after)
                })
                .map(|((column, after), before)| Change {
                    column,
                    before: before.map(|(_, before)| value_of(&before)),
                    after: value_of(&after),
                })
                .collect()
        };
        self.0 = Some(row);
        changes
    }

    /// The value of a column.
    pub(crate) fn value(&self, column: &str) -> Value {
        let cell = self.0.as_ref().and_then(|row| row.cells().find(|(name, _)| *name == column));
        cell.map(|(_, cell)| value_of(&cell)).unwrap_or_default()
    }
}

fn value_of(cell: &Cell<'_>) -> Value {
    serde_json::to_value(cell).unwrap_or_default()
}
