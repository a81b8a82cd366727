//! Bodies of events as players send them, the sessions of many viewers among each other.

use playhead_protocol::SessionId;

use playhead_random::Random;

/// Viewers who watch at the same time.
const VIEWERS: u64 = 500;
/// Events of a viewer before another takes the place.
const EVENTS: u64 = 60;

/// An event on its way in.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleEvent {
    /// Its session.
    pub session: SessionId,
    /// When it arrives, ms since the epoch.
    pub received_at_ms: i64,
    /// Its body, JSON.
    pub body: String,
}

/// Events from `first_ms` on, in order of arrival: the first of each session is its `sessionStart`.
pub fn events(seed: u64, first_ms: i64) -> impl Iterator<Item = SampleEvent> {
    (0_u64..).map(move |number| {
        let round = number / VIEWERS;
        let viewer = number % VIEWERS + round / EVENTS * VIEWERS;
        let step = round % EVENTS;
        let mut of_viewer = Random::of(seed ^ 0xe7e7, viewer);
        let mut bytes = [0; SessionId::LENGTH];
        for part in bytes.chunks_exact_mut(8) {
            part.copy_from_slice(&of_viewer.bits().to_le_bytes());
        }
        let jitter = &mut Random::of(seed ^ 0x717e, number);
        let ts = first_ms + (round * 10_000 + number % VIEWERS * 19) as i64 + jitter.between(0, 40);
        SampleEvent {
            session: SessionId::from_bytes(bytes),
            received_at_ms: ts + jitter.between(5, 400),
            body: body(step, ts, viewer, &mut of_viewer, jitter),
        }
    })
}

/// Bodies of events as players send them, most of them pings.
pub fn ping_bodies(seed: u64, count: usize) -> Vec<String> {
    events(seed, 1_767_225_600_000).take(count).map(|event| event.body).collect()
}

fn body(step: u64, ts: i64, viewer: u64, of_viewer: &mut Random, jitter: &mut Random) -> String {
    let content = of_viewer.ranked(2_000);
    let bitrate = 900 + of_viewer.below(6) * 800;
    let time_to_start = of_viewer.between(300, 4_000);
    let playhead = (step * 10) as f64 + jitter.below(1_000_000) as f64 / 1e6;
    let dropped = step / 7;
    match step {
        0 => format!(
            r#"{{"playerTime":{{"playhead":0,"ts":{ts}}},"eventType":"sessionStart","params":{{"analytics.trackingServer":"metrics.example.com","analytics.reportSuite":"example-prod","analytics.enableSSL":true,"visitor.marketingCloudOrgId":"0123456789ABCDEF@AdobeOrg","visitor.marketingCloudUserId":"{viewer:038}","media.id":"content-{content:05}","media.name":"Harbour Lights {content}","media.length":3605.25,"media.contentType":"vod","media.streamType":"video","media.playerName":"html5-main","media.channel":"web","media.sdkVersion":"7.4.1","media.libraryVersion":"js-3.0.2","media.show":"Harbour Lights 1","media.season":"2","media.episode":"{}"}},"customMetadata":{{"plan":"basic","page.type":"home"}}}}"#,
            content % 24,
        ),
        1 => format!(
            r#"{{"playerTime":{{"playhead":0,"ts":{ts}}},"eventType":"adBreakStart","params":{{"media.ad.podFriendlyName":"pre-roll","media.ad.podIndex":0,"media.ad.podSecond":0}},"qoeData":{{}}}}"#
        ),
        2 => format!(
            r#"{{"playerTime":{{"playhead":0,"ts":{ts}}},"eventType":"adStart","params":{{"media.ad.podFriendlyName":"pre-roll","media.ad.name":"Spring shoes","media.ad.id":"ad-001","media.ad.length":15,"media.ad.podPosition":1,"media.ad.playerName":"ad-player","media.ad.advertiser":"Ad Guys","media.ad.campaignId":"spring-26","media.ad.creativeId":"42","media.ad.siteId":"XYZ","media.ad.creativeURL":"https://example.com/creatives/42","media.ad.placementId":"sample_placement"}},"customMetadata":{{"placement":"left"}}}}"#
        ),
        3 => format!(r#"{{"playerTime":{{"playhead":0,"ts":{ts}}},"eventType":"adComplete","params":{{}}}}"#),
        4 => format!(
            r#"{{"playerTime":{{"playhead":0,"ts":{ts}}},"eventType":"adBreakComplete","params":{{}}}}"#
        ),
        59 => format!(
            r#"{{"playerTime":{{"playhead":{playhead},"ts":{ts}}},"eventType":"sessionEnd","params":{{}}}}"#
        ),
        _ => format!(
            r#"{{"playerTime":{{"playhead":{playhead},"ts":{ts}}},"eventType":"{}","params":{{}},"qoeData":{{"media.qoe.bitrate":{bitrate},"media.qoe.droppedFrames":{dropped},"media.qoe.framesPerSecond":25,"media.qoe.timeToStart":{time_to_start}}}}}"#,
            if step == 5 { "play" } else { "ping" },
        ),
    }
}
