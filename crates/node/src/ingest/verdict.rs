//! The writer's verdict on a submission, and its way back to the front door.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::outcome::{Outcome, Outcomes};
use crate::reason::Reason;

/// The writer's decision about a submission. A door gets `Accepted` and `Known` only after the event is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// On disk, and accounted for.
    Accepted,
    /// Known already, or a repeated end: acknowledged like an accepted event.
    Known,
    /// No open session has this id; the journal knows whether a closed one has.
    NotOpen,
    /// The session has closed.
    Closed,
    /// The disk is full or fails; nothing was stored.
    NotStored,
    /// Too many sessions are open already.
    TooManySessions,
}

impl Verdict {
    /// The outcome of a request whose client does not hear this verdict. The journal is not searched then, so an
    /// event of a session that is not open counts as one of an unknown session.
    const fn unheard(self) -> Outcome {
        match self {
            Self::Accepted => Outcome::Accepted,
            Self::Known => Outcome::Duplicate,
            Self::NotOpen => Outcome::Refused(Reason::NotFound),
            Self::Closed => Outcome::Late,
            Self::NotStored => Outcome::NotStored,
            Self::TooManySessions => Outcome::Refused(Reason::Busy),
        }
    }
}

/// The writer's end: it sends one verdict.
#[derive(Debug)]
pub(crate) struct Reply {
    verdict: oneshot::Sender<Verdict>,
    outcomes: Arc<Outcomes>,
}

/// The door's end.
#[derive(Debug)]
pub(crate) struct Awaited {
    verdict: oneshot::Receiver<Verdict>,
    outcomes: Arc<Outcomes>,
}

/// A channel for one verdict.
pub(crate) fn way_back(outcomes: &Arc<Outcomes>) -> (Reply, Awaited) {
    let (sender, receiver) = oneshot::channel();
    (
        Reply { verdict: sender, outcomes: outcomes.clone() },
        Awaited { verdict: receiver, outcomes: outcomes.clone() },
    )
}

impl Reply {
    /// Sends the verdict. If the client has disconnected, it counts here.
    pub(crate) fn send(self, verdict: Verdict) {
        if let Err(verdict) = self.verdict.send(verdict) {
            self.outcomes.count(verdict.unheard());
        }
    }
}

impl Awaited {
    /// Waits for the verdict; `None` if the writer has ended.
    pub(crate) async fn wait(mut self) -> Option<Verdict> {
        (&mut self.verdict).await.ok()
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        // A verdict that was sent before the client disconnected is still here; a later one is returned to the writer.
        self.verdict.close();
        if let Ok(verdict) = self.verdict.try_recv() {
            self.outcomes.count(verdict.unheard());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::outcome::Tally;

    fn outcomes() -> Arc<Outcomes> {
        Arc::new(Outcomes::new(Arc::default(), Arc::default(), Arc::new(SystemClock)))
    }

    #[tokio::test]
    async fn a_verdict_that_is_heard_is_left_to_the_door() {
        let outcomes = outcomes();
        let (reply, awaited) = way_back(&outcomes);
        reply.send(Verdict::Accepted);
        assert_eq!(awaited.wait().await, Some(Verdict::Accepted));
        assert_eq!(outcomes.tally(), Tally::default());
    }

    #[test]
    fn a_verdict_that_nobody_hears_is_counted_once_whenever_the_client_disconnects() {
        let outcomes = outcomes();
        let (reply, awaited) = way_back(&outcomes);
        drop(awaited);
        reply.send(Verdict::Accepted);
        assert_eq!(outcomes.tally(), Tally { accepted: 1, ..Tally::default() });
        let (reply, awaited) = way_back(&outcomes);
        reply.send(Verdict::Known);
        drop(awaited);
        assert_eq!(outcomes.tally(), Tally { accepted: 1, duplicate: 1, ..Tally::default() });
    }
}
