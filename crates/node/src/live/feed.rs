//! Sends samples to watchers.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{Stream, unfold};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::error::Busy;
use crate::limits::LIVE_STREAMS;
use crate::live::history::{History, HistoryReport};

/// The time after which a browser reconnects when the stream ends, ms.
const RETRY: &str = "retry: 2000\n\n";

/// Gives out samples.
#[derive(Debug, Clone)]
pub struct LiveFeed {
    latest: watch::Receiver<Bytes>,
    history: Arc<Mutex<History>>,
    places: Arc<Semaphore>,
}

impl LiveFeed {
    /// A feed of the samples that are sent, and of the history.
    pub(crate) fn new(latest: watch::Receiver<Bytes>, history: Arc<Mutex<History>>) -> Self {
        Self { latest, history, places: Arc::new(Semaphore::new(LIVE_STREAMS)) }
    }

    /// Whether there is a watcher.
    pub(crate) fn is_watched(&self) -> bool {
        self.places.available_permits() < LIVE_STREAMS
    }

    /// The last hour.
    pub fn history(&self) -> HistoryReport {
        self.history.lock().report()
    }

    /// The stream of samples, the latest one at once. A slow reader misses some, because nothing is queued. It
    /// ends with the sampler.
    pub fn watch(&self) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + use<>, Busy> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| Busy("live streams"))?;
        let mut latest = self.latest.clone();
        let first = Bytes::from([RETRY.as_bytes(), &latest.borrow_and_update()].concat());
        Ok(unfold(Watching { first: Some(first), latest, _place: place }, Watching::next))
    }
}

struct Watching {
    first: Option<Bytes>,
    latest: watch::Receiver<Bytes>,
    _place: OwnedSemaphorePermit,
}

impl Watching {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if let Some(first) = self.first.take() {
            return Some((Ok(first), self));
        }
        self.latest.changed().await.ok()?;
        let message = self.latest.borrow_and_update().clone();
        Some((Ok(message), self))
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    #[tokio::test]
    async fn whoever_is_slow_misses_samples_and_nothing_is_queued() {
        let (sender, latest) = watch::channel(Bytes::from("0;"));
        let feed = LiveFeed::new(latest, Arc::default());
        let mut stream = Box::pin(feed.watch().unwrap());
        assert!(feed.is_watched());
        assert_eq!(stream.next().await.unwrap().unwrap(), "retry: 2000\n\n0;");
        for sample in ["1;", "2;", "3;"] {
            sender.send_replace(sample.into());
        }
        assert_eq!(stream.next().await.unwrap().unwrap(), "3;");
        drop(sender);
        assert_eq!(stream.next().await, None, "the sampler has ended");
        drop(stream);
        assert!(!feed.is_watched());
    }
}
