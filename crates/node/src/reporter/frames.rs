//! What flows through the socket of a call: frames with a kind and a length.

use std::io::{Error, ErrorKind, Result};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes of a frame; both sides are of one program, so a longer one is a fault.
const FRAME_BYTES: usize = 1 << 30;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What comes first, as JSON.
    Head,
    /// A piece.
    Data,
    /// Nothing: all pieces have come.
    End,
    /// Why there is no more, as JSON.
    Failed,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Head, Self::Data, Self::End, Self::Failed];
}

/// Writes a frame.
pub(crate) async fn write(stream: &mut (impl AsyncWrite + Unpin), kind: Kind, bytes: &[u8]) -> Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| Error::from(ErrorKind::InvalidInput))?;
    let mut head = [kind as u8, 0, 0, 0, 0];
    head[1..].copy_from_slice(&length.to_le_bytes());
    stream.write_all(&head).await?;
    stream.write_all(bytes).await
}

/// Writes a frame with a value as JSON.
pub(crate) async fn write_json(
    stream: &mut (impl AsyncWrite + Unpin),
    kind: Kind,
    value: &impl Serialize,
) -> Result<()> {
    write(stream, kind, &serde_json::to_vec(value)?).await
}

/// Reads a frame. A stream that ends is an error: the last frame says that it is the last.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<(Kind, Vec<u8>)> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).await?;
    let [kind, length @ ..] = head;
    let kind = Kind::ALL.into_iter().find(|known| *known as u8 == kind);
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    let (Some(kind), true) = (kind, length <= FRAME_BYTES) else { return Err(ErrorKind::InvalidData.into()) };
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await?;
    Ok((kind, bytes))
}

/// Reads a frame that must hold this kind, as JSON.
pub(crate) async fn read_json<T: DeserializeOwned>(
    stream: &mut (impl AsyncRead + Unpin),
    kind: Kind,
) -> Result<T> {
    match read(stream).await? {
        (found, bytes) if found == kind => Ok(serde_json::from_slice(&bytes)?),
        _ => Err(ErrorKind::InvalidData.into()),
    }
}
