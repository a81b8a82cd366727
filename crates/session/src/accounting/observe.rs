//! The hook through which callers see attributed time and applied events.
//!
//! The accounting calls an [`Observer`] at each step. `()` observes nothing and costs nothing: the calls are generic, and
//! the compiler removes them. The observed steps make up the numbers, so the explanation of a number needs no second
//! implementation of the rules.

use playhead_protocol::EventType;
use serde::{Deserialize, Serialize};

use crate::accounting::session::Session;
use crate::accounting::views::Playback;

/// An event as intervals refer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRef {
    /// The event's place in the journal.
    pub sequence: u64,
    /// Its type.
    pub event_type: EventType,
}

/// The account for the time of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Column `content_time_spent`, and the open chapter's time played.
    ContentTimeSpent,
    /// Column `ad_time_spent`, and the open ad's time played.
    AdTimeSpent,
    /// Column `total_pause_duration`.
    TotalPauseDuration,
    /// Column `total_buffer_duration`.
    TotalBufferDuration,
    /// Column `total_stall_duration`.
    TotalStallDuration,
    /// Between the ads of a break: no metric.
    AdBreakGap,
    /// Before playback began: no metric.
    Startup,
    /// After the end of the content: no metric.
    AfterEnd,
}

impl Account {
    /// Whether content or an ad plays.
    pub const fn is_playing(self) -> bool {
        matches!(self, Self::ContentTimeSpent | Self::AdTimeSpent)
    }
}

/// Time between two consecutively processed events of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// Its begin, ms since the epoch: an effective time, as are all others here.
    pub from_ms: i64,
    /// Its end, ms since the epoch; later than `from_ms`.
    pub to_ms: i64,
    /// Playback during the interval.
    pub playback: Playback,
    /// The event that began it.
    pub opened_by: EventRef,
    /// The event that ended it.
    pub closed_by: EventRef,
    /// The account for its time.
    pub account: Account,
    /// The row of the open ad that it counts for, as index into the session's ads.
    pub ad: Option<u32>,
    /// The row of the open chapter that it counts for, as index into the session's chapters.
    pub chapter: Option<u32>,
}

/// A stall: the content time from `from_ms` to `to_ms` moves to stall duration (metrics contract, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MovedToStall {
    /// The begin of the stall's run, ms since the epoch.
    pub from_ms: i64,
    /// The effective time of the event that made it a stall.
    pub to_ms: i64,
    /// That event.
    pub found_by: EventRef,
}

/// Watches the accounting.
pub trait Observer {
    /// Time was attributed.
    fn interval(&mut self, _interval: &Interval) {}

    /// Attributed time moved to a stall.
    fn moved_to_stall(&mut self, _moved: &MovedToStall) {}

    /// An event took effect; `session` is the state after it.
    fn processed(&mut self, _event: EventRef, _session: &Session) {}

    /// An accepted event left the window after the session had closed; it has no effect.
    fn ignored(&mut self, _event: EventRef) {}
}

impl Observer for () {}
