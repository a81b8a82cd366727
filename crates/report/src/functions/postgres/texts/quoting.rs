//! Names and texts as they stand in SQL, and patterns of `like`.

use datafusion::common::{Result, exec_err};
use datafusion::sql::sqlparser::keywords::{ALL_KEYWORDS, Keyword};
use datafusion::sql::sqlparser::keywords::{
    ALL_KEYWORDS_INDEX, RESERVED_FOR_COLUMN_ALIAS, RESERVED_FOR_TABLE_ALIAS,
};

use super::Column;
use crate::functions::postgres::similar::expression_of_similar;

/// A name, in quotes where it needs them.
pub(super) fn name(name: &str) -> String {
    let starts_well = name.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_');
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if starts_well && name.chars().all(is_plain) && !is_reserved(name) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn is_reserved(word: &str) -> bool {
    let place = ALL_KEYWORDS.binary_search(&word.to_ascii_uppercase().as_str());
    let keyword: Option<Keyword> = place.ok().and_then(|place| ALL_KEYWORDS_INDEX.get(place)).copied();
    keyword.is_some_and(|keyword| {
        RESERVED_FOR_COLUMN_ALIAS.contains(&keyword) || RESERVED_FOR_TABLE_ALIAS.contains(&keyword)
    })
}

/// A text in quotes.
pub(super) fn text(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// The pattern of a row with the backslash in place of its own escape character, which may be none.
pub(super) fn like_pattern(columns: &[Column], row: usize) -> Result<Option<String>> {
    let [pattern, escape] = columns else { return exec_err!("like_escape takes a pattern and a character") };
    let (Some(pattern), Some(escape)) = (pattern.text(row), escape.text(row)) else { return Ok(None) };
    let mut letters = escape.chars();
    let escape = letters.next();
    if letters.next().is_some() {
        return exec_err!("invalid escape string: it must be empty or one character");
    }
    let mut made = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            letter if Some(letter) == escape => {
                made.push('\\');
                made.extend(letters.next());
            }
            '\\' => made.push_str("\\\\"),
            letter => made.push(letter),
        }
    }
    Ok(Some(made))
}

/// The regular expression of the row's pattern of `similar to`, which may have an escape character of its own.
pub(super) fn similar_pattern(columns: &[Column], row: usize) -> Result<Option<String>> {
    let (pattern, escape) = match columns {
        [pattern] => (pattern.text(row), None),
        [pattern, escape] => match escape.text(row) {
            Some(escape) => (pattern.text(row), Some(escape)),
            None => return Ok(None),
        },
        _ => return exec_err!("similar to takes a pattern, and a character that may be its escape"),
    };
    pattern.map(|pattern| expression_of_similar(pattern, escape)).transpose()
}
