//! A ground to draw on: shapes twice as large, then letters.

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::prelude::{BitMapBackend, DrawingBackend, IntoDrawingArea, PathElement, Polygon, Rectangle};
use plotters::style::{Color, RGBColor};

use crate::NotDrawn;
use crate::fonts::{Fonts, Layout, Style};
use crate::limits::{HEIGHT_PX, WIDTH_PX};
use crate::palette::GROUND;
use crate::png::{PIXEL_BYTES, encode};

/// How many pixels of the ground become one of the picture, in each direction.
const SMALLER: usize = 2;

/// A shape, in pixels of the picture.
pub(crate) enum Shape {
    Rectangle { from: (f32, f32), to: (f32, f32), color: RGBColor },
    Path { points: Vec<(f32, f32)>, width_px: f32, color: RGBColor, is_dashed: bool },
    Area { points: Vec<(f32, f32)>, color: RGBColor },
}

/// A text at its place: its left end, or its right or its middle, and the top of its line.
struct Label {
    layout: Layout,
    left: f32,
    top: f32,
    style: Style,
    color: RGBColor,
}

/// Which point of a text is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

/// A picture under way.
pub(crate) struct Canvas<'fonts> {
    fonts: &'fonts Fonts,
    shapes: Vec<Shape>,
    labels: Vec<Label>,
    has_boxes: bool,
}

impl<'fonts> Canvas<'fonts> {
    pub(crate) fn new(fonts: &'fonts Fonts) -> Self {
        Self { fonts, shapes: Vec::new(), labels: Vec::new(), has_boxes: false }
    }

    pub(crate) fn shape(&mut self, shape: Shape) {
        self.shapes.push(shape);
    }

    /// Puts a text, and returns its width.
    pub(crate) fn text(
        &mut self,
        text: &str,
        (anchor, x, top): (Anchor, f32, f32),
        (style, color): (Style, RGBColor),
        most_px: f32,
    ) -> f32 {
        let layout = self.fonts.layout(text, style, most_px);
        let width_px = layout.width_px;
        let left = match anchor {
            Anchor::Left => x,
            Anchor::Middle => x - width_px / 2.0,
            Anchor::Right => x - width_px,
        };
        self.has_boxes |= layout.has_boxes;
        self.labels.push(Label { layout, left, top, style, color });
        width_px
    }

    /// The width of a text.
    pub(crate) fn width_px(&self, text: &str, style: Style) -> f32 {
        self.fonts.layout(text, style, f32::INFINITY).width_px
    }

    /// What has to be said of letters that no font has.
    pub(crate) fn note_of_boxes(&self) -> Option<&'static str> {
        let note = match self.fonts.has_own() {
            false => {
                "Letters drawn as boxes are not in the built-in font: name one that has them with the server's setting report_font."
            }
            true => {
                "Letters drawn as boxes are neither in the built-in font nor in that of the server's setting report_font."
            }
        };
        self.has_boxes.then_some(note)
    }

    /// The picture as a file.
    pub(crate) fn png(self, height_px: f32) -> Result<Vec<u8>, NotDrawn> {
        let height = (height_px.ceil() as usize).clamp(1, HEIGHT_PX as usize);
        let width = WIDTH_PX as usize;
        let mut large = vec![0; width * height * SMALLER * SMALLER * PIXEL_BYTES];
        {
            let size = ((width * SMALLER) as u32, (height * SMALLER) as u32);
            let area = BitMapBackend::with_buffer(&mut large, size).into_drawing_area();
            area.fill(&GROUND).map_err(failed)?;
            self.shapes.iter().try_for_each(|shape| draw(&area, shape))?;
            area.present().map_err(failed)?;
        }
        let mut pixels = smaller(&large, width, height);
        drop(large);
        for label in &self.labels {
            label.draw(self.fonts, &mut pixels, (width, height));
        }
        encode(width as u32, height as u32, &pixels).map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> NotDrawn {
    NotDrawn(error.to_string())
}

fn on_ground(&(x, y): &(f32, f32)) -> (i32, i32) {
    let place = |px: f32| (px * SMALLER as f32).round() as i32;
    (place(x), place(y))
}

fn draw<Backend: DrawingBackend>(area: &DrawingArea<Backend, Shift>, shape: &Shape) -> Result<(), NotDrawn> {
    match shape {
        Shape::Rectangle { from, to, color } => {
            area.draw(&Rectangle::new([on_ground(from), on_ground(to)], color.filled())).map_err(failed)
        }
        Shape::Area { points, color } => {
            let points: Vec<_> = points.iter().map(on_ground).collect();
            area.draw(&Polygon::new(points, color.filled())).map_err(failed)
        }
        Shape::Path { points, width_px, color, is_dashed } => {
            let points: Vec<_> = points.iter().map(on_ground).collect();
            let style = color.stroke_width((width_px * SMALLER as f32) as u32);
            if *is_dashed {
                return dashes(&points)
                    .into_iter()
                    .try_for_each(|dash| area.draw(&PathElement::new(dash, style)).map_err(failed));
            }
            area.draw(&PathElement::new(points, style)).map_err(failed)
        }
    }
}

/// A path in pieces, with gaps between them.
fn dashes(points: &[(i32, i32)]) -> Vec<Vec<(i32, i32)>> {
    const DASH: f64 = 14.0;
    const PERIOD: f64 = 24.0;
    let mut pieces = Vec::new();
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let (right, down) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
        let length = right.hypot(down);
        let at = |along: f64| {
            let share = (along / length).min(1.0);
            let place = |from: i32, far: f64| from + (far * share).round() as i32;
            (place(from.0, right), place(from.1, down))
        };
        let count = (length / PERIOD).ceil() as u32;
        pieces.extend((0..count).map(|piece| {
            let start = f64::from(piece) * PERIOD;
            vec![at(start), at(start + DASH)]
        }));
    }
    pieces
}

/// The mean of each square of pixels.
fn smaller(large: &[u8], width: usize, height: usize) -> Vec<u8> {
    let line_bytes = width * SMALLER * PIXEL_BYTES;
    let mut pixels = Vec::with_capacity(width * height * PIXEL_BYTES);
    for lines in large.chunks_exact(line_bytes * SMALLER) {
        for x in 0..width {
            for channel in 0..PIXEL_BYTES {
                let mut sum = 0_u32;
                for line in lines.chunks_exact(line_bytes) {
                    for right in 0..SMALLER {
                        sum += u32::from(line[(x * SMALLER + right) * PIXEL_BYTES + channel]);
                    }
                }
                pixels.push((sum / (SMALLER * SMALLER) as u32) as u8);
            }
        }
    }
    pixels
}

impl Label {
    fn draw(&self, fonts: &Fonts, pixels: &mut [u8], (width, height): (usize, usize)) {
        let baseline = self.top + fonts.ascent_px(self.style);
        let color = [self.color.0, self.color.1, self.color.2];
        let mut put = |x: i32, y: i32, cover: f32| {
            let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
            if x >= width || y >= height {
                return;
            }
            let first = (y * width + x) * PIXEL_BYTES;
            for (byte, ink) in pixels[first..first + PIXEL_BYTES].iter_mut().zip(color) {
                let (ground, ink) = (f32::from(*byte), f32::from(ink));
                *byte = (ground + (ink - ground) * cover.clamp(0.0, 1.0)).round() as u8;
            }
        };
        for letter in &self.layout.letters {
            match letter.box_px {
                None => letter.draw(self.style, self.left, baseline, &mut put),
                Some(box_px) => {
                    let (left, right) = (self.left + letter.x + 2.0, self.left + letter.x + 2.0 + box_px);
                    let (top, bottom) = (baseline - self.style.size_px * 0.62, baseline);
                    for x in left as i32..=right as i32 {
                        for y in top as i32..=bottom as i32 {
                            let is_edge = x == left as i32
                                || x == right as i32
                                || y == top as i32
                                || y == bottom as i32;
                            put(x, y, if is_edge { 1.0 } else { 0.0 });
                        }
                    }
                }
            }
        }
    }
}
