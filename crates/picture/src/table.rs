//! Rows as a table, with bars behind one column of numbers.

use crate::canvas::{Anchor, Canvas, Shape};
use crate::fonts::Style;
use crate::limits::{COLUMNS, ROWS, WIDTH_PX};
use crate::palette::{AXIS, BAR, GRID, SOFT_TEXT, TEXT};

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its columns, at most [`COLUMNS`].
    pub columns: Vec<Column>,
    /// Its rows, at most [`ROWS`], each with a text for every column.
    pub rows: Vec<Vec<String>>,
    /// The column that has bars, with the number of each row; the longest bar is that of the highest.
    pub bars: Option<(usize, Vec<Option<f64>>)>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Whether it holds numbers, which stand to the right.
    pub is_number: bool,
}

const CELL: Style = Style { size_px: 22.0, is_bold: false };
const HEADING: Style = Style { size_px: 20.0, is_bold: true };
const ROW_PX: f32 = 38.0;
const PADDING_PX: f32 = 14.0;
/// The widest that a column of texts becomes while there is no room for all.
const LEAST_PX: f32 = 120.0;
/// Width of the column with bars, at least.
const BARS_PX: f32 = 420.0;

impl Table {
    /// Draws it below `top`, and returns where it ends.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, (left, top): (f32, f32)) -> f32 {
        let columns = self.columns.iter().take(COLUMNS);
        let widths_px = self.widths_px(canvas, WIDTH_PX as f32 - 2.0 * left);
        let mut x = left;
        let mut bottom = top;
        for (place, (column, width_px)) in columns.zip(&widths_px).enumerate() {
            let (anchor, text_x) = match column.is_number {
                true => (Anchor::Right, x + width_px - PADDING_PX),
                false => (Anchor::Left, x + if place == 0 { 0.0 } else { PADDING_PX }),
            };
            let room_px = width_px - 2.0 * PADDING_PX;
            canvas.text(&column.name, (anchor, text_x, top), (HEADING, SOFT_TEXT), room_px);
            for (row, cells) in self.rows.iter().take(ROWS).enumerate() {
                let row_top = top + ROW_PX * (row as f32 + 1.0);
                self.bar(canvas, (place, row), (x, row_top, *width_px));
                let text = cells.get(place).map_or("", String::as_str);
                canvas.text(text, (anchor, text_x, row_top + 5.0), (CELL, TEXT), room_px);
                bottom = row_top + ROW_PX;
            }
            x += width_px;
        }
        let edges = (0..=self.rows.len().min(ROWS)).map(|row| (row, top + ROW_PX * (row as f32 + 1.0)));
        for (row, y) in edges {
            let color = if row == 0 { AXIS } else { GRID };
            let points = vec![(left, y), (WIDTH_PX as f32 - left, y)];
            canvas.shape(Shape::Path { points, width_px: 1.0, color, is_dashed: false });
        }
        bottom + 6.0
    }

    /// The bar behind a cell.
    fn bar(
        &self,
        canvas: &mut Canvas<'_>,
        (column, row): (usize, usize),
        (x, top, width_px): (f32, f32, f32),
    ) {
        let Some((_, values)) = self.bars.as_ref().filter(|(of, _)| *of == column) else { return };
        let highest = values.iter().flatten().copied().fold(0.0_f64, f64::max);
        let Some(value) = values.get(row).copied().flatten().filter(|value| *value > 0.0 && highest > 0.0)
        else {
            return;
        };
        let long_px = (width_px - 2.0 * PADDING_PX) * (value / highest) as f32;
        let from = (x + PADDING_PX, top + 5.0);
        canvas.shape(Shape::Rectangle {
            from,
            to: (from.0 + long_px.max(2.0), top + ROW_PX - 5.0),
            color: BAR,
        });
    }

    fn widths_px(&self, canvas: &Canvas<'_>, room_px: f32) -> Vec<f32> {
        let columns = self.columns.iter().take(COLUMNS);
        let wanted: Vec<f32> = columns
            .enumerate()
            .map(|(place, column)| {
                let cells = self.rows.iter().take(ROWS).filter_map(|row| row.get(place));
                let widest = cells.map(|text| canvas.width_px(text, CELL)).fold(0.0_f32, f32::max);
                let width_px = widest.max(canvas.width_px(&column.name, HEADING)) + 2.0 * PADDING_PX;
                let has_bars = self.bars.as_ref().is_some_and(|(of, _)| *of == place);
                if has_bars { width_px.max(BARS_PX) } else { width_px }
            })
            .collect();
        let sum: f32 = wanted.iter().sum();
        if sum <= room_px {
            let spare = (room_px - sum) / wanted.len().max(1) as f32;
            return wanted.into_iter().map(|width_px| width_px + spare).collect();
        }
        // Columns that are wider than their share are cut, the others stay as they are.
        let mut most_px = room_px;
        let fits = |most_px: f32| wanted.iter().map(|width_px| width_px.min(most_px)).sum::<f32>() <= room_px;
        while most_px > LEAST_PX && !fits(most_px) {
            most_px -= 10.0;
        }
        wanted.into_iter().map(|width_px| width_px.min(most_px)).collect()
    }
}
