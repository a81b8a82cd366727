//! The response to a query with the names of its ids.

use datafusion::arrow::array::ArrayRef;

use crate::error::Error;
use crate::query::names::DimensionNames;
use crate::query::response::{QueryResponse, ResponseColumn, ResponseColumnKind, batch};

impl QueryResponse {
    /// The columns of the dimensions.
    pub(crate) fn dimension_values(&self) -> &[ArrayRef] {
        let kinds = self.columns.iter().map(|column| column.kind);
        let before = kinds.clone().take_while(|kind| *kind == ResponseColumnKind::Time).count();
        let dimensions = kinds.filter(|kind| *kind == ResponseColumnKind::Dimension).count();
        &self.rows.columns()[before..before + dimensions]
    }

    /// The same response with the names behind their ids.
    pub(crate) fn with_names(mut self, names: &[DimensionNames]) -> Result<Self, Error> {
        let before = self.columns.iter().filter(|column| column.kind == ResponseColumnKind::Time).count();
        let mut values = self.rows.columns().to_vec();
        let mut others = Vec::new();
        // From the last place on, so that the places before it stay what they are.
        for of in names.iter().rev() {
            let place = before + of.place;
            let ids = &values[place];
            others.splice(0..0, of.others_of(ids));
            let latest = of.latest(ids);
            values.insert(place + 1, latest);
            let column = ResponseColumn {
                name: of.named.name.to_owned(),
                kind: ResponseColumnKind::Name,
                value_type: "text",
                unit: None,
            };
            self.columns.insert(place + 1, column);
        }
        self.rows = batch(&self.columns, values, self.rows.num_rows())?;
        self.also_known_as = Some(others);
        Ok(self)
    }
}
