//! Finds how deep a query in SQL nests, from its tokens alone.
//!
//! The query engine walks through expressions and joins by recursion, also when it copies and drops them. A query within
//! the limit of bytes can nest a hundred thousand deep (`1+1+1...`), and a stack overflow ends the process. So this check
//! reads the tokens before the engine parses them into a tree.

use datafusion::sql::sqlparser::dialect::{GenericDialect, PostgreSqlDialect};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::limits::{SQL_EXPRESSION_PARTS, SQL_JOINS, SQL_WORDS};
use crate::sql::common_tables::check_common_tables;

/// The counts between two brackets.
#[derive(Debug, Default)]
struct Level {
    /// Tokens since the last comma that may nest an expression in another.
    parts: usize,
    /// Whether a comma joins a table here.
    is_list_of_tables: bool,
}

/// Checks that a query does not nest too deep. A query that cannot be split into tokens passes; the query engine
/// refuses it.
///
/// # Errors
///
/// A sentence that names the limit that the query exceeds.
pub(crate) fn check_nesting(query: &str) -> Result<(), String> {
    let told_apart = Tokenizer::new(&GenericDialect {}, query)
        .tokenize()
        .or_else(|_| Tokenizer::new(&PostgreSqlDialect {}, query).tokenize());
    let Ok(tokens) = told_apart else { return Ok(()) };
    let mut nesting = Nesting::default();
    for token in &tokens {
        nesting.take_in(token);
        if nesting.parts > SQL_EXPRESSION_PARTS {
            return Err(format!("an expression nests more than {SQL_EXPRESSION_PARTS} operators"));
        }
        if nesting.joins > SQL_JOINS {
            return Err(format!("a query joins or unites more than {SQL_JOINS} tables and queries"));
        }
        if nesting.words > SQL_WORDS {
            return Err(format!("a query has more than {SQL_WORDS} words in a row"));
        }
    }
    check_common_tables(&tokens)
}

/// A count over the tokens of a query, from the first to the last.
#[derive(Debug, Default)]
struct Nesting {
    /// The brackets and cases around the innermost one, the outermost first.
    outer: Vec<Level>,
    innermost: Level,
    /// Operators in each other, over all open levels.
    parts: usize,
    joins: usize,
    /// Words since the last token of another kind.
    words: usize,
}

impl Nesting {
    fn take_in(&mut self, token: &Token) {
        match token {
            Token::Word(_) => self.words += 1,
            Token::Whitespace(_) => {}
            _ => self.words = 0,
        }
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => self.go_in(),
            Token::RParen | Token::RBracket | Token::RBrace => self.go_out(),
            Token::Comma => {
                self.joins += usize::from(self.innermost.is_list_of_tables);
                self.end_part();
            }
            Token::SemiColon => self.joins += 1,
            Token::Word(word) => self.take_in_keyword(word.keyword),
            Token::Whitespace(_)
            | Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::DoubleQuotedString(_)
            | Token::NationalStringLiteral(_)
            | Token::EscapedStringLiteral(_)
            | Token::HexStringLiteral(_)
            | Token::Placeholder(_)
            | Token::EOF => {}
            // All other tokens: operators, `::`, periods.
            _ => self.add_part(),
        }
    }

    fn take_in_keyword(&mut self, keyword: Keyword) {
        match keyword {
            Keyword::FROM => self.innermost.is_list_of_tables = true,
            Keyword::SELECT | Keyword::WHERE | Keyword::GROUP | Keyword::ORDER | Keyword::HAVING => {
                self.innermost.is_list_of_tables = false;
            }
            Keyword::CASE => self.go_in(),
            // The branches of a case do not nest in each other.
            Keyword::WHEN | Keyword::THEN | Keyword::ELSE => self.end_part(),
            Keyword::END => self.go_out(),
            Keyword::JOIN | Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT | Keyword::MINUS => {
                self.joins += 1;
            }
            Keyword::AND
            | Keyword::OR
            | Keyword::XOR
            | Keyword::NOT
            | Keyword::IS
            | Keyword::IN
            | Keyword::BETWEEN
            | Keyword::LIKE
            | Keyword::ILIKE
            | Keyword::COLLATE
            | Keyword::AT
            | Keyword::OVERLAPS
            | Keyword::SIMILAR
            | Keyword::RLIKE
            | Keyword::REGEXP
            | Keyword::MATCH
            | Keyword::ESCAPE
            | Keyword::MEMBER
            | Keyword::OPERATOR
            | Keyword::DIV => self.add_part(),
            _ => {}
        }
    }

    fn go_in(&mut self) {
        self.add_part();
        self.outer.push(std::mem::take(&mut self.innermost));
    }

    fn go_out(&mut self) {
        if let Some(level) = self.outer.pop() {
            self.end_part();
            self.innermost = level;
        }
    }

    fn add_part(&mut self) {
        self.innermost.parts += 1;
        self.parts += 1;
    }

    /// Ends an expression of a list: the next one stands beside it, not in it.
    fn end_part(&mut self) {
        self.parts -= std::mem::take(&mut self.innermost.parts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_of_every_kind_end_at_the_limit() {
        let chains = [
            ("select 1", "+1"),
            ("select 1", "::int"),
            ("select 1", " is null"),
            ("select a", "[1]"),
            ("select a", ".a"),
            ("select true", " and true"),
            ("select ", "not "),
            ("select ", "("),
            ("select 1 from t where a = 1", " or a = 2"),
            ("select 1", " + case when a then b else c end"),
            ("select ", "case when "),
            ("select 1", " collate x"),
            ("select 1", " at time zone 'x'"),
            ("select 1 ", "union select 1, 2 "),
            ("select 1 from t", ", t"),
            ("select 1 from t", " join t using (a)"),
            ("select 1", ";select 1"),
            ("", "explain "),
            ("select ", "interval "),
            ("select 'a'", " similar to 'b'"),
            ("select 'a'", " like 'b' escape 'c'"),
        ];
        for (start, link) in chains {
            assert_eq!(check_nesting(&format!("{start}{}", link.repeat(40))), Ok(()), "{link}");
            assert!(check_nesting(&format!("{start}{}", link.repeat(410))).is_err(), "{link}");
        }
    }

    #[test]
    fn parts_side_by_side_do_not_nest_deeper() {
        let values = "a.b + 1, (c * 2), ".repeat(2_000);
        assert_eq!(check_nesting(&format!("select {values} 1 from t where a in ({values} 1)")), Ok(()));
        let cases = "when a = 1 and b = 2 then 'x' ".repeat(2_000);
        assert_eq!(check_nesting(&format!("select case {cases} end from t")), Ok(()));
        assert_eq!(check_nesting(&format!("select '{}'", "+1 and (".repeat(2_000))), Ok(()));
    }
}
