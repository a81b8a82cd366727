//! The sums of one pass over the open sessions: over all of them, by report suite, and by filter.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use playhead_protocol::{ParamId, SessionId};
use playhead_session::{Account, Fingerprint, Session, visitor_of_params};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ingest::activity::{REPORT_SUITE, WatchedFilters};
use crate::limits::{LIVE_CONTENT, LIVE_FILTERS, LIVE_SUITES};

/// Constants, so that the names are looked up when this is compiled and not for each session.
pub(crate) const CONTENT_ID: ParamId = ParamId::named("media.id");
pub(crate) const CONTENT_NAME: ParamId = ParamId::named("media.name");

/// The filters that let a session through, a bit for each.
type FilterBits = u64;
const _: () = assert!(LIVE_FILTERS <= FilterBits::BITS as usize, "a filter has no bit");

/// The place of a report suite without one.
const NO_SUITE: u32 = u32::MAX;

/// Open sessions and their viewers at one moment, by the state that their events processed so far have left them in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub(crate) struct Counted {
    /// Sessions that are neither silent nor at the end of their content: as in column `active_spans`.
    pub(crate) sessions_active: u32,
    /// Of these, sessions that play content or an ad: as in columns `playing_spans` and `playing_until`.
    pub(crate) sessions_playing: u32,
    /// Of these, sessions that wait for data.
    pub(crate) sessions_buffering: u32,
    /// Sessions that have not come to the end of their content either, but whose players have sent nothing for three ping
    /// intervals: they count for nothing else here.
    pub(crate) sessions_silent: u32,
    /// Distinct visitors of the active sessions.
    pub(crate) viewers_active: u32,
    /// Distinct visitors of the playing ones.
    pub(crate) viewers_playing: u32,
}

/// The facts about one active session that counts need.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Stands for its visitor.
    visitor: u64,
    filters: FilterBits,
    session: SessionId,
    /// Stands for its content.
    content: u32,
    suite: u32,
    is_playing: bool,
    /// When it started, if it names its content.
    named_at_ms: Option<i64>,
}

/// Which sessions a count is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// All of them.
    All,
    /// Those that the filter at this place lets through.
    Filter(usize),
}

impl Selection {
    fn holds(self, seen: &Seen) -> bool {
        match self {
            Self::All => true,
            Self::Filter(place) => seen.filters & (1 << place) != 0,
        }
    }
}

/// A content with many sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TopContent {
    /// One of its sessions, for its name: one that has it, if any does.
    pub(crate) session: SessionId,
    pub(crate) active: u32,
    pub(crate) playing: u32,
    /// Distinct visitors of its active sessions.
    pub(crate) viewers: u32,
    /// When that session started; `None` while none of them has a name.
    named_at_ms: Option<i64>,
}

/// The sums.
pub(crate) struct Tally<'a> {
    pub(crate) all: Counted,
    /// In the order of the filters.
    pub(crate) filters: Vec<Counted>,
    watched: &'a WatchedFilters,
    now_ms: i64,
    suites: Vec<(Arc<str>, Counted)>,
    suite_places: HashMap<Arc<str>, u32>,
    content_places: HashMap<u64, u32>,
    seen: Vec<Seen>,
}

impl<'a> Tally<'a> {
    /// Nothing yet. `suites` have a place; others get one as far as there are any.
    pub(crate) fn new(watched: &'a WatchedFilters, suites: Vec<Arc<str>>, now_ms: i64) -> Self {
        let suite_places = suites.iter().cloned().zip(0..).collect();
        Self {
            all: Counted::default(),
            filters: vec![Counted::default(); watched.ids().len()],
            watched,
            now_ms,
            suites: suites.into_iter().map(|suite| (suite, Counted::default())).collect(),
            suite_places,
            content_places: HashMap::new(),
            seen: Vec::new(),
        }
    }

    /// Adds a session.
    pub(crate) fn add(&mut self, session: &Session) {
        let account = session.account();
        if session.close_reason().is_some() || account == Account::AfterEnd {
            return;
        }
        let params = session.params();
        let mut filters: FilterBits = 0;
        self.watched.each_admitting(params, |place| filters |= 1 << place);
        let suite = params.text(REPORT_SUITE).map_or(NO_SUITE, |suite| self.suite_place(suite));
        if session.is_silent_at(self.now_ms) {
            self.each(suite, filters, |counted| counted.sessions_silent += 1);
            return;
        }
        let is_playing = account.is_playing();
        let is_buffering = account == Account::TotalBufferDuration;
        self.each(suite, filters, |counted| {
            counted.sessions_active += 1;
            counted.sessions_playing += u32::from(is_playing);
            counted.sessions_buffering += u32::from(is_buffering);
        });
        let content_id = params.text(CONTENT_ID).unwrap_or_default();
        let next = self.content_places.len() as u32;
        let content = *self.content_places.entry(hash(content_id.as_bytes())).or_insert(next);
        let visitor = match visitor_of_params(params) {
            Some(visitor) => visitor.key().cast_unsigned(),
            None => hash(session.id().as_bytes()),
        };
        let is_named = params.text(CONTENT_NAME).is_some_and(|name| !name.is_empty());
        let named_at_ms = is_named.then(|| session.started_at_ms());
        let session = session.id();
        self.seen.push(Seen { visitor, filters, session, content, suite, is_playing, named_at_ms });
    }

    /// Changes every count that a session belongs to.
    fn each(&mut self, suite: u32, filters: FilterBits, change: impl Fn(&mut Counted)) {
        change(&mut self.all);
        if let Some((_, counted)) = self.suites.get_mut(suite as usize) {
            change(counted);
        }
        for place in places(filters) {
            self.filters.get_mut(place).into_iter().for_each(&change);
        }
    }

    fn suite_place(&mut self, suite: &str) -> u32 {
        if let Some(place) = self.suite_places.get(suite) {
            return *place;
        }
        if self.suites.len() >= LIVE_SUITES {
            return NO_SUITE;
        }
        let (suite, place): (Arc<str>, _) = (suite.into(), self.suites.len() as u32);
        self.suites.push((suite.clone(), Counted::default()));
        self.suite_places.insert(suite, place);
        place
    }

    /// Counts the distinct visitors, when all sessions are there.
    pub(crate) fn count_viewers(&mut self) {
        let mut seen = std::mem::take(&mut self.seen);
        // The session makes the order, and so the name of a content, the same from one pass to the next.
        seen.sort_unstable_by_key(|seen| (seen.visitor, seen.suite, seen.session));
        for of_visitor in seen.chunk_by(|one, next| one.visitor == next.visitor) {
            add_viewer(&mut self.all, of_visitor);
            for of_suite in of_visitor.chunk_by(|one, next| one.suite == next.suite) {
                let suite = of_suite.first().and_then(|first| self.suites.get_mut(first.suite as usize));
                if let Some((_, counted)) = suite {
                    add_viewer(counted, of_suite);
                }
            }
            let bits = |sessions: &mut dyn Iterator<Item = &Seen>| {
                sessions.fold(0, |bits: FilterBits, seen| bits | seen.filters)
            };
            for place in places(bits(&mut of_visitor.iter())) {
                self.filters.get_mut(place).into_iter().for_each(|counted| counted.viewers_active += 1);
            }
            for place in places(bits(&mut of_visitor.iter().filter(|seen| seen.is_playing))) {
                self.filters.get_mut(place).into_iter().for_each(|counted| counted.viewers_playing += 1);
            }
        }
        self.seen = seen;
    }

    /// The counts by report suite.
    pub(crate) fn suites(&self) -> Vec<(Arc<str>, Counted)> {
        self.suites.clone()
    }

    /// How many contents the active sessions of a selection have, and those with the most of them, in that order.
    pub(crate) fn top(&self, selection: Selection) -> (u32, Vec<TopContent>) {
        let mut contents: Vec<Option<TopContent>> = vec![None; self.content_places.len()];
        for seen in self.seen.iter().filter(|seen| selection.holds(seen)) {
            let Some(content) = contents.get_mut(seen.content as usize) else { continue };
            let content = content.get_or_insert(TopContent {
                session: seen.session,
                active: 0,
                playing: 0,
                viewers: 0,
                named_at_ms: seen.named_at_ms,
            });
            content.active += 1;
            content.playing += u32::from(seen.is_playing);
            // Of the sessions that have a name, that of the one that started last, as in reports.
            if content.named_at_ms < seen.named_at_ms {
                (content.session, content.named_at_ms) = (seen.session, seen.named_at_ms);
            }
        }
        let mut top: Vec<(u32, TopContent)> =
            (0..).zip(contents).filter_map(|(place, content)| Some((place, content?))).collect();
        let count = top.len() as u32;
        // Those that are alike keep their order from one count to the next.
        let most_first =
            |(_, content): &(u32, TopContent)| (Reverse((content.active, content.playing)), content.session);
        if top.len() > LIVE_CONTENT {
            top.select_nth_unstable_by_key(LIVE_CONTENT, most_first);
            top.truncate(LIVE_CONTENT);
        }
        top.sort_by_key(most_first);
        let viewers = self.viewers_by_content(selection, top.iter().map(|(place, _)| *place).collect());
        let with_viewers = |(place, content): (u32, TopContent)| TopContent {
            viewers: viewers.get(&place).copied().unwrap_or_default(),
            ..content
        };
        (count, top.into_iter().map(with_viewers).collect())
    }

    /// Distinct visitors of the active sessions of some contents, by place.
    fn viewers_by_content(&self, selection: Selection, wanted: Vec<u32>) -> HashMap<u32, u32> {
        let mut is_wanted = vec![false; self.content_places.len()];
        for place in wanted {
            is_wanted.get_mut(place as usize).into_iter().for_each(|wanted| *wanted = true);
        }
        let is_wanted =
            |seen: &&Seen| is_wanted.get(seen.content as usize) == Some(&true) && selection.holds(seen);
        let mut pairs: Vec<(u32, u64)> =
            self.seen.iter().filter(is_wanted).map(|seen| (seen.content, seen.visitor)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let by_content = pairs.chunk_by(|one, next| one.0 == next.0);
        by_content.filter_map(|pairs| Some((pairs.first()?.0, pairs.len() as u32))).collect()
    }
}

/// Counts a visitor with some sessions.
fn add_viewer(counted: &mut Counted, sessions: &[Seen]) {
    counted.viewers_active += 1;
    counted.viewers_playing += u32::from(sessions.iter().any(|seen| seen.is_playing));
}

/// The places of the bits that are set.
fn places(mut bits: FilterBits) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros();
        // Without the lowest one.
        bits &= bits.checked_sub(1)?;
        Some(place as usize)
    })
}

/// Two texts that differ share one with a probability of 2^-64: among millions of visitors, none is lost.
fn hash(text: &[u8]) -> u64 {
    Fingerprint::of(text).as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_has_its_place() {
        assert_eq!(places(0).count(), 0);
        assert_eq!(places(0b1010_0001).collect::<Vec<_>>(), [0, 5, 7]);
        assert_eq!(places(FilterBits::MAX).count(), FilterBits::BITS as usize);
    }
}
