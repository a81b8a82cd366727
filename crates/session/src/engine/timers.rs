//! The calendar of sessions to look at.
//!
//! The calendar has coarse slots. Sessions decide by their own exact deadlines (metrics contract, section 1: deadlines
//! count, not ticks), so a slot may be a little late without changing a number. Rounding up keeps the calendar small: a
//! million sessions with half-hour deadlines share a few thousand slots. Adding an entry is a short tree look-up and a
//! push. There is a calendar of reorder windows and one of timeouts, and each session has at most one entry in each, because
//! deadlines only move later: the engine puts an entry that comes up early back at the present deadline. Where they move otherwise, with
//! the settings or with a step of the server's clock, the engine makes the calendar anew.

use std::collections::BTreeMap;

use crate::engine::table::Handle;

/// The width of a slot, ms: the longest delay between the deadline of an idle session and its wake-up.
const SLOT_MS: i64 = 100;

/// Bytes of a slot beside its entries: its key, its list and the places of both that a tree keeps free.
const SLOT_BYTES: usize = 3 * size_of::<(i64, Vec<Handle>)>() / 2;

/// Sessions by the time at which to look at them.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    slots: BTreeMap<i64, Vec<Handle>>,
    entries: usize,
}

impl Timers {
    /// Wakes a session at `at_ms` or up to one slot later.
    pub(crate) fn add(&mut self, at_ms: i64, session: Handle) {
        let slot = at_ms.div_euclid(SLOT_MS).saturating_add(i64::from(at_ms.rem_euclid(SLOT_MS) > 0));
        self.slots.entry(slot).or_default().push(session);
        self.entries += 1;
    }

    /// Removes everything that is due by `now_ms`, the earliest slot first. An entry that is added while the caller reads
    /// the result waits for the next call, whatever its slot, so that a call always ends.
    pub(crate) fn take_due(&mut self, now_ms: i64) -> Due {
        let first_later = now_ms.div_euclid(SLOT_MS) + 1;
        let slots = match self.slots.first_key_value() {
            Some((earliest, _)) if *earliest < first_later => {
                let later = self.slots.split_off(&first_later);
                std::mem::replace(&mut self.slots, later)
            }
            _ => BTreeMap::new(),
        };
        self.entries -= slots.values().map(Vec::len).sum::<usize>();
        Due { slots, slot: i64::MIN, current: Vec::new().into_iter() }
    }

    /// Puts back what the caller did not look at.
    pub(crate) fn put_back(&mut self, due: Due) {
        let current = (due.slot, due.current.collect());
        for (slot, sessions) in std::iter::once(current).chain(due.slots) {
            self.put_back_slot(slot, sessions);
        }
    }

    /// Bytes of heap, nearly.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.slots.len() * SLOT_BYTES + 3 * self.entries * size_of::<Handle>() / 2
    }

    fn put_back_slot(&mut self, slot: i64, mut sessions: Vec<Handle>) {
        if !sessions.is_empty() {
            self.entries += sessions.len();
            let added = self.slots.entry(slot).or_default();
            sessions.append(added);
            *added = sessions;
        }
    }
}

/// Sessions that are due, the earliest slot first.
#[derive(Debug)]
pub(crate) struct Due {
    slots: BTreeMap<i64, Vec<Handle>>,
    /// The slot that is being read, and what is left of it.
    slot: i64,
    current: std::vec::IntoIter<Handle>,
}

impl Iterator for Due {
    type Item = Handle;

    fn next(&mut self) -> Option<Handle> {
        while self.current.len() == 0 {
            let (slot, sessions) = self.slots.pop_first()?;
            (self.slot, self.current) = (slot, sessions.into_iter());
        }
        self.current.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn handle(number: u32) -> Handle {
        Handle { place: number, tenancy: u32::MAX - number }
    }

    #[test]
    fn nothing_comes_early_and_everything_comes_within_a_slot() {
        let id = handle(1);
        for at_ms in [0, 1, 99, 100, 101, 1_509_045_324_153] {
            let mut timers = Timers::default();
            timers.add(at_ms, id);
            assert_eq!(timers.take_due(at_ms - 1).next(), None, "{at_ms}");
            let due: Vec<_> = timers.take_due(at_ms + SLOT_MS - 1).collect();
            assert_eq!(due, [id], "{at_ms}");
            assert_eq!(timers.take_due(i64::MAX).next(), None);
        }
    }

    #[test]
    fn an_entry_that_comes_back_in_the_past_waits_for_the_next_call() {
        let id = handle(1);
        let mut timers = Timers::default();
        timers.add(100, id);
        let mut woken = 0;
        for _ in 0..3 {
            for session in timers.take_due(1_000) {
                timers.add(100, session);
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
            timers.add(at_ms, id);
        }
        let due: Vec<_> = timers.take_due(1_000).collect();
        assert_eq!(due, [ids[1], ids[0]]);
        assert_eq!(timers.take_due(1_100).count(), 1);
    }

    #[test]
    fn extreme_deadlines_do_not_overflow() {
        let mut timers = Timers::default();
        timers.add(i64::MAX, handle(1));
        assert_eq!(timers.take_due(i64::MAX - 1_000).next(), None);
        assert_eq!(timers.take_due(i64::MIN).next(), None);
    }

    #[test]
    fn what_was_not_looked_at_is_due_again() {
        let mut timers = Timers::default();
        let ids = [3, 1, 2].map(handle);
        for (id, at_ms) in ids.into_iter().zip([500, 500, 300]) {
            timers.add(at_ms, id);
        }
        let mut due = timers.take_due(1_000);
        assert_eq!(due.next(), Some(ids[2]));
        timers.put_back(due);
        timers.add(200, ids[2]);
        let due: Vec<_> = timers.take_due(1_000).collect();
        assert_eq!(due.len(), 3);
        assert_eq!(due[0], ids[2]);
    }
}
