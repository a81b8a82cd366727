//! The sessions and the length of one content, and what their playheads count, for its panels.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Float64Type;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::{SessionContext, ident};
use playhead_lake::Table;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::names::dimension::Fact;
use crate::names::timeline::{Timeline, is_one_of, timeline};
use crate::panels::groups::{Group, count as rows_in, grouped, row_count, sum_ms};
use crate::panels::panel_request::Scope;

/// The sessions of a content by what their playheads count, as dimension `timeline` tells them apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub struct TimelineCounts {
    /// Sessions whose playheads are seconds of the content, up to its length.
    pub content: u64,
    /// Sessions whose content has no length.
    pub no_length: u64,
    /// Sessions of live content, whose playheads are seconds of the day.
    pub live: u64,
    /// Sessions whose playheads all lie behind the length that they name.
    pub beyond_length: u64,
}

/// The timelines of sessions that go by positions in the content. Those without a length are among them, because another
/// player may know the length.
pub(crate) const BY_CONTENT: [Timeline; 2] = [Timeline::Content, Timeline::NoLength];

/// The timelines of sessions that no position in the content can be told of.
const BY_CLOCK: [Timeline; 2] = [Timeline::Live, Timeline::BeyondLength];

impl TimelineCounts {
    pub(crate) const fn of(&self, timeline: Timeline) -> u64 {
        match timeline {
            Timeline::Content => self.content,
            Timeline::NoLength => self.no_length,
            Timeline::Live => self.live,
            Timeline::BeyondLength => self.beyond_length,
        }
    }

    /// The timelines of sessions that go by the clock: also those without a length, if no session knows one.
    pub(crate) fn by_clock(&self) -> Vec<Timeline> {
        let no_length = (self.content == 0).then_some(Timeline::NoLength);
        BY_CLOCK.into_iter().chain(no_length).collect()
    }

    /// Whether the content is one of the clock: it has sessions, and none that knows its length.
    pub(crate) fn is_by_clock(&self) -> bool {
        self.content == 0 && Timeline::ALL.iter().any(|timeline| self.of(*timeline) > 0)
    }
}

/// The sessions of a content in scope by what their playheads count, and the time for which content played in them, ms.
pub(crate) async fn timelines_of(
    context: &SessionContext,
    content_id: &str,
    scope: &Scope,
) -> Result<(TimelineCounts, [i64; Timeline::ALL.len()]), Error> {
    let sums = vec![row_count(), sum_ms("content_time_spent")];
    let condition = sessions_of(content_id, scope);
    let most = Timeline::ALL.len();
    let groups = grouped(context, Table::Sessions, Some(condition), vec![timeline()], sums, most).await?;
    let of = |timeline: Timeline, sum: usize| {
        let is_it = |group: &&Group| group.values.iter().flatten().any(|value| value == timeline.name());
        groups.top.iter().find(is_it).and_then(|group| group.sums.get(sum)).copied().unwrap_or(0)
    };
    let counts = TimelineCounts {
        content: rows_in(of(Timeline::Content, 0)),
        no_length: rows_in(of(Timeline::NoLength, 0)),
        live: rows_in(of(Timeline::Live, 0)),
        beyond_length: rows_in(of(Timeline::BeyondLength, 0)),
    };
    Ok((counts, Timeline::ALL.map(|timeline| of(timeline, 1))))
}

/// Rows of a content.
pub(crate) fn is_of_content(content_id: &str) -> Expr {
    ident("content_id").eq(lit(content_id))
}

/// The sessions of one content.
fn sessions_of(content_id: &str, scope: &Scope) -> Expr {
    match scope.started(Fact::Sessions) {
        Some(condition) => is_of_content(content_id).and(condition),
        None => is_of_content(content_id),
    }
}

/// The sessions of one content that go by positions in it.
pub(crate) fn sessions_by_content(content_id: &str, scope: &Scope) -> Expr {
    sessions_of(content_id, scope).and(is_one_of(&BY_CONTENT))
}

/// The length of a content, seconds: the most frequent length above 0 among these sessions; among equals the longest.
/// `None` if none has one.
pub(crate) async fn content_length(context: &SessionContext, sessions: Expr) -> Result<Option<f64>, Error> {
    let length = || ident("content_length");
    let says_one = length().gt(lit(0.0)).and(length().lt(lit(f64::INFINITY)));
    let frame = context.table(Table::Sessions.name()).await?.filter(sessions.and(says_one))?;
    let frame = frame.aggregate(vec![length()], vec![count(lit(1)).alias("said_by")])?;
    let order = vec![ident("said_by").sort(false, false), length().sort(false, false)];
    let batches = frame.sort(order)?.limit(0, Some(1))?.collect().await?;
    let found = batches.iter().find(|batch| batch.num_rows() > 0);
    Ok(found.and_then(|batch| Some(batch.column(0).as_primitive_opt::<Float64Type>()?.value(0))))
}
