//! Exact quantiles, as a function of queries. The engine's own quantiles interpolate in steps of a millionth between two
//! values, which is visible if few values lie far apart.

use std::mem::size_of;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err};
use datafusion::logical_expr::{Accumulator, Expr, Volatility, create_udaf};

/// The value that `percent` of the values of `numbers` do not exceed, interpolated between two of them; null without any.
pub(crate) fn exact_quantile(numbers: Expr, percent: u8) -> Expr {
    let state = DataType::List(element());
    let function = create_udaf(
        &format!("exact_quantile_{percent}"),
        vec![DataType::Float64],
        Arc::new(DataType::Float64),
        Volatility::Immutable,
        Arc::new(move |_| Ok(Box::new(Quantile { share: f64::from(percent) / 100.0, values: Vec::new() }))),
        Arc::new(vec![state]),
    );
    function.call(vec![numbers])
}

fn element() -> FieldRef {
    Arc::new(Field::new("item", DataType::Float64, true))
}

#[derive(Debug)]
struct Quantile {
    share: f64,
    values: Vec<f64>,
}

impl Quantile {
    fn add(&mut self, numbers: &ArrayRef) -> Result<()> {
        let numbers = numbers.as_primitive_opt::<Float64Type>();
        let numbers = numbers.ok_or_else(|| exec_datafusion_err!("a quantile needs numbers"))?;
        match numbers.nulls() {
            None => self.values.extend_from_slice(numbers.values()),
            Some(_) => self.values.extend(numbers.iter().flatten()),
        }
        Ok(())
    }
}

impl Accumulator for Quantile {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.iter().try_for_each(|numbers| self.add(numbers))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for state in states {
            let lists = state
                .as_list_opt::<i32>()
                .ok_or_else(|| exec_datafusion_err!("the state is not that of a quantile"))?;
            lists.iter().flatten().try_for_each(|numbers| self.add(&numbers))?;
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values = std::mem::take(&mut self.values);
        let offsets = OffsetBuffer::from_lengths([values.len()]);
        let numbers = datafusion::arrow::array::Float64Array::from(values);
        let list = ListArray::try_new(element(), offsets, Arc::new(numbers), None)?;
        Ok(vec![ScalarValue::List(Arc::new(list))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(quantile(&mut self.values, self.share)))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.values.capacity() * size_of::<f64>()
    }
}

fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    let place = share * values.len().checked_sub(1)? as f64;
    let (below, fraction) = (place.floor() as usize, place.fract());
    let (_, lower, behind) = values.select_nth_unstable_by(below, f64::total_cmp);
    let lower = *lower;
    if fraction == 0.0 {
        return Some(lower);
    }
    let upper = behind.iter().copied().min_by(f64::total_cmp).unwrap_or(lower);
    Some(lower + (upper - lower) * fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_the_values_beside_them() {
        assert_eq!(quantile(&mut [], 0.5), None);
        assert_eq!(quantile(&mut [7.0], 0.99), Some(7.0));
        assert_eq!(quantile(&mut [4.0, 1.0, 3.0, 2.0], 0.5), Some(2.5));
        assert_eq!(quantile(&mut [30.0, 10.0, 20.0], 0.5), Some(20.0));
        assert_eq!(quantile(&mut [0.0, 1_000_000_000.0], 0.95), Some(950_000_000.0));
    }
}
