//! The time-spent panel: playing time in buckets by the clock of a time zone.
//!
//! Playing time is the time of content and ads (`playing_spans`). Each span is cut at the bounds of the buckets and of the
//! range, so the buckets add up to all playing time in the range. If clocks are set, a bucket may be shorter; an hour
//! that comes twice is two buckets.

use std::collections::HashMap;

use datafusion::logical_expr::Expr;
use datafusion::prelude::{SessionContext, ident};
use futures::StreamExt;
use playhead_lake::Table;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::limits::USUAL_PANEL_RANGE_MS;
use crate::names::dimension::Fact;
use crate::panels::memory::{PanelMemory, unexpected_column};
use crate::panels::panel_request::{Breakdown, Params, Scope, ScopeResponse};
use crate::panels::rows;
use crate::panels::span_columns::TimeSpanColumn;
use crate::panels::value_names::{ValueName, ValueNames};
use crate::panels::values::{Values, text, texts};
use crate::time::buckets::Buckets;

/// A request for playing time by the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSpentRequest {
    /// Which sessions. The range is closed.
    pub scope: Scope,
    /// The length of a bucket, minutes.
    pub bucket_minutes: u32,
    buckets: Buckets,
    range: (i64, i64),
    now_ms: i64,
    /// The breakdown of the time.
    pub breakdown: Option<Breakdown>,
}

impl TimeSpentRequest {
    /// Parses the parameters `from`, `to` (by default the last 24 hours), `time_zone`, `bucket` (`5`, `15`, `30`, `60`
    /// minutes; by default 60), `filters`, `segment`, `include_open`, `by`, `limit`, `names`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults, such as a range with too many buckets.
    pub fn parse(pairs: &[(String, String)], now_ms: i64) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let mut scope = params.scope(Fact::Sessions);
        let bucket_minutes = params.choice("bucket", &[("60", 60), ("5", 5), ("15", 15), ("30", 30)]);
        let breakdown = params.breakdown(Fact::Sessions);
        let range = params.closed_range(&mut scope, now_ms, USUAL_PANEL_RANGE_MS);
        let unit_ms = i64::from(bucket_minutes) * 60_000;
        let buckets = params.clock_buckets(&scope, range, unit_ms);
        params.finish(Self { scope, bucket_minutes, buckets, range, now_ms, breakdown })
    }
}

/// Playing time by the clock.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct TimeSpentResponse {
    /// Which sessions were counted.
    pub scope: ScopeResponse,
    /// The length of a bucket, minutes.
    pub bucket_minutes: u32,
    /// When each bucket begins, RFC 3339 with the offset of the zone. The first may begin before the range.
    pub starts: Vec<String>,
    /// Of each bucket, whether it holds moments outside the range, or that have not come yet. Buckets that have not begun
    /// are left out.
    pub is_partial: Vec<bool>,
    /// All playing time.
    #[serde(flatten)]
    pub all: TimeSeries,
    /// The breakdown of the time; null without one.
    pub by: Option<String>,
    /// The values with the most time, the most first; among equals in order of their texts.
    pub series: Vec<ValueTimeSeries>,
    /// All other values together; null if there are none.
    pub other: Option<TimeSeries>,
    /// How many other values there are.
    pub other_values: u64,
}

/// Playing time in each bucket.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct TimeSeries {
    /// Seconds played in each bucket, to the millisecond.
    pub seconds: Vec<f64>,
    /// Their sum, seconds.
    pub total_seconds: f64,
}

/// Playing time of one value of the breakdown.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct ValueTimeSeries {
    /// The value as text; null for sessions without one.
    pub value: Option<String>,
    /// Its name.
    #[serde(flatten)]
    pub name: ValueName,
    /// Its time.
    #[serde(flatten)]
    pub time: TimeSeries,
}

/// One series' share of a bucket, in a form in which a span costs the same however many buckets it covers.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    /// Time of spans that begin or end in it, ms.
    part_ms: i64,
    /// The change, from the bucket before, in the number of spans that cover the bucket as a whole.
    whole_change: i64,
}

/// Time by value and bucket.
#[derive(Debug, Default)]
struct Times {
    shares: HashMap<(u32, u32), Share>,
    /// All time of each value, ms.
    totals_ms: Vec<i64>,
}

/// Bytes of one share, with its part of the map's free space.
const SHARE_BYTES: usize = 2 * size_of::<((u32, u32), Share)>();

impl Times {
    fn add(
        &mut self,
        value: u32,
        (from_ms, to_ms): (i64, i64),
        buckets: &Buckets,
        memory: &PanelMemory,
    ) -> Result<(), Error> {
        let (Some(first), Some(last)) = (buckets.index_of(from_ms), buckets.index_of(to_ms - 1)) else {
            return Ok(());
        };
        self.totals_ms.resize(self.totals_ms.len().max(value as usize + 1), 0);
        self.totals_ms[value as usize] += to_ms - from_ms;
        if first == last {
            self.share(value, first, memory)?.part_ms += to_ms - from_ms;
            return Ok(());
        }
        let starts = buckets.starts_ms();
        self.share(value, first, memory)?.part_ms += starts[first + 1] - from_ms;
        self.share(value, last, memory)?.part_ms += to_ms - starts[last];
        if first + 1 < last {
            self.share(value, first + 1, memory)?.whole_change += 1;
            self.share(value, last, memory)?.whole_change -= 1;
        }
        Ok(())
    }

    fn share(&mut self, value: u32, bucket: usize, memory: &PanelMemory) -> Result<&mut Share, Error> {
        let key = (value, bucket as u32);
        if !self.shares.contains_key(&key) {
            memory.take(SHARE_BYTES)?;
        }
        Ok(self.shares.entry(key).or_default())
    }
}

impl Reports {
    /// Playing time by the clock.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn time_spent(&self, request: &TimeSpentRequest) -> Result<TimeSpentResponse, Error> {
        self.run(async {
            let context = self.context();
            let (times, values) = collect_times(&context, request).await?;
            let mut response = response(request, &times, values);
            if let Some(Breakdown { dimension, with_names: true, .. }) = &request.breakdown {
                let values = response.series.iter().map(|of| of.value.as_deref());
                let names = ValueNames::of_sessions(&context, there(request), dimension, values).await?;
                response.series.iter_mut().for_each(|of| of.name = names.of(of.value.as_deref()));
            }
            Ok(response)
        })
        .await
    }
}

/// The sessions that may have played in the range.
fn there(request: &TimeSpentRequest) -> Option<Expr> {
    request.scope.there(request.range.0, request.range.1)
}

async fn collect_times(
    context: &SessionContext,
    request: &TimeSpentRequest,
) -> Result<(Times, Values), Error> {
    const VALUE: &str = "breakdown_value";
    let memory = PanelMemory::new(context);
    let (from_ms, to_ms) = request.range;
    let mut columns = vec![ident("playing_spans")];
    columns.extend(request.breakdown.as_ref().map(|breakdown| breakdown.value(Fact::Sessions).alias(VALUE)));
    let mut stream = rows(context, Table::Sessions, there(request), columns).await?;
    let (mut times, mut values) = (Times::default(), Values::default());
    while let Some(batch) = stream.next().await.transpose()? {
        let spans = TimeSpanColumn::new(batch.column(0)).ok_or_else(|| unexpected_column("playing_spans"))?;
        let breakdown = batch.column_by_name(VALUE).map(|column| texts(column, VALUE)).transpose()?;
        for row in 0..batch.num_rows() {
            let mut value = None;
            for (span_from_ms, span_to_ms) in spans.row(row) {
                let span = (span_from_ms.max(from_ms), span_to_ms.min(to_ms));
                if span.0 >= span.1 {
                    continue;
                }
                let value = match (value, breakdown) {
                    (Some(value), _) => value,
                    (None, Some(column)) => *value.insert(values.number(text(column, row), &memory)?),
                    (None, None) => *value.insert(0),
                };
                times.add(value, span, &request.buckets, &memory)?;
            }
        }
    }
    Ok((times, values))
}

fn response(request: &TimeSpentRequest, times: &Times, values: Values) -> TimeSpentResponse {
    let top = request.breakdown.as_ref().map_or(0, |breakdown| breakdown.top);
    let texts = values.in_order();
    let mut ranked: Vec<u32> = (0..texts.len() as u32).collect();
    ranked
        .sort_by_key(|value| (std::cmp::Reverse(times.totals_ms[*value as usize]), &texts[*value as usize]));
    let others = ranked.split_off(top.min(ranked.len()));

    let counted = times.shares.keys().map(|(_, bucket)| *bucket as usize + 1).max().unwrap_or(0);
    let buckets = &request.buckets.first(request.buckets.shown(counted, Some(request.now_ms)));
    // One series for each ranked value, one for the others, one for all.
    let mut series = vec![vec![Share::default(); buckets.len()]; ranked.len() + 2];
    let mut rank_of = vec![ranked.len(); texts.len().max(1)];
    for (rank, value) in ranked.iter().enumerate() {
        rank_of[*value as usize] = rank;
    }
    for ((value, bucket), share) in &times.shares {
        for place in [rank_of[*value as usize], ranked.len() + 1] {
            let sum = &mut series[place][*bucket as usize];
            sum.part_ms += share.part_ms;
            sum.whole_change += share.whole_change;
        }
    }
    let mut series = series.iter().map(|shares| time_series(shares, buckets));
    let of_value = |value: u32, time| ValueTimeSeries {
        value: texts[value as usize].clone(),
        name: ValueName::default(),
        time,
    };
    let by_value = ranked.iter().zip(series.by_ref()).map(|(value, time)| of_value(*value, time)).collect();
    let other = series.next().filter(|_| !others.is_empty());
    let all = series.next().unwrap_or_else(|| time_series(&[], buckets));
    TimeSpentResponse {
        scope: request.scope.response(),
        bucket_minutes: request.bucket_minutes,
        starts: buckets.starts_ms().iter().map(|ms| request.scope.zone.written(*ms)).collect(),
        is_partial: {
            let counted = request.scope.range.until(Some(request.now_ms));
            (0..buckets.len()).map(|bucket| buckets.is_partial(bucket, counted)).collect()
        },
        all,
        by: request.breakdown.as_ref().map(|breakdown| breakdown.dimension.name.to_string()),
        series: by_value,
        other,
        other_values: others.len() as u64,
    }
}

fn time_series(shares: &[Share], buckets: &Buckets) -> TimeSeries {
    let starts = buckets.starts_ms();
    let ends = starts.iter().skip(1).copied().chain(buckets.end_ms());
    let (mut covering, mut total_ms) = (0, 0);
    let mut seconds = Vec::with_capacity(shares.len());
    for ((share, start_ms), end_ms) in shares.iter().zip(starts).zip(ends) {
        covering += share.whole_change;
        let time_ms = share.part_ms + covering * (end_ms - start_ms);
        total_ms += time_ms;
        seconds.push(playhead_session::seconds(time_ms));
    }
    TimeSeries { seconds, total_seconds: playhead_session::seconds(total_ms) }
}
