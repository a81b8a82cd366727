//! Passes each request to its handler.
//!
//! Events that do not take the short road (`short_road.rs`) go straight to their endpoint; everything else goes through
//! the router.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, HOST, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::service::Service;
use hyper::{HeaderMap, Method, Request, StatusCode, Version};
use hyper_util::service::TowerToHyperService;
use playhead_protocol::SessionId;

use playhead_node::ingest::addresses::ClientAddress;
use playhead_node::reason::Reason;

use crate::app::App;
use crate::error::Error;
use crate::http::doors::collection;
use crate::http::wire::caller::Caller;
use crate::http::wire::forwarded::client_of;
use crate::http::wire::idle::Activity;
use crate::http::wire::long_road::Turn;
use crate::http::wire::rate::AddressRates;
use crate::http::wire::responses;

/// Answers the requests of one connection.
pub(crate) struct Dispatcher {
    pub(crate) app: Arc<App>,
    pub(crate) router: TowerToHyperService<Router>,
    pub(crate) rates: Option<Arc<AddressRates>>,
    /// The other end of the connection.
    pub(crate) caller: Caller,
    /// Its address, if it is a trusted proxy: then a request may have another client.
    pub(crate) proxy: Option<IpAddr>,
    pub(crate) activity: Arc<Activity>,
    /// When the connection leaves the long road.
    pub(crate) turn: Arc<Turn>,
}

impl Dispatcher {
    /// Answers a request, whatever happens.
    pub(crate) async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response, Infallible> {
        let _under_way = self.activity.begin();
        self.turn.begin_request();
        let is_head = request.method() == Method::HEAD;
        let is_collected = request.method() == Method::POST && request.uri().path().starts_with("/api/");
        let answered = survive(self.route(request)).await;
        let mut answer = answered.unwrap_or_else(|| {
            // A defect of ours must not look like a lost connection, which players answer by sending again.
            self.app.node.telemetry.count_refused(Reason::Internal);
            tracing::error!("a request ended in a panic");
            responses::allow_any_origin(responses::error(&Error::Internal))
        });
        if self.caller.is_on_last {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        // An event's answer has no body, and is let go as it is.
        if answer.body().is_end_stream() && !is_head {
            // What was taken was read to its end.
            if is_collected && matches!(answer.status(), StatusCode::CREATED | StatusCode::NO_CONTENT) {
                self.turn.end_request();
            }
            return Ok(answer);
        }
        // A browser that guesses the type of a body may run as a page what a client has sent.
        answer.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Ok(self.activity.hold(answer))
    }

    async fn route(&self, request: Request<Incoming>) -> Response {
        let path = request.uri().path();
        if !names_one_host(&request) {
            return collection::not_http(&self.app, path, request.headers());
        }
        let caller = self.caller_of(request.headers());
        if let Some(rates) = &self.rates
            && path.starts_with("/api/")
            && !rates.allows(caller.address, Instant::now())
        {
            tracing::debug!(client = %caller.address, "too many requests");
            return collection::turn_away(&self.app, path, request.headers());
        }
        if request.method() == Method::POST
            && let Some(session) = session_of_events(path)
        {
            let (head, body) = request.into_parts();
            return collection::post_event_of(&self.app, &caller, session, &head.headers, body).await;
        }
        // Boxed, so that the future of every event need not have room for this one.
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(caller.into_owned());
        match Box::pin(self.router.call(request)).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl Dispatcher {
    /// The client of a request: the other end of the connection, or whom a trusted proxy names.
    pub(crate) fn caller_of(&self, headers: &HeaderMap) -> Cow<'_, Caller> {
        let Some(proxy) = self.proxy else { return Cow::Borrowed(&self.caller) };
        let address = client_of(proxy, headers, &self.app.node.settings.trusted_proxies);
        let address = ClientAddress::of(address);
        if address == self.caller.address {
            return Cow::Borrowed(&self.caller);
        }
        let bodies = self.app.node.ingest.bodies_of(address);
        Cow::Owned(Caller { address, bodies, ..self.caller })
    }
}

/// Whether a request names the host that it is for, once (RFC 9112, section 3.2): two names may mean one server to a
/// proxy and another one behind it. HTTP/1.0 need not name any.
fn names_one_host<B>(request: &Request<B>) -> bool {
    match request.headers().get_all(HOST).iter().count() {
        0 => request.version() < Version::HTTP_11,
        count => count == 1,
    }
}

/// The session of a path `/api/v1/sessions/{sid}/events`, when it is one.
pub(crate) fn session_of_events(path: &str) -> Option<SessionId> {
    path.strip_prefix("/api/v1/sessions/")?.strip_suffix("/events")?.parse().ok()
}

/// Runs the future; `None` if it panics.
pub(crate) async fn survive<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| {
        // After a panic the work is dropped and never looked at again.
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(Poll::Ready(value)) => Poll::Ready(Some(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_path_of_events_takes_the_short_road() {
        let sid = "0123456789abcdef".repeat(4);
        assert!(session_of_events(&format!("/api/v1/sessions/{sid}/events")).is_some());
        for path in [
            format!("/api/v1/sessions/{sid}"),
            format!("/api/v1/sessions/{sid}/events/"),
            format!("/api/v1/sessions/{}/events", sid.to_uppercase()),
            format!("/api/v1/sessions/{sid}a/events"),
            format!("//api/v1/sessions/{sid}/events"),
            "/api/v1/sessions//events".to_owned(),
        ] {
            assert_eq!(session_of_events(&path), None, "{path}");
        }
    }

    #[tokio::test]
    async fn a_panic_is_survived() {
        assert_eq!(survive(async { 1 }).await, Some(1));
        assert_eq!(
            survive(async { if std::hint::black_box(true) { panic!("a defect") } else { 1 } }).await,
            None
        );
    }
}
