//! The retention panel: the share of content starts that watched each second or percent of a content, and how often each
//! was watched again.
//!
//! A session watched a second (percent) if it watched its middle: a moment of the content is either inside a span or not,
//! so nothing counts half, and a second at the edge of a span counts only if the viewer saw at least half of it. Sessions of
//! live content have no positions in it, and do not count.

use datafusion::prelude::{SessionContext, ident};
use futures::StreamExt;
use playhead_lake::Table;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::limits::CONTENT_SECONDS;
use crate::names::dimension::Fact;
use crate::panels::content::{TimelineCounts, content_length, sessions_by_content, timelines_of};
use crate::panels::memory::{PanelMemory, unexpected_column};
use crate::panels::panel_request::{Params, Scope, ScopeResponse};
use crate::panels::rows;
use crate::panels::share;
use crate::panels::span_columns::ContentSpanColumn;
use crate::panels::spans::CoverCounts;

/// The parts of a content in a retention curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentStep {
    /// Seconds.
    Second,
    /// Hundredths of its length.
    Percent,
}

/// A request for the retention of a content.
#[derive(Debug, Clone, PartialEq)]
pub struct RetentionRequest {
    /// The content.
    pub content_id: String,
    /// Which sessions of it: those that started in the range.
    pub scope: Scope,
    /// The parts.
    pub step: ContentStep,
}

impl RetentionRequest {
    /// Parses the parameters `content_id`, and optionally `by` (`second`, `percent`), `from`, `to`,
    /// `time_zone`, `filters`, `segment`, `include_open`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse(pairs: &[(String, String)], _now_ms: i64) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let content_id = params.needed_text("content_id").to_owned();
        let step = params.choice("by", &[("second", ContentStep::Second), ("percent", ContentStep::Percent)]);
        let scope = params.scope(Fact::Sessions);
        params.finish(Self { content_id, scope, step })
    }
}

/// The retention of a content. For a content without starts, all numbers are 0 or empty.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct RetentionResponse {
    /// Which sessions were counted.
    pub scope: ScopeResponse,
    /// The content.
    pub content_id: String,
    /// All its sessions in scope by what their playheads count. Those of live content, and those whose playheads lie behind
    /// the length, have no positions in the content: they are not counted below.
    pub timelines: TimelineCounts,
    /// Its length in most sessions, seconds; null if no session with positions has one. Without a length there are no
    /// percents.
    pub content_length: Option<f64>,
    /// The parts for which there are values.
    pub by: ContentStep,
    /// Sessions with positions that began the content (`content_start`); only these are counted.
    pub content_starts: u64,
    /// The second (percent) of the first value, from 0. Without a length it is the first one watched.
    pub first: usize,
    /// How many sessions watched each second (percent).
    pub watched: Vec<u64>,
    /// Their share of the content starts.
    pub share: Vec<f64>,
    /// How often each second (percent) was watched once more, over all sessions.
    pub rewatched: Vec<u64>,
    /// Whether the content continues after the last second that a response may have.
    pub is_cut: bool,
}

impl Reports {
    /// The share of content starts that watched each part of a content.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn retention(&self, request: &RetentionRequest) -> Result<RetentionResponse, Error> {
        self.run(self.retention_in_turn(request)).await
    }

    async fn retention_in_turn(&self, request: &RetentionRequest) -> Result<RetentionResponse, Error> {
        let context = self.context();
        let (timelines, _) = timelines_of(&context, &request.content_id, &request.scope).await?;
        let sessions = sessions_by_content(&request.content_id, &request.scope);
        let length = content_length(&context, sessions).await?;
        let (part_seconds, parts) = parts(request.step, length);
        let counted = count_parts(&context, request, part_seconds, parts).await?;
        let [mut watched, mut rewatched] = counted.counts.map(|counts| counts.counts().collect::<Vec<_>>());
        let mut first = 0;
        if length.is_none() {
            // Rewatched parts are also among the watched parts.
            first = watched.iter().position(|count| *count > 0).unwrap_or(watched.len());
            let behind_last = watched.iter().rposition(|count| *count > 0).map_or(first, |last| last + 1);
            watched = watched[first..behind_last].to_vec();
            rewatched = rewatched[first..behind_last].to_vec();
            first = if watched.is_empty() { 0 } else { first };
        }
        let starts = counted.content_starts;
        Ok(RetentionResponse {
            scope: request.scope.response(),
            content_id: request.content_id.clone(),
            timelines,
            content_length: length,
            by: request.step,
            content_starts: starts,
            first,
            share: watched.iter().map(|count| share(*count, starts).unwrap_or(0.0)).collect(),
            watched,
            rewatched,
            is_cut: request.step == ContentStep::Second
                && length.is_some_and(|length| length > f64::from(CONTENT_SECONDS)),
        })
    }
}

/// The length of each part, seconds, and the number of parts: those whose middle the content has.
fn parts(step: ContentStep, length: Option<f64>) -> (f64, usize) {
    match (step, length) {
        (ContentStep::Percent, Some(length)) => (length / 100.0, 100),
        (ContentStep::Percent, None) => (1.0, 0),
        (ContentStep::Second, length) => {
            let end = length.unwrap_or(f64::INFINITY).min(f64::from(CONTENT_SECONDS));
            (1.0, first_middle_from(end, 1.0, CONTENT_SECONDS as usize))
        }
    }
}

/// The first part whose middle is at or after a moment.
fn first_middle_from(moment: f64, part_seconds: f64, most: usize) -> usize {
    // The conversion of a negative value or NaN gives 0.
    ((moment / part_seconds - 0.5).ceil() as usize).min(most)
}

struct Counted {
    content_starts: u64,
    /// Watched, and watched again.
    counts: [CoverCounts; 2],
}

async fn count_parts(
    context: &SessionContext,
    request: &RetentionRequest,
    part_seconds: f64,
    parts: usize,
) -> Result<Counted, Error> {
    let memory = PanelMemory::new(context);
    memory.take(2 * CoverCounts::bytes(parts))?;
    let columns = ["watched_spans", "rewatched_spans"];
    let sessions = sessions_by_content(&request.content_id, &request.scope);
    let condition = ident("content_start").and(sessions);
    let mut stream = rows(context, Table::Sessions, Some(condition), columns.map(ident).to_vec()).await?;
    let mut counted =
        Counted { content_starts: 0, counts: [CoverCounts::new(parts), CoverCounts::new(parts)] };
    while let Some(batch) = stream.next().await.transpose()? {
        counted.content_starts += batch.num_rows() as u64;
        for (place, counts) in counted.counts.iter_mut().enumerate() {
            let spans = ContentSpanColumn::new(batch.column(place));
            let spans = spans.ok_or_else(|| unexpected_column(columns[place]))?;
            for (from, to) in (0..spans.len()).flat_map(|row| spans.row(row)) {
                let part = |moment: f64| first_middle_from(moment, part_seconds, parts);
                counts.add(part(from), part(to));
            }
        }
    }
    Ok(counted)
}
