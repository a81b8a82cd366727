//! Reading the rows of a session.

use std::fmt;
use std::sync::LazyLock;

use playhead_protocol::ParamId;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::rows::cell::Cell;
use crate::rows::codec::cells::{Shape, Text};
use crate::rows::codec::{RowsError, VIEWS, packed, write_rows};
use crate::rows::columns::SESSION_COLUMNS;
use crate::rows::columns::start_columns;
use crate::rows::param_columns::{AD_EVENTS, CHAPTER_EVENTS};
use crate::rows::view_rows::{RowCells, view_columns};

/// The rows of a session, read from what the journal keeps or from text. Each row has all its columns, in order: a column that an older release did not
/// write is null, and one that only a later release knows is left out.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadRows<'text> {
    /// The session's cells.
    pub session: RowCells<'text>,
    /// The cells of the ads.
    pub ads: Vec<RowCells<'text>>,
    /// The cells of the chapters.
    pub chapters: Vec<RowCells<'text>>,
    /// The cells of the errors.
    pub errors: Vec<RowCells<'text>>,
}

impl<'text> ReadRows<'text> {
    /// Reads rows as [`RowsOf::pack`](crate::RowsOf::pack) or [`RowsOf::write`](crate::RowsOf::write) writes them. No JSON
    /// text begins like packed rows, so a journal may hold both.
    ///
    /// # Errors
    ///
    /// If the bytes are neither packed rows nor JSON, a list has other items than its column's, or the row says no session,
    /// start or arrival.
    pub fn read(rows: &'text [u8]) -> Result<Self, RowsError> {
        let is_text =
            rows.first().is_none_or(|first| first.is_ascii_whitespace() || first.is_ascii_graphic());
        let rows = if is_text {
            Self::read_text(rows).map_err(RowsError::Text)?
        } else {
            packed::reading::read(rows)?
        };
        // Without these the row would be in a partition of 1970, and no query would find it.
        let has = |name: &str| matches!(rows.session.get(name), Cell::Text(_) | Cell::Time(_));
        match ["session_id", "started_at", "received_at"].into_iter().find(|name| !has(name)) {
            Some(missing) => Err(RowsError::Missing(missing)),
            None => Ok(rows),
        }
    }

    fn read_text(text: &'text [u8]) -> Result<Self, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let rows = deserializer.deserialize_map(RowsVisitor)?;
        deserializer.end()?;
        Ok(rows)
    }

    /// The rows as text: the one that was read, if this release wrote it.
    ///
    /// # Errors
    ///
    /// Not for rows that were read.
    pub fn write(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

impl Serialize for ReadRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_rows(serializer, self.session.0.iter().cloned(), [&self.ads, &self.chapters, &self.errors])
    }
}

/// A column that a row is read into.
pub(super) type Expected = (&'static str, Shape);

pub(super) static SESSION: LazyLock<Vec<Expected>> = LazyLock::new(|| {
    let start = start_columns().map(of_param);
    let accounted = SESSION_COLUMNS.iter().map(|column| (column.name, Shape::from(column.column_type)));
    std::iter::once(("session_id", Shape::Text)).chain(start).chain(accounted).collect()
});

/// The columns of the views, in the order of [`VIEWS`].
pub(super) static OF_VIEWS: LazyLock<[Vec<Expected>; 3]> = LazyLock::new(|| {
    let view = |events, started_at| {
        let own = [
            (started_at, Shape::Time),
            ("time_played", Shape::Number),
            ("end", Shape::Text),
            ("custom_metadata", Shape::Pairs),
        ];
        view_columns(events).map(of_param).chain(own).collect()
    };
    let errors = vec![
        ("error_id", Shape::Text),
        ("source", Shape::Text),
        ("at", Shape::Time),
        ("playhead", Shape::Number),
    ];
    [view(AD_EVENTS, "ad_started_at"), view(CHAPTER_EVENTS, "chapter_started_at"), errors]
});

fn of_param((id, name): (ParamId, &'static str)) -> Expected {
    (name, Shape::from(id.param().value_type))
}

/// A row while it is read.
pub(super) struct Cells<'text> {
    columns: &'static [Expected],
    pub(super) cells: Vec<(&'static str, Cell<'text>)>,
    /// Where the next column is looked for first: rows have their columns in order.
    next: usize,
}

impl<'de> Cells<'de> {
    pub(super) fn new(columns: &'static [Expected]) -> Self {
        let cells = columns.iter().map(|&(name, _)| (name, Cell::Null)).collect();
        Self { columns, cells, next: 0 }
    }

    /// Takes the value of a column of this name.
    fn take<A: MapAccess<'de>>(&mut self, name: &str, entries: &mut A) -> Result<(), A::Error> {
        let Some(place) = self.place(name) else { return entries.next_value::<IgnoredAny>().map(|_| ()) };
        self.cells[place].1 = entries.next_value_seed(self.columns[place].1)?;
        Ok(())
    }

    /// Sets the value of a column of this name, if there is one.
    pub(super) fn set(&mut self, name: &str, cell: Cell<'de>) {
        if let Some(place) = self.place(name) {
            self.cells[place].1 = cell;
        }
    }

    fn place(&mut self, name: &str) -> Option<usize> {
        let is_it = |column: &Expected| column.0 == name;
        let behind = self.columns.get(self.next..)?;
        // Names that are left out lie in between.
        let place = match behind.iter().position(is_it) {
            Some(place) => self.next + place,
            None => self.columns.iter().position(is_it)?,
        };
        self.next = place + 1;
        Some(place)
    }
}

struct RowsVisitor;

impl<'de> Visitor<'de> for RowsVisitor {
    type Value = ReadRows<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the rows of a session")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<ReadRows<'de>, A::Error> {
        let mut session = Cells::new(&SESSION);
        let mut views: [Vec<RowCells<'de>>; 3] = Default::default();
        while let Some(Text(name)) = entries.next_key()? {
            match VIEWS.iter().position(|view| *view == name) {
                Some(view) => views[view] = entries.next_value_seed(ViewsSeed(&OF_VIEWS[view]))?,
                None => session.take(&name, &mut entries)?,
            }
        }
        let [ads, chapters, errors] = views;
        Ok(ReadRows { session: RowCells(session.cells), ads, chapters, errors })
    }
}

/// Reads a list of views.
struct ViewsSeed(&'static [Expected]);

impl<'de> DeserializeSeed<'de> for ViewsSeed {
    type Value = Vec<RowCells<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ViewsSeed {
    type Value = Vec<RowCells<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of rows")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = items.next_element_seed(ViewSeed(self.0))? {
            rows.push(row);
        }
        Ok(rows)
    }
}

/// Reads one view.
struct ViewSeed(&'static [Expected]);

impl<'de> DeserializeSeed<'de> for ViewSeed {
    type Value = RowCells<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ViewSeed {
    type Value = RowCells<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut row = Cells::new(self.0);
        while let Some(Text(name)) = entries.next_key()? {
            row.take(&name, &mut entries)?;
        }
        Ok(RowCells(row.cells))
    }
}
