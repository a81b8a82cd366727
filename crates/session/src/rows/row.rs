//! Rows: what a session looks like from outside, open or closed. One function makes both, so a live number and the
//! final number cannot differ in how they are counted.

use playhead_protocol::{EventType, Origin, PackedPairs, PackedParams, ParamId, SessionId};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::accounting::diagnosis::Diagnoses;
use crate::accounting::playheads::MARKS;
use crate::accounting::session::{CloseReason, Session};
use crate::accounting::views::{AdView, ChapterView, ErrorView, PlayerState};
use crate::rows::cell::Cell;
use crate::rows::columns::SESSION_COLUMNS;

/// One session's row. Serialised, it is a flat JSON object of all columns, nulls included.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "each field is the value of the column of its name, documented in the column table"
)]
pub struct SessionRow {
    pub session_id: SessionId,
    pub params: PackedParams,
    pub custom_metadata: PackedPairs,
    pub origin: Origin,
    pub started_at_ms: i64,
    pub last_event_at_ms: i64,
    pub received_at_ms: i64,
    pub close_reason: Option<CloseReason>,
    pub event_count: u32,
    pub diagnoses: Diagnoses,
    pub content_resume: bool,
    pub content_start: bool,
    pub content_complete: bool,
    pub content_ms: i64,
    pub ad_ms: i64,
    pub pause_ms: i64,
    pub buffer_ms: i64,
    pub stall_ms: i64,
    pub unique_seconds: f64,
    pub pause_events: u32,
    pub buffer_events: u32,
    pub stall_events: u32,
    pub error_events: u32,
    pub bitrate_changes: u32,
    pub ad_count: u32,
    pub ad_completes: u32,
    pub ad_skips: u32,
    pub chapter_count: u32,
    pub chapter_completes: u32,
    pub chapter_skips: u32,
    pub progress: [bool; MARKS.len()],
    pub content_segment: Option<String>,
    pub average_bitrate: Option<f64>,
    pub average_bitrate_bucket: Option<String>,
    pub dropped_frames: Option<f64>,
    pub frames_per_second: Option<f64>,
    pub time_to_start_ms: Option<f64>,
    pub player_errors: Vec<Box<str>>,
    pub external_errors: Vec<Box<str>>,
    pub states: Vec<PlayerState>,
    pub active_spans: Vec<(i64, i64)>,
    pub playing_spans: Vec<(i64, i64)>,
    pub watched_spans: Vec<(f64, f64)>,
    pub rewatched_spans: Vec<(f64, f64)>,
}

/// A session's row with those of its ads, chapters and errors.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionRows {
    /// The session's row.
    pub session: SessionRow,
    /// One an ad view, in order of their starts.
    pub ads: Vec<AdView>,
    /// One a chapter view, in order of their starts.
    pub chapters: Vec<ChapterView>,
    /// One an error, in order.
    pub errors: Vec<ErrorView>,
}

impl Session {
    /// The session's row as of the events processed so far.
    pub fn row(&self) -> SessionRow {
        let accounts = &self.accounts;
        let (times, counts, quality) = (&accounts.times, &accounts.counts, &accounts.quality);
        SessionRow {
            session_id: self.id,
            params: self.params.clone(),
            custom_metadata: self.custom_metadata.clone(),
            origin: self.origin,
            started_at_ms: accounts.started_at_ms,
            last_event_at_ms: accounts.previous_ms,
            received_at_ms: self.received_at_ms,
            close_reason: self.closed,
            event_count: self.event_count,
            diagnoses: accounts.diagnoses,
            content_resume: self.params.boolean(ParamId::named("media.resume")).unwrap_or(false),
            content_start: accounts.content_start,
            content_complete: accounts.content_complete,
            content_ms: times.content_ms,
            ad_ms: times.ad_ms,
            pause_ms: times.pause_ms,
            buffer_ms: times.buffer_ms,
            stall_ms: times.stall_ms,
            unique_seconds: accounts.watched.total(),
            pause_events: counts.pause_events,
            buffer_events: counts.buffer_events,
            stall_events: counts.stall_events,
            error_events: counts.error_events,
            bitrate_changes: counts.bitrate_changes,
            ad_count: counts.ads,
            ad_completes: counts.ad_completes,
            ad_skips: counts.ad_skips,
            chapter_count: counts.chapters,
            chapter_completes: counts.chapter_completes,
            chapter_skips: counts.chapter_skips,
            progress: std::array::from_fn(|mark| accounts.playheads.has_reached(mark)),
            content_segment: accounts.playheads.segment(),
            average_bitrate: quality.average_bitrate(),
            average_bitrate_bucket: quality.average_bitrate_bucket(),
            dropped_frames: quality.dropped_frames,
            frames_per_second: quality.frames_per_second,
            time_to_start_ms: quality.time_to_start_ms,
            player_errors: accounts.player_errors.clone(),
            external_errors: accounts.external_errors.clone(),
            states: accounts.states.clone(),
            active_spans: accounts.active.as_slice().to_vec(),
            playing_spans: accounts.playing.as_slice().to_vec(),
            watched_spans: accounts.watched.as_slice().to_vec(),
            rewatched_spans: accounts.rewatched.as_slice().to_vec(),
        }
    }

    /// The session's row with those of its ads, chapters and errors.
    pub fn rows(&self) -> SessionRows {
        SessionRows {
            session: self.row(),
            ads: self.accounts.ads.clone(),
            chapters: self.accounts.chapters.clone(),
            errors: self.accounts.errors.clone(),
        }
    }
}

impl SessionRow {
    /// The text of one of the columns of `sessionStart`.
    pub fn text(&self, key: ParamId) -> Option<&str> {
        self.params.text(key)
    }

    pub(crate) fn media_ms(&self) -> i64 {
        self.content_ms + self.ad_ms
    }

    pub(crate) fn average_minute_audience(&self) -> Option<f64> {
        let length = self.params.number(ParamId::named("media.length")).filter(|&length| length > 0.0)?;
        let audience = self.content_ms as f64 / 1_000.0 / length;
        let rounded = (audience * 10_000.0).round() / 10_000.0;
        // A length so small that the share overflows says as little as none.
        rounded.is_finite().then_some(rounded)
    }

    /// Each column's name and value, in row order.
    pub fn cells(&self) -> impl Iterator<Item = (&'static str, Cell<'_>)> {
        let id = std::iter::once(("session_id", Cell::Text(self.session_id.to_string().into())));
        let start = start_columns().map(|(id, column)| (column, self.params.get(id).into()));
        let accounted = SESSION_COLUMNS.iter().map(|column| (column.name, (column.cell)(self)));
        id.chain(start).chain(accounted)
    }
}

/// The columns that come from `sessionStart`: the two that say whose session it is, then the others in table order.
/// `content_resume` is filled by the accounting, which also knows it when the player said nothing.
pub fn start_columns() -> impl Iterator<Item = (ParamId, &'static str)> {
    const OWNERS: [ParamId; 2] =
        [ParamId::named("analytics.reportSuite"), ParamId::named("visitor.marketingCloudOrgId")];
    const RESUME: ParamId = ParamId::named("media.resume");
    let others = ParamId::all().filter(|id| !OWNERS.contains(id) && *id != RESUME);
    let columns =
        OWNERS.into_iter().chain(others).filter(|id| id.param().is_sent_on(EventType::SessionStart));
    columns.filter_map(|id| Some((id, id.param().column?)))
}

impl Serialize for SessionRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.cells())
    }
}

impl Serialize for SessionRows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let metadata = &self.session.custom_metadata;
        let ads: Vec<_> = self.ads.iter().map(|ad| ad.cells(metadata)).collect();
        let chapters: Vec<_> = self.chapters.iter().map(|chapter| chapter.cells(metadata)).collect();
        let errors: Vec<_> = self.errors.iter().map(ErrorView::cells).collect();
        let mut map = serializer.serialize_map(None)?;
        for (name, cell) in self.session.cells() {
            map.serialize_entry(name, &cell)?;
        }
        map.serialize_entry("ads", &ads)?;
        map.serialize_entry("chapters", &chapters)?;
        map.serialize_entry("errors", &errors)?;
        map.end()
    }
}
