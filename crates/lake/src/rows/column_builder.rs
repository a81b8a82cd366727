//! One column on its way to Arrow, filled from the cells of rows.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, ListArray, MapArray,
    StringBuilder, StructArray, TimestampMicrosecondBuilder,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::arrow::error::ArrowError;
use playhead_session::{Cell, seconds};

use crate::tables::{Kind, text_map_fields};

/// Builds one column.
#[derive(Debug)]
pub(crate) enum ColumnBuilder {
    Text(StringBuilder),
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Time(TimestampMicrosecondBuilder),
    Day(Date32Builder),
    Texts(Lists, StringBuilder),
    TextMap(Lists, StringBuilder, StringBuilder),
    States(Lists, StringBuilder, Int64Builder, Float64Builder),
    TimeSpans(Lists, TimestampMicrosecondBuilder, TimestampMicrosecondBuilder),
    ContentSpans(Lists, Float64Builder, Float64Builder),
}

/// The lengths of lists, and which of them are there.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    lengths: Vec<usize>,
    is_there: Vec<bool>,
}

impl Lists {
    fn push(&mut self, length: Option<usize>) {
        self.lengths.push(length.unwrap_or(0));
        self.is_there.push(length.is_some());
    }

    fn finish(&mut self) -> (OffsetBuffer<i32>, Option<NullBuffer>) {
        let offsets = OffsetBuffer::from_lengths(self.lengths.drain(..));
        let nulls = NullBuffer::from(std::mem::take(&mut self.is_there));
        (offsets, (nulls.null_count() > 0).then_some(nulls))
    }
}

impl ColumnBuilder {
    pub(crate) fn new(kind: Kind) -> Self {
        let times = || TimestampMicrosecondBuilder::new().with_timezone("UTC");
        match kind {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Boolean => Self::Boolean(BooleanBuilder::new()),
            Kind::Integer => Self::Integer(Int64Builder::new()),
            Kind::Number => Self::Number(Float64Builder::new()),
            Kind::Time => Self::Time(times()),
            Kind::Day => Self::Day(Date32Builder::new()),
            Kind::Texts => Self::Texts(Lists::default(), StringBuilder::new()),
            Kind::TextMap => Self::TextMap(Lists::default(), StringBuilder::new(), StringBuilder::new()),
            Kind::States => Self::States(
                Lists::default(),
                StringBuilder::new(),
                Int64Builder::new(),
                Float64Builder::new(),
            ),
            Kind::TimeSpans => Self::TimeSpans(Lists::default(), times(), times()),
            Kind::ContentSpans => {
                Self::ContentSpans(Lists::default(), Float64Builder::new(), Float64Builder::new())
            }
        }
    }

    /// Adds a value; one of another type than the column's is taken as nothing. Returns the bytes of its texts.
    pub(crate) fn append(&mut self, cell: Option<&Cell<'_>>) -> usize {
        let cell = cell.filter(|cell| !matches!(cell, Cell::Null));
        let bytes_before = if cell.is_some() { self.text_bytes() } else { 0 };
        self.append_cell(cell);
        if cell.is_some() { self.text_bytes().saturating_sub(bytes_before) } else { 0 }
    }

    fn append_cell(&mut self, cell: Option<&Cell<'_>>) {
        match self {
            Self::Text(builder) => append_text(builder, cell),
            Self::Boolean(builder) => builder.append_option(boolean(cell)),
            Self::Integer(builder) => builder.append_option(integer(cell)),
            Self::Number(builder) => builder.append_option(number(cell)),
            Self::Time(builder) => builder.append_option(time_ms(cell).map(microseconds)),
            Self::Day(builder) => builder.append_null(),
            Self::Texts(lists, builder) => lists.push(append_texts(builder, cell)),
            Self::TextMap(lists, keys, values) => lists.push(append_pairs(keys, values, cell)),
            Self::States(lists, names, counts, times) => {
                lists.push(append_states(names, counts, times, cell));
            }
            Self::TimeSpans(lists, from, to) => lists.push(append_time_spans(from, to, cell)),
            Self::ContentSpans(lists, from, to) => lists.push(append_content_spans(from, to, cell)),
        }
    }

    /// Adds a whole number that comes from no row: a day, a key, a place in order.
    pub(crate) fn append_integer(&mut self, value: i64) {
        match self {
            Self::Integer(builder) => builder.append_value(value),
            Self::Day(builder) => builder.append_option(i32::try_from(value).ok()),
            _ => self.append_cell(None),
        }
    }

    /// Bytes of the texts added since the column was last finished.
    fn text_bytes(&self) -> usize {
        let bytes = |builder: &StringBuilder| builder.values_slice().len();
        match self {
            Self::Text(builder) | Self::Texts(_, builder) | Self::States(_, builder, ..) => bytes(builder),
            Self::TextMap(_, keys, values) => bytes(keys) + bytes(values),
            _ => 0,
        }
    }

    /// The column as it was filled.
    pub(crate) fn finish(&mut self, kind: Kind) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Number(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
            Self::Day(builder) => Arc::new(builder.finish()),
            Self::Texts(lists, builder) => list(kind, lists, Arc::new(builder.finish()))?,
            Self::TextMap(lists, keys, values) => {
                let entries: Vec<ArrayRef> = vec![Arc::new(keys.finish()), Arc::new(values.finish())];
                let fields = text_map_fields();
                let field = Arc::new(Field::new("key_value", DataType::Struct(fields.clone()), false));
                let (offsets, nulls) = lists.finish();
                let entries = StructArray::try_new(fields, entries, None)?;
                Arc::new(MapArray::try_new(field, offsets, entries, nulls, false)?)
            }
            Self::States(lists, names, counts, times) => {
                let columns: Vec<ArrayRef> =
                    vec![Arc::new(names.finish()), Arc::new(counts.finish()), Arc::new(times.finish())];
                struct_list(kind, lists, columns)?
            }
            Self::TimeSpans(lists, from, to) => {
                struct_list(kind, lists, vec![Arc::new(from.finish()), Arc::new(to.finish())])?
            }
            Self::ContentSpans(lists, from, to) => {
                struct_list(kind, lists, vec![Arc::new(from.finish()), Arc::new(to.finish())])?
            }
        })
    }
}

fn list(kind: Kind, lists: &mut Lists, values: ArrayRef) -> Result<ArrayRef, ArrowError> {
    let DataType::List(field) = kind.data_type() else {
        return Err(ArrowError::SchemaError(format!("{kind:?} is not a list")));
    };
    let (offsets, nulls) = lists.finish();
    Ok(Arc::new(ListArray::try_new(field, offsets, values, nulls)?))
}

fn struct_list(kind: Kind, lists: &mut Lists, columns: Vec<ArrayRef>) -> Result<ArrayRef, ArrowError> {
    let fields: Fields = match kind.data_type() {
        DataType::List(field) => match field.data_type() {
            DataType::Struct(fields) => fields.clone(),
            _ => Fields::empty(),
        },
        _ => Fields::empty(),
    };
    list(kind, lists, Arc::new(StructArray::try_new(fields, columns, None)?))
}

fn append_text(builder: &mut StringBuilder, cell: Option<&Cell<'_>>) {
    match cell {
        Some(Cell::Text(text) | Cell::Json(text)) => builder.append_value(text),
        _ => builder.append_null(),
    }
}

fn boolean(cell: Option<&Cell<'_>>) -> Option<bool> {
    match cell {
        Some(Cell::Boolean(value)) => Some(*value),
        _ => None,
    }
}

fn integer(cell: Option<&Cell<'_>>) -> Option<i64> {
    match cell {
        Some(Cell::Integer(value)) => Some(*value),
        _ => None,
    }
}

fn number(cell: Option<&Cell<'_>>) -> Option<f64> {
    match cell? {
        Cell::Number(value) => finite(*value),
        Cell::Integer(value) => Some(*value as f64),
        Cell::Seconds(ms) => Some(seconds(*ms)),
        _ => None,
    }
}

/// A number as rows say it: as text, one that is not finite is null.
fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

fn time_ms(cell: Option<&Cell<'_>>) -> Option<i64> {
    match cell {
        Some(Cell::Time(ms)) => Some(*ms),
        _ => None,
    }
}

const fn microseconds(ms: i64) -> i64 {
    ms.saturating_mul(1_000)
}

fn append_texts(builder: &mut StringBuilder, cell: Option<&Cell<'_>>) -> Option<usize> {
    let Some(Cell::Texts(texts)) = cell else { return None };
    texts.iter().for_each(|text| builder.append_value(text));
    Some(texts.len())
}

fn append_pairs(
    keys: &mut StringBuilder,
    values: &mut StringBuilder,
    cell: Option<&Cell<'_>>,
) -> Option<usize> {
    let Some(Cell::Pairs(pairs)) = cell else { return None };
    let mut length = 0;
    for (key, value) in pairs.iter() {
        keys.append_value(key);
        values.append_value(value);
        length += 1;
    }
    Some(length)
}

fn append_states(
    names: &mut StringBuilder,
    counts: &mut Int64Builder,
    times: &mut Float64Builder,
    cell: Option<&Cell<'_>>,
) -> Option<usize> {
    let Some(Cell::States(states)) = cell else { return None };
    for state in states.iter() {
        names.append_value(&state.name);
        counts.append_value(state.count.into());
        times.append_value(seconds(state.time_ms));
    }
    Some(states.len())
}

fn append_time_spans(
    from: &mut TimestampMicrosecondBuilder,
    to: &mut TimestampMicrosecondBuilder,
    cell: Option<&Cell<'_>>,
) -> Option<usize> {
    let Some(Cell::TimeSpans(spans)) = cell else { return None };
    for (begin, end) in spans.iter() {
        from.append_value(microseconds(*begin));
        to.append_value(microseconds(*end));
    }
    Some(spans.len())
}

fn append_content_spans(
    from: &mut Float64Builder,
    to: &mut Float64Builder,
    cell: Option<&Cell<'_>>,
) -> Option<usize> {
    let Some(Cell::ContentSpans(spans)) = cell else { return None };
    for (begin, end) in spans.iter() {
        // As in text: to the millisecond.
        from.append_option(finite((begin * 1_000.0).round() / 1_000.0));
        to.append_option(finite((end * 1_000.0).round() / 1_000.0));
    }
    Some(spans.len())
}
