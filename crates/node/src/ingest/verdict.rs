//! The writer's verdict on a submission, and its way back to the front door.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

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

/// How far a verdict has come.
#[derive(Debug)]
enum Stage {
    /// The writer has the submission; the waker of the door, once it waits.
    Undecided(Option<Waker>),
    /// The verdict is sent, and the door has not taken it yet.
    Decided(Verdict),
    /// The door has the verdict or is gone, or the writer has ended.
    Over,
}

/// What the two ends share.
#[derive(Debug)]
struct Way {
    stage: Mutex<Stage>,
    outcomes: Arc<Outcomes>,
}

/// The writer's end: it sends one verdict.
#[derive(Debug)]
pub(crate) struct Reply(Arc<Way>);

/// The door's end.
#[derive(Debug)]
pub(crate) struct Awaited(Arc<Way>);

/// A channel for one verdict.
pub(crate) fn way_back(outcomes: &Arc<Outcomes>) -> (Reply, Awaited) {
    let way = Arc::new(Way { stage: Mutex::new(Stage::Undecided(None)), outcomes: outcomes.clone() });
    (Reply(way.clone()), Awaited(way))
}

impl Reply {
    /// Sends the verdict, and returns the waker of the door if that waits. If the client has disconnected, the verdict
    /// counts here.
    #[must_use]
    pub(crate) fn send(self, verdict: Verdict) -> Option<Waker> {
        let mut stage = self.0.stage.lock();
        match std::mem::replace(&mut *stage, Stage::Decided(verdict)) {
            Stage::Undecided(waker) => waker,
            Stage::Decided(_) | Stage::Over => {
                *stage = Stage::Over;
                self.0.outcomes.count(verdict.unheard());
                None
            }
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        let mut stage = self.0.stage.lock();
        // The writer has ended without a verdict: nothing may wait for it for ever.
        if let Stage::Undecided(waker) = &mut *stage {
            let waker = waker.take();
            *stage = Stage::Over;
            drop(stage);
            waker.into_iter().for_each(Waker::wake);
        }
    }
}

impl Future for Awaited {
    /// `None` if the writer has ended.
    type Output = Option<Verdict>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Verdict>> {
        let mut stage = self.0.stage.lock();
        match &mut *stage {
            Stage::Undecided(Some(waker)) if waker.will_wake(context.waker()) => return Poll::Pending,
            Stage::Undecided(waker) => {
                *waker = Some(context.waker().clone());
                return Poll::Pending;
            }
            Stage::Decided(_) | Stage::Over => {}
        }
        match std::mem::replace(&mut *stage, Stage::Over) {
            Stage::Decided(verdict) => Poll::Ready(Some(verdict)),
            Stage::Undecided(_) | Stage::Over => Poll::Ready(None),
        }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        // A verdict that was sent before the client disconnected is still here; a later one counts with the writer.
        if let Stage::Decided(verdict) = std::mem::replace(&mut *self.0.stage.lock(), Stage::Over) {
            self.0.outcomes.count(verdict.unheard());
        }
    }
}

/// Wakes the doors whose verdicts have come; the writer's end.
///
/// Waking a task of the runtime from the writer's thread takes a lock that all threads of the runtime share, and may take a
/// call to the system. So the writer hands over the wakers of a whole commit at once, and a task of the runtime wakes the
/// others: from there each is a push onto a queue of its own thread.
#[derive(Debug)]
pub(crate) struct Wakeups(UnboundedSender<Vec<Waker>>);

/// The runtime's end of [`Wakeups`].
#[derive(Debug)]
pub(crate) struct WakeupsReceived(UnboundedReceiver<Vec<Waker>>);

/// Both ends of [`Wakeups`]. What waits between them is bounded by the requests that wait for the writer.
pub(crate) fn wakeups() -> (Wakeups, WakeupsReceived) {
    let (sender, receiver) = unbounded_channel();
    (Wakeups(sender), WakeupsReceived(receiver))
}

impl Wakeups {
    /// Has these tasks woken.
    pub(crate) fn wake(&self, wakers: Vec<Waker>) {
        if wakers.is_empty() {
            return;
        }
        // Without the task, as at the end of the runtime, each is woken from here.
        if let Err(unsent) = self.0.send(wakers) {
            unsent.0.into_iter().for_each(Waker::wake);
        }
    }
}

impl WakeupsReceived {
    /// Wakes until the writer has ended.
    pub(crate) async fn run(mut self) {
        while let Some(wakers) = self.0.recv().await {
            wakers.into_iter().for_each(Waker::wake);
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
        assert!(reply.send(Verdict::Accepted).is_none(), "nobody waits yet");
        assert_eq!(awaited.await, Some(Verdict::Accepted));
        assert_eq!(outcomes.tally(), Tally::default());
    }

    #[tokio::test]
    async fn a_door_that_waits_is_woken_by_whoever_gets_its_waker() {
        let outcomes = outcomes();
        let (reply, awaited) = way_back(&outcomes);
        let door = tokio::spawn(awaited);
        tokio::task::yield_now().await;
        let waker = reply.send(Verdict::Known).unwrap();
        waker.wake();
        assert_eq!(door.await.unwrap(), Some(Verdict::Known));
    }

    #[tokio::test]
    async fn a_writer_that_ends_leaves_no_door_waiting() {
        let outcomes = outcomes();
        let (reply, awaited) = way_back(&outcomes);
        let door = tokio::spawn(awaited);
        tokio::task::yield_now().await;
        drop(reply);
        assert_eq!(door.await.unwrap(), None);
        assert_eq!(outcomes.tally(), Tally::default());
    }

    #[test]
    fn a_verdict_that_nobody_hears_is_counted_once_whenever_the_client_disconnects() {
        let outcomes = outcomes();
        let (reply, awaited) = way_back(&outcomes);
        drop(awaited);
        assert!(reply.send(Verdict::Accepted).is_none());
        assert_eq!(outcomes.tally(), Tally { accepted: 1, ..Tally::default() });
        let (reply, awaited) = way_back(&outcomes);
        assert!(reply.send(Verdict::Known).is_none());
        drop(awaited);
        assert_eq!(outcomes.tally(), Tally { accepted: 1, duplicate: 1, ..Tally::default() });
    }
}
