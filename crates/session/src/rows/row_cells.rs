//! The cells of rows, in the order of their columns, and rows as JSON.

use serde::{Serialize, Serializer};

use crate::accounting::views::ErrorView;
use crate::rows::cell::Cell;
use crate::rows::codec::write_rows;
use crate::rows::columns::SESSION_COLUMNS;
use crate::rows::param_columns::OF_START;
use crate::rows::row::{RowOf, RowsOf};
use crate::rows::view_rows::RowCells;

impl RowOf<'_> {
    /// Each column's name and value, in row order.
    pub fn cells(&self) -> impl Iterator<Item = (&'static str, Cell<'_>)> {
        let id = std::iter::once(("session_id", Cell::Text(self.session_id.to_string().into())));
        id.chain(self.cells_behind_id())
    }

    /// The same without the first, the id.
    pub(crate) fn cells_behind_id(&self) -> impl Iterator<Item = (&'static str, Cell<'_>)> {
        let mut start = OF_START.empty_cells();
        OF_START.fill(&mut start, &self.params);
        let accounted = SESSION_COLUMNS.iter().map(|column| (column.name, (column.cell)(self)));
        start.into_iter().chain(accounted)
    }
}

impl RowsOf<'_> {
    /// The cells of the ads.
    pub fn ad_cells(&self) -> Vec<RowCells<'_>> {
        self.ads.iter().map(|ad| ad.cells(&self.session.custom_metadata)).collect()
    }

    /// The cells of the chapters.
    pub fn chapter_cells(&self) -> Vec<RowCells<'_>> {
        self.chapters.iter().map(|chapter| chapter.cells(&self.session.custom_metadata)).collect()
    }

    /// The cells of the errors.
    pub fn error_cells(&self) -> Vec<RowCells<'_>> {
        self.errors.iter().map(ErrorView::cells).collect()
    }
}

impl Serialize for RowOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.cells())
    }
}

impl Serialize for RowsOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let views = [self.ad_cells(), self.chapter_cells(), self.error_cells()];
        write_rows(serializer, self.session.cells(), [&views[0], &views[1], &views[2]])
    }
}
