//! Counts at each point, from a list of presences.

use crate::error::Error;
use crate::panels::memory::PanelMemory;
use crate::panels::spans::{CoverCounts, Grid, Presence, peak, unite};
use crate::panels::values::Values;

/// Counts at each point.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// All together.
    pub(crate) all: Vec<u64>,
    /// The counts of the values with the highest peaks.
    pub(crate) top: Vec<(Option<String>, Vec<u64>)>,
    /// The counts of all other values together, if there are any.
    pub(crate) other: Option<Vec<u64>>,
    /// How many other values there are.
    pub(crate) other_values: usize,
}

/// One ranked value.
#[derive(Debug)]
struct Ranked {
    number: u32,
    peak: u64,
    /// The sum of its counts over all points.
    time: u64,
}

/// Counts presences; with a breakdown, also those of each of the `top` values.
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
        // Ranking takes the arrival and the departure of each presence.
        memory.take(presences.len() * 2 * size_of::<u32>())?;
        unite(&mut presences);
        let texts = values.in_order();
        let mut ranked = rank(&presences, &texts);
        counts.other_values = ranked.len().saturating_sub(top);
        ranked.truncate(top);
        // From here on, a series is a rank; the last series holds all values without a rank.
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

/// All values, those with the highest peaks first.
fn rank(presences: &[Presence], texts: &[Option<String>]) -> Vec<Ranked> {
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
    ranked
}
