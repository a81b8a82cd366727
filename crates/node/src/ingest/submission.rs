//! The work that front doors hand to the writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use playhead_protocol::{Event, Origin, SessionId};
use playhead_session::Fingerprint;

use crate::error::IngestError;
use crate::ingest::verdict::Reply;
use crate::limits::BODIES_IN_FLIGHT_BYTES;

/// An event with the body that it came in.
#[derive(Debug)]
pub struct Incoming {
    pub(crate) event: Event,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) body: Bytes,
}

impl Incoming {
    /// The event that this body was parsed into.
    pub fn new(event: Event, body: Bytes) -> Self {
        Self { event, fingerprint: Fingerprint::of(&body), body }
    }
}

/// Work for the writer.
#[derive(Debug)]
pub enum Work {
    /// `sessionStart` of a session that gets this id.
    Start(Incoming),
    /// Another event.
    Event(Incoming),
    /// A whole downloaded session that gets this id; the first event is `sessionStart`.
    Batch(Vec<Incoming>),
}

/// Work with the way back to who waits for it.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) session: SessionId,
    pub(crate) origin: Origin,
    pub(crate) work: Work,
    /// Nobody may be listening any more: what was submitted is committed all the same.
    pub(crate) reply: Reply,
    /// Gives the bytes back when the submission is done with.
    pub(crate) budget: BodyBudget,
}

/// Counts the bytes of bodies in memory against their limit.
#[derive(Debug, Default)]
pub(crate) struct BodyBudgets(Arc<AtomicUsize>);

/// Some bytes of the limit, given back on drop.
#[derive(Debug)]
pub struct BodyBudget {
    taken: usize,
    in_flight: Arc<AtomicUsize>,
}

impl BodyBudgets {
    /// Nothing yet, to be extended while a body comes in.
    pub(crate) fn begin(&self) -> BodyBudget {
        BodyBudget { taken: 0, in_flight: self.0.clone() }
    }
}

impl BodyBudget {
    /// Takes some bytes more.
    pub fn take(&mut self, bytes: usize) -> Result<(), IngestError> {
        let before = self.in_flight.fetch_add(bytes, Ordering::Relaxed);
        self.taken += bytes;
        if before + bytes > BODIES_IN_FLIGHT_BYTES {
            Err(IngestError::Busy("bodies in flight"))
        } else {
            Ok(())
        }
    }
}

impl Drop for BodyBudget {
    fn drop(&mut self) {
        self.in_flight.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_when_a_submission_is_dropped() {
        let budgets = BodyBudgets::default();
        let mut first = budgets.begin();
        assert!(first.take(BODIES_IN_FLIGHT_BYTES).is_ok());
        let mut second = budgets.begin();
        assert!(second.take(1).is_err());
        drop(second);
        drop(first);
        assert!(budgets.begin().take(BODIES_IN_FLIGHT_BYTES).is_ok());
    }
}
