//! Writes rows in the formats that a client wants.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Float32Type, Float64Type, Time64MicrosecondType, TimestampMicrosecondType,
};
use datafusion_postgres::arrow_pg::encoder::encode_value;
use datafusion_postgres::pgwire::api::Type;
use datafusion_postgres::pgwire::api::results::{DataRowEncoder, FieldFormat, FieldInfo};
use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::messages::data::DataRow;
use datafusion_postgres::pgwire::types::format::FormatOptions;
use jiff::tz::TimeZone;
use playhead_report::functions::float_text::{double_text, single_text};
use playhead_report::functions::lengths::interval_text;

use crate::postgres::refusal::{INTERNAL, refusal};
use crate::postgres::values::columns::{Columns, Form, Formats};
use crate::postgres::values::moments::{clock_text, write_moment};
use crate::postgres::values::numbers::binary_number;

/// The first byte of `jsonb` in binary form.
const JSONB_VERSION: u8 = 1;

/// How a connection wants values to be written.
#[derive(Debug, Clone)]
pub(in crate::postgres) struct Style {
    pub(in crate::postgres) options: Arc<FormatOptions>,
    pub(in crate::postgres) zone: TimeZone,
}

/// Writes the rows of an answer.
pub(in crate::postgres) struct RowWriter {
    columns: Arc<Columns>,
    described: Arc<Vec<FieldInfo>>,
    encoder: DataRowEncoder,
    zone: TimeZone,
}

impl RowWriter {
    /// # Errors
    ///
    /// If the formats are for another number of columns.
    pub(in crate::postgres) fn new(
        columns: Arc<Columns>,
        formats: &Formats,
        style: &Style,
    ) -> PgWireResult<Self> {
        let described = Arc::new(columns.described(formats, &style.options)?);
        let encoder = DataRowEncoder::new(described.clone());
        Ok(Self { columns, described, encoder, zone: style.zone.clone() })
    }

    /// What the client is told about the columns.
    pub(in crate::postgres) fn described(&self) -> &[FieldInfo] {
        &self.described
    }

    /// Writes a row of a batch that is in the form in which rows are kept. A panic of the library is an error in words: a
    /// connection that closes would look like a fault of the network.
    pub(in crate::postgres) fn write(&mut self, batch: &RecordBatch, row: usize) -> PgWireResult<DataRow> {
        catch_unwind(AssertUnwindSafe(|| self.written(batch, row))).unwrap_or_else(|_panic| {
            tracing::error!("a row could not be written");
            Err(refusal(INTERNAL, "a value of this row cannot be written".to_owned()))
        })
    }

    fn written(&mut self, batch: &RecordBatch, row: usize) -> PgWireResult<DataRow> {
        for (place, array) in batch.columns().iter().enumerate() {
            let (Some(column), Some(info)) = (self.columns.columns.get(place), self.described.get(place))
            else {
                continue;
            };
            if array.is_null(row) {
                put_text(&mut self.encoder, None, info)?;
                continue;
            }
            let text = match column.form {
                Form::Json | Form::Digits => array.as_string::<i32>().value(row).to_owned(),
                Form::Moment | Form::Moments if info.format() == FieldFormat::Text => {
                    moments_text(array, row, &self.zone)?
                }
                Form::Float if info.format() == FieldFormat::Text => {
                    floats_text(array, row, info.format_options().extra_float_digits)?
                }
                Form::Clock if info.format() == FieldFormat::Text => {
                    clock_text(array.as_primitive::<Time64MicrosecondType>().value(row))
                }
                Form::Length if info.format() == FieldFormat::Text => {
                    interval_text(array, row).unwrap_or_default()
                }
                _ => {
                    encode_value(&mut self.encoder, array, row, batch.schema_ref().field(place), info)?;
                    continue;
                }
            };
            match (column.form, info.format()) {
                (Form::Json, FieldFormat::Binary) => {
                    put_bytes(&mut self.encoder, &[&[JSONB_VERSION][..], text.as_bytes()].concat(), info)?;
                }
                (Form::Digits, FieldFormat::Binary) => {
                    put_bytes(&mut self.encoder, &binary_number(&text), info)?;
                }
                _ => put_text(&mut self.encoder, Some(&text), info)?,
            }
        }
        Ok(self.encoder.take_row())
    }
}

/// Puts a text as it is.
fn put_text(encoder: &mut DataRowEncoder, text: Option<&str>, info: &FieldInfo) -> PgWireResult<()> {
    encoder.encode_field_with_type_and_format(&text, &Type::TEXT, FieldFormat::Text, info.format_options())
}

/// Puts the bytes of a value as they are.
fn put_bytes(encoder: &mut DataRowEncoder, bytes: &[u8], info: &FieldInfo) -> PgWireResult<()> {
    encoder.encode_field_with_type_and_format(
        &bytes,
        &Type::BYTEA,
        FieldFormat::Binary,
        info.format_options(),
    )
}

/// A moment, or a list of them, as text.
fn moments_text(array: &ArrayRef, row: usize, zone: &TimeZone) -> PgWireResult<String> {
    text_of(array, row, "\"", |items, item, out| write_one(items, item, zone, out))
}

/// A float, or a list of them, as text.
fn floats_text(array: &ArrayRef, row: usize, extra_digits: i8) -> PgWireResult<String> {
    text_of(array, row, "", |items, item, out| {
        match items.as_primitive_opt::<Float32Type>() {
            Some(singles) => out.push_str(&single_text(singles.value(item), extra_digits)),
            None => out.push_str(&double_text(items.as_primitive::<Float64Type>().value(item), extra_digits)),
        }
        Ok(())
    })
}

/// A value, or a list of them in which each is between two quotes, as `write` writes one.
fn text_of(
    array: &ArrayRef,
    row: usize,
    quote: &str,
    write: impl Fn(&ArrayRef, usize, &mut String) -> PgWireResult<()>,
) -> PgWireResult<String> {
    let mut text = String::new();
    let DataType::List(_) = array.data_type() else {
        write(array, row, &mut text)?;
        return Ok(text);
    };
    let items = array.as_list::<i32>().value(row);
    text.push('{');
    for item in 0..items.len() {
        text.push_str(if item > 0 { "," } else { "" });
        if items.is_null(item) {
            text.push_str("NULL");
        } else {
            text.push_str(quote);
            write(&items, item, &mut text)?;
            text.push_str(quote);
        }
    }
    text.push('}');
    Ok(text)
}

fn write_one(array: &ArrayRef, row: usize, zone: &TimeZone, out: &mut String) -> PgWireResult<()> {
    let has_zone = matches!(array.data_type(), DataType::Timestamp(_, Some(_)));
    let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
    write_moment(micros, has_zone.then_some(zone), out)
}
