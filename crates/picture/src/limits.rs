//! Every limit of pictures, in one place.

/// Width of a picture, pixels.
pub const WIDTH_PX: u32 = 1_600;

/// Height of a picture, pixels: what is below is left out.
pub const HEIGHT_PX: u32 = 2_400;

/// Charts of a picture, one below the other.
pub const CHARTS: usize = 4;

/// Lines of a chart: as many as there are colours.
pub const LINES: usize = 8;

/// Points of a line: there are fewer pixels in a row.
pub const POINTS: usize = 1_400;

/// Rows of a table.
pub const ROWS: usize = 40;

/// Columns of a table.
pub const COLUMNS: usize = 9;

/// Bytes of a text; the rest is left out before it is measured.
pub(crate) const TEXT_BYTES: usize = 400;

/// Bytes of a font.
pub const FONT_BYTES: u64 = 64 * 1024 * 1024;
