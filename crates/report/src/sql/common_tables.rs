//! How large a query becomes when the queries that it names (`with a as (...)`) are put in place of their names.
//!
//! The query engine plans a named query again for each place that names it. Twenty short ones, each of which names the one
//! before it twice, become a plan of a million parts; nine hundred in a chain become a plan nine hundred deep.

use std::collections::HashMap;

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;

use crate::limits::{SQL_NAMED_DEPTH, SQL_NAMED_PARTS};

/// A named query.
#[derive(Debug, Clone, Copy)]
struct Named {
    /// How many queries it becomes.
    parts: u64,
    /// How deep they nest.
    depth: u64,
}

/// A query that is being read.
#[derive(Debug)]
struct Open {
    name: Option<String>,
    /// The number of brackets around it.
    brackets: usize,
    size: Named,
}

/// Checks how large a query becomes.
///
/// # Errors
///
/// A sentence that names the limit that the query exceeds.
pub(crate) fn check_common_tables(tokens: &[Token]) -> Result<(), String> {
    let mut sizes = Sizes::default();
    for token in tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))) {
        sizes.take_in(token);
        let size = sizes.innermost.size;
        if size.parts > SQL_NAMED_PARTS {
            return Err(format!("a query becomes more than {SQL_NAMED_PARTS} queries by names in `with`"));
        }
        if size.depth > SQL_NAMED_DEPTH {
            return Err(format!("queries that are named in `with` nest more than {SQL_NAMED_DEPTH} deep"));
        }
    }
    Ok(())
}

#[derive(Debug)]
struct Sizes {
    named: HashMap<String, Named>,
    outer: Vec<Open>,
    innermost: Open,
    brackets: usize,
    /// The name that a named query would have if it began here.
    name: Option<String>,
    /// Whether `as` came after that name.
    is_behind_as: bool,
    /// For each open bracket, the outermost first, whether a comma there comes before a table.
    lists: Vec<bool>,
    /// Whether a table may come next. A name elsewhere is that of a column or an alias, which copies nothing.
    is_at_table: bool,
}

impl Default for Sizes {
    fn default() -> Self {
        let size = Named { parts: 1, depth: 1 };
        Self {
            named: HashMap::new(),
            outer: Vec::new(),
            innermost: Open { name: None, brackets: 0, size },
            brackets: 0,
            name: None,
            is_behind_as: false,
            lists: vec![false],
            is_at_table: false,
        }
    }
}

impl Sizes {
    fn take_in(&mut self, token: &Token) {
        match token {
            Token::LParen => {
                self.lists.push(false);
                if std::mem::take(&mut self.is_behind_as) {
                    self.is_at_table = false;
                    let size = Named { parts: 1, depth: 1 };
                    let open = Open { name: self.name.take(), brackets: self.brackets, size };
                    self.outer.push(std::mem::replace(&mut self.innermost, open));
                }
                self.brackets += 1;
            }
            Token::RParen => {
                self.is_at_table = false;
                if self.lists.len() > 1 {
                    self.lists.pop();
                }
                self.brackets = self.brackets.saturating_sub(1);
                if self.innermost.name.is_some() && self.innermost.brackets == self.brackets {
                    self.close();
                }
            }
            Token::Word(word) => {
                self.take_in_word(&word.value, word.keyword);
                self.look_for_table(word.keyword);
            }
            // The query engine takes a text for a name where it expects one.
            Token::SingleQuotedString(text) => {
                self.take_in_word(text, Keyword::NoKeyword);
                self.is_at_table = false;
            }
            Token::Comma => {
                self.is_behind_as = false;
                self.is_at_table = self.lists.last().is_some_and(|is_list| *is_list);
            }
            _ => {
                self.is_behind_as = false;
                self.is_at_table = false;
            }
        }
    }

    /// Notes whether a table may come after this word.
    fn look_for_table(&mut self, keyword: Keyword) {
        self.is_at_table = match keyword {
            Keyword::FROM | Keyword::JOIN | Keyword::STRAIGHT_JOIN | Keyword::APPLY | Keyword::TABLE => true,
            Keyword::LATERAL | Keyword::ONLY => self.is_at_table,
            _ => false,
        };
        if let Some(is_list) = self.lists.last_mut() {
            match keyword {
                Keyword::FROM => *is_list = true,
                Keyword::SELECT | Keyword::WHERE | Keyword::GROUP | Keyword::ORDER | Keyword::HAVING => {
                    *is_list = false;
                }
                _ => {}
            }
        }
    }

    fn take_in_word(&mut self, word: &str, keyword: Keyword) {
        match keyword {
            Keyword::AS => self.is_behind_as = self.name.is_some(),
            Keyword::NOT | Keyword::MATERIALIZED if self.is_behind_as => {}
            _ => {
                self.is_behind_as = false;
                let name = word.to_ascii_lowercase();
                if let Some(named) = self.named.get(&name).filter(|_| self.is_at_table) {
                    let size = &mut self.innermost.size;
                    size.parts = size.parts.saturating_add(named.parts);
                    size.depth = size.depth.max(named.depth.saturating_add(1));
                }
                // Behind a list of columns the name is still that before it.
                if self.brackets == self.innermost.brackets || self.name.is_none() {
                    self.name = Some(name);
                }
            }
        }
    }

    fn close(&mut self) {
        let Some(outer) = self.outer.pop() else { return };
        let Open { name, size, .. } = std::mem::replace(&mut self.innermost, outer);
        let Some(name) = name else { return };
        // A name that is used twice counts with its larger query.
        let known = self.named.entry(name).or_insert(size);
        known.parts = known.parts.max(size.parts);
        known.depth = known.depth.max(size.depth);
        self.name = None;
    }
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::dialect::GenericDialect;
    use datafusion::sql::sqlparser::tokenizer::Tokenizer;

    use super::*;

    fn check(query: &str) -> Result<(), String> {
        check_common_tables(&Tokenizer::new(&GenericDialect {}, query).tokenize().unwrap())
    }

    fn chain(length: usize, references: &str) -> String {
        let links = (1..length).map(|link| {
            let from = references.replace('?', &format!("t{}", link - 1));
            format!(", t{link} (a, b) as not materialized (select a, (b) as b from {from})")
        });
        format!(
            "with t0 as (select 1 as a, 2 as b){} select * from t{}",
            links.collect::<String>(),
            length - 1
        )
    }

    #[test]
    fn chains_and_doublings_end_at_the_limits() {
        assert_eq!(check(&chain(40, "?")), Ok(()));
        assert!(check(&chain(900, "?")).unwrap_err().contains("deep"));
        assert_eq!(check(&chain(8, "? x, ? y")), Ok(()));
        assert!(check(&chain(20, "? x, ? y")).unwrap_err().contains("becomes more than"));
    }

    #[test]
    fn columns_of_a_named_query_do_not_count_as_reads_of_it() {
        let columns = "? where ?.a > 1 and ?.b < 2 and coalesce(?.a, ?.b) in (1, ?.a) order by ?.a, ?.b";
        assert_eq!(check(&chain(20, columns)), Ok(()));
        assert_eq!(
            check("with a as (select 1 as a), b as (select a, a + a as b from a) select a, b from b"),
            Ok(())
        );
    }

    #[test]
    fn reads_count_wherever_a_table_may_stand() {
        let reads = [
            "? x join ? y using (a)",
            "(? x cross join ? y)",
            "(select * from ?) x, (select * from ?) y",
            "? where a in (select a from ?)",
            "? union all select * from ?",
            "? union all table ?",
            "\"?\" x, lateral (select * from ?) y",
            "only ? x, ? y",
            "'?' x, '?' y",
        ];
        for read in reads {
            assert!(check(&chain(20, read)).is_err(), "{read}");
        }
    }

    #[test]
    fn many_named_queries_side_by_side_are_fine() {
        let named: Vec<String> = (0..500).map(|n| format!("t{n} as (select {n} as a)")).collect();
        assert_eq!(check(&format!("with {} select * from t1, t2", named.join(", "))), Ok(()));
        assert_eq!(check("select a as b, (c) as d, count(*) over w from t window w as (order by a)"), Ok(()));
    }
}
