//! Reads the tokens of a statement one by one.

use datafusion::sql::sqlparser::tokenizer::{Token, Word};

use crate::postgres::statements::split::Written;

/// Bytes of a name; what is longer is cut, as PostgreSQL does it.
const NAME_BYTES: usize = 63;

/// A place among the tokens of a statement.
#[derive(Debug, Clone)]
pub(super) struct Words<'written> {
    written: &'written Written<'written>,
    at: usize,
}

impl<'written> Words<'written> {
    pub(super) fn new(written: &'written Written<'written>) -> Self {
        Self { written, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<&'written Token> {
        self.written.tokens.get(self.at)
    }

    pub(super) fn next(&mut self) -> Option<&'written Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    /// Where this is.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.peek().is_none()
    }

    /// The text from here on.
    pub(super) fn rest(&self) -> &'written str {
        self.written.text_from(self.at)
    }

    /// Whether a word comes next that is not in quotes.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(Word { value, quote_style: None, .. })) if value.eq_ignore_ascii_case(word))
    }

    /// Passes over a word if it comes next.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let is_next = self.is(word);
        self.at += usize::from(is_next);
        is_next
    }

    /// Passes over these words if they come next, in this order.
    pub(super) fn take_all(&mut self, words: &[&str]) -> bool {
        let before = self.at;
        let are_next = words.iter().all(|word| self.take(word));
        if !are_next {
            self.at = before;
        }
        are_next
    }

    /// Passes over the first of these words that comes next.
    pub(super) fn take_one(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words.iter().copied().find(|word| self.take(word))
    }

    /// Passes over a token if it comes next.
    pub(super) fn take_token(&mut self, token: &Token) -> bool {
        let is_next = self.peek() == Some(token);
        self.at += usize::from(is_next);
        is_next
    }

    /// The name that comes next, in small letters unless it is in quotes.
    pub(super) fn name(&mut self) -> Option<String> {
        let Token::Word(word) = self.peek()? else { return None };
        self.at += 1;
        Some(name_of(word))
    }

    /// The text in quotes that comes next.
    pub(super) fn text(&mut self) -> Option<String> {
        let text = match self.peek()? {
            Token::SingleQuotedString(text) | Token::EscapedStringLiteral(text) => text.clone(),
            Token::DollarQuotedString(text) => text.value.clone(),
            _ => return None,
        };
        self.at += 1;
        Some(text)
    }

    /// The whole number that comes next, with its sign.
    pub(super) fn number(&mut self) -> Option<i64> {
        let before = self.at;
        let is_negative = self.take_token(&Token::Minus);
        if !is_negative {
            self.take_token(&Token::Plus);
        }
        let number = match self.next() {
            Some(Token::Number(digits, _)) => digits.parse::<i64>().ok(),
            _ => None,
        };
        if number.is_none() {
            self.at = before;
        }
        number.map(|number| if is_negative { -number } else { number })
    }

    /// Passes over everything up to the bracket that closes the one before this place; the place of that bracket.
    pub(super) fn skip_to_closing_bracket(&mut self) -> Option<usize> {
        let mut depth = 1;
        while let Some(token) = self.next() {
            match token {
                Token::LParen => depth += 1,
                Token::RParen => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(self.at - 1);
            }
        }
        None
    }
}

/// The name that a word is.
pub(super) fn name_of(word: &Word) -> String {
    let name = if word.quote_style.is_some() { word.value.clone() } else { word.value.to_lowercase() };
    cut_name(name)
}

fn cut_name(mut name: String) -> String {
    if name.len() > NAME_BYTES {
        let end = (0..=NAME_BYTES).rev().find(|end| name.is_char_boundary(*end)).unwrap_or_default();
        name.truncate(end);
    }
    name
}
