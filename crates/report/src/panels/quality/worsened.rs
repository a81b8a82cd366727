//! What got worse: the values of dimensions that have a larger share of the affected sessions in a stretch of time than in the
//! stretch before.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, cast, lit, when};
use datafusion::prelude::{SessionContext, ident};
use playhead_lake::Table;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::filter::json::unknown_dimension;
use crate::limits::{USUAL_PANEL_RANGE_MS, WORSENED_DIMENSIONS, WORSENED_VALUES};
use crate::names::dimension::{Dimension, DimensionKind, Fact};
use crate::nearest::quoted;
use crate::panels::groups::{Groups, Sums, count, grouped_by_each, rows_of, rows_where};
use crate::panels::panel_request::{Params, Scope, ScopeResponse, breakdown_dimension};
use crate::panels::share;
use crate::panels::value_names::{ValueName, ValueNames};
use crate::time::range::{TimeRange, moment_literal};

/// The dimensions that are looked through if the request names none.
const USUAL_DIMENSIONS: [&str; 12] = [
    "report_suite",
    "channel",
    "player_name",
    "app_version",
    "content_id",
    "content_type",
    "stream_format",
    "average_bitrate_bucket",
    "network",
    "mvpd",
    "feed",
    "source",
];

/// A request for what got worse.
#[derive(Debug, Clone, PartialEq)]
pub struct WorsenedRequest {
    /// The stretch: sessions that started in it. The stretch before is as long and ends where this one begins.
    pub scope: Scope,
    dimensions: Vec<Dimension>,
    /// The name of what affected sessions have more of.
    metric: String,
    above: f64,
    /// Whether a session is affected.
    affected: Expr,
    top: usize,
    with_names: bool,
}

impl WorsenedRequest {
    /// Parses the parameters `from`, `to`, `time_zone`, `filters`, `segment`, `include_open`, `metric`, `above`, `by` (names
    /// of dimensions with commas between them), `limit` and `names`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse(pairs: &[(String, String)], now_ms: i64) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let mut scope = params.scope(Fact::Sessions);
        params.closed_range(&mut scope, now_ms, USUAL_PANEL_RANGE_MS);
        let top = params.top();
        let metric = params.text("metric").unwrap_or("error_impacted_streams");
        let measure = Dimension::named(metric).filter(is_measure);
        if measure.is_none() {
            let message = match Dimension::named(metric) {
                Some(_) => format!("names {}, which is no number of a session", quoted(metric)),
                None => unknown_dimension(metric, false),
            };
            params.faults.push("metric", message);
        }
        let above = params.text("above").map_or(0.0, |text| {
            text.parse().ok().filter(|above: &f64| above.is_finite()).unwrap_or_else(|| {
                params.faults.push("above", format_args!("must be a number, not {}", quoted(text)));
                0.0
            })
        });
        let by = params.text("by");
        let names: Vec<&str> = by.map_or(USUAL_DIMENSIONS.to_vec(), |names| names.split(',').collect());
        if names.len() > WORSENED_DIMENSIONS {
            params.faults.push("by", format_args!("names more than {WORSENED_DIMENSIONS} dimensions"));
        }
        let (named, mut dimensions) = (names.len(), Vec::new());
        for name in names.into_iter().take(WORSENED_DIMENSIONS) {
            match breakdown_dimension(name, Fact::Sessions) {
                Ok(dimension) => dimensions.push(dimension),
                Err(message) => params.faults.push("by", message),
            }
        }
        let with_names = params.with_names((dimensions.len() == named).then_some(&dimensions));
        let affected = measure.map_or(lit(false), |measure| number_of(&measure).gt(lit(above)));
        let metric = metric.to_owned();
        params.finish(Self { scope, dimensions, metric, above, affected, top, with_names })
    }

    /// The stretch, and the one before: as long, up to where this one begins.
    fn stretches(&self) -> [TimeRange; 2] {
        let (from_ms, to_ms) = (self.scope.range.from_ms.unwrap_or(0), self.scope.range.to_ms.unwrap_or(0));
        let before_ms = from_ms.saturating_sub(to_ms.saturating_sub(from_ms));
        [(from_ms, to_ms), (before_ms, from_ms)]
            .map(|(from_ms, to_ms)| TimeRange { from_ms: Some(from_ms), to_ms: Some(to_ms) })
    }
}

fn is_measure(dimension: &Dimension) -> bool {
    let is_number = !matches!(dimension.kind, DimensionKind::Text | DimensionKind::Time);
    is_number && dimension.is_on(Fact::Sessions)
}

/// The value of a measure in a session; truth values as 0 and 1.
fn number_of(measure: &Dimension) -> Expr {
    let value = measure.expr(Fact::Sessions);
    let value = if measure.kind == DimensionKind::Boolean { cast(value, DataType::Int64) } else { value };
    cast(value, DataType::Float64)
}

/// What got worse.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct WorsenedResponse {
    /// The stretch.
    pub scope: ScopeResponse,
    /// Where the stretch before begins, which ends where this one begins.
    pub before_from: String,
    /// The metric by which a session is affected.
    pub metric: String,
    /// A session is affected if the metric is above this in it.
    pub above: f64,
    /// All sessions of the stretch.
    pub now: Affected,
    /// All sessions of the stretch before.
    pub before: Affected,
    /// The values whose share of the affected sessions rose most, the largest rise first.
    pub values: Vec<WorsenedValue>,
}

/// Sessions, and the affected ones among them.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Affected {
    /// Sessions.
    pub sessions: u64,
    /// The affected ones.
    pub affected: u64,
    /// Their part of the sessions; null without sessions.
    pub rate: Option<f64>,
}

/// A value of a dimension.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct WorsenedValue {
    /// The dimension.
    pub dimension: String,
    /// The value; null for sessions without one.
    pub value: Option<String>,
    /// Its name.
    #[serde(flatten)]
    pub name: ValueName,
    /// Its sessions in the stretch.
    pub now: Affected,
    /// Its sessions in the stretch before.
    pub before: Affected,
    /// Its share of the affected sessions of the stretch.
    pub share: f64,
    /// Its share of the affected sessions of the stretch before; if that had none, its share of all sessions there, and without
    /// sessions its share of those of the stretch.
    pub share_before: f64,
}

impl Reports {
    /// What got worse.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn worsened(&self, request: &WorsenedRequest) -> Result<WorsenedResponse, Error> {
        self.run(self.worsened_in_turn(request)).await
    }

    async fn worsened_in_turn(&self, request: &WorsenedRequest) -> Result<WorsenedResponse, Error> {
        let context = self.context();
        let [now, before] = request.stretches();
        let both = TimeRange { from_ms: before.from_ms, to_ms: now.to_ms };
        let condition = Scope { range: both, ..request.scope.clone() }.started(Fact::Sessions);
        let is_now = ident("started_at").gt_eq(moment_literal(now.from_ms.unwrap_or(0)));
        let affected = when(request.affected.clone(), lit(true)).otherwise(lit(false))?;
        let is_before = || is_now.clone().not_eq(lit(true));
        let sums = vec![
            rows_where(is_now.clone().and(affected.clone()))?,
            rows_where(is_now.clone())?,
            rows_where(is_before().and(affected))?,
            rows_where(is_before())?,
        ];
        let text = |dimension: &Dimension| cast(dimension.expr(Fact::Sessions), DataType::Utf8);
        let keys = request.dimensions.iter().map(text).collect();
        let rows = rows_of(&context, Table::Sessions, condition.clone()).await?;
        let by_dimension = grouped_by_each(rows, keys, sums, WORSENED_VALUES).await?;
        // Each session has one value of each dimension, so the groups of any of them have all sessions.
        let all = by_dimension.first().map_or(vec![0; 4], |groups| groups.all.clone());
        let of_dimension =
            |(dimension, groups): (&Dimension, Groups)| worsened_values(dimension, groups, &all);
        let mut values: Vec<WorsenedValue> =
            request.dimensions.iter().zip(by_dimension).flat_map(of_dimension).collect();
        values.sort_by(|one, other| {
            rise(other)
                .total_cmp(&rise(one))
                .then_with(|| (&one.dimension, &one.value).cmp(&(&other.dimension, &other.value)))
        });
        values.truncate(request.top);
        if request.with_names {
            name_values(&context, condition, &request.dimensions, &mut values).await?;
        }
        Ok(WorsenedResponse {
            before_from: request.scope.zone.written(before.from_ms.unwrap_or(0)),
            scope: request.scope.response(),
            metric: request.metric.clone(),
            above: request.above,
            now: affected_of(all[1], all[0]),
            before: affected_of(all[3], all[2]),
            values,
        })
    }
}

/// Names the values of dimensions that have names.
async fn name_values(
    context: &SessionContext,
    condition: Option<Expr>,
    dimensions: &[Dimension],
    values: &mut [WorsenedValue],
) -> Result<(), Error> {
    for dimension in dimensions.iter().filter(|dimension| dimension.named_by().is_some()) {
        let of_dimension = |value: &&WorsenedValue| value.dimension == dimension.name;
        let ids = values.iter().filter(of_dimension).map(|value| value.value.as_deref());
        let names = ValueNames::of_sessions(context, condition.clone(), dimension, ids).await?;
        let of_dimension = values.iter_mut().filter(|value| value.dimension == dimension.name);
        of_dimension.for_each(|value| value.name = names.of(value.value.as_deref()));
    }
    Ok(())
}

/// The values of a dimension whose share rose.
fn worsened_values(dimension: &Dimension, groups: Groups, all: &Sums) -> Vec<WorsenedValue> {
    let part = |part: i64, whole: i64| share(count(part), count(whole));
    let values = groups.top.into_iter().filter_map(|mut group| {
        let sums = &group.sums;
        let before =
            part(sums[2], all[2]).or_else(|| part(sums[3], all[3])).or_else(|| part(sums[1], all[1]));
        Some(WorsenedValue {
            dimension: dimension.name.to_string(),
            now: affected_of(sums[1], sums[0]),
            before: affected_of(sums[3], sums[2]),
            share: part(sums[0], all[0])?,
            share_before: before?,
            value: group.values.pop().flatten(),
            name: ValueName::default(),
        })
    });
    values.filter(|value| rise(value) > 0.0).collect()
}

fn rise(value: &WorsenedValue) -> f64 {
    value.share - value.share_before
}

fn affected_of(sessions: i64, affected: i64) -> Affected {
    let (sessions, affected) = (count(sessions), count(affected));
    Affected { sessions, affected, rate: share(affected, sessions) }
}
