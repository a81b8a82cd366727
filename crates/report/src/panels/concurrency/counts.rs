//! Counts of those who are there at each point, from a list of who is there when.

use crate::error::Error;
use crate::panels::memory::PanelMemory;
use crate::panels::spans::{CoverCounts, Grid, Presence, peak, unite};
use crate::panels::values::Values;

/// Counts at each point.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// All together.
    pub(crate) all: Vec<u64>,
    /// Those of the values with the highest peaks.
    pub(crate) top: Vec<(Option<String>, Vec<u64>)>,
    /// Those of all other values together, when there are any.
    pub(crate) other: Option<Vec<u64>>,
}

/// One value among those that are ranked.
#[derive(Debug)]
struct Ranked {
    number: u32,
    peak: u64,
    /// Points, each as often as somebody is there.
    time: u64,
}

/// Counts presences; those of `top` values each, when they are broken down.
pub(crate) fn count_presences(
    mut presences: Vec<Presence>,
    values: Values,
    top: Option<usize>,
    grid: Grid,
    memory: &PanelMemory,
) -> Result<Counts, Error> {
    let points = grid.points as usize;
    memory.take(CoverCounts::bytes(points) * (1 + top.map_or(0, |top| top + 1)))?;
    let mut counts = Counts::default();
    if let Some(top) = top {
        // What ranking takes: arrival and departure of each presence.
        memory.take(presences.len() * 2 * size_of::<u32>())?;
        unite(&mut presences);
        let texts = values.in_order();
        let ranked = rank(&presences, &texts, top);
        // From here on a series is a rank, and the last one that of all values without a rank.
        let mut rank_of = vec![ranked.len() as u32; texts.len()];
        for (rank, value) in ranked.iter().enumerate() {
            rank_of[value.number as usize] = rank as u32;
        }
        presences.iter_mut().for_each(|presence| presence.series = rank_of[presence.series as usize]);
        unite(&mut presences);
        let mut by_rank = presences.chunk_by(|one, next| one.series == next.series);
        for value in &ranked {
            let of_value = by_rank.next().unwrap_or_default();
            counts.top.push((texts[value.number as usize].clone(), count(of_value, points)));
        }
        counts.other = by_rank.next().map(|others| count(others, points));
        presences.iter_mut().for_each(|presence| presence.series = 0);
    }
    unite(&mut presences);
    counts.all = count(&presences, points);
    Ok(counts)
}

fn count(presences: &[Presence], points: usize) -> Vec<u64> {
    let mut counts = CoverCounts::new(points);
    for presence in presences {
        counts.add(presence.from as usize, presence.to as usize);
    }
    counts.counts()
}

/// The values with the highest peaks, the highest first.
fn rank(presences: &[Presence], texts: &[Option<String>], top: usize) -> Vec<Ranked> {
    let of_value = |presences: &[Presence]| Ranked {
        number: presences[0].series,
        peak: peak(presences),
        time: presences.iter().map(|presence| u64::from(presence.to - presence.from)).sum(),
    };
    let by_value = presences.chunk_by(|one, next| one.series == next.series);
    let mut ranked: Vec<Ranked> = by_value.map(of_value).collect();
    ranked.sort_by(|one, other| {
        let by_size = (other.peak, other.time).cmp(&(one.peak, one.time));
        by_size.then_with(|| texts[one.number as usize].cmp(&texts[other.number as usize]))
    });
    ranked.truncate(top);
    ranked
}
