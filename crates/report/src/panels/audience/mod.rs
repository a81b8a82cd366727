//! The audience panel: how many viewers watched each minute of a content, and all of it on average.
//!
//! The audience of a minute is the time for which all sessions watched it, repeated watching included, divided by the
//! minute's length; the last minute of a content may be shorter. The average minute audience is that of the sessions' rows,
//! added up, as the metric of that name in queries.
//!
//! Live content has no minutes of its own. Its audience is counted by the clock, from the time that content and ads played,
//! and its average is the mean of the minutes in which somebody watched.

mod clock;
mod minutes;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Float64Type;
use datafusion::prelude::{SessionContext, ident};
use futures::StreamExt;
use playhead_lake::Table;
use playhead_protocol::time::MINUTE_MS;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::limits::CONTENT_SECONDS;
use crate::names::dimension::Fact;
use crate::names::timeline::Timeline;
use crate::panels::audience::clock::{ClockMinutes, clock_minutes};
use crate::panels::audience::minutes::{DECIMALS, MinuteSums};
use crate::panels::content::{TimelineCounts, content_length, sessions_by_content, timelines_of};
use crate::panels::memory::unexpected_column;
use crate::panels::panel_request::{Params, Scope, ScopeResponse};
use crate::panels::rows;
use crate::panels::span_columns::ContentSpanColumn;
use crate::query::response::rounded;

/// The minutes whose audience is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AudienceBy {
    /// Minutes of the content.
    Content,
    /// Minutes of the clock.
    Clock,
}

/// A request for the audience of a content.
#[derive(Debug, Clone, PartialEq)]
pub struct AudienceRequest {
    /// The content.
    pub content_id: String,
    /// Which sessions of it: those that started in the range.
    pub scope: Scope,
    /// The minutes; `None` for those of the content, unless all its sessions go by the clock.
    pub by: Option<AudienceBy>,
    now_ms: i64,
}

impl AudienceRequest {
    /// Parses the parameters `content_id`, and optionally `by` (`auto`, `content`, `clock`), `from`, `to`, `time_zone`,
    /// `filters`, `segment`, `include_open`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse(pairs: &[(String, String)], now_ms: i64) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let content_id = params.needed_text("content_id").to_owned();
        let chosen = [AudienceBy::Content, AudienceBy::Clock].map(Some);
        let by = params.choice("by", &[("auto", None), ("content", chosen[0]), ("clock", chosen[1])]);
        let scope = params.scope(Fact::Sessions);
        params.finish(Self { content_id, scope, by, now_ms })
    }
}

/// The audience of a content. For a content without viewers, all numbers are 0 or empty.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct AudienceResponse {
    /// Which sessions were counted.
    pub scope: ScopeResponse,
    /// The content.
    pub content_id: String,
    /// All its sessions in scope by what their playheads count: why the minutes are those of the content or of the clock.
    pub timelines: TimelineCounts,
    /// The minutes below. By content, sessions count that have positions in it (`content`, `no_length`); by the clock,
    /// those that have none (`live`, `beyond_length`), and also `no_length` if no session knows the length.
    pub by: AudienceBy,
    /// Its length in most sessions, seconds; null if no session with positions has one, as for live streams.
    pub content_length: Option<f64>,
    /// The sessions that count.
    pub sessions: u64,
    /// Seconds for which content played in all of them.
    pub content_time_spent: f64,
    /// By content: content time spent divided by the content's length, added up over the sessions, each with the length that
    /// it has itself; null if no session has a length. By the clock: the mean of the minutes in which somebody watched;
    /// null if nobody did. To four decimals.
    pub average_minute_audience: Option<f64>,
    /// The minute of the content for the first value, from 0. Without a length it is the first minute watched.
    pub first_minute: usize,
    /// By the clock, when the first minute watched begins, RFC 3339 with the offset of the zone; null by content, or if
    /// nobody watched.
    pub first_minute_at: Option<String>,
    /// The audience of each minute, to four decimals, up to the end of the content; without a length, or by the clock, up
    /// to the last minute watched. By the clock it is the time that content and ads played in the minute, in the range.
    pub audience: Vec<f64>,
    /// Whether the content continues after the last minute that a response may have; by the clock, whether there were
    /// minutes before the first.
    pub is_cut: bool,
}

impl Reports {
    /// The audience of each minute of a content.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn audience(&self, request: &AudienceRequest) -> Result<AudienceResponse, Error> {
        self.run(self.audience_in_turn(request)).await
    }

    async fn audience_in_turn(&self, request: &AudienceRequest) -> Result<AudienceResponse, Error> {
        let context = self.context();
        let (timelines, content_ms) = timelines_of(&context, &request.content_id, &request.scope).await?;
        let usual = if timelines.is_by_clock() { AudienceBy::Clock } else { AudienceBy::Content };
        match request.by.unwrap_or(usual) {
            AudienceBy::Content => {
                let sessions = sessions_by_content(&request.content_id, &request.scope);
                let length = content_length(&context, sessions).await?;
                let watched = watched_minutes(&context, request, length).await?;
                Ok(by_content(request, timelines, length, &watched))
            }
            AudienceBy::Clock => {
                let shown = timelines.by_clock();
                let scope = &request.scope;
                let minutes =
                    clock_minutes(&context, &request.content_id, scope, &shown, request.now_ms).await?;
                let of_shown =
                    Timeline::ALL.iter().zip(content_ms).filter(|(timeline, _)| shown.contains(timeline));
                let content_ms = of_shown.map(|(_, ms)| ms).sum();
                Ok(by_clock(request, timelines, content_ms, minutes.as_ref()))
            }
        }
    }
}

/// The watched parts of a content over all sessions.
#[derive(Debug)]
struct Watched {
    sessions: u64,
    content_ms: i64,
    /// The sum over the sessions that have one.
    average_minute_audience: Option<f64>,
    minutes: MinuteSums,
}

async fn watched_minutes(
    context: &SessionContext,
    request: &AudienceRequest,
    length: Option<f64>,
) -> Result<Watched, Error> {
    let columns = ["content_time_spent", "average_minute_audience", "watched_spans", "rewatched_spans"];
    let condition = sessions_by_content(&request.content_id, &request.scope);
    let mut stream = rows(context, Table::Sessions, Some(condition), columns.map(ident).to_vec()).await?;
    let end = length.unwrap_or(f64::INFINITY).min(f64::from(CONTENT_SECONDS));
    let minutes = MinuteSums::until(in_ms(end));
    let mut watched = Watched { sessions: 0, content_ms: 0, average_minute_audience: None, minutes };
    while let Some(batch) = stream.next().await.transpose()? {
        watched.sessions += batch.num_rows() as u64;
        let numbers = |place: usize| {
            let numbers = batch.column(place).as_primitive_opt::<Float64Type>();
            numbers.ok_or_else(|| unexpected_column(columns[place]))
        };
        watched.content_ms += numbers(0)?.iter().flatten().map(in_ms).sum::<i64>();
        let averages = watched.average_minute_audience.into_iter().chain(numbers(1)?.iter().flatten());
        watched.average_minute_audience = averages.reduce(|sum, average| sum + average);
        for place in [2, 3] {
            let spans = ContentSpanColumn::new(batch.column(place));
            let spans = spans.ok_or_else(|| unexpected_column(columns[place]))?;
            (0..spans.len())
                .flat_map(|row| spans.row(row))
                .for_each(|(from, to)| watched.minutes.add((in_ms(from), in_ms(to))));
        }
    }
    Ok(watched)
}

/// Seconds in ms; what no number of ms can hold is the lowest or the highest one.
fn in_ms(seconds: f64) -> i64 {
    (seconds * 1_000.0).round() as i64
}

fn by_content(
    request: &AudienceRequest,
    timelines: TimelineCounts,
    length: Option<f64>,
    watched: &Watched,
) -> AudienceResponse {
    let (first_minute, audience) = match length {
        Some(_) => (0, watched.minutes.audience()),
        None => watched.minutes.seen_audience(),
    };
    AudienceResponse {
        scope: request.scope.response(),
        content_id: request.content_id.clone(),
        timelines,
        by: AudienceBy::Content,
        content_length: length,
        sessions: watched.sessions,
        content_time_spent: playhead_session::seconds(watched.content_ms),
        average_minute_audience: watched.average_minute_audience.map(|sum| rounded(sum, DECIMALS)),
        first_minute,
        first_minute_at: None,
        audience,
        is_cut: length.is_some_and(|length| length > f64::from(CONTENT_SECONDS)),
    }
}

fn by_clock(
    request: &AudienceRequest,
    timelines: TimelineCounts,
    content_ms: i64,
    played: Option<&ClockMinutes>,
) -> AudienceResponse {
    let (first, audience) = played.map(|played| played.minutes.seen_audience()).unwrap_or_default();
    let began = played.filter(|_| !audience.is_empty());
    let first_ms = began.map(|played| played.from_ms + first as i64 * MINUTE_MS);
    AudienceResponse {
        scope: request.scope.response(),
        content_id: request.content_id.clone(),
        by: AudienceBy::Clock,
        content_length: None,
        sessions: timelines.by_clock().into_iter().map(|timeline| timelines.of(timeline)).sum(),
        timelines,
        content_time_spent: playhead_session::seconds(content_ms),
        average_minute_audience: played.and_then(|played| played.minutes.mean_of_watched()),
        first_minute: 0,
        first_minute_at: first_ms.map(|ms| request.scope.zone.written(ms)),
        audience,
        is_cut: played.is_some_and(|played| played.is_cut),
    }
}
