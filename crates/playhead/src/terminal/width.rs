//! The width of text on a terminal: wide characters take two cells, combining marks none.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Asks for the wide, coloured form of the character before it.
const EMOJI_SELECTOR: char = '\u{fe0f}';

/// The mark at the end of a text that is cut.
const CUT: char = '…';

/// The cells that a text takes.
pub(crate) fn text_width(text: &str) -> usize {
    text.width()
}

/// The most cells that a character adds to a text. A sequence may take fewer than its characters together, never more.
fn char_width(c: char) -> usize {
    match c {
        EMOJI_SELECTOR => 1,
        c => c.width().unwrap_or(1),
    }
}

/// The text, or as much of its beginning as fits into `width` cells with a mark behind it.
pub(crate) fn clipped(text: &str, width: usize) -> Cow<'_, str> {
    if text_width(text) <= width {
        return Cow::Borrowed(text);
    }
    let room = width.saturating_sub(1);
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += char_width(*c);
        used > room
    });
    let begin = end.map_or(text, |(end, _)| &text[..end]);
    Cow::Owned(format!("{}{CUT}", begin.trim_end()))
}

/// The text in lines of at most `width` cells, broken between words if it can be. A character that is wider than the
/// whole line has a line for itself.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let (mut line, mut used) = (String::new(), 0);
        for (place, word) in paragraph.split(' ').enumerate() {
            let word_width: usize = word.chars().map(char_width).sum();
            if place > 0 && used + 1 + word_width <= width {
                line.push(' ');
                line.push_str(word);
                used += 1 + word_width;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            for c in word.chars() {
                let added = char_width(c);
                if used + added > width && used > 0 {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push(c);
                used += added;
            }
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_names_and_accents_were_counted_by_characters() {
        assert_eq!(text_width("日本の試合"), 10);
        assert_eq!(text_width("e\u{301}te\u{301}"), 3);
        assert_eq!(clipped("日本の試合", 10), "日本の試合");
        assert_eq!(clipped("日本の試合", 9), "日本の試…");
        assert_eq!(clipped("日本の試合", 8), "日本の…");
        assert_eq!(clipped("e\u{301}te\u{301} indien", 5), "e\u{301}te\u{301}…");
        assert_eq!(clipped("a\u{301}b", 2), "a\u{301}b");
        for text in ["❤️❤️❤️❤️", "1️⃣2️⃣3️⃣", "🇩🇪🇫🇷🇯🇵", "👩\u{1f3fd}👩\u{1f3fd}", "لالالا", "aé日"]
        {
            for width in 1..10 {
                assert!(text_width(&clipped(text, width)) <= width, "{text} in {width}");
            }
        }
    }

    #[test]
    fn lines_break_between_words_and_inside_words_that_are_too_long() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("content_time_spent", 8), ["content_", "time_spe", "nt"]);
        assert_eq!(wrapped("a  b", 9), ["a  b"]);
        assert_eq!(wrapped("日本の試合 x", 4), ["日本", "の試", "合 x"]);
        assert_eq!(wrapped("日本", 1), ["日", "本"]);
        assert_eq!(wrapped("one\ntwo", 9), ["one", "two"]);
        assert_eq!(wrapped("", 9), [""]);
    }

    #[test]
    fn a_text_without_end_is_wrapped_in_one_pass() {
        let lines = wrapped(&"x".repeat(4_000_000), 20);
        assert_eq!(lines.len(), 200_000);
    }
}
