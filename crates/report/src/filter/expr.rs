//! One comparison of a filter as a condition on rows.

use datafusion::common::ScalarValue;
use datafusion::functions::string::expr_fn::{contains, lower};
use datafusion::functions_nested::expr_fn::{array_has, array_length, array_to_string};
use datafusion::logical_expr::{Expr, lit};

use crate::filter::{FilterValue, Operator, Test};
use crate::names::dimension::{Dimension, Fact};
use crate::time::range::moment_literal;

/// Separates the values of a list in a search for a part of any of them; ids do not hold this character.
const BETWEEN_VALUES: &str = "\u{1f}";

/// The condition on rows of `fact`.
pub(crate) fn test(test: &Test, fact: Fact) -> Expr {
    let value = test.dimension.expr(fact);
    let literals = || test.values.iter().map(|value| literal(value, &test.dimension));
    let Some(first) = literals().next() else { return lit(false) };
    match test.operator {
        Operator::Equal | Operator::In => is_one_of(&test.dimension, value, literals().collect()),
        // An unknown value is not the value that the filter names.
        Operator::NotEqual | Operator::NotIn => {
            Expr::IsNotTrue(Box::new(is_one_of(&test.dimension, value, literals().collect())))
        }
        // A client that searches for a part of a name does not know its case.
        Operator::Contains if test.dimension.is_list() => {
            contains(lower(array_to_string(value, lit(BETWEEN_VALUES))), lower(first))
        }
        Operator::Contains => contains(lower(value), lower(first)),
        Operator::Exists => {
            let is_wanted = test.values.first() != Some(&FilterValue::Boolean(false));
            exists(&test.dimension, value, is_wanted)
        }
        Operator::Greater => value.gt(first),
        Operator::GreaterOrEqual => value.gt_eq(first),
        Operator::Less => value.lt(first),
        Operator::LessOrEqual => value.lt_eq(first),
    }
}

fn is_one_of(dimension: &Dimension, value: Expr, literals: Vec<Expr>) -> Expr {
    if dimension.is_list() {
        let each = literals.into_iter().map(|literal| array_has(value.clone(), literal));
        return each.reduce(Expr::or).unwrap_or_else(|| lit(false));
    }
    match <[Expr; 1]>::try_from(literals) {
        Ok([literal]) => value.eq(literal),
        Err(literals) => value.in_list(literals, false),
    }
}

fn exists(dimension: &Dimension, value: Expr, is_wanted: bool) -> Expr {
    if dimension.is_list() {
        let has_values = array_length(value).gt(lit(0_u64));
        return if is_wanted { has_values } else { Expr::IsNotTrue(Box::new(has_values)) };
    }
    if is_wanted { value.is_not_null() } else { value.is_null() }
}

fn literal(value: &FilterValue, dimension: &Dimension) -> Expr {
    let scalar = match value {
        FilterValue::Text(text) if dimension.is_caseless => ScalarValue::Utf8(Some(text.to_lowercase())),
        FilterValue::Text(text) => ScalarValue::Utf8(Some(text.clone())),
        FilterValue::Boolean(boolean) => ScalarValue::Boolean(Some(*boolean)),
        FilterValue::Integer(integer) => ScalarValue::Int64(Some(*integer)),
        FilterValue::Number(number) => ScalarValue::Float64(Some(*number)),
        FilterValue::Time(ms) => return moment_literal(*ms),
    };
    Expr::Literal(scalar, None)
}
