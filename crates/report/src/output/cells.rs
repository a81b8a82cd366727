//! Values of any column as JSON and as CSV text.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type, TimeUnit, UInt64Type};
use datafusion::arrow::datatypes::{Date32Type, TimestampMillisecondType};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use playhead_session::rfc3339;

use crate::functions::lengths::lengths_of;

/// The values of a column, ready to write one by one.
#[derive(Debug)]
pub(crate) enum Cells {
    Text(ArrayRef),
    Boolean(ArrayRef),
    Integer(ArrayRef),
    Unsigned(ArrayRef),
    Single(ArrayRef),
    Double(ArrayRef),
    /// A number as its digits.
    Digits(ArrayRef),
    Time(ArrayRef),
    /// What clocks show, in a zone that the type does not name.
    LocalTime(ArrayRef),
    Day(ArrayRef),
    List(ArrayRef),
    Struct(ArrayRef),
    Map(ArrayRef),
    /// A length of time.
    Length(ArrayRef),
    /// A value of a type that JSON does not have, as Arrow's text for it.
    Shown(ArrayRef),
}

/// The type of a column in a response: the JSON type and the meaning of its values.
pub(crate) fn type_name(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "boolean",
        DataType::Null
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => "integer",
        DataType::Float16
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => "number",
        DataType::Timestamp(..) => "time",
        DataType::Date32 | DataType::Date64 => "day",
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => "list",
        DataType::Struct(_) => "struct",
        DataType::Map(..) => "map",
        DataType::Dictionary(_, values) => type_name(values),
        _ => "text",
    }
}

impl Cells {
    /// The values of a column.
    pub(crate) fn new(column: &ArrayRef) -> Result<Self, ArrowError> {
        let milliseconds = DataType::Timestamp(TimeUnit::Millisecond, None);
        Ok(match column.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Self::Text(cast(column, &DataType::Utf8View)?)
            }
            DataType::Boolean => Self::Boolean(column.clone()),
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::Null => {
                Self::Integer(cast(column, &DataType::Int64)?)
            }
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => {
                Self::Unsigned(cast(column, &DataType::UInt64)?)
            }
            DataType::Float16 | DataType::Float32 => Self::Single(cast(column, &DataType::Float32)?),
            DataType::Float64 => Self::Double(column.clone()),
            DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Decimal256(..) => Self::Digits(cast(column, &DataType::Utf8View)?),
            DataType::Timestamp(_, Some(_)) => Self::Time(cast(column, &milliseconds)?),
            DataType::Timestamp(_, None) => Self::LocalTime(cast(column, &milliseconds)?),
            DataType::Duration(_) | DataType::Interval(_) => Self::Length(column.clone()),
            DataType::Date32 | DataType::Date64 => Self::Day(cast(column, &DataType::Date32)?),
            DataType::List(item) | DataType::FixedSizeList(item, _) => {
                Self::List(cast(column, &DataType::LargeList(item.clone()))?)
            }
            DataType::LargeList(_) => Self::List(column.clone()),
            DataType::Struct(_) => Self::Struct(column.clone()),
            DataType::Map(..) => Self::Map(column.clone()),
            DataType::Dictionary(_, values) => return Self::new(&cast(column, values)?),
            _ => Self::Shown(column.clone()),
        })
    }

    fn array(&self) -> &ArrayRef {
        match self {
            Self::Text(array)
            | Self::Boolean(array)
            | Self::Integer(array)
            | Self::Unsigned(array)
            | Self::Single(array)
            | Self::Double(array)
            | Self::Digits(array)
            | Self::Time(array)
            | Self::LocalTime(array)
            | Self::Length(array)
            | Self::Day(array)
            | Self::List(array)
            | Self::Struct(array)
            | Self::Map(array)
            | Self::Shown(array) => array,
        }
    }

    /// Whether a row does not have a value.
    pub(crate) fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    /// Writes the value of a row as JSON; NaN and infinite numbers as null.
    pub(crate) fn write_json(&self, row: usize, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        if self.is_null(row) {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        match self {
            Self::Text(array) => write_json_text(array.as_string_view().value(row), out),
            Self::Single(array) => write_json_value(&array.as_primitive::<Float32Type>().value(row), out),
            Self::Double(array) => write_json_value(&array.as_primitive::<Float64Type>().value(row), out),
            Self::Boolean(_) | Self::Integer(_) | Self::Unsigned(_) | Self::Digits(_) => {
                self.write_plain(row, out)?;
            }
            Self::Time(_) | Self::LocalTime(_) | Self::Length(_) | Self::Day(_) | Self::Shown(_) => {
                let mut text = Vec::new();
                self.write_plain(row, &mut text)?;
                write_json_text(&String::from_utf8_lossy(&text), out);
            }
            Self::List(array) => {
                let items = array.as_list::<i64>().value(row);
                let cells = Self::new(&items)?;
                write_between(b'[', b']', 0..items.len(), out, |item, out| cells.write_json(item, out))?;
            }
            Self::Struct(array) => {
                let array = array.as_struct();
                let fields: Vec<_> = array.fields().iter().zip(array.columns()).collect();
                write_between(b'{', b'}', fields, out, |(field, column), out| {
                    write_json_text(field.name(), out);
                    out.push(b':');
                    Self::new(&column.slice(row, 1))?.write_json(0, out)
                })?;
            }
            Self::Map(array) => {
                let entries = array.as_map().value(row);
                let (keys, values) = (Self::new(entries.column(0))?, Self::new(entries.column(1))?);
                write_between(b'{', b'}', 0..entries.len(), out, |entry, out| {
                    let mut key = Vec::new();
                    keys.write_plain(entry, &mut key)?;
                    write_json_text(&String::from_utf8_lossy(&key), out);
                    out.push(b':');
                    values.write_json(entry, out)
                })?;
            }
        }
        Ok(())
    }

    /// Writes the value of a row as a field of CSV: empty without a value, nested values as JSON.
    pub(crate) fn write_csv(&self, row: usize, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        if self.is_null(row) {
            return Ok(());
        }
        let mut text = Vec::new();
        self.write_plain(row, &mut text)?;
        let is_text = matches!(self, Self::Text(_) | Self::Shown(_));
        write_csv_field(&text, is_text && text.is_empty(), out);
        Ok(())
    }

    /// The value as text without quotes.
    fn write_plain(&self, row: usize, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        match self {
            Self::Text(array) | Self::Digits(array) => {
                out.extend_from_slice(array.as_string_view().value(row).as_bytes());
            }
            Self::Boolean(array) => write_json_value(&array.as_boolean().value(row), out),
            Self::Integer(array) => write_json_value(&array.as_primitive::<Int64Type>().value(row), out),
            Self::Unsigned(array) => write_json_value(&array.as_primitive::<UInt64Type>().value(row), out),
            Self::Single(array) => {
                let value = array.as_primitive::<Float32Type>().value(row);
                if value.is_finite() {
                    write_json_value(&value, out);
                }
            }
            Self::Double(array) => {
                let value = array.as_primitive::<Float64Type>().value(row);
                if value.is_finite() {
                    write_json_value(&value, out);
                }
            }
            Self::Time(array) => {
                let ms = array.as_primitive::<TimestampMillisecondType>().value(row);
                out.extend_from_slice(rfc3339(ms).as_bytes());
            }
            Self::LocalTime(array) => {
                let ms = array.as_primitive::<TimestampMillisecondType>().value(row);
                out.extend_from_slice(rfc3339(ms).trim_end_matches('Z').as_bytes());
            }
            Self::Length(array) => {
                let lengths = lengths_of(&array.slice(row, 1))
                    .map_err(|error| ArrowError::ComputeError(error.to_string()))?;
                let text = lengths.into_iter().flatten().next().map(|length| length.text());
                out.extend_from_slice(text.unwrap_or_default().as_bytes());
            }
            Self::Day(array) => {
                let day = array.as_primitive::<Date32Type>().value(row);
                let time = rfc3339(i64::from(day) * 86_400_000);
                out.extend_from_slice(time.split('T').next().unwrap_or_default().as_bytes());
            }
            Self::List(_) | Self::Struct(_) | Self::Map(_) => self.write_json(row, out)?,
            Self::Shown(array) => {
                let formatter = ArrayFormatter::try_new(array, &FormatOptions::default())?;
                out.extend_from_slice(formatter.value(row).to_string().as_bytes());
            }
        }
        Ok(())
    }
}

/// Writes a field of CSV, in quotes if it needs them.
pub(crate) fn write_csv_field(text: &[u8], needs_quotes: bool, out: &mut Vec<u8>) {
    let is_special = |byte: &u8| matches!(byte, b'"' | b',' | b'\n' | b'\r');
    if !needs_quotes && !text.iter().any(is_special) {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    for &byte in text {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Writes a text as JSON.
pub(crate) fn write_json_text(text: &str, out: &mut Vec<u8>) {
    write_json_value(text, out);
}

fn write_json_value<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    let before = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(before);
        out.extend_from_slice(b"null");
    }
}

fn write_between<T>(
    open: u8,
    close: u8,
    items: impl IntoIterator<Item = T>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(T, &mut Vec<u8>) -> Result<(), ArrowError>,
) -> Result<(), ArrowError> {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out)?;
    }
    out.push(close);
    Ok(())
}
