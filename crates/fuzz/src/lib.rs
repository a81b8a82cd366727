//! Random input for what reads foreign bytes. The targets are the tests of this crate: on a stable toolchain they run
//! for as long as `scripts/fuzz` says, and `cargo bolero test --engine libfuzzer NAME` runs the same targets guided by
//! coverage.

/// Bytes that a target starts from: bodies that players send, one of each kind.
pub const SEEDS: &[&str] = &[
    r#"{"playerTime":{"playhead":0,"ts":1509045324153},"eventType":"sessionStart","params":{"analytics.trackingServer":"metrics.example.com","analytics.reportSuite":"example-rsid","analytics.visitorId":"v","visitor.marketingCloudOrgId":"0@AdobeOrg","visitor.customerIDs":{"crm":{"id":"1","authState":1}},"media.id":"c","media.length":60.5,"media.contentType":"vod","media.playerName":"p","media.channel":"ch","media.resume":false},"customMetadata":{"plan":"premium"}}"#,
    r#"{"playerTime":{"playhead":1e1,"ts":1509045334153},"eventType":"ping","params":{},"qoeData":{"media.qoe.bitrate":3200000,"media.qoe.droppedFrames":3.0,"media.qoe.framesPerSecond":50,"media.qoe.timeToStart":1100}}"#,
    r#"{"playerTime":{"playhead":0,"ts":1509045324153},"eventType":"adBreakStart","params":{"media.ad.podFriendlyName":"pod","media.ad.podIndex":0,"media.ad.podSecond":0}}"#,
    r#"{"playerTime":{"playhead":0,"ts":1509045324153},"eventType":"adStart","params":{"media.ad.id":"001","media.ad.length":15,"media.ad.podPosition":1,"media.ad.playerName":"p"},"customMetadata":{"a.b_c":"\ud83d\ude00"}}"#,
    r#"{"playerTime":{"playhead":0,"ts":1509045324153},"eventType":"statesUpdate","params":{"statesStart":[{"media.state.name":"mute"}],"statesEnd":[{"media.state.name":"fullscreen"}]}}"#,
    r#"{"playerTime":{"playhead":5,"ts":1509045324153},"eventType":"error","params":{"media.errorId":"e"},"qoeData":{"media.qoe.errorID":"x","media.qoe.errorSource":"external"}}"#,
    r#"{"playerTime":{"playhead":5,"ts":1509045324153},"eventType":"chapterStart","params":{"media.chapter.index":1,"media.chapter.offset":0,"media.chapter.length":20,"media.chapter.friendlyName":"Uno"}}"#,
    r#"{"playerTime":{"playhead":9,"ts":1509045399153},"eventType":"sessionEnd"}"#,
];

/// Pieces that break parsers, to be put into a body.
pub(crate) const TOKENS: &[&str] = &[
    "1e400",
    "-0",
    "NaN",
    "null",
    "true",
    "[[[[",
    "{\"\":",
    "\\ud800",
    "\\u0000",
    "\u{0}",
    "9007199254740993",
    "-1",
    "\"\"",
    "7258118400000",
    "{}",
    "[]",
    ",",
    "\"sessionStart\"",
    "media.downloaded",
    "1.5",
    "\u{feff}",
    "0x10",
];

/// Changes a text as random bytes say: the first picks the text, each three of the others make an edit.
pub fn mutate(texts: &[&str], random: &[u8]) -> Vec<u8> {
    let Some((&pick, edits)) = random.split_first() else { return Vec::new() };
    let mut bytes = texts[usize::from(pick) % texts.len()].as_bytes().to_vec();
    for edit in edits.chunks_exact(3) {
        let place = usize::from(edit[0]) * bytes.len().max(1) / 256;
        let token = TOKENS[usize::from(edit[2]) % TOKENS.len()];
        match edit[1] % 5 {
            0 => bytes.splice(place..place, token.bytes()).for_each(drop),
            1 if place < bytes.len() => bytes[place] = edit[2],
            2 => bytes.truncate(place),
            3 => {
                let end = (place + usize::from(edit[2] % 32)).min(bytes.len());
                bytes.drain(place.min(end)..end);
            }
            _ => {
                // The value behind the next colon becomes the token.
                if let Some(colon) = bytes[place.min(bytes.len())..].iter().position(|&byte| byte == b':') {
                    let start = place + colon + 1;
                    let length = bytes[start..].iter().position(|byte| b",}".contains(byte)).unwrap_or(0);
                    bytes.splice(start..start + length, token.bytes());
                }
            }
        }
    }
    bytes
}
