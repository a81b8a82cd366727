//! The colours of the dashboard on a light ground.

use plotters::style::RGBColor;

/// Colours of lines, in order.
pub(crate) const LINES: [RGBColor; 8] = [
    RGBColor(0x34, 0x59, 0xd3),
    RGBColor(0xc3, 0x83, 0x2a),
    RGBColor(0x00, 0x4f, 0x31),
    RGBColor(0xa6, 0x3d, 0x83),
    RGBColor(0x2c, 0x93, 0xeb),
    RGBColor(0x75, 0x6a, 0x04),
    RGBColor(0x50, 0x19, 0x80),
    RGBColor(0x90, 0x95, 0x98),
];

pub(crate) const GROUND: RGBColor = RGBColor(0xff, 0xff, 0xff);
pub(crate) const TEXT: RGBColor = RGBColor(0x14, 0x19, 0x22);
pub(crate) const SOFT_TEXT: RGBColor = RGBColor(0x48, 0x52, 0x5f);
pub(crate) const GRID: RGBColor = RGBColor(0xea, 0xed, 0xf2);
pub(crate) const AXIS: RGBColor = RGBColor(0x62, 0x6c, 0x7a);
/// Behind the numbers of a table, as long as they are large.
pub(crate) const BAR: RGBColor = RGBColor(0xc9, 0xd4, 0xf5);
