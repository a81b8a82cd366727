//! Prepared statements and portals, as many as a connection may have.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::common::ParamValues;
use datafusion::logical_expr::LogicalPlan;
use playhead_node::limits::{POSTGRES_PARAMETERS, POSTGRES_STATEMENT_BYTES, POSTGRES_STATEMENTS};

use crate::postgres::refusal::{DUPLICATE_STATEMENT, NO_STATEMENT, TOO_MUCH, Told};
use crate::postgres::session::queries::Source;
use crate::postgres::statements::statement::Statement;
use crate::postgres::values::columns::{Columns, Formats};
use crate::postgres::values::parameters::Parameter;
use crate::postgres::values::rows::RowWriter;

/// A prepared statement.
pub(super) struct Prepared {
    /// `None` for an empty one.
    pub(super) statement: Option<Statement>,
    pub(super) parameters: Vec<Parameter>,
    /// The plan of its query, of a cursor's too, with the columns that it gives.
    pub(super) planned: Option<(LogicalPlan, Arc<Columns>)>,
    /// The size of its text and its name.
    pub(super) bytes: usize,
}

/// The prepared statements of a connection by name; the empty name is for one that the next replaces.
#[derive(Default)]
pub(super) struct PreparedStatements(BTreeMap<String, Arc<Prepared>>);

impl PreparedStatements {
    pub(super) fn get(&self, name: &str) -> Result<Arc<Prepared>, Told> {
        let found = self.0.get(name).cloned();
        found.ok_or_else(|| match name {
            "" => Told::new(NO_STATEMENT, "unnamed prepared statement does not exist"),
            name => Told::new(NO_STATEMENT, format!("prepared statement \"{name}\" does not exist")),
        })
    }

    pub(super) fn put(&mut self, name: String, prepared: Prepared) -> Result<(), Told> {
        if !name.is_empty() && self.0.contains_key(&name) {
            return Err(Told::new(
                DUPLICATE_STATEMENT,
                format!("prepared statement \"{name}\" already exists"),
            ));
        }
        self.0.remove(&name);
        // The statement without a name is always possible, and does not count: with it clients drop others.
        if name.is_empty() {
            self.0.insert(name, Arc::new(prepared));
            return Ok(());
        }
        let named = || self.0.iter().filter(|(name, _)| !name.is_empty()).map(|(_, known)| known);
        let bytes: usize = named().map(|known| known.bytes).sum();
        if named().count() >= POSTGRES_STATEMENTS || bytes + prepared.bytes > POSTGRES_STATEMENT_BYTES {
            let message = format!(
                "a connection may have {POSTGRES_STATEMENTS} prepared statements of {} KiB together; DEALLOCATE some",
                POSTGRES_STATEMENT_BYTES / 1024
            );
            return Err(Told::new(TOO_MUCH, message));
        }
        let parameters: usize = named().map(|known| known.parameters.len()).sum();
        if parameters + prepared.parameters.len() > POSTGRES_PARAMETERS {
            let message = format!(
                "the prepared statements of a connection may have {POSTGRES_PARAMETERS} parameters together; DEALLOCATE some"
            );
            return Err(Told::new(TOO_MUCH, message));
        }
        self.0.insert(name, Arc::new(prepared));
        Ok(())
    }

    /// Forgets a statement; whether there was one.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// A prepared statement with its parameters, ready to run or running.
pub(super) struct Portal {
    pub(super) prepared: Arc<Prepared>,
    pub(super) formats: Formats,
    /// How many parameters it has, those without a value too.
    pub(super) parameters: usize,
    /// The size of its name, its parameters and its formats as they were sent.
    pub(super) bytes: usize,
    pub(super) state: PortalState,
}

/// How far a portal is.
pub(super) enum PortalState {
    /// It has not run.
    Ready(Option<ParamValues>),
    /// Rows of it are left.
    Running(Source, Box<RowWriter>),
    /// It has run.
    Done,
}
