//! A client's connection, in clear or over TLS.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::certificate::{ALPN, Certificate};

/// The first byte of a client that begins TLS without asking for it: a handshake. No message of the protocol begins so,
/// because it would have a length of 352 MiB.
const HANDSHAKE: u8 = 0x16;

/// A client's connection.
pub(crate) enum Socket {
    Clear(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// A handshake is under way or has failed; nothing can be said any more.
    Broken,
}

impl Socket {
    pub(crate) fn is_clear(&self) -> bool {
        matches!(self, Self::Clear(_))
    }

    /// Whether the client begins TLS without asking for it.
    pub(crate) async fn begins_with_tls(&self) -> io::Result<bool> {
        let Self::Clear(socket) = self else { return Ok(false) };
        let mut first = [0];
        Ok(socket.peek(&mut first).await? == 1 && first[0] == HANDSHAKE)
    }

    /// Goes on over TLS.
    ///
    /// # Errors
    ///
    /// If the handshake fails.
    pub(crate) async fn secure(&mut self, certificate: &Arc<Certificate>) -> io::Result<()> {
        let Self::Clear(socket) = std::mem::replace(self, Self::Broken) else { return Err(broken()) };
        // What a client sent behind its request in clear becomes part of the handshake, which fails then, so that nobody
        // between can put words before those of the client.
        let stream = certificate.acceptor().await.accept(socket).await?;
        *self = Self::Tls(Box::new(stream));
        Ok(())
    }

    /// Whether client and server said in the handshake that they mean this protocol.
    pub(crate) fn has_named_protocol(&self) -> bool {
        match self {
            Self::Tls(stream) => stream.get_ref().1.alpn_protocol() == Some(ALPN),
            Self::Clear(_) | Self::Broken => false,
        }
    }
}

fn broken() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(socket) => Pin::new(socket).poll_read(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, bytes),
            Self::Broken => Poll::Ready(Err(broken())),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Clear(socket) => Pin::new(socket).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Broken => Poll::Ready(Err(broken())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(socket) => Pin::new(socket).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
            Self::Broken => Poll::Ready(Err(broken())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(socket) => Pin::new(socket).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Broken => Poll::Ready(Err(broken())),
        }
    }
}
