//! Splits SQL statements.

/// Whether the input is complete: a command that begins with a backslash, or statements of which the last one ends with a
/// semicolon.
pub(crate) fn is_complete(typed: &str) -> bool {
    let typed = typed.trim();
    typed.is_empty() || typed.starts_with('\\') || split(typed).1.trim().is_empty()
}

/// The statements without their semicolons. Text after the last semicolon counts as a statement, too.
pub(crate) fn statements(typed: &str) -> Vec<String> {
    let (mut ended, rest) = split(typed);
    ended.push(rest);
    let texts = ended.into_iter().map(|statement| statement.trim().to_owned());
    texts.filter(|statement| !statement.is_empty()).collect()
}

/// The statements that end with a semicolon, and the text after them. Comments alone count as no text.
fn split(typed: &str) -> (Vec<String>, String) {
    let mut ended = Vec::new();
    let mut current = String::new();
    let mut is_empty = true;
    let mut rest = typed;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            ';' => {
                if !is_empty {
                    ended.push(std::mem::take(&mut current));
                }
                (current, is_empty) = (String::new(), true);
                rest = &rest[1..];
                continue;
            }
            '\'' | '"' => quoted_length(rest, c),
            '-' if rest.starts_with("--") => rest.find('\n').map_or(rest.len(), |end| end + 1),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ => c.len_utf8(),
        };
        let (piece, behind) = rest.split_at(length);
        let is_comment = piece.starts_with("--") || piece.starts_with("/*");
        is_empty &= is_comment || piece.trim().is_empty();
        current.push_str(piece);
        rest = behind;
    }
    if is_empty {
        current.clear();
    }
    (ended, current)
}

/// The length of a text in quotes, with its quotes; of all the text if the closing quote is missing.
fn quoted_length(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semicolon_ends_a_statement_unless_it_is_quoted_or_in_a_comment() {
        assert_eq!(
            statements("select ';' as \"a;b\"; select 2 -- no ; here\n;"),
            ["select ';' as \"a;b\"", "select 2 -- no ; here"]
        );
        assert_eq!(statements("select 'it''s;' /* ; */"), ["select 'it''s;' /* ; */"]);
        assert!(statements(" ;; -- nothing").is_empty());
    }

    #[test]
    fn typing_goes_on_until_the_statement_is_ended() {
        for typed in ["", "  ", "\\d", "select 1;", "select 1; -- done", "select 1;\n/* done */"] {
            assert!(is_complete(typed), "{typed}");
        }
        for typed in
            ["select", "select ';", "select 1; select", "select 1 -- ;", "select /* ;", "select \"é;"]
        {
            assert!(!is_complete(typed), "{typed}");
        }
    }
}
