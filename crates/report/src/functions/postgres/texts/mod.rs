//! Functions that make a text of values of any types: `format`, `json_build_object`, patterns with an escape character.

mod format;
mod json;
mod quoting;

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use crate::functions::postgres::SIMILAR_PATTERN;

/// Puts a pattern of `like` whose escape character is another one into one with a backslash; PostgreSQL has it by this name too.
pub(crate) const LIKE_ESCAPE: &str = "like_escape";

/// These functions.
/// The texts that one makes for the rows that pass through it at a time have `limit_bytes` at most.
pub(super) fn texts(limit_bytes: usize) -> [ScalarUDF; 4] {
    [Made::Format, Made::Json, Made::LikePattern, Made::SimilarPattern].map(|made| {
        let any = vec![TypeSignature::Nullary, TypeSignature::VariadicAny];
        let signature = Signature::one_of(any, Volatility::Immutable);
        ScalarUDF::new_from_impl(TextFunction { made, limit_bytes, signature })
    })
}

/// The error of a text that would be larger than the limit.
fn too_large(name: &str, limit_bytes: usize) -> DataFusionError {
    DataFusionError::ResourcesExhausted(format!(
        "{name} would make more bytes at a time than the limit of {limit_bytes}"
    ))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Made {
    Format,
    Json,
    LikePattern,
    SimilarPattern,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TextFunction {
    made: Made,
    limit_bytes: usize,
    signature: Signature,
}

impl ScalarUDFImpl for TextFunction {
    fn name(&self) -> &str {
        match self.made {
            Made::Format => "format",
            Made::Json => "json_build_object",
            Made::LikePattern => LIKE_ESCAPE,
            Made::SimilarPattern => SIMILAR_PATTERN,
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let columns: Vec<Column> = args.args.iter().map(Column::new).collect::<Result<_>>()?;
        let mut texts = StringBuilder::new();
        let mut bytes = 0;
        for row in 0..rows {
            let text = match self.made {
                Made::Format => format::format(&columns, row, self.limit_bytes)?,
                Made::Json => Some(json::object(&columns, row)?),
                Made::LikePattern => quoting::like_pattern(&columns, row)?,
                Made::SimilarPattern => quoting::similar_pattern(&columns, row)?,
            };
            bytes += text.as_ref().map_or(0, String::len);
            if bytes > self.limit_bytes {
                return Err(too_large(self.name(), self.limit_bytes));
            }
            texts.append_option(text);
        }
        let texts: ArrayRef = Arc::new(texts.finish());
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&texts, 0)?));
        }
        Ok(ColumnarValue::Array(texts))
    }
}

/// The values of an argument as texts: one for each row, or one for all.
struct Column {
    texts: StringArray,
    is_one: bool,
    /// Whether they are numbers or truths.
    is_plain: bool,
}

impl Column {
    fn new(argument: &ColumnarValue) -> Result<Self> {
        let (values, is_one) = match argument {
            ColumnarValue::Array(values) => (values.clone(), false),
            // Not once for each row: a long constant would be as many times as long.
            ColumnarValue::Scalar(value) => (value.to_array()?, true),
        };
        let is_plain = values.data_type().is_numeric() || matches!(values.data_type(), DataType::Boolean);
        Ok(Self { texts: cast(&values, &DataType::Utf8)?.as_string::<i32>().clone(), is_one, is_plain })
    }

    fn text(&self, row: usize) -> Option<&str> {
        let row = if self.is_one { 0 } else { row };
        (!self.texts.is_null(row)).then(|| self.texts.value(row))
    }
}
