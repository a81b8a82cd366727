//! Names that PostgreSQL finds by itself: of its own tables without their schema, and of the columns that each of them has
//! without saying so.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectName, Query, Statement, TableFactor, Value, VisitMut, VisitorMut,
};

use crate::postgres::catalogue::nothing::parts_of;
use crate::postgres::catalogue::objects::{PG_CATALOG, relation_named};
use crate::postgres::catalogue::shapes::{EMPTY, FILLED};

/// Names the schema of PostgreSQL's own tables where a statement does not, and the values of their hidden columns.
pub(super) fn find_own_tables(statement: &mut Statement) {
    let _ = statement.visit(&mut Names::default());
    let mut hidden = Hidden::default();
    let _ = statement.visit(&mut Aliases { hidden: &mut hidden });
    let _ = statement.visit(&mut hidden);
}

/// The numbers of PostgreSQL's own tables, by the names that a statement gives them.
#[derive(Default)]
struct Hidden(HashMap<String, i64>);

struct Aliases<'a> {
    hidden: &'a mut Hidden,
}

impl VisitorMut for Aliases<'_> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, alias, args: None, .. } = factor
            && let [.., schema, own] = parts_of(name).as_slice()
            && schema == PG_CATALOG
            && let Some(relation) = relation_named(&format!("{schema}.{own}"))
        {
            let alias = alias.as_ref().map_or_else(|| own.clone(), |alias| alias.name.value.to_lowercase());
            self.hidden.0.insert(alias, relation.oid);
        }
        ControlFlow::Continue(())
    }
}

impl VisitorMut for Hidden {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(parts) = expr
            && let [.., table, column] = parts.as_slice()
            && let Some(oid) = self.0.get(&table.value.to_lowercase())
        {
            let value = match column.value.to_lowercase().as_str() {
                "tableoid" => *oid,
                // Nothing here is ever changed: everything is as the first transaction left it.
                "xmin" => 1,
                _ => return ControlFlow::Continue(()),
            };
            *expr = Expr::Value(Value::Number(value.to_string(), false).with_empty_span());
        }
        ControlFlow::Continue(())
    }
}

#[derive(Default)]
struct Names {
    /// The names of queries in `with` so far: a table of such a name is another one.
    common: HashSet<String>,
}

impl VisitorMut for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(with) = &query.with {
            self.common.extend(with.cte_tables.iter().map(|table| table.alias.name.value.to_lowercase()));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        if let [own] = parts_of(relation).as_slice()
            && !self.common.contains(own)
            && FILLED.iter().chain(EMPTY).any(|shape| shape.name == own)
        {
            *relation = ObjectName::from(vec![Ident::new(PG_CATALOG), Ident::new(own.clone())]);
        }
        ControlFlow::Continue(())
    }
}
