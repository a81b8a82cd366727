//! What a player says, before it is written as JSON.

/// A kind of requests whose latencies are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RequestKind {
    /// `sessionStart`.
    Start,
    /// `ping`.
    Ping,
    /// `play`, `pauseStart`, `bufferStart`.
    Playback,
    /// Ad breaks, and ads but for their completion.
    Ad,
    /// `adComplete`.
    AdComplete,
    /// Chapters.
    Chapter,
    /// `bitrateChange`, `error`, player states.
    Condition,
    /// `sessionComplete`, `sessionEnd`.
    End,
}

impl RequestKind {
    /// All kinds, in order.
    pub(crate) const ALL: [Self; 8] = [
        Self::Start,
        Self::Ping,
        Self::Playback,
        Self::Ad,
        Self::AdComplete,
        Self::Chapter,
        Self::Condition,
        Self::End,
    ];

    /// Its name in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Ping => "ping",
            Self::Playback => "playback",
            Self::Ad => "ad",
            Self::AdComplete => "ad_complete",
            Self::Chapter => "chapter",
            Self::Condition => "condition",
            Self::End => "end",
        }
    }
}

/// The place of an ad break in the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Roll {
    Pre,
    Mid,
    Post,
    Live,
}

impl Roll {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pre => "pre-roll",
            Self::Mid => "mid-roll",
            Self::Post => "post-roll",
            Self::Live => "live break",
        }
    }
}

/// The type of an event with what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    SessionStart,
    Play,
    Ping,
    PauseStart,
    BufferStart,
    BitrateChange,
    /// The number of its id.
    Error {
        error: u8,
        is_external: bool,
    },
    SessionComplete,
    SessionEnd,
    AdBreakStart {
        roll: Roll,
        number: u16,
    },
    AdStart {
        ad: u8,
        place: u8,
    },
    AdComplete,
    AdSkip,
    AdBreakComplete,
    /// The number of the chapter, from 0.
    ChapterStart(u8),
    ChapterComplete,
    ChapterSkip,
    /// The number of the state.
    StateStart(u8),
    StateEnd(u8),
}

impl Happening {
    /// `eventType`.
    pub(crate) const fn event_type(self) -> &'static str {
        match self {
            Self::SessionStart => "sessionStart",
            Self::Play => "play",
            Self::Ping => "ping",
            Self::PauseStart => "pauseStart",
            Self::BufferStart => "bufferStart",
            Self::BitrateChange => "bitrateChange",
            Self::Error { .. } => "error",
            Self::SessionComplete => "sessionComplete",
            Self::SessionEnd => "sessionEnd",
            Self::AdBreakStart { .. } => "adBreakStart",
            Self::AdStart { .. } => "adStart",
            Self::AdComplete => "adComplete",
            Self::AdSkip => "adSkip",
            Self::AdBreakComplete => "adBreakComplete",
            Self::ChapterStart(_) => "chapterStart",
            Self::ChapterComplete => "chapterComplete",
            Self::ChapterSkip => "chapterSkip",
            Self::StateStart(_) => "stateStart",
            Self::StateEnd(_) => "stateEnd",
        }
    }

    pub(crate) const fn kind(self) -> RequestKind {
        match self {
            Self::SessionStart => RequestKind::Start,
            Self::Ping => RequestKind::Ping,
            Self::Play | Self::PauseStart | Self::BufferStart => RequestKind::Playback,
            Self::AdBreakStart { .. } | Self::AdStart { .. } | Self::AdSkip | Self::AdBreakComplete => {
                RequestKind::Ad
            }
            Self::AdComplete => RequestKind::AdComplete,
            Self::ChapterStart(_) | Self::ChapterComplete | Self::ChapterSkip => RequestKind::Chapter,
            Self::BitrateChange | Self::Error { .. } | Self::StateStart(_) | Self::StateEnd(_) => {
                RequestKind::Condition
            }
            Self::SessionComplete | Self::SessionEnd => RequestKind::End,
        }
    }
}

/// Quality values of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quality {
    /// A step of the ladder.
    pub(crate) bitrate: u8,
    pub(crate) dropped_frames: u16,
    pub(crate) time_to_start_ms: u16,
}

/// An event. Times count from the beginning of the run, and so does the playhead of live content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) happening: Happening,
    pub(crate) ts_ms: i64,
    pub(crate) playhead_ms: i64,
    pub(crate) quality: Option<Quality>,
    /// Whether the player takes the answer for lost, and sends the event again.
    pub(crate) is_sent_twice: bool,
}

/// Events of one moment, which a player sends beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// When they are to be sent, ms since the beginning of the run.
    pub(crate) due_ms: i64,
    events: [Option<Event>; MOMENT_EVENTS_MAX],
}

/// Requests of a session at one time.
pub(crate) const MOMENT_EVENTS_MAX: usize = 3;

impl Moment {
    /// At most three events; what is beyond is dropped.
    pub(crate) fn new(due_ms: i64, events: impl IntoIterator<Item = Event>) -> Self {
        let mut moment = Self { due_ms, events: [None; MOMENT_EVENTS_MAX] };
        for (place, event) in moment.events.iter_mut().zip(events) {
            *place = Some(event);
        }
        moment
    }

    pub(crate) fn len(&self) -> usize {
        self.events.iter().flatten().count()
    }

    pub(crate) fn event(&self, place: usize) -> Option<&Event> {
        self.events.get(place)?.as_ref()
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().flatten()
    }
}
