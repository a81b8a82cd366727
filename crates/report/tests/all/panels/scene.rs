//! Random sessions that crowd one hour, a part of them open, and the reports over them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use playhead_lake::{Lake, Location, RowsBuilder, Table};
use playhead_protocol::{ParamId, ParamValue, ParamsPacker};
use playhead_report::engine::unstored::{Closed, OpenBatch, OpenRows, Rows, no_rows};
use playhead_report::engine::wanted::{InMemory, Wanted};
use playhead_report::{EngineSettings, Error, Reports, Unstored};
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::{SessionRow, SessionRows};

/// When the hour begins: 2026-10-24T23:30:00Z, so that in Berlin clocks are set back in it and after it.
pub(crate) const HOUR_MS: i64 = 1_792_884_600_000;

/// Numbers derived from a seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % limit as u64) as i64
    }
}

/// Sessions, and the reports over them: closed ones are stored, open ones are not.
pub(crate) struct Scene {
    pub(crate) sessions: Vec<SessionRows>,
    pub(crate) reports: Reports,
    /// How often the open sessions were read.
    pub(crate) open_reads: Arc<AtomicUsize>,
}

impl Scene {
    pub(crate) async fn new(sessions: Vec<SessionRows>) -> Self {
        Self::with_settings(sessions, EngineSettings::default()).await
    }

    pub(crate) async fn with_settings(sessions: Vec<SessionRows>, settings: EngineSettings) -> Self {
        let lake = Lake::new(Location::memory().unwrap(), "test").unwrap();
        let is_open = |rows: &&SessionRows| rows.session.close_reason.is_none();
        let closed: Vec<&SessionRows> = sessions.iter().filter(|rows| !is_open(rows)).collect();
        for table in [Table::Sessions, Table::Ads, Table::Errors] {
            let mut builder = RowsBuilder::new(table, None);
            closed.iter().for_each(|rows| builder.push(rows));
            if !builder.is_empty() {
                lake.append(table, [builder.finish().unwrap()], 1).await.unwrap();
            }
        }
        let open_reads = Arc::new(AtomicUsize::new(0));
        let open = OpenSessions {
            open: sessions.iter().filter(is_open).cloned().collect(),
            reads: open_reads.clone(),
        };
        let reports = Reports::new(Arc::new(lake), open, settings).unwrap();
        Self { sessions, reports, open_reads }
    }

    /// All sessions.
    pub(crate) fn all(&self) -> Vec<&SessionRows> {
        self.sessions.iter().collect()
    }

    /// A crowd from a seed.
    pub(crate) async fn random(seed: u64, count: u64) -> Self {
        Self::new(crowd(seed, count)).await
    }
}

#[derive(Debug)]
struct OpenSessions {
    open: Vec<SessionRows>,
    reads: Arc<AtomicUsize>,
}

#[async_trait]
impl Unstored for OpenSessions {
    async fn open_rows(
        &self,
        table: Table,
        projection: &[usize],
        wanted: &Wanted,
    ) -> Result<OpenRows, Error> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let mut builder = RowsBuilder::new(table, Some(projection));
        if wanted.state == InMemory::Closed {
            return Ok(OpenRows::of(0, Vec::new()));
        }
        let mut batches = Vec::new();
        for rows in &self.open {
            builder.push(rows);
            let sessions = vec![rows.session.session_id; builder.len()];
            batches.push(OpenBatch { sessions, rows: builder.finish()? });
        }
        Ok(OpenRows::of(0, batches))
    }

    async fn closed_since(&self, _: u64) -> Result<Closed, Error> {
        Ok(Closed::default())
    }

    fn closed_rows(&self, _: Table, _: &[usize], _: u64, _: u64) -> Rows {
        no_rows()
    }

    fn events(&self, _: &[usize], _: u64) -> Rows {
        no_rows()
    }
}

/// Sessions of few visitors, contents and channels, with spans that crowd the hour and go beyond it.
pub(crate) fn crowd(seed: u64, count: u64) -> Vec<SessionRows> {
    let settings = SampleSettings {
        sessions: count,
        days: 1,
        contents: 3,
        open_sessions: true,
        ..SampleSettings::default()
    };
    let mut random = Random::new(seed);
    let mut sessions: Vec<SessionRows> = Sessions::new(seed, settings).collect();
    for rows in &mut sessions {
        crowd_in(rows, &mut random);
    }
    sessions
}

fn crowd_in(rows: &mut SessionRows, random: &mut Random) {
    let session = &mut rows.session;
    if random.below(4) == 0 {
        session.close_reason = None;
    }
    let mut params = ParamsPacker::default();
    let mut text = |key: &str, value: &str| params.push(ParamId::named(key), ParamValue::Text(value));
    text("analytics.reportSuite", "suite");
    // One in eight has only the session's id.
    match random.below(8) {
        0 => text("analytics.visitorId", ""),
        visitor => text("analytics.visitorId", &format!("visitor {visitor}")),
    }
    text("visitor.marketingCloudOrgId", "org");
    text("media.id", &format!("content {}", random.below(3)));
    // From a seed of its own, so that all else stays what it was. One in four comes without a title.
    let title = Random::new(session.received_at_ms.unsigned_abs()).below(4);
    if title > 0 {
        text("media.name", &format!("title {title}"));
    }
    let length = [90.5, 90.5, 600.0][random.below(3) as usize];
    params.push(ParamId::named("media.length"), ParamValue::Number(length));
    let mut text = |key: &str, value: &str| params.push(ParamId::named(key), ParamValue::Text(value));
    text("media.contentType", ["VOD", "live", "podcast"][random.below(3) as usize]);
    text("media.playerName", ["web", "tv", "phone"][random.below(3) as usize]);
    text("media.channel", ["one", "two", "three", "four"][random.below(4) as usize]);
    if random.below(3) > 0 {
        text("media.network", ["north", "south"][random.below(2) as usize]);
    }
    *session.params.to_mut() = params.finish();

    let mut now_ms = HOUR_MS - 600_000 + random.below(4_200_000);
    session.started_at_ms = now_ms;
    session.received_at_ms = now_ms + 100;
    session.active_spans.to_mut().clear();
    session.playing_spans.to_mut().clear();
    for _ in 0..random.below(5) {
        now_ms += [0, random.below(1_500), random.below(400_000)][random.below(3) as usize];
        let from_ms = now_ms;
        now_ms += [0, 1, 1_000, random.below(2_000), random.below(900_000)][random.below(5) as usize];
        session.active_spans.to_mut().push((from_ms, now_ms));
        let (one, other) = (random.below(now_ms - from_ms + 1), random.below(now_ms - from_ms + 1));
        session.playing_spans.to_mut().push((from_ms + one.min(other), from_ms + one.max(other)));
        now_ms += 1;
    }
    session.last_event_at_ms = now_ms;
    fall_silent(session);

    // The sample's playheads were of another content.
    session.content_segment = None;
    session.watched_spans.to_mut().clear();
    session.rewatched_spans.to_mut().clear();
    let mut second = 0.0;
    for _ in 0..random.below(5) {
        second += random.below(20_000) as f64 / 1_000.0 + 0.001;
        let from = second;
        second += random.below(60_000) as f64 / 1_000.0;
        session.watched_spans.to_mut().push((from, second));
        for _ in 0..random.below(3) {
            let again = from + (second - from) * random.below(1_000) as f64 / 1_000.0;
            session
                .rewatched_spans
                .to_mut()
                .push(((from * 1_000.0).round() / 1_000.0, (again * 1_000.0).round() / 1_000.0));
        }
    }
}

/// Makes a session silent for a part of its last span, or after its last event.
fn fall_silent(session: &mut SessionRow) {
    let mut random = Random::new(session.started_at_ms.unsigned_abs());
    session.playing_until_ms = None;
    let active = session.active_spans.to_mut();
    if random.below(3) == 0
        && let Some((from_ms, to_ms)) = active.pop()
    {
        let (one, other) = (random.below(to_ms - from_ms + 1), random.below(to_ms - from_ms + 1));
        active.push((from_ms, from_ms + one.min(other)));
        active.push((from_ms + one.max(other) + 1, to_ms + 1));
    }
    if random.below(3) == 0 {
        let until_ms = session.last_event_at_ms + 1 + random.below(150_000);
        active.push((session.last_event_at_ms + 1, until_ms));
        session.playing_until_ms = (random.below(2) == 0).then_some(until_ms);
    }
}

/// The text of a parameter; `None` without one.
pub(crate) fn param<'a>(rows: &'a SessionRows, key: &str) -> Option<&'a str> {
    rows.session.text(ParamId::named(key))
}

/// Who watched.
pub(crate) fn visitor(rows: &SessionRows) -> String {
    let ids = ["visitor.marketingCloudUserId", "analytics.visitorId", "appInstallationId"];
    let mut known = ids.iter().filter_map(|key| Some((key, param(rows, key).filter(|id| !id.is_empty())?)));
    known.next().map_or_else(|| rows.session.session_id.to_string(), |(key, id)| format!("{key} {id}"))
}

/// Parameters as in a URL.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The faults of a request that must have some, as `path: message`.
pub(crate) fn faults<T: std::fmt::Debug>(parsed: Result<T, Error>) -> Vec<String> {
    let Err(Error::Invalid(faults)) = parsed else { panic!("must have faults: {parsed:?}") };
    faults.iter().map(|fault| format!("{}: {}", fault.path, fault.message)).collect()
}
