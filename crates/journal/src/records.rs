//! The records that a journal stores and returns.

use playhead_protocol::{Delivery, PackedFacts, Recorded, SessionId, Wire};

use crate::error::Error;
use crate::limits;
use crate::place::{OutboxPosition, Sequence};

/// An accepted event on its way into the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEvent<'a> {
    /// The session that it belongs to.
    pub session: SessionId,
    /// Sequence of the session's event before this one, which may stand in the same commit; `None` for the first.
    pub previous: Option<Sequence>,
    /// It is the last event of a batch that came as one (a downloaded session).
    pub last_of_batch: bool,
    /// The event as it was accepted.
    pub recorded: Recorded<'a>,
}

/// An event read from the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredEvent<'a> {
    /// Its place in the order of accounting, from 1.
    pub sequence: Sequence,
    /// When it arrived, by the server's clock: milliseconds since the Unix epoch.
    pub received_at_ms: i64,
    /// The session that it belongs to.
    pub session: SessionId,
    /// Sequence of the session's event before this one; `None` for the first. That event may have been trimmed.
    pub previous: Option<Sequence>,
    /// It is the last event of a batch that came as one.
    pub last_of_batch: bool,
    /// The event as it was accepted.
    pub recorded: Recorded<'a>,
}

/// An event read from the journal, on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedEvent {
    /// See [`StoredEvent::sequence`].
    pub sequence: Sequence,
    /// See [`StoredEvent::received_at_ms`].
    pub received_at_ms: i64,
    /// See [`StoredEvent::session`].
    pub session: SessionId,
    /// See [`StoredEvent::previous`].
    pub previous: Option<Sequence>,
    /// See [`StoredEvent::last_of_batch`].
    pub last_of_batch: bool,
    /// See [`Recorded::wire`].
    pub wire: Wire,
    /// See [`Recorded::delivery`].
    pub delivery: Delivery,
    /// See [`Recorded::facts`].
    pub facts: PackedFacts,
    /// See [`Recorded::body`].
    pub body: Vec<u8>,
}

impl OwnedEvent {
    /// The event as it was accepted.
    pub fn recorded(&self) -> Recorded<'_> {
        let Self { wire, delivery, .. } = *self;
        Recorded { wire, delivery, facts: self.facts.facts(), body: &self.body }
    }
}

impl StoredEvent<'_> {
    /// A copy that outlives the group it was read from.
    pub(crate) fn to_owned_event(self) -> OwnedEvent {
        OwnedEvent {
            sequence: self.sequence,
            received_at_ms: self.received_at_ms,
            session: self.session,
            previous: self.previous,
            last_of_batch: self.last_of_batch,
            wire: self.recorded.wire,
            delivery: self.recorded.delivery,
            facts: self.recorded.facts.to_packed(),
            body: self.recorded.body.to_vec(),
        }
    }
}

/// How far a journal goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Sequence that the next event gets.
    pub next_sequence: Sequence,
    /// The last position that a closed session has had; 0 before the first.
    pub last_position: OutboxPosition,
}

/// Events on their way to a caller, up to a number and to a size.
#[derive(Debug)]
pub(crate) struct EventPage {
    pub(crate) events: Vec<OwnedEvent>,
    limit: usize,
    bytes: usize,
}

impl EventPage {
    pub(crate) fn new(limit: usize) -> Self {
        Self { events: Vec::new(), limit: limit.min(limits::MAX_SESSION_EVENTS), bytes: 0 }
    }

    pub(crate) fn has_room(&self) -> bool {
        self.events.len() < self.limit && self.bytes < limits::PAGE_EVENT_BYTES
    }

    pub(crate) fn push(&mut self, event: OwnedEvent) {
        self.bytes += event.body.len();
        self.events.push(event);
    }
}

/// The state of an open session, to be kept until the next one or until the session closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointEntry<'a> {
    /// Sequence of the session's first event; the key.
    pub start_sequence: Sequence,
    /// The state, opaque to the journal.
    pub state: &'a [u8],
}

/// The state of an open session, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointState {
    /// Sequence of the session's first event.
    pub start_sequence: Sequence,
    /// The state, as it was committed.
    pub state: Vec<u8>,
}

/// A session that closed. Its checkpoint goes; its row stays until it is trimmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedSession<'a> {
    /// The session.
    pub session: SessionId,
    /// Sequence of its first event.
    pub start_sequence: Sequence,
    /// Sequence of its last event, from which [`LogReader::events_of`](crate::LogReader::events_of) walks back.
    pub last_sequence: Sequence,
    /// Its start by the device's clock: milliseconds since the Unix epoch. Lists are in this order.
    pub started_at_ms: i64,
    /// Its close by the server's clock: milliseconds since the Unix epoch.
    pub closed_at_ms: i64,
    /// Report suite, for lists.
    pub report_suite: &'a str,
    /// Content id, for lists.
    pub content_id: &'a str,
    /// Visitor id, for lists; may be empty.
    pub visitor_id: &'a str,
    /// The session's rows, opaque to the journal.
    pub row: &'a [u8],
}

/// A closed session, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedRecord {
    /// Place in the outbox: ascends in the order of closing; numbers may be left out, none is given twice.
    pub position: OutboxPosition,
    /// See [`ClosedSession::session`].
    pub session: SessionId,
    /// See [`ClosedSession::start_sequence`].
    pub start_sequence: Sequence,
    /// See [`ClosedSession::last_sequence`].
    pub last_sequence: Sequence,
    /// See [`ClosedSession::started_at_ms`].
    pub started_at_ms: i64,
    /// See [`ClosedSession::closed_at_ms`].
    pub closed_at_ms: i64,
    /// See [`ClosedSession::report_suite`].
    pub report_suite: String,
    /// See [`ClosedSession::content_id`].
    pub content_id: String,
    /// See [`ClosedSession::visitor_id`].
    pub visitor_id: String,
    /// See [`ClosedSession::row`].
    pub row: Vec<u8>,
}

impl ClosedRecord {
    /// A closed session as it is read back from its place in the outbox.
    pub fn of(closed: &ClosedSession<'_>, position: OutboxPosition) -> Self {
        Self {
            position,
            session: closed.session,
            start_sequence: closed.start_sequence,
            last_sequence: closed.last_sequence,
            started_at_ms: closed.started_at_ms,
            closed_at_ms: closed.closed_at_ms,
            report_suite: closed.report_suite.into(),
            content_id: closed.content_id.into(),
            visitor_id: closed.visitor_id.into(),
            row: closed.row.into(),
        }
    }

    /// The cursor behind which the page after this record starts.
    pub const fn cursor(&self) -> PageCursor {
        PageCursor { started_at_ms: self.started_at_ms, session: self.session }
    }
}

/// The content of one commit, which becomes durable as a whole or not at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Commit<'a> {
    /// When the events arrived, by the server's clock: milliseconds since the Unix epoch.
    pub received_at_ms: i64,
    /// Events in arrival order; they get consecutive sequences.
    pub events: &'a [NewEvent<'a>],
    /// New states of open sessions; each replaces the session's earlier one.
    pub checkpoints: &'a [CheckpointEntry<'a>],
    /// Sessions that closed. One that was closed before, as a replay does, changes nothing.
    pub closed: &'a [ClosedSession<'a>],
    /// Every open session has a checkpoint that covers its events before this sequence: replay starts here from now
    /// on. May be the sequence after this commit's last event; may not go back.
    pub replay_from: Option<Sequence>,
    /// Settings of the accounting to remember, opaque to the journal.
    pub accounting: Option<&'a [u8]>,
}

/// A commit that is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Sequence of the commit's first event; of the next commit's when it had none.
    pub first_sequence: Sequence,
    /// Events committed: their sequences are `first_sequence`, `first_sequence + 1`, ...
    pub event_count: u64,
}

/// The result of a trim.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// Groups of events. As many as the limit allowed: there may be more.
    pub groups: u64,
}

/// Which closed sessions a list shows. The default shows all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClosedFilter<'a> {
    /// Started at this time or later.
    pub started_from_ms: Option<i64>,
    /// Started before this time.
    pub started_before_ms: Option<i64>,
    /// Of this report suite.
    pub report_suite: Option<&'a str>,
    /// Of this content.
    pub content_id: Option<&'a str>,
    /// Of this visitor.
    pub visitor_id: Option<&'a str>,
}

impl ClosedFilter<'_> {
    /// Whether the list shows this session.
    pub(crate) fn admits(&self, record: &ClosedRecord) -> bool {
        self.started_from_ms.is_none_or(|from| record.started_at_ms >= from)
            && self.started_before_ms.is_none_or(|before| record.started_at_ms < before)
            && self.report_suite.is_none_or(|suite| record.report_suite == suite)
            && self.content_id.is_none_or(|content| record.content_id == content)
            && self.visitor_id.is_none_or(|visitor| record.visitor_id == visitor)
    }
}

/// The last session of a page; the next page starts behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageCursor {
    /// Its start.
    pub started_at_ms: i64,
    /// Its id, which orders sessions of one start.
    pub session: SessionId,
}

/// Everything that a restart needs, from one consistent state of the journal.
pub struct Recovery<'a> {
    /// Sequence from which events are replayed.
    pub replay_from: Sequence,
    /// Sequence of the event after the last.
    pub next_sequence: Sequence,
    /// Settings of the accounting, as last committed.
    pub accounting: Option<Vec<u8>>,
    /// All checkpoints in ascending `start_sequence`, then all events from `replay_from` in ascending sequence. One
    /// group is in memory at a time. Ends after the first error.
    pub items: Box<dyn Iterator<Item = Result<RecoveryItem, Error>> + 'a>,
}

impl std::fmt::Debug for Recovery<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recovery")
            .field("replay_from", &self.replay_from)
            .field("next_sequence", &self.next_sequence)
            .finish_non_exhaustive()
    }
}

/// One step of a recovery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecoveryItem {
    /// The state of a session that was open at the last checkpoint.
    Checkpoint(CheckpointState),
    /// The state of such a session is not what was written; the session is to be made from its events before the place from
    /// which they are replayed.
    DamagedCheckpoint {
        /// Sequence of the session's first event.
        start_sequence: Sequence,
        /// What is wrong.
        finding: String,
    },
    /// An event to account for again.
    Event(OwnedEvent),
}
