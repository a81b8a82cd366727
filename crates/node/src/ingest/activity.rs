//! What happens, counted where events take effect: for all sessions, for each report suite, and for the filters that somebody
//! watches. All are counted under one lock, so the parts of any moment add up to the whole.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use playhead_protocol::{EventType, PackedParams, ParamId, ParamValue};
use playhead_report::StartFilters;
use schemars::JsonSchema;
use serde::Serialize;

use crate::limits::LIVE_SUITES;

/// Whose sessions.
pub(crate) const REPORT_SUITE: ParamId = ParamId::named("analytics.reportSuite");

/// What happened in one second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub(crate) struct Happened {
    /// Sessions opened.
    pub(crate) media_starts: u64,
    /// Events accepted.
    pub(crate) events: u64,
    /// Of these, errors that players reported.
    pub(crate) errors: u64,
    /// Of these, events with which buffering begins.
    pub(crate) buffer_events: u64,
}

impl Happened {
    fn count(&mut self, event_type: EventType, is_start: bool) {
        self.events += 1;
        self.media_starts += u64::from(is_start);
        self.errors += u64::from(event_type == EventType::Error);
        self.buffer_events += u64::from(event_type == EventType::BufferStart);
    }

    /// What has happened since an earlier moment of the same count.
    fn since(&self, earlier: &Self) -> Self {
        Self {
            media_starts: self.media_starts - earlier.media_starts,
            events: self.events - earlier.events,
            errors: self.errors - earlier.errors,
            buffer_events: self.buffer_events - earlier.buffer_events,
        }
    }
}

/// Names a filter for as long as it is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FilterId(u64);

/// The filters that somebody watches, with the texts of a session that they need.
#[derive(Debug, Clone, Default)]
pub(crate) struct WatchedFilters {
    filters: Vec<(FilterId, Arc<StartFilters>)>,
    params: Vec<ParamId>,
}

impl WatchedFilters {
    fn new(filters: Vec<(FilterId, Arc<StartFilters>)>) -> Self {
        let mut params: Vec<_> = filters.iter().flat_map(|(_, filters)| filters.params()).copied().collect();
        params.sort_unstable();
        params.dedup();
        Self { filters, params }
    }

    /// Their ids, in their order.
    pub(crate) fn ids(&self) -> impl ExactSizeIterator<Item = FilterId> {
        self.filters.iter().map(|(id, _)| *id)
    }

    /// Calls `admitted` with the places of those that let a session through.
    pub(crate) fn each_admitting(&self, params: &PackedParams, mut admitted: impl FnMut(usize)) {
        if self.filters.is_empty() {
            return;
        }
        // Finding one text goes through all of them, so they are gone through once for all filters.
        let texts: Vec<(ParamId, &str)> = params
            .iter()
            .filter_map(|(id, value)| match value {
                ParamValue::Text(text) if self.params.contains(&id) => Some((id, text)),
                _ => None,
            })
            .collect();
        let text = |wanted: ParamId| texts.iter().find(|(id, _)| *id == wanted).map(|(_, text)| *text);
        for (place, (_, filters)) in self.filters.iter().enumerate() {
            if filters.admit(text) {
                admitted(place);
            }
        }
    }
}

/// What happened in the time since it was last asked for.
#[derive(Debug, Default)]
pub(crate) struct Happenings {
    pub(crate) all: Happened,
    /// By report suite, of those that have a place.
    pub(crate) suites: Vec<(Arc<str>, Happened)>,
    pub(crate) filters: Vec<(FilterId, Happened)>,
}

#[derive(Debug, Default)]
struct Counters {
    all: Happened,
    suites: HashMap<Arc<str>, Happened>,
    watched: Arc<WatchedFilters>,
    /// In the order of the filters.
    by_filter: Vec<Happened>,
    filters_so_far: u64,
}

/// Counts what happens.
#[derive(Debug, Default)]
pub(crate) struct Activity(Mutex<Counters>);

/// A time in which what happens is counted, and nothing is handed out.
pub(crate) struct Counting<'a> {
    counters: MutexGuard<'a, Counters>,
    /// What had been counted when it began.
    before: Happened,
}

impl Activity {
    /// Begins to count the events of a group.
    pub(crate) fn begin(&self) -> Counting<'_> {
        let counters = self.0.lock();
        Counting { before: counters.all, counters }
    }

    /// The filters that are watched.
    pub(crate) fn watched(&self) -> Arc<WatchedFilters> {
        self.0.lock().watched.clone()
    }

    /// The report suites that have a place.
    pub(crate) fn suites(&self) -> Vec<Arc<str>> {
        self.0.lock().suites.keys().cloned().collect()
    }

    /// Gives a place to a report suite of which there are sessions, if there is one.
    pub(crate) fn add_suite(&self, suite: &str) {
        self.0.lock().place_of(suite);
    }

    /// Takes the place of a report suite.
    pub(crate) fn remove_suite(&self, suite: &str) {
        self.0.lock().suites.remove(suite);
    }

    /// Counts for one more filter from now on.
    pub(crate) fn watch(&self, filters: Arc<StartFilters>) -> FilterId {
        let counters = &mut *self.0.lock();
        counters.filters_so_far += 1;
        let id = FilterId(counters.filters_so_far);
        let mut watched = counters.watched.filters.clone();
        watched.push((id, filters));
        counters.watched = Arc::new(WatchedFilters::new(watched));
        counters.by_filter.push(Happened::default());
        id
    }

    /// Counts no longer for a filter.
    pub(crate) fn forget(&self, id: FilterId) {
        let counters = &mut *self.0.lock();
        let Some(place) = counters.watched.ids().position(|known| known == id) else { return };
        let mut watched = counters.watched.filters.clone();
        watched.remove(place);
        counters.watched = Arc::new(WatchedFilters::new(watched));
        counters.by_filter.remove(place);
    }

    /// What happened since the last call.
    pub(crate) fn take(&self) -> Happenings {
        let counters = &mut *self.0.lock();
        let suites = counters.suites.iter_mut();
        let filters = counters.watched.filters.iter().zip(&mut counters.by_filter);
        Happenings {
            all: std::mem::take(&mut counters.all),
            suites: suites.map(|(suite, happened)| (suite.clone(), std::mem::take(happened))).collect(),
            filters: filters.map(|((id, _), happened)| (*id, std::mem::take(happened))).collect(),
        }
    }
}

impl Counters {
    /// What happened in a report suite, if it has a place or gets one.
    fn place_of(&mut self, suite: &str) -> Option<&mut Happened> {
        if !self.suites.contains_key(suite) {
            if self.suites.len() >= LIVE_SUITES {
                return None;
            }
            self.suites.insert(suite.into(), Happened::default());
        }
        self.suites.get_mut(suite)
    }
}

impl Counting<'_> {
    /// What was counted since it began.
    pub(crate) fn counted(&self) -> Happened {
        self.counters.all.since(&self.before)
    }

    /// Counts an event of a session with these parameters; without them only among all events.
    pub(crate) fn count(&mut self, params: Option<&PackedParams>, event_type: EventType, is_start: bool) {
        let counters = &mut *self.counters;
        counters.all.count(event_type, is_start);
        let Some(params) = params else { return };
        if let Some(happened) = params.text(REPORT_SUITE).and_then(|suite| counters.place_of(suite)) {
            happened.count(event_type, is_start);
        }
        let Counters { watched, by_filter, .. } = counters;
        watched.each_admitting(params, |place| {
            if let Some(happened) = by_filter.get_mut(place) {
                happened.count(event_type, is_start);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use playhead_protocol::ParamsPacker;

    use super::*;

    fn of(suite: &str, channel: &str) -> PackedParams {
        let mut packer = ParamsPacker::default();
        packer.push(REPORT_SUITE, ParamValue::Text(suite));
        packer.push(ParamId::named("media.channel"), ParamValue::Text(channel));
        packer.finish()
    }

    #[test]
    fn made_up_suites_took_memory_without_bound_and_the_place_of_real_ones() {
        let activity = Activity::default();
        activity.add_suite("shop");
        for suite in 0..3 * LIVE_SUITES {
            activity.begin().count(Some(&of(&format!("made up {suite}"), "news")), EventType::Ping, false);
        }
        activity.begin().count(Some(&of("shop", "news")), EventType::SessionStart, true);
        let Happenings { all, suites, .. } = activity.take();
        assert_eq!((all.events, all.media_starts), (3 * LIVE_SUITES as u64 + 1, 1));
        assert_eq!(suites.len(), LIVE_SUITES);
        let shop =
            suites.iter().find(|(suite, _)| **suite == *"shop").map(|(_, happened)| happened.media_starts);
        assert_eq!(shop, Some(1));
        activity.remove_suite("made up 0");
        activity.add_suite("club");
        assert!(activity.suites().iter().any(|suite| **suite == *"club"), "a place that is free is taken");
    }

    #[test]
    fn a_filter_that_left_took_the_counts_of_another_along() {
        let activity = Activity::default();
        let watch = |channel: &str| {
            let filters = StartFilters::parse("?filters", None, &[("channel", channel.to_owned())]);
            activity.watch(Arc::new(filters.unwrap().unwrap()))
        };
        let [news, sport, film] = ["news", "sport", "film"].map(watch);
        let events =
            [("news", EventType::Error), ("sport", EventType::BufferStart), ("film", EventType::Ping)];
        for (channel, event_type) in events {
            activity.begin().count(Some(&of("shop", channel)), event_type, false);
        }
        activity.begin().count(None, EventType::Error, false);
        activity.forget(sport);
        let happenings = activity.take();
        assert_eq!((happenings.all.events, happenings.all.errors, happenings.all.buffer_events), (4, 2, 1));
        let counted: Vec<_> =
            happenings.filters.iter().map(|(id, counted)| (*id, counted.events, counted.errors)).collect();
        assert_eq!(counted, [(news, 1, 1), (film, 1, 0)]);
        assert_eq!(activity.take().all, Happened::default());
    }
}
