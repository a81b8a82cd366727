//! What work brings, as far as that matters when more comes than can be taken: what gives way first.

use crate::limits::{QUEUE_PART_BEFORE_PINGS, QUEUE_PART_FOR_STARTS};

/// Kinds of work: too much load costs pings first, then other events, and only then what a session or a bill cannot do
/// without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkKind {
    /// The start of a session.
    Start,
    /// A whole downloaded session.
    Downloaded,
    /// `sessionComplete` or `sessionEnd`.
    End,
    /// `adComplete`.
    AdComplete,
    /// Any other event.
    Other,
    /// `ping`.
    Ping,
}

impl WorkKind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Start, Self::Downloaded, Self::End, Self::AdComplete, Self::Other, Self::Ping];

    /// Its stable name: the label in `/metrics`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Downloaded => "downloaded",
            Self::End => "end",
            Self::AdComplete => "ad_complete",
            Self::Other => "other",
            Self::Ping => "ping",
        }
    }

    /// Whether it may take what is kept for starts, ends and ad completes.
    pub const fn comes_first(self) -> bool {
        !matches!(self, Self::Other | Self::Ping)
    }

    /// How many of all places in the queue to the writer may be taken when it comes.
    pub(crate) const fn places_of(self, all: usize) -> usize {
        match self {
            Self::Ping => all - all / QUEUE_PART_BEFORE_PINGS,
            Self::Other => all - all / QUEUE_PART_FOR_STARTS,
            _ => all,
        }
    }
}
