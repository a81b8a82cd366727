//! Computations over spans: presence at each point of time, and the parts of a content that were played. The cost grows
//! with the number of spans, not with the number of points that each covers.

use playhead_protocol::time::SECOND_MS;

/// Points of time of one length, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    /// When the first point begins, ms since the epoch.
    pub(crate) from_ms: i64,
    /// The length of each point, ms: whole seconds.
    pub(crate) step_ms: i64,
    /// The number of points.
    pub(crate) points: u32,
}

impl Grid {
    /// The whole points that hold a range; `None` if there are more than `most`.
    pub(crate) fn holding(from_ms: i64, to_ms: i64, step_ms: i64, most: u32) -> Option<Self> {
        let first = from_ms.div_euclid(step_ms);
        let last = to_ms.saturating_sub(1).max(from_ms).div_euclid(step_ms);
        let points = if to_ms <= from_ms { 0 } else { last - first + 1 };
        let points = u32::try_from(points).ok().filter(|points| *points <= most)?;
        Some(Self { from_ms: first * step_ms, step_ms, points })
    }

    /// How many seconds a point has.
    pub(crate) const fn step_seconds(self) -> usize {
        (self.step_ms / SECOND_MS) as usize
    }

    /// The seconds of all points.
    pub(crate) const fn in_seconds(self) -> Self {
        Self { from_ms: self.from_ms, step_ms: SECOND_MS, points: self.points * self.step_seconds() as u32 }
    }

    /// When the last point ends.
    pub(crate) const fn to_ms(self) -> i64 {
        self.from_ms + self.step_ms * self.points as i64
    }

    /// The points that a span overlaps, the second of the pair exclusive. A span without length overlaps the point that
    /// holds it.
    pub(crate) fn overlapped(&self, (from_ms, to_ms): (i64, i64)) -> Option<(u32, u32)> {
        let last_ms = to_ms.saturating_sub(1).max(from_ms);
        if self.points == 0 || from_ms >= self.to_ms() || last_ms < self.from_ms {
            return None;
        }
        let first = (from_ms.max(self.from_ms) - self.from_ms) / self.step_ms;
        let last = (last_ms.min(self.to_ms() - 1) - self.from_ms) / self.step_ms;
        // Both lie between 0 and the number of points.
        Some((first as u32, last as u32 + 1))
    }
}

/// Counts how many ranges of points cover each point.
#[derive(Debug, Clone)]
pub(crate) struct CoverCounts {
    /// The change, from the point before, in the number of ranges that cover a point.
    changes: Vec<i32>,
}

impl CoverCounts {
    /// No ranges, over this many points.
    pub(crate) fn new(points: usize) -> Self {
        Self { changes: vec![0; points + 1] }
    }

    /// Bytes of the counts over this many points, without the result.
    pub(crate) const fn bytes(points: usize) -> usize {
        (points + 1) * size_of::<i32>()
    }

    /// Counts a range of points, its end exclusive; points after the last one do not count.
    pub(crate) fn add(&mut self, from: usize, to: usize) {
        let points = self.changes.len() - 1;
        if from < to.min(points) {
            self.changes[from] += 1;
            self.changes[to.min(points)] -= 1;
        }
    }

    /// The number of ranges that cover each point.
    pub(crate) fn counts(self) -> impl Iterator<Item = u64> {
        let mut covering = 0;
        let mut changes = self.changes;
        changes.pop();
        changes.into_iter().map(move |change| {
            covering += i64::from(change);
            u64::try_from(covering).unwrap_or(0)
        })
    }
}

/// The presence of a session or visitor from one point to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Presence {
    /// The series that counts it.
    pub(crate) series: u32,
    /// The session or visitor, which counts once at each point.
    pub(crate) who: i64,
    /// The first point.
    pub(crate) from: u32,
    /// The point after the last.
    pub(crate) to: u32,
}

/// Sorts by series, subject and time, and merges presences that overlap or touch.
pub(crate) fn unite(presences: &mut Vec<Presence>) {
    presences.sort_unstable();
    presences.dedup_by(|later, earlier| {
        let is_one = later.series == earlier.series && later.who == earlier.who && later.from <= earlier.to;
        if is_one {
            earlier.to = earlier.to.max(later.to);
        }
        is_one
    });
}

/// Sorts ranges and merges those that overlap or touch.
pub(crate) fn unite_ranges(ranges: &mut Vec<(u32, u32)>) {
    if !ranges.is_sorted() {
        ranges.sort_unstable();
    }
    ranges.dedup_by(|later, earlier| {
        let is_one = later.0 <= earlier.1;
        if is_one {
            earlier.1 = earlier.1.max(later.1);
        }
        is_one
    });
}

/// The highest number of presences at one point, of those of one series.
pub(crate) fn peak(presences: &[Presence]) -> u64 {
    let mut arrivals: Vec<u32> = presences.iter().map(|presence| presence.from).collect();
    let mut departures: Vec<u32> = presences.iter().map(|presence| presence.to).collect();
    arrivals.sort_unstable();
    departures.sort_unstable();
    let mut gone = 0;
    let mut highest = 0;
    for (index, arrival) in arrivals.iter().enumerate() {
        while departures[gone] <= *arrival {
            gone += 1;
        }
        highest = highest.max(index + 1 - gone);
    }
    highest as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_grid_holds_the_whole_range() {
        let grid = Grid::holding(1_500, 3_001, 1_000, 10).unwrap();
        assert_eq!(grid, Grid { from_ms: 1_000, step_ms: 1_000, points: 3 });
        assert_eq!(grid.to_ms(), 4_000);
        assert_eq!(
            Grid::holding(-1, 1, 1_000, 10),
            Some(Grid { from_ms: -1_000, step_ms: 1_000, points: 2 })
        );
        assert_eq!(Grid::holding(0, 10_001, 1_000, 10), None, "more points than there may be");
        assert_eq!(Grid::holding(0, 10_000, 1_000, 10).map(|grid| grid.points), Some(10));
        assert_eq!(Grid::holding(5, 5, 1_000, 10).map(|grid| grid.points), Some(0));
    }

    #[test]
    fn a_span_overlaps_the_points_that_it_touches_from_inside() {
        let grid = Grid { from_ms: 10_000, step_ms: 1_000, points: 5 };
        assert_eq!(grid.overlapped((10_000, 11_000)), Some((0, 1)), "the end is excluded");
        assert_eq!(grid.overlapped((10_999, 11_001)), Some((0, 2)));
        assert_eq!(grid.overlapped((11_000, 11_000)), Some((1, 2)), "without length");
        assert_eq!(grid.overlapped((9_000, 10_000)), None);
        assert_eq!(grid.overlapped((15_000, 16_000)), None);
        assert_eq!(grid.overlapped((i64::MIN, i64::MAX)), Some((0, 5)));
        assert_eq!(grid.overlapped((14_999, 14_999)), Some((4, 5)));
        assert_eq!(Grid { points: 0, ..grid }.overlapped((0, 20_000)), None);
    }

    fn any_presences() -> impl Strategy<Value = Vec<Presence>> {
        let presence = (0_u32..3, 0_i64..4, 0_u32..40, 1_u32..9);
        let presence = presence.prop_map(|(series, who, from, length)| Presence {
            series,
            who,
            from,
            to: from + length,
        });
        prop::collection::vec(presence, 0..60)
    }

    proptest! {
        #[test]
        fn united_presences_count_everybody_once(presences in any_presences()) {
            let naive = |series: u32, point: u32| {
                let there = presences.iter().filter(|presence| {
                    presence.series == series && (presence.from..presence.to).contains(&point)
                });
                there.map(|presence| presence.who).collect::<std::collections::BTreeSet<_>>().len() as u64
            };
            let mut united = presences.clone();
            unite(&mut united);
            for series in 0..3 {
                let of_series: Vec<_> =
                    united.iter().copied().filter(|presence| presence.series == series).collect();
                let mut counts = CoverCounts::new(50);
                for presence in &of_series {
                    counts.add(presence.from as usize, presence.to as usize);
                }
                let expected: Vec<_> = (0..50).map(|point| naive(series, point)).collect();
                prop_assert_eq!(peak(&of_series), expected.iter().copied().max().unwrap_or(0));
                prop_assert_eq!(counts.counts().collect::<Vec<_>>(), expected);
            }
        }

        #[test]
        fn united_ranges_cover_the_same_points(
            ranges in prop::collection::vec((0_u32..40, 1_u32..9), 0..20)
        ) {
            let mut ranges: Vec<_> = ranges.into_iter().map(|(from, length)| (from, from + length)).collect();
            let covered: std::collections::BTreeSet<_> =
                ranges.iter().flat_map(|(from, to)| *from..*to).collect();
            unite_ranges(&mut ranges);
            prop_assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0));
            let after: Vec<_> = ranges.iter().flat_map(|(from, to)| *from..*to).collect();
            prop_assert_eq!(after, covered.into_iter().collect::<Vec<_>>());
        }
    }
}
