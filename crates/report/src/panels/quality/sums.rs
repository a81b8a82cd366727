//! The quality numbers of all sessions and of each bucket of time, in one pass over the rows.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use datafusion::arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use datafusion::logical_expr::Expr;
use datafusion::prelude::{SessionContext, ident};
use futures::StreamExt;
use playhead_lake::Table;
use playhead_session::seconds;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::names::metric::Unit;
use crate::panels::memory::{PanelMemory, unexpected_column};
use crate::panels::{rows, share};
use crate::query::response::rounded;
use crate::time::buckets::Buckets;

/// Quality numbers.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct QualityNumbers {
    /// Sessions.
    pub sessions: u64,
    /// Seconds for which content played.
    pub content_time_spent: f64,
    /// Time to start, over the sessions that report it.
    pub time_to_start_ms: StartQuantiles,
    /// Seconds for which players waited for data.
    pub total_buffer_duration: f64,
    /// Buffer duration as a share of buffer duration plus content time spent; null if both are 0.
    pub rebuffer_ratio: Option<f64>,
    /// Seconds for which playback stood still.
    pub total_stall_duration: f64,
    /// Stall duration as a share of stall duration plus content time spent; null if both are 0.
    pub stall_ratio: Option<f64>,
    /// Errors.
    pub error_events: u64,
    /// Sessions with an error.
    pub error_sessions: u64,
    /// Their share of all sessions; null without sessions.
    pub error_rate: Option<f64>,
    /// Sessions that closed without content start, with an error. Sessions that a release before these columns counted are in
    /// neither this nor the next number.
    pub start_failures: u64,
    /// Sessions that closed without content start and without an error.
    pub exits_before_start: u64,
    /// The mean of the scores of those sessions that have one, from 0 to 100, to one decimal; null if none has.
    pub qoe_score: Option<f64>,
    /// Frames dropped, as last reported by each session.
    pub dropped_frames: f64,
    /// Sessions that dropped a frame.
    pub dropped_frame_impacted_streams: u64,
}

/// Exact quantiles, interpolated between two values, to three decimals. Null if no session reports its time to start.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize)]
pub struct StartQuantiles {
    /// Sessions that report it.
    pub sessions: u64,
    /// Half of them took at most this long, ms.
    pub p50: Option<f64>,
    /// 90 % of them did.
    pub p90: Option<f64>,
    /// 95 % of them did.
    pub p95: Option<f64>,
    /// 99 % of them did.
    pub p99: Option<f64>,
}

/// The columns read, in this order.
const COLUMNS: [&str; 10] = [
    "started_at",
    "content_time_spent",
    "total_buffer_duration",
    "total_stall_duration",
    "dropped_frames",
    "time_to_start_ms",
    "error_events",
    "start_failure",
    "exit_before_start",
    "qoe_score",
];

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    sessions: u64,
    content_ms: i64,
    buffer_ms: i64,
    stall_ms: i64,
    error_events: i64,
    error_sessions: u64,
    start_failures: u64,
    exits_before_start: u64,
    /// In tenths, so that it does not depend on the order of the rows.
    score_tenths: i64,
    scores: u64,
    dropped_frames: f64,
    dropped_frame_sessions: u64,
}

/// One session's time to start, and the bucket that the session is in.
type Start = (u32, f64);

/// The numbers of all sessions that meet a condition, and of each bucket.
pub(crate) async fn quality_numbers(
    context: &SessionContext,
    condition: Option<Expr>,
    buckets: &Buckets,
) -> Result<(QualityNumbers, Vec<QualityNumbers>), Error> {
    let memory = PanelMemory::new(context);
    memory.take(buckets.len() * size_of::<Sums>())?;
    // Without a series, everything is in one bucket.
    let mut sums = vec![Sums::default(); buckets.len().max(1)];
    let mut starts: Vec<Start> = Vec::new();
    let mut stream = rows(context, Table::Sessions, condition, COLUMNS.map(ident).to_vec()).await?;
    let finder = buckets.finder();
    while let Some(batch) = stream.next().await.transpose()? {
        let number = |place: usize| -> Result<_, Error> {
            let column: &ArrayRef = batch.column(place);
            column.as_primitive_opt::<Float64Type>().ok_or_else(|| unexpected_column(COLUMNS[place]))
        };
        let started = batch.column(0).as_primitive_opt::<TimestampMicrosecondType>();
        let started = started.ok_or_else(|| unexpected_column(COLUMNS[0]))?;
        let times = [number(1)?, number(2)?, number(3)?];
        let (dropped, to_start) = (number(4)?, number(5)?);
        let errors = batch.column(6).as_primitive_opt::<Int64Type>();
        let errors = errors.ok_or_else(|| unexpected_column(COLUMNS[6]))?;
        let flag = |place: usize| -> Result<_, Error> {
            batch.column(place).as_boolean_opt().ok_or_else(|| unexpected_column(COLUMNS[place]))
        };
        let (failures, exits, scores) = (flag(7)?, flag(8)?, number(9)?);
        for row in 0..batch.num_rows() {
            let bucket = match buckets.is_empty() {
                true => 0,
                // The range is that of the buckets, so one of them holds the moment.
                false => finder.find(started.value(row).div_euclid(1_000)).unwrap_or(0),
            };
            let sum = &mut sums[bucket];
            sum.sessions += 1;
            let [content_ms, buffer_ms, stall_ms] =
                times.map(|column| if column.is_valid(row) { in_ms(column.value(row)) } else { 0 });
            sum.content_ms += content_ms;
            sum.buffer_ms += buffer_ms;
            sum.stall_ms += stall_ms;
            if errors.is_valid(row) && errors.value(row) > 0 {
                sum.error_events += errors.value(row);
                sum.error_sessions += 1;
            }
            let is_set = |flags: &BooleanArray| u64::from(flags.is_valid(row) && flags.value(row));
            sum.start_failures += is_set(failures);
            sum.exits_before_start += is_set(exits);
            if scores.is_valid(row) {
                sum.score_tenths += (scores.value(row) * 10.0).round() as i64;
                sum.scores += 1;
            }
            if dropped.is_valid(row) {
                sum.dropped_frames += dropped.value(row);
                sum.dropped_frame_sessions += u64::from(dropped.value(row) > 0.0);
            }
            if to_start.is_valid(row) {
                memory.make_room(&mut starts)?;
                starts.push((bucket as u32, to_start.value(row)));
            }
        }
    }
    let by_bucket = numbers_by_bucket(&sums, &mut starts);
    starts.sort_unstable_by(|one, other| one.1.total_cmp(&other.1));
    let all = sums.iter().copied().reduce(add).unwrap_or_default();
    Ok((numbers(&all, &starts), if buckets.is_empty() { Vec::new() } else { by_bucket }))
}

fn numbers_by_bucket(sums: &[Sums], starts: &mut [Start]) -> Vec<QualityNumbers> {
    starts.sort_unstable_by(|one, other| one.0.cmp(&other.0).then_with(|| one.1.total_cmp(&other.1)));
    let mut left = &starts[..];
    let of_bucket = |(bucket, sum): (usize, &Sums)| {
        let end = left.partition_point(|start| start.0 as usize <= bucket);
        let (own, others) = left.split_at(end);
        left = others;
        numbers(sum, own)
    };
    sums.iter().enumerate().map(of_bucket).collect()
}

/// `starts` in order of time.
fn numbers(sums: &Sums, starts: &[Start]) -> QualityNumbers {
    let ratio = |part_ms: i64| {
        let whole_ms = part_ms + sums.content_ms;
        share(u64::try_from(part_ms).unwrap_or(0), u64::try_from(whole_ms).unwrap_or(0))
    };
    QualityNumbers {
        sessions: sums.sessions,
        content_time_spent: seconds(sums.content_ms),
        time_to_start_ms: StartQuantiles {
            sessions: starts.len() as u64,
            p50: quantile(starts, 0.5),
            p90: quantile(starts, 0.9),
            p95: quantile(starts, 0.95),
            p99: quantile(starts, 0.99),
        },
        total_buffer_duration: seconds(sums.buffer_ms),
        rebuffer_ratio: ratio(sums.buffer_ms),
        total_stall_duration: seconds(sums.stall_ms),
        stall_ratio: ratio(sums.stall_ms),
        error_events: u64::try_from(sums.error_events).unwrap_or(0),
        error_sessions: sums.error_sessions,
        error_rate: share(sums.error_sessions, sums.sessions),
        start_failures: sums.start_failures,
        exits_before_start: sums.exits_before_start,
        qoe_score: (sums.scores > 0).then(|| (sums.score_tenths as f64 / sums.scores as f64).round() / 10.0),
        // Added up in another order, the last digits may differ.
        dropped_frames: rounded(sums.dropped_frames, Unit::Frames.decimals()),
        dropped_frame_impacted_streams: sums.dropped_frame_sessions,
    }
}

/// The value below which a share of the values lies, interpolated between two values.
fn quantile(sorted: &[Start], part: f64) -> Option<f64> {
    let place = sorted.len().checked_sub(1)? as f64 * part;
    let (below, above) = (sorted[place.floor() as usize].1, sorted[place.ceil() as usize].1);
    Some(rounded(below + (above - below) * place.fract(), Unit::Milliseconds.decimals()))
}

fn in_ms(seconds: f64) -> i64 {
    (seconds * 1_000.0).round() as i64
}

fn add(one: Sums, other: Sums) -> Sums {
    Sums {
        sessions: one.sessions + other.sessions,
        content_ms: one.content_ms + other.content_ms,
        buffer_ms: one.buffer_ms + other.buffer_ms,
        stall_ms: one.stall_ms + other.stall_ms,
        error_events: one.error_events + other.error_events,
        error_sessions: one.error_sessions + other.error_sessions,
        start_failures: one.start_failures + other.start_failures,
        exits_before_start: one.exits_before_start + other.exits_before_start,
        score_tenths: one.score_tenths + other.score_tenths,
        scores: one.scores + other.scores,
        dropped_frames: one.dropped_frames + other.dropped_frames,
        dropped_frame_sessions: one.dropped_frame_sessions + other.dropped_frame_sessions,
    }
}
