//! Rows of a closed session, both ways: as JSON text, which everybody is shown, and packed, as the journal keeps them. The
//! text is one JSON object of the session's columns with the lists `ads`, `chapters` and `errors`. [`ReadRows`] reads all
//! that [`RowsOf::write`] and [`RowsOf::pack`] write, and writes the same text again.

mod cells;
mod error;
mod packed;
mod read;

pub use error::RowsError;
pub use read::ReadRows;
use serde::Serializer;
use serde::ser::SerializeMap;

use crate::rows::cell::Cell;
use crate::rows::row::RowsOf;
use crate::rows::view_rows::RowCells;

/// The names of the lists of views beside the session's columns, in order.
const VIEWS: [&str; 3] = ["ads", "chapters", "errors"];

impl RowsOf<'_> {
    /// The rows as text.
    ///
    /// # Errors
    ///
    /// Not for rows that come from a session.
    pub fn write(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// Writes the cells of a session, and those of its views in the order of [`VIEWS`].
pub(crate) fn write_rows<'a, S: Serializer>(
    serializer: S,
    session: impl Iterator<Item = (&'static str, Cell<'a>)>,
    views: [&[RowCells<'_>]; 3],
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (name, cell) in session {
        map.serialize_entry(name, &cell)?;
    }
    for (name, rows) in VIEWS.iter().zip(views) {
        map.serialize_entry(name, rows)?;
    }
    map.end()
}
