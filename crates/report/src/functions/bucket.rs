//! The number of the bucket that holds a moment, as a function of queries.

use std::sync::Arc;

use datafusion::arrow::array::Int32Array;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::common::cast::as_timestamp_microsecond_array;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::time::buckets::Buckets;

/// The number of the bucket of `moment`, from 0; null outside all.
pub(crate) fn bucket_of(buckets: Arc<Buckets>, moment: Expr) -> Expr {
    ScalarUDF::new_from_impl(BucketOf { buckets, signature: Signature::any(1, Volatility::Immutable) })
        .call(vec![moment])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct BucketOf {
    buckets: Arc<Buckets>,
    signature: Signature,
}

impl ScalarUDFImpl for BucketOf {
    fn name(&self) -> &'static str {
        "bucket_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let finder = self.buckets.finder();
        let number = |us: i64| finder.find(us.div_euclid(1_000)).and_then(|index| i32::try_from(index).ok());
        let numbers: Int32Array = match arrays.first() {
            None => Int32Array::from(Vec::<i32>::new()),
            Some(moments) => {
                let moments = as_timestamp_microsecond_array(moments)?;
                moments.iter().map(|us| us.and_then(number)).collect()
            }
        };
        Ok(ColumnarValue::Array(Arc::new(numbers)))
    }
}
