//! What an operator may change about the accounting.

use serde::{Deserialize, Serialize};

/// Times of the accounting, in milliseconds of the arrival clock (metrics contract, sections 1 and 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How long an event waits for others that were sent before it.
    pub reorder_window_ms: i64,
    /// Without any event for so long, a session closes as `idle_10m`.
    pub idle_timeout_ms: i64,
    /// With events, but without a change of the playhead for so long, a session closes as `idle_playhead_30m`.
    pub playhead_timeout_ms: i64,
    /// Without any event for so long, or for three of its ping intervals if that is longer, a session is silent.
    /// Journals of releases before it do not name it.
    #[serde(default = "usual_silent_after_ms")]
    pub silent_after_ms: i64,
}

const fn usual_silent_after_ms() -> i64 {
    30_000
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reorder_window_ms: 5_000,
            idle_timeout_ms: 10 * 60_000,
            playhead_timeout_ms: 30 * 60_000,
            silent_after_ms: usual_silent_after_ms(),
        }
    }
}
