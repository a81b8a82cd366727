//! The room for rows that wait for clients: of one query, of all queries of a connection, and of all connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use playhead_node::limits::{
    POSTGRES_BUFFER_BYTES, POSTGRES_CONNECTION_WAITING_BYTES, POSTGRES_CURSOR_BYTES, POSTGRES_WAITING_BYTES,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::postgres::refusal::{BUSY, INTERNAL, TOO_MUCH, refusal};

/// How long a query waits for room that rows of others take. They may be read at this moment, or never.
const OTHERS_WAIT: Duration = Duration::from_secs(2);

/// Bytes that one piece of rows counts for at most in the room of its query. Beside it, a cursor must find room for the rows
/// that it keeps behind it.
const PIECE_BYTES: usize = POSTGRES_BUFFER_BYTES - POSTGRES_CURSOR_BYTES;

/// The room of all connections.
#[derive(Debug, Clone)]
pub(super) struct SharedRoom(Arc<Semaphore>);

impl SharedRoom {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(POSTGRES_WAITING_BYTES)))
    }
}

/// The room of one connection, a part of that of all: an idle client must not take what the others need.
#[derive(Debug, Clone)]
pub(super) struct ConnectionRoom {
    own: Arc<Semaphore>,
    shared: SharedRoom,
}

impl ConnectionRoom {
    pub(super) fn new(shared: SharedRoom) -> Self {
        Self { own: Arc::new(Semaphore::new(POSTGRES_CONNECTION_WAITING_BYTES)), shared }
    }
}

/// The room of one query, a part of that of its connection.
pub(super) struct QueryRoom {
    own: Arc<Semaphore>,
    connection: ConnectionRoom,
    /// Whether the query waits for its own client to read.
    is_waiting: AtomicBool,
}

/// Room that rows take until they are gone.
pub(super) struct Taken {
    /// Bytes, of the room of the query.
    pub(super) bytes: usize,
    _permits: [OwnedSemaphorePermit; 3],
}

impl QueryRoom {
    pub(super) fn new(connection: ConnectionRoom) -> Self {
        let own = Arc::new(Semaphore::new(POSTGRES_BUFFER_BYTES));
        Self { own, connection, is_waiting: AtomicBool::new(false) }
    }

    /// Whether the query waits for its own client to read.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting.load(Ordering::Relaxed)
    }

    /// Takes room for so many bytes of rows, as soon as the client has read enough of those before.
    ///
    /// # Errors
    ///
    /// If other queries take all of it, and no room comes free soon: to wait for them might be to wait for ever.
    pub(super) async fn take(&self, bytes: usize) -> PgWireResult<Taken> {
        let permits = |most: usize| u32::try_from(bytes.clamp(1, most)).unwrap_or(u32::MAX);
        let (own, others) = (permits(PIECE_BYTES), permits(POSTGRES_BUFFER_BYTES));
        self.is_waiting.store(true, Ordering::Relaxed);
        let own = self.own.clone().acquire_many_owned(own).await;
        self.is_waiting.store(false, Ordering::Relaxed);
        let own = own.map_err(|_closed| closed())?;
        let connection = taken(&self.connection.own, others, connection_is_full).await?;
        let shared = taken(&self.connection.shared.0, others, all_are_full).await?;
        Ok(Taken { bytes: own.num_permits(), _permits: [own, connection, shared] })
    }
}

async fn taken(
    room: &Arc<Semaphore>,
    bytes: u32,
    is_full: impl FnOnce() -> PgWireError,
) -> PgWireResult<OwnedSemaphorePermit> {
    match timeout(OTHERS_WAIT, room.clone().acquire_many_owned(bytes)).await {
        Ok(taken) => taken.map_err(|_closed| closed()),
        Err(_late) => Err(is_full()),
    }
}

/// Rooms are never closed.
fn closed() -> PgWireError {
    refusal(INTERNAL, "internal error".to_owned())
}

fn connection_is_full() -> PgWireError {
    let message = format!(
        "rows of other cursors and portals fill the {} MiB that may wait on a connection; read or close some",
        POSTGRES_CONNECTION_WAITING_BYTES / 1024 / 1024
    );
    refusal(TOO_MUCH, message)
}

fn all_are_full() -> PgWireError {
    refusal(BUSY, playhead_report::Error::Busy.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn code(room: &QueryRoom, bytes: usize) -> Result<Taken, String> {
        room.take(bytes).await.map_err(|error| match error {
            PgWireError::UserError(info) => info.code,
            other => other.to_string(),
        })
    }

    async fn filled(room: &ConnectionRoom, queries: usize) -> Vec<(QueryRoom, [Taken; 2])> {
        let mut all = Vec::new();
        for _ in 0..queries {
            let query = QueryRoom::new(room.clone());
            let taken = [query.take(PIECE_BYTES).await.unwrap(), query.take(PIECE_BYTES).await.unwrap()];
            all.push((query, taken));
        }
        all
    }

    #[tokio::test(start_paused = true)]
    async fn one_idle_client_kept_the_room_of_all() {
        let shared = SharedRoom::new();
        let first = ConnectionRoom::new(shared.clone());
        let own = POSTGRES_CONNECTION_WAITING_BYTES / POSTGRES_BUFFER_BYTES;
        let mut kept = filled(&first, own).await;
        // Another query of this client is told so; that of another client finds room.
        assert_eq!(code(&QueryRoom::new(first), 1).await.err().as_deref(), Some(TOO_MUCH));
        assert!(code(&QueryRoom::new(ConnectionRoom::new(shared.clone())), usize::MAX).await.is_ok());
        for _ in 1..POSTGRES_WAITING_BYTES / POSTGRES_CONNECTION_WAITING_BYTES {
            kept.append(&mut filled(&ConnectionRoom::new(shared.clone()), own).await);
        }
        let late = QueryRoom::new(ConnectionRoom::new(shared));
        assert_eq!(code(&late, 1).await.err().as_deref(), Some(BUSY));
        assert!(!late.is_waiting(), "its client has nothing to read");
        drop(kept);
        assert!(code(&late, 1).await.is_ok());
    }
}
