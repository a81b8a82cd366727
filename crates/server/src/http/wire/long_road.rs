//! A connection that is lent to the HTTP library for a request, and comes back when it is between two requests.
//!
//! The library takes a connection apart at any time, but only here is known when that loses nothing: once an answer is
//! written to its last byte, the request before it was read to its end, and no other has begun.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use hyper::body::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The library has the connection.
const LENT: u8 = 0;
/// A request is answered that was read to its end; its answer is still to be written.
const ANSWERED: u8 = 1;
/// That answer is written.
const WRITTEN: u8 = 2;
/// The connection is being closed.
const CLOSING: u8 = 3;

/// How far the library is with a connection.
#[derive(Debug, Default)]
pub(crate) struct Turn(AtomicU8);

impl Turn {
    /// A request has arrived, up to its headers.
    pub(crate) fn begin_request(&self) {
        self.advance(|_| LENT);
    }

    /// That request was read to its end, and has an answer without a body.
    pub(crate) fn end_request(&self) {
        self.advance(|_| ANSWERED);
    }

    /// Whether the connection is between two requests.
    pub(crate) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) == WRITTEN
    }

    fn end_write(&self) {
        self.advance(|stage| if stage == ANSWERED { WRITTEN } else { stage });
    }

    fn close(&self) {
        self.0.store(CLOSING, Ordering::Relaxed);
    }

    /// One task alone has a connection, so nothing comes between.
    fn advance(&self, next: impl Fn(u8) -> u8) {
        let stage = self.0.load(Ordering::Relaxed);
        if stage != CLOSING {
            self.0.store(next(stage), Ordering::Relaxed);
        }
    }
}

/// A stream of which some bytes were read already.
pub(crate) struct Lent<S> {
    stream: S,
    read: Vec<u8>,
    turn: Arc<Turn>,
}

impl<S> Lent<S> {
    /// Lends a stream with what was read of it.
    pub(crate) fn new(stream: S, read: Vec<u8>, turn: Arc<Turn>) -> Self {
        turn.begin_request();
        Self { stream, read, turn }
    }

    /// The stream, and what was read of it but not used; `unused` is what the library has.
    pub(crate) fn give_back(self, unused: &Bytes) -> (S, Vec<u8>) {
        (self.stream, [unused, &*self.read].concat())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lent<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, space);
        }
        let length = self.read.len().min(space.remaining());
        space.put_slice(&self.read[..length]);
        self.read.drain(..length);
        if self.read.is_empty() {
            self.read = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Lent<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// The library flushes when it has written all that it has.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.turn.end_write();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.turn.close();
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
