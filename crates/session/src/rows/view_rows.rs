//! Rows of ads, chapters and errors: their columns and cells. A reader that wants one flat table puts the columns of the
//! session beside them.

use std::borrow::Cow;

use playhead_protocol::{EventType, PackedPairs, PairsPacker, ParamId};
use serde::{Serialize, Serializer};

use crate::accounting::views::{AdView, ChapterView, ErrorView, ViewEnd};
use crate::rows::cell::Cell;
use crate::rows::param_columns::{AD_EVENTS, CHAPTER_EVENTS, of_views};
use crate::rows::visitor::{VISITOR_COLUMNS, Visitor};

/// The parameter columns of ad rows, or of chapter rows.
pub fn view_columns(event_types: &'static [EventType]) -> impl Iterator<Item = (ParamId, &'static str)> {
    of_views(event_types).iter()
}

/// The cells of one row, in column order.
#[derive(Debug, Clone, PartialEq)]
pub struct RowCells<'row>(pub Vec<(&'static str, Cell<'row>)>);

impl<'row> RowCells<'row> {
    /// The cell of a column; nothing if the row has no such column.
    pub fn get(&self, column: &str) -> &Cell<'row> {
        self.0.iter().find(|(name, _)| *name == column).map_or(&Cell::Null, |(_, cell)| cell)
    }

    /// The text of a column.
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.get(column) {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The moment of a column, in ms since the epoch.
    pub fn time_ms(&self, column: &str) -> Option<i64> {
        match self.get(column) {
            Cell::Time(ms) => Some(*ms),
            _ => None,
        }
    }

    /// Who watched, for the row of a session.
    pub fn visitor(&self) -> Option<Visitor<'_>> {
        Visitor::first_of(VISITOR_COLUMNS.iter().map(|column| self.text(column)))
    }
}

impl Serialize for RowCells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, cell)| (name, cell)))
    }
}

impl AdView {
    /// The row's cells; `session_metadata` is what the ad's own metadata lies over.
    pub fn cells(&self, session_metadata: &PackedPairs) -> RowCells<'_> {
        let columns = of_views(AD_EVENTS);
        let mut cells = columns.empty_cells();
        columns.fill(&mut cells, &self.params);
        columns.fill(&mut cells, &self.pod);
        push_view_cells(&mut cells, "ad_started_at", self.started_at_ms, self.time_ms, self.end);
        cells.push((
            "custom_metadata",
            Cell::Pairs(Cow::Owned(overlay(session_metadata, &self.custom_metadata))),
        ));
        RowCells(cells)
    }
}

impl ChapterView {
    /// The row's cells; `session_metadata` is what the chapter's own metadata lies over.
    pub fn cells(&self, session_metadata: &PackedPairs) -> RowCells<'_> {
        let columns = of_views(CHAPTER_EVENTS);
        let mut cells = columns.empty_cells();
        columns.fill(&mut cells, &self.params);
        push_view_cells(&mut cells, "chapter_started_at", self.started_at_ms, self.time_ms, self.end);
        cells.push((
            "custom_metadata",
            Cell::Pairs(Cow::Owned(overlay(session_metadata, &self.custom_metadata))),
        ));
        RowCells(cells)
    }
}

impl ErrorView {
    /// The row's cells.
    pub fn cells(&self) -> RowCells<'_> {
        RowCells(vec![
            ("error_id", self.error_id.as_deref().into()),
            ("source", Cell::from(&*self.source)),
            ("at", Cell::Time(self.at_ms)),
            ("playhead", Cell::Number(self.playhead)),
        ])
    }
}

fn push_view_cells<'row>(
    cells: &mut Vec<(&'static str, Cell<'row>)>,
    started_at: &'static str,
    started_at_ms: i64,
    time_ms: i64,
    end: Option<ViewEnd>,
) {
    cells.push((started_at, Cell::Time(started_at_ms)));
    cells.push(("time_played", Cell::Seconds(time_ms)));
    cells.push(("end", end.map(ViewEnd::name).into()));
}

/// The session's metadata with the view's own laid over it (metrics contract, section 12).
fn overlay(session: &PackedPairs, own: &PackedPairs) -> PackedPairs {
    let mut merged = PairsPacker::default();
    for (key, value) in session.iter().filter(|(key, _)| own.iter().all(|(own_key, _)| own_key != *key)) {
        merged.push(key, value);
    }
    for (key, value) in own.iter() {
        merged.push(key, value);
    }
    merged.finish()
}
