//! The options of `COPY ... TO STDOUT`, as they are written today and as they were before PostgreSQL 9.

use datafusion::sql::sqlparser::tokenizer::Token;
use datafusion_postgres::pgwire::error::PgWireResult;

use crate::postgres::refusal::{INVALID_VALUE, NOT_SUPPORTED, refusal};
use crate::postgres::statements::statement::{CopyForm, CsvForm, Quoted};
use crate::postgres::statements::words::Words;

/// The options as they were given.
#[derive(Debug, Default)]
struct Options {
    format: Option<String>,
    delimiter: Option<String>,
    null: Option<String>,
    has_header: bool,
    quote: Option<String>,
    escape: Option<String>,
    quoted: Option<Quoted>,
}

/// The form that the options ask for; `None` where they cannot be read.
pub(super) fn copy_form(words: &mut Words<'_>, is_old_binary: bool) -> PgWireResult<Option<CopyForm>> {
    let mut options = Options::default();
    if is_old_binary {
        options.format = Some("binary".to_owned());
    }
    words.take("with");
    let is_read = if words.take_token(&Token::LParen) {
        loop {
            if !option(words, &mut options)? {
                break false;
            }
            if !words.take_token(&Token::Comma) {
                break words.take_token(&Token::RParen);
            }
        }
    } else {
        old_options(words, &mut options).is_some()
    };
    if !is_read || !words.is_at_end() {
        return Ok(None);
    }
    options.form().map(Some)
}

/// Reads an option of a list in brackets.
fn option(words: &mut Words<'_>, options: &mut Options) -> PgWireResult<bool> {
    let Some(name) = words.name() else { return Ok(false) };
    match name.as_str() {
        "format" => options.format = words.name().or_else(|| words.text()),
        "delimiter" => options.delimiter = words.text(),
        "null" => options.null = words.text(),
        "quote" => options.quote = words.text(),
        "escape" => options.escape = words.text(),
        "header" => options.has_header = boolean(words)?,
        "force_quote" => options.quoted = columns(words),
        "encoding" => {
            let encoding = words.text().or_else(|| words.name()).unwrap_or_default();
            if !["utf8", "utf-8", "unicode"].contains(&encoding.to_lowercase().as_str()) {
                return Err(refusal(NOT_SUPPORTED, format!("COPY writes UTF8 here, not {encoding}")));
            }
        }
        other => return Err(refusal(NOT_SUPPORTED, format!("COPY TO has no option \"{other}\" here"))),
    }
    Ok(match name.as_str() {
        "format" => options.format.is_some(),
        "delimiter" => options.delimiter.is_some(),
        "null" => options.null.is_some(),
        "quote" => options.quote.is_some(),
        "escape" => options.escape.is_some(),
        "force_quote" => options.quoted.is_some(),
        _ => true,
    })
}

fn boolean(words: &mut Words<'_>) -> PgWireResult<bool> {
    let word = match words.peek() {
        Some(Token::Comma | Token::RParen) | None => return Ok(true),
        Some(Token::Number(digits, _)) => {
            words.next();
            digits.clone()
        }
        _ => words.name().or_else(|| words.text()).unwrap_or_default().to_lowercase(),
    };
    match word.as_str() {
        "true" | "on" | "1" => Ok(true),
        "false" | "off" | "0" => Ok(false),
        _ => Err(refusal(INVALID_VALUE, "header requires a Boolean value".to_owned())),
    }
}

/// Columns in brackets, or a star for all of them.
fn columns(words: &mut Words<'_>) -> Option<Quoted> {
    if words.take_token(&Token::Mul) {
        return Some(Quoted::All);
    }
    words.take_token(&Token::LParen).then_some(())?;
    let these = names(words)?;
    words.take_token(&Token::RParen).then_some(Quoted::These(these))
}

fn names(words: &mut Words<'_>) -> Option<Vec<String>> {
    let mut names = vec![words.name()?];
    while words.take_token(&Token::Comma) {
        names.push(words.name()?);
    }
    Some(names)
}

/// Reads the options in the words of old.
fn old_options(words: &mut Words<'_>, options: &mut Options) -> Option<()> {
    while !words.is_at_end() {
        if words.take("binary") {
            options.format = Some("binary".to_owned());
        } else if words.take("csv") {
            options.format = Some("csv".to_owned());
        } else if words.take("header") {
            options.has_header = true;
        } else if words.take_all(&["force", "quote"]) {
            let all = words.take_token(&Token::Mul);
            options.quoted = Some(if all { Quoted::All } else { Quoted::These(names(words)?) });
        } else {
            let option = words.take_one(&["delimiter", "delimiters", "null", "quote", "escape"])?;
            words.take("as");
            let value = Some(words.text()?);
            match option {
                "null" => options.null = value,
                "quote" => options.quote = value,
                "escape" => options.escape = value,
                _ => options.delimiter = value,
            }
        }
    }
    Some(())
}

impl Options {
    fn form(self) -> PgWireResult<CopyForm> {
        let format = self.format.as_deref().unwrap_or("text").to_lowercase();
        let is_csv = format == "csv";
        for (name, is_given) in [
            ("QUOTE", self.quote.is_some()),
            ("ESCAPE", self.escape.is_some()),
            ("FORCE_QUOTE", self.quoted.is_some()),
        ] {
            if is_given && !is_csv {
                return Err(refusal(NOT_SUPPORTED, format!("COPY {name} requires CSV mode")));
            }
        }
        let null = |usual: &str| self.null.clone().unwrap_or_else(|| usual.to_owned());
        let form = match format.as_str() {
            "text" => CopyForm::Text {
                delimiter: one_byte("delimiter", self.delimiter.as_deref(), b'\t')?,
                null: null("\\N"),
                has_header: self.has_header,
            },
            "csv" => {
                let quote = one_byte("quote", self.quote.as_deref(), b'"')?;
                CopyForm::Csv(CsvForm {
                    delimiter: one_byte("delimiter", self.delimiter.as_deref(), b',')?,
                    null: null(""),
                    has_header: self.has_header,
                    quote,
                    escape: one_byte("escape", self.escape.as_deref(), quote)?,
                    quoted: self.quoted.unwrap_or_else(|| Quoted::These(Vec::new())),
                })
            }
            "binary" if self.delimiter.is_some() || self.null.is_some() || self.has_header => {
                let message = "cannot specify DELIMITER, NULL or HEADER in BINARY mode".to_owned();
                return Err(refusal(NOT_SUPPORTED, message));
            }
            "binary" => CopyForm::Binary,
            _ => {
                return Err(refusal(INVALID_VALUE, format!("COPY format \"{format}\" not recognized")));
            }
        };
        check(&form)?;
        Ok(form)
    }
}

/// Checks that a reader can tell the parts of a row apart.
fn check(form: &CopyForm) -> PgWireResult<()> {
    let (delimiter, null, quote) = match form {
        CopyForm::Text { delimiter, null, .. } => (*delimiter, null, None),
        CopyForm::Csv(form) => (form.delimiter, &form.null, Some(form.quote)),
        CopyForm::Binary => return Ok(()),
    };
    let wrong = |what: &str| Err(refusal(INVALID_VALUE, what.to_owned()));
    if matches!(delimiter, b'\n' | b'\r')
        || (quote.is_none() && b"\\abcdefghijklmnopqrstuvwxyz0123456789.".contains(&delimiter))
    {
        return wrong(
            "COPY delimiter cannot be a newline, carriage return, backslash, period, digit or small letter",
        );
    }
    if null.contains(['\n', '\r']) || null.as_bytes().contains(&delimiter) {
        return wrong("COPY null representation cannot use newline, carriage return or the delimiter");
    }
    match quote {
        Some(quote) if quote == delimiter => wrong("COPY delimiter and quote must be different"),
        Some(quote) if null.as_bytes().contains(&quote) => {
            wrong("CSV quote character must not appear in the NULL specification")
        }
        _ => Ok(()),
    }
}

fn one_byte(what: &str, given: Option<&str>, usual: u8) -> PgWireResult<u8> {
    match given.map(str::as_bytes) {
        None => Ok(usual),
        Some([byte]) if byte.is_ascii() => Ok(*byte),
        Some(_) => Err(refusal(INVALID_VALUE, format!("COPY {what} must be a single one-byte character"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::statements::split::split;

    fn form(options: &str) -> PgWireResult<Option<CopyForm>> {
        let written = split(options).unwrap();
        match written.first() {
            Some(written) => copy_form(&mut Words::new(written), false),
            None => Options::default().form().map(Some),
        }
    }

    #[test]
    fn options_of_today_and_of_old_mean_the_same() {
        let csv = |options: &str| match form(options) {
            Ok(Some(CopyForm::Csv(form))) => form,
            other => panic!("{options}: {other:?}"),
        };
        let today = "(format csv, header true, delimiter ';', quote '''', force_quote (a, b), null 'none')";
        let old = "with csv header delimiter as ';' quote as '''' force quote a, b null 'none'";
        assert_eq!(csv(today), csv(old));
        assert_eq!(csv("(format 'csv', header)"), csv("csv header"));
        assert!(!csv("(format csv, header off)").has_header);
        assert!(matches!(form("with binary"), Ok(Some(CopyForm::Binary))));
        assert!(matches!(form(""), Ok(Some(CopyForm::Text { delimiter: b'\t', .. }))));
        assert!(matches!(form("(format csv"), Ok(None)));
        for wrong in [
            "(format xml)",
            "(format binary, header)",
            "(delimiter 'ab')",
            "(quote 'x')",
            "(delimiter 'a')",
            "(format csv, delimiter '\"')",
            "(format csv, header maybe)",
            "(encoding 'LATIN1')",
            "(freeze)",
        ] {
            assert!(form(wrong).is_err(), "{wrong}");
        }
    }
}
