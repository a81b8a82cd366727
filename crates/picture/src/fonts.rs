//! Letters: those of the font that is built in, and beside it those of a font of the operator.

use ab_glyph::{Font, FontArc, FontVec, GlyphId, ScaleFont, point};

use crate::limits::TEXT_BYTES;

/// The letters to draw with.
#[derive(Debug, Clone)]
pub struct Fonts {
    regular: FontArc,
    bold: FontArc,
    own: Option<FontArc>,
}

/// Why a font cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a font that can be read: TrueType or OpenType, alone or in a collection (.ttf, .otf, .ttc)")]
pub struct FontFault;

/// How letters look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size_px: f32,
    pub(crate) is_bold: bool,
}

/// A letter at its place.
pub(crate) struct Letter {
    pub(crate) font: FontArc,
    pub(crate) glyph: GlyphId,
    pub(crate) x: f32,
    /// The width of the box that stands for it, if no font has it.
    pub(crate) box_px: Option<f32>,
}

/// A text as it is drawn.
#[derive(Default)]
pub(crate) struct Layout {
    pub(crate) letters: Vec<Letter>,
    pub(crate) width_px: f32,
    /// Whether some letter is drawn as a box.
    pub(crate) has_boxes: bool,
}

impl Fonts {
    /// The built-in font, and the bytes of the operator's, whose letters are drawn where the built-in one has none.
    ///
    /// # Errors
    ///
    /// If one of them cannot be read.
    pub fn new(own: Option<Vec<u8>>) -> Result<Self, FontFault> {
        let built_in = |bytes: &'static [u8]| FontArc::try_from_slice(bytes).map_err(|_| FontFault);
        let own = own.map(|bytes| FontVec::try_from_vec_and_index(bytes, 0).map_err(|_| FontFault));
        Ok(Self {
            regular: built_in(notosans::REGULAR_TTF)?,
            bold: built_in(notosans::BOLD_TTF)?,
            own: own.transpose()?.map(FontArc::from),
        })
    }

    /// Whether there is a font of the operator.
    pub(crate) fn has_own(&self) -> bool {
        self.own.is_some()
    }

    /// How far below the top of a line its letters stand.
    pub(crate) fn ascent_px(&self, style: Style) -> f32 {
        self.regular.as_scaled(style.size_px).ascent()
    }

    /// A text on one line, cut with an ellipsis where it would be wider than this.
    pub(crate) fn layout(&self, text: &str, style: Style, most_px: f32) -> Layout {
        let mut shown = visible(text);
        let is_cut = shown.len() > TEXT_BYTES;
        shown.truncate(shown.floor_char_boundary(TEXT_BYTES));
        if is_cut {
            shown.push('…');
        }
        let whole = self.placed(&shown, style);
        if whole.width_px <= most_px {
            return whole;
        }
        let ellipsis_px = self.placed("…", style).width_px;
        let fitting = whole.letters.iter().take_while(|letter| letter.x + ellipsis_px <= most_px).count();
        let mut kept: String = shown.chars().take(fitting.saturating_sub(1)).collect();
        kept.push('…');
        self.placed(&kept, style)
    }

    fn placed(&self, text: &str, style: Style) -> Layout {
        let mut layout = Layout::default();
        let first = if style.is_bold { &self.bold } else { &self.regular };
        for character in text.chars() {
            let fonts = [Some(first), self.own.as_ref()].into_iter().flatten();
            let found = fonts.map(|font| (font, font.glyph_id(character))).find(|(_, glyph)| glyph.0 != 0);
            let (font, glyph, box_px) = match found {
                Some((font, glyph)) => (font, glyph, None),
                None => (first, GlyphId(0), Some(style.size_px * 0.6)),
            };
            layout.has_boxes |= box_px.is_some();
            let advance_px =
                box_px.map_or_else(|| font.as_scaled(style.size_px).h_advance(glyph), |width| width + 4.0);
            layout.letters.push(Letter { font: font.clone(), glyph, x: layout.width_px, box_px });
            layout.width_px += advance_px;
        }
        layout
    }
}

impl Letter {
    /// Gives each pixel of the letter with how much of it is covered.
    pub(crate) fn draw(&self, style: Style, left: f32, baseline: f32, mut put: impl FnMut(i32, i32, f32)) {
        let glyph = self.glyph.with_scale_and_position(style.size_px, point(left + self.x, baseline));
        let Some(outline) = self.font.outline_glyph(glyph) else { return };
        let bounds = outline.px_bounds();
        let (x, y) = (bounds.min.x as i32, bounds.min.y as i32);
        outline.draw(|right, down, cover| {
            put(x.saturating_add_unsigned(right), y.saturating_add_unsigned(down), cover);
        });
    }
}

/// Characters that nobody sees as marks: those that turn letters round, those without a width, and controls.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let is_unseen = character.is_control()
            || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}');
        if is_unseen {
            shown.push_str(&format!("<U+{:04X}>", u32::from(character)));
        } else {
            shown.push(character);
        }
        if shown.len() > 2 * TEXT_BYTES {
            break;
        }
    }
    shown
}
