//! Makes foreign text safe for a terminal: names, ids and messages come from anyone, and a terminal obeys control
//! characters in them.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a terminal may treat the character as a command: control characters of both blocks (U+009B alone begins an
/// escape sequence), and characters that change the direction of text or are invisible.
fn is_treacherous(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Text for a table or a message: treacherous characters become `\u{..}`, line breaks included.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    escape(text, is_treacherous, push_escaped)
}

/// JSON text for output: the same value, with treacherous characters escaped in the way of JSON. Spaces and line breaks
/// between the tokens stay.
pub(crate) fn printable_json(json: &str) -> Cow<'_, str> {
    let is_to_escape = |c| is_treacherous(c) && !matches!(c, '\n' | '\r' | '\t');
    escape(json, is_to_escape, |escaped, c| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _written = write!(escaped, "\\u{unit:04x}");
        }
    })
}

/// Escapes text that arrives in pieces, which may end inside a character. Line breaks and tabs stay.
#[derive(Debug)]
pub(crate) struct Escaper {
    is_json: bool,
    /// The beginning of a character whose rest has not arrived yet.
    begun: Vec<u8>,
}

impl Escaper {
    /// Escapes in the way of JSON, or of [`printable`].
    pub(crate) fn new(is_json: bool) -> Self {
        Self { is_json, begun: Vec::new() }
    }

    /// The next piece, up to its last complete character. Invalid UTF-8 is replaced.
    pub(crate) fn escape(&mut self, piece: &[u8]) -> String {
        self.begun.extend_from_slice(piece);
        let whole = match std::str::from_utf8(&self.begun) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            // Invalid bytes in the middle are replaced; only an incomplete character at the end is held back.
            Err(_) => self.begun.len() - unfinished(&self.begun),
            Ok(_) => self.begun.len(),
        };
        let rest = self.begun.split_off(whole);
        let piece = std::mem::replace(&mut self.begun, rest);
        self.escaped(&String::from_utf8_lossy(&piece))
    }

    /// The bytes that were held back.
    pub(crate) fn finish(self) -> String {
        self.escaped(&String::from_utf8_lossy(&self.begun))
    }

    fn escaped(&self, text: &str) -> String {
        if self.is_json {
            return printable_json(text).into_owned();
        }
        let is_to_escape = |c| is_treacherous(c) && !matches!(c, '\n' | '\r' | '\t');
        escape(text, is_to_escape, push_escaped).into_owned()
    }
}

/// The number of bytes at the end that belong to an incomplete character.
fn unfinished(bytes: &[u8]) -> usize {
    /// The maximum number of bytes of a character.
    const CHARACTER_BYTES: usize = 4;
    let tail = &bytes[bytes.len().saturating_sub(CHARACTER_BYTES - 1)..];
    let begin = tail.iter().rposition(|byte| *byte >= 0xc0);
    let Some(tail) = begin.map(|begin| &tail[begin..]) else { return 0 };
    match std::str::from_utf8(tail) {
        Err(error) if error.error_len().is_none() => tail.len(),
        _ => 0,
    }
}

fn push_escaped(escaped: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _written = write!(escaped, "\\u{{{:x}}}", u32::from(c));
}

fn escape(
    text: &str,
    is_to_escape: impl Fn(char) -> bool,
    push_escaped: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    if !text.chars().any(&is_to_escape) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_to_escape(c) {
            push_escaped(&mut escaped, c);
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_never_come_through() {
        assert_eq!(printable("a\x1b[31mred\u{9b}2J"), "a\\u{1b}[31mred\\u{9b}2J");
        assert_eq!(printable("two\nlines\r"), "two\\u{a}lines\\u{d}");
        assert_eq!(printable("\u{202e}desrever"), "\\u{202e}desrever");
        assert_eq!(printable("Ünïcödé, 日本 and 🎬"), "Ünïcödé, 日本 and 🎬");
    }

    #[test]
    fn text_in_pieces_is_escaped_as_in_one() {
        let text = "a\u{1b}é\n日本\u{202e}🎬\tz";
        let whole = "a\\u{1b}é\n日本\\u{202e}🎬\tz";
        for size in 1..text.len() {
            let mut writer = Escaper::new(false);
            let mut escaped: String =
                text.as_bytes().chunks(size).map(|piece| writer.escape(piece)).collect();
            escaped.push_str(&writer.finish());
            assert_eq!(escaped, whole, "pieces of {size}");
        }
        let mut writer = Escaper::new(true);
        assert_eq!(writer.escape(b"\"\xc2") + &writer.escape(b"\x9b\"") + &writer.finish(), "\"\\u009b\"");
        let mut broken = Escaper::new(false);
        assert_eq!(broken.escape(b"a\xffb\xc3") + &broken.escape(b"\xa9") + &broken.finish(), "a\u{fffd}bé");
        let mut cut = Escaper::new(false);
        assert_eq!(cut.escape(b"a\xf0\x9f") + &cut.finish(), "a\u{fffd}");
    }

    #[test]
    fn json_stays_the_same_value() {
        let text = "{\"name\": \"\u{9b}31m \u{7f} \u{e0041} é\",\n \"n\": 1}";
        let escaped = printable_json(text);
        assert!(!escaped.chars().any(|c| is_treacherous(c) && c != '\n'), "{escaped}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&escaped), value(text));
    }
}
