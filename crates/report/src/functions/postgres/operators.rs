//! Operators that mean something else in PostgreSQL than in the query engine, which the types on both sides tell.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion::common::{DFSchema, Result};
use datafusion::functions_nested::array_has::array_has_any;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{Cast, Expr, ExprSchemable, Operator, binary_expr};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::BinaryOperator;

use crate::functions::postgres::forms::text_form;
use crate::functions::postgres::span_arithmetic::{length_in_us, span_divided, span_times};

/// Plans them.
#[derive(Debug)]
pub(crate) struct OperatorPlanner;

impl ExprPlanner for OperatorPlanner {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let (Ok(left), Ok(right)) = (expr.left.get_type(schema), expr.right.get_type(schema)) else {
            return Ok(PlannerResult::Original(expr));
        };
        Ok(match planned(&expr, &left, &right) {
            Some(planned) => PlannerResult::Planned(planned),
            None => PlannerResult::Original(expr),
        })
    }
}

/// What an operation means to PostgreSQL; `None` if the engine means the same.
fn planned(expr: &RawBinaryExpr, left_type: &DataType, right_type: &DataType) -> Option<Expr> {
    let (left, right) = (expr.left.clone(), expr.right.clone());
    match (&expr.op, left_type, right_type) {
        (BinaryOperator::Plus, DataType::Date32, DataType::Interval(_)) if has_time(&right) => {
            Some(as_moment(left) + right)
        }
        (BinaryOperator::Minus, DataType::Date32, DataType::Interval(_)) if has_time(&right) => {
            Some(as_moment(left) - right)
        }
        (BinaryOperator::Plus, DataType::Interval(_), DataType::Date32) if has_time(&left) => {
            Some(as_moment(right) + left)
        }
        (BinaryOperator::Multiply, DataType::Interval(_), number) if number.is_numeric() => {
            Some(span_times().call(vec![left, right]))
        }
        (BinaryOperator::Multiply, number, DataType::Interval(_)) if number.is_numeric() => {
            Some(span_times().call(vec![right, left]))
        }
        (BinaryOperator::Divide, DataType::Interval(_), number) if number.is_numeric() => {
            Some(span_divided().call(vec![left, right]))
        }
        (BinaryOperator::Divide, by, of)
            if by.is_integer() && of.is_integer() && (is_part(&left) || is_part(&right)) =>
        {
            Some(as_float(left) / right)
        }
        (op, left_type, right_type) if are_lengths(left_type, right_type) => {
            let compare = comparison(op)?;
            Some(binary_expr(length_in_us().call(vec![left]), compare, length_in_us().call(vec![right])))
        }
        (BinaryOperator::StringConcat, text, other) if is_text(text) && has_own_form(other) => {
            Some(binary_expr(left, Operator::StringConcat, text_form().call(vec![right])))
        }
        (BinaryOperator::StringConcat, other, text) if is_text(text) && has_own_form(other) => {
            Some(binary_expr(text_form().call(vec![left]), Operator::StringConcat, right))
        }
        (BinaryOperator::PGOverlap, DataType::List(_), DataType::List(_)) => Some(array_has_any(left, right)),
        _ => None,
    }
}

/// Whether a length of time may have more than whole days: the engine would forget that of a day to which it is added. A day
/// and whole days stay a day here, by which files are found.
fn has_time(length: &Expr) -> bool {
    match length {
        Expr::Literal(ScalarValue::IntervalMonthDayNano(Some(length)), _) => length.nanoseconds != 0,
        Expr::Literal(ScalarValue::IntervalYearMonth(_), _) => false,
        Expr::Literal(ScalarValue::IntervalDayTime(Some(length)), _) => length.milliseconds != 0,
        _ => true,
    }
}

/// Whether two values are lengths of time of which one counts months or days apart: the engine would compare those first, so
/// that 30 hours were shorter than a day.
fn are_lengths(left: &DataType, right: &DataType) -> bool {
    let is_length = |data_type: &DataType| matches!(data_type, DataType::Interval(_) | DataType::Duration(_));
    let is_apart = |data_type: &DataType| matches!(data_type, DataType::Interval(_));
    is_length(left) && is_length(right) && (is_apart(left) || is_apart(right))
}

/// Whether a value is a part of a moment, which PostgreSQL gives as a number of any precision.
fn is_part(expr: &Expr) -> bool {
    match expr {
        Expr::ScalarFunction(call) => call.name() == "date_part",
        Expr::Alias(alias) => is_part(&alias.expr),
        _ => false,
    }
}

const fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Whether the engine writes values of a type in another form than PostgreSQL.
const fn has_own_form(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(..) | DataType::Interval(_) | DataType::Duration(_))
}

fn as_moment(day: Expr) -> Expr {
    as_type(day, DataType::Timestamp(TimeUnit::Microsecond, None))
}

fn as_float(number: Expr) -> Expr {
    as_type(number, DataType::Float64)
}

fn as_type(expr: Expr, data_type: DataType) -> Expr {
    let field = Arc::new(Field::new("", data_type, true));
    Expr::Cast(Cast { expr: Box::new(expr), field })
}

const fn comparison(op: &BinaryOperator) -> Option<Operator> {
    Some(match op {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::NotEq,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::LtEq,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::GtEq,
        _ => return None,
    })
}
