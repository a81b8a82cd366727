//! The side of the reporter: answers what its node asks, until the node is gone.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use playhead_journal::JournalReader;
use playhead_lake::{Lake, Location};
use playhead_report::engine::deadline::NotedDeadline;
use playhead_report::engine::reports::EngineSettings;
use playhead_report::failure::Failure;
use playhead_report::{Error as ReportError, Reports};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Instant, sleep, timeout_at};

use crate::clock::Clock;
use crate::error::{QueryError, SessionError, StartError};
use crate::readers::Readers;
use crate::reporter::frames::{self, Kind};
use crate::reporter::link::{Call, Link};
use crate::reporter::messages::{Ending, Head, Request, RequestKind, SentEvent, SentSession};
use crate::reporter::node_rows::NodeRows;
use crate::reporter::watchdog::{Allowance, Watchdog};
use crate::sessions::list::read_cursor;
use crate::sessions::query_threads::{Of, QueryThreads, reporter_threads};
use crate::sessions::stored::{InLake, StoredSessions};
use crate::tables::queries::{Queries, Report, ReportQuery};
use crate::tables::unstored::JournalRows;

/// How often a thread of queries shows that it is free.
const FREE_INTERVAL: Duration = Duration::from_millis(100);

/// What a reporter works with.
pub struct Parts {
    /// The node's end.
    pub link: Link,
    /// Readers of the journal; each is used by one query at a time.
    pub readers: Vec<Box<dyn JournalReader>>,
    /// Where the tables are.
    pub lake: Location,
    /// The limits of queries.
    pub engine: EngineSettings,
    /// Says what "now" is in a query.
    pub clock: Arc<dyn Clock>,
    /// What the process may have; `None` to let it be.
    pub memory_bytes: Option<u64>,
    /// Answers the clients of the PostgreSQL port.
    pub postgres: Arc<dyn PostgresDoor>,
}

/// Answers clients of the PostgreSQL port.
pub trait PostgresDoor: Send + Sync {
    /// Answers one that has logged in, over these reports.
    fn answer(&self, socket: UnixStream, reports: Reports) -> futures::future::BoxFuture<'static, ()>;

    /// Ends the query that a client's request names.
    fn cancel(&self, request: &[u8]);
}

#[derive(Clone)]
struct Service {
    lake: Arc<Lake>,
    /// How many versions of tables the node had made when it last asked.
    written: Arc<AtomicU64>,
    reports: Reports,
    clock: Arc<dyn Clock>,
    watchdog: Arc<Watchdog>,
    postgres: Arc<dyn PostgresDoor>,
}

/// Answers until the node is gone; calls `end` when the reporter has to end before.
///
/// # Errors
///
/// If the query engine does not start, or the system gives no threads.
pub async fn serve(parts: Parts, end: impl FnOnce() + Send + 'static) -> Result<(), StartError> {
    let Parts { link, readers, lake, engine, clock, memory_bytes, postgres } = parts;
    let link = Arc::new(link);
    // The node says the name with each request.
    let lake = Arc::new(Lake::new(lake, "")?);
    let readers = Arc::new(Readers::of(readers));
    let unstored = JournalRows::new(Arc::new(NodeRows(link.clone())), readers, lake.clone());
    let (query_time, threads) = (engine.query_time, reporter_threads(&engine));
    let reports = Reports::new(lake.clone(), unstored, engine)?;
    let system = |source| StartError::System { context: "starting the threads of queries", source };
    let threads = QueryThreads::start(Of::Reporter { threads }).map_err(system)?;
    let watchdog = Watchdog::new(Allowance { query_time, memory_bytes });
    let last_words = link.clone();
    let has_to_end = move |ending: Ending| {
        // Whoever is not told sees it end all the same.
        let _said = serde_json::to_vec(&ending).map(|why| last_words.say_at_the_end(&why));
        end();
    };
    watchdog.start(has_to_end).map_err(system)?;
    let Some(handle) = threads.handle() else { return Err(StartError::Internal) };
    let free = watchdog.clone();
    handle.spawn(async move {
        loop {
            free.note_free_thread();
            sleep(FREE_INTERVAL).await;
        }
    });
    let service = Service { lake, written: Arc::default(), reports, clock, watchdog, postgres };
    link.call(Call::Ready)
        .await
        .map_err(|source| StartError::System { context: "telling the node of the start", source })?;
    while let Ok(Some((call, socket))) = link.next_call().await {
        match call {
            Call::Request => {
                let service = service.clone();
                let watchdog = service.watchdog.clone();
                handle.spawn(watchdog.watch(move |noted| service.answer(socket, noted)));
            }
            Call::Postgres => {
                let service = service.clone();
                let watchdog = service.watchdog.clone();
                handle.spawn(watchdog.watch(move |noted| service.converse(socket, noted)));
            }
            Call::Cancel => {
                // Not on the threads of queries, which may all be at work.
                let postgres = service.postgres.clone();
                tokio::spawn(async move {
                    let mut socket = socket;
                    if let Ok((_, request)) = frames::read(&mut socket).await {
                        postgres.cancel(&request);
                    }
                });
            }
            Call::OpenRows | Call::Ready | Call::Ending => {}
        }
    }
    Ok(())
}

impl Service {
    /// Answers one request, unless its node loses interest.
    async fn answer(self, socket: UnixStream, noted: Arc<NotedDeadline>) {
        let (mut reads, mut writes) = socket.into_split();
        let request = async {
            let request: Request = frames::read_json(&mut reads, Kind::Head).await?;
            let (_, body) = frames::read(&mut reads).await?;
            Ok::<_, std::io::Error>((request, body))
        };
        let Ok((request, body)) = request.await else { return };
        self.lake.read_as(&request.server);
        if self.written.swap(request.written, Ordering::AcqRel) != request.written {
            self.lake.look_anew().await;
        }
        let reports = self.reports.noting(noted.clone());
        let is_sql = matches!(request.kind, RequestKind::Query { report: Report::Sql, .. });
        let sends = self.send(request.kind, &body, reports, &noted, &mut writes);
        let sent = tokio::select! {
            () = gone(reads) => return,
            sent = AssertUnwindSafe(sends).catch_unwind() => sent,
        };
        // Who asked is gone, or hears of a response that breaks off by the end of the stream.
        if sent.is_err() {
            tracing::error!("the query engine ended a query in a panic");
            let failure = match is_sql {
                true => Failure::of(&ReportError::beyond_engine()),
                false => Failure::Query("internal error".into()),
            };
            let _told = frames::write_json(&mut writes, Kind::Failed, &failure).await;
        }
    }

    /// Answers a client of the PostgreSQL port.
    async fn converse(self, mut socket: UnixStream, noted: Arc<NotedDeadline>) {
        let Ok(server) = frames::read_json::<String>(&mut socket, Kind::Head).await else { return };
        self.lake.read_as(&server);
        self.postgres.answer(socket, self.reports.noting(noted)).await;
    }

    async fn send(
        &self,
        kind: RequestKind,
        body: &[u8],
        reports: Reports,
        noted: &NotedDeadline,
        writes: &mut OwnedWriteHalf,
    ) -> std::io::Result<()> {
        let whole = match kind {
            RequestKind::Query { report, table, pairs, accept } => {
                let query = ReportQuery { report, table: &table, pairs, body, accept: &accept };
                return self.send_query(query, reports, noted, writes).await;
            }
            RequestKind::Page { filter, before, wanted } => {
                let before = before.as_deref().and_then(read_cursor);
                let page = InLake(reports).page(&filter, before, wanted).await;
                page.map(|page| json(&page.into_iter().map(SentSession::from).collect::<Vec<_>>()))
            }
            RequestKind::Session { id } => InLake(reports).session(id).await.map(|row| json(&row)),
            RequestKind::Events { id, received_from_ms, limit } => {
                let events = InLake(reports).events(id, received_from_ms, limit).await;
                events.map(|events| {
                    let events: Vec<SentEvent> = events.into_iter().map(SentEvent::from).collect();
                    postcard::to_stdvec(&events).map_err(std::io::Error::other)
                })
            }
        };
        match whole {
            Ok(value) => frames::write(writes, Kind::Head, &value?).await,
            Err(error) => frames::write_json(writes, Kind::Failed, &of_session(error)).await,
        }
    }

    async fn send_query(
        &self,
        query: ReportQuery<'_>,
        reports: Reports,
        noted: &NotedDeadline,
        writes: &mut OwnedWriteHalf,
    ) -> std::io::Result<()> {
        let mut found = match Queries::new(reports, self.clock.clone()).run(query).await {
            Ok(found) => found,
            Err(error) => return frames::write_json(writes, Kind::Failed, &of_query(error)).await,
        };
        let head = Head { content_type: found.content_type.into_owned(), length_bytes: found.length_bytes };
        frames::write_json(writes, Kind::Head, &head).await?;
        while let Some(piece) = found.body.next().await {
            match piece {
                // A client that does not read must not hold the place of a query beyond its time.
                Ok(piece) => {
                    let deadline =
                        noted.get().unwrap_or_else(|| Instant::now() + self.reports.settings().query_time);
                    timeout_at(deadline, frames::write(writes, Kind::Data, &piece)).await??;
                }
                Err(error) => return frames::write_json(writes, Kind::Failed, &of_query(error)).await,
            }
        }
        frames::write(writes, Kind::End, &[]).await
    }
}

/// Waits until the other side has closed the stream.
async fn gone(mut reads: OwnedReadHalf) {
    let mut byte = [0];
    // Nothing comes after a request.
    let _closed = reads.read(&mut byte).await;
}

fn json(value: &impl serde::Serialize) -> std::io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(value)?)
}

fn of_query(error: QueryError) -> Failure {
    match error {
        QueryError::Invalid(faults) => Failure::of(&ReportError::Invalid(faults)),
        QueryError::Busy(_) => Failure::Busy,
        QueryError::Report(error) => Failure::of(&error),
        QueryError::Internal => Failure::Query("internal error".into()),
    }
}

fn of_session(error: SessionError) -> Failure {
    match error {
        SessionError::Busy(_) => Failure::Busy,
        SessionError::Lake(error) => Failure::Unreadable(error.to_string()),
        SessionError::Report(error) => Failure::of(&error),
        error => Failure::Query(error.to_string()),
    }
}
