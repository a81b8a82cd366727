//! The time by which retention drops rows. A wrong clock must not drop what is not old yet, so the time that retention has
//! reached is kept in the journal, and a clock that is far ahead of it is not believed.

use playhead_protocol::time::DAY_MS;
use tokio::time::Instant;

/// The key under which the journal keeps the time that retention has reached, in milliseconds, as eight bytes, the least
/// significant first.
pub(crate) const RETENTION_NOW: &str = "retention_now";

/// How far retention goes on before its time is kept again.
const KEPT_EVERY_MS: i64 = 60 * 60 * 1000;

/// The time that retention has reached.
#[derive(Debug)]
pub(crate) struct RetentionClock {
    reached_ms: i64,
    at: Instant,
    kept_ms: Option<i64>,
    is_held_back: bool,
}

/// What a look at the clock gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// The time by which rows may be dropped.
    pub(crate) now_ms: i64,
    /// Whether the clock has begun to be ahead with this look.
    pub(crate) begins_to_hold_back: bool,
}

impl RetentionClock {
    /// Goes on from the time that the journal has. Without one, the first time is believed.
    pub(crate) fn new(kept_ms: Option<i64>, now_ms: i64, at: Instant) -> Self {
        Self { reached_ms: kept_ms.unwrap_or(now_ms), at, kept_ms, is_held_back: false }
    }

    /// Looks at the clock. A clock that is more than a day ahead is followed at twice the pace of time: a server that stood
    /// for a week catches up in a week, and one that has a wrong clock for a moment drops nothing.
    pub(crate) fn look(&mut self, now_ms: i64, at: Instant) -> Allowed {
        let passed = at.saturating_duration_since(self.at).as_millis();
        let passed_ms = i64::try_from(passed).unwrap_or(i64::MAX);
        self.at = at;
        let due_ms = self.reached_ms.saturating_add(passed_ms);
        let is_ahead = now_ms > due_ms.saturating_add(DAY_MS);
        self.reached_ms = if is_ahead { due_ms.saturating_add(passed_ms).min(now_ms) } else { now_ms };
        let begins_to_hold_back = is_ahead && !self.is_held_back;
        self.is_held_back = is_ahead;
        Allowed { now_ms: self.reached_ms, begins_to_hold_back }
    }

    /// The time to keep, if the journal has none or one that is too far off.
    pub(crate) fn to_keep(&self) -> Option<i64> {
        let is_near = |kept_ms: i64| self.reached_ms.abs_diff(kept_ms) < KEPT_EVERY_MS.unsigned_abs();
        (!self.kept_ms.is_some_and(is_near)).then_some(self.reached_ms)
    }

    /// The journal has this time.
    pub(crate) fn is_kept(&mut self, kept_ms: i64) {
        self.kept_ms = Some(kept_ms);
    }
}

/// The time of a kept value; `None` if it is none.
pub(crate) fn from_kept(value: &[u8]) -> Option<i64> {
    value.try_into().ok().map(i64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW_MS: i64 = 1_793_491_200_000;

    #[test]
    fn four_seconds_400_days_ahead_dropped_every_event() {
        let at = Instant::now();
        let mut clock = RetentionClock::new(Some(NOW_MS), NOW_MS, at);
        let wrong_ms = NOW_MS + 400 * DAY_MS;
        assert_eq!(clock.look(wrong_ms, at), Allowed { now_ms: NOW_MS, begins_to_hold_back: true });
        let later = at + Duration::from_secs(4);
        let held = clock.look(wrong_ms + 4_000, later);
        assert_eq!(held, Allowed { now_ms: NOW_MS + 8_000, begins_to_hold_back: false });
        assert_eq!(clock.look(NOW_MS + 4_000, later).now_ms, NOW_MS + 4_000, "the clock is right again");
    }

    #[test]
    fn a_day_at_once_is_believed() {
        let at = Instant::now();
        let mut clock = RetentionClock::new(Some(NOW_MS), NOW_MS, at);
        assert_eq!(clock.look(NOW_MS + DAY_MS, at).now_ms, NOW_MS + DAY_MS);
    }
}
