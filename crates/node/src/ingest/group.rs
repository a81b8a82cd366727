//! The content of one commit: the accepted submissions in their order, and the response to each.
//!
//! Deciding changes no session, except that time advances, which happens anyway. Sessions change only after the commit, so
//! a commit that fails leaves nothing to undo.

use std::collections::HashMap;
use std::sync::Arc;
use std::task::Waker;

use playhead_journal::{NewEvent, Sequence};
use playhead_protocol::{EventType, Origin, Recorded, SessionId};
use playhead_session::{Admission, Fingerprint, RecentBodies, Session};

use crate::ingest::bodies::BodyBudget;
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::submission::{Incoming, Submission, Work};
use crate::ingest::verdict::{Reply, Verdict};
use crate::limits::{COMMIT_BYTES, COMMIT_EVENTS};

/// An event that is to be committed.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) session: SessionId,
    pub(crate) origin: Origin,
    pub(crate) previous: Option<Sequence>,
    pub(crate) last_of_batch: bool,
    pub(crate) incoming: Incoming,
}

/// The events accepted for a session since its state last changed.
#[derive(Debug, Default)]
struct Pending {
    fingerprints: Vec<Fingerprint>,
    last_sequence: Sequence,
    is_ending: bool,
}

/// A response that waits for the commit.
#[derive(Debug)]
struct Waiting {
    reply: Reply,
    verdict: Verdict,
    _budget: BodyBudget,
}

/// How much room there is for new sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) sessions: usize,
    pub(crate) bytes: usize,
}

/// The commit in the making.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) accepted: Vec<Accepted>,
    /// Sessions that timed out while the group was planned, in order; they are among the closing ones.
    pub(crate) timed_out: Vec<SessionId>,
    pub(crate) duplicates: u64,
    pending: HashMap<SessionId, Pending>,
    waiting: Vec<Waiting>,
    bytes: usize,
    next_sequence: Sequence,
    now_ms: i64,
}

impl Group {
    /// Begins a group whose events arrive now and get sequences from `next_sequence` on.
    pub(crate) fn begin(&mut self, next_sequence: Sequence, now_ms: i64) {
        self.next_sequence = next_sequence;
        self.now_ms = now_ms;
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms
    }

    pub(crate) fn is_full(&self) -> bool {
        self.accepted.len() >= COMMIT_EVENTS || self.bytes >= COMMIT_BYTES
    }

    /// Whether there is nothing to commit and no response to send.
    pub(crate) fn is_empty(&self) -> bool {
        self.accepted.is_empty() && self.waiting.is_empty()
    }

    /// The events as the journal takes them.
    pub(crate) fn new_events(&self) -> Vec<NewEvent<'_>> {
        self.accepted
            .iter()
            .map(|accepted| NewEvent {
                session: accepted.session,
                previous: accepted.previous,
                last_of_batch: accepted.last_of_batch,
                recorded: Recorded::new(accepted.origin, &accepted.incoming.body),
            })
            .collect()
    }

    /// Plans a submission. Returns a submission that can be decided only after the group's commit.
    pub(crate) fn plan(
        &mut self,
        submission: Submission,
        open_sessions: &OpenSessions,
        room: &mut Room,
    ) -> Option<Submission> {
        let Submission { session, origin, work, reply, budget } = submission;
        let verdict = match work {
            Work::Start(_) | Work::Batch(_) if room.sessions == 0 || room.bytes == 0 => {
                Verdict::TooManySessions
            }
            Work::Start(incoming) => {
                room.sessions -= 1;
                room.bytes = room.bytes.saturating_sub(size_of::<Session>() + incoming.body.len());
                self.accept(session, origin, None, false, incoming);
                Verdict::Accepted
            }
            Work::Batch(incoming) => {
                self.accept_batch(session, origin, incoming);
                Verdict::Accepted
            }
            Work::Event(incoming) => match self.admit(&session, &incoming, open_sessions) {
                Some(Admission::Accept) => {
                    self.accept_event(session, origin, incoming, open_sessions);
                    Verdict::Accepted
                }
                Some(Admission::Duplicate) => {
                    self.duplicates += 1;
                    Verdict::Known
                }
                Some(Admission::RepeatedEnd) => Verdict::Known,
                Some(Admission::Closed) => Verdict::Closed,
                None if self.pending.contains_key(&session) => {
                    return Some(Submission { session, origin, work: Work::Event(incoming), reply, budget });
                }
                None => Verdict::NotOpen,
            },
        };
        self.waiting.push(Waiting { reply, verdict, _budget: budget });
        None
    }

    /// Decides about an event. `None` if there is no such session, or if the events of this group must take effect first:
    /// while the group has a `sessionEnd` of the session, its events are decided one at a time.
    fn admit(
        &mut self,
        id: &SessionId,
        incoming: &Incoming,
        open_sessions: &OpenSessions,
    ) -> Option<Admission> {
        let is_end = incoming.event.event_type == EventType::SessionEnd;
        let mut shard = open_sessions.shard(id);
        let pending = self.pending.get(id);
        if pending.is_none()
            && let Some(session) = shard.advance_session(id, self.now_ms, &mut ())
        {
            let admission = session.admit(&incoming.event, incoming.fingerprint, &[]);
            open_sessions.closing().insert(*id, Arc::new(session));
            self.timed_out.push(*id);
            return Some(admission);
        }
        let Some(session) = shard.get(id) else {
            let closing = open_sessions.closing();
            let session = closing.get(id)?;
            return Some(session.admit(&incoming.event, incoming.fingerprint, &[]));
        };
        match pending {
            Some(pending) if pending.is_ending || is_end || session.is_ending() => None,
            Some(pending) => {
                Some(session.admit(&incoming.event, incoming.fingerprint, &pending.fingerprints))
            }
            None => Some(session.admit(&incoming.event, incoming.fingerprint, &[])),
        }
    }

    fn accept_event(
        &mut self,
        id: SessionId,
        origin: Origin,
        incoming: Incoming,
        open_sessions: &OpenSessions,
    ) {
        let sequence = self.next_sequence.after(self.accepted.len() as u64);
        let is_end = incoming.event.event_type == EventType::SessionEnd;
        let pending = self.pending.entry(id).or_insert_with(|| {
            let shard = open_sessions.shard(&id);
            let session = shard.get(&id);
            Pending {
                fingerprints: Vec::new(),
                last_sequence: Sequence::new(session.map_or(0, Session::last_sequence)),
                is_ending: session.is_some_and(Session::is_ending),
            }
        });
        let previous = std::mem::replace(&mut pending.last_sequence, sequence);
        pending.fingerprints.push(incoming.fingerprint);
        pending.is_ending |= is_end;
        self.accept(id, origin, Some(previous), false, incoming);
    }

    /// Accepts a whole session: leaves out the retries within it and marks its last event.
    fn accept_batch(&mut self, id: SessionId, origin: Origin, events: Vec<Incoming>) {
        let mut recent = RecentBodies::default();
        let mut previous = None;
        for incoming in events {
            if recent.contains(incoming.fingerprint, 0) {
                self.duplicates += 1;
                continue;
            }
            recent.remember(incoming.fingerprint);
            let sequence = self.next_sequence.after(self.accepted.len() as u64);
            self.accept(id, origin, previous.replace(sequence), false, incoming);
        }
        if let Some(last) = self.accepted.last_mut() {
            last.last_of_batch = true;
        }
    }

    fn accept(
        &mut self,
        session: SessionId,
        origin: Origin,
        previous: Option<Sequence>,
        last_of_batch: bool,
        incoming: Incoming,
    ) {
        self.bytes += incoming.body.len();
        self.accepted.push(Accepted { session, origin, previous, last_of_batch, incoming });
    }

    /// Sends all responses: as decided after a commit; after a failed one, with the failure wherever a response would
    /// promise that something is stored. Returns the wakers of those that wait.
    #[must_use]
    pub(crate) fn answer(&mut self, is_committed: bool) -> Vec<Waker> {
        let mut wakers = Vec::with_capacity(self.waiting.len());
        for Waiting { reply, verdict, .. } in self.waiting.drain(..) {
            let promises = matches!(verdict, Verdict::Accepted | Verdict::Known);
            let verdict = if promises && !is_committed { Verdict::NotStored } else { verdict };
            // A client that has disconnected changes nothing.
            wakers.extend(reply.send(verdict));
        }
        wakers
    }

    /// Empties the group for the next one.
    pub(crate) fn clear(&mut self) {
        self.accepted.clear();
        self.pending.clear();
        self.duplicates = 0;
        self.bytes = 0;
    }
}
