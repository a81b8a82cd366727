//! The books of one session (docs/accounting.md, sections 2 to 7).

use playhead_protocol::time::{MINUTE_MS, SECOND_MS};

use crate::books::metric::{METRICS, Values, ViewValues};
use crate::viewer::event::{Event, Happening};
use crate::world::catalogue::{Content, STATES};

/// The progress marks, percent.
const MARKS: [i32; 5] = [10, 25, 50, 75, 95];
/// Events without a movement of the playhead that make a stall.
const STALL_EVENTS: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Playback {
    Starting,
    Playing,
    Paused,
    Buffering,
    Ended,
}

/// Where time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Content,
    Ad,
    Pause,
    Buffer,
    Nowhere,
}

/// Content intervals in a row without a movement of the playhead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Standstill {
    events: u32,
    ms: i64,
    /// What of it lies in the open chapter.
    chapter_ms: i64,
}

/// A view of an ad or a chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    /// The number of the ad or the chapter.
    pub(crate) number: u8,
    /// Started, completed, skipped, and for how long it played.
    pub(crate) values: ViewValues,
}

impl View {
    const fn new(number: u8) -> Self {
        Self { number, values: [1, 0, 0, 0] }
    }
}

/// A player state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    is_open: bool,
    count: i64,
    ms: i64,
}

/// What is counted, beside what is derived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    events: i64,
    content_ms: i64,
    ad_ms: i64,
    pause_ms: i64,
    buffer_ms: i64,
    stall_ms: i64,
    pauses: i64,
    buffers: i64,
    stalls: i64,
    errors: i64,
    bitrate_changes: i64,
    dropped_frames: i64,
    time_to_start_ms: i64,
}

/// The books of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    length_ms: i64,
    is_resumed: bool,
    previous_ms: i64,
    previous_playhead_ms: i64,
    is_first: bool,
    playback: Playback,
    /// Of the open ad break.
    ad_playback: Option<Playback>,
    has_ad: bool,
    has_chapter: bool,
    has_content: bool,
    is_complete: bool,
    /// `sessionEnd` has taken effect: what was accepted and follows changes nothing.
    is_closed: bool,
    marks: u8,
    standstill: Standstill,
    states: [State; STATES.len()],
    counts: Counts,
    /// The parts that were watched: disjoint, ascending.
    watched_ms: Vec<(i64, i64)>,
    pub(crate) ads: Vec<View>,
    pub(crate) chapters: Vec<View>,
    pub(crate) errors: Vec<u8>,
}

impl Account {
    /// The books of a session that begins with this event.
    pub(crate) fn open(start: &Event, content: &Content, is_resumed: bool) -> Self {
        Self {
            length_ms: content.length_ms,
            is_resumed,
            previous_ms: start.ts_ms,
            previous_playhead_ms: start.playhead_ms,
            is_first: true,
            playback: Playback::Starting,
            ad_playback: None,
            has_ad: false,
            has_chapter: false,
            has_content: false,
            is_complete: false,
            is_closed: false,
            marks: 0,
            standstill: Standstill::default(),
            states: Default::default(),
            counts: Counts { events: 1, ..Counts::default() },
            watched_ms: Vec::new(),
            ads: Vec::new(),
            chapters: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// The books of a session that has its start and nothing else.
    pub(crate) fn of_start(content: &Content, is_resumed: bool) -> Self {
        let start = Event {
            happening: Happening::SessionStart,
            ts_ms: 0,
            playhead_ms: 0,
            quality: None,
            is_sent_twice: false,
        };
        Self::open(&start, content, is_resumed)
    }

    /// Takes the next event that took effect.
    pub(crate) fn take(&mut self, event: &Event) {
        self.counts.events += 1;
        if self.is_closed {
            return;
        }
        if std::mem::take(&mut self.is_first) {
            // A player may have kept back what happened before its start.
            self.previous_ms = self.previous_ms.min(event.ts_ms);
        }
        self.pass(event);
        let before = (self.now_playing(), self.ad_playback.is_some(), self.has_ad);
        self.take_effect(event);
        if before != (self.now_playing(), self.ad_playback.is_some(), self.has_ad) {
            self.standstill = Standstill::default();
        }
        if self.has_content && self.ad_playback.is_none() && self.length_ms > 0 {
            let share = seconds(event.playhead_ms) / seconds(self.length_ms);
            for (bit, mark) in MARKS.into_iter().enumerate() {
                self.marks |= u8::from(share >= f64::from(mark) / 100.0) << bit;
            }
        }
        if let Some(quality) = event.quality {
            self.counts.dropped_frames = quality.dropped_frames.into();
            self.counts.time_to_start_ms = quality.time_to_start_ms.into();
        }
        self.previous_ms = self.previous_ms.max(event.ts_ms);
        self.previous_playhead_ms = event.playhead_ms;
    }

    /// Takes events of one moment, in the order in which they arrived: one that makes no sense yet lets the others go first (section 1).
    pub(crate) fn take_together(&mut self, arrived: &[&Event]) {
        let mut waiting = arrived.to_vec();
        while !waiting.is_empty() {
            let legal = (0..waiting.len()).find(|place| self.is_legal(*place, &waiting));
            // The end of the session is last in any case.
            let first = || waiting.iter().position(|event| event.happening != Happening::SessionEnd);
            let next = legal.or_else(first).unwrap_or(0);
            let event = waiting.remove(next);
            self.take(event);
        }
    }

    fn is_legal(&self, place: usize, waiting: &[&Event]) -> bool {
        let has_break = self.ad_playback.is_some();
        let others = waiting.iter().enumerate().filter(|(other, _)| *other != place);
        let mut others = others.map(|(_, other)| other.happening);
        match waiting[place].happening {
            Happening::AdBreakStart { .. } => !has_break,
            Happening::AdStart { .. } | Happening::AdBreakComplete => has_break && !self.has_ad,
            Happening::AdComplete | Happening::AdSkip => self.has_ad,
            Happening::ChapterStart(_) => !self.has_chapter,
            Happening::ChapterComplete | Happening::ChapterSkip => self.has_chapter,
            Happening::Play => !others
                .any(|other| matches!(other, Happening::AdBreakStart { .. } | Happening::AdStart { .. })),
            Happening::SessionComplete => others.all(|other| other == Happening::SessionEnd),
            Happening::SessionEnd => others.next().is_none(),
            _ => true,
        }
    }

    fn now_playing(&self) -> Playback {
        self.ad_playback.unwrap_or(self.playback)
    }

    /// Where time goes now.
    fn place(&self) -> Place {
        match self.now_playing() {
            Playback::Paused => Place::Pause,
            Playback::Buffering => Place::Buffer,
            Playback::Ended => Place::Nowhere,
            Playback::Starting | Playback::Playing if self.has_ad => Place::Ad,
            _ if self.ad_playback.is_some() => Place::Nowhere,
            Playback::Playing => Place::Content,
            Playback::Starting => Place::Nowhere,
        }
    }

    /// The time before an event belongs to the state before it.
    fn pass(&mut self, event: &Event) {
        let moved_ms = event.playhead_ms - self.previous_playhead_ms;
        let ms = event.ts_ms - self.previous_ms;
        let place = self.place();
        if moved_ms != 0 || (ms > 0 && place != Place::Content) {
            self.standstill = Standstill::default();
        }
        if ms <= 0 {
            return;
        }
        for state in self.states.iter_mut().filter(|state| state.is_open) {
            state.ms += ms;
        }
        match place {
            Place::Content => self.pass_content(ms, event.playhead_ms),
            Place::Ad => {
                self.counts.ad_ms += ms;
                add(&mut self.ads, ms);
            }
            Place::Pause => self.counts.pause_ms += ms,
            Place::Buffer => self.counts.buffer_ms += ms,
            Place::Nowhere => {}
        }
    }

    fn pass_content(&mut self, ms: i64, playhead_ms: i64) {
        self.has_content = true;
        let moved_ms = playhead_ms - self.previous_playhead_ms;
        if self.standstill.events >= STALL_EVENTS {
            self.counts.stall_ms += ms;
            return;
        }
        self.counts.content_ms += ms;
        if self.has_chapter {
            add(&mut self.chapters, ms);
        }
        if moved_ms == 0 {
            self.standstill.events += 1;
            self.standstill.ms += ms;
            self.standstill.chapter_ms += ms;
            if self.standstill.events == STALL_EVENTS {
                self.counts.stalls += 1;
                self.counts.content_ms -= self.standstill.ms;
                self.counts.stall_ms += self.standstill.ms;
                if self.has_chapter {
                    add(&mut self.chapters, -self.standstill.chapter_ms);
                }
            }
        } else if moved_ms > 0 && moved_ms * 2 <= ms * 5 + 4 * SECOND_MS {
            let end_ms = if self.length_ms > 0 { playhead_ms.min(self.length_ms) } else { playhead_ms };
            unite(&mut self.watched_ms, self.previous_playhead_ms, end_ms);
        }
    }

    fn take_effect(&mut self, event: &Event) {
        match event.happening {
            Happening::SessionStart | Happening::Ping => {}
            Happening::SessionEnd => self.is_closed = true,
            Happening::StateStart(number) => {
                let state = &mut self.states[usize::from(number)];
                state.count += i64::from(!state.is_open);
                state.is_open = true;
            }
            Happening::StateEnd(number) => self.states[usize::from(number)].is_open = false,
            Happening::Play => {
                if let Some(ad_playback) = &mut self.ad_playback {
                    *ad_playback = Playback::Playing;
                }
                if self.playback != Playback::Ended {
                    self.playback = Playback::Playing;
                }
                self.has_content |= self.ad_playback.is_none();
            }
            Happening::PauseStart => {
                self.counts.pauses += i64::from(self.now_playing() != Playback::Paused);
                self.halt(Playback::Paused);
            }
            Happening::BufferStart => {
                self.counts.buffers += i64::from(self.now_playing() != Playback::Buffering);
                self.halt(Playback::Buffering);
            }
            Happening::BitrateChange => self.counts.bitrate_changes += 1,
            Happening::Error { error, .. } => {
                self.counts.errors += 1;
                self.errors.push(error);
            }
            Happening::SessionComplete => {
                self.is_complete = true;
                self.playback = Playback::Ended;
            }
            Happening::AdBreakStart { .. } => {
                self.has_ad = false;
                self.ad_playback = Some(Playback::Playing);
            }
            Happening::AdBreakComplete => {
                self.has_ad = false;
                self.ad_playback = None;
            }
            Happening::AdStart { ad, .. } => self.begin_ad(ad),
            Happening::AdComplete => self.end_ad(1),
            Happening::AdSkip => self.end_ad(2),
            Happening::ChapterStart(number) => {
                self.standstill.chapter_ms = 0;
                self.has_chapter = true;
                self.chapters.push(View::new(number));
            }
            Happening::ChapterComplete => self.end_chapter(1),
            Happening::ChapterSkip => self.end_chapter(2),
        }
    }

    fn halt(&mut self, playback: Playback) {
        if let Some(ad_playback) = &mut self.ad_playback {
            *ad_playback = playback;
            if self.playback == Playback::Ended {
                return;
            }
        }
        self.playback = playback;
    }

    fn begin_ad(&mut self, ad: u8) {
        // Outside a break it is ignored.
        if let Some(ad_playback) = &mut self.ad_playback {
            *ad_playback = Playback::Playing;
            self.has_ad = true;
            self.ads.push(View::new(ad));
        }
    }

    fn end_ad(&mut self, how: usize) {
        if std::mem::take(&mut self.has_ad)
            && let Some(view) = self.ads.last_mut()
        {
            view.values[how] = 1;
        }
    }

    fn end_chapter(&mut self, how: usize) {
        self.standstill.chapter_ms = 0;
        if std::mem::take(&mut self.has_chapter)
            && let Some(view) = self.chapters.last_mut()
        {
            view.values[how] = 1;
        }
    }

    /// What reports must show of its player states, in the order of the metrics of states.
    pub(crate) fn state_values(&self) -> [i64; 2 * STATES.len()] {
        let [first, second, third] = self.states.map(|state| [state.count, state.ms]);
        [first[0], first[1], second[0], second[1], third[0], third[1]]
    }

    /// What reports must show of the session once it has closed, in the order of [`METRICS`].
    pub(crate) fn values(&self) -> Values {
        let counts = &self.counts;
        let sum = |views: &[View], place: usize| views.iter().map(|view| view.values[place]).sum::<i64>();
        let has_failed = counts.errors > 0;
        let dropped = i64::from(!self.has_content);
        let media_ms = counts.content_ms + counts.ad_ms;
        let watched_ms = self.watched_ms.iter().map(|(from_ms, to_ms)| to_ms - from_ms).sum();
        let mark = |bit: u8| i64::from(self.marks >> bit & 1);
        [
            1,
            counts.events,
            i64::from(!self.is_resumed),
            i64::from(self.is_resumed),
            i64::from(self.has_content),
            i64::from(self.is_complete),
            dropped,
            dropped * i64::from(has_failed),
            dropped * i64::from(!has_failed),
            counts.content_ms,
            counts.ad_ms,
            media_ms,
            watched_ms,
            counts.pause_ms,
            counts.buffer_ms,
            counts.stall_ms,
            counts.pauses,
            counts.buffers,
            counts.stalls,
            counts.errors,
            counts.bitrate_changes,
            sum(&self.ads, 0),
            sum(&self.ads, 1),
            sum(&self.ads, 2),
            sum(&self.chapters, 0),
            sum(&self.chapters, 1),
            sum(&self.chapters, 2),
            mark(0),
            mark(1),
            mark(2),
            mark(3),
            mark(4),
            media_ms / (30 * MINUTE_MS) + 1,
            i64::from(has_failed),
            counts.dropped_frames,
            counts.time_to_start_ms,
        ]
    }
}

const _: () = assert!(METRICS.len() == 36, "`values` has one for each metric");

/// Adds time to the open view.
fn add(views: &mut [View], ms: i64) {
    if let Some(view) = views.last_mut() {
        view.values[3] += ms;
    }
}

/// As the player writes it and a reader understands it.
fn seconds(ms: i64) -> f64 {
    ms as f64 / SECOND_MS as f64
}

/// Unites disjoint ascending spans with one more.
fn unite(spans: &mut Vec<(i64, i64)>, from_ms: i64, to_ms: i64) {
    if from_ms >= to_ms {
        return;
    }
    let first = spans.partition_point(|&(_, end_ms)| end_ms < from_ms);
    let behind = first + spans[first..].partition_point(|&(begin_ms, _)| begin_ms <= to_ms);
    let united = spans[first..behind]
        .iter()
        .fold((from_ms, to_ms), |united, span| (united.0.min(span.0), united.1.max(span.1)));
    spans.splice(first..behind, [united]);
}
