//! The ingest path: from a parsed request to an event on disk that has taken effect.

mod group;
pub mod live;
pub mod recover;
pub mod retention;
mod start;
mod state;
pub(crate) mod submission;
mod sweep;
pub(crate) mod writer;

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};

use playhead_protocol::{Door, SessionId};
use tokio::sync::oneshot;

pub(crate) use start::{Parts, start};

use crate::error::Error;
use crate::ingest::submission::{BodyBudget, BodyBudgets, Outcome, Submission, Work};
use crate::metrics::Metrics;
use crate::status::Status;

/// The way to the writer.
#[derive(Debug)]
pub(crate) struct Ingest {
    queue: SyncSender<Submission>,
    budgets: BodyBudgets,
    status: Arc<Status>,
    metrics: Arc<Metrics>,
}

impl Ingest {
    /// A count of the bytes of one body, which goes with its submission.
    pub(crate) fn body_budget(&self) -> BodyBudget {
        self.budgets.begin()
    }

    /// Hands work to the writer and waits for what becomes of it. From the moment of the call on, the work is done
    /// even when nobody waits any more.
    pub(crate) async fn submit(
        &self,
        session: SessionId,
        door: Door,
        work: Work,
        budget: BodyBudget,
    ) -> Result<Outcome, Error> {
        self.status.check_taking_events()?;
        let (reply, outcome) = oneshot::channel();
        self.metrics.queue.inc();
        if let Err(error) = self.queue.try_send(Submission { session, door, work, reply, budget }) {
            self.metrics.queue.dec();
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
