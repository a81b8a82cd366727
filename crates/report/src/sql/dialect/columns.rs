//! Columns of one name in one query, which the engine does not take.
//!
//! The second and each further one gets a mark behind its name, which no name has that a client can write, and which is taken
//! off again from the columns of the response.

use std::collections::{HashMap, HashSet};

use datafusion::common::{Column, TableReference};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr as PlanExpr, LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, VisitMut, VisitorMut,
};
use playhead_lake::Table;

use crate::sql::dialect::calls::{folded, take};
use crate::sql::dialect::expressions::show_names;

/// Stands between a name and the number of its column.
const MARK: char = '\u{1f}';

/// Gives the columns of a query, and of the queries in it, names of their own.
pub(super) fn tell_columns_apart(query: &mut Query) {
    let mut marks = Marks::default();
    marks.body(&mut query.body, true);
    let _ = query.visit(&mut marks);
}

/// The marks that a statement has.
#[derive(Debug, Default)]
struct Marks {
    count: usize,
}

impl VisitorMut for Marks {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> std::ops::ControlFlow<()> {
        self.select(select, false);
        std::ops::ControlFlow::Continue(())
    }
}

impl Marks {
    /// The selects whose columns are those of the response.
    fn body(&mut self, body: &mut SetExpr, is_outermost: bool) {
        match body {
            SetExpr::Select(select) => {
                show_names(select);
                self.select(select, is_outermost);
            }
            SetExpr::Query(query) => self.body(&mut query.body, is_outermost),
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left, is_outermost);
                self.body(right, is_outermost);
            }
            _ => {}
        }
    }

    fn select(&mut self, select: &mut Select, is_outermost: bool) {
        let all: Vec<All> = select.projection.iter().filter_map(All::of).collect();
        let names: Vec<Option<String>> = select.projection.iter().map(name_of).collect();
        let mut counts: HashMap<&String, usize> = HashMap::new();
        for name in names.iter().flatten() {
            *counts.entry(name).or_default() += 1;
        }
        let mut taken: HashSet<&String> = HashSet::new();
        for (item, name) in select.projection.iter_mut().zip(&names) {
            let Some(name) = name else { continue };
            let is_twice = counts.get(name).is_some_and(|count| *count > 1);
            let is_in_all = all.iter().any(|all| all.has(item, name, is_outermost));
            let is_taken = !taken.insert(name);
            if is_in_all || (is_twice && is_taken) {
                self.count += 1;
                rename(item, format!("{name}{MARK}{}", self.count));
            } else if is_twice {
                rename(item, name.clone());
            }
        }
    }
}

/// `*`, or `name.*`.
#[derive(Debug)]
enum All {
    OfAllTables,
    Of(String),
}

impl All {
    fn of(item: &SelectItem) -> Option<Self> {
        match item {
            SelectItem::Wildcard(_) => Some(Self::OfAllTables),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                Some(Self::Of(in_lower_case(&name.to_string())))
            }
            _ => None,
        }
    }

    /// Whether a column is one of these, too. A name of its own that a column of a table has is taken apart only in the response:
    /// in a query inside another, its use would not be clear.
    fn has(&self, item: &SelectItem, name: &str, is_outermost: bool) -> bool {
        match (self, item) {
            (
                Self::OfAllTables,
                SelectItem::UnnamedExpr(Expr::Identifier(_) | Expr::CompoundIdentifier(_)),
            ) => true,
            (Self::Of(table), SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts))) => {
                let (_, before) = parts
                    .split_last()
                    .map_or((None, parts.as_slice()), |(last, before)| (Some(last), before));
                before.iter().map(folded).collect::<Vec<_>>().join(".") == table.replace('"', "")
            }
            (Self::OfAllTables, SelectItem::ExprWithAlias { .. } | SelectItem::UnnamedExpr(_)) => {
                is_outermost && Table::ALL.iter().any(|table| table.column_index(name).is_some())
            }
            _ => false,
        }
    }
}

/// The name of a column; an expression without one is its own name.
fn name_of(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(folded(alias)),
        SelectItem::UnnamedExpr(expr) => Some(name_of_expr(expr)),
        _ => None,
    }
}

/// The name that the engine gives an expression: a conversion has that of what it converts.
fn name_of_expr(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(ident) => folded(ident),
        Expr::CompoundIdentifier(parts) => parts.last().map(folded).unwrap_or_default(),
        Expr::Cast { expr, .. } | Expr::Nested(expr) => name_of_expr(expr),
        expr => in_lower_case(&expr.to_string()),
    }
}

/// A text in lower case but for what is in quotes.
fn in_lower_case(text: &str) -> String {
    let mut quote = None;
    let mut lower = String::with_capacity(text.len());
    for char in text.chars() {
        match quote {
            Some(open) if open == char => quote = None,
            None if char == '\'' || char == '"' => quote = Some(char),
            _ => {}
        }
        if quote.is_none() { lower.extend(char.to_lowercase()) } else { lower.push(char) }
    }
    lower
}

fn rename(item: &mut SelectItem, name: String) {
    let name = Ident::with_quote('"', name);
    match item {
        SelectItem::ExprWithAlias { alias, .. } => *alias = name,
        SelectItem::UnnamedExpr(expr) => *item = SelectItem::ExprWithAlias { expr: take(expr), alias: name },
        _ => {}
    }
}

/// Takes the marks off the columns of a response. Columns of one name get a table of their own each, because the engine
/// takes them then.
pub(super) fn restore_names(plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
    if !plan.schema().fields().iter().any(|field| field.name().contains(MARK)) {
        return Ok(plan);
    }
    let named = |(index, (table, field)): (usize, (Option<&TableReference>, _))| {
        let field: &std::sync::Arc<datafusion::arrow::datatypes::Field> = field;
        let name = field.name().split(MARK).next().unwrap_or_default();
        PlanExpr::Column(Column::new(table.cloned(), field.name()))
            .alias_qualified(Some(TableReference::bare(format!("column_{index}"))), name)
    };
    let columns: Vec<PlanExpr> = plan.schema().iter().enumerate().map(named).collect();
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}
