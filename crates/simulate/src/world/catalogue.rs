//! Contents, ads, channels and players.

use playhead_protocol::time::MINUTE_MS;

use crate::settings::{Profile, Settings};
use playhead_random::Random;

/// Contents that are watched on demand.
const RECORDED_CONTENTS: usize = 2_000;
/// Live channels.
const LIVE_CONTENTS: usize = 8;
/// The share of live sessions of a mixed audience.
const LIVE_SHARE: f64 = 0.35;
/// Chapters of a content at most.
const CHAPTERS_MAX: i64 = 24;

/// One thing to watch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Content {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) content_type: &'static str,
    /// 0 if it has no end, as live content.
    pub(crate) length_ms: i64,
    /// The length of its chapters; 0 if it has none.
    pub(crate) chapter_ms: i64,
    /// The playheads of its mid-rolls, ascending.
    pub(crate) mid_rolls_ms: Vec<i64>,
    pub(crate) show: Option<String>,
}

impl Content {
    /// Whether its playhead is the second of the day.
    pub(crate) fn is_live(&self) -> bool {
        self.length_ms == 0
    }

    /// The length of a chapter: the last one may be shorter.
    pub(crate) fn length_of_chapter_ms(&self, number: u8) -> i64 {
        self.chapter_ms.min(self.length_ms - i64::from(number) * self.chapter_ms)
    }
}

/// One ad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ad {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) length_ms: i64,
    pub(crate) advertiser: &'static str,
}

/// A kind of player, with its habits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Player {
    pub(crate) name: &'static str,
    /// Whether it sends a second `play` a second after the content has started.
    pub(crate) repeats_play: bool,
    /// Whether it sends a `play` with each ad.
    pub(crate) plays_with_ads: bool,
    /// Whether it holds `sessionStart` back until the first ad has begun.
    pub(crate) holds_start: bool,
    /// Whether it says how an ad or a chapter ends together with what follows.
    pub(crate) is_parallel: bool,
}

const fn player(name: &'static str, habits: [bool; 4]) -> Player {
    let [repeats_play, plays_with_ads, holds_start, is_parallel] = habits;
    Player { name, repeats_play, plays_with_ads, holds_start, is_parallel }
}

/// Players, the most used first.
pub(crate) const PLAYERS: [Player; 6] = [
    player("html5", [true, true, false, true]),
    player("ios", [false, true, false, true]),
    player("android", [true, false, false, true]),
    player("smart-tv", [false, false, false, false]),
    player("chromecast", [true, true, true, true]),
    player("roku", [false, false, true, false]),
];

/// Channels, the most watched first.
pub(crate) const CHANNELS: [&str; 8] =
    ["web", "app-ios", "app-android", "tv", "partner/news", "partner/sport", "kids", "日本"];

/// Report suites, the busiest first.
pub(crate) const REPORT_SUITES: [&str; 3] = ["sim-main", "sim-sport", "sim-partner"];

/// Steps of the ladder of bitrates, lowest first.
pub(crate) const BITRATES: [u32; 6] = [400, 900, 1_800, 3_200, 5_500, 8_000];

/// Ids of errors, the most frequent first.
pub(crate) const ERRORS: [&str; 5] = ["E-NET-TIMEOUT", "E-DECODE", "E-DRM-LICENSE", "E-MANIFEST", "E-404"];

/// Player states that viewers turn on and off.
pub(crate) const STATES: [&str; 3] = ["fullScreen", "mute", "closedCaptioning"];

const ADVERTISERS: [&str; 5] = ["Ad Guys", "Cars & Co.", "Example Bank", "Röstwerk", "Snack"];

/// Lengths of ads, seconds.
const AD_SECONDS: [i64; 6] = [15, 30, 20, 6, 10, 25];

/// Everything that can be watched in a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Catalogue {
    contents: Vec<Content>,
    /// How many of the contents are recorded; the others are live.
    recorded: usize,
    pub(crate) ads: Vec<Ad>,
    live_share: f64,
}

impl Catalogue {
    pub(crate) fn new(settings: &Settings) -> Self {
        let recorded = (0..RECORDED_CONTENTS).map(|number| recorded_content(number, settings));
        let live = (0..LIVE_CONTENTS).map(live_content);
        Self {
            contents: recorded.chain(live).collect(),
            recorded: RECORDED_CONTENTS,
            ads: (0..ADVERTISERS.len() * AD_SECONDS.len()).map(|number| ad(number, settings)).collect(),
            live_share: match settings.profile {
                Profile::Vod => 0.0,
                Profile::Live => 1.0,
                Profile::Mixed => LIVE_SHARE,
            },
        }
    }

    /// One that a viewer chooses.
    pub(crate) fn choose(&self, random: &mut Random) -> u16 {
        let live = self.contents.len() - self.recorded;
        let place = if random.happens(self.live_share) {
            self.recorded + random.ranked(live)
        } else {
            random.ranked(self.recorded)
        };
        place as u16
    }

    /// A content by its number, which [`Self::choose`] gave.
    pub(crate) fn content(&self, number: u16) -> &Content {
        &self.contents[usize::from(number)]
    }
}

fn recorded_content(number: usize, settings: &Settings) -> Content {
    let random = &mut Random::of(settings.seed ^ 0xc0de, number as u64);
    let (content_type, minutes) = match random.below(100) {
        0..40 => ("vod", random.between(20, 55)),
        40..65 => ("vod", random.between(70, 140)),
        65..90 => ("vod", random.between(1, 6)),
        _ => ("podcast", random.between(15, 60)),
    };
    let length_ms = settings.scaled_ms(minutes * MINUTE_MS + random.between(0, MINUTE_MS));
    let has_chapters = minutes >= 20 && random.happens(0.4);
    let chapters = if has_chapters { random.between(3, 12).min(CHAPTERS_MAX) } else { 0 };
    let chapter_ms = if chapters > 0 { length_ms / chapters + 1 } else { 0 };
    let mid_rolls = if minutes >= 20 { (minutes / 15).min(6) } else { 0 };
    let is_episode = minutes >= 20 && content_type == "vod";
    Content {
        id: format!("sim-{number:04}"),
        name: format!("Simulated {content_type} {number}"),
        content_type,
        length_ms,
        chapter_ms,
        mid_rolls_ms: (1..=mid_rolls).map(|place| length_ms * place / (mid_rolls + 1)).collect(),
        show: is_episode.then(|| format!("Series {}", number % 60)),
    }
}

fn live_content(number: usize) -> Content {
    Content {
        id: format!("sim-live-{number}"),
        name: format!("Simulated channel {number}"),
        content_type: if number % 4 == 3 { "linear" } else { "live" },
        length_ms: 0,
        chapter_ms: 0,
        mid_rolls_ms: Vec::new(),
        show: None,
    }
}

fn ad(number: usize, settings: &Settings) -> Ad {
    let seconds = AD_SECONDS[number % AD_SECONDS.len()];
    let advertiser = ADVERTISERS[number % ADVERTISERS.len()];
    Ad {
        id: format!("sim-ad-{number:02}"),
        name: format!("{advertiser} {seconds} s"),
        length_ms: settings.scaled_ms(seconds * 1_000),
        advertiser,
    }
}
