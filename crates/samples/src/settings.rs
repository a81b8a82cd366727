//! What the sessions are to be like.

/// Settings of [`crate::Sessions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleSettings {
    /// Midnight of the first day, UTC, ms since the epoch.
    pub first_day_ms: i64,
    /// Days over which the sessions' starts spread, at least 1.
    pub days: u32,
    /// How many sessions there are.
    pub sessions: u64,
    /// How many contents there are to watch, at least 1.
    pub contents: u32,
    /// Whether one session in 50 is still open.
    pub open_sessions: bool,
    /// Whether one device in 2,000 has a clock that is 45 to 400 days behind. The sessions are then in order of their
    /// arrival only.
    pub wrong_clocks: bool,
}

impl Default for SampleSettings {
    /// 500 closed sessions on the first three days of 2026, all clocks being right.
    fn default() -> Self {
        Self {
            first_day_ms: 1_767_225_600_000,
            days: 3,
            sessions: 500,
            contents: 2_000,
            open_sessions: false,
            wrong_clocks: false,
        }
    }
}
