//! The sources of a session's rows of ads, chapters, errors and player states, and what is open or over now.

use playhead_protocol::{PackedPairs, PackedParams};
use serde::{Deserialize, Serialize};

/// How a view of an ad or chapter ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewEnd {
    /// Played to its end.
    Completed,
    /// Skipped by the viewer.
    Skipped,
    /// Cut short by a later event.
    NotCompleted,
}

impl ViewEnd {
    /// The value of column `end`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Skipped => "skipped",
            Self::NotCompleted => "not_completed",
        }
    }
}

/// One ad view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdView {
    /// The pod columns of the break.
    pub pod: PackedParams,
    /// The columns of the ad itself; they take precedence over the pod's.
    pub params: PackedParams,
    /// The ad's own metadata, which overrides the session's.
    pub custom_metadata: PackedPairs,
    /// The effective time of `adStart`, ms.
    pub started_at_ms: i64,
    /// Time played, ms.
    pub time_ms: i64,
    /// `None` while open.
    pub end: Option<ViewEnd>,
}

/// One chapter view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChapterView {
    /// The columns of the chapter.
    pub params: PackedParams,
    /// The chapter's own metadata, which overrides the session's.
    pub custom_metadata: PackedPairs,
    /// The effective time of `chapterStart`, ms.
    pub started_at_ms: i64,
    /// Time played, ms.
    pub time_ms: i64,
    /// `None` while open.
    pub end: Option<ViewEnd>,
}

/// One error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorView {
    /// The player's id, if it sent one.
    pub error_id: Option<Box<str>>,
    /// `player`, `external`, or another text of the player.
    pub source: Box<str>,
    /// The event's effective time, ms.
    pub at_ms: i64,
    /// The event's playhead, seconds, as sent.
    pub playhead: f64,
}

/// One player state (metrics contract, section 9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayerState {
    /// Its name.
    pub name: Box<str>,
    /// How often it began.
    pub count: u32,
    /// How long it was open, ms.
    pub time_ms: i64,
    /// Whether it is open now.
    pub is_open: bool,
}

/// The state that decides the account for time (metrics contract, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Playback {
    /// Nothing has played yet.
    Starting,
    /// Content or an ad is playing.
    Playing,
    /// The viewer has paused, or is seeking.
    Paused,
    /// The player is waiting for data.
    Buffering,
    /// The content has reached its end.
    Ended,
}

/// The ad or chapter that is open now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenView {
    /// Its row; `None` if the session was too large to keep one.
    pub(crate) row: Option<u32>,
}

/// The end of the content, from `sessionComplete` until the content plays again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct ContentEnd {
    /// The effective time of `sessionComplete`, ms.
    pub(crate) at_ms: i64,
    /// Its playhead for the accounting, seconds.
    pub(crate) playhead: f64,
    /// A `play` came, but the playhead has not moved yet: a replay that begins, or a player that shows its end card.
    pub(crate) is_play_pending: bool,
}
