//! Takes a client's messages one by one, checks them, and passes them on; what the library answers goes back as it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use playhead_node::limits::{
    POSTGRES_KEEPALIVE_IDLE, POSTGRES_KEEPALIVE_INTERVAL, POSTGRES_KEEPALIVE_PROBES, POSTGRES_LOGIN_TIMEOUT,
};
use rustix::net::sockopt::{set_socket_keepalive, set_tcp_keepcnt, set_tcp_keepidle, set_tcp_keepintvl};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf as LibraryReads, OwnedWriteHalf as LibraryWrites};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::watch;

use super::frames::{self, Boundary, First};
use super::refusal::{CANCELED, VIOLATION};
use super::tls::certificate::Certificate;
use super::tls::socket::Socket;
use crate::http::wire::lingering::Lingering;

/// Bytes of answers that are passed on at once.
const PIECE_BYTES: usize = 64 * 1024;

/// How long a client that is told why it is turned away has to read that.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Why a connection ends before the client or the library ends it.
#[derive(Debug)]
pub(super) enum End {
    /// The client or the library is gone.
    Gone(std::io::Error),
    /// The side that answers has gone away.
    NoLibrary,
    /// The client breaks the protocol, or a limit.
    Refused(&'static str, String),
}

impl From<std::io::Error> for End {
    fn from(error: std::io::Error) -> Self {
        Self::Gone(error)
    }
}

impl From<String> for End {
    fn from(message: String) -> Self {
        Self::Refused(VIOLATION, message)
    }
}

/// What a client wants, in its own message.
pub(super) enum Begun {
    /// A session.
    Startup(Vec<u8>),
    /// The end of a query of another connection.
    Cancel(Vec<u8>),
}

/// The client's side of a connection.
pub(super) struct Client {
    socket: Socket,
    stop: watch::Receiver<bool>,
}

impl Client {
    pub(super) fn new(socket: TcpStream, stop: watch::Receiver<bool>) -> Self {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        if let Err(error) = keep_alive(&socket) {
            tracing::debug!(%error, "no keepalive");
        }
        Self { socket: Socket::Clear(socket), stop }
    }

    /// Whether what the client sends can be read on its way.
    pub(super) fn is_clear(&self) -> bool {
        self.socket.is_clear()
    }

    /// Takes the client's first messages, up to the one that says what it wants.
    pub(super) async fn begin(&mut self, certificate: Option<&Arc<Certificate>>) -> Result<Begun, End> {
        if self.socket.begins_with_tls().await? {
            self.secure_unasked(certificate).await?;
        }
        // A client asks for each kind of encryption once.
        for _ in 0..3 {
            let mut head = [0; 4];
            self.socket.read_exact(&mut head).await?;
            let mut message = head.to_vec();
            message.resize(frames::first_length(head)?, 0);
            self.socket.read_exact(&mut message[4..]).await?;
            match (frames::first(&message)?, certificate) {
                (First::Tls, Some(certificate)) if self.is_clear() => {
                    self.send(b"S").await?;
                    self.socket.secure(certificate).await?;
                }
                (First::Tls | First::Gss, _) => self.send(b"N").await?,
                (First::Cancel, _) => return Ok(Begun::Cancel(message)),
                (First::Startup, _) => return Ok(Begun::Startup(message)),
            }
        }
        Err("a startup message is expected".to_owned().into())
    }

    /// Goes on over TLS with a client that begins it without asking, and therefore has to name the protocol: otherwise a
    /// browser could be led to send requests of another protocol here.
    async fn secure_unasked(&mut self, certificate: Option<&Arc<Certificate>>) -> Result<(), End> {
        let certificate = certificate.ok_or_else(|| "this port has no certificate for TLS".to_owned())?;
        self.socket.secure(certificate).await?;
        if self.socket.has_named_protocol() {
            return Ok(());
        }
        Err("TLS that begins without a request needs the protocol \"postgresql\" (ALPN)".to_owned().into())
    }

    /// Sends bytes at once.
    async fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.socket.write_all(bytes).await?;
        self.socket.flush().await
    }

    /// Takes the client's password.
    pub(super) async fn password(&mut self) -> Result<String, End> {
        let mut message = next_message(&mut self.socket, false).await?;
        // It ends with a zero, and was checked to be a text.
        message.pop();
        Ok(String::from_utf8_lossy(message.get(5..).unwrap_or_default()).into_owned())
    }

    /// Tells the client why it is turned away.
    pub(super) async fn turn_away(mut self, code: &str, message: &str) {
        let fatal = frames::fatal(code, message);
        // A client that does not read it has chosen not to know.
        if let Ok(Ok(())) = tokio::time::timeout(LAST_WORDS, self.send(&fatal)).await {
            self.close().await;
        }
    }

    /// Closes a connection whose last message was sent. Over TLS the client is told that nothing is missing. What the client
    /// still sends is read: a reset would destroy words that it has not read.
    pub(super) async fn close(self) {
        let closed = Lingering::new(self.socket, self.stop).shutdown().await;
        if let Err(error) = closed {
            tracing::debug!(%error, "a PostgreSQL connection was gone before it was closed");
        }
    }
}

/// Has the system look whether a client that says nothing is still there: one whose machine or network is gone says no
/// goodbye, and would keep its place for ever.
fn keep_alive(socket: &TcpStream) -> rustix::io::Result<()> {
    set_tcp_keepidle(socket, POSTGRES_KEEPALIVE_IDLE)?;
    set_tcp_keepintvl(socket, POSTGRES_KEEPALIVE_INTERVAL)?;
    set_tcp_keepcnt(socket, POSTGRES_KEEPALIVE_PROBES)?;
    set_socket_keepalive(socket, true)
}

/// The client's next message, whole and checked.
async fn next_message(reads: &mut (impl AsyncRead + Unpin), has_logged_in: bool) -> Result<Vec<u8>, End> {
    let mut message = vec![0; 5];
    reads.read_exact(&mut message).await?;
    let (kind, length) = (message[0], [message[1], message[2], message[3], message[4]]);
    message.resize(frames::later_length(kind, length, has_logged_in)? + 1, 0);
    reads.read_exact(&mut message[5..]).await?;
    frames::check(kind, &message[5..])?;
    Ok(message)
}

/// A library that answers, behind a pair of sockets.
pub(super) struct Library {
    reads: LibraryReads,
    writes: LibraryWrites,
}

impl Library {
    pub(super) fn new(socket: UnixStream) -> Self {
        let (reads, writes) = socket.into_split();
        Self { reads, writes }
    }

    /// Passes the begin of a login on, and what asks for the password back. False if something else came back.
    pub(super) async fn ask_for_password(
        &mut self,
        client: &mut Client,
        startup: &[u8],
    ) -> Result<bool, End> {
        self.writes.write_all(startup).await.map_err(|_| End::NoLibrary)?;
        // It may negotiate the version before it asks.
        loop {
            let answer = self.next_answer().await?;
            client.send(&answer).await?;
            match answer.first() {
                Some(b'R') => return Ok(true),
                Some(b'v') => {}
                _ => return Ok(false),
            }
        }
    }

    /// Says that the client may come in. Its password was checked here and goes no further.
    pub(super) async fn let_in(&mut self) -> Result<(), End> {
        self.writes.write_all(b"p\0\0\0\x05\0").await.map_err(|_| End::NoLibrary)
    }

    /// Passes messages in both directions until one side ends. [`End::NoLibrary`] if the library went away before it had
    /// answered everything or had said why, and the last message that the client got from it is whole.
    pub(super) async fn converse(self, client: &mut Client) -> Result<(), End> {
        let Self { mut reads, mut writes } = self;
        let (mut client_reads, mut client_writes) = tokio::io::split(&mut client.socket);
        let has_said_goodbye = AtomicBool::default();
        // How often the library has to say that the next statement may come: once after the login, and once for each
        // message that asks for it.
        let owed = AtomicUsize::new(1);
        let is_between_messages = AtomicBool::new(true);
        let answers = async {
            let mut boundary = Boundary::default();
            let mut piece = vec![0; PIECE_BYTES];
            loop {
                // An error means that it went away with messages unread.
                let count = reads.read(&mut piece).await.unwrap_or_default();
                if count == 0 {
                    let has_answered = has_said_goodbye.load(Ordering::Relaxed)
                        && boundary.ready() >= owed.load(Ordering::Relaxed);
                    let is_missed = boundary.is_reached() && !boundary.has_ended_in_words() && !has_answered;
                    return if is_missed { Err(End::NoLibrary) } else { Ok(()) };
                }
                boundary.pass(&piece[..count]);
                is_between_messages.store(false, Ordering::Relaxed);
                client_writes.write_all(&piece[..count]).await?;
                client_writes.flush().await?;
                is_between_messages.store(boundary.is_reached(), Ordering::Relaxed);
            }
        };
        let requests = async {
            loop {
                let message = next_message(&mut client_reads, true).await?;
                let kind = message.first().copied();
                owed.fetch_add(usize::from(matches!(kind, Some(b'Q' | b'S'))), Ordering::Relaxed);
                has_said_goodbye.store(kind == Some(b'X'), Ordering::Relaxed);
                if writes.write_all(&message).await.is_err() || has_said_goodbye.load(Ordering::Relaxed) {
                    // The library still answers what came before, and then closes its side.
                    std::future::pending::<()>().await;
                }
            }
        };
        let ended = tokio::select! {
            ended = answers => ended,
            ended = requests => ended,
        };
        match ended {
            // Words in the middle of a message would be read as a part of it.
            Err(End::Refused(_, message)) if !is_between_messages.load(Ordering::Relaxed) => {
                Err(End::Gone(std::io::Error::other(message)))
            }
            ended => ended,
        }
    }

    async fn next_answer(&mut self) -> Result<Vec<u8>, End> {
        let mut answer = vec![0; 5];
        self.reads.read_exact(&mut answer).await.map_err(|_| End::NoLibrary)?;
        let length = u32::from_be_bytes([answer[1], answer[2], answer[3], answer[4]]);
        answer.resize(usize::try_from(length).unwrap_or(usize::MAX).saturating_add(1), 0);
        self.reads.read_exact(&mut answer[5..]).await.map_err(|_| End::NoLibrary)?;
        Ok(answer)
    }
}

/// Waits for a login no longer than one may take.
pub(super) async fn in_time<T>(login: impl Future<Output = Result<T, End>>) -> Result<T, End> {
    let late =
        || End::Refused(CANCELED, format!("a login may take {} seconds", POSTGRES_LOGIN_TIMEOUT.as_secs()));
    tokio::time::timeout(POSTGRES_LOGIN_TIMEOUT, login).await.unwrap_or_else(|_| Err(late()))
}
