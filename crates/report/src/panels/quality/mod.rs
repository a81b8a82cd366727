//! The quality panel: startup, buffering, stalls, bitrates, errors, dropped frames.
//!
//! The parts of a response are read one after the other, so numbers of open sessions may be a moment apart.

mod errors;
mod rows;
mod sums;
pub mod worsened;

use datafusion::logical_expr::lit;
use datafusion::prelude::ident;
use playhead_lake::Table;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::limits::{PANEL_BITRATES, PANEL_BUCKETS};
use crate::names::dimension::Fact;
use crate::panels::groups::{Groups, count, grouped, row_count, rows_where, sum_ms};
use crate::panels::panel_request::{Params, Scope, ScopeResponse};
use crate::panels::quality::errors::{ErrorShare, OtherErrors, errors_by_id};
use crate::panels::quality::sums::{QualityNumbers, quality_numbers};
use crate::panels::share;
use crate::time::buckets::{Buckets, Granularity};
use crate::time::range::TimeRange;

/// A request for quality.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityRequest {
    /// Which sessions: those that started in the range.
    pub scope: Scope,
    /// The buckets of the series; none without a series.
    buckets: Buckets,
    /// What is counted of the buckets: the range, up to the present.
    counted: TimeRange,
    /// How many error ids, players and versions are listed.
    pub top: usize,
}

impl QualityRequest {
    /// Parses the parameters `from`, `to`, `time_zone`, `filters`, `segment`, `include_open`, `limit`, and
    /// `granularity` (`none`, `minute`, `hour`, `day`, `week`, `month`) for a series, which needs `from`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults, such as a series with too many buckets.
    pub fn parse(pairs: &[(String, String)], now_ms: i64) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let mut scope = params.scope(Fact::Sessions);
        let top = params.top();
        let granularity = params.choice("granularity", &Granularity::ALL.map(|each| (each.name(), each)));
        let mut buckets = Buckets::default();
        match scope.range.from_ms {
            _ if granularity == Granularity::None => {}
            None => params.faults.push("from", "is required for a series"),
            Some(from_ms) => {
                let to_ms = *scope.range.to_ms.get_or_insert(now_ms);
                match Buckets::cover(granularity, from_ms, to_ms, &scope.zone) {
                    Ok(covering) => buckets = covering,
                    Err(message) => params.faults.push("granularity", message),
                }
                if buckets.len() > PANEL_BUCKETS {
                    let message = format!(
                        "makes {} buckets of this range, which is more than {PANEL_BUCKETS}; use longer ones or a \
                         shorter range",
                        buckets.len()
                    );
                    params.faults.push("granularity", message);
                }
            }
        }
        let counted = scope.range.until(Some(now_ms));
        params.finish(Self { scope, buckets, counted, top })
    }

    /// The points of a series: those of buckets that have begun, and any before one with sessions.
    fn points(&self, series: Vec<QualityNumbers>) -> Vec<QualityPoint> {
        let counted = series.iter().rposition(|numbers| numbers.sessions > 0).map_or(0, |last| last + 1);
        let of_bucket = |(bucket, (start_ms, numbers)): (usize, (&i64, QualityNumbers))| QualityPoint {
            from: self.scope.zone.written(*start_ms),
            is_partial: self.buckets.is_partial(bucket, self.counted),
            numbers,
        };
        let points = self.buckets.starts_ms().iter().zip(series).enumerate();
        points.take(self.buckets.shown(counted, self.counted.to_ms)).map(of_bucket).collect()
    }
}

/// The quality of playback.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct QualityResponse {
    /// Which sessions were counted.
    pub scope: ScopeResponse,
    /// The numbers of all of them.
    #[serde(flatten)]
    pub all: QualityNumbers,
    /// The numbers of each bucket of time, by the sessions' starts; empty without a series.
    pub series: Vec<QualityPoint>,
    /// Sessions by average bitrate, from the lowest; sessions without a bitrate come last. If there are too many
    /// bitrates, those with the most sessions.
    pub bitrates: Vec<BitrateShare>,
    /// Errors by source and id, from the table of errors, those in the most sessions first. A session with several errors is
    /// counted for each.
    pub errors_by_id: Vec<ErrorShare>,
    /// Errors by player, those with the most sessions first.
    pub errors_by_player: Vec<ErrorRate>,
    /// Errors by version of the app, those with the most sessions first.
    pub errors_by_app_version: Vec<ErrorRate>,
    /// The numbers of those that each list leaves out.
    pub other: OtherQuality,
}

/// The numbers of those that each list of the quality panel leaves out; null for a list that has all.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct OtherQuality {
    /// Of `bitrates`.
    pub bitrates: Option<OtherBitrates>,
    /// Of `errors_by_id`.
    pub errors_by_id: Option<OtherErrors>,
    /// Of `errors_by_player`.
    pub errors_by_player: Option<OtherErrorRates>,
    /// Of `errors_by_app_version`.
    pub errors_by_app_version: Option<OtherErrorRates>,
}

/// The numbers of one bucket of time.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct QualityPoint {
    /// When the bucket begins, RFC 3339 with the offset of the zone.
    pub from: String,
    /// Whether it holds moments outside the range, or that have not come yet.
    pub is_partial: bool,
    /// Its numbers.
    #[serde(flatten)]
    pub numbers: QualityNumbers,
}

/// Sessions of one bucket of bitrates.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct BitrateShare {
    /// `average_bitrate_bucket`, such as `3200-3299`; null without a bitrate.
    pub average_bitrate_bucket: Option<String>,
    /// Its sessions.
    pub sessions: u64,
    /// Their share of all sessions.
    pub share: Option<f64>,
    /// Seconds for which content played in them.
    pub content_time_spent: f64,
}

/// The buckets of bitrates that the list leaves out.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct OtherBitrates {
    /// How many there are.
    pub values: u64,
    /// Their sessions.
    pub sessions: u64,
    /// Seconds for which content played in them.
    pub content_time_spent: f64,
}

/// Errors of one player or version.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct ErrorRate {
    /// The player or version; null for sessions without one.
    pub value: Option<String>,
    /// Its sessions.
    pub sessions: u64,
    /// Its sessions with an error.
    pub error_sessions: u64,
    /// The share of these.
    pub error_rate: Option<f64>,
}

/// The errors of the players or versions that the list leaves out.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct OtherErrorRates {
    /// How many there are.
    pub values: u64,
    /// Their sessions.
    pub sessions: u64,
    /// Their sessions with an error.
    pub error_sessions: u64,
    /// The share of these.
    pub error_rate: Option<f64>,
}

impl Reports {
    /// The quality of playback.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn quality(&self, request: &QualityRequest) -> Result<QualityResponse, Error> {
        self.run(self.quality_in_turn(request)).await
    }

    async fn quality_in_turn(&self, request: &QualityRequest) -> Result<QualityResponse, Error> {
        let context = self.context();
        let condition = request.scope.started(Fact::Sessions);
        let (all, series) = quality_numbers(&context, condition.clone(), &request.buckets).await?;
        let has_error = || ident("error_events").gt(lit(0));
        let sums = vec![row_count(), rows_where(has_error())?];
        let by = async |column: &str| {
            let keys = vec![ident(column)];
            grouped(&context, Table::Sessions, condition.clone(), keys, sums.clone(), request.top).await
        };
        let keys = vec![ident("average_bitrate_bucket")];
        let sums = vec![row_count(), sum_ms("content_time_spent")];
        let bitrates =
            grouped(&context, Table::Sessions, condition.clone(), keys, sums, PANEL_BITRATES).await?;
        let (errors_by_id, other_errors) =
            errors_by_id(&context, &request.scope, all.sessions, request.top).await?;
        let (players, versions) = (by("player_name").await?, by("app_version").await?);
        let other = OtherQuality {
            bitrates: other_bitrates(&bitrates),
            errors_by_id: other_errors,
            errors_by_player: other_rates(&players),
            errors_by_app_version: other_rates(&versions),
        };
        Ok(QualityResponse {
            scope: request.scope.response(),
            series: request.points(series),
            bitrates: bitrate_shares(bitrates),
            errors_by_id,
            errors_by_player: error_rates(players),
            errors_by_app_version: error_rates(versions),
            other,
            all,
        })
    }
}

fn bitrate_shares(groups: Groups) -> Vec<BitrateShare> {
    let of_all = count(groups.all[0]);
    let mut shares: Vec<BitrateShare> = groups
        .top
        .into_iter()
        .map(|mut group| BitrateShare {
            average_bitrate_bucket: group.values.pop().flatten(),
            sessions: count(group.sums[0]),
            share: share(count(group.sums[0]), of_all),
            content_time_spent: playhead_session::seconds(group.sums[1]),
        })
        .collect();
    shares.sort_by(|one, other| {
        let lowest =
            |of: &BitrateShare| of.average_bitrate_bucket.as_deref().map_or(f64::INFINITY, lowest_bitrate);
        lowest(one).total_cmp(&lowest(other))
    });
    shares
}

/// The start of a bucket of bitrates such as `3200-3299`. It may be below 0.
fn lowest_bitrate(bucket: &str) -> f64 {
    let digits = bucket.char_indices().skip(1);
    let end =
        digits.into_iter().find(|(_, character)| *character == '-').map_or(bucket.len(), |(end, _)| end);
    bucket[..end].parse().unwrap_or(f64::MAX)
}

fn error_rates(groups: Groups) -> Vec<ErrorRate> {
    let rate = |mut group: crate::panels::groups::Group| ErrorRate {
        value: group.values.pop().flatten(),
        sessions: count(group.sums[0]),
        error_sessions: count(group.sums[1]),
        error_rate: share(count(group.sums[1]), count(group.sums[0])),
    };
    groups.top.into_iter().map(rate).collect()
}

fn other_bitrates(groups: &Groups) -> Option<OtherBitrates> {
    let sums = groups.other.as_ref()?;
    Some(OtherBitrates {
        values: groups.other_groups,
        sessions: count(sums[0]),
        content_time_spent: playhead_session::seconds(sums[1]),
    })
}

fn other_rates(groups: &Groups) -> Option<OtherErrorRates> {
    let sums = groups.other.as_ref()?;
    let [sessions, error_sessions] = [count(sums[0]), count(sums[1])];
    let error_rate = share(error_sessions, sessions);
    Some(OtherErrorRates { values: groups.other_groups, sessions, error_sessions, error_rate })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_of_bitrates_are_ordered_as_numbers() {
        let mut buckets = ["10000-10099", "900-999", "0-99", "-100--1", "-1200--1101"];
        buckets.sort_by(|one, other| lowest_bitrate(one).total_cmp(&lowest_bitrate(other)));
        assert_eq!(buckets, ["-1200--1101", "-100--1", "0-99", "900-999", "10000-10099"]);
    }
}
