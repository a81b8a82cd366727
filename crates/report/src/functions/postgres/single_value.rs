//! The value of a subquery that stands for one value, and the list of one that stands for a list.
//!
//! The query engine does not plan a subquery about each row of another query unless it sees that it gives one value. An
//! aggregate shows it that; but the engine computes it for each key of the whole inner table before it joins, so the aggregate
//! must not fail: it keeps two values at most, and whether there is one too many is told where the values are used.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array, new_empty_array};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::{concat, take};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};

use crate::functions::postgres::{ONLY_VALUE, OWN_LIST, SINGLE_VALUE};

/// As many as tell that there is more than one.
const KEPT: usize = 2;

/// The aggregate that keeps the values of two rows.
pub(super) fn single_value() -> AggregateUDF {
    AggregateUDF::new_from_impl(SingleValue { signature: Signature::any(1, Volatility::Immutable) })
}

/// The functions over what a subquery gives.
pub(super) fn of_subqueries() -> [ScalarUDF; 2] {
    [Given::Value, Given::List].map(|given| {
        // It may fail, so the engine must not carry it into the reading of files: that would look like a damaged file.
        let volatility = if given == Given::Value { Volatility::Volatile } else { Volatility::Immutable };
        let signature = Signature::any(1, volatility);
        ScalarUDF::new_from_impl(OfSubquery { given, signature })
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct SingleValue {
    signature: Signature,
}

impl AggregateUDFImpl for SingleValue {
    fn name(&self) -> &str {
        SINGLE_VALUE
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        match arg_types {
            [data_type] => Ok(DataType::List(Arc::new(Field::new_list_field(data_type.clone(), true)))),
            _ => plan_err!("{SINGLE_VALUE} takes one value"),
        }
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let DataType::List(element) = args.return_type() else {
            return plan_err!("{SINGLE_VALUE} makes lists");
        };
        Ok(Box::new(Kept { values: Vec::new(), data_type: element.data_type().clone() }))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let values = Field::new(format!("{}[values]", args.name), args.return_type().clone(), true);
        Ok(vec![Arc::new(values)])
    }
}

#[derive(Debug)]
struct Kept {
    values: Vec<ScalarValue>,
    data_type: DataType,
}

impl Kept {
    fn take(&mut self, values: &ArrayRef) -> Result<()> {
        for row in 0..values.len().min(KEPT - self.values.len()) {
            self.values.push(ScalarValue::try_from_array(values, row)?.compacted());
        }
        Ok(())
    }
}

impl Accumulator for Kept {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.first().map_or(Ok(()), |values| self.take(values))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::List(ScalarValue::new_list(&self.values, &self.data_type, true)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.iter().map(ScalarValue::size).sum::<usize>() + self.data_type.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(lists) = states.first() else { return Ok(()) };
        lists.as_list::<i32>().iter().flatten().try_for_each(|values| self.take(&values))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Given {
    /// The only one of the values that the aggregate kept; null if there is none.
    Value,
    /// The list of all values; an empty one if there are none.
    List,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfSubquery {
    given: Given,
    signature: Signature,
}

impl ScalarUDFImpl for OfSubquery {
    fn name(&self) -> &str {
        match self.given {
            Given::Value => ONLY_VALUE,
            Given::List => OWN_LIST,
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        match (arg_types, self.given) {
            ([DataType::List(element)], Given::Value) => Ok(element.data_type().clone()),
            ([list @ DataType::List(_)], Given::List) => Ok(list.clone()),
            _ => plan_err!("{} takes the values of a subquery", self.name()),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(value) = args.args.first() else {
            return Err(exec_datafusion_err!("{} takes the values of a subquery", self.name()));
        };
        let lists = match value {
            ColumnarValue::Array(lists) => lists.clone(),
            ColumnarValue::Scalar(list) => list.to_array()?,
        };
        let given = match self.given {
            Given::Value => only_values(lists.as_list())?,
            Given::List => own_lists(lists.as_list())?,
        };
        Ok(match value {
            ColumnarValue::Array(_) => ColumnarValue::Array(given),
            ColumnarValue::Scalar(_) => ColumnarValue::Scalar(ScalarValue::try_from_array(&given, 0)?),
        })
    }
}

fn only_values(lists: &ListArray) -> Result<ArrayRef> {
    let mut places: Vec<Option<u32>> = Vec::with_capacity(lists.len());
    for (row, ends) in lists.value_offsets().windows(2).enumerate() {
        let [start, end] = ends else { continue };
        let count = if lists.is_null(row) { 0 } else { end - start };
        if count > 1 {
            return exec_err!("more than one row returned by a subquery used as an expression");
        }
        places.push(if count == 1 { u32::try_from(*start).ok() } else { None });
    }
    Ok(take(lists.values(), &UInt32Array::from(places), None)?)
}

fn own_lists(lists: &ListArray) -> Result<ArrayRef> {
    if lists.null_count() == 0 {
        return Ok(Arc::new(lists.clone()));
    }
    let DataType::List(element) = lists.data_type() else { return exec_err!("{OWN_LIST} takes lists") };
    let lengths = (0..lists.len()).map(|row| lists.is_valid(row).then(|| lists.value(row)));
    let parts: Vec<ArrayRef> =
        lengths.map(|list| list.unwrap_or_else(|| new_empty_array(element.data_type()))).collect();
    let offsets = OffsetBuffer::from_lengths(parts.iter().map(|part| part.len()));
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    let values = concat(&parts)?;
    Ok(Arc::new(ListArray::try_new(element.clone(), offsets, values, None)?))
}
