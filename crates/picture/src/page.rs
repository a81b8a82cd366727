//! A whole picture: title, what it is about, charts or a table, notes.

use crate::NotDrawn;
use crate::canvas::{Anchor, Canvas};
use crate::chart::Chart;
use crate::fonts::{Fonts, Style};
use crate::limits::{CHARTS, HEIGHT_PX, WIDTH_PX};
use crate::palette::{SOFT_TEXT, TEXT};
use crate::table::Table;

/// A picture of a report.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Its title.
    pub title: String,
    /// What it is about: range, zone, filters.
    pub about: Vec<String>,
    /// What it shows.
    pub body: Body,
    /// What has to be said below.
    pub notes: Vec<String>,
}

/// What a picture shows.
#[derive(Debug, Clone)]
pub enum Body {
    /// Charts, one below the other, at most [`CHARTS`].
    Charts(Vec<Chart>),
    /// A table.
    Table(Table),
    /// Nothing, and a sentence that says so.
    Nothing(String),
}

const TITLE: Style = Style { size_px: 38.0, is_bold: true };
const ABOUT: Style = Style { size_px: 22.0, is_bold: false };
const NOTE: Style = Style { size_px: 20.0, is_bold: false };
const MARGIN_PX: f32 = 56.0;

impl Picture {
    /// The picture as a PNG file.
    ///
    /// # Errors
    ///
    /// If it could not be drawn.
    pub fn png(&self, fonts: &Fonts) -> Result<Vec<u8>, NotDrawn> {
        let mut canvas = Canvas::new(fonts);
        let room_px = WIDTH_PX as f32 - 2.0 * MARGIN_PX;
        let mut top = MARGIN_PX * 0.7;
        canvas.text(&self.title, (Anchor::Left, MARGIN_PX, top), (TITLE, TEXT), room_px);
        top += TITLE.size_px * 1.5;
        for line in &self.about {
            canvas.text(line, (Anchor::Left, MARGIN_PX, top), (ABOUT, SOFT_TEXT), room_px);
            top += ABOUT.size_px * 1.45;
        }
        top += 18.0;
        match &self.body {
            Body::Charts(charts) => {
                for chart in charts.iter().take(CHARTS) {
                    top = chart.draw(&mut canvas, (MARGIN_PX, top), charts.len() == 1) + 12.0;
                }
            }
            Body::Table(table) => top = table.draw(&mut canvas, (MARGIN_PX, top)),
            Body::Nothing(sentence) => {
                canvas.text(sentence, (Anchor::Left, MARGIN_PX, top), (ABOUT, TEXT), room_px);
                top += ABOUT.size_px * 2.0;
            }
        }
        top += 8.0;
        let most = HEIGHT_PX as f32 - MARGIN_PX;
        let notes: Vec<&str> = self.notes.iter().map(String::as_str).chain(canvas.note_of_boxes()).collect();
        for note in notes {
            canvas.text(note, (Anchor::Left, MARGIN_PX, top.min(most)), (NOTE, SOFT_TEXT), room_px);
            top += NOTE.size_px * 1.5;
        }
        canvas.png(top + MARGIN_PX * 0.5)
    }
}
