//! Conversions that the query engine makes otherwise than PostgreSQL: a value on its way into another type.
//!
//! Each leaves values of types that it does not concern as they are, and goes from the plan then.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringBuilder, TimestampMicrosecondArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float32Type, Float64Type, TimeUnit};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, plan_err};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::functions::float_text::{double_text, single_text};
use crate::functions::lengths::{fraction_text, lengths_of};
use crate::functions::postgres::moments::{civil, in_microseconds, local, moment, us_of_civil, zone_of_type};
use crate::functions::postgres::{LOCAL_TIME, SHOWN_FORM, TEXT_FORM, WHOLE};

/// As many digits of a float as tell it from all others.
const SHORTEST: i8 = 1;

/// These functions.
pub(super) fn forms() -> [ScalarUDF; 4] {
    [Form::Whole, Form::LocalTime, Form::Text, Form::Shown].map(function)
}

/// The function that writes a value on its way into text.
pub(super) fn text_form() -> ScalarUDF {
    function(Form::Text)
}

fn function(form: Form) -> ScalarUDF {
    ScalarUDF::new_from_impl(Conversion { form, signature: Signature::any(1, Volatility::Immutable) })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    /// A whole number: the nearest one, an even one where two are as near. The engine cuts off.
    Whole,
    /// What the clocks show at a moment, in the zone of its type. The engine takes what they show in UTC.
    LocalTime,
    /// Text, in PostgreSQL's form. The engine writes moments with a `T`, and whole floats with a point.
    Text,
    /// The same, but with one letter for a truth value, as `concat` writes it.
    Shown,
}

impl Form {
    /// Whether values of a type change.
    const fn concerns(self, data_type: &DataType) -> bool {
        match self {
            Self::Whole => matches!(data_type, DataType::Float16 | DataType::Float32 | DataType::Float64),
            Self::LocalTime => matches!(data_type, DataType::Timestamp(_, Some(_))),
            Self::Shown if matches!(data_type, DataType::Boolean) => true,
            Self::Text | Self::Shown => {
                matches!(
                    data_type,
                    DataType::Timestamp(..)
                        | DataType::Interval(_)
                        | DataType::Duration(_)
                        | DataType::Float32
                        | DataType::Float64
                )
            }
        }
    }

    fn of_values(self, values: &ArrayRef) -> Result<ArrayRef> {
        match self {
            Self::Whole if *values.data_type() == DataType::Float64 => {
                let rounded =
                    values.as_primitive::<Float64Type>().unary::<_, Float64Type>(f64::round_ties_even);
                Ok(Arc::new(rounded))
            }
            Self::Whole => {
                let singles = cast(values, &DataType::Float32)?;
                let rounded =
                    singles.as_primitive::<Float32Type>().unary::<_, Float32Type>(f32::round_ties_even);
                Ok(Arc::new(rounded))
            }
            Self::LocalTime => {
                let (moments, zone) = in_microseconds(values)?;
                let zone = zone.as_deref().map_or(Ok(TimeZone::UTC), zone_of_type)?;
                let local = |us: Option<i64>| us.map(|us| us_of_civil(local(us, &zone)?)).transpose();
                let moved = moments.iter().map(local).collect::<Result<Vec<_>>>()?;
                Ok(Arc::new(TimestampMicrosecondArray::from(moved)))
            }
            Self::Text | Self::Shown => text_of(values),
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Conversion {
    form: Form,
    signature: Signature,
}

impl ScalarUDFImpl for Conversion {
    fn name(&self) -> &str {
        match self.form {
            Form::Whole => WHOLE,
            Form::LocalTime => LOCAL_TIME,
            Form::Text => TEXT_FORM,
            Form::Shown => SHOWN_FORM,
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        let [data_type] = arg_types else { return plan_err!("{} takes one value", self.name()) };
        if !self.form.concerns(data_type) {
            return Ok(data_type.clone());
        }
        Ok(match self.form {
            Form::Whole if *data_type == DataType::Float64 => DataType::Float64,
            Form::Whole => DataType::Float32,
            Form::LocalTime => DataType::Timestamp(TimeUnit::Microsecond, None),
            Form::Text | Form::Shown => DataType::Utf8,
        })
    }

    fn simplify(&self, mut args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        if let [value] = args.as_slice()
            && !self.form.concerns(&info.get_data_type(value)?)
            && let Some(value) = args.pop()
        {
            return Ok(ExprSimplifyResult::Simplified(value));
        }
        Ok(ExprSimplifyResult::Original(args))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(value) = args.args.first() else {
            return Err(exec_datafusion_err!("{} takes one value", self.name()));
        };
        if !self.form.concerns(&value.data_type()) {
            return Ok(value.clone());
        }
        Ok(match value {
            ColumnarValue::Array(values) => ColumnarValue::Array(self.form.of_values(values)?),
            ColumnarValue::Scalar(value) => {
                let array = self.form.of_values(&value.to_array()?)?;
                ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?)
            }
        })
    }
}

fn text_of(values: &ArrayRef) -> Result<ArrayRef> {
    let mut out = StringBuilder::new();
    if let Some(floats) = values.as_primitive_opt::<Float64Type>() {
        floats.iter().for_each(|value| out.append_option(value.map(|value| double_text(value, SHORTEST))));
    } else if let Some(floats) = values.as_primitive_opt::<Float32Type>() {
        floats.iter().for_each(|value| out.append_option(value.map(|value| single_text(value, SHORTEST))));
    } else if let Some(truths) = values.as_boolean_opt() {
        truths.iter().for_each(|is| out.append_option(is.map(|is| if is { "t" } else { "f" })));
    } else if matches!(values.data_type(), DataType::Timestamp(..)) {
        let (moments, zone) = in_microseconds(values)?;
        let zone = zone.as_deref().map(zone_of_type).transpose()?;
        for us in &moments {
            out.append_option(us.map(|us| moment_text(us, zone.as_ref())).transpose()?);
        }
    } else {
        for length in lengths_of(values)? {
            out.append_option(length.map(|length| length.text()));
        }
    }
    Ok(Arc::new(out.finish()))
}

/// A moment as PostgreSQL writes it: `2026-11-01 12:00:00.5+00`.
pub(super) fn moment_text(us: i64, zone: Option<&TimeZone>) -> Result<String> {
    let shown: DateTime = match zone {
        Some(zone) => local(us, zone)?,
        None => civil(us)?,
    };
    let year = shown.year();
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    let fraction = fraction_text(u64::from(shown.subsec_nanosecond().unsigned_abs() / 1_000));
    let mut text = format!(
        "{year:04}-{:02}-{:02} {:02}:{:02}:{:02}{fraction}",
        shown.month(),
        shown.day(),
        shown.hour(),
        shown.minute(),
        shown.second()
    );
    if let Some(zone) = zone {
        let offset = zone.to_offset(moment(us)?).seconds();
        let sign = if offset < 0 { '-' } else { '+' };
        text.push_str(&format!("{sign}{:02}", offset.abs() / 3_600));
        if offset % 3_600 != 0 {
            text.push_str(&format!(":{:02}", offset.abs() / 60 % 60));
        }
    }
    text.push_str(era);
    Ok(text)
}
