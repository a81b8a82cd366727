//! The statements of a message, each with its text and its tokens.

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, Tokenizer, TokenizerError};

/// A statement as it was written.
#[derive(Debug, PartialEq)]
pub(super) struct Written<'message> {
    pub(super) text: &'message str,
    /// Without spaces and comments.
    pub(super) tokens: Vec<Token>,
    /// Where each token begins in the text, bytes.
    pub(super) starts: Vec<usize>,
}

impl<'message> Written<'message> {
    /// The text from a token on.
    pub(super) fn text_from(&self, token: usize) -> &'message str {
        self.starts.get(token).and_then(|start| self.text.get(*start..)).unwrap_or_default()
    }

    /// The text between two tokens, without the second.
    pub(super) fn text_between(&self, token: usize, end: usize) -> &'message str {
        let end = self.starts.get(end).copied().unwrap_or(self.text.len());
        self.starts.get(token).and_then(|start| self.text.get(*start..end)).unwrap_or_default()
    }
}

/// Splits a message at its semicolons; empty statements are left out.
pub(super) fn split(message: &str) -> Result<Vec<Written<'_>>, TokenizerError> {
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, message).tokenize_with_location()?;
    let mut offsets = Offsets::new(message);
    let mut statements = Vec::new();
    let mut begin = 0;
    let mut current: Vec<(Token, usize)> = Vec::new();
    for token in tokens {
        match token.token {
            Token::Whitespace(_) | Token::EOF => {}
            Token::SemiColon => {
                let end = offsets.of(token.span.start);
                statements.push((begin, end, std::mem::take(&mut current)));
                begin = end + 1;
            }
            other => current.push((other, offsets.of(token.span.start))),
        }
    }
    statements.push((begin, message.len(), current));
    let written = statements.into_iter().filter(|(_, _, tokens)| !tokens.is_empty());
    let written = written.map(|(begin, end, tokens)| {
        let starts = tokens.iter().map(|(_, start)| start - begin).collect();
        let tokens = tokens.into_iter().map(|(token, _)| token).collect();
        Written { text: message.get(begin..end).unwrap_or_default(), tokens, starts }
    });
    Ok(written.collect())
}

/// Byte offsets of places that are told as lines and columns, in rising order.
struct Offsets<'message> {
    letters: std::iter::Peekable<std::str::CharIndices<'message>>,
    at: Location,
    length: usize,
}

impl<'message> Offsets<'message> {
    fn new(message: &'message str) -> Self {
        let at = Location { line: 1, column: 1 };
        Self { letters: message.char_indices().peekable(), at, length: message.len() }
    }

    fn of(&mut self, place: Location) -> usize {
        while self.at < place {
            let Some((_, letter)) = self.letters.next() else { return self.length };
            if letter == '\n' {
                self.at = Location { line: self.at.line + 1, column: 1 };
            } else {
                self.at.column += 1;
            }
        }
        self.letters.peek().map_or(self.length, |(offset, _)| *offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_end_at_semicolons_outside_of_texts_and_comments() {
        let message = "select ';' ; -- one; two\n ;;\tselect \"ä;\", $$;$$ /* ; */\n, 2";
        let texts: Vec<&str> = split(message).unwrap().iter().map(|written| written.text.trim()).collect();
        assert_eq!(texts, ["select ';'", "select \"ä;\", $$;$$ /* ; */\n, 2"]);
        assert_eq!(split(" ; -- nothing\n").unwrap(), []);
    }

    #[test]
    fn the_text_behind_a_token_is_that_of_the_message() {
        let written = &split("declare \"ü\" cursor for\nselect 'ä' , E'\\n'").unwrap()[0];
        assert_eq!(written.text_from(4), "select 'ä' , E'\\n'");
        assert_eq!(written.text_between(4, 6), "select 'ä' ");
    }
}
