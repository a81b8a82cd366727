//! What is due when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Something that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entry {
    /// A viewer comes to a seat.
    Arrival { seat: u32, visit: u32 },
    /// The next viewer of a rate comes.
    NextOfRate { number: u32 },
    /// The next moment of the viewer in a slot.
    Moment { slot: u32 },
    /// An event of that moment, once more.
    Again { slot: u32, place: u8 },
}

/// Entries in order of their times, µs since the beginning of the run; those of one time in the order of entries.
#[derive(Debug, Default)]
pub(crate) struct Calendar(BinaryHeap<Reverse<(i64, Entry)>>);

impl Calendar {
    pub(crate) fn add(&mut self, due_us: i64, entry: Entry) {
        self.0.push(Reverse((due_us, entry)));
    }

    /// The time of the first entry.
    pub(crate) fn next_us(&self) -> Option<i64> {
        self.0.peek().map(|Reverse((due_us, _))| *due_us)
    }

    /// Takes the first entry if it is due.
    pub(crate) fn take_due(&mut self, now_us: i64) -> Option<(i64, Entry)> {
        if self.next_us()? > now_us {
            return None;
        }
        self.0.pop().map(|Reverse(first)| first)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
