//! Counts at each point, from who was there in which seconds.

use crate::error::Error;
use crate::panels::memory::PanelMemory;
use crate::panels::spans::{CoverCounts, Grid, Presence, peak, unite};
use crate::panels::values::Values;

/// The counts of one series.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// The most that were there in one second of each point.
    pub(crate) at_once: Vec<u64>,
    /// The number of the first second with the highest count; `None` if nobody was ever there.
    pub(crate) peak_second: Option<usize>,
    /// The sum of the counts of all seconds.
    pub(crate) time_seconds: u64,
    /// How many were there at some time in each point; `None` if points are seconds.
    pub(crate) present: Option<Vec<u64>>,
}

/// The counts of all series.
#[derive(Debug, Default)]
pub(crate) struct AllCounts {
    /// All together.
    pub(crate) all: Counts,
    /// The counts of the values with the highest peaks.
    pub(crate) top: Vec<(Option<String>, Counts)>,
    /// The counts of all other values together, if there are any.
    pub(crate) other: Option<Counts>,
    /// How many other values there are.
    pub(crate) other_values: usize,
}

/// Counts one series.
#[derive(Debug)]
pub(crate) struct Counter {
    /// How many seconds a point has.
    step_seconds: usize,
    seconds: CoverCounts,
    points: Option<CoverCounts>,
}

impl Counter {
    /// Nobody, over a grid.
    pub(crate) fn new(grid: Grid) -> Self {
        let seconds = grid.in_seconds();
        let step_seconds = grid.step_seconds();
        let points = (step_seconds > 1).then(|| CoverCounts::new(grid.points as usize));
        Self { step_seconds, seconds: CoverCounts::new(seconds.points as usize), points }
    }

    /// Bytes of a counter over a grid.
    pub(crate) const fn bytes(grid: Grid) -> usize {
        CoverCounts::bytes(grid.in_seconds().points as usize) + CoverCounts::bytes(grid.points as usize)
    }

    /// Bytes of its counts.
    pub(crate) const fn counts_bytes(grid: Grid) -> usize {
        2 * grid.points as usize * size_of::<u64>()
    }

    /// Counts somebody who is there in these seconds. The ranges are in order and disjoint.
    pub(crate) fn add(&mut self, ranges: impl IntoIterator<Item = (u32, u32)>) {
        let mut uncounted_from = 0;
        for (from, to) in ranges {
            let (from, to) = (from as usize, to as usize);
            self.seconds.add(from, to);
            if let Some(points) = &mut self.points {
                let end = to.div_ceil(self.step_seconds);
                points.add((from / self.step_seconds).max(uncounted_from), end);
                uncounted_from = end;
            }
        }
    }

    /// The counts.
    pub(crate) fn counts(self) -> Counts {
        let mut counts = Counts::default();
        let mut highest = 0;
        for (second, count) in self.seconds.counts().enumerate() {
            if second % self.step_seconds == 0 {
                counts.at_once.push(0);
            }
            if let Some(at_once) = counts.at_once.last_mut() {
                *at_once = count.max(*at_once);
            }
            if count > highest {
                (highest, counts.peak_second) = (count, Some(second));
            }
            counts.time_seconds += count;
        }
        counts.present = self.points.map(|points| points.counts().collect());
        counts
    }
}

/// One ranked value.
#[derive(Debug)]
struct Ranked {
    number: u32,
    peak: u64,
    /// The sum of its counts over all seconds.
    time_seconds: u64,
}

/// Counts presences, which are in seconds; with a breakdown, also those of each of the `top` values.
pub(crate) fn count_presences(
    mut presences: Vec<Presence>,
    values: Values,
    top: Option<usize>,
    grid: Grid,
    memory: &PanelMemory,
) -> Result<AllCounts, Error> {
    memory.take(Counter::bytes(grid))?;
    memory.take(Counter::counts_bytes(grid) * (1 + top.map_or(0, |top| top + 1)))?;
    let mut counts = AllCounts::default();
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
            counts.top.push((texts[value.number as usize].clone(), count(of_value, grid)));
        }
        counts.other = by_rank.next().map(|others| count(others, grid));
        presences.iter_mut().for_each(|presence| presence.series = 0);
    }
    unite(&mut presences);
    counts.all = count(&presences, grid);
    Ok(counts)
}

/// Counts united presences of one series.
fn count(presences: &[Presence], grid: Grid) -> Counts {
    let mut counter = Counter::new(grid);
    for of_one in presences.chunk_by(|one, next| one.who == next.who) {
        counter.add(of_one.iter().map(|presence| (presence.from, presence.to)));
    }
    counter.counts()
}

/// All values, those with the highest peaks first.
fn rank(presences: &[Presence], texts: &[Option<String>]) -> Vec<Ranked> {
    let of_value = |presences: &[Presence]| Ranked {
        number: presences[0].series,
        peak: peak(presences),
        time_seconds: presences.iter().map(|presence| u64::from(presence.to - presence.from)).sum(),
    };
    let by_value = presences.chunk_by(|one, next| one.series == next.series);
    let mut ranked: Vec<Ranked> = by_value.map(of_value).collect();
    ranked.sort_by(|one, other| {
        let by_size = (other.peak, other.time_seconds).cmp(&(one.peak, one.time_seconds));
        by_size.then_with(|| texts[one.number as usize].cmp(&texts[other.number as usize]))
    });
    ranked
}
