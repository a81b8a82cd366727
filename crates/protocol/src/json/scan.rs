//! One pass over the bytes of an event before anything is parsed: what the parser would pass by in values that nobody
//! reads, but that would break a later reader of the stored body.

use std::fmt;

use crate::limits::NESTING_DEPTH;

/// The findings of the pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScanFault {
    /// More objects and arrays in one another than [`NESTING_DEPTH`].
    TooDeep,
    /// Half of a surrogate pair, escaped: such a string has no UTF-8 form.
    LoneSurrogate {
        /// Where the escape starts, bytes into the text.
        offset: usize,
    },
}

impl fmt::Display for ScanFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep => write!(f, "is nested deeper than {NESTING_DEPTH} levels"),
            Self::LoneSurrogate { offset } => {
                write!(f, "has an escaped surrogate without its other half at byte {offset}")
            }
        }
    }
}

/// Looks at nesting and escapes only; other syntax is the parser's, so text that is not JSON may well pass.
pub(crate) fn scan(text: &str) -> Result<(), ScanFault> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut offset = 0;
    while let Some(&byte) = bytes.get(offset) {
        offset += 1;
        match byte {
            b'"' => offset = end_of_string(bytes, offset)?,
            b'{' | b'[' => {
                depth += 1;
                if depth > NESTING_DEPTH {
                    return Err(ScanFault::TooDeep);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// The offset after the closing quote of a string whose text starts at `offset`, or the end of the bytes.
fn end_of_string(bytes: &[u8], mut offset: usize) -> Result<usize, ScanFault> {
    while let Some(&byte) = bytes.get(offset) {
        match byte {
            b'"' => return Ok(offset + 1),
            b'\\' => offset = end_of_escape(bytes, offset)?,
            _ => offset += 1,
        }
    }
    Ok(offset)
}

fn end_of_escape(bytes: &[u8], offset: usize) -> Result<usize, ScanFault> {
    const ESCAPE_BYTES: usize = "\\u0000".len();
    match utf16_escape(bytes, offset) {
        None => Ok(offset + 2),
        Some(0xdc00..=0xdfff) => Err(ScanFault::LoneSurrogate { offset }),
        Some(0xd800..=0xdbff) => match utf16_escape(bytes, offset + ESCAPE_BYTES) {
            Some(0xdc00..=0xdfff) => Ok(offset + 2 * ESCAPE_BYTES),
            _ => Err(ScanFault::LoneSurrogate { offset }),
        },
        Some(_) => Ok(offset + ESCAPE_BYTES),
    }
}

/// The UTF-16 unit of a `\uXXXX` escape at that offset.
fn utf16_escape(bytes: &[u8], offset: usize) -> Option<u16> {
    let digits = bytes.get(offset..)?.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0_u16, |unit, &digit| {
        let value = char::from(digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(value).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_counts_outside_strings_only() {
        let deepest = format!("{}{}", "[".repeat(NESTING_DEPTH), "]".repeat(NESTING_DEPTH));
        assert_eq!(scan(&deepest), Ok(()));
        assert_eq!(scan(&format!("[{deepest}]")), Err(ScanFault::TooDeep));
        assert_eq!(scan(&format!(r#"["{}\"[["]"#, "[".repeat(99))), Ok(()));
        assert_eq!(scan(&"[]".repeat(99)), Ok(()));
    }

    #[test]
    fn surrogates_must_come_in_pairs() {
        assert_eq!(scan(r#""\ud83d\ude00 \u00e9""#), Ok(()));
        assert_eq!(scan(r#""\uD83D\uDE00""#), Ok(()));
        assert_eq!(scan(r#""\\ud83d""#), Ok(()), "an escaped backslash and plain text");
        for lone in [
            r#""\ud83d""#,
            r#""\ude00""#,
            r#""\ud83d\ud83d\ude00""#,
            r#""\ud83d\\ude00""#,
            r#""\ud83dude00""#,
        ] {
            assert_eq!(scan(lone), Err(ScanFault::LoneSurrogate { offset: 1 }), "{lone}");
        }
    }

    #[test]
    fn torn_text_ends_the_scan() {
        for torn in ["\"", "\"\\", "\"\\u", "\"\\u12", "\"\\uzzzz", "]]]", "\"\\u+123\""] {
            assert_eq!(scan(torn), Ok(()), "{torn}");
        }
    }
}
