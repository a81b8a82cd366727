//! Sends samples to watchers.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{Stream, unfold};
use parking_lot::Mutex;
use playhead_report::StartFilters;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::error::WatchError;
use crate::ingest::activity::{Activity, FilterId};
use crate::limits::{LIVE_FILTER_REST, LIVE_FILTERS, LIVE_STREAMS};
use crate::live::history::{History, HistoryReport};

/// The time after which a browser reconnects when the stream ends, ms.
const RETRY: &str = "retry: 2000\n\n";

/// Gives out samples.
#[derive(Debug, Clone)]
pub struct LiveFeed {
    latest: watch::Receiver<Bytes>,
    kept: Arc<Mutex<Kept>>,
    activity: Arc<Activity>,
    places: Arc<Semaphore>,
}

/// What the sampler leaves for those who ask.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) history: History,
    pub(crate) suites: HashMap<Arc<str>, KeptSuite>,
    pub(crate) filters: Vec<KeptFilter>,
    /// Whether the sampler has ended.
    is_over: bool,
}

/// A report suite.
#[derive(Debug, Default)]
pub(crate) struct KeptSuite {
    pub(crate) history: History,
    /// Samples since the last that showed anything of it.
    pub(crate) idle: usize,
}

/// A filter that is watched, or was a moment ago.
#[derive(Debug)]
pub(crate) struct KeptFilter {
    pub(crate) id: FilterId,
    filters: Arc<StartFilters>,
    pub(crate) latest: watch::Sender<Bytes>,
    pub(crate) history: History,
    watchers: usize,
    /// Samples that are still made without a watcher.
    rest: u32,
}

impl Kept {
    fn find(&mut self, filters: &StartFilters) -> Option<&mut KeptFilter> {
        self.filters.iter_mut().find(|kept| *kept.filters == *filters)
    }

    /// Makes room for one more filter, at the cost of one that nobody watches any more.
    fn make_room(&mut self, activity: &Activity) -> Result<(), WatchError> {
        if self.filters.len() < LIVE_FILTERS {
            return Ok(());
        }
        let unwatched = self.filters.iter().enumerate().filter(|(_, kept)| kept.watchers == 0);
        let (place, _) = unwatched.min_by_key(|(_, kept)| kept.rest).ok_or(WatchError::TooManyFilters)?;
        activity.forget(self.filters.remove(place).id);
        Ok(())
    }

    /// Drops filters that nobody has watched for a while; called for each sample.
    pub(crate) fn drop_unwatched(&mut self, activity: &Activity) {
        self.filters.retain_mut(|kept| {
            let is_kept = kept.watchers > 0 || kept.rest > 0;
            kept.rest = kept.rest.saturating_sub(1);
            if !is_kept {
                activity.forget(kept.id);
            }
            is_kept
        });
    }

    /// Ends all streams with filters, and those that begin later.
    pub(crate) fn end(&mut self) {
        self.is_over = true;
        self.filters.clear();
    }
}

impl LiveFeed {
    /// A feed of the samples that are sent, and of what is kept.
    pub(crate) fn new(
        latest: watch::Receiver<Bytes>,
        kept: Arc<Mutex<Kept>>,
        activity: Arc<Activity>,
    ) -> Self {
        Self { latest, kept, activity, places: Arc::new(Semaphore::new(LIVE_STREAMS)) }
    }

    /// Whether there is a watcher.
    pub(crate) fn is_watched(&self) -> bool {
        self.places.available_permits() < LIVE_STREAMS
    }

    /// The last hour, as far as it is kept: since the start for everything and for a report suite; for other filters since
    /// they began to be watched.
    pub fn history(&self, filters: Option<&StartFilters>) -> HistoryReport {
        let kept = &mut *self.kept.lock();
        let Some(filters) = filters else { return kept.history.report() };
        let suite = filters.report_suite().and_then(|suite| kept.suites.get(suite));
        let of_suite = suite.map(|suite| suite.history.report());
        let of_filter = || kept.find(filters).map(|kept| kept.history.report());
        of_suite.or_else(of_filter).unwrap_or_default()
    }

    /// The stream of samples, the latest one at once. A slow reader misses some, because nothing is queued. It
    /// ends with the sampler.
    ///
    /// # Errors
    ///
    /// If there are too many streams, or too many different filters.
    pub fn watch(
        &self,
        filters: Option<StartFilters>,
    ) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + use<>, WatchError> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| WatchError::TooManyStreams)?;
        let (mut latest, watcher) = match filters {
            None => (self.latest.clone(), None),
            Some(filters) => self.watch_filters(filters)?,
        };
        let first = Bytes::from([RETRY.as_bytes(), &latest.borrow_and_update()].concat());
        Ok(unfold(Watching { first: Some(first), latest, _watcher: watcher, _place: place }, Watching::next))
    }

    fn watch_filters(
        &self,
        filters: StartFilters,
    ) -> Result<(watch::Receiver<Bytes>, Option<FilterWatcher>), WatchError> {
        let kept = &mut *self.kept.lock();
        if kept.is_over {
            return Ok((watch::channel(Bytes::new()).1, None));
        }
        let watcher = |id| Some(FilterWatcher { id, kept: self.kept.clone() });
        if let Some(known) = kept.find(&filters) {
            known.watchers += 1;
            return Ok((known.latest.subscribe(), watcher(known.id)));
        }
        kept.make_room(&self.activity)?;
        let filters = Arc::new(filters);
        let id = self.activity.watch(filters.clone());
        let (latest, receiver) = watch::channel(Bytes::new());
        kept.filters.push(KeptFilter {
            id,
            filters,
            latest,
            history: History::default(),
            watchers: 1,
            rest: 0,
        });
        Ok((receiver, watcher(id)))
    }
}

/// One of those who watch a filter; it leaves on drop.
struct FilterWatcher {
    id: FilterId,
    kept: Arc<Mutex<Kept>>,
}

impl Drop for FilterWatcher {
    fn drop(&mut self) {
        let kept = &mut *self.kept.lock();
        if let Some(kept) = kept.filters.iter_mut().find(|kept| kept.id == self.id) {
            kept.watchers -= 1;
            kept.rest = LIVE_FILTER_REST;
        }
    }
}

struct Watching {
    first: Option<Bytes>,
    latest: watch::Receiver<Bytes>,
    _watcher: Option<FilterWatcher>,
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

    fn feed() -> (watch::Sender<Bytes>, LiveFeed) {
        let (sender, latest) = watch::channel(Bytes::from("0;"));
        (sender, LiveFeed::new(latest, Arc::default(), Arc::default()))
    }

    fn channel(name: impl std::fmt::Display) -> Option<StartFilters> {
        StartFilters::parse("?filters", None, &[("channel", name.to_string())]).unwrap()
    }

    #[tokio::test]
    async fn whoever_is_slow_misses_samples_and_nothing_is_queued() {
        let (sender, feed) = feed();
        let mut stream = Box::pin(feed.watch(None).unwrap());
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

    #[test]
    fn a_filter_took_a_place_for_each_of_its_watchers() {
        let (_sender, feed) = feed();
        let many: Vec<_> = (0..LIVE_FILTERS).map(|_| feed.watch(channel("news")).unwrap()).collect();
        assert_eq!(feed.kept.lock().filters.len(), 1);
        drop(many);
        let feed_on = |feed: &LiveFeed| {
            feed.kept.lock().drop_unwatched(&feed.activity);
            feed.kept.lock().filters.len()
        };
        for _ in 0..LIVE_FILTER_REST {
            assert_eq!(feed_on(&feed), 1, "a page that is loaded anew finds its history");
        }
        assert_eq!((feed_on(&feed), feed.activity.watched().ids().len()), (0, 0));
    }

    #[test]
    fn a_filter_without_a_watcher_kept_others_out() {
        let (_sender, feed) = feed();
        let mut streams: Vec<_> = (0..LIVE_FILTERS).map(|name| feed.watch(channel(name)).unwrap()).collect();
        assert_eq!(feed.watch(channel("one more")).err(), Some(WatchError::TooManyFilters));
        assert!(feed.watch(channel(0)).is_ok() && feed.watch(None).is_ok());
        streams.pop();
        assert!(feed.watch(channel("one more")).is_ok());
        assert_eq!(feed.activity.watched().ids().len(), LIVE_FILTERS);
    }

    #[tokio::test]
    async fn a_stream_with_a_filter_ends_with_the_sampler() {
        let (_sender, feed) = feed();
        let mut stream = Box::pin(feed.watch(channel("news")).unwrap());
        assert!(stream.next().await.is_some());
        feed.kept.lock().end();
        assert_eq!(stream.next().await, None);
        let mut late = Box::pin(feed.watch(channel("news")).unwrap());
        assert!(late.next().await.is_some());
        assert_eq!(late.next().await, None);
    }
}
