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
use crate::ingest::open_sessions::OpenSessions;
use crate::live::LiveFeed;
use crate::live::count::{Count, count};
use crate::live::history::{Counted, Happened, History, Second};
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
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Happened {
    fn since_start(sampled: &Sampled) -> Self {
        let Sampled { telemetry, refusals, .. } = sampled;
        Self {
            media_starts: telemetry.sessions_opened.get(),
            events: telemetry.accepted(),
            errors: telemetry.error_events.get(),
            refused: refusals.total(),
            buffer_events: telemetry.buffer_events.get(),
        }
    }

    fn since(self, earlier: Self) -> Self {
        Self {
            media_starts: self.media_starts.saturating_sub(earlier.media_starts),
            events: self.events.saturating_sub(earlier.events),
            errors: self.errors.saturating_sub(earlier.errors),
            refused: self.refused.saturating_sub(earlier.refused),
            buffer_events: self.buffer_events.saturating_sub(earlier.buffer_events),
        }
    }
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
}

/// Starts the sampler; it ends when the server is told to stop, and all streams with it.
pub(crate) fn start(sampled: Sampled, is_stopped: watch::Receiver<bool>) -> LiveFeed {
    let (sender, latest) = watch::channel(Bytes::new());
    let history = Arc::new(Mutex::new(History::default()));
    let feed = LiveFeed::new(latest, history.clone());
    let started_at = rfc3339(sampled.clock.now_ms());
    let sampler =
        Sampler { sampled, feed: feed.clone(), history, sender, started_at, counted: None, messages: 0 };
    tokio::spawn(sampler.run(is_stopped));
    feed
}

struct Sampler {
    sampled: Sampled,
    feed: LiveFeed,
    history: Arc<Mutex<History>>,
    sender: watch::Sender<Bytes>,
    started_at: String,
    counted: Option<LastCount>,
    messages: u64,
}

/// The last count, and when the next one is due.
struct LastCount {
    at_ms: i64,
    count: Count,
    ended: Instant,
    took: Duration,
}

impl LastCount {
    fn is_due(&self, is_watched: bool) -> bool {
        // A tick may come a little early after one that came late.
        let usual = if is_watched { SECOND / 2 } else { UNWATCHED - SECOND / 2 };
        self.ended.elapsed() >= usual.max(self.took * REST)
    }
}

impl Sampler {
    async fn run(mut self, mut is_stopped: watch::Receiver<bool>) {
        let mut ticks = interval(SECOND);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut before = Happened::since_start(&self.sampled);
        let work = async {
            loop {
                ticks.tick().await;
                let is_fresh = self.count_when_due().await;
                let now = Happened::since_start(&self.sampled);
                self.hand_out(now.since(before), is_fresh);
                before = now;
            }
        };
        tokio::select! {
            biased;
            () = is_told(&mut is_stopped) => {}
            () = work => {}
        }
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
        let Sampled { open_sessions, exclusions, clock, .. } = self.sampled.clone();
        let work = move || {
            let (at_ms, began) = (clock.now_ms(), Instant::now());
            let count = count(&open_sessions, &exclusions.now(), at_ms);
            LastCount { at_ms, count, ended: Instant::now(), took: began.elapsed() }
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(counted) => {
                self.sampled.telemetry.silent_sessions.set(counted.count.sessions_silent.into());
                self.counted = Some(counted);
                true
            }
            Err(error) => {
                tracing::error!(%error, "the open sessions could not be counted");
                false
            }
        }
    }

    fn hand_out(&mut self, happened: Happened, is_fresh: bool) {
        let at_ms = self.sampled.clock.now_ms();
        let Some(LastCount { at_ms: counted_at_ms, count, .. }) = &self.counted else { return };
        let counted = Counted {
            sessions_active: count.sessions_active,
            sessions_playing: count.sessions_playing,
            sessions_buffering: count.sessions_buffering,
            sessions_silent: count.sessions_silent,
            viewers_active: count.viewers_active,
            viewers_playing: count.viewers_playing,
        };
        self.history.lock().add(Second { at_ms, counted: is_fresh.then_some(counted), happened });
        let message = LiveSample {
            at: rfc3339(at_ms),
            server_started_at: &self.started_at,
            counted_at: rfc3339(*counted_at_ms),
            count,
            happened,
        };
        let Ok(data) = serde_json::to_string(&message) else { return };
        self.messages += 1;
        let message = format!("event: live\nid: {}\ndata: {data}\n\n", self.messages);
        self.sender.send_replace(message.into());
    }
}
