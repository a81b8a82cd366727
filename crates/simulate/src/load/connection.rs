//! One connection to the server: a request, its answer, the next request.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::load::http::{RESPONSE_BYTES_MAX, Response, read_response};

/// For how long players wait for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// There is an answer.
    Answered(Response),
    /// There was no connection, so that nothing was sent.
    NotSent,
    /// The connection was lost behind the request, or the answer did not come in time.
    Lost,
}

/// A connection that is made when it is needed.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

impl Connection {
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, received: Vec::new() }
    }

    /// Connects unless it is connected; `false` if that fails.
    pub(crate) async fn connect(&mut self) -> bool {
        if self.stream.as_ref().is_some_and(has_ended) {
            self.stream = None;
        }
        if self.stream.is_some() {
            return true;
        }
        let Ok(Ok(stream)) = timeout(ANSWER_TIMEOUT, TcpStream::connect(self.address)).await else {
            return false;
        };
        // Without it an answer may wait for the acknowledgement of the one before.
        self.stream = stream.set_nodelay(true).is_ok().then_some(stream);
        self.stream.is_some()
    }

    /// Sends a request over the connection that [`Self::connect`] made, and waits for its answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Outcome {
        let Some(stream) = &mut self.stream else { return Outcome::NotSent };
        self.received.clear();
        match timeout(ANSWER_TIMEOUT, answer_to(stream, request, &mut self.received)).await {
            Ok(Some(response)) => {
                if !response.keeps_connection {
                    self.stream = None;
                }
                Outcome::Answered(response)
            }
            Ok(None) | Err(_) => {
                self.stream = None;
                Outcome::Lost
            }
        }
    }
}

/// Whether the server has closed a connection while nothing was sent.
fn has_ended(stream: &TcpStream) -> bool {
    let mut byte = [0];
    // Anything but "nothing there yet" is an end, or an answer to a question that nobody asked.
    !stream.try_read(&mut byte).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}

/// The answer to a request; `None` if the connection is lost, or what comes is not an answer.
async fn answer_to(stream: &mut TcpStream, request: &[u8], received: &mut Vec<u8>) -> Option<Response> {
    stream.write_all(request).await.ok()?;
    loop {
        if stream.read_buf(received).await.ok()? == 0 || received.len() > 2 * RESPONSE_BYTES_MAX {
            return None;
        }
        if let Some((response, _)) = read_response(received).ok()? {
            return Some(response);
        }
    }
}
