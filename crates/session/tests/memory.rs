//! How much memory open sessions take, by what the system says. A binary of its own, so that nothing else takes memory
//! meanwhile.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use playhead_protocol::{Endpoint, Origin, SessionId, Validation, parse_event};
use playhead_session::{Arrival, Engine, Fingerprint, Settings};

const SESSIONS: u64 = 3_000;
const EVENTS: u64 = 35;
const START_MS: i64 = 1_767_225_600_000;

/// The most that a session takes which has watched without a break: 1.2 KiB.
const SESSION_BYTES_MAX: usize = 1_228;

/// Memory of this process that is in use, bytes.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1_024
}

fn id(session: u64) -> SessionId {
    let mut bytes = [0; SessionId::LENGTH];
    for (place, part) in bytes.chunks_exact_mut(8).enumerate() {
        let mixed = (session * 4 + place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        part.copy_from_slice(&(mixed ^ mixed >> 29).to_le_bytes());
    }
    SessionId::from_bytes(bytes)
}

fn body(session: u64, round: u64, ts_ms: i64) -> String {
    let head = format!(r#"{{"playerTime":{{"playhead":{},"ts":{ts_ms}}},"eventType":"#, round * 10);
    let content = session % 200;
    match round {
        0 => format!(
            r#"{head}"sessionStart","params":{{"analytics.trackingServer":"metrics.example.com","analytics.reportSuite":"example-rsid","analytics.visitorId":"visitor-{session}","visitor.marketingCloudOrgId":"0123456789ABCDEF@AdobeOrg","media.id":"content-{content}","media.name":"Content number {content}","media.length":3600,"media.contentType":"VOD","media.playerName":"sample-html5-api-player","media.channel":"sample-channel","media.sdkVersion":"va-api-0.0.0","media.show":"Sample show"}},"customMetadata":{{"plan":"a premium plan"}}}}"#
        ),
        1 => format!(r#"{head}"play","params":{{}}}}"#),
        _ => format!(
            r#"{head}"ping","params":{{}},"qoeData":{{"media.qoe.bitrate":3200000,"media.qoe.droppedFrames":{},"media.qoe.framesPerSecond":50,"media.qoe.timeToStart":1100}}}}"#,
            round % 7
        ),
    }
}

/// Sends each session the events of one round, a little apart from each other.
fn send_round(engine: &mut Engine, round: u64) {
    for session in 0..SESSIONS {
        let ts_ms = START_MS + (round * 10_000 + session * 10_000 / SESSIONS) as i64;
        let body = body(session, round, ts_ms);
        let endpoint = if round == 0 { Endpoint::SessionStart } else { Endpoint::Events };
        let arrival = Arrival {
            sequence: round * SESSIONS + session,
            arrived_at_ms: ts_ms,
            event: parse_event(body.as_bytes(), endpoint, Validation::Lenient).unwrap(),
            fingerprint: Fingerprint::of(body.as_bytes()),
        };
        match round {
            0 => engine.open(id(session), Origin::COLLECTION_V1, arrival, &mut ()),
            _ => drop(engine.push(&id(session), arrival, &mut ())),
        }
    }
}

#[test]
fn a_million_sessions_took_two_gigabytes() {
    let mut engine = Engine::new(Settings::default());
    let before = resident_bytes();
    for round in 0..EVENTS {
        send_round(&mut engine, round);
        drop(engine.take_changed());
    }
    let last_ms = START_MS + (EVENTS * 10_000) as i64;
    let mut closed = Vec::new();
    engine.advance_to(last_ms + Settings::default().reorder_window_ms, &mut closed, &mut ());
    assert!(closed.is_empty() && engine.iter().all(|session| session.waiting_events() == 0));

    let taken = (resident_bytes() - before) / SESSIONS as usize;
    let counted = engine.memory_bytes() / SESSIONS as usize;
    assert!(taken <= SESSION_BYTES_MAX, "{taken} bytes a session");
    // The rest is what the allocator of the system leaves free between them.
    assert!((2 * taken..=3 * taken).contains(&(3 * counted)), "{counted} bytes are counted of {taken}");
}
