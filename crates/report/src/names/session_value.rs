//! The value of a metric in a single session, from the session's row.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, cast, lit, when};
use datafusion::prelude::ident;

use crate::names::fact::Fact;
use crate::names::metric::{Counted, Measure, Metric, MetricKind};

impl Measure {
    /// The value in a row that is summed up, if it is that of a single column.
    pub(crate) fn column_value(&self) -> Option<Expr> {
        match self {
            Self::Sum(column) => Some(cast(ident(*column), DataType::Int64)),
            Self::SumNumber(column) => Some(ident(*column)),
            Self::Positive(column) => Some(cast(ident(*column).gt(lit(0_i64)), DataType::Int64)),
            Self::Rows
            | Self::Present(_)
            | Self::End(_)
            | Self::State(..)
            | Self::DistinctSessions
            | Self::DistinctVisitors
            | Self::Quantile(..) => None,
        }
    }
}

impl Metric {
    /// Its value in a session alone; null if that divides by 0. `None` if it means nothing there, as a number of visitors, or is
    /// not in the row.
    pub(crate) fn of_session(&self) -> Option<Expr> {
        match &self.kind {
            MetricKind::Counted(counted) => counted.over(Fact::Sessions)?.column_value(),
            MetricKind::Ratio { numerator, denominator, scale } => {
                let (above, below) = (sum(numerator)?, sum(denominator)?);
                when(below.clone().not_eq(lit(0.0)), above * lit(*scale) / below).end().ok()
            }
        }
    }
}

fn sum(terms: &[Counted]) -> Option<Expr> {
    let values = terms.iter().map(|counted| {
        let value = match counted.over(Fact::Sessions)? {
            Measure::Rows => lit(1.0),
            measure => measure.column_value()?,
        };
        Some(cast(value, DataType::Float64))
    });
    values.collect::<Option<Vec<_>>>()?.into_iter().reduce(|one, other| one + other)
}
