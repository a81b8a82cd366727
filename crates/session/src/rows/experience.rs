//! How well a session went for its viewer (accounting, section 7).

use crate::rows::row::RowOf;

/// Time to start that costs nothing, ms.
const QUICK_START_MS: f64 = 2_000.0;

/// Time to start beyond it that costs one point, ms.
const START_POINT_MS: f64 = 200.0;

/// The most points that a slow start costs.
const MOST_START_POINTS: f64 = 25.0;

/// Points for each percent of waiting in the time of content and waiting.
const WAITING_POINTS: f64 = 4.0;

/// The most points that waiting costs.
const MOST_WAITING_POINTS: f64 = 50.0;

/// Points for each error.
const ERROR_POINTS: f64 = 10.0;

/// The most points that errors cost.
const MOST_ERROR_POINTS: f64 = 25.0;

impl RowOf<'_> {
    pub(crate) fn is_start_failure(&self) -> bool {
        self.close_reason.is_some() && !self.content_start && self.error_events > 0
    }

    pub(crate) fn is_exit_before_start(&self) -> bool {
        self.close_reason.is_some() && !self.content_start && self.error_events == 0
    }

    /// The score, to one decimal.
    pub(crate) fn qoe_score(&self) -> Option<f64> {
        if self.is_start_failure() {
            return Some(0.0);
        }
        if !self.content_start {
            return None;
        }
        let beyond_ms = self.time_to_start_ms.unwrap_or(0.0) - QUICK_START_MS;
        let start = (beyond_ms / START_POINT_MS).clamp(0.0, MOST_START_POINTS);
        let waited_ms = self.buffer_ms + self.stall_ms;
        let whole_ms = waited_ms + self.content_ms;
        let percent = if whole_ms > 0 { waited_ms as f64 * 100.0 / whole_ms as f64 } else { 0.0 };
        let waiting = (percent * WAITING_POINTS).clamp(0.0, MOST_WAITING_POINTS);
        let errors = (f64::from(self.error_events) * ERROR_POINTS).min(MOST_ERROR_POINTS);
        Some(((100.0 - start - waiting - errors) * 10.0).round() / 10.0)
    }
}
