//! Why requests are refused: one table of reasons with stable names, for all front doors. And which work is refused first when more
//! comes than can be taken.

use crate::limits::{QUEUE_PART_BEFORE_PINGS, QUEUE_PART_FOR_STARTS};

/// The table of reasons: the name is the label in `/metrics` and the `reason` of a refused request.
macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident = $name:literal,)*) => {
        /// Why a request is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[$doc])* $reason,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$reason,)*];

            /// Its stable name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$reason => $name,)*
                }
            }
        }
    };
}

reasons! {
    /// The body or the query breaks a rule.
    Invalid = "invalid",
    /// The body is longer than its limit.
    BodyTooLarge = "body_too_large",
    /// The body is compressed in a way that is not taken.
    UnsupportedEncoding = "unsupported_encoding",
    /// The body did not arrive in time.
    BodyTooSlow = "body_too_slow",
    /// The connection broke in the middle of the body.
    BodyUnreadable = "body_unreadable",
    /// The path, the session or another resource does not exist.
    NotFound = "not_found",
    /// The session has closed: the event comes too late.
    SessionClosed = "session_closed",
    /// What was to be changed has another version.
    ChangedMeanwhile = "changed_meanwhile",
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed",
    /// The request has no valid token.
    Unauthorized = "unauthorized",
    /// The token does not allow this.
    Forbidden = "forbidden",
    /// The address sends too many wrong tokens.
    TooManyWrongTokens = "too_many_wrong_tokens",
    /// The address sends too many requests.
    TooManyRequests = "too_many_requests",
    /// The server replays its journal.
    Starting = "starting",
    /// The server stops.
    ShuttingDown = "shutting_down",
    /// A limit of the server is reached for the moment.
    Busy = "busy",
    /// The disk is full or fails.
    NotStored = "not_stored",
    /// The query needs more time or memory than one may take.
    QuestionTooLarge = "question_too_large",
    /// A table cannot be read.
    UnreadableTable = "unreadable_table",
    /// A defect of the server.
    Internal = "internal",
    /// The head of the request is not one, or is too large.
    MalformedRequest = "malformed_request",
}

impl serde::Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

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
