//! The reorder window: events that wait for others that were sent before them.

use playhead_protocol::{Event, EventType, SharedBytes};
use serde::{Deserialize, Serialize};

/// An event that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) sequence: u64,
    pub(crate) arrived_at_ms: i64,
    pub(crate) event: Event,
}

/// The waiting events in arrival order. They take as much memory as they are, because most of the time there are none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Window(Box<[Waiting]>);

impl Window {
    pub(crate) fn push(&mut self, waiting: Waiting) {
        self.change(|events| {
            events.reserve_exact(1);
            events.push(waiting);
        });
    }

    /// Takes out all events with at most this timestamp, in ascending order.
    pub(crate) fn take_up_to(&mut self, ts_ms: i64) -> Vec<Waiting> {
        let mut taken: Vec<Waiting> =
            self.change(|events| events.extract_if(.., |waiting| waiting.event.ts_ms <= ts_ms).collect());
        taken.sort_by_key(|waiting| waiting.event.ts_ms);
        taken
    }

    /// Takes out all events, in arrival order.
    pub(crate) fn take_all(&mut self) -> Vec<Waiting> {
        std::mem::take(&mut self.0).into_vec()
    }

    fn change<T>(&mut self, change: impl FnOnce(&mut Vec<Waiting>) -> T) -> T {
        let mut events = self.take_all();
        let changed = change(&mut events);
        self.0 = events.into_boxed_slice();
        changed
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn oldest(&self) -> Option<&Waiting> {
        self.0.first()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.0.iter()
    }

    pub(crate) fn lowest_ts_ms(&self) -> Option<i64> {
        self.iter().map(|waiting| waiting.event.ts_ms).min()
    }

    /// The timestamp of a `sessionEnd` that waits.
    pub(crate) fn end_ms(&self) -> Option<i64> {
        let mut events = self.iter().map(|waiting| &waiting.event);
        events.find(|event| event.event_type == EventType::SessionEnd).map(|event| event.ts_ms)
    }

    /// Moves the times of arrival.
    pub(crate) fn move_arrivals(&mut self, by_ms: i64) {
        for waiting in &mut self.0 {
            waiting.arrived_at_ms = waiting.arrived_at_ms.saturating_add(by_ms);
        }
    }

    /// Keeps only once what other sessions have as well.
    pub(crate) fn share(&mut self, shared_bytes: &mut SharedBytes) {
        self.0.iter_mut().for_each(|waiting| waiting.event.share(shared_bytes));
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.0) + self.iter().map(|waiting| waiting.event.heap_bytes()).sum::<usize>()
    }
}
