//! A query: metrics over a range of time, broken down by dimensions and buckets of time.

use crate::filter::Filters;
use crate::limits::QUERY_ROWS;
use crate::names::dimension::{Dimension, Fact, Named};
use crate::names::metric::{Counted, Metric};
use crate::names::segment::Segment;
use crate::time::buckets::Granularity;
use crate::time::range::{TimeRange, Zone};

/// The name of the column of buckets of time.
pub(crate) const TIME_COLUMN: &str = "time";

/// A request to `POST /query`; every name in it is known, and all of it can be counted together.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryRequest {
    /// The range in which the sessions began. An open end has no limit.
    pub range: TimeRange,
    /// The zone of the buckets, and of times that name no offset.
    pub zone: Zone,
    /// The metrics, in the order of the columns.
    pub metrics: Vec<Metric>,
    /// The dimensions of the breakdown, in the order of the columns.
    pub dimensions: Vec<Dimension>,
    /// Which rows count.
    pub filters: Filters,
    /// Which sessions count.
    pub segment: Segment,
    /// The buckets of time.
    pub granularity: Granularity,
    /// Whether open sessions count.
    pub include_open: bool,
    /// The order of the rows. Rows that it leaves equal, or all rows if it is empty, are sorted by time, then by the first
    /// metric, the highest first, then by the dimensions.
    pub order_by: Vec<Order>,
    /// The most rows in the response; `None` for the usual number.
    pub limit: Option<usize>,
    /// Whether the response has the names of its ids beside them.
    pub names: bool,
    /// The present, ms since the epoch: buckets that begin later are left out. `None` leaves none out.
    pub now_ms: Option<i64>,
}

/// One key of the order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub by: OrderBy,
    /// Whether the highest comes first. Null comes last in either case.
    pub is_descending: bool,
}

/// A column to order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderBy {
    /// The bucket of time.
    Time,
    /// A dimension, by its place among those of the query.
    Dimension(usize),
    /// The latest names of the values of a dimension, by its place among those of the query.
    Name(usize),
    /// A metric, by its place among those of the query.
    Metric(usize),
}

impl QueryRequest {
    /// A query for these metrics over all time, not broken down.
    pub fn new(metrics: Vec<Metric>) -> Self {
        Self {
            range: TimeRange::default(),
            zone: Zone::UTC,
            metrics,
            dimensions: Vec::new(),
            filters: Filters::default(),
            segment: Segment::default(),
            granularity: Granularity::None,
            include_open: true,
            order_by: Vec::new(),
            limit: None,
            names: false,
            now_ms: None,
        }
    }

    /// The same query, asked at this moment: hours that have not come are not drawn as empty ones.
    #[must_use]
    pub fn asked_at(self, now_ms: i64) -> Self {
        Self { now_ms: Some(now_ms), ..self }
    }

    /// The same query for a file, which has all rows unless the query names a limit: nothing in a file says that rows are
    /// missing.
    #[must_use]
    pub fn for_file(self) -> Self {
        Self { limit: self.limit.or(Some(usize::MAX)), ..self }
    }

    /// The most rows in the response.
    pub(crate) fn most_rows(&self) -> usize {
        self.limit.unwrap_or(QUERY_ROWS)
    }

    /// The dimensions that have their names beside them, with their places among those of the query.
    pub(crate) fn named(&self) -> impl Iterator<Item = (usize, &'static Named)> {
        let dimensions = self.dimensions.iter().enumerate().filter(|_| self.names);
        dimensions.filter_map(|(place, dimension)| Some((place, dimension.names()?)))
    }

    /// The facts whose rows have every dimension that the query names.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        let has_all = |fact: &Fact| {
            self.dimensions.iter().all(|dimension| dimension.is_on(*fact))
                && self.filters.missing_on(*fact).is_none()
        };
        Fact::ALL.into_iter().filter(has_all).collect()
    }

    /// The rows over which this query counts a metric: the first of the metric's facts that have all that the query names.
    pub(crate) fn fact_of(&self, metric: &Metric) -> Option<Fact> {
        let facts = self.facts();
        metric.facts().into_iter().find(|fact| facts.contains(fact))
    }

    /// The terms of a metric, each with the rows over which this query counts it.
    pub(crate) fn counted<'metric>(
        &self,
        metric: &'metric Metric,
    ) -> impl Iterator<Item = (&'metric Counted, Fact)> + use<'metric> {
        let fact = self.fact_of(metric);
        metric.terms().into_iter().filter_map(move |counted| Some((counted, fact?)))
    }
}
