//! The Media Collection API: what players speak (protocol contract, sections 1 to 4).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes};
use hyper::{HeaderMap, Request, StatusCode, Uri};
use playhead_journal::ClosedRecord;
use playhead_protocol::{
    BatchEndpoint, Door, Endpoint, Event, EventType, MalformedSessionId, ParamId, SessionId, is_array,
    parse_batch, parse_event, schema,
};
use playhead_session::CloseReason;
use serde::Deserialize;

use crate::error::Error;
use crate::faults::Refused;
use crate::http::body::{Expected, read};
use crate::http::segment::Segment;
use crate::http::{App, answers};
use crate::ingest::submission::{BodyBudget, Incoming, Outcome, Work};
use crate::limits::CLOSED_KNOWN_MS;

/// `POST /api/v1/sessions`.
pub(crate) async fn post_session(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    post_start(&app, request, BatchEndpoint::Sessions).await
}

/// `POST /api/v1/downloaded`.
pub(crate) async fn post_downloaded(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    post_start(&app, request, BatchEndpoint::Downloaded).await
}

async fn post_start(app: &App, request: Request<Body>, endpoint: BatchEndpoint) -> Response {
    let (head, body) = request.into_parts();
    let mut read = Bytes::new();
    let outcome = open_session(app, body, endpoint, &mut read).await;
    answer(app, outcome, || Refused::of(head.uri.path(), &head.headers).with_body(&read))
}

/// `POST /api/v1/sessions/{sid}/events`.
pub(crate) async fn post_event(
    State(app): State<Arc<App>>,
    sid: Segment,
    request: Request<Body>,
) -> Response {
    let (head, body) = request.into_parts();
    match sid.text().parse() {
        Ok(session) => post_event_of(&app, session, &head.headers, body).await,
        Err(MalformedSessionId) => {
            let outcome = Err(Error::NotFound("session"));
            answer(&app, outcome, || Refused::of(head.uri.path(), &head.headers))
        }
    }
}

/// An event of a session whose path has been read already.
pub(crate) async fn post_event_of(
    app: &App,
    session: SessionId,
    headers: &HeaderMap,
    body: impl HttpBody<Data = Bytes> + Unpin,
) -> Response {
    let mut read = Bytes::new();
    let outcome = take_event(app, session, body, &mut read).await;
    answer(app, outcome, || {
        let path = format!("/api/v1/sessions/{session}/events");
        Refused::of(&path, headers).with_body(&read).with_session(session)
    })
}

/// `GET /api/v1/schemas/{eventType}`.
pub(crate) async fn get_schema(
    State(app): State<Arc<App>>,
    event_type: Segment,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let schema = match EventType::from_name(event_type.text()) {
        Some(event_type) => Ok(answers::json(&schema(event_type, app.settings.validation))),
        None => Err(Error::NotFound("event type")),
    };
    answer(&app, schema, || Refused::of(uri.path(), &headers))
}

/// `OPTIONS` on all of them.
pub(crate) async fn preflight(headers: HeaderMap) -> Response {
    answers::preflight(&headers)
}

/// Any other method on a path that only takes `POST`.
pub(crate) async fn only_post(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let outcome = Err(Error::MethodNotAllowed { allow: "OPTIONS, POST" });
    answer(&app, outcome, || Refused::of(uri.path(), &headers))
}

/// Any other method on a path that only takes `GET`.
pub(crate) async fn only_get(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let outcome = Err(Error::MethodNotAllowed { allow: "GET, HEAD, OPTIONS" });
    answer(&app, outcome, || Refused::of(uri.path(), &headers))
}

/// A path that does not exist; also answered so that a browser shows the player's developer what is wrong.
pub(crate) fn unknown_path(app: &App, path: &str, headers: &HeaderMap) -> Response {
    answer(app, Err(Error::NotFound("path")), || Refused::of(path, headers))
}

/// A request of an address that sends too much.
pub(crate) fn turn_away(app: &App, path: &str, headers: &HeaderMap) -> Response {
    answer(app, Err(Error::TooManyRequests), || Refused::of(path, headers))
}

/// The answer, with what a browser needs to show it; what is refused is taken down, for whoever instruments the player.
fn answer(app: &App, outcome: Result<Response, Error>, refused: impl FnOnce() -> Refused) -> Response {
    let response = outcome.unwrap_or_else(|error| {
        let answer = error.answer();
        app.metrics.count_refused(answer.reason);
        app.faults.take_down(refused(), &error, app.clock.now_ms());
        if answer.status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(%error, "a request failed");
        } else {
            tracing::debug!(%error, faults = ?error.faults(), "refused");
        }
        answers::error(&error)
    });
    answers::allow_any_origin(response)
}

async fn open_session(
    app: &App,
    body: Body,
    endpoint: BatchEndpoint,
    taken: &mut Bytes,
) -> Result<Response, Error> {
    app.status.check_taking_events()?;
    let mut budget = app.ingest.body_budget();
    let body = read(body, Expected::EventOrBatch, app.settings.capacity.body_timeout, &mut budget).await?;
    taken.clone_from(&body);
    let is_single = endpoint == BatchEndpoint::Sessions && !is_array(&body);
    let (door, work) = if is_single {
        let event = parse_event(&body, Endpoint::SessionStart, app.settings.validation)?;
        check_report_suite(app, &event, "")?;
        (Door::CollectionV1, Work::Start(Incoming::new(event, body)))
    } else {
        (Door::Downloaded, Work::Batch(parse_downloaded(app, &body, endpoint)?))
    };
    let session = app.random.session_id();
    match app.ingest.submit(session, door, work, budget).await? {
        Outcome::Accepted => Ok(answers::session_created(&format!("/api/v1/sessions/{session}"))),
        _ => Err(Error::Internal),
    }
}

fn parse_downloaded(app: &App, body: &Bytes, endpoint: BatchEndpoint) -> Result<Vec<Incoming>, Error> {
    let events = parse_batch(body, endpoint, app.settings.validation)?;
    if let Some((_, start)) = events.first() {
        check_report_suite(app, start, "/0")?;
    }
    Ok(events.into_iter().map(|(raw, event)| Incoming::new(event, body.slice_ref(raw))).collect())
}

/// Sessions of report suites that are not collected here are refused, for good.
fn check_report_suite(app: &App, start: &Event, path: &str) -> Result<(), Error> {
    let allowed = &app.settings.report_suites;
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
    session: SessionId,
    body: impl HttpBody<Data = Bytes> + Unpin,
    taken: &mut Bytes,
) -> Result<Response, Error> {
    app.status.check_taking_events()?;
    let mut budget: BodyBudget = app.ingest.body_budget();
    let body = read(body, Expected::Event, app.settings.capacity.body_timeout, &mut budget).await?;
    taken.clone_from(&body);
    let event = parse_event(&body, Endpoint::Events, app.settings.validation)?;
    let is_end = event.event_type == EventType::SessionEnd;
    let work = Work::Event(Incoming::new(event, body));
    match app.ingest.submit(session, Door::CollectionV1, work, budget).await? {
        Outcome::Accepted | Outcome::Known => Ok(answers::event_taken()),
        Outcome::NotOpen => Box::pin(answer_for_closed(app, session, is_end)).await,
        _ => Err(Error::SessionClosed),
    }
}

/// What comes for a session that is not open: a closed one stays known for a day.
async fn answer_for_closed(app: &App, session: SessionId, is_end: bool) -> Result<Response, Error> {
    let record = app.readers.read(move |reader| Ok(reader.closed_session(&session)?)).await?;
    let now_ms = app.clock.now_ms();
    let known = record.filter(|record| now_ms.saturating_sub(record.closed_at_ms) < CLOSED_KNOWN_MS);
    match known {
        // After a timeout, a `sessionEnd` repeats nothing: it comes too late, as anything else does.
        Some(record) if is_end && has_ended_itself(&record)? => Ok(answers::event_taken()),
        Some(_) => Err(Error::SessionClosed),
        None => Err(Error::NotFound("session")),
    }
}

/// Whether a `sessionEnd` closed the session.
fn has_ended_itself(record: &ClosedRecord) -> Result<bool, Error> {
    #[derive(Deserialize)]
    struct Columns<'a> {
        close_reason: Option<&'a str>,
    }
    let columns: Columns<'_> = serde_json::from_str(&record.row).map_err(|_| Error::Internal)?;
    Ok(columns.close_reason == Some(CloseReason::SessionEnd.name()))
}
