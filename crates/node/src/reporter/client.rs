//! Asks a reporter, and says in a query's own terms what became of it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{iter, try_unfold};
use playhead_journal::{OwnedEvent, PageCursor};
use playhead_lake::Lake;
use playhead_protocol::SessionId;
use playhead_report::failure::Failure;
use playhead_report::{Error as ReportError, Zone};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::error::{QueryError, SessionError};
use crate::limits::QUERY_GRACE;
use crate::reporter::frames::{self, Kind};
use crate::reporter::link::Call;
use crate::reporter::messages::{Ending, Head, Request, RequestKind, SentEvent, SentSession};
use crate::reporter::supervisor::{Ended, Reporter, State};
use crate::sessions::filter::SessionFilter;
use crate::sessions::list::write_cursor;
use crate::sessions::stored::{StoredSession, StoredSessions};
use crate::settings::QuerySettings;
use crate::tables::queries::{Found, Report, ReportQuery};

/// How long a query waits for a reporter that is being started.
const START_WAIT: Duration = Duration::from_secs(3);

/// How long after a reporter has gone away it is known how it ended.
const END_WAIT: Duration = Duration::from_secs(2);

/// Asks the reporter of a node.
#[derive(Debug, Clone)]
pub struct Client(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: watch::Receiver<State>,
    lake: Arc<Lake>,
    query_time: Duration,
    /// The time zone of a query that names none.
    time_zone: Zone,
    /// Requests under way.
    under_way: AtomicUsize,
}

/// A request under way.
struct UnderWay {
    client: Client,
    reporter: Arc<Reporter>,
    begun: Instant,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.client.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The pieces of a response.
struct Pieces {
    under_way: UnderWay,
    socket: UnixStream,
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, QueryError> {
        match frames::read(&mut self.socket).await {
            Ok((Kind::Data, piece)) => Ok(Some(Bytes::from(piece))),
            Ok((Kind::End, _)) => Ok(None),
            Ok((_, failure)) => Err(failed(&failure).into()),
            Err(_) => Err(self.under_way.ended().await.into()),
        }
    }
}

/// The next piece of a response whose first ones are on their way. Before an error comes a pause: what sends the response
/// drops all that it has not passed on yet when it meets an error, the head of the response included.
async fn following(pieces: Option<Pieces>) -> Result<Option<(Bytes, Option<Pieces>)>, QueryError> {
    let Some(mut pieces) = pieces else { return Ok(None) };
    match pieces.next().await {
        Ok(piece) => Ok(piece.map(|piece| (piece, Some(pieces)))),
        Err(error) => {
            yield_now().await;
            Err(error)
        }
    }
}

impl Client {
    pub(crate) fn new(state: watch::Receiver<State>, lake: Arc<Lake>, queries: &QuerySettings) -> Self {
        let (query_time, time_zone) = (queries.timeout, queries.time_zone.clone());
        Self(Arc::new(Shared { state, lake, query_time, time_zone, under_way: AtomicUsize::new(0) }))
    }

    /// Runs a query, in its turn and within the limits of queries.
    ///
    /// # Errors
    ///
    /// The faults of the query, or of the tables; or how the reporter ended.
    pub async fn run(&self, query: ReportQuery<'_>) -> Result<Found, QueryError> {
        if query.report == Report::Catalogue {
            return crate::tables::queries::catalogue_response(&self.0.time_zone);
        }
        let ReportQuery { report, table, pairs, body, accept } = query;
        let kind = RequestKind::Query { report, table: table.to_owned(), pairs, accept: accept.to_owned() };
        let (under_way, mut socket) = self.request(kind, body).await?;
        let head = match frames::read(&mut socket).await {
            Ok((Kind::Head, head)) => head,
            Ok((_, failure)) => return Err(failed(&failure).into()),
            Err(_) => return Err(under_way.ended().await.into()),
        };
        let Head { content_type, length_bytes } = read(&head)?;
        let mut pieces = Pieces { under_way, socket };
        // A query that fails before its first piece still gets a status of its own.
        let first = pieces.next().await?;
        let rest = first.is_some().then_some(pieces);
        let body = iter(first.map(Ok)).chain(try_unfold(rest, following)).boxed();
        Ok(Found { content_type: content_type.into(), length_bytes, body })
    }

    /// A connection to the reporter's side of the PostgreSQL port, and what to ask when it closes.
    ///
    /// # Errors
    ///
    /// If no reporter answers.
    pub async fn postgres(&self) -> Result<(UnixStream, ReporterEnd), ReportError> {
        let reporter = self.reporter().await?;
        let mut socket = match reporter.link.call(Call::Postgres).await {
            Ok(socket) => socket,
            Err(error) => return Err(unreachable(&error)),
        };
        // If the other side has closed it already, the login finds that out at its first word, as it does a moment later.
        let _closed = frames::write_json(&mut socket, Kind::Head, &self.server()).await;
        Ok((socket, ReporterEnd(reporter)))
    }

    /// Passes a client's request to cancel a query on. If no reporter answers, no query runs.
    pub async fn cancel(&self, request: &[u8]) -> io::Result<()> {
        let Ok(reporter) = self.reporter().await else { return Ok(()) };
        let mut socket = reporter.link.call(Call::Cancel).await?;
        frames::write(&mut socket, Kind::Data, request).await?;
        // It is closed when the request has had its effect.
        let _closed = socket.read(&mut [0]).await;
        Ok(())
    }

    fn server(&self) -> String {
        self.0.lake.server().to_string()
    }

    /// The reporter, as soon as there is one.
    async fn reporter(&self) -> Result<Arc<Reporter>, ReportError> {
        let mut state = self.0.state.clone();
        let up = async {
            loop {
                if let State::Up(reporter) = &*state.borrow_and_update() {
                    return Some(reporter.clone());
                }
                state.changed().await.ok()?;
            }
        };
        if let Ok(Some(reporter)) = timeout(START_WAIT, up).await {
            return Ok(reporter);
        }
        let why = match &*self.0.state.borrow() {
            State::Starting(Some(why)) => format!(" (the one before ended: {why})"),
            _ => String::new(),
        };
        Err(ReportError::Interrupted(format!("the process that answers queries is being started{why}")))
    }

    async fn request(&self, kind: RequestKind, body: &[u8]) -> Result<(UnderWay, UnixStream), ReportError> {
        let reporter = self.reporter().await?;
        self.0.under_way.fetch_add(1, Ordering::Relaxed);
        let under_way = UnderWay { client: self.clone(), reporter, begun: Instant::now() };
        let mut socket = match under_way.reporter.link.call(Call::Request).await {
            Ok(socket) => socket,
            // It is gone before it was asked, or the system has no sockets left.
            Err(error) => return Err(unreachable(&error)),
        };
        let request = Request { server: self.server(), written: self.0.lake.written(), kind };
        let written = async {
            frames::write_json(&mut socket, Kind::Head, &request).await?;
            frames::write(&mut socket, Kind::Data, body).await
        };
        match written.await {
            Ok(()) => Ok((under_way, socket)),
            Err(_) => Err(under_way.ended().await),
        }
    }

    /// Asks for something that comes as a whole.
    async fn fetch(&self, kind: RequestKind) -> Result<Vec<u8>, ReportError> {
        let (under_way, mut socket) = self.request(kind, &[]).await?;
        match frames::read(&mut socket).await {
            Ok((Kind::Head, value)) => Ok(value),
            Ok((_, failure)) => Err(failed(&failure)),
            Err(_) => Err(under_way.ended().await),
        }
    }
}

impl UnderWay {
    /// What a query is told whose reporter has gone away.
    async fn ended(&self) -> ReportError {
        let is_alone = self.client.0.under_way.load(Ordering::Relaxed) <= 1;
        let ran_for = self.begun.elapsed();
        let Some(Ended { how, why }) = how_it_ended(&self.reporter).await else {
            // It is still there: it had no file left for the request.
            return ReportError::Busy;
        };
        let limit = self.client.0.query_time;
        if let Some(Ending::Stuck { limit_ms }) = why
            && ran_for > limit + QUERY_GRACE / 2
        {
            return ReportError::TooSlow { limit_ms };
        }
        if is_alone { ReportError::Ended(how.to_string()) } else { interrupted(&how) }
    }
}

/// The end of the reporter behind a connection.
#[derive(Debug, Clone)]
pub struct ReporterEnd(Arc<Reporter>);

impl ReporterEnd {
    /// Why the reporter ended; `None` if it goes on.
    pub async fn why(&self) -> Option<String> {
        how_it_ended(&self.0).await.map(|ended| interrupted(&ended.how).to_string())
    }
}

fn interrupted(how: &str) -> ReportError {
    ReportError::Interrupted(format!("the process that answers queries ended ({how})"))
}

async fn how_it_ended(reporter: &Reporter) -> Option<Ended> {
    let mut ended = reporter.ended.clone();
    let found = timeout(END_WAIT, ended.wait_for(Option::is_some)).await;
    found.ok()?.ok()?.clone()
}

fn unreachable(error: &io::Error) -> ReportError {
    ReportError::Interrupted(format!("the process that answers queries cannot be asked ({error})"))
}

fn failed(failure: &[u8]) -> ReportError {
    match serde_json::from_slice::<Failure>(failure) {
        Ok(failure) => failure.into(),
        Err(error) => ReportError::Unstored(error.to_string()),
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ReportError> {
    serde_json::from_slice(bytes).map_err(|error| ReportError::Unstored(error.to_string()))
}

#[async_trait]
impl StoredSessions for Client {
    async fn page(
        &self,
        filter: &SessionFilter,
        before: Option<PageCursor>,
        wanted: usize,
    ) -> Result<Vec<StoredSession>, SessionError> {
        let before = before.map(write_cursor);
        let page = self.fetch(RequestKind::Page { filter: filter.clone(), before, wanted }).await?;
        let sessions: Vec<SentSession> = read(&page)?;
        sessions.into_iter().map(|session| session.received().ok_or(SessionError::Internal)).collect()
    }

    async fn session(&self, id: SessionId) -> Result<Option<Map<String, Value>>, SessionError> {
        Ok(read(&self.fetch(RequestKind::Session { id }).await?)?)
    }

    async fn events(
        &self,
        id: SessionId,
        received_from_ms: i64,
        limit: usize,
    ) -> Result<Vec<OwnedEvent>, SessionError> {
        let events = self.fetch(RequestKind::Events { id, received_from_ms, limit }).await?;
        let events: Vec<SentEvent> = postcard::from_bytes(&events).map_err(|_| SessionError::Internal)?;
        Ok(events.into_iter().map(|event| event.received(id)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use playhead_lake::Location;

    use super::*;
    use crate::reporter::link::Link;

    /// A request whose reporter says `said` and then no more.
    async fn asked(said: &[(Kind, &[u8])]) -> Result<Found, QueryError> {
        let (link, end) = Link::new().unwrap();
        let (_ended, is_ended) = watch::channel(None);
        let (state, up) = watch::channel(State::Starting(None));
        state.send_replace(State::Up(Arc::new(Reporter { link, ended: is_ended })));
        let lake = Arc::new(Lake::new(Location::memory().unwrap(), "").unwrap());
        let client = Client::new(up, lake, &QuerySettings::default());
        let answers = async {
            let (_, mut socket) = Link::of(end).unwrap().next_call().await.unwrap().unwrap();
            let _request =
                (frames::read(&mut socket).await.unwrap(), frames::read(&mut socket).await.unwrap());
            let head = Head { content_type: "text/csv".into(), length_bytes: None };
            frames::write_json(&mut socket, Kind::Head, &head).await.unwrap();
            for (kind, bytes) in said {
                frames::write(&mut socket, *kind, bytes).await.unwrap();
            }
        };
        let query = ReportQuery { report: Report::Sql, table: "", pairs: Vec::new(), body: b"", accept: "" };
        tokio::join!(client.run(query), answers).0
    }

    #[tokio::test]
    async fn a_query_that_failed_before_its_first_piece_got_no_answer_at_all() {
        let failure = serde_json::to_vec(&Failure::Query("too bad".into())).unwrap();
        let Err(error) = asked(&[(Kind::Failed, &failure)]).await else { panic!("it has failed") };
        assert!(error.to_string().contains("too bad"), "{error}");
        let whole = asked(&[(Kind::End, b"")]).await.unwrap();
        assert_eq!(whole.body.count().await, 0);
    }

    #[tokio::test]
    async fn an_error_right_behind_the_first_piece_left_no_moment_to_send_it() {
        let failure = serde_json::to_vec(&Failure::Query("too bad".into())).unwrap();
        let mut found = asked(&[(Kind::Data, b"a,b"), (Kind::Failed, &failure)]).await.unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut poll = || found.body.as_mut().poll_next(&mut context);
        let Poll::Ready(Some(Ok(piece))) = poll() else { panic!("the first piece is there") };
        assert_eq!(piece, b"a,b"[..]);
        assert!(poll().is_pending(), "the error comes later");
        assert!(matches!(poll(), Poll::Ready(Some(Err(_)))));
    }
}
