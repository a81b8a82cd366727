//! The SQL functions that make large values from small ones, each with a limit on its result.
//!
//! The query engine counts the memory that it keeps: groups, sorted rows, sides of joins. It does not count the results
//! of functions over the rows that pass through, and `repeat('x', 1000000000)` is a short query.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::compute::kernels::length::length;
use datafusion::arrow::datatypes::{
    DataType, FieldRef, Int64Type, IntervalMonthDayNanoType, IntervalUnit, TimeUnit,
};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
};
use datafusion::prelude::SessionContext;
use playhead_protocol::time::DAY_NS;

/// How each function grows its input.
const GROWING: &[(&str, Growth)] = &[
    ("repeat", Growth::Times),
    ("array_repeat", Growth::Times),
    ("lpad", Growth::UpTo),
    ("rpad", Growth::UpTo),
    ("array_resize", Growth::UpTo),
    ("replace", Growth::Replaced),
    ("regexp_replace", Growth::Matched),
    ("translate", Growth::Together),
    ("levenshtein", Growth::Compared),
    ("concat", Growth::Together),
    ("concat_ws", Growth::Together),
    ("array_concat", Growth::Together),
    ("range", Growth::Series),
    ("generate_series", Growth::Series),
];

/// Bytes of an element of a list, or of a series.
const ELEMENT_BYTES: u64 = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Growth {
    /// The first argument, as many times as the second argument.
    Times,
    /// As long as the second argument.
    UpTo,
    /// The third argument for each occurrence of the second in the first.
    Replaced,
    /// The third argument for each place of the first, and once more.
    Matched,
    /// All arguments one after another.
    Together,
    /// Nothing, but in as many steps as the lengths of both arguments multiplied.
    Compared,
    /// From the first argument to the second in steps of the third.
    Series,
}

/// Limits the result of each of these functions to `limit_bytes` for the rows that pass through it at a time.
pub(crate) fn limit_growing_functions(context: &SessionContext, limit_bytes: usize) {
    for (name, growth) in GROWING {
        // A function that the query engine no longer has does not need a limit.
        if let Ok(inner) = context.state().udf(name) {
            context.register_udf(ScalarUDF::new_from_impl(Limited { inner, growth: *growth, limit_bytes }));
        }
    }
}

/// A function that refuses to make too large a result.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Limited {
    inner: Arc<ScalarUDF>,
    growth: Growth,
    limit_bytes: usize,
}

impl ScalarUDFImpl for Limited {
    says_as_inner!();

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.inner().coerce_types(arg_types)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let made_bytes = self.growth.made_bytes(&args)?;
        if made_bytes > self.limit_bytes as u64 {
            return Err(DataFusionError::ResourcesExhausted(format!(
                "{} would {} {made_bytes} {} at a time; the limit is {}",
                self.name(),
                if self.growth == Growth::Compared { "compare" } else { "make" },
                if self.growth == Growth::Compared { "pairs of bytes" } else { "bytes" },
                self.limit_bytes
            )));
        }
        self.inner.invoke_with_args(args)
    }
}

impl Growth {
    /// The approximate size of a call's result, bytes.
    fn made_bytes(self, args: &ScalarFunctionArgs) -> Result<u64> {
        let arguments = args.args.iter().map(Argument::of).collect::<Result<Vec<_>>>()?;
        // If all arguments are constant, the result is made once, not once for each row.
        let rows = if arguments.iter().all(|argument| argument.is_one) { 1 } else { args.number_rows };
        let [first, rest @ ..] = &*arguments else { return Ok(0) };
        let sum = |of_row: &dyn Fn(usize) -> u64| (0..rows).map(of_row).fold(0, u64::saturating_add);
        Ok(match (self, rest) {
            (Self::Times, [times, ..]) => {
                let (bytes, times) = (first.bytes()?, times.numbers()?);
                sum(&|row| bytes.at(row).saturating_mul(times.at(row)))
            }
            (Self::UpTo, [size, ..]) => {
                let size = size.numbers()?;
                sum(&|row| size.at(row).saturating_mul(ELEMENT_BYTES))
            }
            (Self::Replaced, [from, to, ..]) => {
                let (bytes, from, to) = (first.bytes()?, from.bytes()?, to.bytes()?);
                sum(&|row| {
                    let replaced = bytes.at(row) / from.at(row).max(1);
                    bytes.at(row).saturating_add(replaced.saturating_mul(to.at(row)))
                })
            }
            (Self::Matched, [_, to, ..]) => {
                let (bytes, to) = (first.bytes()?, to.bytes()?);
                sum(&|row| {
                    let places = bytes.at(row).saturating_add(1);
                    bytes.at(row).saturating_add(places.saturating_mul(to.at(row)))
                })
            }
            (Self::Compared, [other, ..]) => {
                let (bytes, other) = (first.bytes()?, other.bytes()?);
                sum(&|row| bytes.at(row).saturating_mul(other.at(row)))
            }
            (Self::Together, _) => {
                let bytes = arguments.iter().map(Argument::bytes).collect::<Result<Vec<_>>>()?;
                sum(&|row| bytes.iter().map(|bytes| bytes.at(row)).fold(0, u64::saturating_add))
            }
            (Self::Series, [end, ..]) => {
                let one = Values { values: vec![1], is_one: true };
                let (from, to) = (first.places()?, end.places()?);
                let step = rest.get(1).map_or(Ok(one), Argument::steps)?;
                sum(&|row| {
                    let length = to.at(row).abs_diff(from.at(row)) / step.at(row).max(1);
                    length.saturating_add(1).saturating_mul(ELEMENT_BYTES)
                })
            }
            // `range(10)`: from nothing to 10.
            (Self::Series, []) => {
                let to = first.numbers()?;
                sum(&|row| to.at(row).saturating_mul(ELEMENT_BYTES))
            }
            _ => 0,
        })
    }
}

/// An argument: a value for each row, or one for all.
struct Argument {
    array: ArrayRef,
    is_one: bool,
}

/// Numbers of an argument, 0 where it has none.
struct Values<T> {
    values: Vec<T>,
    is_one: bool,
}

impl<T: Copy + Default> Values<T> {
    fn at(&self, row: usize) -> T {
        self.values.get(if self.is_one { 0 } else { row }).copied().unwrap_or_default()
    }
}

impl Argument {
    fn of(value: &ColumnarValue) -> Result<Self> {
        Ok(match value {
            ColumnarValue::Array(array) => Self { array: array.clone(), is_one: false },
            ColumnarValue::Scalar(scalar) => Self { array: scalar.to_array_of_size(1)?, is_one: true },
        })
    }

    fn values<T>(&self, value: impl Fn(i64) -> T, array: &ArrayRef) -> Result<Values<T>> {
        let array = cast(array, &DataType::Int64)?;
        let values = array.as_primitive::<Int64Type>().iter();
        Ok(Values {
            values: values.map(|number| value(number.unwrap_or_default())).collect(),
            is_one: self.is_one,
        })
    }

    /// Numbers that count something.
    fn numbers(&self) -> Result<Values<u64>> {
        self.values(|number| u64::try_from(number).unwrap_or(0), &self.array)
    }

    /// Where a series begins or ends; moments in nanoseconds, like steps.
    fn places(&self) -> Result<Values<i64>> {
        let array = match self.array.data_type() {
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) | DataType::Utf8 => {
                cast(&self.array, &DataType::Timestamp(TimeUnit::Nanosecond, None))?
            }
            _ => self.array.clone(),
        };
        self.values(|number| number, &array)
    }

    /// The step of a series.
    fn steps(&self) -> Result<Values<u64>> {
        if !matches!(self.array.data_type(), DataType::Interval(_)) {
            return self.values(i64::unsigned_abs, &self.array);
        }
        let array = cast(&self.array, &DataType::Interval(IntervalUnit::MonthDayNano))?;
        let intervals = array.as_primitive::<IntervalMonthDayNanoType>();
        let nanoseconds = intervals.iter().map(|interval| {
            interval.map_or(0, |interval| {
                let days =
                    u64::from(interval.months.unsigned_abs()) * 28 + u64::from(interval.days.unsigned_abs());
                days.saturating_mul(DAY_NS).saturating_add(interval.nanoseconds.unsigned_abs())
            })
        });
        Ok(Values { values: nanoseconds.collect(), is_one: self.is_one })
    }

    /// Bytes of a value.
    fn bytes(&self) -> Result<Values<u64>> {
        match self.array.data_type() {
            DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Binary
            | DataType::LargeBinary => {
                let lengths = length(&self.array)?;
                self.values(|number| u64::try_from(number).unwrap_or(0), &lengths)
            }
            // Values of other types count as equal in size.
            _ => {
                let rows = self.array.len().max(1);
                let each = (self.array.get_buffer_memory_size() / rows) as u64;
                Ok(Values { values: vec![each.max(ELEMENT_BYTES)], is_one: true })
            }
        }
    }
}
