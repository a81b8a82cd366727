//! Metrics of the playhead: progress marks, content segment, watched spans (metrics contract, section 6).

use playhead_protocol::time::DAY_SECONDS;
use serde::{Deserialize, Serialize};

use crate::accounting::content::Content;

/// The progress marks, percent.
pub(crate) const MARKS: [u8; 5] = [10, 25, 50, 75, 95];

/// Seconds in a content segment.
const SEGMENT_SECONDS: f64 = 300.0;
/// The same in minutes, the unit of written segments.
const SEGMENT_MINUTES: f64 = 5.0;

/// The metrics of the playheads so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlayheadMetrics {
    /// The lowest and the highest playhead, seconds; the lowest lies above the highest while there is none.
    low: f64,
    high: f64,
    pub(crate) midnights: Midnights,
    /// One bit for each of [`MARKS`].
    marks: u8,
}

impl Default for PlayheadMetrics {
    fn default() -> Self {
        Self { low: f64::INFINITY, high: f64::NEG_INFINITY, midnights: Midnights::default(), marks: 0 }
    }
}

impl PlayheadMetrics {
    /// Takes a playhead within the content's own time: no ad break is open, and content has started.
    pub(crate) fn evaluate(&mut self, playhead: f64, content: Content) {
        if let Some(length) = content.length() {
            let share = playhead / length;
            for (bit, mark) in MARKS.into_iter().enumerate() {
                self.marks |= u8::from(share >= f64::from(mark) / 100.0) << bit;
            }
        }
        self.low = self.low.min(playhead);
        self.high = self.high.max(playhead);
    }

    /// Whether the mark at that place of [`MARKS`] was reached.
    pub(crate) fn has_reached(&self, mark: usize) -> bool {
        self.marks >> mark & 1 != 0
    }

    /// The range of playheads in whole segments, in minutes: `0-5`.
    pub(crate) fn segment(&self) -> Option<String> {
        if self.low > self.high {
            return None;
        }
        // The casts saturate, so that a playhead of 1e300 is harmless.
        let from = ((self.low / SEGMENT_SECONDS).floor() * SEGMENT_MINUTES) as i64;
        let to = ((self.high / SEGMENT_SECONDS).ceil() * SEGMENT_MINUTES) as i64;
        Some(format!("{from}-{}", to.max(from.saturating_add(SEGMENT_MINUTES as i64))))
    }
}

/// The midnights that a live playhead has passed: it is the second of the day, and begins anew each day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Midnights(u32);

impl Midnights {
    /// A second of the day as seconds that run on over midnight; `previous` is the one before, as seconds that run on.
    /// Going back over midnight, as a late event or a viewer does, takes the day off again.
    pub(crate) fn run_on(&mut self, second_of_day: f64, previous: f64) -> f64 {
        let moved = self.on_its_day(second_of_day) - previous;
        if moved < -DAY_SECONDS / 2.0 {
            self.0 = self.0.saturating_add(1);
        } else if moved > DAY_SECONDS / 2.0 {
            self.0 = self.0.saturating_sub(1);
        }
        self.on_its_day(second_of_day)
    }

    fn on_its_day(self, second_of_day: f64) -> f64 {
        second_of_day + f64::from(self.0) * DAY_SECONDS
    }
}

/// The span of content watched between two events, with playheads in seconds. `None` for a seek or a standstill.
pub(crate) fn watched_span(previous: f64, playhead: f64, elapsed_ms: i64) -> Option<(f64, f64)> {
    let moved = playhead - previous;
    // Allows 2.5-fold speed, and 2 s of slack for clocks that are read at different moments.
    let plausible = 2.5 * (elapsed_ms as f64 / 1_000.0) + 2.0;
    (moved > 0.0 && moved <= plausible).then_some((previous, playhead))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(playheads: &[f64]) -> Option<String> {
        let content = Content::of(&playhead_protocol::PackedParams::default());
        let mut metrics = PlayheadMetrics::default();
        for &playhead in playheads {
            metrics.evaluate(playhead, content);
        }
        metrics.segment()
    }

    #[test]
    fn segments_are_five_minutes_wide_at_least() {
        assert_eq!(segment(&[]), None);
        assert_eq!(segment(&[40.0, 130.0]).as_deref(), Some("0-5"));
        assert_eq!(segment(&[1000.0, 400.0]).as_deref(), Some("5-20"));
        assert_eq!(segment(&[300.0]).as_deref(), Some("5-10"));
        assert_eq!(segment(&[0.0]).as_deref(), Some("0-5"));
        assert_eq!(segment(&[0.0, 300.0]).as_deref(), Some("0-5"));
        assert_eq!(segment(&[0.0, 300.001]).as_deref(), Some("0-10"));
        assert!(segment(&[1e300]).is_some());
    }

    #[test]
    fn a_jump_is_not_watched() {
        assert_eq!(watched_span(10.0, 12.0, 0), Some((10.0, 12.0)));
        assert_eq!(watched_span(10.0, 14.5, 1_000), Some((10.0, 14.5)));
        assert_eq!(watched_span(10.0, 14.501, 1_000), None);
        assert_eq!(watched_span(10.0, 10.0, 1_000), None);
        assert_eq!(watched_span(10.0, 9.0, 1_000), None);
    }
}
