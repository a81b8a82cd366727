//! Outcomes: each collection request that a front door receives has exactly one, and this module alone counts it.
//!
//! A door calls [`Outcomes::receive`] when a request arrives and settles the [`Received`] that it gets with what it
//! tells the client. The outcome then goes to the metrics and, for a refusal, to the list of refused requests.
//!
//! A client may disconnect at any time, and its request is then dropped wherever it waits. That is not a defect and never
//! panics. If the request did not reach the writer, nothing was stored and it counts as abandoned. If it did, the writer
//! decides about it all the same, and the writer's verdict counts. Such an outcome is in the `Tally` alone: the metric
//! of refused requests counts what clients were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Clock;
use crate::reason::Reason;
use crate::refusals::{Refusals, Refused, Why};
use crate::telemetry::Telemetry;

/// The outcome of a collection request.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// On disk, and accounted for.
    Accepted,
    /// A retry of what is on disk already.
    Duplicate,
    /// The session has closed; nothing was stored.
    Late,
    /// The disk is full or fails; nothing was stored.
    NotStored,
    /// Refused; nothing was stored.
    Refused(Reason),
}

impl Outcome {
    /// The outcome of a request that is refused for this reason.
    pub const fn of(reason: Reason) -> Self {
        match reason {
            Reason::SessionClosed => Self::Late,
            Reason::NotStored => Self::NotStored,
            reason => Self::Refused(reason),
        }
    }
}

/// How many requests had which outcome since the start. While no request is under way, `received` is the sum of all others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Requests that arrived.
    pub received: u64,
    /// On disk, and accounted for.
    pub accepted: u64,
    /// Retries of what was on disk already.
    pub duplicate: u64,
    /// For sessions that had closed.
    pub late: u64,
    /// Not stored, because the disk was full or failed.
    pub not_stored: u64,
    /// Refused for any other reason.
    pub refused: u64,
    /// The client disconnected before the request reached the writer.
    pub abandoned: u64,
}

impl Tally {
    /// Whether each received request has an outcome.
    pub(crate) const fn is_balanced(&self) -> bool {
        let settled =
            self.accepted + self.duplicate + self.late + self.not_stored + self.refused + self.abandoned;
        self.received == settled
    }
}

/// Counts outcomes, and passes each on to the metrics and the list of refused requests.
pub struct Outcomes {
    telemetry: Arc<Telemetry>,
    refusals: Arc<Refusals>,
    clock: Arc<dyn Clock>,
    received: AtomicU64,
    accepted: AtomicU64,
    duplicate: AtomicU64,
    late: AtomicU64,
    not_stored: AtomicU64,
    refused: AtomicU64,
    abandoned: AtomicU64,
}

impl Outcomes {
    pub(crate) fn new(telemetry: Arc<Telemetry>, refusals: Arc<Refusals>, clock: Arc<dyn Clock>) -> Self {
        Self {
            telemetry,
            refusals,
            clock,
            received: AtomicU64::default(),
            accepted: AtomicU64::default(),
            duplicate: AtomicU64::default(),
            late: AtomicU64::default(),
            not_stored: AtomicU64::default(),
            refused: AtomicU64::default(),
            abandoned: AtomicU64::default(),
        }
    }

    /// A collection request arrived.
    pub fn receive(&self) -> Received<'_> {
        self.received.fetch_add(1, Ordering::Relaxed);
        Received { outcomes: self, stage: Stage::AtDoor }
    }

    /// The counts so far.
    pub(crate) fn tally(&self) -> Tally {
        let value = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Tally {
            received: value(&self.received),
            accepted: value(&self.accepted),
            duplicate: value(&self.duplicate),
            late: value(&self.late),
            not_stored: value(&self.not_stored),
            refused: value(&self.refused),
            abandoned: value(&self.abandoned),
        }
    }

    /// Counts the outcome of one request.
    pub(crate) fn count(&self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Accepted => &self.accepted,
            Outcome::Duplicate => &self.duplicate,
            Outcome::Late => &self.late,
            Outcome::NotStored => &self.not_stored,
            Outcome::Refused(_) => &self.refused,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Outcomes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.tally().fmt(f)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    AtDoor,
    AtWriter,
    Settled,
}

/// A collection request that has no outcome yet. See the module for what becomes of one that is dropped.
#[must_use]
#[derive(Debug)]
pub struct Received<'a> {
    outcomes: &'a Outcomes,
    stage: Stage,
}

impl Received<'_> {
    /// The client is told that its event is on disk; `outcome` says whether this request brought it there.
    pub fn settle(mut self, outcome: Outcome) {
        self.stage = Stage::Settled;
        self.outcomes.count(outcome);
    }

    /// The client is told why the request is refused.
    pub fn refuse(mut self, refused: Refused, why: &Why<'_>) {
        self.stage = Stage::Settled;
        self.outcomes.count(Outcome::of(why.reason));
        self.outcomes.telemetry.count_refused(why.reason);
        self.outcomes.refusals.take_down(refused, why, self.outcomes.clock.now_ms());
    }

    /// The request is not answered here but taken from its beginning once more, as if it arrived then.
    pub fn put_back(mut self) {
        self.stage = Stage::Settled;
        self.outcomes.received.fetch_sub(1, Ordering::Relaxed);
    }

    /// From now on the writer's verdict counts if the client disconnects.
    pub(crate) fn hand_over(&mut self) {
        self.stage = Stage::AtWriter;
    }

    /// The door has the writer's verdict.
    pub(crate) fn take_back(&mut self) {
        self.stage = Stage::AtDoor;
    }
}

impl Drop for Received<'_> {
    fn drop(&mut self) {
        match self.stage {
            // The front door survives the panic and tells the client of an internal error.
            _ if self.stage != Stage::Settled && std::thread::panicking() => {
                self.outcomes.count(Outcome::Refused(Reason::Internal));
            }
            Stage::AtDoor => {
                self.outcomes.abandoned.fetch_add(1, Ordering::Relaxed);
            }
            Stage::AtWriter | Stage::Settled => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::clock::SystemClock;

    fn outcomes() -> Outcomes {
        Outcomes::new(Arc::default(), Arc::default(), Arc::new(SystemClock))
    }

    #[test]
    fn each_request_is_counted_once() {
        let outcomes = outcomes();
        outcomes.receive().settle(Outcome::Accepted);
        outcomes.receive().settle(Outcome::Duplicate);
        for reason in [Reason::SessionClosed, Reason::NotStored, Reason::Invalid] {
            let why = Why { reason, message: "", faults: &[], is_body_unread: false };
            outcomes.receive().refuse(Refused::of("/api/v1/sessions", None, None), &why);
        }
        let expected = Tally {
            received: 5,
            accepted: 1,
            duplicate: 1,
            late: 1,
            not_stored: 1,
            refused: 1,
            ..Tally::default()
        };
        assert_eq!(outcomes.tally(), expected);
        assert!(expected.is_balanced());
        let metrics = outcomes.telemetry.encode().unwrap();
        for reason in ["session_closed", "not_stored", "invalid"] {
            let line = format!("playhead_requests_refused_total{{reason=\"{reason}\"}} 1\n");
            assert!(metrics.contains(&line), "{line}{metrics}");
        }
        assert_eq!(outcomes.refusals.total(), 3);
    }

    #[test]
    fn a_client_that_disconnects_is_counted_without_a_panic() {
        let outcomes = outcomes();
        drop(outcomes.receive());
        assert_eq!(outcomes.tally(), Tally { received: 1, abandoned: 1, ..Tally::default() });
        let mut received = outcomes.receive();
        received.hand_over();
        drop(received);
        assert!(!outcomes.tally().is_balanced(), "the writer has not decided yet");
        outcomes.count(Outcome::Accepted);
        assert!(outcomes.tally().is_balanced());
        assert_eq!(outcomes.refusals.total(), 0);
    }

    #[test]
    fn a_request_that_ends_in_a_panic_is_refused() {
        let outcomes = outcomes();
        let work = || {
            let _received = outcomes.receive();
            panic!("a defect");
        };
        assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
        assert_eq!(outcomes.tally(), Tally { received: 1, refused: 1, ..Tally::default() });
    }
}
