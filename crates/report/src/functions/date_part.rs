//! `extract` and `date_part` for the time between two moments, to its last digit.
//!
//! The query engine counts the seconds of a duration, and what is beyond them as nanoseconds in 32 bits, which hold two
//! seconds: the difference of two moments lost its fraction in all units below a second, and in `epoch`.

use std::str::FromStr;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::compute::kernels::cast_utils::IntervalUnit;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int64Type, TimeUnit};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult};
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
};

/// The function, to be registered under its own name.
pub(crate) fn date_part() -> ScalarUDF {
    ScalarUDF::new_from_impl(DatePart { inner: datafusion::functions::datetime::date_part() })
}

/// Plans `extract(part from value)` with this function; the engine's own planner would take the engine's.
#[derive(Debug)]
pub(crate) struct ExtractPlanner;

impl ExprPlanner for ExtractPlanner {
    fn plan_extract(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Planned(date_part().call(args)))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DatePart {
    inner: Arc<ScalarUDF>,
}

/// A part of a duration that is counted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Seconds with their fraction.
    Epoch,
    /// The whole duration in this unit, as a whole number.
    Whole(TimeUnit),
}

impl Part {
    /// `None` if the engine counts this part of a value of this type rightly.
    fn of(name: Option<&ScalarValue>, data_type: &DataType) -> Option<(Self, TimeUnit)> {
        let DataType::Duration(unit) = data_type else { return None };
        let name = name?.try_as_str().flatten()?.trim_matches(['\'', '"']);
        let part = match IntervalUnit::from_str(name) {
            Ok(IntervalUnit::Millisecond) => Self::Whole(TimeUnit::Millisecond),
            Ok(IntervalUnit::Microsecond) => Self::Whole(TimeUnit::Microsecond),
            Ok(IntervalUnit::Nanosecond) => Self::Whole(TimeUnit::Nanosecond),
            Err(_) if name.eq_ignore_ascii_case("epoch") => Self::Epoch,
            _ => return None,
        };
        Some((part, *unit))
    }

    fn count(self, durations: &ArrayRef, unit: TimeUnit) -> Result<ArrayRef> {
        let counts = cast(durations, &DataType::Int64)?;
        let counts = counts.as_primitive::<Int64Type>();
        Ok(match self {
            Self::Epoch => {
                let seconds: Float64Array = counts.unary(|count| count as f64 / per_second(unit) as f64);
                Arc::new(seconds)
            }
            Self::Whole(wanted) => {
                let whole: Int64Array = counts.try_unary(|count| {
                    let whole = i128::from(count) * per_second(wanted) / per_second(unit);
                    let too_long =
                        |_| exec_datafusion_err!("a duration is too long to be counted in {wanted:?}s");
                    i64::try_from(whole).map_err(too_long)
                })?;
                Arc::new(whole)
            }
        })
    }
}

const fn per_second(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

impl ScalarUDFImpl for DatePart {
    says_as_inner!();

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        if let ([name, ..], [_, value]) = (args.scalar_arguments, args.arg_fields)
            && let Some((Part::Whole(_), _)) = Part::of(*name, value.data_type())
        {
            return Ok(Arc::new(Field::new(self.name(), DataType::Int64, value.is_nullable())));
        }
        self.inner.return_field_from_args(args)
    }

    fn preimage(&self, args: &[Expr], value: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        self.inner.preimage(args, value, info)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [ColumnarValue::Scalar(name), value] = args.args.as_slice() else {
            return self.inner.invoke_with_args(args);
        };
        let Some((part, unit)) = Part::of(Some(name), &value.data_type()) else {
            return self.inner.invoke_with_args(args);
        };
        Ok(match value {
            ColumnarValue::Array(durations) => ColumnarValue::Array(part.count(durations, unit)?),
            ColumnarValue::Scalar(duration) => {
                let counted = part.count(&duration.to_array()?, unit)?;
                ColumnarValue::Scalar(ScalarValue::try_from_array(&counted, 0)?)
            }
        })
    }
}
