//! Closing without losing the last answer.
//!
//! A socket that is closed while bytes of the client lie in it unread, or still come, resets the connection, and the
//! reset may destroy an answer that the client has not read yet. A player whose body was refused for good would see
//! nothing but a lost connection, and send the body again. So after the last answer the sending side is closed, and
//! what the client still sends is read and dropped, for a bounded time and length.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep};

use playhead_node::limits::{LINGER_BYTES, LINGER_QUIET, LINGER_TIMEOUT};

/// Bytes dropped at once.
const DROPPED_BYTES: usize = 8 * 1024;

/// A stream that lingers when it is shut down, unless the server stops.
pub(crate) struct Lingering<S> {
    stream: S,
    stop: watch::Receiver<bool>,
    linger: Option<Linger>,
}

struct Linger {
    ends_at: Instant,
    next_end: Pin<Box<Sleep>>,
    dropped_bytes: usize,
}

impl<S> Lingering<S> {
    pub(crate) fn new(stream: S, stop: watch::Receiver<bool>) -> Self {
        Self { stream, stop, linger: None }
    }
}

impl Linger {
    fn begin() -> Self {
        let next_end = Box::pin(sleep(LINGER_QUIET));
        Self { ends_at: Instant::now() + LINGER_TIMEOUT, next_end, dropped_bytes: 0 }
    }

    /// Ready when the client has closed, is quiet, or has had its time.
    fn poll_drop<S: AsyncRead + Unpin>(&mut self, stream: &mut S, cx: &mut Context<'_>) -> Poll<()> {
        let mut space = [0; DROPPED_BYTES];
        while self.dropped_bytes < LINGER_BYTES {
            if self.next_end.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let mut dropped = ReadBuf::new(&mut space);
            let outcome = ready!(Pin::new(&mut *stream).poll_read(cx, &mut dropped));
            if outcome.is_err() || dropped.filled().is_empty() {
                return Poll::Ready(());
            }
            self.dropped_bytes += dropped.filled().len();
            self.next_end.as_mut().reset(self.ends_at.min(Instant::now() + LINGER_QUIET));
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, space)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let linger = match &mut this.linger {
            Some(linger) => linger,
            None => {
                ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
                // Connections that a stop finds idle have nothing to lose, and nobody waits for them.
                if *this.stop.borrow() {
                    return Poll::Ready(Ok(()));
                }
                this.linger.insert(Linger::begin())
            }
        };
        linger.poll_drop(&mut this.stream, cx).map(Ok)
    }
}
