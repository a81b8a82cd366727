//! The columns of the rows: one table from which JSON, SQL and docs come.
//!
//! The columns of `sessionStart`, ads and chapters come from the parameter table; those here are what the accounting
//! adds.

use std::borrow::Cow;
use std::fmt;

use playhead_protocol::ParamId;

use crate::rows::cell::{Cell, to_ms_precision};
use crate::rows::param_columns::OF_START;
use crate::rows::row::RowOf;

/// One column that the accounting fills.
#[derive(Clone, Copy)]
pub struct Column {
    /// Its name, everywhere.
    pub name: &'static str,
    /// Its type.
    pub column_type: ColumnType,
    /// What it says, and how it is counted.
    pub meaning: &'static str,
    /// The section of the metrics contract that rules it; `None` for what the server knows by itself.
    pub section: Option<u8>,
    /// The value in a row.
    pub(crate) cell: for<'row> fn(&'row RowOf<'_>) -> Cell<'row>,
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Column").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Types of columns, with their units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Text.
    Text,
    /// A truth value; 0 or 1 in reports.
    Boolean,
    /// A whole number; reports add it up.
    Count,
    /// A whole number of milliseconds that no report adds up.
    Milliseconds,
    /// Any number.
    Number,
    /// Seconds, to the millisecond.
    Seconds,
    /// A moment, UTC, to the millisecond.
    Time,
    /// A list of texts.
    Texts,
    /// A map of texts.
    TextMap,
    /// A list of `{name, count, time}`, time in seconds.
    States,
    /// A list of `{from, to}`, moments.
    TimeSpans,
    /// A list of `{from, to}`, content seconds.
    ContentSpans,
}

impl ColumnType {
    /// The type in words, for docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Count => "count",
            Self::Milliseconds => "milliseconds",
            Self::Number => "number",
            Self::Seconds => "seconds",
            Self::Time => "time (UTC, ms)",
            Self::Texts => "list of texts",
            Self::TextMap => "map of texts",
            Self::States => "list of {name, count, time}",
            Self::TimeSpans => "list of {from, to}, times",
            Self::ContentSpans => "list of {from, to}, content seconds",
        }
    }
}

macro_rules! columns {
    ($($name:ident: $type:ident, $section:expr, $meaning:literal, $cell:expr;)*) => {
        &[$(Column {
            name: stringify!($name),
            column_type: ColumnType::$type,
            meaning: $meaning,
            section: $section,
            cell: $cell,
        },)*]
    };
}

/// What a session row says beside the columns of its `sessionStart`, in row order.
#[rustfmt::skip]
pub static SESSION_COLUMNS: &[Column] = columns! {
    custom_metadata: TextMap, None, "Custom metadata of sessionStart.", |row| Cell::Pairs(Cow::Borrowed(&row.custom_metadata));
    source: Text, None, "The door through which the session came: collection_v1, edge or downloaded.", |row| Cell::from(row.origin.source());
    started_at: Time, Some(1), "When the session began, by the device's clock, corrected where that is wrong.", |row| Cell::Time(row.started_at_ms);
    last_event_at: Time, Some(10), "The latest time of a processed event, by the device's clock, corrected where that is wrong; where the session closes.", |row| Cell::Time(row.last_event_at_ms);
    received_at: Time, None, "When sessionStart arrived, by the server's clock.", |row| Cell::Time(row.received_at_ms);
    clock_offset_ms: Milliseconds, Some(11), "What was added to the timestamp of the last event for its time in this row: 0 unless the device's clock was wrong. Null for sessions that a release before this column counted.", |row| Cell::Integer(row.clock_offset_ms);
    close_reason: Text, Some(7), "session_end, idle_10m, idle_playhead_30m or downloaded; null while open.", |row| row.close_reason.map(|reason| reason.name()).into();
    is_open: Boolean, Some(12), "Whether the session may still change.", |row| Cell::Boolean(row.close_reason.is_none());
    event_count: Count, None, "Accepted events, sessionStart included, duplicates not.", |row| row.event_count.into();
    diagnoses: Texts, Some(1), "What the events say about the player; see the list of diagnoses.", |row| Cell::Texts(row.diagnoses.iter().map(|diagnosis| diagnosis.name().into()).collect());
    media_start: Boolean, Some(4), "The session is a new view, not the continuation of an earlier one.", |row| Cell::Boolean(!row.content_resume);
    content_resume: Boolean, Some(4), "The session continues an earlier one (media.resume).", |row| Cell::Boolean(row.content_resume);
    content_start: Boolean, Some(4), "Content began: the first play outside an ad break, or the first interval of content time.", |row| Cell::Boolean(row.content_start);
    content_complete: Boolean, Some(4), "The end of the content was reached.", |row| Cell::Boolean(row.content_complete);
    drop_before_start: Boolean, Some(7), "The session closed without content start.", |row| Cell::Boolean(row.close_reason.is_some() && !row.content_start);
    start_failure: Boolean, Some(7), "The session closed without content start, and the player reported an error. Null for sessions that a release before this column counted.", |row| Cell::Boolean(row.is_start_failure());
    exit_before_start: Boolean, Some(7), "The session closed without content start and without an error: the viewer left before it. Null for sessions that a release before this column counted.", |row| Cell::Boolean(row.is_exit_before_start());
    content_time_spent: Seconds, Some(3), "Time during which content played.", |row| Cell::Seconds(row.content_ms);
    ad_time_spent: Seconds, Some(3), "Time during which ads played.", |row| Cell::Seconds(row.ad_ms);
    media_time_spent: Seconds, Some(3), "Content time spent plus ad time spent.", |row| Cell::Seconds(row.media_ms());
    unique_time_played: Seconds, Some(6), "Length of the parts of the content that were watched, each counted once.", |row| Cell::Number(to_ms_precision(row.unique_seconds));
    total_pause_duration: Seconds, Some(3), "Time during which playback was paused.", |row| Cell::Seconds(row.pause_ms);
    total_buffer_duration: Seconds, Some(3), "Time during which the player waited for data.", |row| Cell::Seconds(row.buffer_ms);
    total_stall_duration: Seconds, Some(5), "Time during which playback should have gone on but the playhead stood still.", |row| Cell::Seconds(row.stall_ms);
    pause_events: Count, Some(4), "Pauses that began.", |row| row.pause_events.into();
    buffer_events: Count, Some(4), "Buffering phases.", |row| row.buffer_events.into();
    stall_events: Count, Some(5), "Stalls that were found.", |row| row.stall_events.into();
    error_events: Count, Some(4), "Errors that the player reported.", |row| row.error_events.into();
    bitrate_changes: Count, Some(4), "Changes of the bitrate.", |row| row.bitrate_changes.into();
    ad_count: Count, Some(4), "Ads that started.", |row| row.ad_count.into();
    ad_completes: Count, Some(4), "Ads that were completed.", |row| row.ad_completes.into();
    ad_skips: Count, Some(4), "Ads that were skipped.", |row| row.ad_skips.into();
    chapter_count: Count, Some(4), "Chapters that started.", |row| row.chapter_count.into();
    chapter_completes: Count, Some(4), "Chapters that were completed.", |row| row.chapter_completes.into();
    chapter_skips: Count, Some(4), "Chapters that were skipped.", |row| row.chapter_skips.into();
    progress_10: Boolean, Some(6), "The playhead reached 10 % of the content.", |row| Cell::Boolean(row.progress[0]);
    progress_25: Boolean, Some(6), "The playhead reached 25 % of the content.", |row| Cell::Boolean(row.progress[1]);
    progress_50: Boolean, Some(6), "The playhead reached 50 % of the content.", |row| Cell::Boolean(row.progress[2]);
    progress_75: Boolean, Some(6), "The playhead reached 75 % of the content.", |row| Cell::Boolean(row.progress[3]);
    progress_95: Boolean, Some(6), "The playhead reached 95 % of the content.", |row| Cell::Boolean(row.progress[4]);
    content_segment: Text, Some(6), "The range of playheads seen, in minutes, widened to five-minute bounds.", |row| row.content_segment.as_deref().into();
    average_minute_audience: Number, Some(7), "Content time spent divided by content length, to four decimals; null without a length.", |row| row.average_minute_audience().into();
    estimated_streams: Count, Some(7), "One for each started half hour of media time spent.", |row| Cell::Integer(row.media_ms() / ESTIMATED_STREAM_MS + 1);
    average_bitrate: Number, Some(7), "Bitrate weighted by the time for which it played, in the player's unit.", |row| row.average_bitrate.into();
    average_bitrate_bucket: Text, Some(7), "The hundred that the average bitrate falls into.", |row| row.average_bitrate_bucket.as_deref().into();
    dropped_frames: Number, Some(7), "Frames dropped, as last reported.", |row| row.dropped_frames.into();
    frames_per_second: Number, Some(7), "Frame rate, as last reported.", |row| row.frames_per_second.into();
    time_to_start_ms: Number, Some(7), "Milliseconds from the request to play to the first frame, the last value above 0.", |row| row.time_to_start_ms.into();
    qoe_score: Number, Some(7), "Quality of experience, from 0 to 100: what waiting for the start, waiting afterwards and errors leave of 100; 0 for a start failure. Null if content has not started otherwise, and for sessions that a release before this column counted.", |row| row.qoe_score().into();
    player_errors: Texts, Some(8), "Distinct error ids of the player, at most 20.", |row| Cell::texts(&row.player_errors);
    external_errors: Texts, Some(8), "Distinct error ids from outside the player, at most 20.", |row| Cell::texts(&row.external_errors);
    states: States, Some(9), "Player states: how often each began and for how long it was open.", |row| Cell::States(Cow::Borrowed(&row.states));
    active_spans: TimeSpans, Some(3), "When the session was active (anything but after its end or while it was silent), by the device's clock, corrected where that is wrong.", |row| Cell::TimeSpans(Cow::Borrowed(&row.active_spans));
    playing_spans: TimeSpans, Some(3), "When content or an ad was playing, by the device's clock, corrected where that is wrong.", |row| Cell::TimeSpans(Cow::Borrowed(&row.playing_spans));
    playing_until: Time, Some(3), "Until when the session counts as playing after its last event, because the player fell silent while it played: concurrency counts that, and no time spent does. Null if it ended, or did not play last.", |row| row.playing_until_ms.map_or(Cell::Null, Cell::Time);
    watched_spans: ContentSpans, Some(6), "The parts of the content that were watched.", |row| Cell::ContentSpans(Cow::Borrowed(&row.watched_spans));
    rewatched_spans: ContentSpans, Some(6), "The parts of the content that the session watched again, in the order in which that happened; once for each time.", |row| Cell::ContentSpans(Cow::Borrowed(&row.rewatched_spans));
};

/// Media time for which one estimated stream is counted (metrics contract, section 7).
const ESTIMATED_STREAM_MS: i64 = 1_800_000;

/// The columns that come from `sessionStart`: the two that say whose session it is, then the others in table order.
/// `content_resume` is filled by the accounting, which also knows it when the player said nothing.
pub fn start_columns() -> impl Iterator<Item = (ParamId, &'static str)> {
    OF_START.iter()
}
