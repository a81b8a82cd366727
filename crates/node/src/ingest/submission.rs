//! The work that front doors submit to the writer.

use bytes::Bytes;
use playhead_protocol::{Event, EventType, Origin, SessionId};
use playhead_session::Fingerprint;

use crate::ingest::bodies::BodyBudget;
use crate::ingest::verdict::Reply;
use crate::reason::WorkKind;

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

impl Work {
    /// What it brings, as far as that matters when more comes than the writer can take.
    pub fn kind(&self) -> WorkKind {
        match self {
            Self::Start(_) => WorkKind::Start,
            Self::Batch(_) => WorkKind::Downloaded,
            Self::Event(incoming) => match incoming.event.event_type {
                EventType::SessionComplete | EventType::SessionEnd => WorkKind::End,
                EventType::AdComplete => WorkKind::AdComplete,
                EventType::Ping => WorkKind::Ping,
                _ => WorkKind::Other,
            },
        }
    }
}

/// Work with the channel for its verdict.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) session: SessionId,
    pub(crate) origin: Origin,
    pub(crate) work: Work,
    /// The submission is committed even if the client has disconnected.
    pub(crate) reply: Reply,
    /// Releases the bytes when the submission is dropped.
    pub(crate) budget: BodyBudget,
}
