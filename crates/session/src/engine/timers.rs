//! The calendar of sessions to look at.
//!
//! The calendar has coarse slots. Sessions decide by their own exact deadlines (metrics contract, section 1: deadlines
//! count, not ticks), so a slot may be a little late without changing a number. Rounding up keeps the calendar small: a
//! million sessions with half-hour deadlines share a few thousand slots. Adding an entry is a short tree look-up and a
//! push; nothing is scanned or removed. Each session has at most two entries, one for its reorder window and one for its
//! timeouts, because deadlines only move later: the engine puts an entry that comes up early back at the present deadline.

use std::collections::BTreeMap;

use playhead_protocol::SessionId;

/// The width of a slot, ms: the longest delay between the deadline of an idle session and its wake-up.
const SLOT_MS: i64 = 100;

/// The reason to look at a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The oldest event of its reorder window is due.
    Window,
    /// It may have timed out.
    Timeout,
}

/// Sessions by the time at which to look at them.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    slots: BTreeMap<i64, Vec<(SessionId, Wake)>>,
}

impl Timers {
    /// Wakes a session at `at_ms` or up to one slot later.
    pub(crate) fn add(&mut self, at_ms: i64, session: SessionId, wake: Wake) {
        let slot = at_ms.div_euclid(SLOT_MS).saturating_add(i64::from(at_ms.rem_euclid(SLOT_MS) > 0));
        self.slots.entry(slot).or_default().push((session, wake));
    }

    /// Removes and returns the earliest slot that is due by `now_ms`.
    pub(crate) fn take_due(&mut self, now_ms: i64) -> Option<Vec<(SessionId, Wake)>> {
        let earliest = self.slots.first_entry()?;
        if earliest.key().saturating_mul(SLOT_MS) > now_ms {
            return None;
        }
        Some(earliest.remove())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_early_and_everything_comes_within_a_slot() {
        let id = SessionId::from_bytes([1; 32]);
        for at_ms in [0, 1, 99, 100, 101, 1_509_045_324_153] {
            let mut timers = Timers::default();
            timers.add(at_ms, id, Wake::Window);
            assert_eq!(timers.take_due(at_ms - 1), None, "{at_ms}");
            assert_eq!(timers.take_due(at_ms + SLOT_MS - 1), Some(vec![(id, Wake::Window)]), "{at_ms}");
            assert_eq!(timers.take_due(i64::MAX), None);
        }
    }

    #[test]
    fn extreme_deadlines_do_not_overflow() {
        let mut timers = Timers::default();
        timers.add(i64::MAX, SessionId::from_bytes([1; 32]), Wake::Timeout);
        assert_eq!(timers.take_due(i64::MAX - 1_000), None);
    }
}
