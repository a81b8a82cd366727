//! Days that are written with a time zone behind them, which says nothing about a day: drivers for Java send `2026-11-30 +00`.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{Between, BinaryExpr, InList};
use datafusion::logical_expr::{Cast, Expr, ExprSchemable, LogicalPlan, utils::merge_schema};

/// Takes the zones from the days of a plan.
///
/// # Errors
///
/// If the plan cannot be walked through, which does not happen.
pub(super) fn take_zones_from_days(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        let schema = merge_schema(&node.inputs());
        node.map_expressions(|expr| expr.transform_up(|part| Ok(of_expression(part, &schema))))
    });
    Ok(plan?.data)
}

fn of_expression(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    let is_day = |expr: &Expr| matches!(expr.get_type(schema), Ok(DataType::Date32));
    match expr {
        Expr::Cast(Cast { expr, field }) if *field.data_type() == DataType::Date32 => {
            day_alone(*expr).update_data(|day| Expr::Cast(Cast { expr: Box::new(day), field }))
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_day(&left) => day_alone(*right)
            .update_data(|day| Expr::BinaryExpr(BinaryExpr { left, op, right: Box::new(day) })),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_day(&right) => day_alone(*left)
            .update_data(|day| Expr::BinaryExpr(BinaryExpr { left: Box::new(day), op, right })),
        Expr::Between(Between { expr, negated, low, high }) if is_day(&expr) => {
            let (low, high) = (Box::new(day_alone(*low).data), Box::new(day_alone(*high).data));
            Transformed::yes(Expr::Between(Between { expr, negated, low, high }))
        }
        Expr::InList(InList { expr, list, negated }) if is_day(&expr) => {
            let list = list.into_iter().map(|item| day_alone(item).data).collect();
            Transformed::yes(Expr::InList(InList { expr, list, negated }))
        }
        other => Transformed::no(other),
    }
}

/// A literal day without the zone behind it.
fn day_alone(expr: Expr) -> Transformed<Expr> {
    let Expr::Literal(ScalarValue::Utf8(Some(text)), metadata) = &expr else { return Transformed::no(expr) };
    let Some((day, zone)) = text.trim().split_once(' ') else { return Transformed::no(expr) };
    let is_day = day.len() == 10 && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let is_zone = zone.starts_with(['+', '-'])
        && zone.len() > 1
        && zone[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    if !is_day || !is_zone {
        return Transformed::no(expr);
    }
    Transformed::yes(Expr::Literal(ScalarValue::Utf8(Some(day.to_owned())), metadata.clone()))
}
