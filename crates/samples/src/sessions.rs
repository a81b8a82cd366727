//! Sessions in order of their starts.

use std::borrow::Cow;

use playhead_protocol::time::DAY_MS;
use playhead_protocol::{Origin, SessionId};
use playhead_session::{CloseReason, Diagnoses, Diagnosis, PlayerState, SessionRow, SessionRows, ViewEnd};

use crate::catalogue::{Content, contents};
use crate::course::{Course, in_seconds};
use crate::settings::SampleSettings;
use crate::start_params::{start_metadata, start_params};
use crate::starts::Starts;
use crate::visitors::visitor_of;
use playhead_random::Random;

/// Bitrates that players switch between, kbit/s.
const BITRATES: [f64; 7] = [450.0, 900.0, 1_600.0, 3_200.0, 4_800.0, 6_400.0, 8_050.0];

const PLAYER_ERRORS: [&str; 6] = ["MEDIA_ERR_DECODE", "MEDIA_ERR_NETWORK", "3016", "DRM-6007", "ошибка", ""];
const STATES: [&str; 6] =
    ["fullScreen", "closedCaptioning", "mute", "pictureInPicture", "inFocus", "vr.mode"];

/// The sessions of a seed, in order of their starts.
#[derive(Debug, Clone)]
pub struct Sessions {
    seed: u64,
    settings: SampleSettings,
    contents: Vec<Content>,
    starts: Starts,
    next: u64,
    end: u64,
}

impl Sessions {
    /// All sessions of a seed.
    pub fn new(seed: u64, settings: SampleSettings) -> Self {
        let contents = contents(seed, settings.contents);
        let starts = Starts::new(&settings);
        Self { seed, settings, contents, starts, next: 0, end: settings.sessions }
    }

    /// Only the sessions from one place to below another, as they stand in the whole.
    #[must_use]
    pub fn part(mut self, from: u64, to: u64) -> Self {
        self.next = from;
        self.end = to.min(self.settings.sessions);
        self
    }

    /// The rows of the session at a place.
    fn rows(&self, number: u64) -> SessionRows {
        let random = &mut Random::of(self.seed, number);
        let arrived_ms = self.starts.start_ms(number, random);
        let visitor = visitor_of(number, self.settings.sessions, random);
        let content = &self.contents[random.ranked(self.contents.len())];
        let is_downloaded = !content.is_live() && random.happens(0.03);
        let is_resume = !content.is_live() && random.happens(0.06);
        let is_open = self.settings.open_sessions && !is_downloaded && random.happens(0.02);

        let started_at_ms = self.started_at_ms(arrived_ms, random);
        let mut course = course(content, is_resume, started_at_ms);
        let has_completed = watch(&mut course, visitor.is_premium, random);
        course.end(is_open);

        let delay_ms = delay_ms(is_downloaded, course.now_ms - started_at_ms, random);
        let close_reason = close_reason(is_open, is_downloaded, has_completed, random);
        let params = start_params(content, &visitor, is_resume, is_downloaded, random);
        let custom_metadata = start_metadata(&visitor, random);
        let quality = Quality::draw(&course, random);
        let watched_spans = in_seconds(&course.watched);
        let session = SessionRow {
            session_id: session_id(random),
            params: Cow::Owned(params),
            custom_metadata: Cow::Owned(custom_metadata),
            origin: origin(is_downloaded),
            started_at_ms,
            last_event_at_ms: course.now_ms,
            received_at_ms: arrived_ms + delay_ms,
            clock_offset_ms: 0,
            close_reason,
            event_count: u32::try_from(course.events).unwrap_or(u32::MAX),
            diagnoses: diagnoses(&course, random),
            content_resume: is_resume,
            content_start: course.content_start,
            content_complete: has_completed,
            content_ms: course.content_ms,
            ad_ms: course.ad_ms,
            pause_ms: course.pause_ms,
            buffer_ms: course.buffer_ms,
            stall_ms: course.stall_ms,
            unique_seconds: watched_spans.iter().fold(0.0, |total, (from, to)| total + (to - from)),
            pause_events: course.pause_events,
            buffer_events: course.buffer_events,
            stall_events: course.stall_events,
            error_events: course.errors.len() as u32,
            bitrate_changes: quality.changes,
            ad_count: course.ads.len() as u32,
            ad_completes: course.ended_ads(ViewEnd::Completed),
            ad_skips: course.ended_ads(ViewEnd::Skipped),
            chapter_count: course.chapters.len() as u32,
            chapter_completes: course.ended_chapters(ViewEnd::Completed),
            chapter_skips: course.ended_chapters(ViewEnd::Skipped),
            progress: course.progress(),
            content_segment: course.segment(),
            average_bitrate: quality.bitrate,
            average_bitrate_bucket: quality.bitrate.map(bucket),
            dropped_frames: quality.dropped_frames,
            frames_per_second: quality.frames_per_second,
            time_to_start_ms: quality.time_to_start_ms,
            player_errors: error_ids(&course, true).into(),
            external_errors: error_ids(&course, false).into(),
            states: states(course.now_ms - started_at_ms, random).into(),
            active_spans: std::mem::take(&mut course.active).into(),
            playing_spans: std::mem::take(&mut course.playing).into(),
            watched_spans: watched_spans.into(),
            rewatched_spans: in_seconds(&course.rewatched).into(),
            playing_until_ms: None,
        };
        with_views(session, course)
    }

    /// When the player says that the session began.
    fn started_at_ms(&self, arrived_ms: i64, random: &mut Random) -> i64 {
        if self.settings.wrong_clocks && random.happens(0.000_5) {
            arrived_ms - random.between(45, 400) * DAY_MS
        } else {
            arrived_ms
        }
    }
}

impl Iterator for Sessions {
    type Item = SessionRows;

    fn next(&mut self) -> Option<SessionRows> {
        let number = (self.next < self.end).then_some(self.next)?;
        self.next += 1;
        Some(self.rows(number))
    }
}

fn course(content: &Content, is_resume: bool, started_at_ms: i64) -> Course {
    let length_ms = (content.length_seconds > 0.0).then(|| (content.length_seconds * 1_000.0).round() as i64);
    let playhead_ms = match length_ms {
        None => started_at_ms.rem_euclid(DAY_MS) / 1_000 * 1_000,
        Some(length_ms) if is_resume => length_ms / 3,
        Some(_) => 0,
    };
    let chapter_ms = content.chapter_seconds.map(|seconds| seconds * 1_000);
    Course::new(started_at_ms, playhead_ms, length_ms, chapter_ms)
}

/// Lets a viewer watch. `true` when the content was watched to its end.
fn watch(course: &mut Course, is_premium: bool, random: &mut Random) -> bool {
    course.start_up(random.long_tailed_ms(900));
    if random.happens(0.03) {
        course.error(Some("DRM-6007"), "player");
        return false;
    }
    if !is_premium && random.happens(0.6) && !course.ad_break(random) {
        return false;
    }
    if random.happens(0.03) {
        return false;
    }
    course.begin_content();
    let left_ms = course.length_ms.map_or(12 * 3_600_000, |length_ms| length_ms - course.playhead_ms);
    let wanted_ms = match random.below(100) {
        _ if course.length_ms.is_none() => random.long_tailed_ms(900_000),
        0..25 => (random.unit() * 0.1 * left_ms as f64) as i64,
        25..62 => left_ms,
        _ => (random.unit() * left_ms as f64) as i64,
    };
    let mut to_watch_ms = wanted_ms.min(left_ms);
    let interruptions = random.ranked(9);
    for turn in 0..interruptions {
        let chunk_ms = to_watch_ms / (interruptions - turn + 1) as i64;
        course.play(chunk_ms);
        to_watch_ms -= chunk_ms;
        let happening = random.below(100);
        match happening {
            0..35 => course.pause(random.long_tailed_ms(20_000)),
            35..55 => course.buffer(random.long_tailed_ms(1_200)),
            55..60 => course.stall(random.between(3_000, 30_000)),
            60..63 => course.error(error_id(random), ["player", "external", "cdn"][random.ranked(3)]),
            63..73 if course.length_ms.is_some() => {
                // Back to something seen before: it is watched once more.
                let back_ms = random.between(5_000, 120_000).min(course.playhead_ms);
                course.seek(course.playhead_ms - back_ms, random.between(200, 900));
                to_watch_ms += back_ms;
            }
            73..80 if course.length_ms.is_some() => {
                let ahead_ms = random.between(10_000, 300_000).min(to_watch_ms);
                course.seek(course.playhead_ms + ahead_ms, random.between(200, 900));
                to_watch_ms -= ahead_ms;
            }
            80..100 if !is_premium && !course.ad_break(random) => return false,
            _ => {}
        }
    }
    course.play(to_watch_ms);
    course.length_ms.is_some_and(|length_ms| course.playhead_ms >= length_ms)
}

/// How long after its start a session arrives: a downloaded one after all of it was watched.
fn delay_ms(is_downloaded: bool, watched_ms: i64, random: &mut Random) -> i64 {
    match is_downloaded {
        true => watched_ms + random.between(1_000, 3 * DAY_MS),
        false => random.between(5, 900),
    }
}

fn with_views(session: SessionRow, course: Course) -> SessionRows {
    SessionRows {
        session,
        ads: course.ads.into(),
        chapters: course.chapters.into(),
        errors: course.errors.into(),
    }
}

const fn origin(is_downloaded: bool) -> Origin {
    if is_downloaded { Origin::DOWNLOADED } else { Origin::COLLECTION_V1 }
}

fn close_reason(
    is_open: bool,
    is_downloaded: bool,
    has_completed: bool,
    random: &mut Random,
) -> Option<CloseReason> {
    match random.below(100) {
        _ if is_open => None,
        0..60 if is_downloaded => Some(CloseReason::Downloaded),
        _ if has_completed => Some(CloseReason::SessionEnd),
        0..14 => Some(CloseReason::Idle),
        14..15 => Some(CloseReason::IdlePlayhead),
        _ => Some(CloseReason::SessionEnd),
    }
}

fn error_id(random: &mut Random) -> Option<&'static str> {
    random.happens(0.9).then(|| PLAYER_ERRORS[random.ranked(PLAYER_ERRORS.len())])
}

/// Distinct ids, in order of first appearance; a player's own, or the others.
fn error_ids(course: &Course, of_player: bool) -> Vec<Box<str>> {
    let mut ids: Vec<Box<str>> = Vec::new();
    for error in course.errors.iter().filter(|error| (*error.source != *"external") == of_player) {
        if let Some(id) = &error.error_id
            && !ids.contains(id)
        {
            ids.push(id.clone());
        }
    }
    ids
}

fn diagnoses(course: &Course, random: &mut Random) -> Diagnoses {
    let mut diagnoses = Diagnoses::default();
    if course.length_ms.is_none() && course.playhead_ms >= DAY_MS {
        diagnoses.add(Diagnosis::PlayheadOutOfRange);
    }
    if random.happens(0.04) {
        diagnoses.add(*random.one_of(&[
            Diagnosis::LateEvent,
            Diagnosis::UnknownParam,
            Diagnosis::StateNotStarted,
        ]));
    }
    diagnoses
}

fn states(duration_ms: i64, random: &mut Random) -> Vec<PlayerState> {
    if !random.happens(0.3) {
        return Vec::new();
    }
    let first = random.ranked(STATES.len());
    let count = random.below(2) as usize + 1;
    let names = STATES.iter().cycle().skip(first).take(count);
    names
        .map(|name| PlayerState {
            name: (*name).into(),
            count: random.below(3) as u32 + 1,
            time_ms: random.between(0, duration_ms),
            is_open: false,
        })
        .collect()
}

fn session_id(random: &mut Random) -> SessionId {
    let mut bytes = [0; SessionId::LENGTH];
    for part in bytes.chunks_exact_mut(8) {
        part.copy_from_slice(&random.bits().to_le_bytes());
    }
    SessionId::from_bytes(bytes)
}

/// The quality values of a session.
struct Quality {
    bitrate: Option<f64>,
    changes: u32,
    dropped_frames: Option<f64>,
    frames_per_second: Option<f64>,
    time_to_start_ms: Option<f64>,
}

impl Quality {
    fn draw(course: &Course, random: &mut Random) -> Self {
        if random.happens(0.08) {
            return Self {
                bitrate: None,
                changes: 0,
                dropped_frames: None,
                frames_per_second: None,
                time_to_start_ms: None,
            };
        }
        let first = random.below(BITRATES.len() as u64) as usize;
        let second = (first + 1) % BITRATES.len();
        let played_ms = course.content_ms + course.ad_ms;
        let changes = if played_ms > 0 { random.ranked(5) as u32 } else { 0 };
        // The share of the time that the second of two bitrates played.
        let share = if changes > 0 { random.unit() } else { 0.0 };
        Self {
            bitrate: Some(BITRATES[first] * (1.0 - share) + BITRATES[second] * share),
            changes,
            dropped_frames: random.happens(0.9).then(|| random.ranked(400) as f64),
            frames_per_second: random.happens(0.8).then(|| *random.one_of(&[25.0, 29.97, 30.0, 50.0, 60.0])),
            time_to_start_ms: course.content_start.then(|| random.long_tailed_ms(850).max(1) as f64),
        }
    }
}

/// The hundred that a bitrate falls into.
fn bucket(bitrate: f64) -> String {
    let from = ((bitrate / 100.0).floor() * 100.0) as i64;
    format!("{from}-{}", from + 99)
}
