//! Connections on which nothing happens.
//!
//! One timer a connection, looked at again when it runs out, instead of one a request: a busy connection never touches
//! it. A connection counts as idle until the headers of its next request are complete, so a client that sends them one
//! by one gains nothing.

use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::time::Instant;

/// What happens on a connection.
#[derive(Debug)]
pub(crate) struct Activity {
    opened_at: Instant,
    under_way: AtomicU32,
    /// When the last request was done with, ms after the connection was opened.
    quiet_since_ms: AtomicU64,
}

/// A request under way; it is over on drop.
pub(crate) struct UnderWay<A: Deref<Target = Activity>>(A);

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            opened_at: Instant::now(),
            under_way: AtomicU32::new(0),
            quiet_since_ms: AtomicU64::new(0),
        })
    }

    /// A request has arrived, up to its headers.
    pub(crate) fn begin(&self) -> UnderWay<&Self> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// Whether a request is under way.
    pub(crate) fn is_under_way(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) > 0
    }

    /// The same answer, which counts as under way until its body is sent: streams have no end of their own.
    pub(crate) fn hold(self: &Arc<Self>, answer: Response) -> Response {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let under_way = UnderWay(self.clone());
        answer.map(|body| Body::new(HeldBody { body, _under_way: under_way }))
    }

    /// Ends when no request has been under way for so long.
    pub(crate) async fn wait_until_idle_for(&self, timeout: Duration) {
        loop {
            let quiet_since_ms = self.quiet_since_ms.load(Ordering::Relaxed);
            tokio::time::sleep_until(self.opened_at + Duration::from_millis(quiet_since_ms) + timeout).await;
            if self.is_under_way() {
                // Bodies and answers have limits of their own; look again when this request may be over.
                tokio::time::sleep(timeout).await;
            } else if self.quiet_since_ms.load(Ordering::Relaxed) == quiet_since_ms {
                return;
            }
        }
    }
}

impl<A: Deref<Target = Activity>> Drop for UnderWay<A> {
    fn drop(&mut self) {
        let quiet_since = self.0.opened_at.elapsed().as_millis();
        // The clock ticks in milliseconds here: one more than before tells two requests of one tick apart.
        let quiet_since_ms = u64::try_from(quiet_since).unwrap_or(u64::MAX).saturating_add(1);
        self.0.quiet_since_ms.store(quiet_since_ms, Ordering::Relaxed);
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The body of an answer that is under way.
struct HeldBody {
    body: Body,
    _under_way: UnderWay<Arc<Activity>>,
}

impl HttpBody for HeldBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_from_its_last_request_on() {
        let timeout = Duration::from_secs(60);
        let activity = Activity::new();
        let began = Instant::now();
        let watched = activity.clone();
        let watch = tokio::spawn(async move { watched.wait_until_idle_for(timeout).await });
        tokio::time::sleep(Duration::from_secs(50)).await;
        drop(activity.begin());
        tokio::time::sleep(Duration::from_secs(50)).await;
        let under_way = activity.begin();
        tokio::time::sleep(Duration::from_secs(300)).await;
        assert!(!watch.is_finished(), "a request is under way");
        drop(under_way);
        watch.await.unwrap();
        assert!(began.elapsed() >= Duration::from_secs(460));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_not_idle_while_an_answer_is_sent() {
        let timeout = Duration::from_secs(60);
        let activity = Activity::new();
        let answer = activity.hold(Response::new(Body::from("held")));
        let watched = activity.clone();
        let watch = tokio::spawn(async move { watched.wait_until_idle_for(timeout).await });
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        assert!(!watch.is_finished(), "its body is not sent yet");
        drop(answer);
        watch.await.unwrap();
    }
}
