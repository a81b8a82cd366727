//! Diagnoses: findings about the player that sent a session's events, and one about the server's clock. A diagnosis does not change a number by itself.

use serde::{Deserialize, Serialize};

macro_rules! diagnoses {
    ($($variant:ident $name:literal $meaning:literal $advice:literal,)*) => {
        /// One finding about a session.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Diagnosis {
            $(#[doc = $meaning] $variant,)*
        }

        impl Diagnosis {
            /// Every diagnosis, in the order in which rows list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in rows, filters and docs.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The cause, and its effect on the accounting.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// The change that the player needs.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)* }
            }
        }
    };
}

diagnoses! {
    EventBeforeStart "event_before_start"
        "The first event after `sessionStart` carries an earlier timestamp; the session starts at that earlier time."
        "Send sessionStart with the time at which it was queued, not the time at which it was sent.",
    LateEvent "late_event"
        "An event came after the reorder window had closed behind its timestamp; it took effect with no elapsed time."
        "Send events when they happen, and do not hold back single ones for longer than the reorder window.",
    PlayheadOutOfRange "playhead_out_of_range"
        "An event's playhead lies below 0, where it counted as 0, or more than a second beyond the end of the content."
        "Report the playhead in seconds from the start of the content (seconds of the day when live).",
    PlayheadFrozen "playhead_frozen"
        "The playhead stood still for more than a minute of playback; that time is a stall, not content time."
        "Send the playhead of the moment with every event, for live content too: the second of the day.",
    UnknownParam "unknown_param"
        "`params` or `qoeData` held a key that is not documented for the event; it is kept in the raw event only."
        "Check the spelling of the key; put your own values into customMetadata.",
    MissingParam "missing_param"
        "A mandatory key was missing; the validation level `lenient` let it pass."
        "Send every mandatory key: stricter levels refuse the event.",
    AdBreakNotCompleted "ad_break_not_completed"
        "An ad break began inside an open one, which was closed first."
        "Send adBreakComplete at the end of every ad break.",
    AdNotCompleted "ad_not_completed"
        "An ad began while another was open, which was closed as not completed."
        "Send adComplete or adSkip at the end of every ad.",
    AdOutsideBreak "ad_outside_break"
        "An ad began outside an ad break; it was ignored and its time stayed content time."
        "Send adBreakStart before the first ad of a break.",
    AdNotStarted "ad_not_started"
        "An ad ended that had not begun; the event was ignored."
        "Send adStart before adComplete or adSkip.",
    AdBreakNotStarted "ad_break_not_started"
        "An ad break ended that had not begun; the event was ignored."
        "Send adBreakStart before adBreakComplete.",
    ChapterNotCompleted "chapter_not_completed"
        "A chapter began while another was open, which was closed as not completed."
        "Send chapterComplete or chapterSkip at the end of every chapter.",
    ChapterNotStarted "chapter_not_started"
        "A chapter ended that had not begun; the event was ignored."
        "Send chapterStart before chapterComplete or chapterSkip.",
    StateNotStarted "state_not_started"
        "A player state ended that had not begun; the event was ignored."
        "Send stateStart before stateEnd, with the same name.",
    TooManyStates "too_many_states"
        "More than ten distinct player states were reported; the later ones were ignored."
        "Use at most ten names of player states in a session.",
    SessionTooLarge "session_too_large"
        "The session went past a limit on what one session may hold; detail rows or spans were dropped. Counts and times go on, but parts of the content watched from then on may be missing from unique_time_played."
        "Look for a loop in the player that opens ads, chapters or errors again and again.",
    ClockWrong "clock_wrong"
        "The device's clock was wrong: `sessionStart` lay more than a day ahead of its arrival or before 2015, or a downloaded session ended more than a day ahead of its arrival. All its times were moved: it begins when `sessionStart` arrived, a downloaded one ends when it arrived; `clock_offset_ms` says by how much."
        "Wait until the device knows the time before you send sessionStart, or ask a server for the time.",
    ClockStep "clock_step"
        "The device's clock was set while the session was open: an event lay more than ten minutes (the idle timeout if that is longer; a day in a downloaded session) before or after the latest one. It counts as later than that one by the time that went by between their arrivals, in a downloaded session by none; `clock_offset_ms` is the last correction."
        "Measure `ts` with a clock that nobody sets: take the time once, and add what a monotonic clock says.",
    TsInSeconds "ts_in_seconds"
        "A `ts` looks like seconds since 1970. It was taken for milliseconds, so that only a thousandth of the time between such events counts."
        "Send `ts` in milliseconds since 1970.",
    ServerClockStepped "server_clock_stepped"
        "The server's clock was set forwards or back while the session was open. Times of arrival, `received_at` among them, are those of the clock as it went then; timeouts went on by the time that really passed."
        "Nothing: this is not the player's doing. Keep the server's clock synchronised.",
}

/// The diagnoses of one session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnoses(u32);

impl Diagnoses {
    /// Adds a diagnosis; adding it again changes nothing.
    pub fn add(&mut self, diagnosis: Diagnosis) {
        self.0 |= Self::bit(diagnosis);
    }

    /// Whether the session has it.
    pub fn has(self, diagnosis: Diagnosis) -> bool {
        self.0 & Self::bit(diagnosis) != 0
    }

    /// The diagnoses of the session, in the order of [`Diagnosis::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Diagnosis> {
        Diagnosis::ALL.iter().copied().filter(move |&diagnosis| self.has(diagnosis))
    }

    /// The diagnoses that `self` has and `earlier` does not have.
    pub fn since(self, earlier: Self) -> Self {
        Self(self.0 & !earlier.0)
    }

    const fn bit(diagnosis: Diagnosis) -> u32 {
        1 << diagnosis as u32
    }
}
