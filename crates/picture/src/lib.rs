//! Pictures of reports: charts and tables with their title and legend, as PNG. Pure: what is drawn, and with which letters, is
//! passed in.
//!
//! Shapes are drawn twice as large as they are shown and then made smaller, so their edges are smooth; letters are drawn last,
//! at the size that they have.

mod canvas;
mod chart;
mod fonts;
pub mod limits;
mod marks;
mod page;
mod palette;
mod png;
mod scale;
mod table;

pub use chart::{Chart, Line, Point, Tick};
pub use fonts::{FontFault, Fonts};
pub use page::{Body, Picture};
pub use table::{Column, Table};

/// A picture that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the picture could not be drawn: {0}")]
pub struct NotDrawn(pub(crate) String);
