//! The ads panel: starts, ends and time by pod position, ad, advertiser and campaign, and where breaks lose viewers.
//!
//! The parts of a response are read one after the other, so numbers of open sessions may be a moment apart.

use std::collections::HashMap;

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, cast, lit, when};
use datafusion::prelude::{SessionContext, ident};
use playhead_lake::Table;
use playhead_session::seconds;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::limits::PANEL_POSITIONS;
use crate::names::dimension::{Fact, NAMED};
use crate::panels::breaks::{BreakNumbers, OtherBreaks, break_numbers};
use crate::panels::groups::{Group, Groups, Sums, grouped, row_count, rows_of, rows_where, sum_ms};
use crate::panels::panel_request::{Params, Scope, ScopeResponse};
use crate::panels::share;
use crate::query::names::{Names, latest_names};

/// A request for the ads panel.
#[derive(Debug, Clone, PartialEq)]
pub struct AdsRequest {
    /// Which ad views: those of sessions that started in the range.
    pub scope: Scope,
    /// How many ads, advertisers, campaigns and breaks are listed.
    pub top: usize,
    /// Whether the response shows where breaks lose viewers.
    pub with_breaks: bool,
}

impl AdsRequest {
    /// Parses the parameters `from`, `to`, `time_zone`, `filters` (on ad views), `segment`, `include_open`, `limit`, and
    /// `breaks`; `false` leaves out the breaks, which take memory for each session with ads.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse(pairs: &[(String, String)], _now_ms: i64) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let scope = params.scope(Fact::Ads);
        let top = params.top();
        let with_breaks = params.choice("breaks", &[("true", true), ("false", false)]);
        params.finish(Self { scope, top, with_breaks })
    }
}

/// The response of the ads panel.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct AdsResponse {
    /// Which ad views were counted.
    pub scope: ScopeResponse,
    /// The numbers of all of them.
    #[serde(flatten)]
    pub all: AdNumbers,
    /// By position of the break in the content and of the ad in the break, in that order; those without come last.
    pub by_position: Vec<PositionAds>,
    /// By ad, those with the most starts first.
    pub by_ad: Vec<OneAd>,
    /// By advertiser, those with the most starts first.
    pub by_advertiser: Vec<ValueAds>,
    /// By campaign, those with the most starts first.
    pub by_campaign: Vec<ValueAds>,
    /// Breaks, those with the most viewers first; null if the request leaves them out.
    pub breaks: Option<Vec<BreakNumbers>>,
    /// The numbers of those that each list leaves out.
    pub other: OtherAds,
}

/// The numbers of those that each list of the ads panel leaves out; null for a list that has all.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct OtherAds {
    /// Of `by_position`.
    pub by_position: Option<OtherAdNumbers>,
    /// Of `by_ad`.
    pub by_ad: Option<OtherAdNumbers>,
    /// Of `by_advertiser`.
    pub by_advertiser: Option<OtherAdNumbers>,
    /// Of `by_campaign`.
    pub by_campaign: Option<OtherAdNumbers>,
    /// Of `breaks`.
    pub breaks: Option<OtherBreaks>,
}

/// The ads that a list leaves out.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct OtherAdNumbers {
    /// How many positions, ads, advertisers or campaigns there are besides those of the list.
    pub values: u64,
    /// Their numbers.
    #[serde(flatten)]
    pub numbers: AdNumbers,
}

/// The numbers of some ad views.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct AdNumbers {
    /// Ads started.
    pub ad_starts: u64,
    /// Ads played to their end.
    pub ad_completes: u64,
    /// Ads skipped.
    pub ad_skips: u64,
    /// Ads cut short by a later event.
    pub ads_not_completed: u64,
    /// Ads that are playing now, of open sessions.
    pub ads_open: u64,
    /// Completes as a share of starts; null without starts.
    pub ad_completion_rate: Option<f64>,
    /// Seconds for which ads played.
    pub ad_time_spent: f64,
}

/// The ads of one position.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct PositionAds {
    /// The position of the break in the content.
    pub pod_position: Option<i64>,
    /// The position of the ad in the break.
    pub ad_pod_position: Option<i64>,
    /// Their numbers.
    #[serde(flatten)]
    pub numbers: AdNumbers,
}

/// One ad.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct OneAd {
    /// Its id; null for the ads of one name that came without an id.
    pub ad_id: Option<String>,
    /// Its name: of an ad with an id, the one that players gave last; null if none gave one.
    pub ad_name: Option<String>,
    /// Other names that players gave to it, the latest first; at most 5.
    pub also_known_as: Vec<String>,
    /// How many other names it has.
    pub also_known_as_count: u64,
    /// Its numbers.
    #[serde(flatten)]
    pub numbers: AdNumbers,
}

/// The ads of one advertiser or campaign.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct ValueAds {
    /// The advertiser or campaign; null for ads without one.
    pub value: Option<String>,
    /// Their numbers.
    #[serde(flatten)]
    pub numbers: AdNumbers,
}

impl Reports {
    /// The numbers of ads and breaks.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn ads(&self, request: &AdsRequest) -> Result<AdsResponse, Error> {
        self.run(self.ads_in_turn(request)).await
    }

    async fn ads_in_turn(&self, request: &AdsRequest) -> Result<AdsResponse, Error> {
        let context = self.context();
        let condition = request.scope.started(Fact::Ads);
        let sums = ad_sums()?;
        let by = async |keys: Vec<Expr>, top: usize| {
            grouped(&context, Table::Ads, condition.clone(), keys, sums.clone(), top).await
        };
        let as_text = |column: &str| cast(ident(column), DataType::Utf8);
        let positions =
            by(vec![as_text("pod_position"), as_text("ad_pod_position")], PANEL_POSITIONS).await?;
        // An ad is known by its id. Not every player sends its name along, and names are changed.
        let name_without_id = when(ident("ad_id").is_null(), ident("ad_name")).end()?;
        let ads = by(vec![ident("ad_id"), name_without_id], request.top).await?;
        let names = names_of(&context, condition.clone(), &ads.top).await?;
        let advertisers = by(vec![as_text("advertiser")], request.top).await?;
        let campaigns = by(vec![as_text("campaign_id")], request.top).await?;
        let breaks = match request.with_breaks {
            true => Some(break_numbers(&context, &request.scope, request.top).await?),
            false => None,
        };
        let (breaks, other_breaks) = breaks.unzip();
        let other = OtherAds {
            by_position: other_numbers(&positions),
            by_ad: other_numbers(&ads),
            by_advertiser: other_numbers(&advertisers),
            by_campaign: other_numbers(&campaigns),
            breaks: other_breaks.flatten(),
        };
        Ok(AdsResponse {
            scope: request.scope.response(),
            all: numbers(&positions.all),
            by_position: by_position(positions.top),
            by_ad: ads.top.into_iter().map(|ad| one_ad(ad, &names)).collect(),
            by_advertiser: advertisers.top.into_iter().map(value_ads).collect(),
            by_campaign: campaigns.top.into_iter().map(value_ads).collect(),
            breaks,
            other,
        })
    }
}

/// The names that players gave to ads with an id.
async fn names_of(
    context: &SessionContext,
    condition: Option<Expr>,
    ads: &[Group],
) -> Result<HashMap<String, Names>, Error> {
    let ids = ads.iter().filter_map(|ad| ad.values[0].as_deref()).collect();
    let Some(named) = NAMED.iter().find(|named| named.id == "ad_id") else { return Ok(HashMap::new()) };
    latest_names(rows_of(context, Table::Ads, condition).await?, named, &ids).await
}

/// The sums that [`numbers`] takes.
fn ad_sums() -> Result<Vec<Expr>, Error> {
    let ended = |end: &str| rows_where(ident("end").eq(lit(end)));
    Ok(vec![
        row_count(),
        ended("completed")?,
        ended("skipped")?,
        ended("not_completed")?,
        rows_where(ident("end").is_null())?,
        sum_ms("time_played"),
    ])
}

fn numbers(sums: &Sums) -> AdNumbers {
    let count = |place: usize| u64::try_from(sums[place]).unwrap_or(0);
    AdNumbers {
        ad_starts: count(0),
        ad_completes: count(1),
        ad_skips: count(2),
        ads_not_completed: count(3),
        ads_open: count(4),
        ad_completion_rate: share(count(1), count(0)),
        ad_time_spent: seconds(sums[5]),
    }
}

fn other_numbers(groups: &Groups) -> Option<OtherAdNumbers> {
    let sums = groups.other.as_ref()?;
    Some(OtherAdNumbers { values: groups.other_groups, numbers: numbers(sums) })
}

fn by_position(groups: Vec<Group>) -> Vec<PositionAds> {
    let position = |value: &Option<String>| value.as_deref().and_then(|text| text.parse().ok());
    let of_group = |group: Group| PositionAds {
        pod_position: position(&group.values[0]),
        ad_pod_position: position(&group.values[1]),
        numbers: numbers(&group.sums),
    };
    let mut positions: Vec<PositionAds> = groups.into_iter().map(of_group).collect();
    positions.sort_by_key(|of| {
        let [pod, ad] = [of.pod_position, of.ad_pod_position];
        (pod.is_none(), pod, ad.is_none(), ad)
    });
    positions
}

fn one_ad(mut group: Group, names: &HashMap<String, Names>) -> OneAd {
    let own_name = group.values.pop().flatten();
    let ad_id = group.values.pop().flatten();
    let names = ad_id.as_ref().and_then(|id| names.get(id));
    OneAd {
        ad_name: names.and_then(Names::latest).map(str::to_owned).or(own_name),
        also_known_as: names.map(Names::others).unwrap_or_default(),
        also_known_as_count: names.map_or(0, Names::other_count),
        ad_id,
        numbers: numbers(&group.sums),
    }
}

fn value_ads(mut group: Group) -> ValueAds {
    ValueAds { value: group.values.pop().flatten(), numbers: numbers(&group.sums) }
}
