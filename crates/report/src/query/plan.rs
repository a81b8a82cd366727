//! The plan of a query: which rows it reads, how it groups them, and which sums it takes.
//!
//! A query is counted in parts. All additive measures share one pass over the rows of a fact; each distinct count and
//! each column of quantiles gets a pass of its own, because they are fast only alone. The groups join the parts of a
//! query again.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::{count, count_distinct, sum};
use datafusion::functions_nested::expr_fn::array_length;
use datafusion::logical_expr::{Expr, cast, lit, when};
use datafusion::prelude::{DataFrame, ident};
use playhead_lake::Table;

use crate::functions::bucket::bucket_of;
use crate::functions::quantile::exact_quantile;
use crate::functions::session_key::session_key;
use crate::functions::state::state_value;
use crate::names::dimension::{Dimension, DimensionKind, Fact};
use crate::names::metric::Measure;
use crate::query::request::QueryRequest;
use crate::time::buckets::{Buckets, Granularity};
use crate::time::range::TimeRange;

/// The column to which the range of a query applies, in the rows of every fact.
pub(crate) const STARTED_AT: &str = "started_at";

/// A pass over the rows of a fact.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// The rows.
    pub(crate) fact: Fact,
    /// The measures that are counted.
    pub(crate) measures: Vec<Measure>,
}

/// The groups of a query.
#[derive(Debug, Clone)]
pub(crate) struct Groups<'request> {
    /// The buckets of time, if there are any.
    pub(crate) buckets: Option<Arc<Buckets>>,
    /// The dimensions.
    pub(crate) dimensions: &'request [Dimension],
}

impl Part {
    /// The parts of a query, each measure once.
    pub(crate) fn all_of(request: &QueryRequest) -> Vec<Self> {
        let mut parts: Vec<Self> = Vec::new();
        for metric in &request.metrics {
            for (counted, fact) in request.counted(metric) {
                let Some(measure) = counted.over(fact) else { continue };
                let shared = parts.iter_mut().find(|part| part.fact == fact && part.takes(measure));
                match shared {
                    None => parts.push(Self { fact, measures: vec![measure.clone()] }),
                    Some(part) if part.measures.contains(measure) => {}
                    Some(part) => part.measures.push(measure.clone()),
                }
            }
        }
        let has_groups = !request.dimensions.is_empty() || request.granularity != Granularity::None;
        let is_of_sessions = request.facts().contains(&Fact::Sessions);
        if has_groups && is_of_sessions && parts.iter().all(|part| part.fact != Fact::Sessions) {
            // The groups are those of the sessions, whether or not a group has the rows that its metrics count.
            parts.push(Self { fact: Fact::Sessions, measures: vec![Measure::Rows] });
        }
        if !has_groups {
            // Only a count of the rows shows whether there are any.
            let lacking = |part: &&mut Self| part.is_additive() && !part.measures.contains(&Measure::Rows);
            parts.iter_mut().filter(lacking).for_each(|part| part.measures.push(Measure::Rows));
        }
        parts
    }

    /// Whether a measure can share the pass of the others.
    fn takes(&self, measure: &Measure) -> bool {
        match (self.measures.first(), measure) {
            (Some(Measure::Quantile(column, _)), Measure::Quantile(other, _)) => column == other,
            (Some(first), other) if first.is_additive() => other.is_additive(),
            (Some(first), other) => first == other,
            (None, _) => true,
        }
    }

    /// Whether its values over parts of the rows add up to those over all.
    pub(crate) fn is_additive(&self) -> bool {
        self.measures.iter().all(Measure::is_additive)
    }

    /// Counts rows: a row for each group, with the columns `g0`, ... of the groups and `s0`, ... of the measures. Without
    /// groups, one row.
    pub(crate) fn aggregate(&self, rows: DataFrame, groups: &Groups<'_>) -> Result<DataFrame> {
        let group_exprs = groups.exprs(self.fact)?;
        let values = self
            .measures
            .iter()
            .enumerate()
            .filter_map(|(index, measure)| Some(value_of(measure)?.alias(format!("v{index}"))));
        let named =
            group_exprs.iter().enumerate().map(|(index, expr)| expr.clone().alias(format!("g{index}")));
        let selected: Vec<Expr> = named.chain(values).collect();
        // A projection to no columns would lose the rows to count.
        let mut rows = if selected.is_empty() { rows } else { rows.select(selected)? };
        for index in groups.list_places() {
            rows = rows.unnest_columns(&[&format!("g{index}")])?;
        }
        let groups: Vec<Expr> = (0..group_exprs.len()).map(|index| ident(format!("g{index}"))).collect();
        let sums = self.measures.iter().enumerate();
        let sums = sums.map(|(index, measure)| sum_of(measure, index).alias(format!("s{index}"))).collect();
        rows.aggregate(groups, sums)
    }
}

impl Groups<'_> {
    /// No groups: everything together.
    pub(crate) const NONE: Groups<'static> = Groups { buckets: None, dimensions: &[] };

    /// How many columns there are.
    pub(crate) fn len(&self) -> usize {
        usize::from(self.buckets.is_some()) + self.dimensions.len()
    }

    /// Whether there are no groups.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a row may be in several groups, so that groups do not add up to the whole.
    pub(crate) fn overlap(&self) -> bool {
        self.dimensions.iter().any(Dimension::is_list)
    }

    /// The places of the columns that hold lists before they are unnested.
    fn list_places(&self) -> impl Iterator<Item = usize> {
        let before = usize::from(self.buckets.is_some());
        let lists = self.dimensions.iter().enumerate().filter(|(_, dimension)| dimension.is_list());
        lists.map(move |(index, _)| before + index)
    }

    /// The types of the columns in responses.
    pub(crate) fn types(&self) -> Vec<DataType> {
        let time = self.buckets.as_ref().map(|_| DataType::Int32);
        time.into_iter().chain(self.dimensions.iter().map(|dimension| type_of(dimension.kind))).collect()
    }

    /// The columns' values in a row of `fact`.
    fn exprs(&self, fact: Fact) -> Result<Vec<Expr>> {
        let time = self.buckets.as_ref().map(|buckets| Ok(bucket_of(buckets.clone(), ident(STARTED_AT))));
        let dimensions = self.dimensions.iter().map(|dimension| {
            let value = dimension.expr(fact);
            if !dimension.is_list() {
                return Ok(value);
            }
            // A session without any value is not lost: it counts under null.
            when(array_length(value.clone()).gt(lit(0_u64)), value).end()
        });
        time.into_iter().chain(dimensions).collect()
    }
}

const fn type_of(kind: DimensionKind) -> DataType {
    match kind {
        DimensionKind::Boolean => DataType::Boolean,
        DimensionKind::Integer => DataType::Int64,
        DimensionKind::Number => DataType::Float64,
        DimensionKind::Text | DimensionKind::Time => DataType::Utf8,
    }
}

/// The type of a measure's values.
pub(crate) const fn value_type(measure: &Measure) -> DataType {
    if measure.is_whole() { DataType::Int64 } else { DataType::Float64 }
}

/// The value of a measure in a row; `None` if the row itself counts.
fn value_of(measure: &Measure) -> Option<Expr> {
    let whole = |expr: Expr| cast(expr, DataType::Int64);
    Some(match measure {
        Measure::Rows => return None,
        Measure::Sum(_) | Measure::SumNumber(_) | Measure::Positive(_) => return measure.column_value(),
        Measure::Present(column) => ident(*column),
        Measure::End(end) => whole(ident("end").eq(lit(*end))),
        Measure::State(name, part) => state_value(ident("states"), name, *part),
        Measure::DistinctSessions => session_key(ident("session_id")),
        Measure::DistinctVisitors => ident(playhead_lake::tables::VISITOR_KEY),
        Measure::Quantile(column, _) => cast(ident(*column), DataType::Float64),
    })
}

fn sum_of(measure: &Measure, index: usize) -> Expr {
    let value = ident(format!("v{index}"));
    match measure {
        Measure::Rows => count(lit(1_i64)),
        Measure::Present(_) => count(value),
        Measure::DistinctSessions | Measure::DistinctVisitors => count_distinct(value),
        Measure::Quantile(_, percent) => exact_quantile(value, *percent),
        Measure::Sum(_)
        | Measure::SumNumber(_)
        | Measure::Positive(_)
        | Measure::End(_)
        | Measure::State(..) => sum(value),
    }
}

/// The conditions of a query on rows of `fact`.
pub(crate) fn conditions(request: &QueryRequest, fact: Fact, range: &TimeRange) -> Option<Expr> {
    let is_closed = (!request.include_open).then(|| ident("is_open").eq(lit(false)));
    let all = [range.expr(STARTED_AT), request.segment.expr(fact), request.filters.expr(fact), is_closed];
    all.into_iter().flatten().reduce(Expr::and)
}

/// The columns of `fact`'s table that some expressions need, as places in it.
pub(crate) fn places_of(table: Table, exprs: &[Expr]) -> Vec<usize> {
    let mut places: Vec<usize> = exprs
        .iter()
        .flat_map(|expr| expr.column_refs().into_iter().map(|column| column.name.clone()).collect::<Vec<_>>())
        .filter_map(|name| table.column_index(&name))
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}

impl Part {
    /// The columns that the part needs of the rows, as places in the table.
    pub(crate) fn places(&self, groups: &Groups<'_>, conditions: Option<&Expr>) -> Result<Vec<usize>> {
        let mut exprs = groups.exprs(self.fact)?;
        exprs.extend(self.measures.iter().filter_map(value_of));
        exprs.extend(conditions.cloned());
        exprs.push(ident(STARTED_AT));
        Ok(places_of(self.fact.table(), &exprs))
    }
}
