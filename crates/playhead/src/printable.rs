//! Foreign text on its way to a terminal: names, ids and messages come from anyone, and a terminal obeys what it reads.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a terminal could take the character for something else than a letter: control characters of both blocks
/// (U+009B alone begins an escape sequence), and those that change the direction of text or cannot be seen.
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

/// Text for a table or a message: treacherous characters are written as `\u{..}`, line breaks included.
pub fn printable(text: &str) -> Cow<'_, str> {
    escape(text, is_treacherous, |escaped, c| {
        // Writing to a string cannot fail.
        let _written = write!(escaped, "\\u{{{:x}}}", u32::from(c));
    })
}

/// JSON text for output: the same value, with treacherous characters escaped as JSON has it. Spaces and line breaks
/// between the tokens stay.
pub fn printable_json(json: &str) -> Cow<'_, str> {
    let is_to_escape = |c| is_treacherous(c) && !matches!(c, '\n' | '\r' | '\t');
    escape(json, is_to_escape, |escaped, c| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _written = write!(escaped, "\\u{unit:04x}");
        }
    })
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
    fn json_stays_the_same_value() {
        let text = "{\"name\": \"\u{9b}31m \u{7f} \u{e0041} é\",\n \"n\": 1}";
        let escaped = printable_json(text);
        assert!(!escaped.chars().any(|c| is_treacherous(c) && c != '\n'), "{escaped}");
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&escaped), value(text));
    }
}
