//! What happens while content plays: pauses, seeks, buffering, stalls, errors, changes of the bitrate and of states.

use playhead_protocol::time::{MINUTE_MS, SECOND_MS};

use crate::viewer::event::{Happening, Moment};
use crate::viewer::phase::Phase;
use crate::viewer::script::Script;
use crate::world::World;
use crate::world::catalogue::{BITRATES, ERRORS, STATES};

/// The mean time between two of them.
const INTERVAL_MS: i64 = 4 * MINUTE_MS;
/// The mean of pauses, and the longest: far below the time after which a server gives a session up.
const PAUSE_MS: i64 = 40 * SECOND_MS;
const PAUSE_MAX_MS: i64 = 8 * MINUTE_MS;
/// The mean of a phase of buffering, and the longest.
const BUFFERING_MS: i64 = 2 * SECOND_MS;
const BUFFERING_MAX_MS: i64 = 20 * SECOND_MS;

impl Script {
    pub(crate) fn set_disruption(&mut self, world: &World) {
        let wait_ms = self.random.waiting_ms(world.settings.scaled_ms(INTERVAL_MS));
        self.disruption_ms = self.now_ms + wait_ms.max(1);
    }

    /// Something happens now.
    pub(crate) fn disrupt(&mut self, world: &World) -> Option<Moment> {
        let is_live = self.content(world).is_live();
        self.set_disruption(world);
        match self.random.below(100) {
            0..28 => self.pause(world),
            28..48 if !is_live => self.seek(world),
            28..68 => {
                let wait_ms = self.random.waiting_ms(BUFFERING_MS).clamp(50, BUFFERING_MAX_MS);
                let until_ms = self.now_ms + world.settings.scaled_ms(wait_ms);
                self.phase = Phase::Buffering { until_ms };
                self.say(&[Happening::BufferStart])
            }
            68..80 => {
                let step = self.random.below(BITRATES.len() as u64 - 1) as u8;
                // Another one than before.
                self.quality.bitrate = step + u8::from(step >= self.quality.bitrate);
                self.say(&[Happening::BitrateChange])
            }
            80..85 => self.fail(),
            85..90 => {
                self.phase = Phase::Stalled { events: self.random.between(3, 6) as u8 };
                self.say(&[Happening::Ping])
            }
            _ => {
                let state = self.random.below(STATES.len() as u64) as u8;
                self.open_states ^= 1 << state;
                let is_open = self.open_states >> state & 1 == 1;
                self.say(&[if is_open { Happening::StateStart(state) } else { Happening::StateEnd(state) }])
            }
        }
    }

    fn pause(&mut self, world: &World) -> Option<Moment> {
        let wait_ms = self.random.waiting_ms(PAUSE_MS).clamp(500, PAUSE_MAX_MS);
        let until_ms = self.now_ms + world.settings.scaled_ms(wait_ms);
        self.phase = Phase::Paused { until_ms, resume_ms: self.playhead_ms };
        self.say(&[Happening::PauseStart])
    }

    /// Players pause for a seek.
    fn seek(&mut self, world: &World) -> Option<Moment> {
        let until_ms = self.now_ms + world.settings.scaled_ms(self.random.between(300, 2_000));
        let resume_ms = self.random.between(0, self.content(world).length_ms - 1);
        self.phase = Phase::Paused { until_ms, resume_ms };
        self.say(&[Happening::PauseStart])
    }

    fn fail(&mut self) -> Option<Moment> {
        let error = self.random.ranked(ERRORS.len()) as u8;
        if self.random.happens(0.1) {
            // The player gives up.
            self.phase = Phase::Gone;
        }
        let is_external = self.random.happens(0.2);
        self.say(&[Happening::Error { error, is_external }])
    }

    pub(crate) fn stay_paused(&mut self, world: &World, until_ms: i64, resume_ms: i64) -> Option<Moment> {
        let at_ms = until_ms.min(self.ping_ms);
        if self.leave_ms <= at_ms {
            return self.leave();
        }
        self.pass_until(at_ms);
        if at_ms < until_ms {
            self.set_ping(world);
            return self.say(&[Happening::Ping]);
        }
        let content = self.content(world);
        self.phase = Phase::Playing;
        // Live content goes on where it is now.
        self.playhead_ms = if content.is_live() { self.now_ms } else { resume_ms };
        let passed = content.mid_rolls_ms.iter().filter(|roll_ms| **roll_ms <= self.playhead_ms).count();
        self.mid_rolls_seen = self.mid_rolls_seen.max(passed as u8);
        let before = self.chapter;
        if before.is_none_or(|number| i64::from(number) == self.playhead_ms / content.chapter_ms) {
            return self.say(&[Happening::Play]);
        }
        match self.enter_chapter(content) {
            Some(chapter) => self.say(&[Happening::ChapterSkip, chapter, Happening::Play]),
            None => self.say(&[Happening::Play]),
        }
    }

    pub(crate) fn stay_buffering(&mut self, world: &World, until_ms: i64) -> Option<Moment> {
        let at_ms = until_ms.min(self.ping_ms);
        if self.leave_ms <= at_ms {
            return self.leave();
        }
        self.pass_until(at_ms);
        if at_ms < until_ms {
            self.set_ping(world);
            return self.say(&[Happening::Ping]);
        }
        self.phase = Phase::Playing;
        if self.content(world).is_live() {
            self.playhead_ms = self.now_ms;
        }
        self.say(&[Happening::Play])
    }

    /// The playhead stands still, and the player says that it plays.
    pub(crate) fn stay_stalled(&mut self, world: &World, events: u8) -> Option<Moment> {
        let at_ms = self.now_ms + world.settings.scaled_ms(SECOND_MS);
        if self.leave_ms <= at_ms {
            return self.leave();
        }
        self.pass_until(at_ms);
        self.phase = if events > 1 { Phase::Stalled { events: events - 1 } } else { Phase::Playing };
        self.ping_ms = self.ping_ms.max(self.now_ms + 1);
        self.say(&[Happening::Play])
    }
}
