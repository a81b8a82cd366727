//! The client at the other end of a connection.

use axum::extract::FromRequestParts;
use hyper::http::request::Parts;
use playhead_node::ingest::addresses::ClientAddress;
use playhead_node::ingest::bodies::AddressBodies;

use crate::error::Error;

/// What is known of a request's client beside the request; the dispatcher attaches it to each.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The address under which the client is counted.
    pub(crate) address: ClientAddress,
    /// The bodies that come from that address.
    pub(crate) bodies: AddressBodies,
    /// Whether the connection is one of the last, which are kept for starts and ends of sessions.
    pub(crate) is_on_last: bool,
}

impl Caller {
    /// The client of a request.
    ///
    /// # Errors
    ///
    /// If nobody attached it, which does not happen.
    pub(crate) fn of(head: &Parts) -> Result<Self, Error> {
        head.extensions.get().cloned().ok_or(Error::Internal)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Self, Error> {
        Self::of(head)
    }
}

impl axum::response::IntoResponse for Error {
    fn into_response(self) -> axum::response::Response {
        crate::http::wire::responses::error(&self)
    }
}
