//! Names of tables without their schema: PostgreSQL looks in its own first.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Ident, ObjectName, Query, Statement, VisitMut, VisitorMut};

use crate::postgres::catalogue::nothing::parts_of;
use crate::postgres::catalogue::objects::PG_CATALOG;
use crate::postgres::catalogue::shapes::{EMPTY, FILLED};

/// Names the schema of PostgreSQL's own tables where a statement does not.
pub(super) fn find_own_tables(statement: &mut Statement) {
    let _ = statement.visit(&mut Names::default());
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
