//! Everything that can go wrong, and the one table of what a client is told about it.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::StatusCode;
use playhead_node::error::{
    Busy, ExclusionError, IngestError, MaintenanceError, QueryError, ReadError, SessionError, StartError,
    WatchError,
};
use playhead_node::kept::KeptError;
use playhead_node::limits::WRONG_TOKENS;
use playhead_node::reason::Reason;
use playhead_node::schedules::RunError;
use playhead_protocol::{Fault, Rejection};

/// The encodings in which bodies are taken, as a response names them.
pub(crate) const ENCODINGS: &str = "gzip, deflate";

/// The error of this crate: of a request, or of the server as a whole.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A body or a query breaks the rules of its endpoint.
    #[error("the request is invalid")]
    Invalid(Vec<Fault>),
    /// The head of a request breaks the rules of HTTP.
    #[error("{0}")]
    Malformed(&'static str),
    /// A body is longer than its endpoint takes.
    #[error("the body is longer than {limit_bytes} bytes")]
    BodyTooLarge {
        /// What the endpoint takes.
        limit_bytes: usize,
    },
    /// A body is compressed in a way that is not taken.
    #[error("the body has a Content-Encoding that is not taken; these are: {}", ENCODINGS)]
    UnsupportedEncoding,
    /// A body did not arrive in time.
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    /// The connection broke while the body was read.
    #[error("the body could not be read")]
    BodyUnreadable,
    /// There is no such resource.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// There is no such path, but one that differs from it by slashes alone.
    #[error("path not found; did you mean {meant}?")]
    MisspeltPath {
        /// The path that exists.
        meant: String,
    },
    /// The session was closed; nothing can be added to it.
    #[error("the session is closed")]
    SessionClosed,
    /// The method does not exist on that path.
    #[error("the method is not allowed here")]
    MethodNotAllowed {
        /// Those that are.
        allow: Cow<'static, str>,
    },
    /// A token is needed.
    #[error("a valid bearer token is needed")]
    Unauthorized,
    /// The token is unknown.
    #[error("this is not a token of this server")]
    WrongToken,
    /// An address sent too many wrong tokens.
    #[error(
        "too many wrong tokens from this address (at most {WRONG_TOKENS} a minute); try again in {} s",
        retry_after.as_secs()
    )]
    TooManyWrongTokens {
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
    /// The node takes no events.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// More is under way than the node takes on.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Nobody else can watch live numbers.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A query over the tables has no response.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A query about sessions has no response.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The tables are not put in order.
    #[error(transparent)]
    Maintenance(#[from] MaintenanceError),
    /// Something is not kept, changed or removed.
    #[error(transparent)]
    Kept(KeptError),
    /// A setting cannot be put into force.
    #[error("{0}")]
    Setting(String),
    /// The journal does not keep or give the tokens.
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    /// The node does not start, or ended by itself.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

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
    pub(crate) reason: Reason,
}

impl Error {
    /// The answer to this error.
    pub(crate) fn answer(&self) -> Answer {
        let answer = answer_for(self.reason());
        match self {
            Self::TooManyWrongTokens { retry_after } => Answer { retry_after: Some(*retry_after), ..answer },
            _ => answer,
        }
    }

    /// The reason by which this error is counted.
    fn reason(&self) -> Reason {
        match self {
            Self::Invalid(_) => Reason::Invalid,
            Self::Malformed(_) => Reason::MalformedRequest,
            Self::BodyTooLarge { .. } => Reason::BodyTooLarge,
            Self::UnsupportedEncoding => Reason::UnsupportedEncoding,
            Self::BodyTooSlow => Reason::BodyTooSlow,
            Self::BodyUnreadable => Reason::BodyUnreadable,
            Self::NotFound(_) | Self::MisspeltPath { .. } => Reason::NotFound,
            Self::SessionClosed => Reason::SessionClosed,
            Self::MethodNotAllowed { .. } => Reason::MethodNotAllowed,
            Self::Unauthorized | Self::WrongToken => Reason::Unauthorized,
            Self::TooManyWrongTokens { .. } => Reason::TooManyWrongTokens,
            Self::Forbidden(_) => Reason::Forbidden,
            Self::TooManyRequests => Reason::TooManyRequests,
            Self::Ingest(error) => reason_of_ingest(*error),
            Self::Busy(_) | Self::Watch(_) => Reason::Busy,
            Self::Read(error) => reason_of_read(error),
            Self::Query(error) => reason_of_query(error),
            Self::Session(error) => reason_of_session(error),
            Self::Maintenance(error) => reason_of_maintenance(error),
            Self::Kept(error) => reason_of_kept(error),
            Self::Internal | Self::Setting(_) | Self::Journal(_) | Self::Start(_) | Self::Listen { .. } => {
                Reason::Internal
            }
        }
    }

    /// The error of one fault in a query parameter or a setting of a request.
    pub(crate) fn fault(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault { path: path.into(), message: message.into() }])
    }

    /// The error of a value that the journal was to keep. A full or failing disk passes.
    fn of_note(error: MaintenanceError) -> Self {
        use playhead_journal::Error as Journal;
        match error {
            MaintenanceError::Journal(Journal::DiskFull { .. } | Journal::Io { .. }) => {
                IngestError::NotStored.into()
            }
            error => Self::Maintenance(error),
        }
    }

    /// The faults to list in the answer.
    pub(crate) fn faults(&self) -> &[Fault] {
        match self {
            Self::Invalid(faults)
            | Self::Query(QueryError::Invalid(faults))
            | Self::Kept(KeptError::Invalid(faults)) => faults,
            _ => &[],
        }
    }

    /// Whether the body was left before its end.
    pub(crate) const fn is_body_unread(&self) -> bool {
        matches!(
            self,
            Self::BodyTooLarge { .. } | Self::UnsupportedEncoding | Self::BodyTooSlow | Self::BodyUnreadable
        )
    }

    /// What the client reads; inner workings stay in the log.
    pub(crate) fn message(&self) -> String {
        // What is wrong with a table is told to those who may ask of it: they are the ones who can mend it.
        match self.answer() {
            Answer { reason: Reason::Internal, .. } => Self::Internal.to_string(),
            _ => self.to_string(),
        }
    }
}

/// The one table from reason to status and retry advice.
pub(crate) const fn answer_for(reason: Reason) -> Answer {
    let (status, retry_after) = match reason {
        Reason::Invalid | Reason::BodyUnreadable | Reason::MalformedRequest => {
            (StatusCode::BAD_REQUEST, None)
        }
        Reason::Unauthorized => (StatusCode::UNAUTHORIZED, None),
        Reason::Forbidden => (StatusCode::FORBIDDEN, None),
        Reason::NotFound => (StatusCode::NOT_FOUND, None),
        Reason::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, None),
        Reason::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, None),
        Reason::ChangedMeanwhile => (StatusCode::CONFLICT, None),
        Reason::SessionClosed => (StatusCode::GONE, None),
        Reason::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, None),
        Reason::UnsupportedEncoding => (StatusCode::UNSUPPORTED_MEDIA_TYPE, None),
        Reason::QuestionTooLarge => (StatusCode::UNPROCESSABLE_ENTITY, None),
        Reason::TooManyRequests | Reason::TooManyWrongTokens => (StatusCode::TOO_MANY_REQUESTS, SOON),
        Reason::Starting | Reason::Busy => (StatusCode::SERVICE_UNAVAILABLE, SOON),
        Reason::ShuttingDown | Reason::NotStored => (StatusCode::SERVICE_UNAVAILABLE, LATER),
        Reason::UnreadableTable | Reason::Internal => (StatusCode::INTERNAL_SERVER_ERROR, None),
    };
    Answer { status, retry_after, reason }
}

/// The reason for which the node takes no events.
const fn reason_of_ingest(error: IngestError) -> Reason {
    match error {
        IngestError::Starting => Reason::Starting,
        IngestError::ShuttingDown => Reason::ShuttingDown,
        IngestError::Busy(_) => Reason::Busy,
        IngestError::NotStored => Reason::NotStored,
        IngestError::Internal => Reason::Internal,
    }
}

/// The reason for which the journal cannot be read.
const fn reason_of_read(error: &ReadError) -> Reason {
    match error {
        ReadError::Busy(_) => Reason::Busy,
        ReadError::Starting => Reason::Starting,
        ReadError::ShuttingDown => Reason::ShuttingDown,
        ReadError::Rows(_) => Reason::UnreadableTable,
        ReadError::Journal(error) if error.is_damage() => Reason::UnreadableTable,
        ReadError::Journal(_) | ReadError::Internal => Reason::Internal,
    }
}

/// The reason for which a query over the tables has no response.
const fn reason_of_query(error: &QueryError) -> Reason {
    match error {
        QueryError::Invalid(_) => Reason::Invalid,
        QueryError::Busy(_) => Reason::Busy,
        QueryError::Report(error) => reason_of_report(error),
        QueryError::Internal => Reason::Internal,
    }
}

/// The reason for which a query about sessions has no response.
const fn reason_of_session(error: &SessionError) -> Reason {
    match error {
        SessionError::Read(error) => reason_of_read(error),
        SessionError::Busy(_) => Reason::Busy,
        SessionError::Lake(_) => Reason::UnreadableTable,
        SessionError::Report(error) => reason_of_report(error),
        SessionError::Unreplayable(_) | SessionError::Internal => Reason::Internal,
    }
}

/// The reason for which the tables are not put in order.
const fn reason_of_maintenance(error: &MaintenanceError) -> Reason {
    match error {
        MaintenanceError::Busy(_) => Reason::Busy,
        MaintenanceError::ShuttingDown => Reason::ShuttingDown,
        MaintenanceError::Read(error) => reason_of_read(error),
        MaintenanceError::Lake(_) => Reason::UnreadableTable,
        MaintenanceError::NoTables | MaintenanceError::Journal(_) => Reason::Internal,
    }
}

/// The reason for which something is not kept.
const fn reason_of_kept(error: &KeptError) -> Reason {
    match error {
        KeptError::Invalid(_) | KeptError::TooMany { .. } | KeptError::TooManyOfOwner { .. } => {
            Reason::Invalid
        }
        KeptError::Unknown(_) => Reason::NotFound,
        KeptError::OfAnother(_) => Reason::Forbidden,
        KeptError::ChangedMeanwhile { .. } => Reason::ChangedMeanwhile,
        KeptError::NotKept(error) => reason_of_maintenance(error),
    }
}

/// The reason of an error of the query engine.
const fn reason_of_report(error: &playhead_report::Error) -> Reason {
    use playhead_report::Error as Report;
    match error {
        Report::Invalid(_) | Report::Sql(_) => Reason::Invalid,
        Report::TooMuchMemory { .. }
        | Report::TooSlow { .. }
        | Report::CutShort { .. }
        | Report::Ended(_) => Reason::QuestionTooLarge,
        Report::Busy | Report::Interrupted(_) => Reason::Busy,
        Report::Unreadable(_) | Report::Lake(_) => Reason::UnreadableTable,
        Report::Unstored(_) | Report::Query(_) => Reason::Internal,
    }
}

impl From<KeptError> for Error {
    fn from(error: KeptError) -> Self {
        match error {
            KeptError::NotKept(error) => Self::of_note(error),
            error => Self::Kept(error),
        }
    }
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Kept(error) => error.into(),
            RunError::Busy(error) => Self::Busy(error),
            RunError::ShuttingDown => Self::Ingest(IngestError::ShuttingDown),
        }
    }
}

impl From<ExclusionError> for Error {
    fn from(error: ExclusionError) -> Self {
        match error {
            ExclusionError::UnknownSession => Self::NotFound("session"),
            ExclusionError::TooMany => Self::fault("", error.to_string()),
            ExclusionError::Session(error) => Self::Session(error),
            ExclusionError::Maintenance(error) => Self::of_note(error),
        }
    }
}

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
            Error::Malformed("no"),
            Error::BodyTooLarge { limit_bytes: 1 },
            Error::UnsupportedEncoding,
            Error::NotFound("session"),
            Error::MisspeltPath { meant: "/livez".to_owned() },
            Error::SessionClosed,
            Error::MethodNotAllowed { allow: "POST".into() },
            Error::Unauthorized,
            Error::WrongToken,
            Error::TooManyWrongTokens { retry_after: Duration::from_secs(1) },
            Error::Forbidden("no"),
            Error::TooManyRequests,
            IngestError::Starting.into(),
            IngestError::ShuttingDown.into(),
            MaintenanceError::ShuttingDown.into(),
            ReadError::Starting.into(),
            ReadError::ShuttingDown.into(),
            QueryError::Busy(Busy("queries")).into(),
            SessionError::Busy(Busy("queries")).into(),
            WatchError::TooManyStreams.into(),
            WatchError::TooManyFilters.into(),
            IngestError::NotStored.into(),
            IngestError::Busy("requests").into(),
            Error::Internal,
        ];
        for error in errors {
            let answer = error.answer();
            let is_passing = matches!(answer.status.as_u16(), 429 | 503);
            assert_eq!(answer.retry_after.is_some(), is_passing, "{error:?}");
        }
    }
}
