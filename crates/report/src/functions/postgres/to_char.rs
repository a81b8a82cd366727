//! `to_char` with PostgreSQL's patterns, of moments, days, lengths of time and numbers.
//!
//! The query engine reads patterns of `strftime` alone, and gave those of PostgreSQL back as they were.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::functions::lengths::{Length, lengths_of};
use crate::functions::postgres::moments::{civil, in_microseconds, local, moment, zone_of_type};
use crate::functions::postgres::number_pattern::{NumberPattern, digits_of};
use crate::functions::postgres::pattern::{Item, check_pattern, is_of_postgres, items_of};
use crate::functions::postgres::written::{Shown, write_items};

/// The function, to be registered under its own name.
pub(super) fn to_char() -> ScalarUDF {
    let inner = datafusion::functions::datetime::to_char();
    ScalarUDF::new_from_impl(ToChar { inner, signature: Signature::user_defined(Volatility::Stable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ToChar {
    /// The engine's function, for patterns of `strftime`.
    inner: Arc<ScalarUDF>,
    signature: Signature,
}

impl ScalarUDFImpl for ToChar {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let [value, pattern] = arg_types else { return plan_err!("to_char takes a value and a pattern") };
        if !matches!(pattern, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null) {
            return plan_err!("the pattern of to_char is a text, not {pattern}");
        }
        let is_known = value.is_temporal() || value.is_numeric() || matches!(value, DataType::Null);
        if !is_known {
            return plan_err!("to_char writes moments, lengths of time and numbers, not {value}");
        }
        Ok(vec![value.clone(), DataType::Utf8])
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [value, pattern] = args.args.as_slice() else {
            return Err(exec_datafusion_err!("to_char takes a value and a pattern"));
        };
        if let ColumnarValue::Scalar(ScalarValue::Utf8(Some(pattern))) = pattern
            && !is_of_postgres(pattern)
        {
            check_pattern(pattern)?;
            return self.inner.invoke_with_args(args);
        }
        let is_constant = matches!((value, pattern), (ColumnarValue::Scalar(_), ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let (values, patterns) = (value.to_array(rows)?, pattern.to_array(rows)?);
        let written = written(&values, &patterns)?;
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&written, 0)?));
        }
        Ok(ColumnarValue::Array(written))
    }
}

/// The values, each as a pattern writes it.
enum Values {
    Moments(ArrayRef),
    Lengths(Vec<Option<Length>>),
    Numbers(ArrayRef),
    None,
}

fn written(values: &ArrayRef, patterns: &ArrayRef) -> Result<ArrayRef> {
    let patterns = patterns.as_string::<i32>();
    let kind = match values.data_type() {
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => Values::Moments(values.clone()),
        DataType::Interval(_) | DataType::Duration(_) | DataType::Time32(_) | DataType::Time64(_) => {
            Values::Lengths(lengths_of(values)?)
        }
        DataType::Null => Values::None,
        _ => Values::Numbers(values.clone()),
    };
    let mut out = StringBuilder::new();
    let moments = match &kind {
        Values::Moments(array) => Some(in_microseconds(array)?),
        _ => None,
    };
    let zone = match &moments {
        Some((_, Some(zone))) => Some(zone_of_type(zone)?),
        _ => None,
    };
    let mut items_by_pattern: HashMap<&str, Vec<Item>> = HashMap::new();
    let mut numbers_by_pattern: HashMap<&str, NumberPattern> = HashMap::new();
    for row in 0..values.len() {
        if values.is_null(row) || patterns.is_null(row) {
            out.append_null();
            continue;
        }
        let pattern = patterns.value(row);
        check_pattern(pattern)?;
        if let Values::Numbers(numbers) = &kind {
            let known = match numbers_by_pattern.entry(pattern) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(NumberPattern::new(pattern)?),
            };
            out.append_value(known.write(&digits_of(numbers, row)?));
            continue;
        }
        let items = items_by_pattern.entry(pattern).or_insert_with(|| items_of(pattern));
        let shown = match (&kind, &moments) {
            (Values::Lengths(lengths), _) => lengths.get(row).copied().flatten().map(Shown::of_length),
            (_, Some((moments, _))) => {
                let us = moments.value(row);
                Some(match &zone {
                    Some(zone) => Shown::of_moment(local(us, zone)?, Some((zone, moment(us)?))),
                    None => Shown::of_moment(civil(us)?, None),
                })
            }
            _ => None,
        };
        match shown {
            Some(shown) => out.append_value(write_items(items, &shown)?),
            None => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()))
}
