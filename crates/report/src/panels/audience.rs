//! The audience panel: how many viewers watched each minute of a content, and all of it on average.
//!
//! The audience of a minute is the time for which all sessions watched it, repeated watching included, divided by the
//! minute's length; the last minute of a content may be shorter. The average minute audience is that of the sessions' rows,
//! added up, as the metric of that name in queries.

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
use crate::panels::content::{content_length, sessions_of};
use crate::panels::memory::unexpected_column;
use crate::panels::panel_request::{Params, Scope, ScopeResponse};
use crate::panels::rows;
use crate::panels::span_columns::ContentSpanColumn;
use crate::query::response::rounded;

/// Decimals of an audience.
const DECIMALS: i32 = 4;

/// A request for the audience of a content.
#[derive(Debug, Clone, PartialEq)]
pub struct AudienceRequest {
    /// The content.
    pub content_id: String,
    /// Which sessions of it: those that started in the range.
    pub scope: Scope,
}

impl AudienceRequest {
    /// Parses the parameters `content_id`, and optionally `from`, `to`, `time_zone`, `filters`, `segment`,
    /// `include_open`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse(pairs: &[(String, String)], _now_ms: i64) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let content_id = params.needed_text("content_id").to_owned();
        let scope = params.scope(Fact::Sessions);
        params.finish(Self { content_id, scope })
    }
}

/// The audience of a content. For a content without viewers, all numbers are 0 or empty.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct AudienceResponse {
    /// Which sessions were counted.
    pub scope: ScopeResponse,
    /// The content.
    pub content_id: String,
    /// Its length in most sessions, seconds; null if no session has one, as for live streams.
    pub content_length: Option<f64>,
    /// Its sessions.
    pub sessions: u64,
    /// Seconds for which content played in all of them.
    pub content_time_spent: f64,
    /// Content time spent divided by the content's length, added up over the sessions, each with the length that it has itself,
    /// to four decimals; null if no session has a length.
    pub average_minute_audience: Option<f64>,
    /// The minute of the content for the first value, from 0. Without a length it is the first minute watched.
    pub first_minute: usize,
    /// The audience of each minute, to four decimals, up to the end of the content; without a length up to the last
    /// minute watched.
    pub audience: Vec<f64>,
    /// Whether the content continues after the last minute that a response may have.
    pub is_cut: bool,
}

impl Reports {
    /// The audience of each minute of a content.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn audience(&self, request: &AudienceRequest) -> Result<AudienceResponse, Error> {
        self.run(async {
            let context = self.context();
            let sessions = sessions_of(&request.content_id, &request.scope);
            let length = content_length(&context, sessions).await?;
            let minutes = watched_minutes(&context, request, length).await?;
            Ok(response(request, length, &minutes))
        })
        .await
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
    let condition = sessions_of(&request.content_id, &request.scope);
    let mut stream = rows(context, Table::Sessions, condition, columns.map(ident).to_vec()).await?;
    let end = length.unwrap_or(f64::INFINITY).min(f64::from(CONTENT_SECONDS));
    let minutes = MinuteSums::until(end);
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
            (0..spans.len()).flat_map(|row| spans.row(row)).for_each(|span| watched.minutes.add(span));
        }
    }
    Ok(watched)
}

/// The time watched of each minute, in whole milliseconds, so that it does not depend on the order of the rows.
#[derive(Debug)]
struct MinuteSums {
    /// Where the content ends.
    end_ms: i64,
    /// Time of spans that begin or end in a minute.
    parts_ms: Vec<i64>,
    /// The change, from the minute before, in the number of spans that cover a minute as a whole.
    whole_changes: Vec<i64>,
    /// The first and the last minute with anything watched.
    seen: Option<(usize, usize)>,
}

impl MinuteSums {
    /// `end` in seconds.
    fn until(end: f64) -> Self {
        let end_ms = in_ms(end);
        let minutes = minute_of(end_ms + MINUTE_MS - 1);
        Self { end_ms, parts_ms: vec![0; minutes], whole_changes: vec![0; minutes + 1], seen: None }
    }

    /// Adds a span, in seconds.
    fn add(&mut self, (from, to): (f64, f64)) {
        let (from_ms, to_ms) = (in_ms(from).max(0), in_ms(to).min(self.end_ms));
        if from_ms >= to_ms {
            return;
        }
        let (first, last) = (minute_of(from_ms), minute_of(to_ms - 1));
        self.seen = Some(match self.seen {
            Some((lowest, highest)) => (lowest.min(first), highest.max(last)),
            None => (first, last),
        });
        if first == last {
            self.parts_ms[first] += to_ms - from_ms;
            return;
        }
        self.parts_ms[first] += (first + 1) as i64 * MINUTE_MS - from_ms;
        self.parts_ms[last] += to_ms - last as i64 * MINUTE_MS;
        self.whole_changes[first + 1] += 1;
        self.whole_changes[last] -= 1;
    }

    fn audience(&self) -> Vec<f64> {
        let mut covering = 0;
        let minutes = self.parts_ms.iter().zip(&self.whole_changes).enumerate();
        let audience = minutes.map(|(minute, (part_ms, change))| {
            covering += change;
            let length_ms = (self.end_ms - minute as i64 * MINUTE_MS).min(MINUTE_MS);
            rounded((part_ms + covering * MINUTE_MS) as f64 / length_ms as f64, DECIMALS)
        });
        audience.collect()
    }
}

/// Seconds in ms; what no number of ms can hold is the lowest or the highest one.
fn in_ms(seconds: f64) -> i64 {
    (seconds * 1_000.0).round() as i64
}

/// The minute of a moment of the content, from 0.
fn minute_of(ms: i64) -> usize {
    usize::try_from(ms / MINUTE_MS).unwrap_or(0)
}

fn response(request: &AudienceRequest, length: Option<f64>, watched: &Watched) -> AudienceResponse {
    let mut audience = watched.minutes.audience();
    let mut first_minute = 0;
    match (length, watched.minutes.seen) {
        (Some(_), _) => {}
        (None, Some((first, last))) => {
            audience.truncate(last + 1);
            audience.drain(..first);
            first_minute = first;
        }
        (None, None) => audience.clear(),
    }
    let content_time_spent = playhead_session::seconds(watched.content_ms);
    AudienceResponse {
        scope: request.scope.response(),
        content_id: request.content_id.clone(),
        content_length: length,
        sessions: watched.sessions,
        content_time_spent,
        average_minute_audience: watched.average_minute_audience.map(|sum| rounded(sum, DECIMALS)),
        first_minute,
        audience,
        is_cut: length.is_some_and(|length| length > f64::from(CONTENT_SECONDS)),
    }
}
