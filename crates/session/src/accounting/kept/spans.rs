//! Lists of spans: watched parts of the content, and wall-clock spans of activity.

use serde::{Deserialize, Serialize};

use crate::accounting::kept::span_list::SpanList;
use crate::limits::SPANS_MAX;

/// Disjoint spans of content seconds, in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct WatchedSpans(SpanList<f64>);

impl WatchedSpans {
    /// Unites the list with a span. `false` if the list is full and leaves the span out.
    pub(crate) fn add(&mut self, from: f64, to: f64) -> bool {
        let spans = self.0.as_mut_slice();
        // Spans that end before the new one begins stay as they are; spans that touch it merge with it.
        let first = spans.partition_point(|&(_, end)| end < from);
        let last = first + spans[first..].partition_point(|&(begin, _)| begin <= to);
        if first < last {
            let united = (spans[first].0.min(from), spans[last - 1].1.max(to));
            spans[first] = united;
            self.0.remove(first + 1..last);
            return true;
        }
        if spans.len() >= SPANS_MAX {
            return false;
        }
        self.0.insert(first, (from, to));
        true
    }

    /// The parts of a span that were watched before.
    pub(crate) fn overlaps(&self, from: f64, to: f64) -> impl Iterator<Item = (f64, f64)> {
        let spans = self.as_slice();
        let first = spans.partition_point(|&(_, end)| end <= from);
        let later = spans[first..].iter().take_while(move |&&(begin, _)| begin < to);
        later.map(move |&(begin, end)| (begin.max(from), end.min(to)))
    }

    pub(crate) fn as_slice(&self) -> &[(f64, f64)] {
        self.0.as_slice()
    }

    /// Seconds in the union.
    pub(crate) fn total(&self) -> f64 {
        // Not `sum`, which returns -0.0 for an empty list.
        self.as_slice().iter().fold(0.0, |total, (from, to)| total + (to - from))
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.heap_bytes()
    }
}

/// Spans of content seconds that were watched again, in the order of watching. They overlap if a part was watched again
/// more than once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RewatchedSpans(SpanList<f64>);

impl RewatchedSpans {
    pub(crate) const EMPTY: Self = Self(SpanList::Empty);

    /// Adds a span; a span that begins where the last one ended extends it. `false` if the list is full.
    pub(crate) fn add(&mut self, from: f64, to: f64) -> bool {
        let has_room = self.0.len() < SPANS_MAX;
        match self.0.as_mut_slice().last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ if has_room => self.0.push((from, to)),
            _ => return false,
        }
        true
    }

    pub(crate) fn as_slice(&self) -> &[(f64, f64)] {
        self.0.as_slice()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.heap_bytes()
    }
}

/// Disjoint spans of wall-clock milliseconds, in ascending order; they grow at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TimeSpans(SpanList<i64>);

impl TimeSpans {
    /// Adds a span that begins at or after the end of the last one. `false` if the list is full.
    pub(crate) fn append(&mut self, from_ms: i64, to_ms: i64) -> bool {
        let has_room = self.0.len() < SPANS_MAX;
        match self.0.as_mut_slice().last_mut() {
            Some(last) if last.1 == from_ms => last.1 = to_ms,
            _ if has_room => self.0.push((from_ms, to_ms)),
            _ => return false,
        }
        true
    }

    /// The spans with one more, which begins at or after the end of the last one.
    pub(crate) fn followed_by(&self, from_ms: i64, to_ms: i64) -> Vec<(i64, i64)> {
        let mut spans = self.clone();
        spans.append(from_ms, to_ms);
        spans.0.into_vec()
    }

    /// Moves all spans.
    pub(crate) fn move_by(&mut self, by_ms: i64) {
        for (from_ms, to_ms) in self.0.as_mut_slice() {
            *from_ms = from_ms.saturating_add(by_ms);
            *to_ms = to_ms.saturating_add(by_ms);
        }
    }

    /// Removes everything from a time on.
    pub(crate) fn cut(&mut self, from_ms: i64) {
        while let Some(last) = self.0.as_mut_slice().last_mut() {
            if last.1 <= from_ms {
                return;
            }
            if last.0 < from_ms {
                last.1 = from_ms;
                return;
            }
            let last = self.0.len() - 1;
            self.0.remove(last..last + 1);
        }
    }

    pub(crate) fn as_slice(&self) -> &[(i64, i64)] {
        self.0.as_slice()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn watched_spans_that_touch_unite() {
        let mut spans = WatchedSpans::default();
        for (from, to) in [(10.0, 20.0), (30.0, 40.0), (20.0, 25.0), (5.0, 6.0), (24.0, 31.0)] {
            assert!(spans.add(from, to));
        }
        assert_eq!(spans.as_slice(), [(5.0, 6.0), (10.0, 40.0)]);
        assert_eq!(spans.total(), 31.0);
    }

    #[test]
    fn cut_shortens_and_drops() {
        let mut spans = TimeSpans::default();
        for (from, to) in [(0, 5), (5, 9), (20, 30)] {
            assert!(spans.append(from, to));
        }
        assert_eq!(spans.as_slice(), [(0, 9), (20, 30)]);
        spans.cut(25);
        assert_eq!(spans.as_slice(), [(0, 9), (20, 25)]);
        spans.cut(9);
        assert_eq!(spans.as_slice(), [(0, 9)]);
        spans.cut(0);
        assert!(spans.as_slice().is_empty());
    }

    #[test]
    fn lists_stop_growing_at_the_limit() {
        let mut watched = WatchedSpans::default();
        let mut times = TimeSpans::default();
        for index in 0..SPANS_MAX {
            assert!(watched.add(index as f64 * 2.0, index as f64 * 2.0 + 1.0));
            assert!(times.append(index as i64 * 2, index as i64 * 2 + 1));
        }
        assert!(!watched.add(1e6, 1e6 + 1.0));
        assert!(!times.append(1_000_000, 1_000_001));
        assert!(watched.add(0.5, 1.5), "a span that unites with another takes no place");
    }

    proptest! {
        #[test]
        fn the_union_counts_every_second_once(spans in prop::collection::vec((0_u16..200, 1_u16..20), 0..60)) {
            let mut union = WatchedSpans::default();
            let mut seconds = std::collections::BTreeSet::new();
            for (from, length) in spans {
                union.add(f64::from(from), f64::from(from + length));
                seconds.extend(from..from + length);
            }
            prop_assert_eq!(union.total(), seconds.len() as f64);
            prop_assert!(union.as_slice().windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }
}
