//! The audience of a content by the clock, from the time that its sessions played. A live stream has no length and no
//! position that two viewers share but the time.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::{Expr, cast};
use datafusion::prelude::{SessionContext, ident};
use futures::StreamExt;
use playhead_lake::Table;
use playhead_protocol::time::MINUTE_MS;

use crate::error::Error;
use crate::limits::CONCURRENCY_POINTS;
use crate::names::timeline::{Timeline, is_one_of};
use crate::panels::audience::minutes::MinuteSums;
use crate::panels::content::is_of_content;
use crate::panels::groups::rows_of;
use crate::panels::memory::{PanelMemory, unexpected_column};
use crate::panels::panel_request::Scope;
use crate::panels::rows;
use crate::panels::span_columns::TimeSpanColumn;

/// The time that sessions of a content played in each minute of the clock.
#[derive(Debug)]
pub(super) struct ClockMinutes {
    /// When the first minute begins, ms since the epoch.
    pub(super) from_ms: i64,
    pub(super) minutes: MinuteSums,
    /// Whether there are minutes before the first one.
    pub(super) is_cut: bool,
}

/// Counts the sessions of these timelines that played in the range, up to the present; `None` if there are none.
pub(super) async fn clock_minutes(
    context: &SessionContext,
    content_id: &str,
    scope: &Scope,
    timelines: &[Timeline],
    now_ms: i64,
) -> Result<Option<ClockMinutes>, Error> {
    if timelines.is_empty() {
        return Ok(None);
    }
    let (from_ms, to_ms) = (scope.range.from_ms, scope.range.to_ms.unwrap_or(i64::MAX).min(now_ms));
    let condition = is_of_content(content_id).and(is_one_of(timelines));
    let condition = match scope.there(from_ms.unwrap_or(i64::MIN), to_ms) {
        Some(there) => condition.and(there),
        None => condition,
    };
    let Some((first_ms, last_ms)) = ends(context, condition.clone()).await? else { return Ok(None) };
    let to_ms = to_ms.min(last_ms);
    let from_ms = from_ms.unwrap_or(first_ms).max(first_ms).div_euclid(MINUTE_MS) * MINUTE_MS;
    let earliest_ms =
        to_ms.div_euclid(MINUTE_MS).saturating_sub(i64::from(CONCURRENCY_POINTS) - 1) * MINUTE_MS;
    let (from_ms, is_cut) = (from_ms.max(earliest_ms), from_ms < earliest_ms);
    let points = usize::try_from((to_ms - from_ms) / MINUTE_MS + 1).unwrap_or(0);
    PanelMemory::new(context).take(MinuteSums::bytes(points))?;
    // Whole minutes, so that each counts by the same length.
    let mut minutes = MinuteSums::until(points as i64 * MINUTE_MS);
    let begins_ms = scope.range.from_ms.unwrap_or(from_ms).max(from_ms);
    let mut stream = rows(context, Table::Sessions, Some(condition), vec![ident(PLAYING)]).await?;
    while let Some(batch) = stream.next().await.transpose()? {
        let spans = TimeSpanColumn::new(batch.column(0)).ok_or_else(|| unexpected_column(PLAYING))?;
        for (span_from_ms, span_to_ms) in (0..batch.num_rows()).flat_map(|row| spans.row(row)) {
            let (span_from_ms, span_to_ms) = (span_from_ms.max(begins_ms), span_to_ms.min(to_ms));
            if span_from_ms < span_to_ms {
                minutes.add((span_from_ms - from_ms, span_to_ms - from_ms));
            }
        }
    }
    Ok(Some(ClockMinutes { from_ms, minutes, is_cut }))
}

const PLAYING: &str = "playing_spans";

/// When the first session started, and when the last event of any was.
async fn ends(context: &SessionContext, condition: Expr) -> Result<Option<(i64, i64)>, Error> {
    let us = |expr: Expr| cast(expr, DataType::Int64);
    let ends =
        vec![us(min(ident("started_at"))).alias("first"), us(max(ident("last_event_at"))).alias("last")];
    let batches = rows_of(context, Table::Sessions, Some(condition))
        .await?
        .aggregate(Vec::new(), ends)?
        .collect()
        .await?;
    let found = batches.iter().find(|batch| batch.num_rows() > 0);
    let end_ms = |place: usize| {
        let us = found?.column(place).as_primitive_opt::<Int64Type>()?;
        us.is_valid(0).then(|| us.value(0).div_euclid(1_000))
    };
    Ok(end_ms(0).zip(end_ms(1)))
}
