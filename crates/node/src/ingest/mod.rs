//! The ingest path: from a parsed request to an event on disk that has taken effect.

pub(crate) mod activity;
pub mod addresses;
pub mod arrivals;
pub mod bodies;
pub(crate) mod group;
pub(crate) mod notes;
pub mod open_sessions;
pub mod proxies;
pub mod recovery;
pub(crate) mod retention;
pub(crate) mod start;
pub mod submission;
pub(crate) mod sweep;
pub mod verdict;
pub(crate) mod writer;

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};

use playhead_protocol::{Origin, SessionId};

pub(crate) use start::{Parts, start};

use crate::error::IngestError;
use crate::ingest::addresses::ClientAddress;
use crate::ingest::bodies::{AddressBodies, Bodies, BodyBudget};
use crate::ingest::submission::{Submission, Work};
use crate::ingest::verdict::{Verdict, way_back};
use crate::outcome::{Outcomes, Received};
use crate::status::Status;
use crate::telemetry::Telemetry;

/// Submits work to the writer.
#[derive(Debug)]
pub struct Ingest {
    queue: SyncSender<Submission>,
    waiting_requests: usize,
    bodies: Bodies,
    status: Arc<Status>,
    telemetry: Arc<Telemetry>,
    outcomes: Arc<Outcomes>,
}

impl Ingest {
    /// The bodies of one address, of which each goes with its submission.
    pub fn bodies_of(&self, client: ClientAddress) -> AddressBodies {
        self.bodies.of(client)
    }

    /// Hands the work of a request to the writer and waits for the verdict. Once the writer has the work, it is done
    /// even if the client disconnects.
    pub async fn submit(
        &self,
        session: SessionId,
        origin: Origin,
        work: Work,
        budget: BodyBudget,
        received: &mut Received<'_>,
    ) -> Result<Verdict, IngestError> {
        self.status.check_taking_events()?;
        let waiting = usize::try_from(self.telemetry.ingest_queue.inc()).unwrap_or_default();
        if waiting >= work.kind().places_of(self.waiting_requests) {
            self.telemetry.ingest_queue.dec();
            return Err(IngestError::Busy("requests in the queue"));
        }
        let (reply, verdict) = way_back(&self.outcomes);
        if let Err(error) = self.queue.try_send(Submission { session, origin, work, reply, budget }) {
            self.telemetry.ingest_queue.dec();
            return Err(match error {
                TrySendError::Full(_) => IngestError::Busy("requests in the queue"),
                TrySendError::Disconnected(_) => IngestError::ShuttingDown,
            });
        }
        received.hand_over();
        let verdict = verdict.await;
        received.take_back();
        match verdict {
            Some(Verdict::NotStored) => Err(IngestError::NotStored),
            Some(Verdict::TooManySessions) => Err(IngestError::Busy("open sessions")),
            Some(verdict) => Ok(verdict),
            None => Err(IngestError::Internal),
        }
    }
}
