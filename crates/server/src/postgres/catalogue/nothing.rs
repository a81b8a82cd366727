//! Queries about what there is none of: indexes, constraints, triggers, policies and the like.
//!
//! Clients ask for them with expressions that the query engine does not plan. A select from a table that never has rows has none
//! itself, whatever its expressions are, so it is put aside before the engine sees it: its columns become nulls, and a value
//! that it would give in an expression becomes null.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Array, ArrayElemTypeDef, BinaryOperator, CastKind, DataType, Expr, FunctionArg, FunctionArgExpr,
    FunctionArguments, GroupByExpr, Ident, JoinOperator, ObjectName, ObjectNamePart, Query, Select,
    SelectItem, SetExpr, SetOperator, Statement, TableFactor, TableWithJoins, Value, VisitMut, VisitorMut,
};

use crate::postgres::catalogue::columns::{Column, columns_of};
use crate::postgres::catalogue::information_shapes::INFORMATION_EMPTY;
use crate::postgres::catalogue::shapes::{EMPTY, FILLED};
use crate::postgres::catalogue::types::is_missing_kind;

/// Puts aside what reads from tables without rows.
pub(super) fn put_aside(statement: &mut Statement) {
    let mut names = CommonNames::default();
    let _ = statement.visit(&mut names);
    let _ = statement.visit(&mut Nothing { common: names.0 });
}

/// The names of queries in `with`: a table of such a name is another one.
#[derive(Default)]
struct CommonNames(HashSet<String>);

impl VisitorMut for CommonNames {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(with) = &query.with {
            self.0.extend(with.cte_tables.iter().map(|table| table.alias.name.value.to_lowercase()));
        }
        ControlFlow::Continue(())
    }
}

struct Nothing {
    common: HashSet<String>,
}

impl VisitorMut for Nothing {
    type Break = ();

    // From the outside: what is in an empty query need not be looked at.
    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        self.query(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Subquery(query) if self.has_none(query) => *expr = null(),
            Expr::Exists { subquery, negated } if self.has_none(subquery) => {
                *expr = Expr::Value(Value::Boolean(*negated).with_empty_span());
            }
            Expr::InSubquery { subquery, negated, .. } if self.has_none(subquery) => {
                *expr = Expr::Value(Value::Boolean(*negated).with_empty_span());
            }
            Expr::Case { operand: None, conditions, else_result, .. } => {
                conditions.retain(|when| !never_holds(&when.condition));
                if conditions.is_empty() {
                    *expr = else_result.take().map_or_else(null, Expr::Nested);
                }
            }
            Expr::Function(function) => {
                if let FunctionArguments::Subquery(query) = &function.args
                    && self.has_none(query)
                {
                    *expr = no_texts();
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Nothing {
    fn query(&self, query: &mut Query) {
        let is_left = self.body(&mut query.body);
        if is_left {
            query.order_by = None;
        }
    }

    /// Puts the selects of a body aside that have no rows; whether it is none other.
    fn body(&self, body: &mut SetExpr) -> bool {
        match body {
            SetExpr::Select(select) if self.select_has_none(select) => {
                set_aside(select);
                true
            }
            SetExpr::Query(query) => self.has_none(query) && self.body(&mut query.body),
            SetExpr::SetOperation { left, right, .. } => {
                let (left, right) = (self.body(left), self.body(right));
                left && right
            }
            _ => false,
        }
    }

    fn has_none(&self, query: &Query) -> bool {
        self.body_has_none(&query.body)
    }

    fn body_has_none(&self, body: &SetExpr) -> bool {
        match body {
            SetExpr::Select(select) => self.select_has_none(select),
            SetExpr::Query(query) => self.has_none(query),
            SetExpr::SetOperation { op: SetOperator::Union, left, right, .. } => {
                self.body_has_none(left) && self.body_has_none(right)
            }
            SetExpr::SetOperation { op: SetOperator::Intersect, left, right, .. } => {
                self.body_has_none(left) || self.body_has_none(right)
            }
            SetExpr::SetOperation { left, .. } => self.body_has_none(left),
            _ => false,
        }
    }

    fn select_has_none(&self, select: &Select) -> bool {
        let is_grouped = matches!(&select.group_by, GroupByExpr::Expressions(by, _) if !by.is_empty());
        // An aggregate of nothing is one row.
        if !is_grouped && select.projection.iter().any(may_aggregate) {
            return false;
        }
        let is_all = select
            .projection
            .iter()
            .any(|item| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)));
        let is_none = select.selection.as_ref().is_some_and(never_holds);
        !is_all && (is_none || select.from.iter().any(|from| self.tables_have_none(from)))
    }

    fn tables_have_none(&self, from: &TableWithJoins) -> bool {
        let mut is_none = self.factor_has_none(&from.relation);
        for join in &from.joins {
            let is_joined_none = self.factor_has_none(&join.relation);
            is_none = match &join.join_operator {
                JoinOperator::Join(_) | JoinOperator::Inner(_) | JoinOperator::CrossJoin(_) => {
                    is_none || is_joined_none
                }
                JoinOperator::Left(_) | JoinOperator::LeftOuter(_) => is_none,
                JoinOperator::Right(_) | JoinOperator::RightOuter(_) => is_joined_none,
                JoinOperator::FullOuter(_) => is_none && is_joined_none,
                _ => false,
            };
        }
        is_none
    }

    fn factor_has_none(&self, factor: &TableFactor) -> bool {
        match factor {
            TableFactor::Table { name, args: None, .. } => self.table_has_none(name),
            TableFactor::Derived { subquery, .. } => self.has_none(subquery),
            TableFactor::Table { name, args: Some(args), .. } => {
                let is_null = |arg: &FunctionArg| matches!(arg, FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) if is_always_null(arg));
                parts_of(name).last().is_some_and(|own| own == "unnest") && args.args.iter().all(is_null)
            }
            TableFactor::UNNEST { array_exprs, .. } => array_exprs.iter().all(is_always_null),
            TableFactor::NestedJoin { table_with_joins, .. } => self.tables_have_none(table_with_joins),
            _ => false,
        }
    }

    fn table_has_none(&self, name: &ObjectName) -> bool {
        let parts = parts_of(name);
        let is_in = |shapes: &[crate::postgres::catalogue::shapes::Shape], own: &str| {
            shapes.iter().any(|shape| shape.name == own)
        };
        match parts.as_slice() {
            [own] => !self.common.contains(own) && is_in(EMPTY, own),
            [.., schema, own] if schema == "pg_catalog" => is_in(EMPTY, own),
            [.., schema, own] if schema == "information_schema" => is_in(INFORMATION_EMPTY, own),
            _ => false,
        }
    }
}

/// The parts of the name of a table, in lower case unless they are quoted.
pub(super) fn parts_of(name: &ObjectName) -> Vec<String> {
    let part = |part: &ObjectNamePart| match part.as_ident() {
        Some(Ident { value, quote_style: Some(_), .. }) => value.clone(),
        Some(Ident { value, .. }) => value.to_lowercase(),
        None => part.to_string(),
    };
    name.0.iter().map(part).collect()
}

fn null() -> Expr {
    Expr::Value(Value::Null.with_empty_span())
}

/// A list without elements.
fn no_texts() -> Expr {
    let texts = ArrayElemTypeDef::SquareBracket(Box::new(DataType::Text), None);
    Expr::Cast {
        kind: CastKind::DoubleColon,
        expr: Box::new(Expr::Array(Array { elem: Vec::new(), named: true })),
        data_type: DataType::Array(texts),
        array: false,
        format: None,
    }
}

/// Whether a column may be an aggregate: it calls a function whose name is one's, outside of subqueries.
fn may_aggregate(item: &SelectItem) -> bool {
    const AGGREGATES: [&str; 12] = [
        "count",
        "sum",
        "min",
        "max",
        "avg",
        "array_agg",
        "string_agg",
        "bool_and",
        "bool_or",
        "every",
        "json_agg",
        "jsonb_agg",
    ];
    let mut item = item.clone();
    let _ = item.visit(&mut WithoutSubqueries);
    let text = item.to_string().to_lowercase();
    AGGREGATES.iter().any(|name| text.contains(&format!("{name}(")))
}

/// Puts nulls in place of subqueries.
struct WithoutSubqueries;

impl VisitorMut for WithoutSubqueries {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let is_subquery = match expr {
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => true,
            Expr::Function(function) => matches!(function.args, FunctionArguments::Subquery(_)),
            _ => false,
        };
        if is_subquery {
            *expr = null();
        }
        ControlFlow::Continue(())
    }
}

/// Whether a condition never holds here: no column has a collation that its type does not have, rights, options and the
/// like are null, and some kinds of types are missing.
fn never_holds(condition: &Expr) -> bool {
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => never_holds(left) || never_holds(right),
        Expr::BinaryOp { left, op: BinaryOperator::NotEq, right } => {
            let is_collation = |side: &Expr| {
                own_name(side).is_some_and(|name| name == "attcollation" || name == "typcollation")
            };
            is_collation(left) && is_collation(right)
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            let is_kind = own_name(left).is_some_and(|name| name == "typtype");
            let kind = |side: &Expr| match side {
                Expr::Value(value) => value.value.clone().into_string(),
                _ => None,
            };
            is_kind && kind(right).is_some_and(|kind| is_missing_kind(&kind))
        }
        Expr::IsNotNull(value) => is_always_null(value),
        Expr::Nested(inner) => never_holds(inner),
        _ => false,
    }
}

/// The name of a column, without its table.
fn own_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) => Some(ident.value.to_lowercase()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|ident| ident.value.to_lowercase()),
        _ => None,
    }
}

/// Whether a value is a column of the catalogue that is null in all rows: a list, of which there are none.
fn is_always_null(expr: &Expr) -> bool {
    let Some(name) = own_name(expr) else { return false };
    let is_list = |column: &Column| column.name == name && column.type_name.ends_with("[]");
    FILLED.iter().any(|shape| columns_of(shape).iter().any(is_list))
}

/// Leaves the names of the columns, and nothing else.
fn set_aside(select: &mut Select) {
    for item in &mut select.projection {
        let alias = match item {
            SelectItem::ExprWithAlias { alias, .. } => alias.clone(),
            SelectItem::UnnamedExpr(expr) => name_of(expr),
            _ => continue,
        };
        *item = SelectItem::ExprWithAlias { expr: null(), alias };
    }
    select.from.clear();
    select.distinct = None;
    select.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
    select.having = None;
    select.selection = Some(Expr::Value(Value::Boolean(false).with_empty_span()));
}

/// The name that PostgreSQL gives a column.
fn name_of(expr: &Expr) -> Ident {
    match expr {
        Expr::Identifier(ident) => ident.clone(),
        Expr::CompoundIdentifier(parts) => {
            parts.last().cloned().unwrap_or_else(|| Ident::with_quote('"', "?column?"))
        }
        Expr::Function(function) => {
            Ident::with_quote('"', parts_of(&function.name).pop().unwrap_or_default())
        }
        Expr::Cast { expr, .. } | Expr::Nested(expr) => name_of(expr),
        Expr::Case { .. } => Ident::with_quote('"', "case"),
        _ => Ident::with_quote('"', "?column?"),
    }
}
