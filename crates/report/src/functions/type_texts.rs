//! The SQL functions that take a type as a text, with a limit on how deep it nests: the query engine reads the text by
//! recursion.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, plan_err};
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
};
use datafusion::prelude::SessionContext;

use crate::limits::SQL_TYPE_DEPTH;

/// These functions.
const NAMES: [&str; 2] = ["arrow_cast", "arrow_try_cast"];

/// Limits how deep a type nests that one of these functions is given.
pub(crate) fn limit_type_texts(context: &SessionContext) {
    for name in NAMES {
        // A function that the query engine does not have needs no limit.
        if let Ok(inner) = context.state().udf(name) {
            context.register_udf(ScalarUDF::new_from_impl(Limited { inner }));
        }
    }
}

/// A function that refuses a type that nests too deep, before it reads it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Limited {
    inner: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for Limited {
    says_as_inner!();

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let texts = args.scalar_arguments.iter().flatten().filter_map(|value| value.try_as_str().flatten());
        if texts.into_iter().any(|text| depth_of(text) > SQL_TYPE_DEPTH) {
            return plan_err!("a type may nest {SQL_TYPE_DEPTH} deep in {}", self.name());
        }
        self.inner.return_field_from_args(args)
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.inner().coerce_types(arg_types)
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.inner.simplify(args, info)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.inner.invoke_with_args(args)
    }
}

/// How deep brackets nest in a text.
fn depth_of(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for char in text.chars() {
        match char {
            '(' | '<' | '[' => depth += 1,
            ')' | '>' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
