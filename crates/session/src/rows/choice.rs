//! Some columns of the rows of sessions: a reader that wants three of them does not have the others made.

use crate::accounting::session::Session;
use crate::rows::caseless::caseless_cell;
use crate::rows::cell::Cell;
use crate::rows::columns::{Column, SESSION_COLUMNS};
use crate::rows::param_columns::{OF_START, ParamColumns};
use crate::rows::row::{Derived, RowOf, RowsOf};
use crate::rows::visitor::Visitor;
use crate::rows::visitor::visitor_of_params;

/// So many parameters are looked for one by one; more are found faster in one pass over all that was sent.
const SOUGHT_ONE_BY_ONE: usize = 6;

/// Columns of session rows, chosen by their names.
#[derive(Debug)]
pub struct ColumnChoice {
    origins: Vec<Origin>,
    /// Those that come from parameters, each once.
    params: ParamColumns,
    /// The values that take longer to make than to copy and that the columns show.
    derived: Derived,
}

#[derive(Debug, Clone, Copy)]
enum Origin {
    Id,
    /// The one at this place of the parameters.
    Param(usize),
    Accounted(&'static Column),
    Unknown,
}

impl Origin {
    fn of(name: &str) -> Self {
        if name == "session_id" {
            return Self::Id;
        }
        if let Some(place) = OF_START.iter().position(|(_, column)| column == name) {
            return Self::Param(place);
        }
        SESSION_COLUMNS.iter().find(|column| column.name == name).map_or(Self::Unknown, Self::Accounted)
    }
}

impl ColumnChoice {
    /// The columns of these names, in their order.
    pub fn new(names: &[&str]) -> Self {
        let mut params = Vec::new();
        let mut origins: Vec<Origin> = names.iter().map(|name| Origin::of(name)).collect();
        for origin in &mut origins {
            let Origin::Param(of_start) = origin else { continue };
            let Some(param) = OF_START.iter().nth(*of_start) else { continue };
            // A column may be wanted twice.
            let place = params.iter().position(|known| *known == param).unwrap_or(params.len());
            if place == params.len() {
                params.push(param);
            }
            *origin = Origin::Param(place);
        }
        Self { origins, params: ParamColumns::new(params.into_iter()), derived: Derived::in_columns(names) }
    }

    /// The rows of a session, of which these columns are right, and may be read alone.
    pub fn rows_of<'session>(&self, session: &'session Session) -> RowsOf<'session> {
        session.rows_view_with(self.derived)
    }

    /// The cells of the columns, in their order; nothing for a column that rows do not have.
    pub fn cells<'row>(&self, row: &'row RowOf<'_>) -> Vec<Cell<'row>> {
        let mut params = Vec::new();
        let are_few = self.params.iter().len() <= SOUGHT_ONE_BY_ONE;
        if !are_few {
            params = self.params.empty_cells();
            self.params.fill(&mut params, &row.params);
        }
        let param = |place: usize| {
            let Some((id, _)) = self.params.iter().nth(place).filter(|_| are_few) else {
                return params.get(place).map_or(Cell::Null, |(_, cell)| cell.clone());
            };
            row.params.get(id).map_or(Cell::Null, |value| caseless_cell(id, value))
        };
        let cell = |origin: &Origin| match origin {
            Origin::Id => Cell::Text(row.session_id.to_string().into()),
            Origin::Param(place) => param(*place),
            Origin::Accounted(column) => (column.cell)(row),
            Origin::Unknown => Cell::Null,
        };
        self.origins.iter().map(cell).collect()
    }
}

impl RowOf<'_> {
    /// The number of who watched, as [`RowCells::visitor`](crate::RowCells::visitor) has it.
    pub fn visitor_key(&self) -> i64 {
        visitor_of_params(&self.params)
            .map_or_else(|| Visitor::of_session(&self.session_id.to_string()).key(), Visitor::key)
    }
}
