//! Functions that make a text of values of any types: `format`, `json_build_object`, `like_escape`.

mod format;
mod json;
mod quoting;

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

/// Puts a pattern of `like` whose escape character is another one into one with a backslash; PostgreSQL has it by this name too.
pub(crate) const LIKE_ESCAPE: &str = "like_escape";

/// These functions.
pub(super) fn texts() -> [ScalarUDF; 3] {
    [Made::Format, Made::Json, Made::LikePattern].map(|made| {
        let any = vec![TypeSignature::Nullary, TypeSignature::VariadicAny];
        let signature = Signature::one_of(any, Volatility::Immutable);
        ScalarUDF::new_from_impl(TextFunction { made, signature })
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Made {
    Format,
    Json,
    LikePattern,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TextFunction {
    made: Made,
    signature: Signature,
}

impl ScalarUDFImpl for TextFunction {
    fn name(&self) -> &str {
        match self.made {
            Made::Format => "format",
            Made::Json => "json_build_object",
            Made::LikePattern => LIKE_ESCAPE,
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
        let columns: Vec<ArrayRef> = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<_>>()?;
        let columns: Vec<Column> = columns.iter().map(Column::new).collect::<Result<_>>()?;
        let mut texts = StringBuilder::new();
        for row in 0..rows {
            texts.append_option(match self.made {
                Made::Format => format::format(&columns, row)?,
                Made::Json => Some(json::object(&columns, row)?),
                Made::LikePattern => quoting::like_pattern(&columns, row)?,
            });
        }
        let texts: ArrayRef = Arc::new(texts.finish());
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&texts, 0)?));
        }
        Ok(ColumnarValue::Array(texts))
    }
}

/// The values of an argument as texts.
struct Column {
    texts: StringArray,
    /// Whether they are numbers or truths.
    is_plain: bool,
}

impl Column {
    fn new(values: &ArrayRef) -> Result<Self> {
        let is_plain = values.data_type().is_numeric() || matches!(values.data_type(), DataType::Boolean);
        Ok(Self { texts: cast(values, &DataType::Utf8)?.as_string::<i32>().clone(), is_plain })
    }

    fn text(&self, row: usize) -> Option<&str> {
        (!self.texts.is_null(row)).then(|| self.texts.value(row))
    }
}
