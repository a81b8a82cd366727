//! Rows: a session as it looks from outside, open or closed. One function makes both, so a live number and the
//! final number cannot differ in how they are counted.

use std::borrow::Cow;

use playhead_protocol::{Origin, PackedPairs, PackedParams, ParamId, SessionId};

use crate::accounting::diagnosis::Diagnoses;
use crate::accounting::playheads::MARKS;
use crate::accounting::session::{CloseReason, Session};
use crate::accounting::views::{AdView, ChapterView, ErrorView, PlayerState};

/// Says that the session continues an earlier one.
const RESUME: ParamId = ParamId::named("media.resume");

/// One session's row, borrowed from the session or owned. Serialised, it is a flat JSON object of all columns, nulls included.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "each field is the value of the column of its name, documented in the column table"
)]
pub struct RowOf<'a> {
    pub session_id: SessionId,
    pub params: Cow<'a, PackedParams>,
    pub custom_metadata: Cow<'a, PackedPairs>,
    pub origin: Origin,
    pub started_at_ms: i64,
    pub last_event_at_ms: i64,
    pub received_at_ms: i64,
    pub clock_offset_ms: i64,
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
    pub player_errors: Cow<'a, [Box<str>]>,
    pub external_errors: Cow<'a, [Box<str>]>,
    pub states: Cow<'a, [PlayerState]>,
    pub active_spans: Cow<'a, [(i64, i64)]>,
    pub playing_spans: Cow<'a, [(i64, i64)]>,
    pub playing_until_ms: Option<i64>,
    pub watched_spans: Cow<'a, [(f64, f64)]>,
    pub rewatched_spans: Cow<'a, [(f64, f64)]>,
}

/// One session's row, owned.
pub type SessionRow = RowOf<'static>;

/// A session's row with those of its ads, chapters and errors, borrowed from the session or owned.
#[derive(Debug, Clone, PartialEq)]
pub struct RowsOf<'a> {
    /// The session's row.
    pub session: RowOf<'a>,
    /// One an ad view, in order of their starts.
    pub ads: Cow<'a, [AdView]>,
    /// One a chapter view, in order of their starts.
    pub chapters: Cow<'a, [ChapterView]>,
    /// One an error, in order.
    pub errors: Cow<'a, [ErrorView]>,
}

/// A session's row with those of its ads, chapters and errors, owned.
pub type SessionRows = RowsOf<'static>;

/// Which of the values are wanted in a row that take longer to make than to copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Derived {
    content_resume: bool,
    content_segment: bool,
    average_bitrate_bucket: bool,
    active_spans: bool,
}

impl Derived {
    /// All of them.
    const ALL: Self = Self {
        content_resume: true,
        content_segment: true,
        average_bitrate_bucket: true,
        active_spans: true,
    };

    /// Those that the columns of these names show.
    pub(crate) fn in_columns(names: &[&str]) -> Self {
        let has = |name: &str| names.contains(&name);
        Self {
            content_resume: has("content_resume") || has("media_start"),
            content_segment: has("content_segment"),
            average_bitrate_bucket: has("average_bitrate_bucket"),
            active_spans: has("active_spans"),
        }
    }
}

impl Session {
    /// Reads a little of what rows are made of and says nothing by it. Sessions lie apart in memory, so a reader of many has
    /// them fetched together before it waits for each.
    pub fn touch(&self) -> u64 {
        let accounts = &self.accounts;
        let far_apart = [accounts.started_at_ms, accounts.times.content_ms, self.clock.offset_ms];
        let first = self.params.iter().next().map_or(0, |(id, _)| id.place());
        far_apart.into_iter().fold(first as u64, |all, part| all ^ part.cast_unsigned())
    }

    /// The session's row as of the events processed so far, on its own.
    pub fn row(&self) -> SessionRow {
        self.row_view().into_owned()
    }

    /// The session's row with those of its ads, chapters and errors, on their own.
    pub fn rows(&self) -> SessionRows {
        self.rows_view().into_owned()
    }

    /// The session's row as of the events processed so far, borrowed.
    pub fn row_view(&self) -> RowOf<'_> {
        self.row_view_with(Derived::ALL)
    }

    /// The row without the values that take longer to make than to copy, but for these.
    pub(crate) fn row_view_with(&self, derived: Derived) -> RowOf<'_> {
        let accounts = &self.accounts;
        let (times, counts, quality) = (&accounts.times, &accounts.counts, &accounts.quality);
        let (ads, chapters, errors) = (accounts.ads(), accounts.chapters(), accounts.errors());
        let present = accounts.present_after_last();
        RowOf {
            session_id: self.id,
            params: Cow::Borrowed(&self.params),
            custom_metadata: Cow::Borrowed(&self.custom_metadata),
            origin: self.origin,
            started_at_ms: accounts.started_at_ms,
            last_event_at_ms: accounts.previous_ms,
            received_at_ms: self.received_at_ms,
            clock_offset_ms: self.clock.offset_ms,
            close_reason: self.closed,
            event_count: self.event_count,
            diagnoses: accounts.diagnoses,
            content_resume: derived.content_resume && self.params.boolean(RESUME).unwrap_or(false),
            content_start: accounts.content_start,
            content_complete: accounts.content_complete,
            content_ms: times.content_ms,
            ad_ms: ads.time_ms,
            pause_ms: times.pause_ms,
            buffer_ms: times.buffer_ms,
            stall_ms: times.stall_ms,
            unique_seconds: accounts.watched.total(),
            pause_events: counts.pause_events,
            buffer_events: counts.buffer_events,
            stall_events: counts.stall_events,
            error_events: errors.count,
            bitrate_changes: counts.bitrate_changes,
            ad_count: ads.views.count,
            ad_completes: ads.views.completes,
            ad_skips: ads.views.skips,
            chapter_count: chapters.count,
            chapter_completes: chapters.completes,
            chapter_skips: chapters.skips,
            progress: std::array::from_fn(|mark| accounts.playheads.has_reached(mark)),
            content_segment: if derived.content_segment { accounts.playheads.segment() } else { None },
            average_bitrate: quality.average_bitrate(),
            average_bitrate_bucket: match derived.average_bitrate_bucket {
                true => quality.average_bitrate_bucket(),
                false => None,
            },
            dropped_frames: quality.dropped_frames.get(),
            frames_per_second: quality.frames_per_second.get(),
            time_to_start_ms: quality.time_to_start_ms.get(),
            player_errors: Cow::Borrowed(&errors.player_ids),
            external_errors: Cow::Borrowed(&errors.external_ids),
            states: Cow::Borrowed(&accounts.rare().states),
            active_spans: match present {
                Some((until_ms, _)) if derived.active_spans => {
                    Cow::Owned(accounts.active.followed_by(accounts.previous_ms, until_ms))
                }
                _ => Cow::Borrowed(accounts.active.as_slice()),
            },
            playing_spans: Cow::Borrowed(accounts.playing.as_slice()),
            playing_until_ms: present.and_then(|(until_ms, is_playing)| is_playing.then_some(until_ms)),
            watched_spans: Cow::Borrowed(accounts.watched.as_slice()),
            rewatched_spans: Cow::Borrowed(accounts.rare().rewatched.as_slice()),
        }
    }

    /// The session's row with those of its ads, chapters and errors, borrowed.
    pub fn rows_view(&self) -> RowsOf<'_> {
        self.rows_view_with(Derived::ALL)
    }

    /// The same with a row as [`Self::row_view_with`] makes it.
    pub(crate) fn rows_view_with(&self, derived: Derived) -> RowsOf<'_> {
        RowsOf {
            session: self.row_view_with(derived),
            ads: Cow::Borrowed(&self.accounts.ads().views.rows),
            chapters: Cow::Borrowed(&self.accounts.chapters().rows),
            errors: Cow::Borrowed(&self.accounts.errors().rows),
        }
    }
}

impl RowOf<'_> {
    /// The row with all that it borrows cloned.
    pub fn into_owned(self) -> SessionRow {
        RowOf {
            params: Cow::Owned(self.params.into_owned()),
            custom_metadata: Cow::Owned(self.custom_metadata.into_owned()),
            player_errors: Cow::Owned(self.player_errors.into_owned()),
            external_errors: Cow::Owned(self.external_errors.into_owned()),
            states: Cow::Owned(self.states.into_owned()),
            active_spans: Cow::Owned(self.active_spans.into_owned()),
            playing_spans: Cow::Owned(self.playing_spans.into_owned()),
            watched_spans: Cow::Owned(self.watched_spans.into_owned()),
            rewatched_spans: Cow::Owned(self.rewatched_spans.into_owned()),
            ..self
        }
    }

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
}

impl RowsOf<'_> {
    /// The rows with all that they borrow cloned.
    pub fn into_owned(self) -> SessionRows {
        RowsOf {
            session: self.session.into_owned(),
            ads: Cow::Owned(self.ads.into_owned()),
            chapters: Cow::Owned(self.chapters.into_owned()),
            errors: Cow::Owned(self.errors.into_owned()),
        }
    }
}
