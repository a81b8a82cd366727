//! The calendar of sessions to look at.
//!
//! The calendar has coarse slots. Sessions decide by their own exact deadlines (metrics contract, section 1: deadlines
//! count, not ticks), so a slot may be a little late without changing a number. Rounding up keeps the calendar small: a
//! million sessions with half-hour deadlines share a few thousand slots. Adding an entry is a short tree look-up and a
//! push. Each session has at most two entries, one for its reorder window and one for its timeouts, because deadlines
//! only move later: the engine puts an entry that comes up early back at the present deadline. Where they move otherwise, with
//! the settings or with a step of the server's clock, the engine makes the calendar anew.

use std::collections::BTreeMap;

use crate::engine::table::Handle;

/// The width of a slot, ms: the longest delay between the deadline of an idle session and its wake-up.
const SLOT_MS: i64 = 100;

/// Bytes of a slot beside its entries: its key, its list and the places of both that a tree keeps free.
const SLOT_BYTES: usize = 3 * size_of::<(i64, Vec<Entry>)>() / 2;

/// The reason to look at a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The oldest event of its reorder window is due.
    Window,
    /// It may have timed out.
    Timeout,
}

/// A session and the reason to look at it, in eight bytes.
#[derive(Debug, Clone, Copy)]
struct Entry {
    place: u32,
    /// The lowest bit is the reason.
    tenancy_and_wake: u32,
}

impl Entry {
    fn new(session: Handle, wake: Wake) -> Self {
        let tenancy_and_wake = session.tenancy << 1 | u32::from(wake == Wake::Window);
        Self { place: session.place, tenancy_and_wake }
    }

    fn parts(self) -> (Handle, Wake) {
        let wake = if self.tenancy_and_wake & 1 == 0 { Wake::Timeout } else { Wake::Window };
        (Handle { place: self.place, tenancy: self.tenancy_and_wake >> 1 }, wake)
    }
}

/// Sessions by the time at which to look at them.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    slots: BTreeMap<i64, Vec<Entry>>,
    entries: usize,
}

impl Timers {
    /// Wakes a session at `at_ms` or up to one slot later.
    pub(crate) fn add(&mut self, at_ms: i64, session: Handle, wake: Wake) {
        let slot = at_ms.div_euclid(SLOT_MS).saturating_add(i64::from(at_ms.rem_euclid(SLOT_MS) > 0));
        self.slots.entry(slot).or_default().push(Entry::new(session, wake));
        self.entries += 1;
    }

    /// Removes everything that is due by `now_ms`, the earliest slot first. An entry that is added while the caller reads
    /// the result waits for the next call, whatever its slot, so that a call always ends.
    pub(crate) fn take_due(&mut self, now_ms: i64) -> impl Iterator<Item = (Handle, Wake)> + use<> {
        let first_later = now_ms.div_euclid(SLOT_MS) + 1;
        let due = match self.slots.first_key_value() {
            Some((earliest, _)) if *earliest < first_later => {
                let later = self.slots.split_off(&first_later);
                std::mem::replace(&mut self.slots, later)
            }
            _ => BTreeMap::new(),
        };
        self.entries -= due.values().map(Vec::len).sum::<usize>();
        due.into_values().flatten().map(Entry::parts)
    }

    /// Bytes of heap, nearly.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.slots.len() * SLOT_BYTES + 3 * self.entries * size_of::<Entry>() / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn handle(number: u32) -> Handle {
        Handle { place: number, tenancy: Handle::TENANCIES - number }
    }

    #[test]
    fn nothing_comes_early_and_everything_comes_within_a_slot() {
        let id = handle(1);
        for at_ms in [0, 1, 99, 100, 101, 1_509_045_324_153] {
            let mut timers = Timers::default();
            timers.add(at_ms, id, Wake::Window);
            assert_eq!(timers.take_due(at_ms - 1).next(), None, "{at_ms}");
            let due: Vec<_> = timers.take_due(at_ms + SLOT_MS - 1).collect();
            assert_eq!(due, [(id, Wake::Window)], "{at_ms}");
            assert_eq!(timers.take_due(i64::MAX).next(), None);
        }
    }

    #[test]
    fn an_entry_that_comes_back_in_the_past_waits_for_the_next_call() {
        let id = handle(1);
        let mut timers = Timers::default();
        timers.add(100, id, Wake::Timeout);
        let mut woken = 0;
        for _ in 0..3 {
            for (session, wake) in timers.take_due(1_000) {
                timers.add(100, session, wake);
                woken += 1;
                assert!(woken <= 3, "it comes again within one call");
            }
        }
        assert_eq!(woken, 3);
    }

    #[test]
    fn entries_come_in_the_order_of_their_slots() {
        let mut timers = Timers::default();
        let ids = [3, 1, 2].map(handle);
        for (id, at_ms) in ids.into_iter().zip([500, 300, 1_001]) {
            timers.add(at_ms, id, Wake::Window);
        }
        let due: Vec<_> = timers.take_due(1_000).map(|(id, _)| id).collect();
        assert_eq!(due, [ids[1], ids[0]]);
        assert_eq!(timers.take_due(1_100).count(), 1);
    }

    #[test]
    fn extreme_deadlines_do_not_overflow() {
        let mut timers = Timers::default();
        timers.add(i64::MAX, handle(1), Wake::Timeout);
        assert_eq!(timers.take_due(i64::MAX - 1_000).next(), None);
        assert_eq!(timers.take_due(i64::MIN).next(), None);
    }
}
