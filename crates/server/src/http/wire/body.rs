//! Bodies, read within their limits.

use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::HeaderMap;
use hyper::body::{Body, Bytes, Frame};
use playhead_protocol::is_array;
use tokio::time::{Instant, timeout_at};

use crate::error::Error;
use crate::http::wire::encoding::{Encoding, unpack};
use playhead_node::ingest::bodies::{AddressBodies, BodyBudget};
use playhead_node::limits::{BATCH_BYTES, BODY_PACE_BYTES, BODY_PACE_TIME, EVENT_BYTES};

/// U+FEFF in UTF-8.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// One event.
    Event,
    /// One event, or an array of them, which may be longer.
    EventOrBatch,
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

/// How long a body may be: an array may be longer than an event. One that is compressed shows only when it is unpacked
/// which it is.
#[derive(Debug, Clone, Copy)]
struct Most {
    event_bytes: usize,
    array_bytes: usize,
}

impl Most {
    const fn plain(expected: Expected) -> Self {
        match expected {
            Expected::Event => Self { event_bytes: EVENT_BYTES, array_bytes: EVENT_BYTES },
            Expected::EventOrBatch => Self { event_bytes: EVENT_BYTES, array_bytes: BATCH_BYTES },
        }
    }

    const fn packed(expected: Expected) -> Self {
        let most_bytes = packed_limit_bytes(Self::plain(expected).array_bytes);
        Self { event_bytes: most_bytes, array_bytes: most_bytes }
    }
}

/// The length of the compressed form of a body that may have so many bytes: data that cannot be compressed becomes a
/// little longer.
const fn packed_limit_bytes(limit_bytes: usize) -> usize {
    limit_bytes + limit_bytes / 64
}

/// What has been read of a body, and the check that it may go on.
struct Reading {
    read: Vec<u8>,
    most: Most,
    /// Judged once, by the first byte that is not passed over: pieces may be as small as the client likes.
    is_array: Option<bool>,
    /// The bytes that were passed over at its beginning: white space, and a byte order mark.
    passed: usize,
    budget: BodyBudget,
}

impl Reading {
    fn new(most: Most, budget: BodyBudget) -> Self {
        Self { read: Vec::new(), most, is_array: None, passed: 0, budget }
    }

    /// Counts the next piece, which is not added yet.
    fn admit(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.budget.take(piece.len())?;
        if self.is_array.is_none() {
            self.judge(piece);
        }
        let limit_bytes =
            if self.is_array == Some(true) { self.most.array_bytes } else { self.most.event_bytes };
        if self.read.len() + piece.len() > limit_bytes {
            return Err(Error::BodyTooLarge { limit_bytes });
        }
        Ok(())
    }

    fn judge(&mut self, piece: &[u8]) {
        let is_passed_over = |place: usize, byte: &u8| {
            byte.is_ascii_whitespace() || BYTE_ORDER_MARK.get(self.passed + place) == Some(byte)
        };
        match piece.iter().enumerate().position(|(place, byte)| !is_passed_over(place, byte)) {
            Some(first) => self.is_array = Some(is_array(&piece[first..])),
            None => self.passed += piece.len(),
        }
    }

    fn add(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.admit(piece)?;
        self.read.extend_from_slice(piece);
        Ok(())
    }
}

/// Reads a body of a collection endpoint to its end, and unpacks it if it is compressed. The second value is what it takes
/// of the budget of its client.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: impl Body<Data = Bytes> + Unpin,
    expected: Expected,
    timeout: Duration,
    bodies: &AddressBodies,
) -> Result<(Bytes, BodyBudget), Error> {
    let (body, budget) = match Encoding::of(headers)? {
        None => receive(body, Most::plain(expected), timeout, bodies).await?,
        Some(encoding) => {
            // Boxed, so that the future of a plain body need not have room for this one.
            let (packed, _until_unpacked) =
                Box::pin(receive(body, Most::packed(expected), timeout, bodies)).await?;
            let mut reading = Reading::new(Most::plain(expected), bodies.begin());
            unpack(&packed, encoding, |piece| reading.add(piece))?;
            (reading.read.into(), reading.budget)
        }
    };
    Ok((without_mark(body), budget))
}

/// Receives a body to its end. What goes beyond the limit is found out at the earliest byte that does, so that nobody can
/// make the server hold more than it would take; and a large body that falls behind its pace is given up.
async fn receive(
    mut body: impl Body<Data = Bytes> + Unpin,
    most: Most,
    timeout: Duration,
    bodies: &AddressBodies,
) -> Result<(Bytes, BodyBudget), Error> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > most.array_bytes {
        return Err(Error::BodyTooLarge { limit_bytes: most.array_bytes });
    }
    let receive = async {
        let mut reading = Reading::new(most, bodies.begin());
        let mut pace = Pace { next_bytes: 0, until: None };
        while let Some(frame) = pace.next(&mut body).await? {
            let frame = frame.map_err(|_| Error::BodyUnreadable)?;
            let Ok(data) = frame.into_data() else { continue };
            reading.admit(&data)?;
            if reading.read.is_empty() && body.is_end_stream() {
                // The usual case: a small body in one piece is not copied.
                return Ok((data, reading.budget));
            }
            reading.read.extend_from_slice(&data);
            pace.reached(reading.read.len(), reading.budget.is_large());
        }
        Ok((reading.read.into(), reading.budget))
    };
    tokio::time::timeout(timeout, receive).await.map_err(|_| Error::BodyTooSlow)?
}

/// The body without the mark that some editors and libraries write before UTF-8 text; it says nothing about the text.
fn without_mark(body: Bytes) -> Bytes {
    if body.starts_with(BYTE_ORDER_MARK) { body.slice(BYTE_ORDER_MARK.len()..) } else { body }
}

/// Reads a body of the report API to its end, and unpacks it if it is compressed.
pub(crate) async fn read_whole(
    headers: &HeaderMap,
    body: axum::body::Body,
    limit_bytes: usize,
    timeout: Duration,
) -> Result<Bytes, Error> {
    let Some(encoding) = Encoding::of(headers)? else {
        return Ok(without_mark(collect(body, limit_bytes, timeout).await?));
    };
    let packed = collect(body, packed_limit_bytes(limit_bytes), timeout).await?;
    let mut whole = Vec::new();
    unpack(&packed, encoding, |piece| {
        if whole.len() + piece.len() > limit_bytes {
            return Err(Error::BodyTooLarge { limit_bytes });
        }
        whole.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(without_mark(whole.into()))
}

async fn collect(body: axum::body::Body, limit_bytes: usize, timeout: Duration) -> Result<Bytes, Error> {
    match tokio::time::timeout(timeout, Limited::new(body, limit_bytes).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Error::BodyTooLarge { limit_bytes }),
        Ok(Err(_)) => Err(Error::BodyUnreadable),
        Err(_) => Err(Error::BodyTooSlow),
    }
}
