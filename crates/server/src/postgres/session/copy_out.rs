//! `COPY ... TO STDOUT`: rows as text, CSV, or in PostgreSQL's binary form.

use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::pgwire::messages::copy::{CopyData, CopyDone, CopyOutResponse};
use futures::SinkExt;

use crate::postgres::session::queries::Started;
use crate::postgres::statements::statement::{CopyForm, CsvForm, Quoted};
use crate::postgres::values::columns::Formats;
use crate::postgres::values::rows::{RowWriter, Style};
use crate::postgres::wire::Wire;

/// What binary copies begin with: the signature, no flags, no extension.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What binary copies end with.
const TRAILER: &[u8] = &[0xff, 0xff];

/// Sends all rows; how many there were.
pub(super) async fn copy_out(
    wire: &mut Wire,
    mut started: Started,
    form: &CopyForm,
    style: &Style,
) -> PgWireResult<u64> {
    let is_binary = *form == CopyForm::Binary;
    let formats = if is_binary { Formats::binary() } else { Formats::default() };
    let columns = started.columns.clone();
    let mut writer = RowWriter::new(columns.clone(), &formats, style)?;
    let format = i8::from(is_binary);
    let count = i16::try_from(columns.len()).unwrap_or(i16::MAX);
    let response = CopyOutResponse::new(format, count, vec![i16::from(format); columns.len()]);
    wire.feed(PgWireBackendMessage::CopyOutResponse(response)).await?;
    let copied = Copied::new(form, columns.names());
    let mut begin = copied.begin(columns.names());
    if is_binary {
        begin.extend_from_slice(SIGNATURE);
    }
    if !begin.is_empty() && !is_binary {
        send(wire, std::mem::take(&mut begin)).await?;
    }
    let mut rows = 0;
    while let Some(piece) = started.rows.next().await? {
        for row in 0..piece.batch.num_rows() {
            let row = writer.write(&piece.batch, row)?;
            // The signature comes with the first row.
            let mut line = std::mem::take(&mut begin);
            if is_binary {
                line.extend_from_slice(&row.field_count.to_be_bytes());
                line.extend_from_slice(&row.data);
            } else {
                copied.write(&row.data, &mut line);
            }
            send(wire, line).await?;
            rows += 1;
        }
    }
    if is_binary {
        begin.extend_from_slice(TRAILER);
        send(wire, begin).await?;
    }
    wire.feed(PgWireBackendMessage::CopyDone(CopyDone::new())).await?;
    Ok(rows)
}

async fn send(wire: &mut Wire, line: Vec<u8>) -> PgWireResult<()> {
    wire.feed(PgWireBackendMessage::CopyData(CopyData::new(line.into()))).await?;
    Ok(())
}

/// The form of a copy, with what the columns have to do with it.
struct Copied<'form> {
    form: &'form CopyForm,
    /// For each column whether its values are in quotes in any case.
    quoted: Vec<bool>,
}

impl<'form> Copied<'form> {
    fn new<'name>(form: &'form CopyForm, names: impl Iterator<Item = &'name str>) -> Self {
        let is_quoted = |name: &str| match form {
            CopyForm::Csv(CsvForm { quoted: Quoted::All, .. }) => true,
            CopyForm::Csv(CsvForm { quoted: Quoted::These(these), .. }) => {
                these.iter().any(|this| this == name)
            }
            _ => false,
        };
        Self { form, quoted: names.map(is_quoted).collect() }
    }

    /// The line of names, if there is to be one.
    fn begin<'name>(&self, names: impl Iterator<Item = &'name str>) -> Vec<u8> {
        let mut line = Vec::new();
        let (has_header, delimiter) = match self.form {
            CopyForm::Text { has_header, delimiter, .. } => (*has_header, *delimiter),
            CopyForm::Csv(form) => (form.has_header, form.delimiter),
            CopyForm::Binary => (false, 0),
        };
        if !has_header {
            return line;
        }
        for (place, name) in names.enumerate() {
            if place > 0 {
                line.push(delimiter);
            }
            match self.form {
                CopyForm::Csv(form) => write_csv(name.as_bytes(), form, false, false, &mut line),
                _ => write_text(name.as_bytes(), delimiter, &mut line),
            }
        }
        line.push(b'\n');
        line
    }

    /// Writes a row, whose values come as texts, each behind its length.
    fn write(&self, mut values: &[u8], out: &mut Vec<u8>) {
        let (delimiter, null) = match self.form {
            CopyForm::Text { delimiter, null, .. } => (*delimiter, null),
            CopyForm::Csv(form) => (form.delimiter, &form.null),
            CopyForm::Binary => return,
        };
        for (place, is_quoted) in self.quoted.iter().enumerate() {
            if place > 0 {
                out.push(delimiter);
            }
            let Some(value) = next_value(&mut values) else {
                out.extend_from_slice(null.as_bytes());
                continue;
            };
            match self.form {
                CopyForm::Csv(form) => {
                    write_csv(value, form, *is_quoted, self.quoted.len() == 1, out);
                }
                _ => write_text(value, delimiter, out),
            }
        }
        out.push(b'\n');
    }
}

/// The next value behind its length; `None` if there is none.
fn next_value<'row>(row: &mut &'row [u8]) -> Option<&'row [u8]> {
    let (length, rest) = row.split_first_chunk::<4>()?;
    *row = rest;
    let length = usize::try_from(i32::from_be_bytes(*length)).ok()?;
    let (value, rest) = rest.split_at_checked(length)?;
    *row = rest;
    Some(value)
}

fn write_text(value: &[u8], delimiter: u8, out: &mut Vec<u8>) {
    for &byte in value {
        let escaped = match byte {
            b'\\' => b'\\',
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x0b => b'v',
            byte if byte == delimiter => byte,
            byte => {
                out.push(byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', escaped]);
    }
}

/// Writes a value in quotes if it needs them: also where it would be taken for a missing value, or alone in its line for the end
/// of the rows.
fn write_csv(value: &[u8], form: &CsvForm, is_quoted: bool, is_alone: bool, out: &mut Vec<u8>) {
    let is_special = |byte: &u8| [form.delimiter, form.quote, b'\n', b'\r'].contains(byte);
    let needs_quotes = is_quoted
        || value == form.null.as_bytes()
        || value.iter().any(is_special)
        || (is_alone && value == b"\\.");
    if !needs_quotes {
        out.extend_from_slice(value);
        return;
    }
    out.push(form.quote);
    for &byte in value {
        if byte == form.quote || byte == form.escape {
            out.push(form.escape);
        }
        out.push(byte);
    }
    out.push(form.quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[Option<&str>]) -> Vec<u8> {
        let mut row = Vec::new();
        for value in values {
            let length = value.map_or(-1, |value| i32::try_from(value.len()).unwrap());
            row.extend_from_slice(&length.to_be_bytes());
            row.extend_from_slice(value.unwrap_or_default().as_bytes());
        }
        row
    }

    fn line(form: &CopyForm, names: &[&str], values: &[Option<&str>]) -> String {
        let copied = Copied::new(form, names.iter().copied());
        let mut line = copied.begin(names.iter().copied());
        copied.write(&row(values), &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn copied_texts_are_told_from_missing_values_and_from_the_ends_of_lines() {
        let text = CopyForm::Text { delimiter: b'\t', null: "\\N".to_owned(), has_header: false };
        let values = [Some("a\tb\\"), None, Some("\n\r\u{8}"), Some("")];
        assert_eq!(line(&text, &["a", "b", "c", "d"], &values), "a\\tb\\\\\t\\N\t\\n\\r\\b\t\n");
        let csv = |has_header: bool, quoted: Quoted| {
            CopyForm::Csv(CsvForm {
                delimiter: b',',
                null: String::new(),
                has_header,
                quote: b'"',
                escape: b'"',
                quoted,
            })
        };
        let plain = csv(true, Quoted::These(Vec::new()));
        let values = [Some("a,b"), None, Some("say \"x\"\n"), Some("")];
        assert_eq!(
            line(&plain, &["a", "b", "c,", "d"], &values),
            "a,b,\"c,\",d\n\"a,b\",,\"say \"\"x\"\"\n\",\"\"\n"
        );
        assert_eq!(line(&csv(false, Quoted::These(Vec::new())), &["a"], &[Some("\\.")]), "\"\\.\"\n");
        let these = csv(false, Quoted::These(vec!["b".to_owned()]));
        assert_eq!(line(&these, &["a", "b"], &[Some("1"), Some("2")]), "1,\"2\"\n");
        assert_eq!(line(&csv(false, Quoted::All), &["a", "b"], &[Some("1"), None]), "\"1\",\n");
    }
}
