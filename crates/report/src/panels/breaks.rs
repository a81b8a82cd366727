//! The points at which ad breaks lose viewers.
//!
//! A break loses a viewer if the session has closed without completing the content, the break is its last one, and
//! no content played from the start of the break's last ad on: only that ad played after it. A viewer who leaves during
//! the ad is lost in it (its end is `not_completed`); a viewer who sees or skips it and leaves before content plays
//! again is lost after it.

use std::collections::{HashMap, HashSet};

use datafusion::arrow::array::{Array, AsArray, StringArray};
use datafusion::arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use datafusion::logical_expr::lit;
use datafusion::prelude::{SessionContext, ident};
use futures::StreamExt;
use playhead_lake::Table;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;
use crate::names::dimension::Fact;
use crate::panels::memory::{PanelMemory, unexpected_column};
use crate::panels::panel_request::Scope;
use crate::panels::span_columns::TimeSpanColumn;
use crate::panels::values::{text, texts};
use crate::panels::{rows, share};

/// The numbers of the breaks at one place of the content.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct BreakNumbers {
    /// The position of the break in the content.
    pub pod_position: Option<i64>,
    /// The content second at which it begins.
    pub pod_offset: Option<f64>,
    /// Sessions with an ad in such a break.
    pub viewers: u64,
    /// Viewers that were lost in the break's last ad.
    pub lost_in_ad: u64,
    /// Viewers that were lost after the break's last ad, before content played again.
    pub lost_after_ad: u64,
    /// Lost viewers as a share of all viewers.
    pub loss_rate: Option<f64>,
}

/// The breaks that the list leaves out.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct OtherBreaks {
    /// How many places of breaks there are besides those of the list.
    pub values: u64,
    /// Their viewers, added up: a session counts at each place.
    pub viewers: u64,
    /// Viewers that were lost in the last ad of one of them.
    pub lost_in_ad: u64,
    /// Viewers that were lost after the last ad of one of them.
    pub lost_after_ad: u64,
    /// Lost viewers as a share of all viewers.
    pub loss_rate: Option<f64>,
}

/// A place of the content: its position and the bits of its offset.
type Place = (Option<i64>, Option<u64>);

/// The state of a session from its ads.
#[derive(Debug, Clone, Copy)]
struct LastAd {
    /// The number of the session.
    session: u32,
    number: i64,
    /// The number of its place.
    place: u32,
    is_completed_or_skipped: bool,
    started_ms: i64,
    played_ms: i64,
}

#[derive(Debug, Default)]
struct Breaks {
    places: HashMap<Place, u32>,
    numbers: Vec<BreakNumbers>,
    last_ads: HashMap<u128, LastAd>,
    /// The numbers of sessions and places that are counted: a session counts once at each place.
    seen: HashSet<(u32, u32)>,
}

/// Bytes of an entry of the map, with its share of the map's free space.
const LAST_AD_BYTES: usize = 2 * size_of::<(u128, LastAd)>();
const SEEN_BYTES: usize = 2 * size_of::<(u32, u32)>() + 2;
const PLACE_BYTES: usize = 2 * (size_of::<(Place, u32)>() + size_of::<BreakNumbers>());

/// The breaks with the most viewers, the most first, and the others.
pub(crate) async fn break_numbers(
    context: &SessionContext,
    scope: &Scope,
    top: usize,
) -> Result<(Vec<BreakNumbers>, Option<OtherBreaks>), Error> {
    let memory = PanelMemory::new(context);
    let mut breaks = Breaks::default();
    breaks.collect_ads(context, scope, &memory).await?;
    if !breaks.last_ads.is_empty() {
        breaks.find_lost(context, scope).await?;
    }
    let mut numbers = breaks.numbers;
    for of in &mut numbers {
        of.loss_rate = share(of.lost_in_ad + of.lost_after_ad, of.viewers);
    }
    numbers.sort_by(|one, other| {
        let by_viewers = other.viewers.cmp(&one.viewers);
        let offset = |of: &BreakNumbers| of.pod_offset.unwrap_or(f64::INFINITY);
        by_viewers
            .then_with(|| one.pod_position.cmp(&other.pod_position))
            .then_with(|| offset(one).total_cmp(&offset(other)))
    });
    let others = numbers.split_off(top.min(numbers.len()));
    Ok((numbers, other_breaks(&others)))
}

fn other_breaks(others: &[BreakNumbers]) -> Option<OtherBreaks> {
    let sum = |of: fn(&BreakNumbers) -> u64| others.iter().map(of).sum::<u64>();
    let (viewers, lost_in_ad) = (sum(|of| of.viewers), sum(|of| of.lost_in_ad));
    let lost_after_ad = sum(|of| of.lost_after_ad);
    (!others.is_empty()).then(|| OtherBreaks {
        values: others.len() as u64,
        viewers,
        lost_in_ad,
        lost_after_ad,
        loss_rate: share(lost_in_ad + lost_after_ad, viewers),
    })
}

impl Breaks {
    async fn collect_ads(
        &mut self,
        context: &SessionContext,
        scope: &Scope,
        memory: &PanelMemory,
    ) -> Result<(), Error> {
        let columns =
            ["session_id", "ad_number", "pod_position", "pod_offset", "ad_started_at", "time_played", "end"];
        let unexpected = |place: usize| unexpected_column(columns[place]);
        let condition = scope.started(Fact::Ads);
        let mut stream = rows(context, Table::Ads, condition, columns.map(ident).to_vec()).await?;
        while let Some(batch) = stream.next().await.transpose()? {
            let integers = |place: usize| {
                batch.column(place).as_primitive_opt::<Int64Type>().ok_or_else(|| unexpected(place))
            };
            let numbers = |place: usize| {
                batch.column(place).as_primitive_opt::<Float64Type>().ok_or_else(|| unexpected(place))
            };
            let sessions = texts(batch.column(0), columns[0])?;
            let (ad_numbers, positions) = (integers(1)?, integers(2)?);
            let (offsets, times) = (numbers(3)?, numbers(5)?);
            let started = batch.column(4).as_primitive_opt::<TimestampMicrosecondType>();
            let started = started.ok_or_else(|| unexpected(4))?;
            let ends = texts(batch.column(6), columns[6])?;
            for row in 0..batch.num_rows() {
                let Some(session) = session_key(sessions, row) else { continue };
                let position = positions.is_valid(row).then(|| positions.value(row));
                let offset = offsets.is_valid(row).then(|| offsets.value(row));
                let ad = LastAd {
                    session: 0,
                    number: ad_numbers.value(row),
                    place: self.place(position, offset, memory)?,
                    is_completed_or_skipped: matches!(text(ends, row), Some("completed" | "skipped")),
                    started_ms: started.value(row).div_euclid(1_000),
                    played_ms: (times.value(row) * 1_000.0).round() as i64,
                };
                self.add_ad(session, ad, memory)?;
            }
        }
        Ok(())
    }

    fn place(
        &mut self,
        pod_position: Option<i64>,
        pod_offset: Option<f64>,
        memory: &PanelMemory,
    ) -> Result<u32, Error> {
        let place = (pod_position, pod_offset.map(f64::to_bits));
        if let Some(known) = self.places.get(&place) {
            return Ok(*known);
        }
        memory.take(PLACE_BYTES)?;
        let number = self.numbers.len() as u32;
        self.places.insert(place, number);
        self.numbers.push(BreakNumbers {
            pod_position,
            pod_offset,
            viewers: 0,
            lost_in_ad: 0,
            lost_after_ad: 0,
            loss_rate: None,
        });
        Ok(number)
    }

    fn add_ad(&mut self, session: u128, ad: LastAd, memory: &PanelMemory) -> Result<(), Error> {
        if !self.last_ads.contains_key(&session) {
            memory.take(LAST_AD_BYTES)?;
        }
        let next = self.last_ads.len() as u32;
        let last = self.last_ads.entry(session).or_insert(LastAd { session: next, ..ad });
        // A player may give several breaks one position, so only the place tells them apart.
        let seen = (last.session, ad.place);
        if !self.seen.contains(&seen) {
            memory.take(SEEN_BYTES)?;
            self.seen.insert(seen);
            self.numbers[ad.place as usize].viewers += 1;
        }
        if ad.number >= last.number {
            *last = LastAd { session: last.session, ..ad };
        }
        Ok(())
    }

    async fn find_lost(&mut self, context: &SessionContext, scope: &Scope) -> Result<(), Error> {
        // The filters apply to ads; here every session with one of the ads counts.
        let not_over = ident("content_complete").is_not_true();
        let gone = ident("is_open").eq(lit(false)).and(not_over).and(ident("ad_count").gt(lit(0)));
        let condition = match scope.range.expr("started_at") {
            Some(in_range) => gone.and(in_range),
            None => gone,
        };
        let columns = vec![ident("session_id"), ident("playing_spans"), ident("ad_count")];
        let mut stream = rows(context, Table::Sessions, Some(condition), columns).await?;
        while let Some(batch) = stream.next().await.transpose()? {
            let sessions = texts(batch.column(0), "session_id")?;
            let spans =
                TimeSpanColumn::new(batch.column(1)).ok_or_else(|| unexpected_column("playing_spans"))?;
            let ad_counts = batch.column(2).as_primitive_opt::<Int64Type>();
            let ad_counts = ad_counts.ok_or_else(|| unexpected_column("ad_count"))?;
            for row in 0..batch.num_rows() {
                let Some(ad) = session_key(sessions, row).and_then(|session| self.last_ads.get(&session))
                else {
                    continue;
                };
                // If a filter excludes the session's last ad, its last break is another one.
                if ad.number < ad_counts.value(row) {
                    continue;
                }
                let after = |(from_ms, to_ms): (i64, i64)| (to_ms - from_ms.max(ad.started_ms)).max(0);
                let played_ms: i64 = spans.row(row).map(after).sum();
                if played_ms > ad.played_ms {
                    continue;
                }
                let numbers = &mut self.numbers[ad.place as usize];
                match ad.is_completed_or_skipped {
                    true => numbers.lost_after_ad += 1,
                    false => numbers.lost_in_ad += 1,
                }
            }
        }
        Ok(())
    }
}

/// The first half of a session's id, which is random and unique to the session.
fn session_key(ids: &StringArray, row: usize) -> Option<u128> {
    const DIGITS: usize = 32;
    u128::from_str_radix(text(ids, row)?.get(..DIGITS)?, 16).ok()
}
