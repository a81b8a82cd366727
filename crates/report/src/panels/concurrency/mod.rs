//! The concurrency panel: how many sessions or visitors are there at the same time, by second or by minute.
//!
//! A session is there in a second (minute) if one of its active (playing) spans overlaps it, without the time in which it
//! was silent; a span without length overlaps the second that holds it. A visitor is there if one of their sessions is. "At
//! the same time" means in one second: a minute's count is that of its second with the most. Who came in a minute after
//! another had gone was not there with them, so those who were there at some time in a minute are counted beside it, under
//! a name of their own. The counts are exact. Points are whole seconds (minutes) of UTC; a range that begins or ends inside
//! one is widened to include it.

mod counts;
mod presence;
mod rows;

pub use presence::Doing;

use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::Expr;
use datafusion::prelude::{SessionContext, ident};
use futures::StreamExt;
use playhead_lake::Table;
use playhead_lake::tables::VISITOR_KEY;
use playhead_protocol::time::{MINUTE_MS, SECOND_MS};
use playhead_session::limits::SILENT_AFTER_MAX_MS;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::task::spawn_blocking;

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::limits::{CONCURRENCY_POINTS, CONCURRENCY_VALUES, USUAL_PANEL_RANGE_MS};
use crate::names::dimension::Fact;
use crate::panels::concurrency::counts::{AllCounts, Counter, Counts, count_presences};
use crate::panels::concurrency::presence::PresenceColumns;
use crate::panels::memory::{PanelMemory, unexpected_column};
use crate::panels::panel_request::{Breakdown, Params, Scope, ScopeResponse};
use crate::panels::rows;
use crate::panels::span_columns::integers;
use crate::panels::spans::{Grid, Presence, unite_ranges};
use crate::panels::value_names::{ValueName, ValueNames};
use crate::panels::values::{Values, text, texts};
use crate::query::response::rounded;

/// The subject of the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Sessions.
    Sessions,
    /// Visitors, each once however many sessions they have.
    Visitors,
}

/// A request for concurrency.
#[derive(Debug, Clone, PartialEq)]
pub struct ConcurrencyRequest {
    /// Which sessions.
    pub scope: Scope,
    /// The points.
    pub(crate) grid: Grid,
    /// The subject of the counts.
    pub counted: Counted,
    /// The activity that counts.
    pub doing: Doing,
    /// The breakdown of the counts.
    pub breakdown: Option<Breakdown>,
}

impl ConcurrencyRequest {
    /// Parses the parameters `from`, `to` (by default the last 24 hours), `time_zone`, `granularity`
    /// (`minute`, `second`), `count` (`sessions`, `visitors`), `state` (`active`, `playing`), `filters`, `segment`,
    /// `include_open`, `by`, `limit`, `names`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults, such as a range with too many points.
    pub fn parse(pairs: &[(String, String)], now_ms: i64) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let mut scope = params.scope(Fact::Sessions);
        let step_ms = params.choice("granularity", &[("minute", MINUTE_MS), ("second", SECOND_MS)]);
        let counted =
            params.choice("count", &[("sessions", Counted::Sessions), ("visitors", Counted::Visitors)]);
        let doing = params.choice("state", &[("active", Doing::Active), ("playing", Doing::Playing)]);
        let breakdown = params.breakdown(Fact::Sessions);

        let (from_ms, to_ms) = params.closed_range(&mut scope, now_ms, USUAL_PANEL_RANGE_MS);
        let grid = Grid::holding(from_ms, to_ms, step_ms, CONCURRENCY_POINTS);
        let series = series_of(step_ms, breakdown.as_ref());
        if grid.is_none_or(|grid| grid.points as usize * series > CONCURRENCY_VALUES) {
            params.faults.push("from", too_many_points(step_ms, breakdown.as_ref()));
        }
        // Nobody is there yet at a moment that has not come: its zeros would be drawn, and lower the average.
        let present_ms = now_ms.saturating_add(1).max(from_ms);
        let grid =
            grid.and_then(|_| Grid::holding(from_ms, to_ms.min(present_ms), step_ms, CONCURRENCY_POINTS));
        let grid = grid.unwrap_or(Grid { from_ms, step_ms, points: 0 });
        params.finish(Self { scope, grid, counted, doing, breakdown })
    }
}

/// The values that a response has for each point.
fn series_of(step_ms: i64, breakdown: Option<&Breakdown>) -> usize {
    // At the same time, and present in the minute.
    let each = if step_ms == SECOND_MS { 1 } else { 2 };
    breakdown.map_or(1, |breakdown| breakdown.top + 2) * each
}

fn too_many_points(step_ms: i64, breakdown: Option<&Breakdown>) -> String {
    let series = series_of(step_ms, breakdown);
    let most = (CONCURRENCY_VALUES / series).min(CONCURRENCY_POINTS as usize);
    let (unit, other) = match step_ms {
        SECOND_MS => ("seconds", ", or granularity=minute"),
        _ => ("minutes", ""),
    };
    let fewer = if breakdown.is_some_and(|breakdown| breakdown.top > 1) { ", or a lower limit" } else { "" };
    format!("is more than {most} {unit} before to; use a shorter range{fewer}{other}")
}

/// The concurrency over a range.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct ConcurrencyResponse {
    /// Which sessions were counted; `from` and `to` as requested.
    pub scope: ScopeResponse,
    /// The subject of the counts.
    pub count: Counted,
    /// The activity that counted.
    pub state: Doing,
    /// When the first point begins, RFC 3339 with the offset of the zone.
    pub first_point: String,
    /// The length of a point, ms: 1000 or 60000. The points follow each other without a gap; the last is the one under way
    /// if the range goes on after the present.
    pub step_ms: i64,
    /// The counts over all of them.
    #[serde(flatten)]
    pub all: CountSeries,
    /// The breakdown of the counts; null without one.
    pub by: Option<String>,
    /// The values with the highest peaks, the highest first; among equals those with more time, then in order of their
    /// texts.
    pub series: Vec<ValueSeries>,
    /// All other values together; a visitor with several of them counts once. Null if there are none.
    pub other: Option<CountSeries>,
    /// How many other values there are.
    pub other_values: u64,
}

/// Counts at each point.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct CountSeries {
    /// How many were there at the same time, at each point in order: of a minute, in its second with the most.
    pub values: Vec<u64>,
    /// The highest number that were there at the same time.
    pub peak: Peak,
    /// The mean of all seconds, to six decimals; null without points.
    pub average: Option<f64>,
    /// How many were there at some time in each minute, whether or not at the same time; null by second, where it is the
    /// same.
    pub present: Option<PresentSeries>,
}

/// The highest count of a series.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Peak {
    /// The count.
    pub value: u64,
    /// When the first second, or the first minute of `present`, with that count begins; null if nobody was there.
    pub at: Option<String>,
}

/// How many were there at some time in each minute.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct PresentSeries {
    /// The count of each minute, in order, each session or visitor once.
    pub values: Vec<u64>,
    /// The highest of them.
    pub peak: Peak,
    /// Their mean, to six decimals; null without points.
    pub average: Option<f64>,
}

/// Counts of one value of the breakdown.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct ValueSeries {
    /// The value as text; null for sessions without one.
    pub value: Option<String>,
    /// Its name.
    #[serde(flatten)]
    pub name: ValueName,
    /// Its counts.
    #[serde(flatten)]
    pub counts: CountSeries,
}

impl Reports {
    /// The number of sessions or visitors at each point.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn concurrency(&self, request: &ConcurrencyRequest) -> Result<ConcurrencyResponse, Error> {
        self.run(self.concurrency_in_turn(request)).await
    }

    async fn concurrency_in_turn(&self, request: &ConcurrencyRequest) -> Result<ConcurrencyResponse, Error> {
        let context = self.context();
        let memory = PanelMemory::new(&context);
        let grid = request.grid;
        let stream = spans_of(&context, request).await?;
        let top = request.breakdown.as_ref().map(|breakdown| breakdown.top);
        let counts = if top.is_none() && request.counted == Counted::Sessions {
            AllCounts { all: count_sessions(stream, grid, &memory).await?, ..AllCounts::default() }
        } else {
            let (presences, values) = collect_presences(stream, request, &memory).await?;
            // Sorting millions takes a while, so it runs on a thread for blocking work.
            let work = spawn_blocking(move || count_presences(presences, values, top, grid, &memory));
            work.await.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))??
        };
        let names = match &request.breakdown {
            Some(Breakdown { dimension, with_names: true, .. }) => {
                let values = counts.top.iter().map(|(value, _)| value.as_deref());
                ValueNames::of_sessions(&context, there(request), dimension, values).await?
            }
            _ => ValueNames::default(),
        };
        let series = |counts: Counts| count_series(counts, request);
        let of_value = |(value, counts): (Option<String>, Counts)| ValueSeries {
            name: names.of(value.as_deref()),
            value,
            counts: series(counts),
        };
        Ok(ConcurrencyResponse {
            scope: request.scope.response(),
            count: request.counted,
            state: request.doing,
            first_point: request.scope.zone.written(grid.from_ms),
            step_ms: grid.step_ms,
            all: series(counts.all),
            by: request.breakdown.as_ref().map(|breakdown| breakdown.dimension.name.to_string()),
            series: counts.top.into_iter().map(of_value).collect(),
            other: counts.other.map(series),
            other_values: counts.other_values as u64,
        })
    }
}

/// The spans of all sessions in scope, with the visitor's key and the value of the breakdown if they are needed.
async fn spans_of(
    context: &SessionContext,
    request: &ConcurrencyRequest,
) -> Result<SendableRecordBatchStream, Error> {
    let mut columns = presence::columns(request.doing);
    if request.counted == Counted::Visitors {
        columns.push(ident(VISITOR_KEY));
    }
    if let Some(breakdown) = &request.breakdown {
        columns.push(breakdown.value(Fact::Sessions).alias(VALUE));
    }
    rows(context, Table::Sessions, there(request), columns).await
}

/// The sessions that may have been there. One may be there for a while after its last event.
fn there(request: &ConcurrencyRequest) -> Option<Expr> {
    let grid = request.grid;
    request.scope.there(grid.from_ms.saturating_sub(SILENT_AFTER_MAX_MS), grid.to_ms())
}

/// Decimals of the mean of a series.
const AVERAGE_DECIMALS: i32 = 6;

/// The name of the breakdown's value among the columns read.
const VALUE: &str = "breakdown_value";

/// Counts sessions at each point. It keeps nothing of a session, so it can count any number of them.
async fn count_sessions(
    mut stream: SendableRecordBatchStream,
    grid: Grid,
    memory: &PanelMemory,
) -> Result<Counts, Error> {
    memory.take(Counter::bytes(grid) + Counter::counts_bytes(grid))?;
    let mut counter = Counter::new(grid);
    let mut ranges = Vec::new();
    while let Some(batch) = stream.next().await.transpose()? {
        let presence = PresenceColumns::new(&batch).ok_or_else(|| unexpected_column("spans"))?;
        for row in 0..batch.num_rows() {
            session_ranges(&presence, row, grid.in_seconds(), &mut ranges);
            counter.add(ranges.iter().copied());
        }
    }
    Ok(counter.counts())
}

/// The ranges of seconds in which a session is present, in order and disjoint.
fn session_ranges(presence: &PresenceColumns<'_>, row: usize, seconds: Grid, ranges: &mut Vec<(u32, u32)>) {
    ranges.clear();
    presence.each(row, |span| ranges.extend(seconds.overlapped(span)));
    unite_ranges(ranges);
}

/// The presences of all sessions or visitors. Each value of the breakdown is a series; without one there is one series.
async fn collect_presences(
    mut stream: SendableRecordBatchStream,
    request: &ConcurrencyRequest,
    memory: &PanelMemory,
) -> Result<(Vec<Presence>, Values), Error> {
    let mut presences: Vec<Presence> = Vec::new();
    let mut values = Values::default();
    let mut ranges = Vec::new();
    let mut sessions = 0;
    while let Some(batch) = stream.next().await.transpose()? {
        let presence = PresenceColumns::new(&batch).ok_or_else(|| unexpected_column("spans"))?;
        let visitors = match batch.column_by_name(VISITOR_KEY) {
            Some(column) => Some(integers(column).ok_or_else(|| unexpected_column(VISITOR_KEY))?),
            None => None,
        };
        let breakdown = batch.column_by_name(VALUE).map(|column| texts(column, VALUE)).transpose()?;
        for row in 0..batch.num_rows() {
            session_ranges(&presence, row, request.grid.in_seconds(), &mut ranges);
            if ranges.is_empty() {
                continue;
            }
            sessions += 1;
            let who = visitors.map_or(sessions, |visitors| visitors[row]);
            let series = match breakdown {
                Some(column) => values.number(text(column, row), memory)?,
                None => 0,
            };
            for &(from, to) in &ranges {
                memory.make_room(&mut presences)?;
                presences.push(Presence { series, who, from, to });
            }
        }
    }
    Ok((presences, values))
}

/// One series with all its values.
fn count_series(counts: Counts, request: &ConcurrencyRequest) -> CountSeries {
    let (grid, zone) = (request.grid, &request.scope.zone);
    let seconds = grid.in_seconds();
    let at_ms = counts.peak_second.map(|second| seconds.from_ms + second as i64 * seconds.step_ms);
    let peak = Peak {
        value: counts.at_once.iter().copied().max().unwrap_or(0),
        at: at_ms.map(|ms| zone.written(ms)),
    };
    CountSeries {
        peak,
        average: mean(counts.time_seconds, seconds.points as usize),
        present: counts.present.map(|values| present_series(values, request)),
        values: counts.at_once,
    }
}

fn present_series(values: Vec<u64>, request: &ConcurrencyRequest) -> PresentSeries {
    let highest = values.iter().copied().max().unwrap_or(0);
    let place = values.iter().position(|value| *value == highest && highest > 0);
    let at_ms = place.map(|place| request.grid.from_ms + place as i64 * request.grid.step_ms);
    let peak = Peak { value: highest, at: at_ms.map(|ms| request.scope.zone.written(ms)) };
    PresentSeries { peak, average: mean(values.iter().sum(), values.len()), values }
}

fn mean(sum: u64, count: usize) -> Option<f64> {
    (count > 0).then(|| rounded(sum as f64 / count as f64, AVERAGE_DECIMALS))
}
