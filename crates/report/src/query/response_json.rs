//! The response to a query as JSON.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type, TimestampMicrosecondType};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::query::response::{QueryResponse, ResponseColumn};
use crate::time::range::Zone;

/// `{columns, rows, totals, row_count_total, is_complete, time_zone, excluded_sessions, is_partial, also_known_as}`.
impl Serialize for QueryResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(9))?;
        map.serialize_entry("columns", self.columns())?;
        map.serialize_entry("rows", &Rows { batch: &self.rows, zone: &self.zone })?;
        map.serialize_entry("totals", &Totals { batch: &self.totals, zone: &self.zone })?;
        map.serialize_entry("row_count_total", &self.row_count_total())?;
        map.serialize_entry("is_complete", &self.is_complete())?;
        map.serialize_entry("time_zone", self.zone.name())?;
        map.serialize_entry("excluded_sessions", &self.excluded_sessions())?;
        map.serialize_entry("is_partial", &self.is_partial())?;
        map.serialize_entry("also_known_as", &self.also_known_as())?;
        map.end()
    }
}

/// `{name, kind, type, unit}`; only metrics have a unit.
impl Serialize for ResponseColumn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("kind", self.kind.name())?;
        map.serialize_entry("type", self.value_type)?;
        if let Some(unit) = self.unit {
            map.serialize_entry("unit", unit.name())?;
        }
        map.end()
    }
}

struct Rows<'a> {
    batch: &'a RecordBatch,
    zone: &'a Zone,
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.batch.num_rows()))?;
        for row in 0..self.batch.num_rows() {
            rows.serialize_element(&Row { batch: self.batch, zone: self.zone, row })?;
        }
        rows.end()
    }
}

struct Row<'a> {
    batch: &'a RecordBatch,
    zone: &'a Zone,
    row: usize,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cell = |values| Cell { values, zone: self.zone, row: self.row };
        serializer.collect_seq(self.batch.columns().iter().map(cell))
    }
}

struct Totals<'a> {
    batch: &'a RecordBatch,
    zone: &'a Zone,
}

impl Serialize for Totals<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let schema = self.batch.schema();
        let cells = schema.fields().iter().zip(self.batch.columns());
        serializer.collect_map(
            cells.map(|(field, values)| (field.name(), Cell { values, zone: self.zone, row: 0 })),
        )
    }
}

struct Cell<'a> {
    values: &'a ArrayRef,
    zone: &'a Zone,
    row: usize,
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { values, zone, row } = self;
        if *row >= values.len() || values.is_null(*row) {
            return serializer.serialize_none();
        }
        match values.data_type() {
            DataType::Int64 => serializer.serialize_i64(values.as_primitive::<Int64Type>().value(*row)),
            DataType::Float64 => serializer.serialize_f64(values.as_primitive::<Float64Type>().value(*row)),
            DataType::Boolean => serializer.serialize_bool(values.as_boolean().value(*row)),
            DataType::Utf8 => serializer.serialize_str(values.as_string::<i32>().value(*row)),
            DataType::Timestamp(..) => {
                let us = values.as_primitive::<TimestampMicrosecondType>().value(*row);
                serializer.serialize_str(&zone.written(us.div_euclid(1_000)))
            }
            // Columns of responses do not have other types.
            _ => serializer.serialize_none(),
        }
    }
}
