//! The link between a node and its reporter: each message is a byte that says what it is, and a socket for the rest.

use std::io::{Error, ErrorKind, IoSlice, IoSliceMut, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdStream;

use rustix::cmsg_space;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use tokio::io::Interest;
use tokio::net::UnixStream;

/// What the socket of a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// The node asks for something; see [`RequestKind`](super::messages::RequestKind).
    Request,
    /// The node has a client of the PostgreSQL port.
    Postgres,
    /// The node has a request of a client of the PostgreSQL port to cancel a query.
    Cancel,
    /// The reporter asks for rows of open sessions.
    OpenRows,
    /// The reporter says that it has started, and answers from now on.
    Ready,
    /// The reporter says why it ends.
    Ending,
}

impl Call {
    const ALL: [Self; 6] =
        [Self::Request, Self::Postgres, Self::Cancel, Self::OpenRows, Self::Ready, Self::Ending];

    const fn byte(self) -> u8 {
        match self {
            Self::Request => b'a',
            Self::Postgres => b'p',
            Self::Cancel => b'c',
            Self::OpenRows => b'o',
            Self::Ready => b'r',
            Self::Ending => b'e',
        }
    }
}

/// One end of a link.
#[derive(Debug)]
pub struct Link(UnixStream);

impl Link {
    /// A new link: this end, and the other one to be given away.
    ///
    /// # Errors
    ///
    /// If the system has no sockets left.
    pub(crate) fn new() -> Result<(Self, OwnedFd)> {
        let (ours, theirs) = StdStream::pair()?;
        Ok((Self::of(ours.into())?, theirs.into()))
    }

    /// The end that was given away, on its side.
    ///
    /// # Errors
    ///
    /// If it is not a socket.
    pub fn of(end: OwnedFd) -> Result<Self> {
        Ok(Self(unblocked(end)?))
    }

    /// Begins a call, and returns its socket.
    pub(crate) async fn call(&self, call: Call) -> Result<UnixStream> {
        let (ours, theirs) = StdStream::pair()?;
        self.0.async_io(Interest::WRITABLE, || send(&self.0, call, &theirs)).await?;
        unblocked(ours.into())
    }

    /// Says why this side ends, without waiting for anything: the process may have no thread left that works.
    pub(crate) fn say_at_the_end(&self, why: &[u8]) -> Result<()> {
        let (ours, theirs) = StdStream::pair()?;
        ours.set_nonblocking(true)?;
        std::io::Write::write_all(&mut &ours, why)?;
        send(&self.0, Call::Ending, &theirs)
    }

    /// The next call of the other side; `None` once it is gone.
    pub(crate) async fn next_call(&self) -> Result<Option<(Call, UnixStream)>> {
        loop {
            let (byte, socket) = match self.0.async_io(Interest::READABLE, || receive(&self.0)).await? {
                (None, _) => return Ok(None),
                (Some(byte), socket) => (byte, socket),
            };
            let call = Call::ALL.into_iter().find(|call| call.byte() == byte);
            // Without a socket the system had no file left for it: the caller sees it close.
            if let (Some(call), Some(socket)) = (call, socket) {
                return Ok(Some((call, unblocked(socket)?)));
            }
        }
    }
}

fn unblocked(socket: OwnedFd) -> Result<UnixStream> {
    let socket = StdStream::from(socket);
    socket.set_nonblocking(true)?;
    UnixStream::from_std(socket)
}

fn send(link: &UnixStream, call: Call, socket: &StdStream) -> Result<()> {
    let sockets = [socket.as_fd()];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    if !beside.push(SendAncillaryMessage::ScmRights(&sockets)) {
        return Err(Error::other("a socket does not fit into a message"));
    }
    match sendmsg(link, &[IoSlice::new(&[call.byte()])], &mut beside, SendFlags::NOSIGNAL)? {
        0 => Err(ErrorKind::WriteZero.into()),
        _ => Ok(()),
    }
}

fn receive(link: &UnixStream) -> Result<(Option<u8>, Option<OwnedFd>)> {
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(link, &mut [IoSliceMut::new(&mut byte)], &mut beside, RecvFlags::CMSG_CLOEXEC)?;
    if received.bytes == 0 {
        return Ok((None, None));
    }
    let socket = beside.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
        _ => None,
    });
    Ok((Some(byte[0]), socket))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn each_call_has_a_socket_of_its_own() {
        let (ours, theirs) = Link::new().unwrap();
        let theirs = Link::of(theirs).unwrap();
        let mut first = ours.call(Call::Request).await.unwrap();
        let mut second = ours.call(Call::Postgres).await.unwrap();
        second.write_all(b"2").await.unwrap();
        first.write_all(b"1").await.unwrap();
        for (expected, said) in [(Call::Request, b'1'), (Call::Postgres, b'2')] {
            let (call, mut socket) = theirs.next_call().await.unwrap().unwrap();
            assert_eq!((call, socket.read_u8().await.unwrap()), (expected, said));
        }
    }

    #[tokio::test]
    async fn a_side_that_is_gone_is_noticed() {
        let (ours, theirs) = Link::new().unwrap();
        Link::of(theirs).unwrap().say_at_the_end(b"enough").unwrap();
        let (call, mut socket) = ours.next_call().await.unwrap().unwrap();
        let mut said = String::new();
        socket.read_to_string(&mut said).await.unwrap();
        assert_eq!((call, said.as_str()), (Call::Ending, "enough"));
        assert!(ours.next_call().await.unwrap().is_none());
        assert!(ours.call(Call::Request).await.is_err());
    }
}
