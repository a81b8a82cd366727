//! The response to a query: its columns, rows and totals.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int32Array, Int64Array, RecordBatch, RecordBatchOptions,
    TimestampMicrosecondArray, UInt32Array,
};
use datafusion::arrow::compute::{SortColumn, SortOptions, cast, lexsort_to_indices, sum};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type, Schema};

use crate::error::Error;
use crate::names::metric::{Counted, Measure, Metric, MetricKind, Unit};
use crate::query::groups::{Grouped, arrow, take_all};
use crate::query::names::{AlsoKnownAs, DimensionNames};
use crate::query::plan::Part;
use crate::query::request::{OrderBy, QueryRequest, TIME_COLUMN};
use crate::time::buckets::Buckets;
use crate::time::range::{TimeRange, Zone};

/// The response to a query.
#[derive(Debug, Clone)]
pub struct QueryResponse {
    pub(crate) columns: Vec<ResponseColumn>,
    pub(crate) rows: RecordBatch,
    pub(crate) totals: RecordBatch,
    pub(crate) zone: Zone,
    pub(crate) row_count_total: usize,
    pub(crate) excluded_sessions: u64,
    pub(crate) is_partial: Option<Vec<bool>>,
    pub(crate) also_known_as: Option<Vec<AlsoKnownAs>>,
}

/// A column of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseColumn {
    /// Its name: `time`, or as the request named it.
    pub name: String,
    /// The kind of its content.
    pub kind: ResponseColumnKind,
    /// The type of its values: text, boolean, integer, number or time.
    pub value_type: &'static str,
    /// The unit of a metric.
    pub unit: Option<Unit>,
}

/// The content of a column of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseColumnKind {
    /// The starts of buckets of time.
    Time,
    /// The values of a dimension.
    Dimension,
    /// The latest names of the values of the dimension before it.
    Name,
    /// A metric.
    Metric,
}

impl ResponseColumnKind {
    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Dimension => "dimension",
            Self::Name => "name",
            Self::Metric => "metric",
        }
    }
}

/// The counts of a query.
#[derive(Debug)]
pub(crate) struct Counts<'a> {
    /// The parts that the columns of values come from.
    pub(crate) parts: &'a [Part],
    /// By group.
    pub(crate) grouped: Grouped,
    /// Over all rows.
    pub(crate) totals: Grouped,
}

impl QueryResponse {
    /// The response's columns, in order: time, dimensions, each with its names behind it if they were asked for, metrics.
    pub fn columns(&self) -> &[ResponseColumn] {
        &self.columns
    }

    /// The rows, for CSV and Parquet. The column of time holds moments in UTC.
    pub fn batch(&self) -> RecordBatch {
        self.rows.clone()
    }

    /// One row with the metrics over everything that was counted, whichever rows the response shows.
    pub fn totals(&self) -> RecordBatch {
        self.totals.clone()
    }

    /// The zone of the buckets of time.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The number of rows without a limit.
    pub fn row_count_total(&self) -> usize {
        self.row_count_total
    }

    /// Sessions that started in the range and are left out because an operator excluded them, whatever the filters.
    pub fn excluded_sessions(&self) -> u64 {
        self.excluded_sessions
    }

    /// Of each row, whether its bucket of time holds moments outside the range, or that have not come yet; `None` without
    /// buckets.
    pub fn is_partial(&self) -> Option<&[bool]> {
        self.is_partial.as_deref()
    }

    /// The other names of the ids in the rows, of those that have some; `None` unless names were asked for.
    pub fn also_known_as(&self) -> Option<&[AlsoKnownAs]> {
        self.also_known_as.as_deref()
    }

    /// Whether the response has all rows.
    pub fn is_complete(&self) -> bool {
        self.rows.num_rows() == self.row_count_total
    }

    pub(crate) fn new(
        request: &QueryRequest,
        buckets: Option<&Buckets>,
        counts: &Counts<'_>,
        names: &[DimensionNames],
    ) -> Result<Self, Error> {
        let has_groups = buckets.is_some() || !request.dimensions.is_empty();
        let mut grouped = counts.grouped.clone();
        if !has_groups && !counts.found_any() {
            grouped.len = 0;
        }
        // A series has no gaps. With a dimension, only existing groups have rows.
        if let Some(buckets) = buckets.filter(|_| request.dimensions.is_empty() && grouped.len > 0) {
            grouped = filled(&grouped, buckets.shown(counted_buckets(&grouped), request.now_ms))?;
        }
        let metrics: Vec<ArrayRef> =
            request.metrics.iter().map(|metric| counts.metric(request, metric, &grouped)).collect();
        let row_count_total = grouped.len;
        let order = ordered(request, buckets.is_some(), &grouped.keys, &metrics, names)?;
        let mut columns = take_all(&grouped.keys, &order)?;
        columns.extend(take_all(&metrics, &order)?);
        let mut is_partial = None;
        if let Some(buckets) = buckets {
            is_partial = Some(partial(&columns[0], buckets, request.range.until(request.now_ms)));
            columns[0] = moments(&columns[0], buckets);
        }
        let totals: Vec<ArrayRef> =
            request.metrics.iter().map(|metric| counts.metric(request, metric, &counts.totals)).collect();
        let described = described(request, buckets.is_some());
        let behind_keys = described.len() - request.metrics.len();
        Ok(Self {
            rows: batch(&described, columns, order.len())?,
            totals: batch(&described[behind_keys..], totals, 1)?,
            columns: described,
            zone: request.zone.clone(),
            row_count_total,
            excluded_sessions: 0,
            is_partial,
            also_known_as: None,
        })
    }
}

impl Counts<'_> {
    /// Whether any row was counted; for a query without groups.
    fn found_any(&self) -> bool {
        let parts = self.parts.iter().zip(&self.grouped.values);
        let mut columns = parts.flat_map(|(part, values)| part.measures.iter().zip(values));
        columns.any(|(measure, values)| {
            if values.is_empty() || values.is_null(0) {
                return false;
            }
            match measure {
                Measure::Rows | Measure::DistinctSessions | Measure::DistinctVisitors => {
                    values.as_primitive::<Int64Type>().value(0) > 0
                }
                Measure::Quantile(..) => true,
                _ => false,
            }
        })
    }

    /// The values of a metric, one for each group.
    fn metric(&self, request: &QueryRequest, metric: &Metric, grouped: &Grouped) -> ArrayRef {
        let column = |counted: &Counted| {
            let fact = request.fact_of(metric)?;
            let measure = counted.over(fact)?;
            let place =
                self.parts.iter().position(|part| part.fact == fact && part.measures.contains(measure))?;
            let within = self.parts[place].measures.iter().position(|other| other == measure)?;
            grouped.values.get(place)?.get(within).cloned()
        };
        let decimals = metric.unit.decimals();
        match &metric.kind {
            MetricKind::Counted(counted) => {
                let values = column(counted);
                let zero = metric.is_zero_without_rows();
                if metric.is_whole() {
                    let values = values.iter().flat_map(|values| values.as_primitive::<Int64Type>());
                    let values = values.map(|value| if zero { Some(value.unwrap_or(0)) } else { value });
                    return Arc::new(values.take(grouped.len).collect::<Int64Array>());
                }
                let values = values.iter().flat_map(|values| values.as_primitive::<Float64Type>());
                let values = values.map(|value| if zero { Some(value.unwrap_or(0.0)) } else { value });
                let values = values.map(|value| value.map(|value| rounded(value, decimals)));
                Arc::new(values.take(grouped.len).collect::<Float64Array>())
            }
            MetricKind::Ratio { numerator, denominator, scale } => {
                let added = |terms: &[Counted]| {
                    let mut sums = vec![0.0; grouped.len];
                    for values in terms.iter().filter_map(&column) {
                        add(&mut sums, &values);
                    }
                    sums
                };
                let (above, below) = (added(numerator), added(denominator));
                let quotients = above.into_iter().zip(below).map(|(above, below)| {
                    let quotient = above * scale / below;
                    (below != 0.0 && quotient.is_finite()).then(|| rounded(quotient, decimals))
                });
                Arc::new(quotients.collect::<Float64Array>())
            }
        }
    }
}

fn add(sums: &mut [f64], values: &ArrayRef) {
    let Ok(values) = cast(values, &DataType::Float64) else { return };
    for (sum, value) in sums.iter_mut().zip(values.as_primitive::<Float64Type>()) {
        *sum += value.unwrap_or(0.0);
    }
}

/// The sum of a column, as a column of one row; null if it has no value.
pub(crate) fn total(values: &ArrayRef) -> ArrayRef {
    if values.data_type() == &DataType::Int64 {
        return Arc::new(Int64Array::from(vec![sum(values.as_primitive::<Int64Type>())]));
    }
    Arc::new(Float64Array::from(vec![sum(values.as_primitive::<Float64Type>())]))
}

/// Rounds a number to so many decimals.
pub(crate) fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    let scaled = (value * scale).round();
    // If the scaled number overflows, the number has no decimals. Adding 0 removes the sign of a zero.
    if scaled.is_finite() { scaled / scale + 0.0 } else { value }
}

/// How many buckets there are up to the last one with a row.
fn counted_buckets(grouped: &Grouped) -> usize {
    let numbers = grouped.keys.first().map(|keys| keys.as_primitive::<Int32Type>());
    let last = numbers.into_iter().flatten().flatten().max();
    last.and_then(|last| usize::try_from(last).ok()).map_or(0, |last| last + 1)
}

/// Whether each bucket is covered only in part.
fn partial(numbers: &ArrayRef, buckets: &Buckets, counted: TimeRange) -> Vec<bool> {
    let numbers = numbers.as_primitive::<Int32Type>().iter();
    let is_partial =
        |number: i32| usize::try_from(number).is_ok_and(|bucket| buckets.is_partial(bucket, counted));
    numbers.map(|number| number.is_some_and(is_partial)).collect()
}

/// The groups of a series with its empty buckets, one for each bucket.
fn filled(grouped: &Grouped, buckets: usize) -> Result<Grouped, Error> {
    let mut rows: Vec<Option<u32>> = vec![None; buckets];
    if let Some(times) = grouped.keys.first() {
        for (row, bucket) in times.as_primitive::<Int32Type>().iter().enumerate() {
            let bucket = bucket.and_then(|bucket| usize::try_from(bucket).ok());
            if let Some(slot) = bucket.and_then(|bucket| rows.get_mut(bucket)) {
                *slot = u32::try_from(row).ok();
            }
        }
    }
    let rows = UInt32Array::from(rows);
    let values: Result<Vec<_>, Error> = grouped.values.iter().map(|values| take_all(values, &rows)).collect();
    let numbers = (0..buckets).map(|bucket| i32::try_from(bucket).ok());
    let times: ArrayRef = Arc::new(numbers.collect::<Int32Array>());
    Ok(Grouped { len: buckets, keys: vec![times], values: values? })
}

/// The rows of the response, in their order.
fn ordered(
    request: &QueryRequest,
    has_time: bool,
    keys: &[ArrayRef],
    metrics: &[ArrayRef],
    names: &[DimensionNames],
) -> Result<UInt32Array, Error> {
    let before = usize::from(has_time);
    let rows = keys.iter().chain(metrics).map(|column| column.len()).next().unwrap_or(0);
    let latest =
        |place: usize| Some(names.iter().find(|of| of.place == place)?.latest(keys.get(before + place)?));
    let named: Vec<Option<ArrayRef>> = (0..request.dimensions.len()).map(latest).collect();
    let mut columns = Vec::new();
    let mut push = |values: Option<&ArrayRef>, descending: bool| {
        let options = Some(SortOptions { descending, nulls_first: false });
        columns.extend(values.map(|values| SortColumn { values: values.clone(), options }));
    };
    for order in &request.order_by {
        let values = match order.by {
            OrderBy::Time => keys.first().filter(|_| has_time),
            OrderBy::Dimension(place) => keys.get(before + place),
            OrderBy::Name(place) => named.get(place).and_then(Option::as_ref),
            OrderBy::Metric(place) => metrics.get(place),
        };
        push(values, order.is_descending);
    }
    push(keys.first().filter(|_| has_time), false);
    push(metrics.first(), true);
    for values in keys.iter().skip(before) {
        push(Some(values), false);
    }
    // Without groups there is at most one row, so there is no order.
    if rows == 0 || columns.is_empty() {
        return Ok((0..u32::try_from(rows).unwrap_or(0)).collect());
    }
    Ok(lexsort_to_indices(&columns, Some(request.most_rows())).map_err(arrow)?)
}

/// The starts of buckets, by their numbers.
fn moments(numbers: &ArrayRef, buckets: &Buckets) -> ArrayRef {
    let starts = buckets.starts_ms();
    let start_us = |number: i32| Some(starts.get(usize::try_from(number).ok()?)?.saturating_mul(1_000));
    let numbers = numbers.as_primitive::<Int32Type>().iter();
    let moments: TimestampMicrosecondArray = numbers.map(|number| number.and_then(start_us)).collect();
    Arc::new(moments.with_timezone("UTC"))
}

fn described(request: &QueryRequest, has_time: bool) -> Vec<ResponseColumn> {
    let time = has_time.then(|| ResponseColumn {
        name: TIME_COLUMN.to_owned(),
        kind: ResponseColumnKind::Time,
        value_type: "time",
        unit: None,
    });
    let dimensions = request.dimensions.iter().map(|dimension| ResponseColumn {
        name: dimension.name.to_string(),
        kind: ResponseColumnKind::Dimension,
        value_type: dimension.kind.name(),
        unit: None,
    });
    let metrics = request.metrics.iter().map(|metric| ResponseColumn {
        name: metric.name.to_string(),
        kind: ResponseColumnKind::Metric,
        value_type: if metric.is_whole() { "integer" } else { "number" },
        unit: Some(metric.unit),
    });
    time.into_iter().chain(dimensions).chain(metrics).collect()
}

pub(crate) fn batch(
    described: &[ResponseColumn],
    columns: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, Error> {
    let fields = described.iter().zip(&columns);
    let fields: Vec<Field> =
        fields.map(|(column, values)| Field::new(&column.name, values.data_type().clone(), true)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options);
    Ok(batch.map_err(arrow)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_never_lost() {
        assert_eq!(rounded(0.1 + 0.2, 3), 0.3);
        assert_eq!(rounded(1.0 / 3.0, 6), 0.333333);
        assert_eq!(rounded(f64::MAX, 6), f64::MAX);
        assert!(rounded(-1e-9, 3).is_sign_positive());
    }
}
