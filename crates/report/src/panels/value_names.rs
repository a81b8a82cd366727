//! The names of the values of a breakdown.

use std::collections::HashMap;

use datafusion::logical_expr::Expr;
use datafusion::prelude::SessionContext;
use playhead_lake::Table;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::names::dimension::Dimension;
use crate::panels::groups::rows_of;
use crate::query::names::{Names, latest_names};

/// The name of a value of a breakdown.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub struct ValueName {
    /// The latest name of the value, as in `POST /query` with `names`; null without `names`, and for a value that has none.
    pub name: Option<String>,
    /// Its other names, the latest first; at most 5.
    pub also_known_as: Vec<String>,
    /// How many other names it has.
    pub also_known_as_count: u64,
}

/// The names of the values of a dimension; none if they are not wanted or have none.
#[derive(Debug, Default)]
pub(crate) struct ValueNames(HashMap<String, Names>);

impl ValueNames {
    /// The names that the sessions of a panel give to these values of a dimension.
    pub(crate) async fn of_sessions<'a>(
        context: &SessionContext,
        condition: Option<Expr>,
        dimension: &Dimension,
        values: impl Iterator<Item = Option<&'a str>>,
    ) -> Result<Self, Error> {
        let Some(named) = dimension.names() else { return Ok(Self::default()) };
        let ids = values.flatten().collect();
        Ok(Self(latest_names(rows_of(context, Table::Sessions, condition).await?, named, &ids).await?))
    }

    /// The name of a value.
    pub(crate) fn of(&self, value: Option<&str>) -> ValueName {
        let Some(names) = value.and_then(|value| self.0.get(value)) else { return ValueName::default() };
        ValueName {
            name: names.latest().map(str::to_owned),
            also_known_as: names.others(),
            also_known_as_count: names.other_count(),
        }
    }
}
