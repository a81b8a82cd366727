//! Uses the lake's sums of whole days in place of their sessions.
//!
//! A rollup can replace sessions if the query needs only its dimensions and sums, and if no bucket of time divides a
//! UTC day. The parts of days at the ends of the range, the days without a valid rollup and the rows that are not in the
//! lake yet are counted from sessions; all of it as of one moment, so that each session counts once.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::{Expr, cast, lit};
use datafusion::prelude::{DataFrame, SessionContext, ident};
use playhead_lake::Table;
use playhead_lake::tables::rollup_tables::{IMPACTED_STREAMS, ROLLUPS, Rollup, SESSIONS, STARTED_DAY};
use playhead_protocol::SessionId;
use playhead_protocol::time::DAY_MS;

use crate::engine::exclusions::is_of_none;
use crate::engine::whole_table::WholeTable;
use crate::error::Error;
use crate::functions::bucket::bucket_of;
use crate::names::dimension::{Dimension, Fact};
use crate::names::metric::Measure;
use crate::query::plan::{Groups, Part, STARTED_AT, conditions, value_type};
use crate::query::request::QueryRequest;
use crate::time::range::{TimeRange, moment_literal};

/// A part of a query that a rollup can serve.
#[derive(Debug, Clone)]
pub(crate) struct RolledUpPart<'a> {
    rollup: &'static Rollup,
    part: &'a Part,
    request: &'a QueryRequest,
    groups: &'a Groups<'a>,
    range: TimeRange,
    /// The whole days of the range, as days since the epoch; an open end has no limit.
    days: (Option<i32>, Option<i32>),
}

impl<'a> RolledUpPart<'a> {
    /// The part, if a rollup can serve it.
    pub(crate) fn of(
        part: &'a Part,
        request: &'a QueryRequest,
        groups: &'a Groups<'a>,
        range: TimeRange,
    ) -> Option<Self> {
        let divides_days = |buckets: &crate::time::buckets::Buckets| {
            let mut bounds = buckets.starts_ms().iter().copied().chain(buckets.end_ms());
            bounds.any(|bound_ms| bound_ms % DAY_MS != 0)
        };
        if part.fact != Fact::Sessions
            || !part.is_additive()
            || groups.buckets.as_deref().is_some_and(divides_days)
            || !part.measures.iter().all(|measure| sum_column(measure).is_some())
        {
            return None;
        }
        let from = range.from_ms.map(|ms| i32::try_from(-(-ms).div_euclid(DAY_MS))).transpose().ok()?;
        let to = range.to_ms.map(|ms| i32::try_from(ms.div_euclid(DAY_MS))).transpose().ok()?;
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            return None;
        }
        let named = groups.dimensions.iter().chain(request.filters.dimensions());
        let named: Vec<&Dimension> = named.collect();
        let knows = |rollup: &&Rollup| {
            let knows = |name: &str| rollup.dimensions.contains(&name);
            named.iter().all(|dimension| dimension.column().is_some_and(knows))
                && knows("content_type")
                && knows("stream_type")
        };
        let rollup = ROLLUPS.iter().find(knows)?;
        Some(Self { rollup, part, request, groups, range, days: (from, to) })
    }

    /// Counts the part; `None` if no day has a valid rollup, because the sessions are as fast then.
    pub(crate) async fn count(
        &self,
        context: &SessionContext,
        sessions: &WholeTable,
    ) -> Result<Option<DataFrame>, Error> {
        let condition = conditions(self.request, self.part.fact, &self.range);
        let places = self.part.places(self.groups, condition.as_ref())?;
        let memory = &context.runtime_env().memory_pool;
        let whole = sessions.rolled_up(self.rollup, &places, condition.as_ref(), memory).await?;
        let Some(whole) = whole else { return Ok(None) };
        let Some(stored) = whole.stored else { return Ok(None) };
        let Some(rolled_up) = stored.rows().await? else { return Ok(None) };
        let mut counted = self.of_rollup(context.read_table(rolled_up)?)?;
        let columns = Table::Sessions.columns();
        let columns: Vec<Expr> =
            places.iter().filter_map(|place| Some(ident(columns.get(*place)?.name))).collect();
        let read = |provider: Arc<dyn TableProvider>, left_out: &HashSet<SessionId>| {
            let rows = context.read_table(provider)?;
            let rows = if left_out.is_empty() { rows } else { rows.filter(is_of_none(left_out))? };
            rows.select(columns.clone())
        };
        let mut rows: Vec<DataFrame> = Vec::new();
        if let Some(other) = stored.other_sessions().await? {
            rows.push(read(other, &whole.hidden)?);
        }
        for provider in whole.unstored {
            rows.push(read(provider, &whole.excluded)?);
        }
        if let (Some(parts_of_days), Some(covered)) = (self.parts_of_days(), stored.covered_sessions().await?)
        {
            rows.push(read(covered, &whole.hidden)?.filter(parts_of_days)?);
        }
        for rows in rows {
            let rows = match &condition {
                Some(condition) => rows.filter(condition.clone())?,
                None => rows,
            };
            let partial = self.part.aggregate(rows, self.groups)?;
            counted = counted.union(self.typed(partial)?)?;
        }
        let groups = (0..self.groups.len()).map(|index| ident(format!("g{index}"))).collect();
        let sums = (0..self.part.measures.len())
            .map(|index| sum(ident(format!("s{index}"))).alias(format!("s{index}")))
            .collect();
        Ok(Some(counted.aggregate(groups, sums)?))
    }

    /// The counts from the rollup's rows.
    fn of_rollup(&self, mut rows: DataFrame) -> Result<DataFrame, Error> {
        let day = |day: i32| lit(ScalarValue::Date32(Some(day)));
        let from = self.days.0.map(|from| ident(STARTED_DAY).gt_eq(day(from)));
        let to = self.days.1.map(|to| ident(STARTED_DAY).lt(day(to)));
        // Stored sessions have closed, so `include_open` does not affect them.
        let closed_or_not = QueryRequest { include_open: true, ..self.request.clone() };
        let others = conditions(&closed_or_not, self.part.fact, &TimeRange::default());
        for condition in [from, to, others].into_iter().flatten() {
            rows = rows.filter(condition)?;
        }
        let moment = cast(ident(STARTED_DAY), playhead_lake::Kind::Time.data_type());
        let time = self.groups.buckets.as_ref().map(|buckets| bucket_of(buckets.clone(), moment));
        let dimensions = self.groups.dimensions.iter().map(|dimension| dimension.expr(self.part.fact));
        let groups = time.into_iter().chain(dimensions).enumerate();
        let groups = groups.map(|(index, group)| group.alias(format!("g{index}"))).collect();
        let sums = self.part.measures.iter().enumerate();
        let sums = sums
            .filter_map(|(index, measure)| Some(sum(ident(sum_column(measure)?)).alias(format!("s{index}"))));
        self.typed(rows.aggregate(groups, sums.collect())?)
    }

    /// The condition that a session starts in the part of a day at either end of the range; `None` if the range consists
    /// of whole days.
    fn parts_of_days(&self) -> Option<Expr> {
        let start_ms = |day: i32| i64::from(day) * DAY_MS;
        let before = self.days.0.filter(|day| self.range.from_ms != Some(start_ms(*day)));
        let behind = self.days.1.filter(|day| self.range.to_ms != Some(start_ms(*day)));
        let before = before.map(|day| ident(STARTED_AT).lt(moment_literal(start_ms(day))));
        let behind = behind.map(|day| ident(STARTED_AT).gt_eq(moment_literal(start_ms(day))));
        before.into_iter().chain(behind).reduce(Expr::or)
    }

    /// Casts counts to their common types, so that counts from several sources can form one union.
    fn typed(&self, counts: DataFrame) -> Result<DataFrame, Error> {
        let typed = |name: String, data_type: DataType| cast(ident(name.clone()), data_type).alias(name);
        let groups = self.groups.types().into_iter().enumerate();
        let groups = groups.map(|(index, data_type)| typed(format!("g{index}"), data_type));
        let sums = self.part.measures.iter().enumerate();
        let sums = sums.map(|(index, measure)| typed(format!("s{index}"), value_type(measure)));
        Ok(counts.select(groups.chain(sums).collect::<Vec<_>>())?)
    }
}

/// The column of a rollup that holds the sum of a measure.
fn sum_column(measure: &Measure) -> Option<String> {
    match measure {
        Measure::Rows => Some(SESSIONS.to_owned()),
        Measure::Sum(column) | Measure::SumNumber(column) => Some((*column).to_owned()),
        Measure::Present(column) => Some(format!("{column}_sessions")),
        Measure::Positive(column) => {
            IMPACTED_STREAMS.iter().find(|(_, of)| of == column).map(|(name, _)| (*name).to_owned())
        }
        Measure::End(_)
        | Measure::State(..)
        | Measure::DistinctSessions
        | Measure::DistinctVisitors
        | Measure::Quantile(..) => None,
    }
}
