//! Marks on lines, one for each colour, so that lines are told apart without colours as well: as on the dashboard, where dashes say
//! that a bucket is counted in part.

use plotters::style::RGBColor;

use crate::canvas::{Canvas, Shape};

/// Half the width of a mark, pixels.
const HALF_PX: f32 = 6.0;

/// The corners of a mark in a square from -1 to 1.
fn corners(place: usize) -> Vec<(f32, f32)> {
    let star = |corners: u32, inner: f32, turned: f32| -> Vec<(f32, f32)> {
        let corner = |number: u32| {
            let angle = (number as f32 / corners as f32 + turned) * std::f32::consts::TAU;
            let far = if number.is_multiple_of(2) { 1.0 } else { inner };
            (angle.sin() * far, -angle.cos() * far)
        };
        (0..corners).map(corner).collect()
    };
    match place % 8 {
        0 => star(24, 1.0, 0.0),
        1 => vec![(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
        2 => vec![(0.0, -1.0), (1.0, 0.9), (-1.0, 0.9)],
        3 => vec![(0.0, -1.15), (1.15, 0.0), (0.0, 1.15), (-1.15, 0.0)],
        4 => star(8, 0.35, 0.0),
        5 => vec![(0.0, 1.0), (-1.0, -0.9), (1.0, -0.9)],
        6 => star(8, 0.35, 0.125),
        _ => star(10, 0.45, 0.0),
    }
}

/// Draws the mark of a line.
pub(crate) fn put(canvas: &mut Canvas<'_>, place: usize, (x, y): (f32, f32), color: RGBColor) {
    let points = corners(place).into_iter().map(|(right, down)| (x + right * HALF_PX, y + down * HALF_PX));
    canvas.shape(Shape::Area { points: points.collect(), color });
}
