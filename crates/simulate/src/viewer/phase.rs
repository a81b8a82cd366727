//! What a viewer is doing.

use crate::viewer::event::Roll;

/// What a viewer is doing, with what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Has not come yet.
    Arriving,
    /// `sessionStart` is sent, and nothing plays.
    Starting,
    /// In an ad break.
    Break(Break),
    /// After a break, before the content goes on.
    AfterBreak,
    /// The content plays.
    Playing,
    /// Until then, with the playhead to go on from.
    Paused { until_ms: i64, resume_ms: i64 },
    /// Until then.
    Buffering { until_ms: i64 },
    /// Plays without moving, for so many events more.
    Stalled { events: u8 },
    /// The content has ended; `sessionEnd` follows then.
    Ended { until_ms: i64 },
    /// Has sent all.
    Gone,
}

/// An ad break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Break {
    pub(crate) roll: Roll,
    pub(crate) number: u16,
    /// Ads after the present one.
    pub(crate) ads_left: u8,
    /// The place of the present ad, from 1.
    pub(crate) place: u8,
    /// When the present ad, or the gap behind it, ends.
    pub(crate) until_ms: i64,
    pub(crate) is_skipped: bool,
    /// Whether it is the gap between two ads.
    pub(crate) is_gap: bool,
}
