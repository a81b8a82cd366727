//! Patterns of `similar to` and `substring(value from pattern)`.

use datafusion::common::{Result, exec_err};

/// The regular expression of a pattern of `similar to`.
///
/// # Errors
///
/// If the pattern ends in its escape, or the escape is not one character.
pub(crate) fn expression_of_similar(pattern: &str, escape: Option<&str>) -> Result<String> {
    Ok(format!("^(?s:{})$", parts_of_similar(pattern, escape_of(escape)?)?.concat()))
}

/// The regular expression of `substring(value from pattern for escape)`: the part in brackets lies between escaped quotes.
///
/// # Errors
///
/// As for [`expression_of_similar`], or if the pattern has one escaped quote or more than two.
pub(crate) fn expression_of_substring(pattern: &str, escape: &str) -> Result<String> {
    match parts_of_similar(pattern, escape_of(Some(escape))?)?.as_slice() {
        [whole] => Ok(format!("^(?s:({whole}))$")),
        [before, wanted, behind] => Ok(format!("^(?s:(?:{before})({wanted})(?:{behind}))$")),
        _ => exec_err!("a pattern of substring has two escaped quotes or none"),
    }
}

fn escape_of(escape: Option<&str>) -> Result<Option<char>> {
    let mut chars = escape.unwrap_or("\\").chars();
    match (chars.next(), chars.next()) {
        (escape, None) => Ok(escape),
        _ => exec_err!("an escape is one character or none"),
    }
}

/// A pattern of `similar to` as regular expressions, parted at escaped quotes.
fn parts_of_similar(pattern: &str, escape: Option<char>) -> Result<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut chars = pattern.chars();
    let mut is_in_class = false;
    while let Some(char) = chars.next() {
        let Some(part) = parts.last_mut() else { break };
        if Some(char) == escape {
            match chars.next() {
                Some('"') => parts.push(String::new()),
                Some(escaped) => push_literal(escaped, part),
                None => return exec_err!("a pattern of similar to ends in its escape"),
            }
            continue;
        }
        match char {
            '[' if is_in_class => match named_class(chars.as_str()) {
                Some((class, rest)) => {
                    part.push('[');
                    part.push_str(class);
                    chars = rest.chars();
                }
                None => part.push_str("\\["),
            },
            _ if is_in_class => {
                is_in_class = char != ']';
                if matches!(char, '\\' | '&' | '~') {
                    part.push('\\');
                }
                part.push(char);
            }
            '[' => {
                is_in_class = true;
                part.push('[');
                let mut rest = chars.as_str();
                if let Some(behind) = rest.strip_prefix('^') {
                    part.push('^');
                    rest = behind;
                }
                // In the first place it stands for itself, and ends nothing.
                if let Some(behind) = rest.strip_prefix(']') {
                    part.push_str("\\]");
                    rest = behind;
                }
                chars = rest.chars();
            }
            '%' => part.push_str(".*"),
            '_' => part.push('.'),
            '(' => part.push_str("(?:"),
            '|' | '*' | '+' | '?' | '{' | '}' | ')' => part.push(char),
            char => push_literal(char, part),
        }
    }
    Ok(parts)
}

/// The class of characters that has a name, as in `[[:alpha:]]`, behind its first bracket, and what follows it.
fn named_class(behind: &str) -> Option<(&str, &str)> {
    let name = behind.strip_prefix(':')?;
    let length = name.find(":]")?;
    let is_name = name.bytes().take(length).all(|byte| byte.is_ascii_lowercase());
    if is_name { behind.split_at_checked(length + 3) } else { None }
}

/// Adds a character that stands for itself.
fn push_literal(char: char, part: &mut String) {
    if char.is_ascii_punctuation() {
        part.push('\\');
    }
    part.push(char);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_the_whole_text_and_know_their_own_signs() {
        assert_eq!(expression_of_similar("a%_b", None).unwrap(), "^(?s:a.*.b)$");
        assert_eq!(expression_of_similar("(a|b)c.", None).unwrap(), "^(?s:(?:a|b)c\\.)$");
        assert_eq!(expression_of_similar("a#%", Some("#")).unwrap(), "^(?s:a\\%)$");
        assert_eq!(expression_of_similar("[a-c%]", None).unwrap(), "^(?s:[a-c%])$");
        assert!(expression_of_similar("a#", Some("#")).is_err());
        assert_eq!(expression_of_substring("%#\"o_a#\"_", "#").unwrap(), "^(?s:(?:.*)(o.a)(?:.))$");
    }
}
