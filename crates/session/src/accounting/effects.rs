//! The effect of each event on the books (metrics contract, section 4).

use playhead_protocol::{ErrorDetail, Event, EventType, PackedPairs, PackedParams};

use crate::accounting::accounts::{Accounts, AdBreak};
use crate::accounting::diagnosis::Diagnosis;
use crate::accounting::observe::Playback;
use crate::accounting::views::{AdView, ChapterView, ContentEnd, ErrorView, OpenView, PlayerState, ViewEnd};
use crate::limits::{ERROR_IDS_MAX, KEPT_BYTES_MAX, PLAYER_STATES_MAX};

/// The playhead moves further than this when the content plays again after its end, seconds.
const REPLAY_MOVE_SECONDS: f64 = 1.0;

impl Accounts {
    /// Takes the effect of an event; `playhead` is its playhead for the accounting.
    pub(crate) fn take_effect(&mut self, event: &Event, playhead: f64) {
        match event.event_type {
            EventType::SessionStart | EventType::Ping | EventType::SessionEnd => {}
            EventType::Play => {
                self.play(event.ts_ms);
                self.content_start |= !self.has_ad_break();
            }
            EventType::PauseStart => {
                self.counts.pause_events += u32::from(self.playback() != Playback::Paused);
                self.halt(Playback::Paused);
            }
            EventType::BufferStart => {
                self.counts.buffer_events += u32::from(self.playback() != Playback::Buffering);
                self.halt(Playback::Buffering);
            }
            EventType::BitrateChange => self.counts.bitrate_changes += 1,
            EventType::Error => self.take_error(event),
            EventType::SessionComplete => {
                self.content_complete = true;
                self.end_content(event.ts_ms, playhead);
            }
            EventType::AdBreakStart => self.start_ad_break(event),
            EventType::AdBreakComplete => self.complete_ad_break(),
            EventType::AdStart => self.start_ad(event),
            EventType::AdComplete => self.end_ad(ViewEnd::Completed),
            EventType::AdSkip => self.end_ad(ViewEnd::Skipped),
            EventType::ChapterStart => self.start_chapter(event),
            EventType::ChapterComplete => self.end_chapter(ViewEnd::Completed),
            EventType::ChapterSkip => self.end_chapter(ViewEnd::Skipped),
            EventType::StateStart | EventType::StateEnd | EventType::StatesUpdate => {
                self.update_states(event);
            }
        }
    }

    /// Takes a `play`: of the open break, and of the content unless that has ended.
    fn play(&mut self, ts_ms: i64) {
        match (&mut self.ad_break, &mut self.content_end) {
            (Some(ad_break), content_end) => {
                ad_break.playback = Playback::Playing;
                if content_end.is_none() {
                    self.content_playback = Playback::Playing;
                }
            }
            (None, Some(end)) => {
                // A late `play` from before the end starts no replay.
                if ts_ms >= end.at_ms {
                    end.is_play_pending = true;
                    self.content_playback = Playback::Ended;
                }
            }
            (None, None) => self.content_playback = Playback::Playing,
        }
    }

    /// Pauses or buffers: the open break, and the content unless that has ended and a post-roll is on.
    fn halt(&mut self, playback: Playback) {
        if let Some(ad_break) = &mut self.ad_break {
            ad_break.playback = playback;
            if self.content_end.is_some() {
                return;
            }
        } else if let Some(end) = &mut self.content_end {
            end.is_play_pending = false;
        }
        self.content_playback = playback;
    }

    fn end_content(&mut self, at_ms: i64, playhead: f64) {
        self.content_playback = Playback::Ended;
        self.content_end = Some(ContentEnd { at_ms, playhead, is_play_pending: false });
    }

    /// Begins a replay once the playhead has moved away from the end. Until then a `play` proves nothing: SDKs send one
    /// after each ad break, and players play end cards.
    pub(crate) fn begin_replay(&mut self, ts_ms: i64, playhead: f64) {
        if self.has_ad_break() {
            return;
        }
        let is_replay = self.content_end.is_some_and(|end| {
            end.is_play_pending && ts_ms >= end.at_ms && (playhead - end.playhead).abs() > REPLAY_MOVE_SECONDS
        });
        if is_replay {
            self.content_end = None;
            self.content_playback = Playback::Playing;
        }
    }

    /// Closes the views that are still open when the session closes.
    pub(crate) fn close_open_views(&mut self) {
        self.close_ad(ViewEnd::NotCompleted);
        self.ad_break = None;
        self.close_chapter(ViewEnd::NotCompleted);
        for state in &mut self.states {
            state.is_open = false;
        }
    }

    fn take_error(&mut self, event: &Event) {
        self.counts.error_events += 1;
        let unnamed = ErrorDetail { id: None, source: "player".into() };
        let error = event.detail.as_ref().and_then(|detail| detail.error.as_ref()).unwrap_or(&unnamed);
        if let Some(id) = &error.id {
            let is_external = &*error.source == "external";
            let ids = if is_external { &self.external_errors } else { &self.player_errors };
            let is_new = ids.len() < ERROR_IDS_MAX && !ids.contains(id);
            if is_new && self.can_keep(size_of::<Box<str>>() + id.len()) {
                let ids = if is_external { &mut self.external_errors } else { &mut self.player_errors };
                ids.push(id.clone());
            }
        }
        let texts = error.id.as_ref().map_or(0, |id| id.len()) + error.source.len();
        if self.can_keep(size_of::<ErrorView>() + texts) {
            self.errors.push(ErrorView {
                error_id: error.id.clone(),
                source: error.source.clone(),
                at_ms: event.ts_ms,
                playhead: event.playhead,
            });
        }
    }

    fn start_ad_break(&mut self, event: &Event) {
        if self.has_ad_break() {
            self.diagnoses.add(Diagnosis::AdBreakNotCompleted);
            self.complete_ad_break();
        }
        let (pod, _) = carried(event);
        self.ad_break = Some(Box::new(AdBreak { pod, playback: Playback::Playing }));
    }

    fn complete_ad_break(&mut self) {
        if !self.has_ad_break() {
            self.diagnoses.add(Diagnosis::AdBreakNotStarted);
            return;
        }
        self.close_ad(ViewEnd::NotCompleted);
        self.ad_break = None;
    }

    fn start_ad(&mut self, event: &Event) {
        let Some(ad_break) = &mut self.ad_break else {
            self.diagnoses.add(Diagnosis::AdOutsideBreak);
            return;
        };
        // Players pause or buffer the content before an ad, and send no `play` for the ad.
        ad_break.playback = Playback::Playing;
        let pod = ad_break.pod.clone();
        if self.has_ad() {
            self.diagnoses.add(Diagnosis::AdNotCompleted);
            self.close_ad(ViewEnd::NotCompleted);
        }
        self.counts.ads += 1;
        let (params, custom_metadata) = carried(event);
        let texts = pod.len_bytes() + params.len_bytes() + custom_metadata.len_bytes();
        let is_kept = self.can_keep(size_of::<AdView>() + texts);
        self.open_ad = Some(OpenView { row: is_kept.then_some(self.ads.len() as u32) });
        if is_kept {
            let started_at_ms = event.ts_ms;
            self.ads.push(AdView { pod, params, custom_metadata, started_at_ms, time_ms: 0, end: None });
        }
    }

    fn end_ad(&mut self, end: ViewEnd) {
        if !self.close_ad(end) {
            self.diagnoses.add(Diagnosis::AdNotStarted);
        }
    }

    /// Closes the open ad; `false` if there is none.
    fn close_ad(&mut self, end: ViewEnd) -> bool {
        if let Some(view) = self.ad_view() {
            view.end = Some(end);
        }
        let was_open = self.open_ad.take().is_some();
        self.counts.ad_completes += u32::from(was_open && end == ViewEnd::Completed);
        self.counts.ad_skips += u32::from(was_open && end == ViewEnd::Skipped);
        was_open
    }

    fn start_chapter(&mut self, event: &Event) {
        if self.close_chapter(ViewEnd::NotCompleted) {
            self.diagnoses.add(Diagnosis::ChapterNotCompleted);
        }
        self.counts.chapters += 1;
        let (params, custom_metadata) = carried(event);
        let is_kept =
            self.can_keep(size_of::<ChapterView>() + params.len_bytes() + custom_metadata.len_bytes());
        self.open_chapter = Some(OpenView { row: is_kept.then_some(self.chapters.len() as u32) });
        if is_kept {
            let started_at_ms = event.ts_ms;
            self.chapters.push(ChapterView { params, custom_metadata, started_at_ms, time_ms: 0, end: None });
        }
    }

    fn end_chapter(&mut self, end: ViewEnd) {
        if !self.close_chapter(end) {
            self.diagnoses.add(Diagnosis::ChapterNotStarted);
        }
    }

    /// Closes the open chapter; `false` if there is none.
    fn close_chapter(&mut self, end: ViewEnd) -> bool {
        if let Some(view) = self.chapter_view() {
            view.end = Some(end);
        }
        self.forget_chapter_in_run();
        let was_open = self.open_chapter.take().is_some();
        self.counts.chapter_completes += u32::from(was_open && end == ViewEnd::Completed);
        self.counts.chapter_skips += u32::from(was_open && end == ViewEnd::Skipped);
        was_open
    }

    /// Updates the states. Ends apply before starts, so that one update can restart a state.
    fn update_states(&mut self, event: &Event) {
        let Some(detail) = &event.detail else { return };
        for name in &detail.states_end {
            match self.states.iter_mut().find(|state| state.is_open && state.name == *name) {
                Some(state) => state.is_open = false,
                None => self.diagnoses.add(Diagnosis::StateNotStarted),
            }
        }
        for name in &detail.states_start {
            let has_room = self.states.len() < PLAYER_STATES_MAX;
            match self.states.iter_mut().find(|state| state.name == *name) {
                Some(state) => {
                    state.count += u32::from(!state.is_open);
                    state.is_open = true;
                }
                None if !has_room => self.diagnoses.add(Diagnosis::TooManyStates),
                None => {
                    self.kept_bytes += size_of::<PlayerState>() + name.len();
                    self.states.push(PlayerState { name: name.clone(), count: 1, time_ms: 0, is_open: true });
                }
            }
        }
    }

    /// The row of the open ad, if the session keeps one.
    pub(crate) fn ad_view(&mut self) -> Option<&mut AdView> {
        let row = self.open_ad?.row?;
        self.ads.get_mut(row as usize)
    }

    /// The row of the open chapter, if the session keeps one.
    pub(crate) fn chapter_view(&mut self) -> Option<&mut ChapterView> {
        let row = self.open_chapter?.row?;
        self.chapters.get_mut(row as usize)
    }

    /// Makes room for one more row; `false`, with a diagnosis, if the session is full.
    fn can_keep(&mut self, bytes: usize) -> bool {
        let fits = self.kept_bytes + bytes <= KEPT_BYTES_MAX;
        if fits {
            self.kept_bytes += bytes;
        }
        self.diagnose_unless(fits);
        fits
    }
}

fn carried(event: &Event) -> (PackedParams, PackedPairs) {
    match &event.detail {
        Some(detail) => (detail.params.clone(), detail.custom_metadata.clone()),
        None => Default::default(),
    }
}
