//! A query that runs: its turn, its deadline, and what may end it before.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use datafusion_postgres::pgwire::api::ClientInfo;
use datafusion_postgres::pgwire::api::results::{QueryResponse, Response};
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::data::DataRow;
use futures::stream::{BoxStream, unfold};
use futures::{FutureExt, StreamExt};
use playhead_node::limits::POSTGRES_BUFFER_BYTES;
use playhead_report::engine::reports::Turn;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::postgres::cancel::CancelSwitch;
use crate::postgres::refusal::{plain, refusal};

/// `internal_error`.
const INTERNAL: &str = "XX000";
/// `query_canceled`.
const CANCELED: &str = "57014";

/// Where the library keeps what a client has set as `statement_timeout`, ms.
const STATEMENT_TIMEOUT: &str = "statement_timeout_ms";

/// A query that runs.
pub(super) struct Running {
    deadline: Instant,
    /// What is said when the deadline has passed.
    too_slow: String,
    cancel: CancelSwitch,
    _turn: Turn,
    _place: OwnedSemaphorePermit,
}

impl Running {
    /// A query in this turn, for a client that may have set a shorter time.
    pub(super) fn new(
        turn: Turn,
        place: OwnedSemaphorePermit,
        client: &impl ClientInfo,
        cancel: CancelSwitch,
    ) -> Self {
        let own = client.metadata().get(STATEMENT_TIMEOUT).and_then(|timeout| timeout.parse().ok());
        let own = own.map(|timeout_ms| Instant::now() + Duration::from_millis(timeout_ms));
        let (deadline, too_slow) = match own {
            Some(own) if own < turn.deadline() => {
                (own, "canceling statement due to statement timeout".to_owned())
            }
            _ => (turn.deadline(), turn.too_slow().to_string()),
        };
        Self { deadline, too_slow, cancel, _turn: turn, _place: place }
    }

    /// Resolves when the query has to end, with the reason.
    async fn has_to_end(&self) -> PgWireError {
        let thrown = self.cancel.thrown();
        tokio::select! {
            () = sleep_until(self.deadline) => refusal(CANCELED, self.too_slow.clone()),
            () = thrown => refusal(CANCELED, "canceling statement due to user request".to_owned()),
        }
    }

    /// Does `work` unless the query has to end before. A panic of the engine is an error of the query: rows that stop coming
    /// would look like all of them.
    pub(super) async fn within<T>(&self, work: impl Future<Output = PgWireResult<T>>) -> PgWireResult<T> {
        let done = tokio::select! {
            done = AssertUnwindSafe(work).catch_unwind() => done,
            ended = self.has_to_end() => return Err(ended),
        };
        done.map_or_else(
            |_panic| {
                tracing::error!("the query engine ended a query in a panic");
                Err(refusal(INTERNAL, playhead_report::Error::beyond_engine().to_string()))
            },
            |outcome| outcome.map_err(plain),
        )
    }

    /// The rows of a response, made whether or not the client takes them: at most [`POSTGRES_BUFFER_BYTES`] wait for it. The
    /// turn ends with the last row that is made, or with the time of the query.
    pub(super) fn rows(self: &Arc<Self>, response: Response) -> Response {
        let Response::Query(query) = response else { return response };
        let (schema, tag) = (query.row_schema(), query.command_tag().to_owned());
        let (sender, received) = mpsc::unbounded_channel();
        let room = Arc::new(Semaphore::new(POSTGRES_BUFFER_BYTES));
        let mut made = JoinSet::new();
        made.spawn(make(query.data_rows.boxed(), self.clone(), room.clone(), sender));
        let next = |(mut received, made, room): (
            mpsc::UnboundedReceiver<Made>,
            JoinSet<()>,
            Arc<Semaphore>,
        )| async move {
            let row = received.recv().await?.inspect(|row| room.add_permits(bytes_of(row)));
            Some((row, (received, made, room)))
        };
        let mut bounded = QueryResponse::new(schema, unfold((received, made, room), next));
        bounded.set_command_tag(&tag);
        Response::Query(bounded)
    }
}

/// A row, or why there are no more.
type Made = PgWireResult<DataRow>;

/// The room that a row takes while it waits.
fn bytes_of(row: &DataRow) -> usize {
    row.data.len().clamp(1, POSTGRES_BUFFER_BYTES)
}

async fn make(
    mut rows: BoxStream<'static, Made>,
    running: Arc<Running>,
    room: Arc<Semaphore>,
    sender: mpsc::UnboundedSender<Made>,
) {
    let all = async {
        while let Some(row) = rows.next().await {
            let row = row?;
            let bytes = u32::try_from(bytes_of(&row)).unwrap_or(u32::MAX);
            let Ok(taken) = room.acquire_many(bytes).await else { break };
            // It is given back when the client has the row.
            taken.forget();
            if sender.send(Ok(row)).is_err() {
                break;
            }
        }
        Ok(())
    };
    if let Err(error) = running.within(all).await {
        // The client may be gone.
        let _told = sender.send(Err(error));
    }
}
