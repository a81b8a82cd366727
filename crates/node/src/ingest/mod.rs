//! The ingest path: from a parsed request to an event on disk that has taken effect.

pub(crate) mod group;
pub mod open_sessions;
pub mod recover;
pub mod retention;
pub(crate) mod start;
pub(crate) mod state;
pub mod submission;
pub(crate) mod sweep;
pub(crate) mod writer;

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};

use playhead_protocol::{Door, SessionId};
use tokio::sync::oneshot;

pub(crate) use start::{Parts, start};

use crate::error::Error;
use crate::ingest::submission::{BodyBudget, BodyBudgets, Outcome, Submission, Work};
use crate::status::Status;
use crate::telemetry::Telemetry;

/// The way to the writer.
#[derive(Debug)]
pub struct Ingest {
    queue: SyncSender<Submission>,
    budgets: BodyBudgets,
    status: Arc<Status>,
    telemetry: Arc<Telemetry>,
}

impl Ingest {
    /// A count of the bytes of one body, which goes with its submission.
    pub fn body_budget(&self) -> BodyBudget {
        self.budgets.begin()
    }

    /// Hands work to the writer and waits for what becomes of it. From the moment of the call on, the work is done
    /// even when nobody waits any more.
    pub async fn submit(
        &self,
        session: SessionId,
        door: Door,
        work: Work,
        budget: BodyBudget,
    ) -> Result<Outcome, Error> {
        self.status.check_taking_events()?;
        let (reply, outcome) = oneshot::channel();
        self.telemetry.ingest_queue.inc();
        if let Err(error) = self.queue.try_send(Submission { session, door, work, reply, budget }) {
            self.telemetry.ingest_queue.dec();
            return Err(match error {
                TrySendError::Full(_) => Error::Busy("requests in the queue"),
                TrySendError::Disconnected(_) => Error::ShuttingDown,
            });
        }
        match outcome.await {
            Ok(Outcome::NotStored) => Err(Error::NotStored),
            Ok(Outcome::TooManySessions) => Err(Error::Busy("open sessions")),
            Ok(outcome) => Ok(outcome),
            Err(_) => Err(Error::Internal),
        }
    }
}
