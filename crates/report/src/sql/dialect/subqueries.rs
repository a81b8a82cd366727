//! Subqueries that are conditions where the engine has none: in the columns of a select, and in what it is sorted by.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType, Expr, GroupByExpr, Ident, OrderByKind, Query, SelectItem,
    SetExpr, Statement, TableFactor, Value, VisitMut, VisitorMut,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::sql::dialect::calls::{call, column_name, operation, take};

/// How many rows a query has.
const COUNT: &str = "select count(*) from (select 1) as counted";
/// The values that a query gives.
const VALUES: &str = "select array_agg(one) from (select 1) as listed(one)";
/// Whether one of the values that a query gives is null.
const HAS_NULL: &str = "select coalesce(bool_or(one is null), false) from (select 1) as listed(one)";

/// Makes values of conditions that are subqueries, where only values are possible.
pub(super) fn make_values_of_conditions(statement: &mut Statement) {
    let _all = statement.visit(&mut Queries);
}

struct Queries;

impl VisitorMut for Queries {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let SetExpr::Select(select) = query.body.as_mut() {
            for item in &mut select.projection {
                match item {
                    SelectItem::UnnamedExpr(expr) => {
                        let written = expr.clone();
                        let _all = expr.visit(&mut Conditions::default());
                        if *expr != written {
                            let alias = Ident::with_quote('"', column_name(&written));
                            *item = SelectItem::ExprWithAlias { expr: take(expr), alias };
                        }
                    }
                    SelectItem::ExprWithAlias { expr, .. } => {
                        let _all = expr.visit(&mut Conditions::default());
                    }
                    _ => {}
                }
            }
        }
        if let Some(order) = &mut query.order_by
            && let OrderByKind::Expressions(all) = &mut order.kind
        {
            for sorted in all {
                let _all = sorted.expr.visit(&mut Conditions::default());
            }
        }
        ControlFlow::Continue(())
    }
}

/// A walk through an expression, and not through the queries in it.
#[derive(Default)]
struct Conditions {
    depth: usize,
}

impl VisitorMut for Conditions {
    type Break = ();

    fn pre_visit_query(&mut self, _query: &mut Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if self.depth > 0 {
            return ControlFlow::Continue(());
        }
        match expr {
            Expr::Exists { subquery, negated } => {
                let compared = if *negated { BinaryOperator::Eq } else { BinaryOperator::Gt };
                if let Some(count) = counted(subquery) {
                    let zero = Expr::Value(Value::Number("0".to_owned(), false).with_empty_span());
                    let (left, right) = (Box::new(count), Box::new(zero));
                    *expr = Expr::Nested(Box::new(Expr::BinaryOp { left, op: compared, right }));
                }
            }
            Expr::Case { operand: None, conditions, .. } => {
                conditions.iter_mut().for_each(|when| look_up(&mut when.condition));
            }
            Expr::InSubquery { .. } => is_among(expr),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Looks a value up in a list in place of a subquery. That is false where the subquery would be neither true nor false, so it
/// must stand where both are the same: as the condition of a case, or a part of one.
fn look_up(condition: &mut Expr) {
    match condition {
        Expr::Nested(inner) => look_up(inner),
        Expr::BinaryOp { left, op: BinaryOperator::And | BinaryOperator::Or, right } => {
            look_up(left);
            look_up(right);
        }
        Expr::InSubquery { expr, subquery, negated: false } => {
            if let Some(values) = around(VALUES, subquery) {
                *condition = call("array_has", vec![values, take(expr)]);
            }
        }
        _ => {}
    }
}

/// Whether a value is among those that a subquery gives, where that may be neither true nor false: if the value is null, or if
/// it is not among them and one of them is.
fn is_among(condition: &mut Expr) {
    let Expr::InSubquery { expr, subquery, negated } = condition else { return };
    let Some(values) = around(VALUES, subquery) else { return };
    let found = call("array_has", vec![values, (**expr).clone()]);
    let Some(has_null) = around(HAS_NULL, subquery) else { return };
    let Some(count) = around(COUNT, subquery) else { return };
    let when = |condition: Expr, result: Expr| CaseWhen { condition, result };
    let truth = |is: bool| Expr::Value(Value::Boolean(is).with_empty_span());
    let zero = Expr::Value(Value::Number("0".to_owned(), false).with_empty_span());
    let unknown = Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(Expr::Value(Value::Null.with_empty_span())),
        data_type: DataType::Boolean,
        array: false,
        format: None,
    };
    let is_unknown = Expr::BinaryOp {
        left: Box::new(Expr::IsNull(expr.clone())),
        op: BinaryOperator::Or,
        right: Box::new(has_null),
    };
    *condition = Expr::Nested(Box::new(Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![
            when(operation(count, BinaryOperator::Eq, zero), truth(*negated)),
            when(found, truth(!*negated)),
            when(is_unknown, unknown),
        ],
        else_result: Some(Box::new(truth(*negated))),
    }));
}

/// How many rows a query has. A plain one counts by itself: it may name columns of the query around.
fn counted(query: &Query) -> Option<Expr> {
    if let SetExpr::Select(select) = query.body.as_ref()
        && let GroupByExpr::Expressions(groups, _) = &select.group_by
        && groups.is_empty()
        && select.having.is_none()
        && select.distinct.is_none()
        && query.with.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && select.projection.iter().all(is_plain)
    {
        let mut counting = query.clone();
        counting.order_by = None;
        if let (SetExpr::Select(select), Some(SetExpr::Select(count))) =
            (counting.body.as_mut(), parsed(COUNT).map(|count| *count.body))
        {
            select.projection = count.projection;
            return Some(Expr::Subquery(Box::new(counting)));
        }
    }
    around(COUNT, query)
}

/// Whether a column makes no difference to how many rows there are.
fn is_plain(item: &SelectItem) -> bool {
    match item {
        SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => true,
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            matches!(expr, Expr::Value(_) | Expr::Identifier(_) | Expr::CompoundIdentifier(_))
        }
        _ => false,
    }
}

/// A value made of a query, which takes the place of the one in `text`.
fn around(text: &str, query: &Query) -> Option<Expr> {
    let mut made = parsed(text)?;
    if let SetExpr::Select(select) = made.body.as_mut()
        && let Some(from) = select.from.first_mut()
        && let TableFactor::Derived { subquery, .. } = &mut from.relation
    {
        **subquery = query.clone();
        return Some(Expr::Subquery(made));
    }
    None
}

fn parsed(text: &str) -> Option<Box<Query>> {
    let query = Parser::new(&PostgreSqlDialect {}).try_with_sql(text).ok()?.parse_query();
    query.ok()
}
