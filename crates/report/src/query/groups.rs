//! The groups of a query: the counts of all parts, joined by their group columns.

use std::collections::HashMap;

use datafusion::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, concat, concat_batches, take};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use futures::TryStreamExt;

use crate::error::Error;
use crate::limits::{QUERY_GROUP_BYTES, QUERY_GROUPS, QUERY_VALUES};

/// Groups with the counts of each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grouped {
    /// How many groups there are.
    pub(crate) len: usize,
    /// The columns that make the groups.
    pub(crate) keys: Vec<ArrayRef>,
    /// The counts of each part, one column for each measure; null if a part does not have the group.
    pub(crate) values: Vec<Vec<ArrayRef>>,
}

/// Collects the groups of a part from the query engine, up to the limit.
pub(crate) async fn collect(mut stream: SendableRecordBatchStream) -> Result<RecordBatch, Error> {
    let schema: SchemaRef = stream.schema();
    let (mut rows, mut bytes) = (0, 0);
    let mut batches = Vec::new();
    while let Some(batch) = stream.try_next().await? {
        rows += batch.num_rows();
        bytes += batch.get_array_memory_size();
        if rows > QUERY_GROUPS || rows * schema.fields().len() > QUERY_VALUES || bytes > QUERY_GROUP_BYTES {
            return Err(Error::fault(
                "/dimensions",
                format!(
                    "make too many groups: at most {QUERY_GROUPS}, {QUERY_VALUES} values in all and {QUERY_GROUP_BYTES} \
                     bytes; use a shorter range, a filter or fewer dimensions"
                ),
            ));
        }
        batches.push(batch);
    }
    Ok(concat_batches(&schema, &batches).map_err(arrow)?)
}

/// Joins parts. Each has the columns of the groups first, of these types, and then one column for each of its measures,
/// of those types.
pub(crate) fn join(
    parts: &[RecordBatch],
    key_types: &[DataType],
    value_types: &[Vec<DataType>],
) -> Result<Grouped, Error> {
    let columns = |part: &RecordBatch, from: usize, types: &[DataType]| -> Result<Vec<ArrayRef>, Error> {
        let columns = part.columns()[from..].iter().zip(types);
        let columns: Result<Vec<_>, _> = columns.map(|(column, data_type)| cast(column, data_type)).collect();
        Ok(columns.map_err(arrow)?)
    };
    let mut keys = Vec::with_capacity(parts.len());
    let mut values = Vec::with_capacity(parts.len());
    for (part, types) in parts.iter().zip(value_types) {
        keys.push(columns(part, 0, key_types)?);
        values.push(columns(part, key_types.len(), types)?);
    }
    let (Some(first), Some(first_keys)) = (parts.first(), keys.first()) else {
        return Ok(Grouped::default());
    };
    // Without groups, or with a single part, the rows are already in place.
    if key_types.is_empty() || parts.len() == 1 {
        return Ok(Grouped { len: first.num_rows(), keys: first_keys.clone(), values });
    }
    let all_keys: Vec<ArrayRef> = (0..key_types.len())
        .map(|place| {
            let columns: Vec<_> = keys.iter().map(|columns| columns[place].as_ref()).collect();
            concat(&columns)
        })
        .collect::<Result<_, _>>()
        .map_err(arrow)?;
    let groups = number(&all_keys, key_types)?;
    let mut aligned = Vec::with_capacity(parts.len());
    let mut before = 0;
    for (part, columns) in parts.iter().zip(values) {
        let mut rows: Vec<Option<u32>> = vec![None; groups.firsts.len()];
        for row in 0..part.num_rows() {
            rows[groups.numbers[before + row]] = u32::try_from(row).ok();
        }
        before += part.num_rows();
        aligned.push(take_all(&columns, &UInt32Array::from(rows))?);
    }
    let keys = take_all(&all_keys, &UInt32Array::from(groups.firsts))?;
    Ok(Grouped { len: keys.first().map_or(0, |keys| keys.len()), keys, values: aligned })
}

/// Which group each row is in, and the first row of each.
struct Numbered {
    numbers: Vec<usize>,
    firsts: Vec<u32>,
}

fn number(keys: &[ArrayRef], types: &[DataType]) -> Result<Numbered, Error> {
    let fields = types.iter().map(|data_type| SortField::new(data_type.clone())).collect();
    let converter = RowConverter::new(fields).map_err(arrow)?;
    let rows = converter.convert_columns(keys).map_err(arrow)?;
    let mut known: HashMap<OwnedRow, usize> = HashMap::new();
    let (mut numbers, mut firsts) = (Vec::with_capacity(rows.num_rows()), Vec::new());
    for (place, row) in rows.iter().enumerate() {
        let next = known.len();
        let number = *known.entry(row.owned()).or_insert(next);
        if number == next {
            firsts.push(u32::try_from(place).unwrap_or(u32::MAX));
        }
        numbers.push(number);
    }
    Ok(Numbered { numbers, firsts })
}

pub(crate) fn take_all(columns: &[ArrayRef], rows: &UInt32Array) -> Result<Vec<ArrayRef>, Error> {
    let taken: Result<Vec<_>, _> = columns.iter().map(|column| take(column, rows, None)).collect();
    Ok(taken.map_err(arrow)?)
}

pub(crate) fn arrow(error: datafusion::arrow::error::ArrowError) -> DataFusionError {
    DataFusionError::ArrowError(Box::new(error), None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{AsArray, Int64Array, StringArray};
    use datafusion::arrow::datatypes::Int64Type;

    use super::*;

    fn part(keys: Vec<Option<&str>>, values: Vec<i64>) -> RecordBatch {
        let keys: ArrayRef = Arc::new(StringArray::from(keys));
        let values: ArrayRef = Arc::new(Int64Array::from(values));
        RecordBatch::try_from_iter_with_nullable([("g0", keys, true), ("s0", values, true)]).unwrap()
    }

    #[test]
    fn parts_meet_in_their_groups_and_null_is_one() {
        let one = part(vec![Some("a"), None, Some("b")], vec![1, 2, 3]);
        let other = part(vec![None, Some("c"), Some("a")], vec![20, 40, 10]);
        let types = [vec![DataType::Int64], vec![DataType::Int64]];
        let grouped = join(&[one, other], &[DataType::Utf8], &types).unwrap();
        assert_eq!(grouped.len, 4);
        let keys: Vec<_> = grouped.keys[0].as_string::<i32>().iter().collect();
        assert_eq!(keys, [Some("a"), None, Some("b"), Some("c")]);
        let values =
            |part: usize| -> Vec<_> { grouped.values[part][0].as_primitive::<Int64Type>().iter().collect() };
        assert_eq!(values(0), [Some(1), Some(2), Some(3), None]);
        assert_eq!(values(1), [Some(10), Some(20), None, Some(40)]);
    }
}
