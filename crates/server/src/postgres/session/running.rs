//! A query that runs: its turn, its deadline, what may end it before, and its rows on their way to the client.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::spill::get_record_batch_memory_size;
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use futures::{FutureExt, StreamExt};
use playhead_node::limits::POSTGRES_BUFFER_BYTES;
use playhead_report::Reports;
use playhead_report::engine::reports::Turn;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::postgres::cancel::CancelSwitch;
use crate::postgres::refusal::{BUSY, CANCELED, INTERNAL, NOT_POSSIBLE_NOW, engine, plain, refusal};
use crate::postgres::session::room::{ConnectionRoom, QueryRoom, SharedRoom, Taken};
use crate::postgres::values::columns::Columns;

/// What a query passes before it runs.
#[derive(Clone)]
pub(in crate::postgres) struct Gates {
    reports: Reports,
    cancel: CancelSwitch,
    /// A query needs one beside its turn, so that some turns are left to others.
    places: Arc<Semaphore>,
    room: ConnectionRoom,
}

/// What a query of this port shares with the others.
#[derive(Debug, Clone)]
pub(in crate::postgres) struct Shared {
    places: Arc<Semaphore>,
    room: SharedRoom,
}

impl Shared {
    /// With room for so many queries at a time.
    pub(in crate::postgres) fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), room: SharedRoom::new() }
    }
}

impl Gates {
    pub(in crate::postgres) fn new(reports: Reports, cancel: CancelSwitch, shared: Shared) -> Self {
        Self { reports, cancel, places: shared.places, room: ConnectionRoom::new(shared.room) }
    }

    /// Waits for a place and a turn; a client may have set a shorter time for all of it.
    pub(super) async fn begin(&self, timeout_ms: Option<u64>) -> PgWireResult<Arc<Running>> {
        let own = timeout_ms.map(|ms| Instant::now() + Duration::from_millis(ms));
        let busy = || refusal(BUSY, playhead_report::Error::Busy.to_string());
        let passed = async {
            let place =
                timeout(self.reports.settings().query_time, self.places.clone().acquire_owned()).await;
            let place = place.map_err(|_| busy())?.map_err(|_| busy())?;
            let turn = self.reports.turn().await.map_err(|error| refusal(BUSY, error.to_string()))?;
            PgWireResult::Ok((place, turn))
        };
        let thrown = self.cancel.thrown();
        let (place, turn) = tokio::select! {
            passed = passed => passed?,
            () = thrown => return Err(canceled()),
            () = until(own) => return Err(timed_out()),
        };
        let deadline = own.map_or(turn.deadline(), |own| own.min(turn.deadline()));
        let is_own = deadline < turn.deadline();
        let room = QueryRoom::new(self.room.clone());
        Ok(Arc::new(Running { deadline, is_own, cancel: self.cancel.clone(), room, turn, _place: place }))
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn canceled() -> PgWireError {
    refusal(CANCELED, "canceling statement due to user request".to_owned())
}

fn timed_out() -> PgWireError {
    refusal(CANCELED, "canceling statement due to statement timeout".to_owned())
}

/// A query that runs.
pub(super) struct Running {
    deadline: Instant,
    /// Whether the client set this deadline.
    is_own: bool,
    cancel: CancelSwitch,
    room: QueryRoom,
    turn: Turn,
    _place: OwnedSemaphorePermit,
}

impl Running {
    /// Resolves when the query has to end, with the reason.
    async fn has_to_end(&self) -> PgWireError {
        let thrown = self.cancel.thrown();
        tokio::select! {
            () = sleep_until(self.deadline) => {
                if self.is_own { timed_out() } else { refusal(CANCELED, self.turn.too_slow().to_string()) }
            }
            () = thrown => canceled(),
        }
    }

    /// Does `work` unless the query has to end before. A panic of the engine is an error of the query: rows that stop coming
    /// would look like all of them.
    pub(super) async fn within<T>(&self, work: impl Future<Output = PgWireResult<T>>) -> PgWireResult<T> {
        tokio::select! {
            done = guarded(work) => done,
            ended = self.has_to_end() => Err(ended),
        }
    }

    /// The rows of a query, made whether or not the client takes them: at most [`POSTGRES_BUFFER_BYTES`] wait for it. The
    /// turn ends with the last row that is made, or with the time of the query.
    pub(super) fn rows(self: Arc<Self>, rows: SendableRecordBatchStream, columns: Arc<Columns>) -> Rows {
        let (sender, received) = mpsc::unbounded_channel();
        let mut made = JoinSet::new();
        made.spawn(make(rows, columns, self, sender));
        Rows { received, has_failed: false, _made: made }
    }
}

/// Does `work`; a panic of the engine is an error in words.
pub(super) async fn guarded<T>(work: impl Future<Output = PgWireResult<T>>) -> PgWireResult<T> {
    AssertUnwindSafe(work).catch_unwind().await.map_or_else(
        |_panic| {
            tracing::error!("the query engine ended a query in a panic");
            Err(refusal(INTERNAL, playhead_report::Error::beyond_engine().to_string()))
        },
        |outcome| outcome.map_err(plain),
    )
}

/// Rows that wait for the client.
pub(super) struct Piece {
    pub(super) batch: RecordBatch,
    /// What they take while they are kept.
    pub(super) room: Taken,
}

/// Rows, or why there are no more.
type Made = PgWireResult<Piece>;

/// The rows of a query. When this is dropped, the query ends.
pub(super) struct Rows {
    received: mpsc::UnboundedReceiver<Made>,
    has_failed: bool,
    _made: JoinSet<()>,
}

impl Rows {
    /// The next rows; `None` after the last ones. After an error there is nothing but errors: an end would look like the last
    /// row.
    pub(super) async fn next(&mut self) -> PgWireResult<Option<Piece>> {
        if self.has_failed {
            let message = "the query has ended with an error before; run it again".to_owned();
            return Err(refusal(NOT_POSSIBLE_NOW, message));
        }
        let next = self.received.recv().await.transpose();
        self.has_failed = next.is_err();
        next
    }
}

async fn make(
    mut rows: SendableRecordBatchStream,
    columns: Arc<Columns>,
    running: Arc<Running>,
    sender: mpsc::UnboundedSender<Made>,
) {
    let all = async {
        while let Some(batch) = rows.next().await {
            let batch = batch.and_then(|batch| Ok(columns.keep(&batch)?));
            let batch = batch.map_err(engine)?;
            if batch.num_rows() == 0 {
                continue;
            }
            let room = running.room.take(get_record_batch_memory_size(&batch)).await?;
            if sender.send(Ok(Piece { batch, room })).is_err() {
                break;
            }
        }
        Ok(())
    };
    if let Err(error) = running.within(all).await {
        let is_unread = running.room.is_waiting() && Instant::now() >= running.deadline;
        // The client may be gone.
        let _told = sender.send(Err(if is_unread { unread() } else { error }));
    }
}

/// The end of a query whose client did not take its rows.
fn unread() -> PgWireError {
    let message = format!(
        "the time of the query is over and its rows were not read: {} MiB of them wait for a client, and the query goes on when \
         it reads them; read without a pause, ask for fewer rows or columns, or use COPY (...) TO STDOUT",
        POSTGRES_BUFFER_BYTES / 1024 / 1024
    );
    refusal(CANCELED, message)
}
