//! The statement `SET` in its forms.

use datafusion::sql::sqlparser::tokenizer::{Token, Word};

use crate::postgres::statements::statement::{Set, Statement};
use crate::postgres::statements::words::Words;

/// The statement behind the word `SET`; `None` if it is none.
pub(super) fn set(words: &mut Words<'_>) -> Option<Statement> {
    if words.take("constraints") {
        return Some(Statement::Nothing("SET CONSTRAINTS"));
    }
    if words.take_all(&["session", "characteristics", "as", "transaction"]) || words.take("transaction") {
        return transaction_modes(words).then_some(Statement::Nothing("SET"));
    }
    let is_local = words.take("local");
    if !is_local && !words.clone().take_all(&["session", "authorization"]) {
        words.take("session");
    }
    let (name, value) = if words.take_all(&["time", "zone"]) {
        ("timezone".to_owned(), time_zone(words)?)
    } else if words.take_all(&["session", "authorization"]) {
        ("session_authorization".to_owned(), one_value(words)?)
    } else if words.take("role") {
        ("role".to_owned(), one_value(words)?)
    } else if words.take("names") {
        let value = if words.is_at_end() { None } else { one_value(words)? };
        ("client_encoding".to_owned(), value)
    } else if words.take("schema") {
        ("search_path".to_owned(), one_value(words)?)
    } else {
        let name = setting_name(words)?;
        if !words.take_token(&Token::Eq) && !words.take("to") {
            return None;
        }
        let value = if name == "timezone" { time_zone(words)? } else { values(words)? };
        (name, value)
    };
    words.is_at_end().then_some(Statement::Set(Set { name, value, is_local }))
}

/// The name of a setting, which may have a period in it.
pub(super) fn setting_name(words: &mut Words<'_>) -> Option<String> {
    let mut name = words.name()?.to_lowercase();
    while words.take_token(&Token::Period) {
        name.push('.');
        name.push_str(&words.name()?.to_lowercase());
    }
    Some(name)
}

/// Whether what is left are modes of a transaction. They change nothing: all here only reads, and each statement reads what is
/// there when it begins.
pub(super) fn transaction_modes(words: &mut Words<'_>) -> bool {
    if words.take("snapshot") {
        return false;
    }
    loop {
        words.take_token(&Token::Comma);
        if words.is_at_end() {
            return true;
        }
        let is_mode = words.take_all(&["isolation", "level", "read", "committed"])
            || words.take_all(&["isolation", "level", "read", "uncommitted"])
            || words.take_all(&["isolation", "level", "repeatable", "read"])
            || words.take_all(&["isolation", "level", "serializable"])
            || words.take_all(&["read", "only"])
            || words.take_all(&["read", "write"])
            || words.take_all(&["not", "deferrable"])
            || words.take("deferrable");
        if !is_mode {
            return false;
        }
    }
}

/// The values of a setting in a list; `Some(None)` for its default.
fn values(words: &mut Words<'_>) -> Option<Option<String>> {
    if words.take("default") {
        return Some(None);
    }
    let mut all = vec![value(words)?];
    while words.take_token(&Token::Comma) {
        all.push(value(words)?);
    }
    Some(Some(all.join(", ")))
}

fn one_value(words: &mut Words<'_>) -> Option<Option<String>> {
    if words.take("default") { Some(None) } else { value(words).map(Some) }
}

/// One value: a text, a name, or a number with its sign.
fn value(words: &mut Words<'_>) -> Option<String> {
    if let Some(text) = words.text() {
        return Some(text);
    }
    let sign = if words.take_token(&Token::Minus) { "-" } else { "" };
    match words.next()? {
        Token::Number(digits, _) => Some(format!("{sign}{digits}")),
        Token::Word(Word { value, quote_style, .. }) if sign.is_empty() => Some(match quote_style {
            // Where `"$user"` stands in a list, its quotes belong to it.
            Some(_) if value.contains('$') => format!("\"{value}\""),
            Some(_) => value.clone(),
            None => value.to_lowercase(),
        }),
        _ => None,
    }
}

/// A time zone: a name, hours from UTC as a number, an interval, or none.
fn time_zone(words: &mut Words<'_>) -> Option<Option<String>> {
    if words.take("local") || words.take("default") {
        return Some(None);
    }
    if words.take("interval") {
        let text = words.text()?;
        words.take_all(&["hour", "to", "minute"]);
        return Some(Some(text));
    }
    let sign = if words.take_token(&Token::Minus) { '-' } else { '+' };
    if let Some(Token::Number(hours, _)) = words.peek() {
        words.next();
        return Some(Some(format!("{sign}{hours}")));
    }
    if sign == '-' {
        return None;
    }
    match words.peek()? {
        // The letters of a name of a zone are kept as they are written.
        Token::Word(word) => {
            words.next();
            Some(Some(word.value.clone()))
        }
        _ => words.text().map(Some),
    }
}
