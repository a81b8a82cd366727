//! Takes a client's messages one by one, checks them, and passes them on; what the library answers goes back as it is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use playhead_node::limits::POSTGRES_LOGIN_TIMEOUT;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::unix::{OwnedReadHalf as LibraryReads, OwnedWriteHalf as LibraryWrites};

use super::frames::{self, Boundary, First};

/// `protocol_violation`.
const VIOLATION: &str = "08P01";
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
    pub(super) reads: OwnedReadHalf,
    pub(super) writes: OwnedWriteHalf,
}

impl Client {
    /// Takes the client's first messages, up to the one that says what it wants.
    pub(super) async fn begin(&mut self) -> Result<Begun, End> {
        // A client asks for each kind of encryption once.
        for _ in 0..3 {
            let mut head = [0; 4];
            self.reads.read_exact(&mut head).await?;
            let mut message = head.to_vec();
            message.resize(frames::first_length(head)?, 0);
            self.reads.read_exact(&mut message[4..]).await?;
            match frames::first(&message)? {
                First::Encryption => self.writes.write_all(b"N").await?,
                First::Cancel => return Ok(Begun::Cancel(message)),
                First::Startup => return Ok(Begun::Startup(message)),
            }
        }
        Err("a startup message is expected".to_owned().into())
    }

    /// Takes the client's password.
    pub(super) async fn password(&mut self) -> Result<String, End> {
        let mut message = next_message(&mut self.reads, false).await?;
        // It ends with a zero, and was checked to be a text.
        message.pop();
        Ok(String::from_utf8_lossy(message.get(5..).unwrap_or_default()).into_owned())
    }

    /// Tells the client why it is turned away.
    pub(super) async fn turn_away(mut self, code: &str, message: &str) {
        let told = async {
            self.writes.write_all(&frames::fatal(code, message)).await?;
            self.writes.shutdown().await
        };
        // Who does not read it has chosen not to know.
        let _told = tokio::time::timeout(LAST_WORDS, told).await;
    }
}

/// The client's next message, whole and checked.
async fn next_message(reads: &mut OwnedReadHalf, has_logged_in: bool) -> Result<Vec<u8>, End> {
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
            client.writes.write_all(&answer).await?;
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

    /// Passes messages in both directions until one side ends. [`End::NoLibrary`] if the library went away, and the last
    /// message that the client got from it is whole.
    pub(super) async fn converse(self, client: &mut Client) -> Result<(), End> {
        let Self { mut reads, mut writes } = self;
        let Client { reads: client_reads, writes: client_writes } = client;
        let has_said_goodbye = AtomicBool::default();
        let answers = async {
            let mut boundary = Boundary::default();
            let mut piece = vec![0; PIECE_BYTES];
            loop {
                // An error means that it went away with messages unread.
                let count = reads.read(&mut piece).await.unwrap_or_default();
                if count == 0 {
                    let is_missed = boundary.is_reached() && !has_said_goodbye.load(Ordering::Relaxed);
                    return if is_missed { Err(End::NoLibrary) } else { Ok(()) };
                }
                boundary.pass(&piece[..count]);
                client_writes.write_all(&piece[..count]).await?;
            }
        };
        let requests = async {
            loop {
                let message = next_message(client_reads, true).await?;
                has_said_goodbye.store(message.first() == Some(&b'X'), Ordering::Relaxed);
                if writes.write_all(&message).await.is_err() || has_said_goodbye.load(Ordering::Relaxed) {
                    // The library still answers what came before, and then closes its side.
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            ended = answers => ended,
            ended = requests => ended,
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
        || End::Refused("57014", format!("a login may take {} seconds", POSTGRES_LOGIN_TIMEOUT.as_secs()));
    tokio::time::timeout(POSTGRES_LOGIN_TIMEOUT, login).await.unwrap_or_else(|_| Err(late()))
}
