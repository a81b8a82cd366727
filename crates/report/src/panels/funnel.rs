//! The funnel panel: how many sessions reached each step from the start of the media to the end of the content.
//!
//! Each step counts the sessions whose row has its flag. A session that resumes an earlier one is not a media start (it
//! is a `content_resume`) but may start and complete content, and one without a content length completes without marks, so
//! a step can be larger than one before it. The response says so when that happens.

use datafusion::prelude::ident;
use playhead_lake::Table;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::names::dimension::Fact;
use crate::panels::groups::{Sums, grouped, rows_where};
use crate::panels::panel_request::{Breakdown, Params, Scope, ScopeResponse};
use crate::panels::share;
use crate::panels::value_names::{ValueName, ValueNames};

/// The steps, and the column with the flag of each.
const STEPS: [(&str, &str); 8] = [
    ("media_starts", "media_start"),
    ("content_starts", "content_start"),
    ("progress_10", "progress_10"),
    ("progress_25", "progress_25"),
    ("progress_50", "progress_50"),
    ("progress_75", "progress_75"),
    ("progress_95", "progress_95"),
    ("content_completes", "content_complete"),
];

/// A request for a funnel.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelRequest {
    /// Which sessions: those that started in the range.
    pub scope: Scope,
    /// The breakdown of the steps.
    pub breakdown: Option<Breakdown>,
}

impl FunnelRequest {
    /// Parses the parameters `from`, `to`, `time_zone`, `filters`, `segment`, `include_open`, `by`, `limit`,
    /// `names`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse(pairs: &[(String, String)], _now_ms: i64) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let scope = params.scope(Fact::Sessions);
        let breakdown = params.breakdown(Fact::Sessions);
        params.finish(Self { scope, breakdown })
    }
}

/// A funnel.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct FunnelResponse {
    /// Which sessions were counted.
    pub scope: ScopeResponse,
    /// The steps of all of them, in order.
    pub steps: Vec<FunnelStep>,
    /// The breakdown of the steps; null without one.
    pub by: Option<String>,
    /// The values with the most media starts, the most first; among equals in order of their texts.
    pub values: Vec<ValueFunnel>,
    /// The steps of all other values together; null if there are none.
    pub other: Option<Vec<FunnelStep>>,
    /// How many other values there are.
    pub other_values: u64,
    /// Why a step has more sessions than the one before it; null if none has.
    pub note: Option<&'static str>,
}

/// Said of a funnel that rises.
const RISING: &str = "A step has more sessions than the one before it: sessions that resume start content without a media \
                      start, and sessions without a content length, or that begin behind a mark, complete content without \
                      progress marks.";

/// One step.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct FunnelStep {
    /// Its name, which is that of its metric.
    pub step: &'static str,
    /// How many sessions reached it.
    pub count: u64,
    /// Their share of the first step; null if that is 0.
    pub share_of_first: Option<f64>,
    /// Their share of the step before; null for the first step, or if the step before is 0.
    pub share_of_previous: Option<f64>,
}

/// The steps of one value of the breakdown.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct ValueFunnel {
    /// The value as text; null for sessions without one.
    pub value: Option<String>,
    /// Its name.
    #[serde(flatten)]
    pub name: ValueName,
    /// Its steps.
    pub steps: Vec<FunnelStep>,
}

impl Reports {
    /// Counts the sessions that reached each step.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn funnel(&self, request: &FunnelRequest) -> Result<FunnelResponse, Error> {
        self.run(async {
            let breakdown = request.breakdown.as_ref();
            let keys = breakdown.map(|breakdown| breakdown.value(Fact::Sessions)).into_iter().collect();
            let counts = STEPS.map(|(_, column)| rows_where(ident(column)));
            let counts = counts.into_iter().collect::<Result<_, Error>>()?;
            let (context, condition) = (self.context(), request.scope.started(Fact::Sessions));
            let top = breakdown.map_or(1, |breakdown| breakdown.top);
            let groups = grouped(&context, Table::Sessions, condition.clone(), keys, counts, top).await?;
            let names = match breakdown {
                Some(Breakdown { dimension, with_names: true, .. }) => {
                    let values = groups.top.iter().map(|group| group.values.first()?.as_deref());
                    ValueNames::of_sessions(&context, condition, dimension, values).await?
                }
                _ => ValueNames::default(),
            };
            let of_value = |(value, sums): (Option<String>, Sums)| ValueFunnel {
                name: names.of(value.as_deref()),
                value,
                steps: steps(&sums),
            };
            let by_value = groups.top.into_iter().map(|mut group| (group.values.pop().flatten(), group.sums));
            let all = steps(&groups.all);
            let values: Vec<ValueFunnel> = by_value.filter(|_| breakdown.is_some()).map(of_value).collect();
            let other = groups.other.map(|sums| steps(&sums));
            let does_rise = rises(&all)
                || values.iter().any(|of| rises(&of.steps))
                || other.as_deref().is_some_and(rises);
            Ok(FunnelResponse {
                scope: request.scope.response(),
                steps: all,
                by: breakdown.map(|breakdown| breakdown.dimension.name.to_string()),
                values,
                other_values: groups.other_groups,
                other,
                note: does_rise.then_some(RISING),
            })
        })
        .await
    }
}

fn rises(steps: &[FunnelStep]) -> bool {
    !steps.is_sorted_by(|one, next| one.count >= next.count)
}

fn steps(counts: &Sums) -> Vec<FunnelStep> {
    let counts: Vec<u64> = counts.iter().map(|count| u64::try_from(*count).unwrap_or(0)).collect();
    let step = |(place, (name, _)): (usize, &(&'static str, &str))| FunnelStep {
        step: name,
        count: counts[place],
        share_of_first: share(counts[place], counts[0]),
        share_of_previous: place.checked_sub(1).and_then(|before| share(counts[place], counts[before])),
    };
    STEPS.iter().enumerate().map(step).collect()
}
