//! A session's id as a number, as a function of queries: the key for counting distinct sessions.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::Decimal128Array;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::common::cast::as_string_array;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The type of the number: the type of 128 bits that the query engine groups by directly.
const KEY: DataType = DataType::Decimal128(38, 0);

/// Digits of an id that make its key.
const DIGITS: usize = 32;

/// The first half of an id of 256 random bits. Among a billion sessions, two share it with a probability below 10^-20;
/// comparing texts of 64 digits takes several times as long.
pub(crate) fn session_key(session_id: Expr) -> Expr {
    ScalarUDF::new_from_impl(SessionKey(Signature::any(1, Volatility::Immutable))).call(vec![session_id])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct SessionKey(Signature);

impl ScalarUDFImpl for SessionKey {
    fn name(&self) -> &'static str {
        "session_key"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(KEY)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let keys: Decimal128Array = match arrays.first() {
            None => Vec::<i128>::new().into(),
            Some(ids) => as_string_array(ids)?.iter().map(|id| id.map(key_of)).collect(),
        };
        Ok(ColumnarValue::Array(Arc::new(keys.with_data_type(KEY))))
    }
}

fn key_of(id: &str) -> i128 {
    let digits = id.as_bytes().get(..DIGITS).map(|digits| {
        digits.iter().try_fold(0_u128, |key, digit| {
            let digit = char::from(*digit).to_digit(16)?;
            Some((key << 4) | u128::from(digit))
        })
    });
    // The server does not create other ids; rows written with other ids are counted all the same.
    digits.flatten().unwrap_or_else(|| (u128::from(hash_of(0, id)) << 64) | u128::from(hash_of(1, id)))
        as i128
}

fn hash_of(seed: u8, id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, id).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_first_half_of_an_id_and_other_texts_have_one_too() {
        let id = "00000000000000000000000000000a1fffffffffffffffffffffffffffffffff";
        assert_eq!(key_of(id), 0xa1f);
        assert_eq!(key_of(&"f".repeat(64)), -1);
        let others = ["", "a", "ä", "session-1", "session-2", &"g".repeat(64)].map(key_of);
        let distinct: std::collections::HashSet<i128> = others.into_iter().collect();
        assert_eq!(distinct.len(), others.len());
    }
}
