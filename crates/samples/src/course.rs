//! One session on its way, and the books of what happens: what the accounting would make of the player's events
//! (metrics contract, sections 3 to 7).

use playhead_protocol::{PackedPairs, PackedParams, PairsPacker, ParamId, ParamValue, ParamsPacker};
use playhead_session::{AdView, ChapterView, ErrorView, ViewEnd};

use crate::catalogue::ADS;
use playhead_random::Random;

/// The progress marks, percent.
const MARKS: [i64; 5] = [10, 25, 50, 75, 95];
/// A content segment, ms.
const SEGMENT_MS: i64 = 300_000;
/// Most ads of one break.
const BREAK_ADS: u64 = 3;

/// A session so far.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) now_ms: i64,
    pub(crate) playhead_ms: i64,
    /// The length of the content; `None` when it has no end.
    pub(crate) length_ms: Option<i64>,
    pub(crate) chapter_ms: Option<i64>,
    pub(crate) events: i64,
    pub(crate) content_start: bool,
    pub(crate) content_ms: i64,
    pub(crate) ad_ms: i64,
    pub(crate) pause_ms: i64,
    pub(crate) buffer_ms: i64,
    pub(crate) stall_ms: i64,
    pub(crate) pause_events: u32,
    pub(crate) buffer_events: u32,
    pub(crate) stall_events: u32,
    pub(crate) breaks: i64,
    pub(crate) active: Vec<(i64, i64)>,
    pub(crate) playing: Vec<(i64, i64)>,
    pub(crate) watched: Vec<(i64, i64)>,
    pub(crate) rewatched: Vec<(i64, i64)>,
    /// The lowest and highest playhead since the content began.
    pub(crate) range: Option<(i64, i64)>,
    pub(crate) ads: Vec<AdView>,
    pub(crate) chapters: Vec<ChapterView>,
    pub(crate) errors: Vec<ErrorView>,
    /// The number of the chapter that is open.
    open_chapter: Option<i64>,
}

impl Course {
    pub(crate) fn new(
        now_ms: i64,
        playhead_ms: i64,
        length_ms: Option<i64>,
        chapter_ms: Option<i64>,
    ) -> Self {
        Self {
            now_ms,
            playhead_ms,
            length_ms,
            chapter_ms,
            events: 1,
            content_start: false,
            content_ms: 0,
            ad_ms: 0,
            pause_ms: 0,
            buffer_ms: 0,
            stall_ms: 0,
            pause_events: 0,
            buffer_events: 0,
            stall_events: 0,
            breaks: 0,
            active: Vec::new(),
            playing: Vec::new(),
            watched: Vec::new(),
            rewatched: Vec::new(),
            range: None,
            ads: Vec::new(),
            chapters: Vec::new(),
            errors: Vec::new(),
            open_chapter: None,
        }
    }

    /// The session is active for that long, whatever it does.
    fn pass(&mut self, ms: i64) {
        if ms > 0 {
            append(&mut self.active, self.now_ms, self.now_ms + ms);
            self.now_ms += ms;
            self.events += ms / 10_000;
        }
    }

    /// Content or an ad plays for that long.
    fn pass_playing(&mut self, ms: i64) {
        if ms > 0 {
            append(&mut self.playing, self.now_ms, self.now_ms + ms);
            self.pass(ms);
        }
    }

    /// The player starts up.
    pub(crate) fn start_up(&mut self, ms: i64) {
        self.pass(ms);
    }

    /// The content begins.
    pub(crate) fn begin_content(&mut self) {
        self.content_start = true;
        self.events += 1;
        self.see_playhead();
    }

    fn see_playhead(&mut self) {
        let playhead = self.playhead_ms;
        let (low, high) = self.range.unwrap_or((playhead, playhead));
        self.range = Some((low.min(playhead), high.max(playhead)));
    }

    /// Content plays, chapter by chapter.
    pub(crate) fn play(&mut self, ms: i64) {
        let end_ms = self.playhead_ms + ms;
        while let Some(chapter_ms) = self.chapter_ms
            && self.playhead_ms < end_ms
        {
            let number = self.playhead_ms / chapter_ms;
            self.enter_chapter(number, chapter_ms);
            let chapter_end_ms = (number + 1) * chapter_ms;
            self.play_on(end_ms.min(chapter_end_ms) - self.playhead_ms);
            if self.playhead_ms >= chapter_end_ms {
                self.leave_chapter(ViewEnd::Completed);
            }
        }
        self.play_on(end_ms - self.playhead_ms);
    }

    fn play_on(&mut self, ms: i64) {
        if ms <= 0 {
            return;
        }
        self.pass_playing(ms);
        self.content_ms += ms;
        let (from, to) = (self.playhead_ms, self.playhead_ms + ms);
        for &(begin, end) in &self.watched {
            if begin < to && end > from {
                append(&mut self.rewatched, begin.max(from), end.min(to));
            }
        }
        unite(&mut self.watched, from, to);
        self.playhead_ms = to;
        self.see_playhead();
        if self.open_chapter.is_some()
            && let Some(chapter) = self.chapters.last_mut()
        {
            chapter.time_ms += ms;
        }
    }

    fn enter_chapter(&mut self, number: i64, chapter_ms: i64) {
        if self.open_chapter == Some(number) {
            return;
        }
        self.leave_chapter(ViewEnd::Skipped);
        let mut params = ParamsPacker::default();
        params.push(const { ParamId::named("media.chapter.index") }, ParamValue::Integer(number + 1));
        let offset = (number * chapter_ms) as f64 / 1_000.0;
        params.push(const { ParamId::named("media.chapter.offset") }, ParamValue::Number(offset));
        let length = chapter_ms as f64 / 1_000.0;
        params.push(const { ParamId::named("media.chapter.length") }, ParamValue::Number(length));
        if number % 4 != 3 {
            let name = format!("Chapter {}", number + 1);
            params.push(const { ParamId::named("media.chapter.friendlyName") }, ParamValue::Text(&name));
        }
        let mut metadata = PairsPacker::default();
        if number == 0 {
            metadata.push("segmentType", "intro");
        }
        self.chapters.push(ChapterView {
            params: params.finish(),
            custom_metadata: metadata.finish(),
            started_at_ms: self.now_ms,
            time_ms: 0,
            end: None,
        });
        self.open_chapter = Some(number);
        self.events += 1;
    }

    fn leave_chapter(&mut self, end: ViewEnd) {
        if self.open_chapter.take().is_some()
            && let Some(chapter) = self.chapters.last_mut()
        {
            chapter.end = Some(end);
            self.events += 1;
        }
    }

    pub(crate) fn pause(&mut self, ms: i64) {
        self.pause_events += 1;
        self.pause_ms += ms;
        self.events += 2;
        self.pass(ms);
    }

    /// A jump: players pause for it.
    pub(crate) fn seek(&mut self, to_ms: i64, ms: i64) {
        self.pause(ms);
        self.playhead_ms = to_ms;
        self.see_playhead();
    }

    pub(crate) fn buffer(&mut self, ms: i64) {
        self.buffer_events += 1;
        self.buffer_ms += ms;
        self.events += 2;
        self.pass(ms);
    }

    pub(crate) fn stall(&mut self, ms: i64) {
        self.stall_events += 1;
        self.stall_ms += ms;
        self.events += 3;
        self.pass(ms);
    }

    /// A break with ads. `false` when the viewer left in the midst of it.
    pub(crate) fn ad_break(&mut self, random: &mut Random) -> bool {
        let mut pod = ParamsPacker::default();
        let name = ["pre-roll", "mid-roll"][usize::from(self.content_start)];
        pod.push(const { ParamId::named("media.ad.podFriendlyName") }, ParamValue::Text(name));
        pod.push(const { ParamId::named("media.ad.podIndex") }, ParamValue::Integer(self.breaks));
        let offset = self.playhead_ms as f64 / 1_000.0;
        pod.push(const { ParamId::named("media.ad.podSecond") }, ParamValue::Number(offset));
        let pod = pod.finish();
        self.breaks += 1;
        self.events += 2;
        for position in 1..=random.below(BREAK_ADS) + 1 {
            let has_left = random.happens(0.04);
            self.ad(&pod, position as i64, has_left, random);
            if has_left {
                return false;
            }
            self.pass(random.between(0, 300));
        }
        true
    }

    fn ad(&mut self, pod: &PackedParams, position: i64, has_left: bool, random: &mut Random) {
        let ad = ADS[random.ranked(ADS.len())];
        let mut params = ParamsPacker::default();
        params.push(const { ParamId::named("media.ad.id") }, ParamValue::Text(ad.id));
        if let Some(name) = ad.name {
            params.push(const { ParamId::named("media.ad.name") }, ParamValue::Text(name));
        }
        let length = ad.length_seconds as f64;
        params.push(const { ParamId::named("media.ad.length") }, ParamValue::Number(length));
        params.push(const { ParamId::named("media.ad.podPosition") }, ParamValue::Integer(position));
        params.push(const { ParamId::named("media.ad.playerName") }, ParamValue::Text("ad-player"));
        params.push(const { ParamId::named("media.ad.advertiser") }, ParamValue::Text(ad.advertiser));
        params.push(const { ParamId::named("media.ad.campaignId") }, ParamValue::Text(ad.campaign));
        let mut custom_metadata = PackedPairs::default();
        if random.happens(0.2) {
            let mut pairs = PairsPacker::default();
            pairs.push("plan", "sponsored");
            pairs.push("placement", ["left", "rechts", ""][position as usize % 3]);
            custom_metadata = pairs.finish();
        }
        let length_ms = ad.length_seconds * 1_000;
        let (time_ms, end) = match random.below(100) {
            _ if has_left => (random.between(0, length_ms - 1), ViewEnd::NotCompleted),
            0..8 => (random.between(2_000, length_ms - 1), ViewEnd::Skipped),
            _ => (length_ms, ViewEnd::Completed),
        };
        let started_at_ms = self.now_ms;
        self.ads.push(AdView {
            pod: pod.clone(),
            params: params.finish(),
            custom_metadata,
            started_at_ms,
            time_ms,
            end: Some(end),
        });
        self.pass_playing(time_ms);
        self.ad_ms += time_ms;
        self.events += 2;
    }

    pub(crate) fn error(&mut self, error_id: Option<&str>, source: &str) {
        self.errors.push(ErrorView {
            error_id: error_id.map(Into::into),
            source: source.into(),
            at_ms: self.now_ms,
            playhead: self.playhead_ms as f64 / 1_000.0,
        });
        self.events += 1;
    }

    /// How many ads ended that way.
    pub(crate) fn ended_ads(&self, end: ViewEnd) -> u32 {
        self.ads.iter().filter(|ad| ad.end == Some(end)).count() as u32
    }

    /// How many chapters ended that way.
    pub(crate) fn ended_chapters(&self, end: ViewEnd) -> u32 {
        self.chapters.iter().filter(|chapter| chapter.end == Some(end)).count() as u32
    }

    /// Ends the recording: the session stays open or closes.
    pub(crate) fn end(&mut self, is_open: bool) {
        if is_open {
            self.leave_open();
        } else {
            self.close();
        }
    }

    /// The session goes on: an ad that was about to be cut short is still on.
    fn leave_open(&mut self) {
        if let Some(ad) = self.ads.last_mut().filter(|ad| ad.end == Some(ViewEnd::NotCompleted)) {
            ad.end = None;
        }
    }

    /// The session closes: what is open has not been completed.
    fn close(&mut self) {
        self.leave_chapter(ViewEnd::NotCompleted);
        self.events += 1;
    }

    /// Which of the marks were reached.
    pub(crate) fn progress(&self) -> [bool; MARKS.len()] {
        let (Some((_, high_ms)), Some(length_ms)) = (self.range, self.length_ms) else {
            return [false; MARKS.len()];
        };
        MARKS.map(|mark| length_ms > 0 && high_ms * 100 >= mark * length_ms)
    }

    /// The content segment.
    pub(crate) fn segment(&self) -> Option<String> {
        let (low_ms, high_ms) = self.range?;
        let from = low_ms / SEGMENT_MS * 5;
        let to = (high_ms + SEGMENT_MS - 1) / SEGMENT_MS * 5;
        Some(format!("{from}-{}", to.max(from + 5)))
    }
}

/// Adds a span to a list, lengthening the last one when it goes on from there.
fn append(spans: &mut Vec<(i64, i64)>, from: i64, to: i64) {
    match spans.last_mut() {
        Some(last) if last.1 == from => last.1 = to,
        _ => spans.push((from, to)),
    }
}

/// Unites a list of disjoint ascending spans with one more.
fn unite(spans: &mut Vec<(i64, i64)>, from: i64, to: i64) {
    let first = spans.partition_point(|&(_, end)| end < from);
    let last = first + spans[first..].partition_point(|&(begin, _)| begin <= to);
    if first == last {
        spans.insert(first, (from, to));
        return;
    }
    spans[first] = (spans[first].0.min(from), spans[last - 1].1.max(to));
    spans.drain(first + 1..last);
}

/// Spans of content in seconds.
pub(crate) fn in_seconds(spans: &[(i64, i64)]) -> Vec<(f64, f64)> {
    spans.iter().map(|&(from, to)| (from as f64 / 1_000.0, to as f64 / 1_000.0)).collect()
}
