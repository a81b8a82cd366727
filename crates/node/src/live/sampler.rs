//! The task that makes the samples.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use playhead_session::rfc3339;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::clock::Clock;
use crate::exclusions::KnownExclusions;
use crate::ingest::activity::{Activity, Happened, Happenings};
use crate::ingest::open_sessions::OpenSessions;
use crate::limits::LIVE_HISTORY;
use crate::live::count::{Count, Counts, count};
use crate::live::feed::{Kept, LiveFeed};
use crate::live::history::Second;
use crate::live::tally::Counted;
use crate::refusals::Refusals;
use crate::stop::is_told;
use crate::telemetry::Telemetry;

/// How often counters are sampled, and sessions counted when that is cheap.
const SECOND: Duration = Duration::from_secs(1);

/// How often sessions are counted without a watcher.
const UNWATCHED: Duration = Duration::from_secs(10);

/// The pause after a count, as a multiple of the time that it took: counting takes a hundredth of a core.
const REST: u32 = 100;

/// The sources of a sample.
#[derive(Clone)]
pub(crate) struct Sampled {
    pub(crate) open_sessions: Arc<OpenSessions>,
    pub(crate) exclusions: Arc<KnownExclusions>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) activity: Arc<Activity>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A sample as it is sent.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Live")]
pub struct LiveSample<'sample> {
    at: String,
    server_started_at: &'sample str,
    counted_at: String,
    #[serde(flatten)]
    count: &'sample Count,
    #[serde(flatten)]
    happened: Happened,
    /// Collection requests refused; null with filters, because what is refused belongs to no session.
    refused: Option<u64>,
}

/// Starts the sampler; it ends when the server is told to stop, and all streams with it.
pub(crate) fn start(sampled: Sampled, is_stopped: watch::Receiver<bool>) -> LiveFeed {
    let (sender, latest) = watch::channel(Bytes::new());
    let kept = Arc::new(Mutex::new(Kept::default()));
    let feed = LiveFeed::new(latest, kept.clone(), sampled.activity.clone());
    let started_at = rfc3339(sampled.clock.now_ms());
    let sampler =
        Sampler { sampled, feed: feed.clone(), kept, sender, started_at, counted: None, samples: 0 };
    tokio::spawn(sampler.run(is_stopped));
    feed
}

struct Sampler {
    sampled: Sampled,
    feed: LiveFeed,
    kept: Arc<Mutex<Kept>>,
    sender: watch::Sender<Bytes>,
    started_at: String,
    counted: Option<LastCount>,
    samples: u64,
}

/// The last count, and when the next one is due.
struct LastCount {
    at_ms: i64,
    counts: Counts,
    ended: Instant,
    took: Duration,
}

/// What all messages of one sample share.
struct Moment<'a> {
    at_ms: i64,
    counted_at_ms: i64,
    /// Whether the sessions were counted for this sample.
    is_fresh: bool,
    started_at: &'a str,
    number: u64,
}

impl LastCount {
    fn is_due(&self, is_watched: bool) -> bool {
        // A tick may come a little early after one that came late.
        let usual = if is_watched { SECOND / 2 } else { UNWATCHED - SECOND / 2 };
        self.ended.elapsed() >= usual.max(self.took * REST)
    }
}

impl Moment<'_> {
    fn message(&self, count: &Count, happened: Happened, refused: Option<u64>) -> Option<Bytes> {
        let sample = LiveSample {
            at: rfc3339(self.at_ms),
            server_started_at: self.started_at,
            counted_at: rfc3339(self.counted_at_ms),
            count,
            happened,
            refused,
        };
        let data = serde_json::to_string(&sample).ok()?;
        Some(format!("event: live\nid: {}\ndata: {data}\n\n", self.number).into())
    }

    fn second(&self, counted: Option<Counted>, happened: Happened, refused: Option<u64>) -> Second {
        Second { at_ms: self.at_ms, counted: counted.filter(|_| self.is_fresh), happened, refused }
    }
}

impl Sampler {
    async fn run(mut self, mut is_stopped: watch::Receiver<bool>) {
        let mut ticks = interval(SECOND);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut refused_before = self.sampled.refusals.total();
        let kept = self.kept.clone();
        let work = async {
            loop {
                ticks.tick().await;
                let is_fresh = self.count_when_due().await;
                let happenings = self.sampled.activity.take();
                let refused = self.sampled.refusals.total();
                self.hand_out(&happenings, refused.saturating_sub(refused_before), is_fresh);
                refused_before = refused;
            }
        };
        tokio::select! {
            biased;
            () = is_told(&mut is_stopped) => {}
            () = work => {}
        }
        kept.lock().end();
    }

    /// Counts if it is time to; returns whether it did.
    async fn count_when_due(&mut self) -> bool {
        // A part of the sessions is no count of them.
        if self.sampled.open_sessions.check_recovered().is_err() {
            return false;
        }
        let is_watched = self.feed.is_watched();
        if self.counted.as_ref().is_some_and(|counted| !counted.is_due(is_watched)) {
            return false;
        }
        let Sampled { open_sessions, exclusions, activity, clock, .. } = self.sampled.clone();
        let work = move || {
            let (at_ms, began) = (clock.now_ms(), Instant::now());
            let (watched, suites) = (activity.watched(), activity.suites());
            let counts = count(&open_sessions, &exclusions.now(), &watched, suites, at_ms);
            LastCount { at_ms, counts, ended: Instant::now(), took: began.elapsed() }
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(counted) => {
                let silent = counted.counts.all.counted.sessions_silent;
                self.sampled.telemetry.silent_sessions.set(silent.into());
                counted.counts.suites.iter().for_each(|(suite, _)| self.sampled.activity.add_suite(suite));
                self.counted = Some(counted);
                true
            }
            Err(error) => {
                tracing::error!(%error, "the open sessions could not be counted");
                false
            }
        }
    }

    /// Sends the sample to all watchers, and keeps it.
    fn hand_out(&mut self, happenings: &Happenings, refused: u64, is_fresh: bool) {
        let at_ms = self.sampled.clock.now_ms();
        let Some(LastCount { at_ms: counted_at_ms, counts, .. }) = &self.counted else { return };
        self.samples += 1;
        let (counted_at_ms, started_at, number) = (*counted_at_ms, self.started_at.as_str(), self.samples);
        let moment = Moment { at_ms, counted_at_ms, is_fresh, started_at, number };
        let kept = &mut *self.kept.lock();
        kept.history.add(moment.second(Some(counts.all.counted), happenings.all, Some(refused)));
        if let Some(message) = moment.message(&counts.all, happenings.all, Some(refused)) {
            self.sender.send_replace(message);
        }
        keep_suites(kept, &moment, counts, happenings, &self.sampled.activity);
        hand_out_filtered(kept, &moment, counts, happenings);
        kept.drop_unwatched(&self.sampled.activity);
    }
}

/// Sends their samples to those who watch with filters, and keeps them.
fn hand_out_filtered(kept: &mut Kept, moment: &Moment<'_>, counts: &Counts, happenings: &Happenings) {
    for kept in &mut kept.filters {
        // A filter that was added since the sessions were counted waits for the next count.
        let Some((_, count)) = counts.filters.iter().find(|(id, _)| *id == kept.id) else { continue };
        let happened = happenings.filters.iter().find(|(id, _)| *id == kept.id);
        let happened = happened.map(|(_, happened)| *happened).unwrap_or_default();
        kept.history.add(moment.second(Some(count.counted), happened, None));
        if let Some(message) = moment.message(count, happened, None) {
            kept.latest.send_replace(message);
        }
    }
}

/// Keeps the sample of each report suite. One of which there has been nothing for an hour has nothing left to show.
fn keep_suites(
    kept: &mut Kept,
    moment: &Moment<'_>,
    counts: &Counts,
    happenings: &Happenings,
    activity: &Activity,
) {
    for (suite, happened) in &happenings.suites {
        let counted = counts.suites.iter().find(|(known, _)| known == suite).map(|(_, counted)| *counted);
        let of_suite = kept.suites.entry(suite.clone()).or_default();
        of_suite.history.add(moment.second(counted, *happened, None));
        let has_sessions =
            counted.is_none_or(|counted| counted.sessions_active > 0 || counted.sessions_silent > 0);
        let is_idle = !has_sessions && happened.events == 0;
        of_suite.idle = if is_idle { of_suite.idle + 1 } else { 0 };
        if of_suite.idle >= LIVE_HISTORY {
            kept.suites.remove(suite);
            activity.remove_suite(suite);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_that_nobody_sends_for_any_more_kept_its_place_for_ever() {
        let (mut kept, activity) = (Kept::default(), Activity::default());
        activity.add_suite("shop");
        let moment = Moment { at_ms: 0, counted_at_ms: 0, is_fresh: true, started_at: "", number: 1 };
        let with_sessions = |sessions_silent| {
            let counted = Counted { sessions_silent, ..Counted::default() };
            Counts { suites: vec![("shop".into(), counted)], ..Counts::default() }
        };
        let mut sample = |counts: &Counts| {
            let suites = activity.suites().into_iter().map(|suite| (suite, Happened::default())).collect();
            let happenings = Happenings { suites, ..Happenings::default() };
            keep_suites(&mut kept, &moment, counts, &happenings, &activity);
            kept.suites.len()
        };
        for _ in 0..LIVE_HISTORY + 1 {
            assert_eq!(sample(&with_sessions(1)), 1, "a silent session is one");
        }
        for _ in 0..LIVE_HISTORY - 1 {
            assert_eq!(sample(&with_sessions(0)), 1, "the last hour still shows it");
        }
        assert_eq!(sample(&with_sessions(0)), 0);
        assert_eq!(activity.suites().len(), 0);
    }
}
