//! Orders by what a query in brackets says, which the engine has among columns only.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, OrderByKind, Query, SelectItem, SetExpr, Statement, Value, ValueWithSpan, VisitMut,
    VisitorMut, visit_expressions,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;

/// Orders by columns of a query within instead.
pub(super) fn order_by_columns(statement: &mut Statement) {
    let _ = statement.visit(&mut Orders);
}

struct Orders;

impl VisitorMut for Orders {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(ordered) = ordered(query) {
            query.body = ordered.body;
            query.order_by = ordered.order_by;
        }
        ControlFlow::Continue(())
    }
}

/// The same query with its order as hidden columns; `None` if the engine takes it as it is, or its columns have no names.
fn ordered(query: &Query) -> Option<Query> {
    let order = query.order_by.as_ref()?;
    let OrderByKind::Expressions(by) = &order.kind else { return None };
    let SetExpr::Select(select) = &*query.body else { return None };
    if select.distinct.is_some() || !by.iter().any(|by| has_query(&by.expr)) {
        return None;
    }
    let names: Vec<Ident> = select.projection.iter().map(column).collect::<Option<_>>()?;
    let mut within = select.clone();
    let mut keys = Vec::with_capacity(by.len());
    for (number, by) in by.iter().enumerate() {
        let mut key = by.clone();
        key.expr = Expr::Identifier(match output(&by.expr, &names) {
            Some(name) => name,
            None => {
                let alias = Ident::with_quote('"', format!("order {number}"));
                within
                    .projection
                    .push(SelectItem::ExprWithAlias { expr: by.expr.clone(), alias: alias.clone() });
                alias
            }
        });
        keys.push(key.to_string());
    }
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let text = format!("SELECT {} FROM ({within}) AS ordered ORDER BY {}", names.join(", "), keys.join(", "));
    let query = Parser::new(&PostgreSqlDialect {}).try_with_sql(&text).ok()?.parse_query().ok()?;
    Some(*query)
}

fn column(item: &SelectItem) -> Option<Ident> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.clone()),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.clone()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last().cloned(),
        _ => None,
    }
}

/// The column of the result that an order names, or counts from 1.
fn output(expr: &Expr, names: &[Ident]) -> Option<Ident> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::Number(number, _), .. }) => {
            names.get(number.parse::<usize>().ok()?.checked_sub(1)?).cloned()
        }
        Expr::Identifier(name) => names.iter().find(|known| known.value == name.value).cloned(),
        _ => None,
    }
}

fn has_query(expr: &Expr) -> bool {
    visit_expressions(expr, |part| match part {
        Expr::InSubquery { .. } | Expr::Exists { .. } | Expr::Subquery(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}
