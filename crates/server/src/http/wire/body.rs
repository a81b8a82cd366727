//! Bodies, read within their limits.

use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Frame};
use playhead_protocol::is_array;
use tokio::time::{Instant, timeout_at};

use crate::error::Error;
use playhead_node::ingest::bodies::BodyBudget;
use playhead_node::limits::{BATCH_BYTES, BODY_PACE_BYTES, BODY_PACE_TIME, EVENT_BYTES};

/// What a body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// One event.
    Event,
    /// One event, or an array of them, which may be longer.
    EventOrBatch,
}

impl Expected {
    fn limit_bytes(self, is_batch: bool) -> usize {
        if is_batch && self == Self::EventOrBatch { BATCH_BYTES } else { EVENT_BYTES }
    }
}

/// How fast a large body must come: what it takes of the budget is there to be used.
struct Pace {
    /// Bytes at which the next stretch begins.
    next_bytes: usize,
    /// When they must have arrived; `None` while the body is small.
    until: Option<Instant>,
}

impl Pace {
    /// The next piece; an error if the body falls behind.
    async fn next<B: Body + Unpin>(
        &self,
        body: &mut B,
    ) -> Result<Option<Result<Frame<B::Data>, B::Error>>, Error> {
        match self.until {
            None => Ok(body.frame().await),
            Some(until) => timeout_at(until, body.frame()).await.map_err(|_| Error::BodyTooSlow),
        }
    }

    /// So many bytes have arrived.
    fn reached(&mut self, bytes: usize, is_large: bool) {
        if is_large && bytes >= self.next_bytes {
            self.next_bytes = bytes + BODY_PACE_BYTES;
            self.until = Some(Instant::now() + BODY_PACE_TIME);
        }
    }
}

/// Reads a body to its end. What goes beyond the limit is found out at the earliest byte that does, so that nobody can
/// make the server hold more than it would take; and a large body that falls behind its pace is given up.
pub(crate) async fn read(
    mut body: impl Body<Data = Bytes> + Unpin,
    expected: Expected,
    timeout: Duration,
    budget: &mut BodyBudget,
) -> Result<Bytes, Error> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let most_bytes = expected.limit_bytes(true);
    if announced > most_bytes {
        return Err(Error::BodyTooLarge { limit_bytes: most_bytes });
    }
    let read = async {
        let mut read = Vec::new();
        let mut pace = Pace { next_bytes: 0, until: None };
        // Judged once, by the first piece that is not all white space: pieces may be as small as the client likes.
        let mut is_batch = None;
        while let Some(frame) = pace.next(&mut body).await? {
            let frame = frame.map_err(|_| Error::BodyUnreadable)?;
            let Ok(data) = frame.into_data() else { continue };
            budget.take(data.len())?;
            if is_batch.is_none() && !data.trim_ascii_start().is_empty() {
                is_batch = Some(is_array(&data));
            }
            let limit_bytes = expected.limit_bytes(is_batch.unwrap_or(false));
            if read.len() + data.len() > limit_bytes {
                return Err(Error::BodyTooLarge { limit_bytes });
            }
            if read.is_empty() && body.is_end_stream() {
                // The usual case: a small body in one piece is not copied.
                return Ok(data);
            }
            read.extend_from_slice(&data);
            pace.reached(read.len(), budget.is_large());
        }
        Ok(Bytes::from(read))
    };
    tokio::time::timeout(timeout, read).await.map_err(|_| Error::BodyTooSlow)?
}

/// Reads a body of the report API to its end.
pub(crate) async fn read_whole(
    body: axum::body::Body,
    limit_bytes: usize,
    timeout: Duration,
) -> Result<Bytes, Error> {
    match tokio::time::timeout(timeout, Limited::new(body, limit_bytes).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Error::BodyTooLarge { limit_bytes }),
        Ok(Err(_)) => Err(Error::BodyUnreadable),
        Err(_) => Err(Error::BodyTooSlow),
    }
}
