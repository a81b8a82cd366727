//! The Media Collection API: what players speak (protocol contract, sections 1 to 4).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes};
use hyper::header::{CONNECTION, HeaderValue, ORIGIN, USER_AGENT};
use hyper::{HeaderMap, Request, StatusCode, Uri};
use playhead_journal::ClosedRecord;
use playhead_protocol::{
    BatchEndpoint, Endpoint, Event, EventType, MalformedSessionId, Origin, ParamId, SessionId, is_array,
    parse_batch, parse_event, schema,
};
use playhead_session::{CloseReason, ReadRows};

use crate::app::App;
use crate::error::Error;
use crate::http::wire::body::{Expected, read};
use crate::http::wire::caller::Caller;
use crate::http::wire::responses;
use crate::http::wire::segment::Segment;
use playhead_node::error::IngestError;
use playhead_node::ingest::submission::{Incoming, Work};
use playhead_node::ingest::verdict::Verdict;
use playhead_node::limits::CLOSED_KNOWN_MS;
use playhead_node::outcome::{Outcome, Received};
use playhead_node::reason::WorkKind;
use playhead_node::refusals::{Refused, Why};

/// `POST /api/v1/sessions`.
pub(crate) async fn post_session(
    State(app): State<Arc<App>>,
    caller: Caller,
    request: Request<Body>,
) -> Response {
    post_start(&app, &caller, request, BatchEndpoint::Sessions).await
}

/// `POST /api/v1/downloaded`.
pub(crate) async fn post_downloaded(
    State(app): State<Arc<App>>,
    caller: Caller,
    request: Request<Body>,
) -> Response {
    post_start(&app, &caller, request, BatchEndpoint::Downloaded).await
}

async fn post_start(app: &App, caller: &Caller, request: Request<Body>, endpoint: BatchEndpoint) -> Response {
    let mut received = app.node.outcomes.receive();
    let (head, body) = request.into_parts();
    let mut read = Bytes::new();
    let taken = open_session(app, caller, &head.headers, body, endpoint, &mut read, &mut received).await;
    answer(received, taken, || refused(head.uri.path(), &head.headers).with_body(&read))
}

/// `POST /api/v1/sessions/{sid}/events`.
pub(crate) async fn post_event(
    State(app): State<Arc<App>>,
    caller: Caller,
    sid: Segment,
    request: Request<Body>,
) -> Response {
    let (head, body) = request.into_parts();
    match sid.text().parse() {
        Ok(session) => post_event_of(&app, &caller, session, &head.headers, body).await,
        Err(MalformedSessionId) => {
            turn_down(&app, &Error::NotFound("session"), refused(head.uri.path(), &head.headers))
        }
    }
}

/// An event of a session whose path has been read already.
pub(crate) async fn post_event_of(
    app: &App,
    caller: &Caller,
    session: SessionId,
    headers: &HeaderMap,
    body: impl HttpBody<Data = Bytes> + Unpin,
) -> Response {
    let mut received = app.node.outcomes.receive();
    let mut read = Bytes::new();
    let taken = take_event(app, caller, session, headers, body, &mut read, &mut received).await;
    answer(received, taken, || {
        let path = format!("/api/v1/sessions/{session}/events");
        refused(&path, headers).with_body(&read).with_session(session)
    })
}

/// `GET /api/v1/schemas/{eventType}`.
pub(crate) async fn get_schema(
    State(app): State<Arc<App>>,
    event_type: Segment,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match EventType::from_name(event_type.text()) {
        Some(event_type) => {
            responses::allow_any_origin(responses::json(&schema(event_type, app.node.settings.validation)))
        }
        None => turn_down(&app, &Error::NotFound("event type"), refused(uri.path(), &headers)),
    }
}

/// `OPTIONS` on all of them.
pub(crate) async fn preflight(headers: HeaderMap) -> Response {
    responses::preflight(&headers)
}

/// Any other method on a path that only takes `POST`.
pub(crate) async fn only_post(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    turn_down(&app, &Error::MethodNotAllowed { allow: "OPTIONS, POST".into() }, refused(uri.path(), &headers))
}

/// Any other method on a path that only takes `GET`.
pub(crate) async fn only_get(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    turn_down(
        &app,
        &Error::MethodNotAllowed { allow: "GET, HEAD, OPTIONS".into() },
        refused(uri.path(), &headers),
    )
}

/// A path that does not exist; also answered so that a browser shows the player's developer what is wrong.
pub(crate) fn unknown_path(app: &App, path: &str, meant: Option<String>, headers: &HeaderMap) -> Response {
    let error = meant.map_or(Error::NotFound("path"), |meant| Error::MisspeltPath { meant });
    turn_down(app, &error, refused(path, headers))
}

/// A request that does not say for which host it is.
pub(crate) fn not_http(app: &App, path: &str, headers: &HeaderMap) -> Response {
    let error = Error::Malformed("the request must have one Host header");
    let mut response = turn_down(app, &error, refused(path, headers));
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A request of an address that sends too much.
pub(crate) fn turn_away(app: &App, path: &str, headers: &HeaderMap) -> Response {
    turn_down(app, &Error::TooManyRequests, refused(path, headers))
}

/// The response to a request whose events are on disk now, with what that request had to do with it; or why it has none.
type Taken = Result<(Response, Outcome), Error>;

/// Settles a request with what its client is told.
fn answer(received: Received<'_>, taken: Taken, request: impl FnOnce() -> Refused) -> Response {
    match taken {
        Ok((response, outcome)) => {
            received.settle(outcome);
            responses::allow_any_origin(response)
        }
        Err(error) => refuse(received, &error, request()),
    }
}

/// Refuses a request whose body is not read.
fn turn_down(app: &App, error: &Error, request: Refused) -> Response {
    refuse(app.node.outcomes.receive(), error, request)
}

/// Refuses a request, with what a browser needs to show the player's developer why.
fn refuse(received: Received<'_>, error: &Error, request: Refused) -> Response {
    let answer = error.answer();
    let why = Why {
        reason: answer.reason,
        message: &error.message(),
        faults: error.faults(),
        is_body_unread: error.is_body_unread(),
    };
    received.refuse(request, &why);
    if answer.status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(%error, "a request failed");
    } else {
        tracing::debug!(%error, faults = ?error.faults(), "refused");
    }
    responses::allow_any_origin(responses::error(error))
}

/// A request to this path, as far as it is kept when it is refused.
fn refused(path: &str, headers: &HeaderMap) -> Refused {
    let value = |name| headers.get(name).map(|value: &HeaderValue| value.as_bytes());
    Refused::of(path, value(USER_AGENT), value(ORIGIN))
}

async fn open_session(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
    endpoint: BatchEndpoint,
    read_body: &mut Bytes,
    received: &mut Received<'_>,
) -> Taken {
    app.node.status.check_taking_events()?;
    let timeout = app.node.settings.capacity.body_timeout;
    let (body, budget) = read(headers, body, Expected::EventOrBatch, timeout, &caller.bodies).await?;
    read_body.clone_from(&body);
    let is_single = endpoint == BatchEndpoint::Sessions && !is_array(&body);
    let (origin, work) = if is_single {
        let event = parse_event(&body, Endpoint::SessionStart, app.node.settings.validation)?;
        check_report_suite(app, &event, "")?;
        (Origin::COLLECTION_V1, Work::Start(Incoming::new(event, body)))
    } else {
        (Origin::DOWNLOADED, Work::Batch(parse_downloaded(app, &body, endpoint)?))
    };
    let session = app.node.random.session_id();
    let kind = work.kind();
    let verdict = app.node.ingest.submit(session, origin, work, budget, received).await;
    match verdict.map_err(|error| shed(app, kind, error))? {
        Verdict::Accepted => {
            Ok((responses::session_created(&format!("/api/v1/sessions/{session}")), Outcome::Accepted))
        }
        _ => Err(Error::Internal),
    }
}

fn parse_downloaded(app: &App, body: &Bytes, endpoint: BatchEndpoint) -> Result<Vec<Incoming>, Error> {
    let events = parse_batch(body, endpoint, app.node.settings.validation)?;
    if let Some((_, start)) = events.first() {
        check_report_suite(app, start, "/0")?;
    }
    Ok(events.into_iter().map(|(raw, event)| Incoming::new(event, body.slice_ref(raw))).collect())
}

/// Sessions of report suites that are not collected here are refused, for good.
fn check_report_suite(app: &App, start: &Event, path: &str) -> Result<(), Error> {
    let allowed = &app.node.settings.report_suites;
    let params = start.detail.as_ref().map(|detail| &detail.params);
    let suite =
        params.and_then(|params| params.text(ParamId::named("analytics.reportSuite"))).unwrap_or_default();
    if allowed.is_empty() || allowed.iter().any(|allowed| allowed == suite) {
        return Ok(());
    }
    Err(Error::fault(
        format!("{path}/params/analytics.reportSuite"),
        "is not a report suite that this server collects",
    ))
}

async fn take_event(
    app: &App,
    caller: &Caller,
    session: SessionId,
    headers: &HeaderMap,
    body: impl HttpBody<Data = Bytes> + Unpin,
    read_body: &mut Bytes,
    received: &mut Received<'_>,
) -> Taken {
    app.node.status.check_taking_events()?;
    let timeout = app.node.settings.capacity.body_timeout;
    let (body, budget) = read(headers, body, Expected::Event, timeout, &caller.bodies).await?;
    read_body.clone_from(&body);
    let event = parse_event(&body, Endpoint::Events, app.node.settings.validation)?;
    let is_end = event.event_type == EventType::SessionEnd;
    let work = Work::Event(Incoming::new(event, body));
    let kind = work.kind();
    if caller.is_on_last && !kind.comes_first() {
        return Err(shed(app, kind, IngestError::Busy("connections")));
    }
    let verdict = app.node.ingest.submit(session, Origin::COLLECTION_V1, work, budget, received).await;
    match verdict.map_err(|error| shed(app, kind, error))? {
        Verdict::Accepted => Ok((responses::event_taken(), Outcome::Accepted)),
        Verdict::Known => Ok((responses::event_taken(), Outcome::Duplicate)),
        Verdict::NotOpen => Box::pin(answer_for_closed(app, session, is_end)).await,
        _ => Err(Error::SessionClosed),
    }
}

/// Why work is refused; counted by its kind if that is because too much is under way.
fn shed(app: &App, kind: WorkKind, error: IngestError) -> Error {
    if matches!(error, IngestError::Busy(_)) {
        app.node.telemetry.count_shed(kind);
    }
    error.into()
}

/// What comes for a session that is not open: a closed one stays known for a day.
async fn answer_for_closed(app: &App, session: SessionId, is_end: bool) -> Taken {
    let record = app.node.readers.read(move |reader| Ok(reader.closed_session(&session)?)).await?;
    let now_ms = app.node.clock.now_ms();
    let known = record.filter(|record| now_ms.saturating_sub(record.closed_at_ms) < CLOSED_KNOWN_MS);
    match known {
        // After a timeout, a `sessionEnd` repeats nothing: it comes too late, as anything else does.
        Some(record) if is_end && has_ended_itself(&record)? => {
            Ok((responses::event_taken(), Outcome::Duplicate))
        }
        Some(_) => Err(Error::SessionClosed),
        None => Err(Error::NotFound("session")),
    }
}

/// Whether a `sessionEnd` closed the session.
fn has_ended_itself(record: &ClosedRecord) -> Result<bool, Error> {
    let rows = ReadRows::read(&record.row).map_err(|_| Error::Internal)?;
    Ok(rows.session.text("close_reason") == Some(CloseReason::SessionEnd.name()))
}
