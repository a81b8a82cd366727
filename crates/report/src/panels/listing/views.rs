//! Filters of a list of sessions that name what only ads, chapters or errors have.

use datafusion::common::JoinType;
use datafusion::prelude::{DataFrame, SessionContext, ident};
use playhead_lake::Table;

use crate::error::Error;
use crate::faults::Faults;
use crate::filter::{Condition, Filters};
use crate::names::dimension::Fact;
use crate::panels::groups::rows_of;
use crate::panels::panel_request::Scope;

/// Conditions that one ad, chapter or error of a session must meet, all of them together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ViewFilters {
    fact: Fact,
    filters: Filters,
}

impl ViewFilters {
    /// Takes the conditions that rows of sessions cannot meet out of the filters of a list. A condition that no kind of rows
    /// can meet is a fault.
    pub(super) fn take_from(filters: &mut Filters, faults: &mut Faults) -> Vec<Self> {
        let mut views: Vec<Self> = Vec::new();
        let mut of_sessions = Vec::new();
        for condition in filters.conditions.drain(..) {
            let single = Filters { conditions: vec![condition] };
            let is_on = |fact: &Fact| single.missing_on(*fact).is_none();
            let Some(fact) = Fact::ALL.into_iter().find(is_on) else {
                let names: Vec<_> =
                    single.dimensions().iter().map(|dimension| dimension.name.clone()).collect();
                let names = names.join(", ");
                faults.push("filters", format_args!("join {names}, which no rows have together"));
                continue;
            };
            let conditions: Vec<Condition> = single.conditions;
            if fact == Fact::Sessions {
                of_sessions.extend(conditions);
                continue;
            }
            match views.iter_mut().find(|known| known.fact == fact) {
                Some(known) => known.filters.conditions.extend(conditions),
                None => views.push(Self { fact, filters: Filters { conditions } }),
            }
        }
        filters.conditions = of_sessions;
        views
    }

    /// Those of the sessions that have such a view.
    pub(super) async fn with_such_a_view(
        &self,
        context: &SessionContext,
        sessions: DataFrame,
        scope: &Scope,
    ) -> Result<DataFrame, Error> {
        let is_such = Scope { filters: self.filters.clone(), ..scope.clone() }.started(self.fact);
        let table: Table = self.fact.table();
        let of_views =
            rows_of(context, table, is_such).await?.select(vec![ident("session_id").alias("of_view")])?;
        Ok(sessions.join(of_views, JoinType::LeftSemi, &["session_id"], &["of_view"], None)?)
    }
}
