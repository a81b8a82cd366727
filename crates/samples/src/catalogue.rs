//! What there is to watch, and what it is watched on.

use std::fmt::Write;

use playhead_random::Random;

/// One thing to watch.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    /// Seconds; 0 when it has no end.
    pub(crate) length_seconds: f64,
    pub(crate) content_type: &'static str,
    pub(crate) stream_type: Option<&'static str>,
    pub(crate) show: Option<String>,
    pub(crate) season: Option<String>,
    pub(crate) episode: Option<String>,
    pub(crate) genre: Option<&'static str>,
    pub(crate) rating: Option<&'static str>,
    pub(crate) first_air_date: Option<String>,
    pub(crate) artist: Option<&'static str>,
    /// The first of the channels that have it.
    pub(crate) channel: usize,
    /// Seconds of a chapter; `None` when it has none.
    pub(crate) chapter_seconds: Option<i64>,
}

impl Content {
    /// Whether its playhead is the second of the day.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.content_type, "live" | "linear")
    }
}

/// Channels, the most watched first.
pub(crate) const CHANNELS: [&str; 20] = [
    "web",
    "ios",
    "android",
    "smart-tv",
    "fire-tv",
    "apple-tv",
    "chromecast",
    "roku",
    "xbox",
    "playstation",
    "partner/news",
    "partner/sport",
    "partner/kids",
    "kiosk",
    "hotel",
    "airline",
    "campus",
    "日本",
    "Süd & West",
    "beta",
];

/// Players, and whether each writes content types in capitals.
pub(crate) const PLAYERS: [(&str, bool); 8] = [
    ("html5-main", false),
    ("html5-embed", true),
    ("avplayer", false),
    ("exoplayer", false),
    ("media3", false),
    ("roku-video-node", false),
    ("shaka", false),
    ("audio-bar", false),
];

/// Versions of the app.
pub(crate) const APP_VERSIONS: [&str; 12] = [
    "7.4.1",
    "7.4.0",
    "7.3.2",
    "7.3.0",
    "7.2.9",
    "7.2.0",
    "7.1.0",
    "7.0.3",
    "6.9.12",
    "6.9.0",
    "6.0.0-rc.1",
    "5.2",
];

/// Report suites, the busiest first.
pub(crate) const REPORT_SUITES: [&str; 4] = ["example-prod", "example-sport", "example-audio", "example-dev"];

const GENRES: [&str; 10] = [
    "drama",
    "news",
    "comedy",
    "sport",
    "documentary",
    "kids",
    "music",
    "crime",
    "science fiction",
    "Krimi & Thriller",
];

const RATINGS: [&str; 4] = ["TV-G", "TV-PG", "TV-14", "FSK 16"];

const ARTISTS: [&str; 5] = ["The Samples", "Björk Ähnlich", "DJ Null", "宇多田", "O'Brien \"Quote\" Band"];

const TITLES: [&str; 12] = [
    "Harbour Lights",
    "Sommerabend – Folge",
    "夜の図書館",
    "The Long Way, Part",
    "Noticias de la mañana",
    "<b>Bold</b> & Co.",
    "Match of the Week",
    "Ma\"quis\"",
    "Kleine Welt",
    "Science/Fiction",
    "🎬 Behind the Scenes",
    "L'été à Nîmes",
];

/// All contents of a seed, the most watched first.
pub(crate) fn contents(seed: u64, count: u32) -> Vec<Content> {
    (0..count.max(1)).map(|number| content(seed, number)).collect()
}

fn content(seed: u64, number: u32) -> Content {
    let random = &mut Random::of(seed ^ 0xc0de, number.into());
    let (content_type, stream_type, minutes) = match random.below(100) {
        0..62 => ("vod", Some("video"), random.between(2, 110)),
        62..70 => ("live", Some("video"), 0),
        70..76 => ("linear", Some("video"), 0),
        76..80 => ("ugc", Some("video"), random.between(1, 8)),
        80..83 => ("dvod", Some("video"), random.between(20, 110)),
        83..89 => ("song", Some("audio"), random.between(2, 6)),
        89..94 => ("podcast", Some("audio"), random.between(15, 90)),
        94..97 => ("audiobook", Some("audio"), random.between(60, 600)),
        _ => ("trailer", None, random.between(1, 3)),
    };
    let length_seconds =
        if minutes == 0 { 0.0 } else { (minutes * 60) as f64 + random.below(60_000) as f64 / 1_000.0 };
    let show = random.below(60);
    let mut name = TITLES[random.ranked(TITLES.len())].to_owned();
    let _written = write!(name, " {number}");
    let is_episode = !matches!(content_type, "song" | "trailer" | "ugc");
    let chaptered = minutes > 20 && random.happens(0.3);
    Content {
        id: format!("content-{number:05}"),
        name: random.happens(0.97).then_some(name),
        length_seconds,
        content_type,
        stream_type,
        show: is_episode.then(|| format!("{} {}", TITLES[show as usize % TITLES.len()], show / 12 + 1)),
        season: is_episode.then(|| random.between(1, 9).to_string()),
        episode: is_episode.then(|| random.between(1, 24).to_string()),
        genre: random.happens(0.9).then(|| GENRES[random.ranked(GENRES.len())]),
        rating: random.happens(0.5).then(|| *random.one_of(&RATINGS)),
        first_air_date: random.happens(0.4).then(|| {
            format!(
                "20{:02}-{:02}-{:02}",
                random.between(10, 25),
                random.between(1, 12),
                random.between(1, 28)
            )
        }),
        artist: (content_type == "song").then(|| *random.one_of(&ARTISTS)),
        channel: random.ranked(CHANNELS.len()),
        chapter_seconds: chaptered.then(|| random.between(5, 15) * 60),
    }
}

/// One ad.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ad {
    pub(crate) id: &'static str,
    pub(crate) name: Option<&'static str>,
    pub(crate) length_seconds: i64,
    pub(crate) advertiser: &'static str,
    pub(crate) campaign: &'static str,
}

const fn ad(
    id: &'static str,
    name: Option<&'static str>,
    length_seconds: i64,
    advertiser: &'static str,
    campaign: &'static str,
) -> Ad {
    Ad { id, name, length_seconds, advertiser, campaign }
}

/// All ads, the most shown first.
pub(crate) const ADS: [Ad; 12] = [
    ad("ad-001", Some("Spring shoes"), 15, "Ad Guys", "spring-26"),
    ad("ad-002", Some("Spring shoes, short"), 7, "Ad Guys", "spring-26"),
    ad("ad-003", Some("Café crème"), 20, "Röstwerk", "brand"),
    ad("ad-004", None, 30, "Cars & Co.", "new-model"),
    ad("ad-005", Some("Bank, young"), 15, "Example Bank", "accounts"),
    ad("ad-006", Some("Bank, old"), 15, "Example Bank", "accounts"),
    ad("ad-007", Some("新しい味"), 6, "Snack", "launch"),
    ad("ad-008", Some("Travel"), 25, "Airline", "summer"),
    ad("ad-009", Some("Travel, winter"), 25, "Airline", "winter"),
    ad("ad-010", Some("House ad"), 10, "", "house"),
    ad("ad-011", Some("Charity"), 40, "Good Cause", "donate"),
    ad("ad-012", Some("Bumper"), 5, "Snack", "launch"),
];
