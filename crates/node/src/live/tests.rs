//! An hour of random sessions, many of which fall silent: what each second showed live, minute by minute, is what reports say of
//! it the next day, and what a count over the events says, written after docs/accounting.md, section 3.

use std::collections::BTreeSet;
use std::sync::Arc;

use playhead_lake::{Exclusions, Lake, Location, RowsBuilder, Table};
use playhead_protocol::{Endpoint, Origin, SessionId, Validation, parse_event};
use playhead_report::panels::ConcurrencyRequest;
use playhead_report::{EngineSettings, NothingUnstored, Reports};
use playhead_session::{Arrival, Fingerprint, Settings, rfc3339};
use serde_json::json;

use crate::ingest::activity::WatchedFilters;
use crate::ingest::open_sessions::OpenSessions;
use crate::live::count::count;

const START_MS: i64 = 1_792_886_400_000;
const SECONDS: i64 = 3_600;
const PLAYERS: u64 = 80;
/// Fewer than players, so that some have two sessions.
const VISITORS: u64 = 50;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % limit as u64) as i64
    }
}

/// An event: when, in seconds of the hour, which, and the playhead.
type Sent = (i64, &'static str, i64);

/// What a player sends: mostly pings, sometimes nothing for long enough to be silent, until it ends or goes without a word.
fn course(random: &mut Random) -> Vec<Sent> {
    let (mut at, mut playhead, mut plays) = (random.below(SECONDS - 60), 0, true);
    let mut sent = vec![(at, "sessionStart", 0), (at, "play", 0)];
    for _ in 0..random.below(60) {
        let gap = match random.below(10) {
            0..5 => 10,
            5 => 1 + random.below(9),
            6 => 11 + random.below(19),
            7 => 30,
            8 => 31 + random.below(40),
            _ => 60 + random.below(300),
        };
        at += gap;
        playhead += if plays { gap } else { 0 };
        let event = match random.below(12) {
            0 => "pauseStart",
            1 => "bufferStart",
            2 | 3 => "play",
            _ => "ping",
        };
        sent.push((at, event, playhead));
        plays = event == "play" || (plays && event == "ping");
    }
    match random.below(4) {
        0 => sent.push((at + 5, "sessionComplete", playhead)),
        1 => sent.push((at + 5, "sessionEnd", playhead)),
        _ => {}
    }
    sent.retain(|(at, ..)| *at < SECONDS);
    sent
}

/// Whether a session is there in a second, and whether it plays then.
fn presence(sent: &[Sent], second: i64) -> (bool, bool) {
    let (mut interval, mut plays, mut until, mut before) = (None, false, 0, None);
    for &(at, event, _) in sent.iter().take_while(|(at, ..)| *at <= second) {
        let is_ping_after_ping = event == "ping" && matches!(before, Some((_, "ping")));
        let elapsed = before.map_or(0, |(before, _)| at - before);
        if is_ping_after_ping && elapsed <= 60 {
            interval = Some(elapsed.min(interval.unwrap_or(elapsed)));
        }
        match event {
            "play" => plays = true,
            "pauseStart" | "bufferStart" => plays = false,
            "sessionEnd" | "sessionComplete" => return (false, false),
            _ => {}
        }
        until = at + 3 * interval.unwrap_or(10).max(10);
        before = Some((at, event));
    }
    (second < until, second < until && plays)
}

/// Sessions active and playing, and viewers of both, in one second.
type Counts = [u64; 4];

fn counted_by_hand(courses: &[Vec<Sent>], second: i64) -> Counts {
    let (mut sessions, mut viewers) = ([0; 2], [BTreeSet::new(), BTreeSet::new()]);
    for (player, sent) in (0..).zip(courses) {
        let (is_active, is_playing) = presence(sent, second);
        for (place, _) in [is_active, is_playing].into_iter().enumerate().filter(|(_, counts)| *counts) {
            sessions[place] += 1;
            viewers[place].insert(player % VISITORS);
        }
    }
    [sessions[0], sessions[1], viewers[0].len() as u64, viewers[1].len() as u64]
}

fn id_of(player: u64) -> SessionId {
    let mut bytes = [0; SessionId::LENGTH];
    bytes[..8].copy_from_slice(&player.to_le_bytes());
    SessionId::from_bytes(bytes)
}

/// Lets an event arrive in the second in which it was sent.
fn arrive(open_sessions: &OpenSessions, player: u64, (at, event, playhead): Sent, sequence: u64) {
    let now_ms = START_MS + at * 1_000;
    let mut body =
        json!({"playerTime": {"playhead": playhead, "ts": now_ms}, "eventType": event, "params": {}});
    let is_start = event == "sessionStart";
    if is_start {
        body["params"] = json!({
            "analytics.trackingServer": "metrics.example.com", "analytics.reportSuite": "suite",
            "visitor.marketingCloudOrgId": "org", "analytics.visitorId": format!("visitor {}", player % VISITORS),
            "media.id": "content", "media.length": 86_400, "media.contentType": "vod", "media.playerName": "player",
            "media.channel": "channel",
        });
    }
    let body = body.to_string();
    let endpoint = if is_start { Endpoint::SessionStart } else { Endpoint::Events };
    let event = parse_event(body.as_bytes(), endpoint, Validation::Lenient).unwrap();
    let fingerprint = Fingerprint::of(body.as_bytes());
    let (id, arrival) = (id_of(player), Arrival { sequence, arrived_at_ms: now_ms, event, fingerprint });
    let mut shard = open_sessions.shard(&id);
    if is_start {
        shard.open(id, Origin::COLLECTION_V1, arrival, &mut ());
    } else if let Some(closed) = shard.push(&id, arrival, &mut ()) {
        open_sessions.closing().insert(id, Arc::new(closed));
    }
}

/// What each second of the hour shows live.
fn seen_live(courses: &[Vec<Sent>], open_sessions: &OpenSessions) -> Vec<Counts> {
    let mut sequence = 0;
    let look = |second: i64| {
        for (player, sent) in (0..).zip(courses) {
            for event in sent.iter().filter(|(at, ..)| *at == second) {
                sequence += 1;
                arrive(open_sessions, player, *event, sequence);
            }
        }
        let now_ms = START_MS + second * 1_000 + 500;
        open_sessions.advance_to(now_ms);
        let excluded = Exclusions::default();
        let counted =
            count(open_sessions, &excluded, &WatchedFilters::default(), Vec::new(), now_ms).all.counted;
        [counted.sessions_active, counted.sessions_playing, counted.viewers_active, counted.viewers_playing]
            .map(u64::from)
    };
    (0..SECONDS).map(look).collect()
}

/// What reports say of each minute, when all sessions are stored.
async fn reported(open_sessions: &OpenSessions) -> Vec<Counts> {
    let lake = Lake::new(Location::memory().unwrap(), "test").unwrap();
    let mut builder = RowsBuilder::new(Table::Sessions, None);
    open_sessions.for_each(|session| {
        assert!(session.close_reason().is_some());
        builder.push(&session.rows_view());
    });
    lake.append(Table::Sessions, [builder.finish().unwrap()], 1).await.unwrap();
    let reports = Reports::new(Arc::new(lake), NothingUnstored, EngineSettings::default()).unwrap();
    let mut minutes = vec![[0; 4]; (SECONDS / 60) as usize];
    let kinds =
        [("sessions", "active"), ("sessions", "playing"), ("visitors", "active"), ("visitors", "playing")];
    for (place, (count, state)) in kinds.into_iter().enumerate() {
        let (from, to) = (rfc3339(START_MS), rfc3339(START_MS + SECONDS * 1_000));
        let pairs =
            [("from", &*from), ("to", &*to), ("granularity", "minute"), ("count", count), ("state", state)];
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = ConcurrencyRequest::parse(&pairs, i64::MAX).unwrap();
        let values = reports.concurrency(&request).await.unwrap().all.values;
        minutes.iter_mut().zip(values).for_each(|(minute, value)| minute[place] = value);
    }
    minutes
}

fn highest_by_minute(seconds: &[Counts]) -> Vec<Counts> {
    let highest = |minute: &[Counts]| {
        let of = |place: usize| minute.iter().map(|counts| counts[place]).max().unwrap_or(0);
        [of(0), of(1), of(2), of(3)]
    };
    seconds.chunks(60).map(highest).collect()
}

#[tokio::test]
async fn a_minute_that_was_seen_live_was_another_in_reports() {
    for seed in 1..=5 {
        let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let courses: Vec<Vec<Sent>> = (0..PLAYERS).map(|_| course(&mut random)).collect();
        // Every event takes effect when it comes, and nobody is closed for standing still.
        let settings = Settings {
            reorder_window_ms: 0,
            playhead_timeout_ms: 10 * SECONDS * 1_000,
            ..Settings::default()
        };
        let open_sessions = OpenSessions::new(settings);
        let live = seen_live(&courses, &open_sessions);
        let by_hand: Vec<Counts> = (0..SECONDS).map(|second| counted_by_hand(&courses, second)).collect();
        for (second, (live, by_hand)) in live.iter().zip(&by_hand).enumerate() {
            assert_eq!(live, by_hand, "live, seed {seed}, second {second}");
        }
        let is_silent = |sent: &Vec<Sent>, second: i64| {
            let is_under_way = sent[0].0 <= second && sent[sent.len() - 1].0 > second;
            is_under_way && !presence(sent, second).0
        };
        let silent = courses.iter().filter(|sent| (0..SECONDS).any(|second| is_silent(sent, second)));
        assert!(silent.count() > 10, "hardly anybody fell silent");

        open_sessions.advance_to(START_MS + 2 * SECONDS * 1_000);
        let reported = reported(&open_sessions).await;
        for (minute, (reported, live)) in reported.iter().zip(highest_by_minute(&live)).enumerate() {
            assert_eq!(*reported, live, "reports, seed {seed}, minute {minute}");
        }
    }
}
