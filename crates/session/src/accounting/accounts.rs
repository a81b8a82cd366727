//! The books of one session: its state, and the account for the time between two events (metrics contract, sections 2, 3
//! and 5).

use playhead_protocol::{Event, EventType, SharedBytes};
use serde::{Deserialize, Serialize};

use crate::accounting::content::Content;
use crate::accounting::diagnosis::{Diagnoses, Diagnosis};
use crate::accounting::kept::books::{
    AdBook, ErrorBook, NO_ADS, NO_CHAPTERS, NO_ERRORS, NOTHING_RARE, RareBook, Views,
};
use crate::accounting::kept::spans::{TimeSpans, WatchedSpans};
use crate::accounting::observe::{Account, EventRef, Interval, MovedToStall, Observer};
use crate::accounting::playheads::{PlayheadMetrics, watched_span};
use crate::accounting::quality::QualityMetrics;
use crate::accounting::silence::Presence;
use crate::accounting::views::{ChapterView, Playback};

/// Consecutive events without progress that make a stall (metrics contract, section 5).
const STALL_EVENTS: u32 = 3;
/// A stall longer than this is diagnosed: hardly a viewer waits for so long, but a player that reports
/// one playhead all the time goes on.
const FROZEN_STALL_MS: i64 = 60_000;

/// Durations that do not belong to ads, ms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) content_ms: i64,
    pub(crate) pause_ms: i64,
    pub(crate) buffer_ms: i64,
    pub(crate) stall_ms: i64,
}

/// Counts of what happens in most sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) pause_events: u32,
    pub(crate) buffer_events: u32,
    pub(crate) stall_events: u32,
    pub(crate) bitrate_changes: u32,
}

/// Consecutive content intervals during which the playhead did not move.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct StandstillRun {
    events: u32,
    from_ms: i64,
    /// The part of the run that was attributed to content time.
    content_ms: i64,
    /// The part of that time within the chapter that is open now.
    chapter_ms: i64,
}

/// The sum of the processed events of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Accounts {
    pub(crate) started_at_ms: i64,
    /// The latest effective time processed so far; the next interval begins here.
    pub(crate) previous_ms: i64,
    /// The playhead of the last processed event, not below 0.
    pub(crate) previous_playhead: f64,
    previous_sequence: u64,
    previous_type: EventType,
    /// Whether an event after `sessionStart` was processed.
    pub(crate) has_processed_event: bool,
    /// Playback of the content; ad breaks have one of their own.
    pub(crate) content_playback: Playback,
    pub(crate) content_start: bool,
    pub(crate) content_complete: bool,
    pub(crate) times: Times,
    pub(crate) counts: Counts,
    pub(crate) playheads: PlayheadMetrics,
    pub(crate) watched: WatchedSpans,
    /// How long the last event keeps the session present.
    pub(crate) presence: Presence,
    pub(crate) active: TimeSpans,
    pub(crate) playing: TimeSpans,
    run: StandstillRun,
    pub(crate) quality: QualityMetrics,
    pub(crate) diagnoses: Diagnoses,
    /// What of rows and texts in the books below counts towards the limit of this name, bytes.
    pub(crate) kept_bytes: u32,
    ads: Option<Box<AdBook>>,
    rare: Option<Box<RareBook>>,
}

impl Accounts {
    /// Opens the books with `sessionStart`.
    pub(crate) fn open(start: &Event, event: EventRef, presence: Presence) -> Self {
        let mut accounts = Self {
            started_at_ms: start.ts_ms,
            previous_ms: start.ts_ms,
            previous_playhead: counted(start.playhead),
            previous_sequence: event.sequence,
            previous_type: event.event_type,
            has_processed_event: false,
            content_playback: Playback::Starting,
            content_start: false,
            content_complete: false,
            times: Times::default(),
            counts: Counts::default(),
            playheads: PlayheadMetrics::default(),
            watched: WatchedSpans::default(),
            presence,
            active: TimeSpans::default(),
            playing: TimeSpans::default(),
            run: StandstillRun::default(),
            quality: QualityMetrics::default(),
            diagnoses: Diagnoses::default(),
            kept_bytes: 0,
            ads: None,
            rare: None,
        };
        accounts.quality.take(start.quality.as_deref());
        accounts.take_remarks(start);
        accounts
    }

    /// The books of ads.
    pub(crate) fn ads(&self) -> &AdBook {
        self.ads.as_deref().unwrap_or(&NO_ADS)
    }

    /// The books of ads, if the session has had an ad break.
    pub(crate) fn known_ads(&mut self) -> Option<&mut AdBook> {
        self.ads.as_deref_mut()
    }

    /// The books of ads, opened if need be.
    pub(crate) fn ads_mut(&mut self) -> &mut AdBook {
        self.ads.get_or_insert_with(|| Box::new(AdBook::new()))
    }

    /// The books of what few sessions have.
    pub(crate) fn rare(&self) -> &RareBook {
        self.rare.as_deref().unwrap_or(&NOTHING_RARE)
    }

    /// The same, if the session has any of it.
    pub(crate) fn known_rare(&mut self) -> Option<&mut RareBook> {
        self.rare.as_deref_mut()
    }

    /// The same, opened if need be.
    pub(crate) fn rare_mut(&mut self) -> &mut RareBook {
        self.rare.get_or_insert_with(|| Box::new(RareBook::new()))
    }

    /// The books of chapters.
    pub(crate) fn chapters(&self) -> &Views<ChapterView> {
        self.rare().chapters.as_deref().unwrap_or(&NO_CHAPTERS)
    }

    /// The books of chapters, if the session has had one.
    pub(crate) fn known_chapters(&mut self) -> Option<&mut Views<ChapterView>> {
        self.rare.as_mut()?.chapters.as_deref_mut()
    }

    /// The books of errors.
    pub(crate) fn errors(&self) -> &ErrorBook {
        self.rare().errors.as_deref().unwrap_or(&NO_ERRORS)
    }

    /// What plays now: the break if one is open, else the content.
    pub(crate) fn playback(&self) -> Playback {
        self.ads().ad_break.as_ref().map_or(self.content_playback, |ad_break| ad_break.playback)
    }

    pub(crate) fn has_ad_break(&self) -> bool {
        self.ads().ad_break.is_some()
    }

    pub(crate) fn has_ad(&self) -> bool {
        self.ads().views.open.is_some()
    }

    pub(crate) fn has_chapter(&self) -> bool {
        self.chapters().open.is_some()
    }

    pub(crate) fn has_open_state(&self, name: &str) -> bool {
        self.rare().states.iter().any(|state| state.is_open && *state.name == *name)
    }

    /// Applies one event: first the time before it, by the state before the event, then the event itself.
    pub(crate) fn process<O: Observer>(
        &mut self,
        event: &Event,
        event_ref: EventRef,
        content: Content,
        observer: &mut O,
    ) {
        self.check_time(event);
        let mut playhead = counted(event.playhead);
        if content.is_live() {
            playhead = self.playheads.midnights.run_on(playhead, self.previous_playhead);
        }
        self.attribute(event.ts_ms, playhead, content, event_ref, observer);

        let before = self.playing_state();
        self.take_effect(event, playhead);
        self.begin_replay(event.ts_ms, playhead);
        if self.playing_state() != before {
            self.run = StandstillRun::default();
        }

        if self.content_start && !self.has_ad_break() {
            self.playheads.evaluate(playhead, content);
        }
        self.quality.take(event.quality.as_deref());
        self.take_remarks(event);
        if content.is_outside(event.playhead) {
            self.diagnoses.add(Diagnosis::PlayheadOutOfRange);
        }
        self.previous_ms = self.previous_ms.max(event.ts_ms);
        self.previous_playhead = playhead;
        self.previous_sequence = event_ref.sequence;
        self.previous_type = event_ref.event_type;
    }

    /// Diagnoses events that precede time that is already accounted for.
    fn check_time(&mut self, event: &Event) {
        let is_first = !self.has_processed_event;
        self.has_processed_event = true;
        if event.ts_ms >= self.previous_ms {
            return;
        }
        if is_first {
            self.started_at_ms = event.ts_ms;
            self.previous_ms = event.ts_ms;
            self.diagnoses.add(Diagnosis::EventBeforeStart);
        } else {
            self.diagnoses.add(Diagnosis::LateEvent);
        }
    }

    /// Attributes the time since the previous event (metrics contract, section 3) and finds stalls (section 5).
    fn attribute<O: Observer>(
        &mut self,
        ts_ms: i64,
        playhead: f64,
        content: Content,
        closed_by: EventRef,
        observer: &mut O,
    ) {
        let stands_still = playhead == self.previous_playhead;
        if !stands_still {
            self.run = StandstillRun::default();
        }
        let elapsed_ms = ts_ms.saturating_sub(self.previous_ms);
        if elapsed_ms <= 0 {
            return;
        }
        if !self.has_ad_break() {
            self.presence.follow(self.previous_type, closed_by.event_type, elapsed_ms);
        }
        let account = self.account();
        if !matches!(account, Account::ContentTimeSpent | Account::TotalStallDuration) {
            self.run = StandstillRun::default();
        }
        let (ad, chapter) = (self.ads().views.open, self.chapters().open);
        observer.interval(&Interval {
            from_ms: self.previous_ms,
            to_ms: ts_ms,
            playback: self.playback(),
            opened_by: EventRef { sequence: self.previous_sequence, event_type: self.previous_type },
            closed_by,
            account,
            ad: ad.filter(|_| account == Account::AdTimeSpent).and_then(|view| view.row),
            chapter: chapter.filter(|_| account == Account::ContentTimeSpent).and_then(|view| view.row),
        });
        self.add_time(account, ts_ms, elapsed_ms);
        if account == Account::ContentTimeSpent {
            self.content_start = true;
            if stands_still {
                self.extend_run(elapsed_ms);
            } else if let Some(span) = watched_span(self.previous_playhead, playhead, elapsed_ms) {
                self.watch(content.cut(span));
            }
            if self.run.events == STALL_EVENTS {
                self.move_run_to_stall();
                let from_ms = self.run.from_ms;
                observer.moved_to_stall(&MovedToStall { from_ms, to_ms: ts_ms, found_by: closed_by });
            }
        }
        if self.run.events >= STALL_EVENTS && ts_ms.saturating_sub(self.run.from_ms) > FROZEN_STALL_MS {
            self.diagnoses.add(Diagnosis::PlayheadFrozen);
        }
        let states = self.known_rare().map(|rare| &mut rare.states[..]).unwrap_or_default();
        for state in states.iter_mut().filter(|state| state.is_open) {
            state.time_ms += elapsed_ms;
        }
    }

    /// Adds a part of the content that was watched.
    fn watch(&mut self, span: Option<(f64, f64)>) {
        let Some((from, to)) = span else { return };
        let mut is_kept = true;
        for (from, to) in self.watched.overlaps(from, to) {
            let rare = self.rare.get_or_insert_with(|| Box::new(RareBook::new()));
            is_kept &= rare.rewatched.add(from, to);
        }
        is_kept &= self.watched.add(from, to);
        self.diagnose_unless(is_kept);
    }

    /// The effective time at which the session falls silent if no event follows the last one.
    pub(crate) fn present_until_ms(&self) -> i64 {
        self.previous_ms.saturating_add(self.presence.lasts_ms())
    }

    /// Until when it counts as active after the last event; `None` if it does not. The second tells whether as playing.
    pub(crate) fn present_after_last(&self) -> Option<(i64, bool)> {
        let (is_active, is_playing) = self.presence.closed_as.unwrap_or_else(|| self.presence_now());
        (is_active && self.presence.lasts_ms() > 0).then(|| (self.present_until_ms(), is_playing))
    }

    /// Whether it is active, and whether it plays.
    pub(crate) fn presence_now(&self) -> (bool, bool) {
        let account = self.account();
        (account != Account::AfterEnd, account.is_playing())
    }

    /// The account for time in the present state.
    pub(crate) fn account(&self) -> Account {
        match self.playback() {
            Playback::Paused => Account::TotalPauseDuration,
            Playback::Buffering => Account::TotalBufferDuration,
            Playback::Ended => Account::AfterEnd,
            Playback::Starting | Playback::Playing if self.has_ad() => Account::AdTimeSpent,
            Playback::Starting | Playback::Playing if self.has_ad_break() => Account::AdBreakGap,
            Playback::Starting => Account::Startup,
            Playback::Playing if self.run.events >= STALL_EVENTS => Account::TotalStallDuration,
            Playback::Playing => Account::ContentTimeSpent,
        }
    }

    fn add_time(&mut self, account: Account, to_ms: i64, elapsed_ms: i64) {
        match account {
            Account::ContentTimeSpent => {
                self.times.content_ms += elapsed_ms;
                if let Some(view) = self.known_chapters().and_then(Views::open_row) {
                    view.time_ms += elapsed_ms;
                }
            }
            Account::AdTimeSpent => {
                let ads = self.ads_mut();
                ads.time_ms += elapsed_ms;
                if let Some(view) = ads.views.open_row() {
                    view.time_ms += elapsed_ms;
                }
            }
            Account::TotalPauseDuration => self.times.pause_ms += elapsed_ms,
            Account::TotalBufferDuration => self.times.buffer_ms += elapsed_ms,
            Account::TotalStallDuration => self.times.stall_ms += elapsed_ms,
            Account::AdBreakGap | Account::Startup | Account::AfterEnd => {}
        }
        let from_ms = self.previous_ms;
        if account != Account::AfterEnd {
            let is_kept = self.active.append(from_ms, to_ms.min(self.present_until_ms()));
            self.diagnose_unless(is_kept);
        }
        if account.is_playing() {
            let is_kept = self.playing.append(from_ms, to_ms);
            self.diagnose_unless(is_kept);
        }
        if matches!(account, Account::ContentTimeSpent | Account::AdTimeSpent | Account::TotalStallDuration) {
            self.quality.play_for(elapsed_ms);
        }
    }

    fn extend_run(&mut self, elapsed_ms: i64) {
        if self.run.events == 0 {
            self.run.from_ms = self.previous_ms;
        }
        self.run.events += 1;
        self.run.content_ms += elapsed_ms;
        self.run.chapter_ms += elapsed_ms;
    }

    fn move_run_to_stall(&mut self) {
        self.counts.stall_events += 1;
        self.times.content_ms -= self.run.content_ms;
        self.times.stall_ms += self.run.content_ms;
        let chapter_ms = self.run.chapter_ms;
        if let Some(view) = self.known_chapters().and_then(Views::open_row) {
            view.time_ms -= chapter_ms;
        }
        self.playing.cut(self.run.from_ms);
    }

    /// Restarts the count of the run within the open chapter, when another chapter begins or this one ends.
    pub(crate) fn forget_chapter_in_run(&mut self) {
        self.run.chapter_ms = 0;
    }

    fn playing_state(&self) -> (Playback, bool, bool) {
        (self.playback(), self.has_ad_break(), self.has_ad())
    }

    pub(crate) fn diagnose_unless(&mut self, is_kept: bool) {
        if !is_kept {
            self.diagnoses.add(Diagnosis::SessionTooLarge);
        }
    }

    /// Moves all times of a session that has ended, and of its rows.
    pub(crate) fn move_times(&mut self, by_ms: i64) {
        self.started_at_ms = self.started_at_ms.saturating_add(by_ms);
        self.previous_ms = self.previous_ms.saturating_add(by_ms);
        self.active.move_by(by_ms);
        self.playing.move_by(by_ms);
        if self.run.events > 0 {
            self.run.from_ms = self.run.from_ms.saturating_add(by_ms);
        }
        for ad in self.known_ads().map(|ads| &mut ads.views.rows[..]).unwrap_or_default() {
            ad.started_at_ms = ad.started_at_ms.saturating_add(by_ms);
        }
        let Some(rare) = self.known_rare() else { return };
        let end = rare.content_end.iter_mut().map(|end| &mut end.at_ms);
        let chapters = rare.chapters.iter_mut().flat_map(|chapters| &mut chapters.rows);
        let errors = rare.errors.iter_mut().flat_map(|errors| &mut errors.rows);
        let starts = chapters.map(|chapter| &mut chapter.started_at_ms);
        for at_ms in end.chain(starts).chain(errors.map(|error| &mut error.at_ms)) {
            *at_ms = at_ms.saturating_add(by_ms);
        }
    }

    fn take_remarks(&mut self, event: &Event) {
        if event.remarks.unknown_param {
            self.diagnoses.add(Diagnosis::UnknownParam);
        }
        if event.remarks.missing_param {
            self.diagnoses.add(Diagnosis::MissingParam);
        }
    }

    /// Keeps only once what other sessions have as well.
    pub(crate) fn share(&mut self, shared_bytes: &mut SharedBytes) {
        if let Some(ads) = &mut self.ads {
            ads.share(shared_bytes);
        }
        if let Some(rare) = &mut self.rare {
            rare.share(shared_bytes);
        }
    }

    /// Bytes of heap, which the limits count.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.watched.heap_bytes()
            + self.active.heap_bytes()
            + self.playing.heap_bytes()
            + self.ads.as_ref().map_or(0, |ads| ads.memory_bytes())
            + self.rare.as_ref().map_or(0, |rare| rare.memory_bytes())
    }
}

/// The playhead for the accounting: a negative one counts as 0 (metrics contract, section 6).
pub(crate) fn counted(playhead: f64) -> f64 {
    playhead.max(0.0)
}
