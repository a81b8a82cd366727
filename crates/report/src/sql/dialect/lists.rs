//! Lists that are written as text, `'{a,b}'`, and lists of the values of a query, `array(select ...)`.

use datafusion::sql::sqlparser::ast::{
    Array, Expr, GroupByExpr, Ident, OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, Value,
    ValueWithSpan,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};

use crate::functions::postgres::OWN_LIST;
use crate::sql::dialect::calls::{call, folded};

/// A list that is written as text, `{a,b}`; of whole numbers, if its elements are such.
pub(super) fn list_of(text: &str, is_number: bool) -> Option<Expr> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let mut elements = Vec::new();
    for part in split_list(inner)? {
        elements.push(match part {
            Part::Plain(part) if part.eq_ignore_ascii_case("null") => Value::Null,
            Part::Plain(part) if is_number && part.parse::<i64>().is_ok() => Value::Number(part, false),
            Part::Plain(part) | Part::Quoted(part) => Value::SingleQuotedString(part),
        });
    }
    let elem = elements.into_iter().map(|value| Expr::Value(ValueWithSpan::from(value))).collect();
    Some(Expr::Array(Array { elem, named: true }))
}

/// An element of a list that is written as text.
enum Part {
    Plain(String),
    Quoted(String),
}

/// The elements of a list; `None` if it has lists in it.
fn split_list(inner: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let (mut part, mut is_quoted, mut is_in_quotes) = (String::new(), false, false);
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => part.extend(chars.next()),
            '"' => (is_in_quotes, is_quoted) = (!is_in_quotes, true),
            ',' if !is_in_quotes => {
                parts.push(part_of(std::mem::take(&mut part), std::mem::take(&mut is_quoted)));
            }
            '{' | '}' if !is_in_quotes => return None,
            // Blanks around an element are not of it.
            char if !is_in_quotes && char.is_whitespace() && (is_quoted || part.is_empty()) => {}
            char => part.push(char),
        }
    }
    if !inner.trim().is_empty() {
        parts.push(part_of(part, is_quoted));
    }
    Some(parts)
}

fn part_of(part: String, is_quoted: bool) -> Part {
    if is_quoted { Part::Quoted(part) } else { Part::Plain(part.trim().to_owned()) }
}

/// The list of the values of a query, as one expression: `array(select ...)`.
///
/// # Errors
///
/// If it cannot be written so, which does not happen.
pub(super) fn list_of_rows(query: &Query) -> Result<Expr, ParserError> {
    let text = own_list(query).unwrap_or_else(|| list_around(query));
    let list = Parser::new(&PostgreSqlDialect {}).try_with_sql(&text)?.parse_expr()?;
    // Without rows the aggregate gives nothing, and PostgreSQL an empty list.
    Ok(call(OWN_LIST, vec![list]))
}

/// The list without a query around it, where its conditions may name columns of another query.
fn own_list(query: &Query) -> Option<String> {
    let SetExpr::Select(select) = &*query.body else { return None };
    let is_grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    let is_bare = query.limit_clause.is_none() && query.fetch.is_none() && query.with.is_none();
    if is_grouped
        || !is_bare
        || select.distinct.is_some()
        || select.having.is_some()
        || select.from.is_empty()
    {
        return None;
    }
    let (item, _) = only_item(select)?;
    if item.to_string().contains('(') {
        return None;
    }
    let by = order_of(query)?.into_iter().map(|by| match is_the_item(&by, select) {
        true => with_key(&by, item.clone()),
        false => by.to_string(),
    });
    let by: Vec<String> = by.collect();
    let order = if by.is_empty() { String::new() } else { format!(" ORDER BY {}", by.join(", ")) };
    let mut select = select.clone();
    let listed = format!("SELECT array_agg({item}{order})");
    select.projection = vec![SelectItem::UnnamedExpr(Expr::Value(Value::Null.with_empty_span()))];
    let text = select.to_string();
    text.strip_prefix("SELECT NULL").map(|rest| format!("({listed}{rest})"))
}

/// The list of a query in another one. The engine forgets the order of the inner query there, so what it orders by stands beside
/// its values, and the list is ordered by that again.
fn list_around(query: &Query) -> String {
    let mut query = query.clone();
    let (mut order, mut names) = (Vec::new(), vec!["element".to_owned()]);
    for by in order_of(&query).unwrap_or_default() {
        let name = match &mut *query.body {
            SetExpr::Select(select) if !is_the_item(&by, select) && select.distinct.is_none() => {
                let name = format!("key_{}", names.len());
                let key = SelectItem::ExprWithAlias { expr: by.expr.clone(), alias: Ident::new(&name) };
                select.projection.push(key);
                names.push(name.clone());
                name
            }
            _ => "element".to_owned(),
        };
        order.push(with_key(&by, Expr::Identifier(Ident::new(name))));
    }
    let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
    format!("(SELECT array_agg(element{order}) FROM ({query}) AS listed({}))", names.join(", "))
}

/// What a query is ordered by; `None` if that has no words here.
fn order_of(query: &Query) -> Option<Vec<OrderByExpr>> {
    match query.order_by.as_ref().map(|order| &order.kind) {
        None => Some(Vec::new()),
        Some(OrderByKind::Expressions(by)) => Some(by.clone()),
        Some(OrderByKind::All(_)) => None,
    }
}

/// The only column of a select, and its name if it has one.
fn only_item(select: &Select) -> Option<(&Expr, Option<&Ident>)> {
    match select.projection.as_slice() {
        [SelectItem::UnnamedExpr(expr)] => Some((expr, None)),
        [SelectItem::ExprWithAlias { expr, alias }] => Some((expr, Some(alias))),
        _ => None,
    }
}

/// Whether a select is ordered by its first column: by its place, its name or its words.
fn is_the_item(by: &OrderByExpr, select: &Select) -> bool {
    let (item, alias) = match select.projection.first() {
        Some(SelectItem::UnnamedExpr(expr)) => (Some(expr), None),
        Some(SelectItem::ExprWithAlias { expr, alias }) => (Some(expr), Some(alias)),
        _ => (None, None),
    };
    let is_named =
        matches!((&by.expr, alias), (Expr::Identifier(name), Some(alias)) if folded(name) == folded(alias));
    is_named || by.expr.to_string() == "1" || item == Some(&by.expr)
}

/// The same order, by another key.
fn with_key(by: &OrderByExpr, key: Expr) -> String {
    OrderByExpr { expr: key, ..by.clone() }.to_string()
}
