//! Patterns of `similar to` and `substring(value from pattern)`.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use crate::functions::postgres::SIMILAR_PATTERN;

/// The function that makes a regular expression of a pattern of `similar to`.
pub(super) fn similar_pattern() -> ScalarUDF {
    let counts = [1, 2].map(|count| TypeSignature::Exact(vec![DataType::Utf8; count]));
    let signature = Signature::one_of(counts.to_vec(), Volatility::Immutable);
    ScalarUDF::new_from_impl(SimilarPattern { signature })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct SimilarPattern {
    signature: Signature,
}

impl ScalarUDFImpl for SimilarPattern {
    fn name(&self) -> &str {
        SIMILAR_PATTERN
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
        let mut out = StringBuilder::new();
        for row in 0..rows {
            if columns.iter().any(|column| column.is_null(row)) {
                out.append_null();
                continue;
            }
            let text = |column: &ArrayRef| column.as_string::<i32>().value(row).to_owned();
            let texts: Vec<String> = columns.iter().map(text).collect();
            let [pattern, rest @ ..] = texts.as_slice() else {
                return exec_err!("similar to needs a pattern");
            };
            out.append_value(expression_of_similar(pattern, rest.first().map(String::as_str))?);
        }
        let array: ArrayRef = Arc::new(out.finish());
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// The regular expression of a pattern of `similar to`.
///
/// # Errors
///
/// If the pattern ends in its escape, or the escape is not one character.
pub(crate) fn expression_of_similar(pattern: &str, escape: Option<&str>) -> Result<String> {
    Ok(format!("^(?s:{})$", parts_of_similar(pattern, escape_of(escape)?)?.concat()))
}

/// The regular expression of `substring(value from pattern for escape)`: the part in brackets lies between escaped quotes.
///
/// # Errors
///
/// As for [`expression_of_similar`], or if the pattern has one escaped quote or more than two.
pub(crate) fn expression_of_substring(pattern: &str, escape: &str) -> Result<String> {
    match parts_of_similar(pattern, escape_of(Some(escape))?)?.as_slice() {
        [whole] => Ok(format!("^(?s:({whole}))$")),
        [before, wanted, behind] => Ok(format!("^(?s:(?:{before})({wanted})(?:{behind}))$")),
        _ => exec_err!("a pattern of substring has two escaped quotes or none"),
    }
}

fn escape_of(escape: Option<&str>) -> Result<Option<char>> {
    let mut chars = escape.unwrap_or("\\").chars();
    match (chars.next(), chars.next()) {
        (escape, None) => Ok(escape),
        _ => exec_err!("an escape is one character or none"),
    }
}

/// A pattern of `similar to` as regular expressions, parted at escaped quotes.
fn parts_of_similar(pattern: &str, escape: Option<char>) -> Result<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut chars = pattern.chars();
    let mut is_in_class = false;
    while let Some(char) = chars.next() {
        let Some(part) = parts.last_mut() else { break };
        if Some(char) == escape {
            match chars.next() {
                Some('"') => parts.push(String::new()),
                Some(escaped) => push_literal(escaped, part),
                None => return exec_err!("a pattern of similar to ends in its escape"),
            }
            continue;
        }
        match char {
            _ if is_in_class => {
                is_in_class = char != ']';
                if matches!(char, '\\' | '[' | '&' | '~') {
                    part.push('\\');
                }
                part.push(char);
            }
            '[' => {
                is_in_class = true;
                part.push('[');
            }
            '%' => part.push_str(".*"),
            '_' => part.push('.'),
            '(' => part.push_str("(?:"),
            '|' | '*' | '+' | '?' | '{' | '}' | ')' => part.push(char),
            char => push_literal(char, part),
        }
    }
    Ok(parts)
}

/// Adds a character that stands for itself.
fn push_literal(char: char, part: &mut String) {
    if char.is_ascii_punctuation() {
        part.push('\\');
    }
    part.push(char);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_the_whole_text_and_know_their_own_signs() {
        assert_eq!(expression_of_similar("a%_b", None).unwrap(), "^(?s:a.*.b)$");
        assert_eq!(expression_of_similar("(a|b)c.", None).unwrap(), "^(?s:(?:a|b)c\\.)$");
        assert_eq!(expression_of_similar("a#%", Some("#")).unwrap(), "^(?s:a\\%)$");
        assert_eq!(expression_of_similar("[a-c%]", None).unwrap(), "^(?s:[a-c%])$");
        assert!(expression_of_similar("a#", Some("#")).is_err());
        assert_eq!(expression_of_substring("%#\"o_a#\"_", "#").unwrap(), "^(?s:(?:.*)(o.a)(?:.))$");
    }
}
