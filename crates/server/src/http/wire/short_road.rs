//! The short road of events: nearly all requests are one, small, complete, and as plain as the library of any player writes
//! it. Such a request is taken from the connection's bytes and answered with bytes that stand ready.
//!
//! It is a road for what goes well. Whatever is out of the ordinary, in the request or in what becomes of it, is left
//! unread and unanswered, and the HTTP library takes the same bytes from their beginning: so there is one place where
//! errors are told, and one that knows all of HTTP.

use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::{FORWARDED, HeaderName, HeaderValue};
use playhead_node::error::IngestError;
use playhead_node::ingest::submission::{Incoming, Work};
use playhead_node::ingest::verdict::Verdict;
use playhead_node::limits::{EVENT_BYTES, HEADERS};
use playhead_node::outcome::Outcome;
use playhead_protocol::{Endpoint, Origin, SessionId, parse_event};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::app::App;
use crate::http::wire::body::BYTE_ORDER_MARK;
use crate::http::wire::dispatch::{Dispatcher, session_of_events, survive};
use crate::http::wire::forwarded::X_FORWARDED_FOR;
use crate::http::wire::responses::event_taken_in_bytes;

/// Bytes that are read at once. An event with its headers has about 600; a longer one goes the long road.
const READ_BYTES: usize = 4 * 1024;

/// How long the rest of an event is waited for on the short road.
const REST_WAIT: Duration = Duration::from_millis(20);

/// How a request begins that may go the short road.
const BEGINNING: &[u8] = b"POST /api/v1/sessions/";

/// Headers that change how a request is read or answered.
const OUT_OF_THE_ORDINARY: [&str; 5] = ["content-encoding", "expect", "te", "transfer-encoding", "upgrade"];

/// Why a connection left the short road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// The next request takes the long road.
    ForLongRoad,
    /// The client has closed, or the server stops.
    Ended,
    /// Nothing has come for too long.
    Idle,
}

/// What a connection's bytes begin with.
#[derive(Debug)]
enum Found {
    /// An event, with its body.
    Whole(PlainEvent),
    /// What may become one.
    Part,
    /// Anything else.
    Other,
}

/// An event at the beginning of a connection's bytes.
#[derive(Debug)]
struct PlainEvent {
    session: SessionId,
    /// Where its body begins and ends; there the next request begins.
    body: std::ops::Range<usize>,
    /// What proxies say of its client; only if a trusted one may say it.
    forwarded: HeaderMap,
}

/// The short road of one connection.
pub(crate) struct ShortRoad<'a> {
    dispatcher: &'a Dispatcher,
    is_stopping: AtomicBool,
}

impl<'a> ShortRoad<'a> {
    pub(crate) fn new(dispatcher: &'a Dispatcher) -> Self {
        Self { dispatcher, is_stopping: AtomicBool::new(false) }
    }

    /// The request that is under way is the last one.
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Takes events for as long as nothing else comes. What is left in `read` was not taken.
    ///
    /// # Errors
    ///
    /// When the connection breaks.
    pub(crate) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        read: &mut Vec<u8>,
    ) -> std::io::Result<Left> {
        loop {
            if read.is_empty() {
                read.reserve(READ_BYTES);
                if stream.read_buf(read).await? == 0 {
                    return Ok(Left::Ended);
                }
            }
            let _under_way = self.dispatcher.activity.begin();
            let Some(event) = self.whole_event(stream, read).await? else { return Ok(Left::ForLongRoad) };
            // After a panic the long road takes the request, and tells the client of the defect.
            if survive(self.take(&event, &read[event.body.clone()])).await != Some(true) {
                return Ok(Left::ForLongRoad);
            }
            read.drain(..event.body.end);
            let is_last = self.is_stopping.load(Ordering::Relaxed);
            stream.write_all(&event_taken_in_bytes(self.app().node.clock.now_ms(), is_last)).await?;
            if is_last {
                return Ok(Left::Ended);
            }
        }
    }

    /// The event with which the bytes begin. Many clients send headers and body one after the other, so the rest of an
    /// event is waited for, a moment.
    async fn whole_event<S: AsyncRead + Unpin>(
        &self,
        stream: &mut S,
        read: &mut Vec<u8>,
    ) -> std::io::Result<Option<PlainEvent>> {
        match PlainEvent::of(read, self.dispatcher.proxy) {
            Found::Whole(event) => return Ok(Some(event)),
            Found::Other => return Ok(None),
            Found::Part => {}
        }
        let rest = async {
            read.reserve(READ_BYTES.saturating_sub(read.len()));
            while read.len() < READ_BYTES && stream.read_buf(read).await? > 0 {
                match PlainEvent::of(read, self.dispatcher.proxy) {
                    Found::Whole(event) => return Ok(Some(event)),
                    Found::Other => break,
                    Found::Part => {}
                }
            }
            Ok(None)
        };
        timeout(REST_WAIT, rest).await.unwrap_or(Ok(None))
    }

    fn app(&self) -> &App {
        &self.dispatcher.app
    }

    /// Takes an event; `false` if it is not on disk.
    async fn take(&self, event: &PlainEvent, body: &[u8]) -> bool {
        let caller = self.dispatcher.caller_of(&event.forwarded);
        let app = self.app();
        let Ok(parsed) = parse_event(body, Endpoint::Events, app.node.settings.validation) else {
            return false;
        };
        let mut received = app.node.outcomes.receive();
        let verdict: Result<Verdict, IngestError> = async {
            let mut budget = caller.bodies.begin();
            budget.take(body.len())?;
            // Copied, so that the buffer of the connection is free for what comes next.
            let work = Work::Event(Incoming::new(parsed, Bytes::copy_from_slice(body)));
            app.node.ingest.submit(event.session, Origin::COLLECTION_V1, work, budget, &mut received).await
        }
        .await;
        match verdict {
            Ok(Verdict::Accepted) => received.settle(Outcome::Accepted),
            Ok(Verdict::Known) => received.settle(Outcome::Duplicate),
            _ => {
                received.put_back();
                return false;
            }
        }
        true
    }
}

impl PlainEvent {
    /// What the bytes begin with.
    fn of(bytes: &[u8], proxy: Option<IpAddr>) -> Found {
        let compared = bytes.len().min(BEGINNING.len());
        if bytes[..compared] != BEGINNING[..compared] {
            return Found::Other;
        }
        let mut space = [const { MaybeUninit::uninit() }; HEADERS];
        let mut head = httparse::Request::new(&mut []);
        match head.parse_with_uninit_headers(bytes, &mut space) {
            Ok(httparse::Status::Complete(body_begin)) => match Self::of_head(&head, body_begin, proxy) {
                Some(event) if event.body.end > bytes.len() => Found::Part,
                Some(event) if bytes[event.body.clone()].starts_with(BYTE_ORDER_MARK) => Found::Other,
                Some(event) => Found::Whole(event),
                None => Found::Other,
            },
            Ok(httparse::Status::Partial) => Found::Part,
            Err(_) => Found::Other,
        }
    }

    /// The event that a head announces, if nothing about it is out of the ordinary.
    fn of_head(head: &httparse::Request<'_, '_>, body_begin: usize, proxy: Option<IpAddr>) -> Option<Self> {
        if head.method != Some("POST") || head.version != Some(1) {
            return None;
        }
        let (mut hosts, mut length, mut forwarded) = (0, None, HeaderMap::new());
        for header in head.headers.iter() {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            if is("host") {
                hosts += 1;
            } else if is("content-length") {
                if length.replace(length_of(header.value)?).is_some() {
                    return None;
                }
            } else if is("connection") {
                if !header.value.eq_ignore_ascii_case(b"keep-alive") {
                    return None;
                }
            } else if OUT_OF_THE_ORDINARY.into_iter().any(is) {
                return None;
            } else if proxy.is_some() && (is(X_FORWARDED_FOR) || is(FORWARDED.as_str())) {
                let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
                forwarded.append(name, HeaderValue::from_bytes(header.value).ok()?);
            }
        }
        // One host and no other is named (RFC 9112, section 3.2).
        let session = session_of_events(head.path?).filter(|_| hosts == 1)?;
        Some(Self { session, body: body_begin..body_begin.checked_add(length?)?, forwarded })
    }
}

/// The length that a `Content-Length` says, if it is one of an event.
fn length_of(value: &[u8]) -> Option<usize> {
    let is_number = (1..=6).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    let length: usize = std::str::from_utf8(value).ok().filter(|_| is_number)?.parse().ok()?;
    (1..=EVENT_BYTES).contains(&length).then_some(length)
}
