//! Rows of the catalogue's tables as the query engine keeps them.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Float32Array, Int16Array, Int32Array, Int64Array, RecordBatch, StringArray,
    new_null_array,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion_postgres::arrow_pg::datatypes::PG_OID_ALIAS_KEY;

use crate::postgres::catalogue::shapes::Shape;

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(i64),
    Text(String),
    Is(bool),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Self {
        Self::Is(is)
    }
}

/// A row: what is said of it.
pub(super) type Row = HashMap<&'static str, Value>;

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) type_name: &'static str,
    usual: Option<&'static str>,
}

/// The columns of a shape, in order.
pub(super) fn columns_of(shape: &Shape) -> Vec<Column> {
    let column = |written: &'static str| {
        let (name, rest) = written.trim().split_once(' ').unwrap_or((written, "text"));
        let (type_name, usual) =
            rest.split_once('=').map_or((rest, None), |(name, usual)| (name, Some(usual)));
        Column { name, type_name, usual }
    };
    shape.columns.split(',').map(column).collect()
}

impl Column {
    /// Its type in the engine.
    fn data_type(&self) -> DataType {
        let list = |item: DataType| DataType::List(Arc::new(Field::new_list_field(item, true)));
        match self.type_name {
            "bool" => DataType::Boolean,
            "int2" => DataType::Int16,
            "int4" | "oid" | "regproc" => DataType::Int32,
            "int8" => DataType::Int64,
            "float4" => DataType::Float32,
            "timestamptz" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            "int2[]" => list(DataType::Int16),
            "oid[]" => list(DataType::Int32),
            "text[]" => list(DataType::Utf8),
            _ => DataType::Utf8,
        }
    }

    fn field(&self) -> Field {
        let field = Field::new(self.name, self.data_type(), true);
        match self.type_name {
            // The library sends it as a number of the catalogue then.
            "oid" => field.with_metadata(HashMap::from([(PG_OID_ALIAS_KEY.to_owned(), "oid".to_owned())])),
            _ => field,
        }
    }

    /// The value of a row: what is said, or what is usual.
    fn value(&self, row: &Row) -> Option<Value> {
        let usual = || {
            self.usual.map(|usual| match self.data_type() {
                DataType::Boolean => Value::Is(usual == "t"),
                DataType::Utf8 if usual == "comma" => Value::from(","),
                DataType::Utf8 => Value::from(usual),
                _ => Value::Number(usual.parse().unwrap_or_default()),
            })
        };
        row.get(self.name).cloned().or_else(usual)
    }

    fn array(&self, rows: &[Row]) -> ArrayRef {
        let values: Vec<Option<Value>> = rows.iter().map(|row| self.value(row)).collect();
        let number = |value: &Option<Value>| match value {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        match self.data_type() {
            DataType::Boolean => Arc::new(BooleanArray::from_iter(values.iter().map(|value| match value {
                Some(Value::Is(is)) => Some(*is),
                _ => None,
            }))),
            DataType::Int16 => Arc::new(Int16Array::from_iter(
                values.iter().map(|value| number(value).and_then(|number| i16::try_from(number).ok())),
            )),
            DataType::Int32 => Arc::new(Int32Array::from_iter(
                values.iter().map(|value| number(value).and_then(|number| i32::try_from(number).ok())),
            )),
            DataType::Int64 => Arc::new(Int64Array::from_iter(values.iter().map(number))),
            DataType::Float32 => Arc::new(Float32Array::from_iter(
                values.iter().map(|value| number(value).map(|number| number as f32)),
            )),
            DataType::Utf8 => Arc::new(StringArray::from_iter(values.into_iter().map(|value| match value {
                Some(Value::Text(text)) => Some(text),
                _ => None,
            }))),
            other => new_null_array(&other, rows.len()),
        }
    }
}

/// The schema of a table.
pub(super) fn schema_of(shape: &Shape) -> SchemaRef {
    Arc::new(Schema::new(columns_of(shape).iter().map(Column::field).collect::<Vec<_>>()))
}

/// The rows of a table.
///
/// # Errors
///
/// If they do not fit together, which does not happen.
pub(super) fn batch(shape: &Shape, rows: &[Row]) -> Result<RecordBatch, DataFusionError> {
    let arrays = columns_of(shape).iter().map(|column| column.array(rows)).collect();
    Ok(RecordBatch::try_new(schema_of(shape), arrays)?)
}

/// A table with these rows.
///
/// # Errors
///
/// As for [`batch`].
pub(super) fn table(shape: &Shape, rows: &[Row]) -> Result<MemTable, DataFusionError> {
    let batch = batch(shape, rows)?;
    MemTable::try_new(batch.schema(), vec![vec![batch]])
}
