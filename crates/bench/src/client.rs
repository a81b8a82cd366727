//! Requests over one connection: those of players, kept alive, and single ones with an answer of any length.

use std::io::{Read, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Error;

/// How long a single request may take.
const ASK_TIMEOUT: Duration = Duration::from_secs(600);

/// A player's connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    response: Vec<u8>,
}

/// An answer to a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    head: &'a str,
}

impl Answer<'_> {
    /// The session that was opened.
    pub(crate) fn sid(&self) -> Option<&str> {
        self.head.split("sessions/").nth(1)?.get(..64)
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self, Error> {
        let stream = TcpStream::connect(address).await.map_err(|error| Error::Io("connecting", error))?;
        stream.set_nodelay(true).map_err(|error| Error::Io("connecting", error))?;
        Ok(Self { stream, request: Vec::new(), response: vec![0; 8_192] })
    }

    pub(crate) async fn post(&mut self, path: &[&str], body: &str) -> Result<Answer<'_>, Error> {
        self.request.clear();
        self.request.extend_from_slice(b"POST ");
        path.iter().for_each(|part| self.request.extend_from_slice(part.as_bytes()));
        write!(
            self.request,
            " HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\
             Accept: */*\r\nOrigin: http://localhost:9090\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .map_err(|error| Error::Io("writing a request", error))?;
        self.stream.write_all(&self.request).await.map_err(|error| Error::Io("sending a request", error))?;
        let mut length = 0;
        loop {
            let read = self.stream.read(&mut self.response[length..]).await;
            let read = read.map_err(|error| Error::Io("reading a response", error))?;
            if read == 0 {
                return Err(Error::Unexpected("the server closed a connection".into()));
            }
            length += read;
            if is_whole(&self.response[..length]) {
                break;
            }
            if length == self.response.len() {
                return Err(Error::Unexpected("a response longer than expected".into()));
            }
        }
        let text = std::str::from_utf8(&self.response[..length]);
        let head = text.map_err(|_| Error::Unexpected("a response that is not text".into()))?;
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
        Ok(Answer { status, head })
    }
}

/// Whether a response has come to its end.
fn is_whole(response: &[u8]) -> bool {
    // That of nearly all has no body.
    if response.starts_with(b"HTTP/1.1 204") {
        return response.ends_with(b"\r\n\r\n");
    }
    let text = String::from_utf8_lossy(response);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or_default()
}

/// A single request over a connection of its own: status and body. `None` if nothing answers.
pub(crate) fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: &str,
    body: &str,
) -> Option<(u16, String)> {
    let mut stream = std::net::TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(ASK_TIMEOUT)).ok()?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.get(9..12)?.parse().ok()?, body.to_owned()))
}
