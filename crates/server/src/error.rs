//! Everything that can go wrong, and the one table of what a client is told about it.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::StatusCode;
use playhead_node::error::Error as NodeError;
use playhead_protocol::{Fault, Rejection};

/// The error of this crate: of a request, or of the server as a whole.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A body or a query breaks the rules of its endpoint.
    #[error("the request is invalid")]
    Invalid(Vec<Fault>),
    /// A body is longer than its endpoint takes.
    #[error("the body is longer than {limit_bytes} bytes")]
    BodyTooLarge {
        /// What the endpoint takes.
        limit_bytes: usize,
    },
    /// A body did not arrive in time.
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    /// The connection broke while the body was read.
    #[error("the body could not be read")]
    BodyUnreadable,
    /// There is no such resource.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The session was closed; nothing can be added to it.
    #[error("the session is closed")]
    SessionClosed,
    /// The method does not exist on that path.
    #[error("the method is not allowed here")]
    MethodNotAllowed {
        /// Those that are.
        allow: &'static str,
    },
    /// A token is needed.
    #[error("a valid bearer token is needed")]
    Unauthorized,
    /// Somebody logs in with a token that is none.
    #[error("this is not a token of this server")]
    WrongToken,
    /// Too many logins failed.
    #[error("too many logins have failed; try again later")]
    TooManyLogins {
        /// When.
        retry_after: Duration,
    },
    /// The token allows other things than this, or the request was not made as it must be.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The client's address sends too much.
    #[error("too many requests from this address")]
    TooManyRequests,
    /// Something that must not happen did.
    #[error("internal error")]
    Internal,
    /// The node failed, or refused.
    #[error(transparent)]
    Node(playhead_node::error::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// The reason of requests that are refused before they are any: their head is not HTTP, or too large.
pub(crate) const MALFORMED_REQUEST: &str = "malformed_request";

/// Retry advice: soon, because what is full or busy empties in a moment.
const SOON: Option<Duration> = Some(Duration::from_secs(1));

/// Retry advice: later, because a disk or a restart takes a while.
const LATER: Option<Duration> = Some(Duration::from_secs(5));

/// What a client is told, and how the refusal is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// `Retry-After`: only where the same request may succeed later. A permanent fault never has it.
    pub(crate) retry_after: Option<Duration>,
    /// The `reason` label of the refusal in `/metrics`.
    pub(crate) reason: &'static str,
}

impl Error {
    /// The one table from error to answer.
    pub(crate) fn answer(&self) -> Answer {
        let (status, retry_after, reason) = match self {
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, None, "invalid"),
            Self::BodyTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, None, "body_too_large"),
            Self::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, None, "body_too_slow"),
            Self::BodyUnreadable => (StatusCode::BAD_REQUEST, None, "body_unreadable"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, None, "not_found"),
            Self::SessionClosed => (StatusCode::GONE, None, "session_closed"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, None, "method_not_allowed"),
            Self::Unauthorized | Self::WrongToken => (StatusCode::UNAUTHORIZED, None, "unauthorized"),
            Self::TooManyLogins { retry_after } => {
                (StatusCode::TOO_MANY_REQUESTS, Some(*retry_after), "too_many_logins")
            }
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, None, "forbidden"),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, SOON, "too_many_requests"),
            Self::Node(error) => return node_answer(error),
            Self::Internal | Self::Listen { .. } => (StatusCode::INTERNAL_SERVER_ERROR, None, "internal"),
        };
        Answer { status, retry_after, reason }
    }

    /// Every `reason` of the table, for the metrics.
    pub(crate) const REASONS: &'static [&'static str] = &[
        "invalid",
        "body_too_large",
        "body_too_slow",
        "body_unreadable",
        "not_found",
        "session_closed",
        "method_not_allowed",
        "unauthorized",
        "forbidden",
        "too_many_logins",
        "too_many_requests",
        "starting",
        "shutting_down",
        "busy",
        "not_stored",
        "question_too_large",
        "unreadable_table",
        "internal",
        MALFORMED_REQUEST,
    ];

    /// The error of a setting that cannot be put into force.
    pub(crate) fn setting(message: impl Into<String>) -> Self {
        Self::Node(NodeError::Setting(message.into()))
    }

    /// The error of one fault in a query parameter or a setting of a request.
    pub(crate) fn fault(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault { path: path.into(), message: message.into() }])
    }

    /// The faults to list in the answer.
    pub(crate) fn faults(&self) -> &[Fault] {
        match self {
            Self::Invalid(faults) | Self::Node(NodeError::Invalid(faults)) => faults,
            _ => &[],
        }
    }

    /// Whether the body was left before its end.
    pub(crate) const fn is_body_unread(&self) -> bool {
        matches!(self, Self::BodyTooLarge { .. } | Self::BodyTooSlow | Self::BodyUnreadable)
    }

    /// What the client reads; inner workings stay in the log.
    pub(crate) fn message(&self) -> String {
        // What is wrong with a table is told to those who may ask of it: they are the ones who can mend it.
        match self.answer() {
            Answer { status: StatusCode::INTERNAL_SERVER_ERROR, reason: "internal", .. } => {
                Self::Internal.to_string()
            }
            _ => self.to_string(),
        }
    }
}

/// The part of the table for what the node says.
fn node_answer(error: &NodeError) -> Answer {
    let (status, retry_after, reason) = match error {
        NodeError::Invalid(_) => (StatusCode::BAD_REQUEST, None, "invalid"),
        NodeError::NotFound(_) => (StatusCode::NOT_FOUND, None, "not_found"),
        NodeError::Starting => (StatusCode::SERVICE_UNAVAILABLE, SOON, "starting"),
        NodeError::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, LATER, "shutting_down"),
        NodeError::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, SOON, "busy"),
        NodeError::NotStored => (StatusCode::SERVICE_UNAVAILABLE, LATER, "not_stored"),
        NodeError::Report(error) => return report_answer(error),
        NodeError::Lake(_) => (StatusCode::INTERNAL_SERVER_ERROR, None, "unreadable_table"),
        NodeError::Internal
        | NodeError::Journal(_)
        | NodeError::Unreplayable(_)
        | NodeError::Setting(_)
        | NodeError::System { .. } => (StatusCode::INTERNAL_SERVER_ERROR, None, "internal"),
    };
    Answer { status, retry_after, reason }
}

/// The part of the table for queries over the tables.
fn report_answer(error: &playhead_report::Error) -> Answer {
    use playhead_report::Error as Report;
    let (status, reason) = match error {
        Report::Invalid(_) | Report::Sql(_) => (StatusCode::BAD_REQUEST, "invalid"),
        Report::TooMuchMemory { .. } | Report::TooSlow { .. } | Report::CutShort { .. } => {
            (StatusCode::UNPROCESSABLE_ENTITY, "question_too_large")
        }
        Report::Busy => return node_answer(&NodeError::Busy("questions")),
        Report::Unreadable(_) | Report::Lake(_) => (StatusCode::INTERNAL_SERVER_ERROR, "unreadable_table"),
        Report::Unstored(_) | Report::Query(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    };
    Answer { status, retry_after: None, reason }
}

impl From<NodeError> for Error {
    fn from(error: NodeError) -> Self {
        Self::Node(error)
    }
}

/// What the node is made of fails as the node does.
macro_rules! of_the_node {
    ($($source:ty),*) => {
        $(impl From<$source> for Error {
            fn from(error: $source) -> Self {
                Self::Node(error.into())
            }
        })*
    };
}
of_the_node!(
    playhead_journal::Error,
    playhead_lake::Error,
    playhead_report::Error,
    datafusion::error::DataFusionError
);

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Invalid(faults) => Self::Invalid(faults),
            Rejection::TooLarge { limit_bytes } => Self::BodyTooLarge { limit_bytes },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_passing_faults_look_retryable() {
        let errors = [
            Error::Invalid(Vec::new()),
            Error::BodyTooLarge { limit_bytes: 1 },
            Error::NotFound("session"),
            Error::SessionClosed,
            Error::MethodNotAllowed { allow: "POST" },
            Error::Unauthorized,
            Error::WrongToken,
            Error::TooManyLogins { retry_after: Duration::from_secs(1) },
            Error::Forbidden("no"),
            Error::TooManyRequests,
            NodeError::Starting.into(),
            NodeError::ShuttingDown.into(),
            NodeError::Busy("requests").into(),
            NodeError::NotStored.into(),
            Error::Internal,
        ];
        for error in errors {
            let answer = error.answer();
            let is_passing = matches!(answer.status.as_u16(), 429 | 503);
            assert_eq!(answer.retry_after.is_some(), is_passing, "{error:?}");
            assert!(Error::REASONS.contains(&answer.reason), "{error:?}");
        }
    }
}
