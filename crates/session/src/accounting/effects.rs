//! The effect of each event on the books (metrics contract, section 4).

use playhead_protocol::{ErrorDetail, Event, EventType, PackedPairs, PackedParams};

use crate::accounting::accounts::Accounts;
use crate::accounting::diagnosis::Diagnosis;
use crate::accounting::kept::books::AdBreak;
use crate::accounting::views::{AdView, ChapterView, ContentEnd, ErrorView, Playback, ViewEnd};
use crate::limits::{
    ERROR_IDS_MAX, KEPT_AD_BYTES, KEPT_BYTES_MAX, KEPT_CHAPTER_BYTES, KEPT_ERROR_BYTES, KEPT_ERROR_ID_BYTES,
    KEPT_STATE_BYTES, PLAYER_STATES_MAX,
};

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
        let is_break = self.set_break_playback(Playback::Playing);
        match self.content_end() {
            None => self.content_playback = Playback::Playing,
            // A late `play` from before the end starts no replay.
            Some(end) if !is_break && ts_ms >= end.at_ms => {
                end.is_play_pending = true;
                self.content_playback = Playback::Ended;
            }
            Some(_) => {}
        }
    }

    /// Pauses or buffers: the open break, and the content unless that has ended and a post-roll is on.
    fn halt(&mut self, playback: Playback) {
        let is_break = self.set_break_playback(playback);
        if let Some(end) = self.content_end() {
            if is_break {
                return;
            }
            end.is_play_pending = false;
        }
        self.content_playback = playback;
    }

    /// Sets the playback of the open break; `false` if there is none.
    fn set_break_playback(&mut self, playback: Playback) -> bool {
        let ad_break = self.known_ads().and_then(|ads| ads.ad_break.as_mut());
        ad_break.map(|ad_break| ad_break.playback = playback).is_some()
    }

    fn content_end(&mut self) -> Option<&mut ContentEnd> {
        self.known_rare()?.content_end.as_mut()
    }

    fn end_content(&mut self, at_ms: i64, playhead: f64) {
        self.content_playback = Playback::Ended;
        self.rare_mut().content_end = Some(ContentEnd { at_ms, playhead, is_play_pending: false });
    }

    /// Begins a replay once the playhead has moved away from the end. Until then a `play` proves nothing: SDKs send one
    /// after each ad break, and players play end cards.
    pub(crate) fn begin_replay(&mut self, ts_ms: i64, playhead: f64) {
        if self.has_ad_break() {
            return;
        }
        let Some(rare) = self.known_rare() else { return };
        let is_replay = rare.content_end.is_some_and(|end| {
            end.is_play_pending && ts_ms >= end.at_ms && (playhead - end.playhead).abs() > REPLAY_MOVE_SECONDS
        });
        if is_replay {
            rare.content_end = None;
            self.content_playback = Playback::Playing;
        }
    }

    /// Closes the views that are still open when the session closes.
    pub(crate) fn close_open_views(&mut self) {
        self.close_break();
        self.close_chapter(ViewEnd::NotCompleted);
        for state in self.known_rare().map(|rare| &mut rare.states[..]).unwrap_or_default() {
            state.is_open = false;
        }
    }

    fn take_error(&mut self, event: &Event) {
        let unnamed = ErrorDetail { id: None, source: "player".into() };
        let error = event.detail.as_ref().and_then(|detail| detail.error.as_ref()).unwrap_or(&unnamed);
        self.rare_mut().errors_mut().count += 1;
        if let Some(id) = &error.id {
            let is_external = &*error.source == "external";
            let errors = self.errors();
            let ids = if is_external { &errors.external_ids } else { &errors.player_ids };
            let is_new = ids.len() < ERROR_IDS_MAX && !ids.contains(id);
            if is_new && self.can_keep(KEPT_ERROR_ID_BYTES + id.len()) {
                self.rare_mut().errors_mut().push_id(id.clone(), is_external);
            }
        }
        let texts = error.id.as_ref().map_or(0, |id| id.len()) + error.source.len();
        if self.can_keep(KEPT_ERROR_BYTES + texts) {
            self.rare_mut().errors_mut().push_row(ErrorView {
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
            self.close_break();
        }
        let (pod, _) = carried(event);
        self.ads_mut().ad_break = Some(AdBreak { pod, playback: Playback::Playing });
    }

    fn complete_ad_break(&mut self) {
        if !self.has_ad_break() {
            self.diagnoses.add(Diagnosis::AdBreakNotStarted);
            return;
        }
        self.close_break();
    }

    /// Closes the open break with its ad, if there is one.
    fn close_break(&mut self) {
        self.close_ad(ViewEnd::NotCompleted);
        if let Some(ads) = self.known_ads() {
            ads.ad_break = None;
        }
    }

    fn start_ad(&mut self, event: &Event) {
        let Some(ad_break) = self.known_ads().and_then(|ads| ads.ad_break.as_mut()) else {
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
        let (params, custom_metadata) = carried(event);
        let texts = pod.len_bytes() + params.len_bytes() + custom_metadata.len_bytes();
        let is_kept = self.can_keep(KEPT_AD_BYTES + texts);
        let started_at_ms = event.ts_ms;
        let row = AdView { pod, params, custom_metadata, started_at_ms, time_ms: 0, end: None };
        self.ads_mut().views.begin(is_kept.then_some(row));
    }

    fn end_ad(&mut self, end: ViewEnd) {
        if !self.close_ad(end) {
            self.diagnoses.add(Diagnosis::AdNotStarted);
        }
    }

    /// Closes the open ad; `false` if there is none.
    fn close_ad(&mut self, end: ViewEnd) -> bool {
        self.known_ads().is_some_and(|ads| ads.views.close(end))
    }

    fn start_chapter(&mut self, event: &Event) {
        if self.close_chapter(ViewEnd::NotCompleted) {
            self.diagnoses.add(Diagnosis::ChapterNotCompleted);
        }
        let (params, custom_metadata) = carried(event);
        let texts = params.len_bytes() + custom_metadata.len_bytes();
        let is_kept = self.can_keep(KEPT_CHAPTER_BYTES + texts);
        let row = ChapterView { params, custom_metadata, started_at_ms: event.ts_ms, time_ms: 0, end: None };
        self.rare_mut().chapters_mut().begin(is_kept.then_some(row));
    }

    fn end_chapter(&mut self, end: ViewEnd) {
        if !self.close_chapter(end) {
            self.diagnoses.add(Diagnosis::ChapterNotStarted);
        }
    }

    /// Closes the open chapter; `false` if there is none.
    fn close_chapter(&mut self, end: ViewEnd) -> bool {
        self.forget_chapter_in_run();
        self.known_chapters().is_some_and(|chapters| chapters.close(end))
    }

    /// Updates the states. Ends apply before starts, so that one update can restart a state.
    fn update_states(&mut self, event: &Event) {
        let Some(detail) = &event.detail else { return };
        for name in &detail.states_end {
            let mut states = self.known_rare().into_iter().flat_map(|rare| &mut rare.states);
            match states.find(|state| state.is_open && state.name == *name) {
                Some(state) => state.is_open = false,
                None => self.diagnoses.add(Diagnosis::StateNotStarted),
            }
        }
        for name in &detail.states_start {
            let rare = self.rare_mut();
            let has_room = rare.states.len() < PLAYER_STATES_MAX;
            match rare.states.iter_mut().find(|state| state.name == *name) {
                Some(state) => {
                    state.count += u32::from(!state.is_open);
                    state.is_open = true;
                }
                None if !has_room => self.diagnoses.add(Diagnosis::TooManyStates),
                None => {
                    rare.push_state(name.clone());
                    self.kept_bytes += (KEPT_STATE_BYTES + name.len()) as u32;
                }
            }
        }
    }

    /// Makes room for one more row; `false`, with a diagnosis, if the session is full.
    fn can_keep(&mut self, bytes: usize) -> bool {
        let kept_bytes = self.kept_bytes as usize + bytes;
        let fits = kept_bytes <= KEPT_BYTES_MAX;
        if fits {
            self.kept_bytes = kept_bytes as u32;
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
