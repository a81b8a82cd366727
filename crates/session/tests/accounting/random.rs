//! Random sessions: events that mostly make sense, arriving more or less in order.

use playhead_protocol::EventType::*;
use playhead_protocol::{Event, EventType, Origin, Quality, SessionId};
use playhead_session::{Admission, Arrival, Fingerprint, Observer, Session, Settings};
use proptest::prelude::*;

use crate::player::{Carrying, SESSION_ID, START_MS, event, start_event};

/// An event and its arrival.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) arrived_at_ms: i64,
    pub(crate) event: Event,
}

/// The ingredients of one event; each number picks from a table.
#[derive(Debug, Clone)]
struct Dice {
    event_type: u8,
    gap: u8,
    playhead: u8,
    arrival_gap: u8,
    extra: u8,
}

/// A configuration that writes no files; it prints the seed of a failure.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A session of at most that many events, `sessionStart` first, in order of arrival.
pub(crate) fn sessions(events_max: usize) -> impl Strategy<Value = Vec<Sent>> {
    prop::collection::vec(any::<[u8; 5]>(), 0..events_max).prop_map(|dice| {
        let dice = dice.into_iter().map(|[event_type, gap, playhead, arrival_gap, extra]| Dice {
            event_type,
            gap,
            playhead,
            arrival_gap,
            extra,
        });
        played(dice)
    })
}

fn pick<T: Copy>(table: &[T], die: u8) -> T {
    table[usize::from(die) % table.len()]
}

fn played(dice: impl Iterator<Item = Dice>) -> Vec<Sent> {
    const TYPES: &[EventType] = &[
        Ping,
        Ping,
        Ping,
        Ping,
        Ping,
        Ping,
        Play,
        Play,
        Play,
        PauseStart,
        BufferStart,
        BitrateChange,
        Error,
        AdBreakStart,
        AdBreakStart,
        AdStart,
        AdStart,
        AdComplete,
        AdSkip,
        AdBreakComplete,
        ChapterStart,
        ChapterComplete,
        ChapterSkip,
        StateStart,
        StateEnd,
        StatesUpdate,
        Ping,
        Play,
    ];
    const GAPS_MS: &[i64] = &[0, 0, 1, 250, 1_000, 1_000, 2_000, 3_000, 10_000, 60_000];
    const ARRIVAL_GAPS_MS: &[i64] =
        &[0, 0, 0, 1, 100, 900, 1_000, 1_000, 2_500, 2_500, 4_999, 5_000, 5_001, 15_000, 60_000];
    /// Where somebody sets the device's clock to.
    const AHEAD_MS: &[i64] =
        &[0, -3_600_000, -601_000, 601_000, 86_400_000, 5_000_000_000_000, -1_699_000_000_000];
    const WRONG_STARTS_MS: &[i64] =
        &[1, 1_700_000_000, 1_420_070_399_999, START_MS + 86_400_001, 7_226_582_400_000];
    let mut sent = vec![Sent { arrived_at_ms: START_MS, event: start_event(300) }];
    let (mut ts_ms, mut arrived_at_ms, mut playhead) = (START_MS, START_MS, 0.0);
    // How far the device's clock is off.
    let mut ahead_ms = 0;
    let (mut has_break, mut has_ad) = (false, false);
    for die in dice {
        let gap_ms = pick(GAPS_MS, die.gap);
        ts_ms += gap_ms;
        if die.gap == 255 {
            ahead_ms = pick(AHEAD_MS, die.extra);
        }
        if die.gap == 254 && sent.len() == 1 {
            sent[0].event.ts_ms = pick(WRONG_STARTS_MS, die.extra);
        }
        arrived_at_ms += pick(ARRIVAL_GAPS_MS, die.arrival_gap);
        if die.arrival_gap == 255 {
            arrived_at_ms += 600_000;
        }
        playhead = match die.playhead % 10 {
            0..=4 if !has_break => playhead + gap_ms as f64 / 1_000.0,
            0..=7 => playhead,
            8 => f64::from(die.extra) * 1.37,
            _ => -f64::from(die.extra % 3),
        };
        let mut event_type = pick(TYPES, die.event_type);
        // Three times out of four, an event that makes no sense is corrected.
        if !die.extra.is_multiple_of(4) {
            event_type = match event_type {
                AdStart if !has_break => AdBreakStart,
                AdStart if has_ad => AdComplete,
                AdBreakStart if has_break && !has_ad => AdStart,
                AdBreakStart if has_break => AdBreakComplete,
                AdComplete | AdSkip if !has_ad => Ping,
                other => other,
            };
        }
        if die.event_type == 254 {
            event_type = SessionComplete;
        }
        if die.event_type == 255 {
            event_type = SessionEnd;
        }
        match event_type {
            AdBreakStart => (has_break, has_ad) = (true, false),
            AdBreakComplete => (has_break, has_ad) = (false, false),
            AdStart => has_ad = has_break,
            AdComplete | AdSkip => has_ad = false,
            _ => {}
        }
        let mut event = decorated(event(event_type, 0, playhead), &die);
        let late_ms = if die.extra % 16 == 1 { i64::from(die.extra) * 50 } else { 0 };
        event.ts_ms = ts_ms - late_ms + ahead_ms;
        sent.push(Sent { arrived_at_ms, event });
    }
    sent
}

fn decorated(event: Event, die: &Dice) -> Event {
    const STATES: &[&str] = &["mute", "fullScreen", "inFocus", "a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let name = pick(STATES, die.extra);
    let other = pick(STATES, die.extra / 12);
    let event = match event.event_type {
        StateStart => event.states(&[name], &[]),
        StateEnd => event.states(&[], &[name]),
        StatesUpdate => event.states(&[name, other], &[other]),
        Error => event.error(
            (!die.extra.is_multiple_of(5)).then(|| format!("e{}", die.extra % 30)).as_deref(),
            if die.extra.is_multiple_of(2) { "player" } else { "external" },
        ),
        AdStart | ChapterStart => event.metadata(&[("slot", name)]),
        _ => event,
    };
    match die.extra % 7 {
        0 => event.bitrate(f64::from(die.extra) * 10.5),
        1 => event.quality(Quality {
            dropped_frames: Some(f64::from(die.extra)),
            frames_per_second: Some(25.0),
            time_to_start_ms: Some(f64::from(die.extra) - 100.0),
            ..Quality::default()
        }),
        _ => event,
    }
}

/// Bodies that all differ, even for equal events.
pub(crate) fn body_of(sequence: usize) -> Fingerprint {
    Fingerprint::of(&sequence.to_le_bytes())
}

/// The settings of random sessions, with timeouts that the sessions reach.
pub(crate) fn settings() -> Settings {
    Settings { idle_timeout_ms: 120_000, playhead_timeout_ms: 300_000, ..Settings::default() }
}

/// Opens a session with the first of some events.
pub(crate) fn opened<O: Observer>(id: SessionId, sent: &[Sent], observer: &mut O) -> Session {
    let Sent { arrived_at_ms, event } = sent[0].clone();
    let start = Arrival { sequence: 0, arrived_at_ms, event, fingerprint: body_of(0) };
    Session::open(id, Origin::COLLECTION_V1, start, observer)
}

/// Sends one event in the way of the server; returns whether it was accepted.
pub(crate) fn arrive<O: Observer>(
    session: &mut Session,
    sequence: usize,
    sent: &Sent,
    observer: &mut O,
) -> Admission {
    let Sent { arrived_at_ms, event } = sent.clone();
    let fingerprint = body_of(sequence);
    session.advance_to(arrived_at_ms, &settings(), observer);
    let admission = session.admit(&event, fingerprint, &[]);
    if admission == Admission::Accept {
        let arrival = Arrival { sequence: sequence as u64, arrived_at_ms, event, fingerprint };
        session.push(arrival, &settings(), observer);
    }
    admission
}

/// The whole session, up to its end by timeout at the latest.
pub(crate) fn run<O: Observer>(sent: &[Sent], observer: &mut O) -> Session {
    let mut session = opened(SESSION_ID, sent, observer);
    for (sequence, sent) in sent.iter().enumerate().skip(1) {
        arrive(&mut session, sequence, sent, observer);
    }
    session.advance_to(i64::MAX, &settings(), observer);
    assert!(session.close_reason().is_some());
    session
}

/// The rows of a session in their written form.
pub(crate) fn json(session: &Session) -> String {
    serde_json::to_string(&session.rows()).unwrap()
}
