//! Runs queries: counts the parts, joins them, and makes the response.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::prelude::{DataFrame, SessionContext, ident};

use crate::engine::reports::Reports;
use crate::engine::whole_table::WholeTable;
use crate::error::Error;
use crate::names::dimension::{Dimension, Fact};
use crate::query::groups::{Grouped, arrow, collect, join};
use crate::query::names::{DimensionNames, latest_names};
use crate::query::plan::{Groups, Part, STARTED_AT, conditions, value_type};
use crate::query::request::{OrderBy, QueryRequest};
use crate::query::response::{Counts, QueryResponse};
use crate::query::rollup::RolledUpPart;
use crate::time::buckets::{Buckets, Granularity};
use crate::time::range::TimeRange;

impl Reports {
    /// Runs a query in its turn, within the limits of one query.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the range makes too many buckets, or the dimensions too many groups; otherwise as for
    /// [`Reports::run`].
    pub async fn query(&self, request: &QueryRequest) -> Result<QueryResponse, Error> {
        let running = Running { reports: self, request };
        let mut response = self.run(running.response()).await?;
        let TimeRange { from_ms, to_ms } = request.range;
        response.excluded_sessions = self.exclusions().await?.started_in(from_ms, to_ms);
        Ok(response)
    }
}

struct Running<'a> {
    reports: &'a Reports,
    request: &'a QueryRequest,
}

impl Running<'_> {
    async fn response(&self) -> Result<QueryResponse, Error> {
        let parts = Part::all_of(self.request);
        let range = self.range(&parts).await?;
        let buckets = self.buckets(range)?;
        let groups = Groups { buckets: buckets.clone(), dimensions: &self.request.dimensions };
        let grouped = self.count(&parts, &groups, range, |_| true).await?;
        let totals = self.totals(&parts, &groups, range, &grouped).await?;
        // Only an order by name needs the names of all groups; otherwise those of the rows shown will do.
        let is_by_name = self.request.order_by.iter().any(|order| matches!(order.by, OrderBy::Name(_)));
        let keys = &grouped.keys[usize::from(buckets.is_some()).min(grouped.keys.len())..];
        let names = if is_by_name { self.names(keys, range).await? } else { Vec::new() };
        let counts = Counts { parts: &parts, grouped: grouped.clone(), totals };
        let response = QueryResponse::new(self.request, buckets.as_deref(), &counts, &names)?;
        if self.request.named().next().is_none() {
            return Ok(response);
        }
        let names = if is_by_name { names } else { self.names(response.dimension_values(), range).await? };
        response.with_names(&names)
    }

    /// The names of ids in these columns, one for each dimension of the query.
    async fn names(&self, columns: &[ArrayRef], range: TimeRange) -> Result<Vec<DimensionNames>, Error> {
        let facts = self.request.facts();
        let mut all = Vec::new();
        for (place, named) in self.request.named() {
            let has_names =
                |fact: &&Fact| Dimension::named(named.name).is_some_and(|name| name.is_on(**fact));
            let (Some(fact), Some(column)) = (facts.iter().find(has_names), columns.get(place)) else {
                continue;
            };
            let rows = self.rows(&self.reports.context(), *fact, range).await?;
            let ids = column.as_string_opt::<i32>().into_iter().flatten().flatten().collect();
            let names = latest_names(rows, named, &ids).await?;
            all.push(DimensionNames { place, named: *named, names });
        }
        Ok(all)
    }

    /// The range, with any end that the query needs but does not name: the first or last start of its sessions.
    async fn range(&self, parts: &[Part]) -> Result<TimeRange, Error> {
        let mut range = self.request.range;
        let is_open = range.from_ms.is_none() || range.to_ms.is_none();
        if self.request.granularity == Granularity::None || !is_open {
            return Ok(range);
        }
        let (mut first_ms, mut last_ms): (Option<i64>, Option<i64>) = (None, None);
        let mut facts: Vec<Fact> = parts.iter().map(|part| part.fact).collect();
        facts.dedup();
        for fact in facts {
            let rows = self.rows(&self.reports.context(), fact, range).await?;
            let ends = vec![min(ident(STARTED_AT)).alias("first"), max(ident(STARTED_AT)).alias("last")];
            let ends = collect(rows.aggregate(Vec::new(), ends)?.execute_stream().await?).await?;
            let end = |place: usize| -> Result<Option<i64>, Error> {
                let us = cast(ends.column(place), &DataType::Int64).map_err(arrow)?;
                let us = us.as_primitive::<Int64Type>();
                Ok((!us.is_empty() && us.is_valid(0)).then(|| us.value(0).div_euclid(1_000)))
            };
            first_ms = [first_ms, end(0)?].into_iter().flatten().min();
            last_ms = [last_ms, end(1)?].into_iter().flatten().max();
        }
        range.from_ms = range.from_ms.or(first_ms).or(range.to_ms).or(Some(0));
        range.to_ms = range.to_ms.or(last_ms.map(|ms| ms + 1)).or(range.from_ms);
        Ok(range)
    }

    fn buckets(&self, range: TimeRange) -> Result<Option<Arc<Buckets>>, Error> {
        let granularity = self.request.granularity;
        let (Some(from_ms), Some(to_ms)) = (range.from_ms, range.to_ms) else { return Ok(None) };
        if granularity == Granularity::None {
            return Ok(None);
        }
        let buckets = Buckets::cover(granularity, from_ms, to_ms, &self.request.zone);
        buckets
            .map(|buckets| Some(Arc::new(buckets)))
            .map_err(|message| Error::fault("/granularity", message))
    }

    /// Rows of `fact` that count.
    async fn rows(&self, context: &SessionContext, fact: Fact, range: TimeRange) -> Result<DataFrame, Error> {
        let rows = context.table(fact.table().name()).await?;
        Ok(match conditions(self.request, fact, &range) {
            Some(condition) => rows.filter(condition)?,
            None => rows,
        })
    }

    /// Counts the parts that are `wanted`; the others have no values.
    async fn count(
        &self,
        parts: &[Part],
        groups: &Groups<'_>,
        range: TimeRange,
        wanted: impl Fn(&Part) -> bool,
    ) -> Result<Grouped, Error> {
        let parts: Vec<&Part> = parts.iter().filter(|part| wanted(part)).collect();
        let mut counted = Vec::with_capacity(parts.len());
        for part in &parts {
            counted.push(self.count_part(part, groups, range).await?);
        }
        let types: Vec<Vec<DataType>> =
            parts.iter().map(|part| part.measures.iter().map(value_type).collect()).collect();
        join(&counted, &groups.types(), &types)
    }

    async fn count_part(
        &self,
        part: &Part,
        groups: &Groups<'_>,
        range: TimeRange,
    ) -> Result<datafusion::arrow::array::RecordBatch, Error> {
        let context = self.reports.context();
        if let Some(rolled_up) = RolledUpPart::of(part, self.request, groups, range) {
            let sessions = context.table_provider(part.fact.table().name()).await?;
            if let Some(sessions) = sessions.downcast_ref::<WholeTable>()
                && let Some(counts) = rolled_up.count(&context, sessions).await?
            {
                return collect(counts.execute_stream().await?).await;
            }
        }
        let rows = self.rows(&context, part.fact, range).await?;
        collect(part.aggregate(rows, groups)?.execute_stream().await?).await
    }

    /// The counts of each part over all rows; added up from the groups only if that gives the same.
    async fn totals(
        &self,
        parts: &[Part],
        groups: &Groups<'_>,
        range: TimeRange,
        grouped: &Grouped,
    ) -> Result<Grouped, Error> {
        if groups.is_empty() {
            return Ok(grouped.clone());
        }
        let adds_up = |part: &Part| part.is_additive() && !groups.overlap();
        let mut counted =
            self.count(parts, &Groups::NONE, range, |part| !adds_up(part)).await?.values.into_iter();
        let mut totals = Grouped { len: 1, ..Grouped::default() };
        for (part, values) in parts.iter().zip(&grouped.values) {
            let total = if adds_up(part) {
                values.iter().map(crate::query::response::total).collect()
            } else {
                counted.next().unwrap_or_default()
            };
            totals.values.push(total);
        }
        Ok(totals)
    }
}
