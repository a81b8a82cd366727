//! One player state out of a session's list of states, as a function of queries.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::names::metric::StatePart;

/// A number of the player state `name` in `states`: how often it began, the seconds for which it was open, or 1 if it was
/// open. Null if the session did not have the state.
pub(crate) fn state_value(states: Expr, name: &str, part: StatePart) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    ScalarUDF::new_from_impl(StateValue { name: name.into(), part, signature }).call(vec![states])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct StateValue {
    name: Box<str>,
    part: StatePart,
    signature: Signature,
}

impl StateValue {
    fn values(&self, states: &ArrayRef) -> Result<ArrayRef> {
        let states =
            states.as_list_opt::<i32>().ok_or_else(|| exec_datafusion_err!("states are not a list"))?;
        let fields = states
            .values()
            .as_struct_opt()
            .ok_or_else(|| exec_datafusion_err!("a state is not a structure"))?;
        let field = |name: &str, data_type: &DataType| {
            let column = fields.column_by_name(name);
            let column = column.ok_or_else(|| exec_datafusion_err!("a state has no {name}"))?;
            Ok::<ArrayRef, datafusion::error::DataFusionError>(cast(column, data_type)?)
        };
        let names = field("name", &DataType::Utf8)?;
        let names: &StringArray = names.as_string();
        let counts = field("count", &DataType::Int64)?;
        let counts: &Int64Array = counts.as_primitive::<Int64Type>();
        let offsets = states.value_offsets();
        let place = |row: usize| {
            let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
            let named = |place: &usize| names.is_valid(*place) && names.value(*place) == &*self.name;
            if states.is_null(row) { None } else { (from..to).find(named) }
        };
        let places = (0..states.len()).map(place);
        Ok(match self.part {
            StatePart::Count => {
                Arc::new(places.map(|place| place.map(|place| counts.value(place))).collect::<Int64Array>())
            }
            StatePart::ImpactedStreams => {
                let was_open = |place: usize| i64::from(counts.value(place) > 0);
                Arc::new(places.map(|place| place.map(was_open)).collect::<Int64Array>())
            }
            StatePart::Time => {
                let times = field("time", &DataType::Float64)?;
                let times: &Float64Array = times.as_primitive::<Float64Type>();
                Arc::new(places.map(|place| place.map(|place| times.value(place))).collect::<Float64Array>())
            }
        })
    }
}

impl ScalarUDFImpl for StateValue {
    fn name(&self) -> &'static str {
        "state_value"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if self.part == StatePart::Time { DataType::Float64 } else { DataType::Int64 })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let states = arrays.first().ok_or_else(|| exec_datafusion_err!("no states"))?;
        Ok(ColumnarValue::Array(self.values(states)?))
    }
}
