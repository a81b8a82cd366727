//! The course of one session: what the player sends next, and when.

use std::collections::VecDeque;

use playhead_protocol::time::{MINUTE_MS, SECOND_MS};

use crate::settings::Curve;
use crate::viewer::event::{Event, Happening, Moment, Quality, Roll};
use crate::viewer::phase::Phase;
use crate::world::World;
use crate::world::catalogue::{BITRATES, CHANNELS, Content, ERRORS, PLAYERS, Player, REPORT_SUITES};
use playhead_random::Random;

/// Between two pings.
const PING_INTERVAL_MS: i64 = 10 * SECOND_MS;
/// The share of viewers who go without a word.
const CRASH_SHARE: f64 = 0.2;
/// The share of events that are sent twice, because the player takes the answer for lost.
const TWICE_SHARE: f64 = 0.003;

/// Who watches what on what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The viewer's seat, and how many sessions it had before.
    pub(crate) seat: u32,
    pub(crate) visit: u32,
    pub(crate) content: u16,
    pub(crate) player: u8,
    pub(crate) channel: u8,
    pub(crate) report_suite: u8,
    /// Whether the viewer pays for watching without pre-rolls.
    pub(crate) has_plan: bool,
    pub(crate) is_resumed: bool,
}

/// A session on its way. Times count from the beginning of the run.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) identity: Identity,
    pub(crate) random: Random,
    pub(crate) phase: Phase,
    /// The time of the last event.
    pub(crate) now_ms: i64,
    /// When the last event was due.
    due_ms: i64,
    pub(crate) playhead_ms: i64,
    pub(crate) leave_ms: i64,
    pub(crate) has_crash: bool,
    pub(crate) ping_ms: i64,
    pub(crate) disruption_ms: i64,
    pub(crate) mid_rolls_seen: u8,
    pub(crate) breaks_seen: u16,
    pub(crate) live_break: (u16, i64),
    pub(crate) has_content: bool,
    /// Whether a second `play` is sent in place of the next ping.
    owes_play: bool,
    pub(crate) chapter: Option<u8>,
    pub(crate) quality: Quality,
    pub(crate) open_states: u8,
    /// What follows the last event at once, one after the other.
    queue: VecDeque<Happening>,
}

impl Script {
    /// The session of a visit that begins then.
    pub(crate) fn new(world: &World, seat: u32, visit: u32, arrival_ms: i64) -> Self {
        let mut random = Random::of(world.settings.seed, u64::from(seat) << 32 | u64::from(visit));
        let content_number = world.catalogue.choose(&mut random);
        let content = world.catalogue.content(content_number);
        let is_resumed = !content.is_live() && random.happens(0.1);
        let start_ms = if is_resumed { random.between(0, content.length_ms / 2) } else { 0 };
        let leave_ms = leave_ms(world, content, arrival_ms, &mut random);
        Self {
            identity: Identity {
                seat,
                visit,
                content: content_number,
                player: random.ranked(PLAYERS.len()) as u8,
                channel: random.ranked(CHANNELS.len()) as u8,
                report_suite: random.ranked(REPORT_SUITES.len()) as u8,
                has_plan: random.happens(0.25),
                is_resumed,
            },
            phase: Phase::Arriving,
            now_ms: arrival_ms,
            due_ms: arrival_ms,
            playhead_ms: if content.is_live() { arrival_ms } else { start_ms },
            leave_ms,
            has_crash: random.happens(CRASH_SHARE),
            ping_ms: i64::MAX,
            disruption_ms: i64::MAX,
            mid_rolls_seen: content.mid_rolls_ms.iter().filter(|at_ms| **at_ms <= start_ms).count() as u8,
            breaks_seen: 0,
            live_break: world.schedule.live_break_after(arrival_ms),
            has_content: false,
            owes_play: false,
            chapter: None,
            quality: Quality {
                bitrate: random.below(BITRATES.len() as u64) as u8,
                dropped_frames: 0,
                time_to_start_ms: random.between(200, 1_200) as u16,
            },
            open_states: 0,
            queue: VecDeque::new(),
            random,
        }
    }

    /// What the player sends next; `None` if the viewer has gone.
    pub(crate) fn next(&mut self, world: &World) -> Option<Moment> {
        if let Some(happening) = self.queue.pop_front() {
            self.pass_until(self.now_ms + 1);
            return Some(self.moment(&[happening]));
        }
        match self.phase {
            Phase::Arriving => {
                self.phase = Phase::Starting;
                Some(self.moment(&[Happening::SessionStart]))
            }
            Phase::Starting => self.start(world),
            Phase::Break(ad_break) => self.go_on_in_break(world, ad_break),
            Phase::AfterBreak => self.begin_content(world),
            Phase::Playing => self.play_on(world),
            Phase::Paused { until_ms, resume_ms } => self.stay_paused(world, until_ms, resume_ms),
            Phase::Buffering { until_ms } => self.stay_buffering(world, until_ms),
            Phase::Stalled { events } => self.stay_stalled(world, events),
            Phase::Ended { until_ms } => {
                self.phase = Phase::Gone;
                self.pass_until(until_ms);
                Some(self.moment(&[Happening::SessionEnd]))
            }
            Phase::Gone => None,
        }
    }

    pub(crate) fn player(&self) -> &'static Player {
        &PLAYERS[usize::from(self.identity.player)]
    }

    pub(crate) fn content<'world>(&self, world: &'world World) -> &'world Content {
        world.catalogue.content(self.identity.content)
    }

    /// The moment of these events now, with what their player sends beside each other; the rest follows one by one.
    pub(crate) fn say(&mut self, happenings: &[Happening]) -> Option<Moment> {
        if self.player().is_parallel {
            return Some(self.moment(happenings));
        }
        let (first, rest) = happenings.split_first()?;
        self.queue.extend(rest);
        Some(self.moment(&[*first]))
    }

    /// What is sent behind the last moment, one by one.
    pub(crate) fn follow(&mut self, happenings: &[Happening]) {
        self.queue.extend(happenings);
    }

    fn moment(&mut self, happenings: &[Happening]) -> Moment {
        self.due_ms = self.due_ms.max(self.now_ms);
        let quality = self.quality;
        let (ts_ms, playhead_ms) = (self.now_ms, self.playhead_ms);
        let random = &mut self.random;
        let events = happenings.iter().map(|happening| Event {
            happening: *happening,
            ts_ms,
            playhead_ms,
            quality: has_quality(*happening).then_some(quality),
            is_sent_twice: *happening != Happening::SessionStart && random.happens(TWICE_SHARE),
        });
        Moment::new(self.due_ms, events)
    }

    /// Lets time pass; the content moves while it plays.
    pub(crate) fn pass_until(&mut self, at_ms: i64) {
        let at_ms = at_ms.max(self.now_ms + 1);
        if self.phase == Phase::Playing {
            self.playhead_ms += at_ms - self.now_ms;
        }
        self.now_ms = at_ms;
    }

    /// The viewer goes.
    pub(crate) fn leave(&mut self) -> Option<Moment> {
        self.pass_until(self.leave_ms);
        self.phase = Phase::Gone;
        if self.has_crash {
            return None;
        }
        Some(self.moment(&[Happening::SessionEnd]))
    }

    /// When the next ping is due if none is due before.
    pub(crate) fn set_ping(&mut self, world: &World) {
        self.ping_ms = self.now_ms + world.settings.scaled_ms(PING_INTERVAL_MS);
    }

    /// After `sessionStart`: an ad, the content, or neither.
    fn start(&mut self, world: &World) -> Option<Moment> {
        self.set_ping(world);
        if self.random.happens(0.008) {
            self.pass_until(self.now_ms + world.settings.scaled_ms(800));
            self.leave_ms = self.now_ms;
            self.phase = Phase::Ended { until_ms: self.now_ms + 1 };
            if self.has_crash {
                self.phase = Phase::Gone;
            }
            let error = self.random.ranked(ERRORS.len()) as u8;
            return self.say(&[Happening::Error { error, is_external: false }]);
        }
        let has_ads = !self.identity.has_plan && self.random.happens(0.7);
        let wait_ms = world.settings.scaled_ms(self.random.between(100, 1_500));
        if has_ads && self.player().holds_start {
            // The ad began before `sessionStart`; what was kept back is sent behind it.
            self.now_ms -= wait_ms;
            return self.begin_break(world, Roll::Pre, 0);
        }
        if self.leave_ms <= self.now_ms + wait_ms {
            return self.leave();
        }
        self.pass_until(self.now_ms + wait_ms);
        match has_ads {
            true => self.begin_break(world, Roll::Pre, 0),
            false => self.begin_content(world),
        }
    }

    /// The content begins or goes on behind a break.
    fn begin_content(&mut self, world: &World) -> Option<Moment> {
        let wait_ms = world.settings.scaled_ms(60);
        if self.leave_ms <= self.now_ms + wait_ms {
            return self.leave();
        }
        self.pass_until(self.now_ms + wait_ms);
        self.phase = Phase::Playing;
        let content = self.content(world);
        if content.is_live() {
            self.playhead_ms = self.now_ms;
        }
        self.set_ping(world);
        if self.has_content {
            return self.say(&[Happening::Play]);
        }
        self.has_content = true;
        self.set_disruption(world);
        if self.player().repeats_play {
            self.owes_play = true;
            self.ping_ms = self.now_ms + world.settings.scaled_ms(SECOND_MS);
        }
        match self.enter_chapter(content) {
            Some(chapter) => self.say(&[Happening::Play, chapter]),
            None => self.say(&[Happening::Play]),
        }
    }

    /// Opens the chapter at the playhead, if the content has chapters.
    pub(crate) fn enter_chapter(&mut self, content: &Content) -> Option<Happening> {
        if content.chapter_ms == 0 {
            return None;
        }
        let number = (self.playhead_ms / content.chapter_ms) as u8;
        self.chapter = Some(number);
        Some(Happening::ChapterStart(number))
    }

    fn play_on(&mut self, world: &World) -> Option<Moment> {
        let content = self.content(world);
        let in_ms = |playhead_ms: i64| self.now_ms + (playhead_ms - self.playhead_ms).max(0);
        let end_ms = if content.is_live() { i64::MAX } else { in_ms(content.length_ms) };
        let break_ms = match content.mid_rolls_ms.get(usize::from(self.mid_rolls_seen)) {
            Some(at_ms) => in_ms(*at_ms),
            None if content.is_live() => self.live_break.1,
            None => i64::MAX,
        };
        let chapter_ms =
            self.chapter.map_or(i64::MAX, |number| in_ms((i64::from(number) + 1) * content.chapter_ms));
        let events = [end_ms, break_ms, chapter_ms, self.disruption_ms, self.ping_ms];
        let at_ms = events.into_iter().fold(i64::MAX, i64::min);
        if self.leave_ms <= at_ms {
            return self.leave();
        }
        self.pass_until(at_ms);
        match events.iter().position(|event_ms| *event_ms == at_ms) {
            Some(0) => self.complete(world, content),
            Some(1) if content.is_live() => {
                let number = self.live_break.0;
                self.live_break = world.schedule.live_break_after(self.now_ms);
                self.begin_break(world, Roll::Live, number)
            }
            Some(1) => {
                self.mid_rolls_seen += 1;
                self.begin_break(world, Roll::Mid, 0)
            }
            Some(2) => match self.enter_chapter(content) {
                Some(chapter) => self.say(&[Happening::ChapterComplete, chapter]),
                None => self.say(&[Happening::ChapterComplete]),
            },
            Some(3) => self.disrupt(world),
            _ => {
                let happening = if self.owes_play { Happening::Play } else { Happening::Ping };
                self.owes_play = false;
                self.set_ping(world);
                self.drop_frames();
                self.say(&[happening])
            }
        }
    }

    /// The end of the content is reached.
    fn complete(&mut self, world: &World, content: &Content) -> Option<Moment> {
        // A player may overshoot by its clock; here, the end is where the length says.
        self.playhead_ms = content.length_ms;
        let chapter = self.chapter.take().map(|_| Happening::ChapterComplete);
        let last = if self.random.happens(0.08) {
            self.phase = Phase::AfterBreak;
            return self.begin_post_roll(world, chapter);
        } else if self.random.happens(0.5) {
            self.phase = Phase::Gone;
            Some(Happening::SessionEnd)
        } else {
            let wait_ms = world.settings.scaled_ms(self.random.between(500, 3_000));
            self.phase = Phase::Ended { until_ms: self.now_ms + wait_ms };
            None
        };
        let happenings = chapter.into_iter().chain([Happening::SessionComplete]).chain(last);
        let happenings: Vec<_> = happenings.collect();
        self.say(&happenings)
    }

    pub(crate) fn drop_frames(&mut self) {
        let dropped = self.random.below(12).saturating_sub(9) as u16;
        self.quality.dropped_frames = self.quality.dropped_frames.saturating_add(dropped);
    }
}

/// Players tell quality where they have something to tell.
const fn has_quality(happening: Happening) -> bool {
    matches!(happening, Happening::Play | Happening::Ping | Happening::BitrateChange | Happening::BufferStart)
}

/// When a viewer means to go.
fn leave_ms(world: &World, content: &Content, arrival_ms: i64, random: &mut Random) -> i64 {
    let scaled_ms = |ms| world.settings.scaled_ms(ms);
    let stays_ms = if random.happens(0.12) {
        random.waiting_ms(scaled_ms(15 * SECOND_MS))
    } else if content.is_live() {
        match world.settings.curve {
            Curve::Steady => random.waiting_ms(scaled_ms(25 * MINUTE_MS)),
            // A match is watched to its end.
            Curve::KickOff | Curve::FinalWhistle => i64::MAX,
        }
    } else if random.happens(0.5) {
        i64::MAX
    } else {
        random.between(0, content.length_ms + content.length_ms / 3)
    };
    let closing_ms = world.schedule.closing_ms(random);
    arrival_ms.saturating_add(stays_ms.max(1)).min(closing_ms).max(arrival_ms + 1)
}
