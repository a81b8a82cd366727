//! The event types of the wire (protocol contract, section 2).

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! event_types {
    ($($variant:ident $name:literal $meaning:literal,)*) => {
        /// What a player reports with one event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum EventType {
            $(#[doc = $meaning] #[serde(rename = $name)] $variant,)*
        }

        impl EventType {
            /// Every event type, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire, in rows and in docs.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What the event says, in a few words.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// The type of that exact name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

event_types! {
    SessionStart "sessionStart" "opens a session",
    Play "play" "playback starts, or goes on after a pause, a buffering phase or a seek",
    Ping "ping" "the player is still there",
    BufferStart "bufferStart" "playback waits for data",
    PauseStart "pauseStart" "the viewer paused, or a seek began",
    BitrateChange "bitrateChange" "the player switched to another bitrate",
    Error "error" "something went wrong in the player or around it",
    SessionComplete "sessionComplete" "the end of the content was reached",
    SessionEnd "sessionEnd" "the viewer left; the session closes",
    AdBreakStart "adBreakStart" "an ad break opens",
    AdBreakComplete "adBreakComplete" "the ad break is over",
    AdStart "adStart" "an ad starts inside the open ad break",
    AdComplete "adComplete" "the ad was played to its end",
    AdSkip "adSkip" "the viewer skipped the ad",
    ChapterStart "chapterStart" "a chapter starts",
    ChapterComplete "chapterComplete" "the chapter was played to its end",
    ChapterSkip "chapterSkip" "the viewer left the chapter before its end",
    StateStart "stateStart" "a player state, such as full screen, begins",
    StateEnd "stateEnd" "a player state ends",
    StatesUpdate "statesUpdate" "several player states begin or end at once",
}

impl EventType {
    /// Whether `params` must be present (protocol contract, section 2).
    pub const fn requires_params(self) -> bool {
        matches!(
            self,
            Self::SessionStart
                | Self::AdBreakStart
                | Self::AdStart
                | Self::ChapterStart
                | Self::StateStart
                | Self::StateEnd
                | Self::StatesUpdate
        )
    }

    /// Whether `customMetadata` becomes part of a row; on other events it stays in the raw event only.
    pub const fn keeps_custom_metadata(self) -> bool {
        matches!(self, Self::SessionStart | Self::AdStart | Self::ChapterStart)
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_are_distinct() {
        assert_eq!(EventType::ALL.len(), 20);
        for &event_type in EventType::ALL {
            assert_eq!(EventType::from_name(event_type.name()), Some(event_type));
        }
        assert_eq!(EventType::from_name("SessionStart"), None);
    }
}
