//! Values over time as lines.

use crate::canvas::{Anchor, Canvas, Shape};
use crate::fonts::Style;
use crate::limits::{LINES, WIDTH_PX};
use crate::marks;
use crate::palette::{AXIS, GRID, LINES as COLORS, SOFT_TEXT, TEXT};
use crate::scale::Scale;

/// A chart of lines.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What it shows; empty if the picture's title says so.
    pub title: String,
    /// Its lines, at most [`LINES`].
    pub lines: Vec<Line>,
    /// The range, ms since the epoch.
    pub range_ms: (i64, i64),
    /// The times below it.
    pub ticks: Vec<Tick>,
    /// Writes a value.
    pub written: fn(f64) -> String,
    /// Whether values are seconds, which are counted as clocks do.
    pub is_clock: bool,
    /// Whether there is nothing between two whole numbers.
    pub is_whole: bool,
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its points in the order of time.
    pub points: Vec<Point>,
}

/// A point of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When, ms since the epoch.
    pub at_ms: i64,
    /// How much; `None` leaves a gap.
    pub value: Option<f64>,
    /// Whether it is counted in part only.
    pub is_partial: bool,
}

/// A time below a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// When, ms since the epoch.
    pub at_ms: i64,
    /// As clocks show it.
    pub text: String,
}

/// Height of the lines alone, if there is one chart and if there are several, pixels.
const ALONE_PX: f32 = 520.0;
const ONE_OF_SEVERAL_PX: f32 = 230.0;

/// The widest that the numbers beside the grid may be.
const AXIS_PX: f32 = 260.0;

const LINE_PX: f32 = 3.0;
const GRID_PX: f32 = 1.0;
/// About so many marks a line.
const MARKS: usize = 7;

const LABEL: Style = Style { size_px: 22.0, is_bold: false };
const HEADING: Style = Style { size_px: 24.0, is_bold: true };

/// Where the lines are.
struct Frame {
    left: f32,
    right: f32,
    top: f32,
    bottom: f32,
    range_ms: (i64, i64),
    scale: Scale,
}

impl Frame {
    fn x(&self, at_ms: i64) -> f32 {
        let (from_ms, to_ms) = self.range_ms;
        let share = (at_ms.saturating_sub(from_ms)) as f64 / (to_ms.saturating_sub(from_ms)).max(1) as f64;
        self.left + (self.right - self.left) * share.clamp(0.0, 1.0) as f32
    }

    fn y(&self, value: f64) -> f32 {
        self.bottom - (self.bottom - self.top) * self.scale.share(value)
    }
}

impl Chart {
    /// Draws it below `top`, and returns where it ends.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, (left, mut top): (f32, f32), is_alone: bool) -> f32 {
        let right = WIDTH_PX as f32 - left;
        if !self.title.is_empty() {
            canvas.text(&self.title, (Anchor::Left, left, top), (HEADING, TEXT), right - left);
            top += HEADING.size_px * 1.5;
        }
        if self.lines.len() > 1 {
            top = self.legend(canvas, (left, right), top);
        }
        top += 14.0;
        let values = self.lines.iter().flat_map(|line| &line.points).filter_map(|point| point.value);
        let scale = Scale::over(values, self.is_clock, self.is_whole);
        let widest = scale.ticks.iter().map(|tick| canvas.width_px(&(self.written)(*tick), LABEL));
        let axis_px = widest.fold(0.0_f32, f32::max).min(AXIS_PX) + 14.0;
        let height_px = if is_alone { ALONE_PX } else { ONE_OF_SEVERAL_PX };
        let frame = Frame {
            left: left + axis_px,
            right,
            top,
            bottom: top + height_px,
            range_ms: self.range_ms,
            scale,
        };
        self.grid(canvas, &frame);
        for (place, line) in self.lines.iter().take(LINES).enumerate().rev() {
            line.draw(canvas, &frame, place, self.lines.len() > 1);
        }
        frame.bottom + LABEL.size_px * 2.2
    }

    fn legend(&self, canvas: &mut Canvas<'_>, (left, right): (f32, f32), mut top: f32) -> f32 {
        const MARK_PX: f32 = 34.0;
        const GAP_PX: f32 = 28.0;
        let mut x = left;
        for (place, line) in self.lines.iter().take(LINES).enumerate() {
            let width_px = canvas.width_px(&line.name, LABEL).min((right - left) / 3.0);
            if x > left && x + MARK_PX + width_px > right {
                x = left;
                top += LABEL.size_px * 1.5;
            }
            let (color, y) = (COLORS[place % COLORS.len()], top + LABEL.size_px * 0.62);
            let points = vec![(x, y), (x + MARK_PX - 8.0, y)];
            canvas.shape(Shape::Path { points, width_px: LINE_PX, color, is_dashed: false });
            marks::put(canvas, place, (x + (MARK_PX - 8.0) / 2.0, y), color);
            x += MARK_PX;
            x += canvas.text(&line.name, (Anchor::Left, x, top), (LABEL, TEXT), width_px.max(1.0) + 1.0)
                + GAP_PX;
        }
        top + LABEL.size_px * 1.5
    }

    fn grid(&self, canvas: &mut Canvas<'_>, frame: &Frame) {
        for tick in &frame.scale.ticks {
            let y = frame.y(*tick);
            let color = if *tick == 0.0 { AXIS } else { GRID };
            let points = vec![(frame.left, y), (frame.right, y)];
            canvas.shape(Shape::Path { points, width_px: GRID_PX, color, is_dashed: false });
            let place = (Anchor::Right, frame.left - 12.0, y - LABEL.size_px * 0.68);
            canvas.text(&(self.written)(*tick), place, (LABEL, SOFT_TEXT), AXIS_PX);
        }
        let mut free_from = frame.left - 40.0;
        for tick in &self.ticks {
            let (x, width_px) = (frame.x(tick.at_ms), canvas.width_px(&tick.text, LABEL));
            let x = x.min(frame.right - width_px / 2.0).max(frame.left - 40.0 + width_px / 2.0);
            if x - width_px / 2.0 < free_from {
                continue;
            }
            let at = frame.x(tick.at_ms);
            let points = vec![(at, frame.bottom), (at, frame.bottom + 7.0)];
            canvas.shape(Shape::Path { points, width_px: GRID_PX, color: AXIS, is_dashed: false });
            let place = (Anchor::Middle, x, frame.bottom + 10.0);
            canvas.text(&tick.text, place, (LABEL, SOFT_TEXT), f32::INFINITY);
            free_from = x + width_px / 2.0 + 24.0;
        }
    }
}

impl Line {
    fn draw(&self, canvas: &mut Canvas<'_>, frame: &Frame, place: usize, has_marks: bool) {
        let color = COLORS[place % COLORS.len()];
        let places: Vec<Option<(f32, f32, bool)>> = self
            .points
            .iter()
            .map(|point| Some((frame.x(point.at_ms), frame.y(point.value?), point.is_partial)))
            .collect();
        let mut path = |points: Vec<(f32, f32)>, is_dashed| {
            if points.len() > 1 {
                canvas.shape(Shape::Path { points, width_px: LINE_PX, color, is_dashed });
            }
        };
        // What leads to a bucket that is counted in part is dashed.
        for part in places.split(Option::is_none) {
            let part: Vec<(f32, f32, bool)> = part.iter().flatten().copied().collect();
            let mut whole: Vec<(f32, f32)> = Vec::new();
            for pair in part.windows(2) {
                let (from, to) = ((pair[0].0, pair[0].1), (pair[1].0, pair[1].1));
                if pair[1].2 || pair[0].2 {
                    path(std::mem::take(&mut whole), false);
                    path(vec![from, to], true);
                } else {
                    if whole.is_empty() {
                        whole.push(from);
                    }
                    whole.push(to);
                }
            }
            path(whole, false);
        }
        let known: Vec<(f32, f32)> = places.iter().flatten().map(|(x, y, _)| (*x, *y)).collect();
        let is_lonely = known.len() == 1;
        if has_marks || is_lonely {
            let step = known.len().div_ceil(MARKS).max(1);
            let first = step * (place % 4) / 4;
            for at in known.into_iter().skip(first).step_by(step) {
                marks::put(canvas, place, at, color);
            }
        }
    }
}
