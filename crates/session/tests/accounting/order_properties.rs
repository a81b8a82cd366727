//! Whatever the network does within the reorder window, the rows equal those of the events in order.

use playhead_protocol::EventType::*;
use playhead_protocol::{Event, EventType};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::player::{Carrying, SESSION_ID, START_MS, event, start_event};
use crate::random::{Sent, arrive, cases, json, opened, run, settings};
use playhead_session::limits::REORDER_EVENTS_MAX;

/// Events of one timestamp.
#[derive(Debug, Clone)]
struct Moment {
    gap_ms: i64,
    moves: bool,
    kind: Index,
    delays_ms: [i64; 4],
    ends: u8,
}

fn moments() -> impl Strategy<Value = Vec<Moment>> {
    let delay = || 0..settings().reorder_window_ms;
    let moment =
        (500_i64..4_000, any::<bool>(), any::<Index>(), [delay(), delay(), delay(), delay()], 0..30_u8);
    let moment = moment.prop_map(|(gap_ms, moves, kind, delays_ms, ends)| Moment {
        gap_ms,
        moves,
        kind,
        delays_ms,
        ends,
    });
    prop::collection::vec(moment, 1..30)
}

/// The state after the events so far, as far as the choice of the next events needs it.
#[derive(Debug, Default)]
struct State {
    has_break: bool,
    has_ad: bool,
    has_chapter: bool,
    /// Content has certainly started.
    content_started: bool,
    /// Content may have started, by time alone if not by `play`.
    has_played: bool,
}

impl State {
    fn follow(&mut self, event_type: EventType) {
        match event_type {
            AdBreakStart => (self.has_break, self.has_ad) = (true, false),
            AdBreakComplete => (self.has_break, self.has_ad) = (false, false),
            AdStart => self.has_ad = self.has_break,
            AdComplete | AdSkip => self.has_ad = false,
            ChapterStart => self.has_chapter = true,
            ChapterComplete | ChapterSkip => self.has_chapter = false,
            Play => {
                self.content_started |= !self.has_break;
                self.has_played = true;
            }
            _ => {}
        }
    }
}

/// The groups of events that may share the next timestamp.
///
/// They leave out cases where several orders are legal and give different rows, so the contract promises nothing: two events
/// with different playheads or quality values, two changes of playback, two errors, an event with a playhead beside a
/// mid-roll's `adBreakStart` (whether it counts for the marks goes by whether the break is open), `play` beside the
/// `adBreakComplete` of a pre-roll (it starts content only after it), and the end of a break beside another's start
/// and ad (the ad is legal in both).
fn groups(state: &State) -> Vec<Vec<EventType>> {
    let mut groups = vec![
        vec![Ping],
        vec![Play],
        vec![PauseStart],
        vec![BufferStart],
        vec![Error, Ping],
        vec![PauseStart, BitrateChange],
        vec![Play, Error, Ping],
        vec![StateEnd, StateStart],
        vec![StateStart],
        vec![AdStart],
        vec![AdComplete],
        vec![ChapterSkip],
        vec![AdBreakComplete],
        vec![AdBreakStart],
    ];
    if !state.has_break {
        groups.extend([vec![AdBreakStart, AdStart, Play], vec![AdBreakStart, AdStart]]);
        if !state.has_played {
            groups.push(vec![AdBreakStart, AdStart, Play, Ping]);
        }
    }
    if state.has_ad {
        groups.extend([vec![AdComplete, AdStart], vec![AdSkip, AdStart], vec![AdComplete, AdBreakComplete]]);
        if state.content_started {
            groups.push(vec![AdSkip, AdBreakComplete, Play]);
        }
    }
    if state.has_chapter {
        groups.extend([vec![ChapterComplete, ChapterStart], vec![ChapterSkip, ChapterStart, Ping]]);
    } else {
        groups.push(vec![ChapterStart]);
    }
    groups
}

/// The events in order, each with its delay.
fn planned(moments: &[Moment]) -> Vec<(Event, i64)> {
    let mut planned = Vec::new();
    let (mut ts_ms, mut playhead) = (START_MS, 0.0);
    let mut state = State::default();
    for (place, moment) in moments.iter().enumerate() {
        if place > 0 {
            ts_ms += moment.gap_ms;
            playhead += if moment.moves { moment.gap_ms as f64 / 1_000.0 } else { 0.0 };
        }
        let is_last = moment.ends == 0;
        let group = if is_last {
            // If chapterComplete is not legal, none of the three is, and the first one to arrive takes effect.
            let complete = if state.has_chapter { vec![ChapterComplete] } else { vec![Ping] };
            [complete, vec![SessionComplete, SessionEnd]].concat()
        } else {
            let groups = groups(&state);
            groups[moment.kind.index(groups.len())].clone()
        };
        for (event_type, delay_ms) in group.into_iter().zip(moment.delays_ms) {
            let mut event = event(event_type, 0, playhead);
            event.ts_ms = ts_ms;
            if matches!(event_type, StateStart | StateEnd) {
                let (start, end): (&[&str], &[&str]) =
                    if event_type == StateStart { (&["mute"], &[]) } else { (&[], &["mute"]) };
                event = event.states(start, end);
            }
            if event_type == BitrateChange {
                event = event.bitrate(moment.gap_ms as f64);
            }
            state.follow(event_type);
            planned.push((event, delay_ms));
        }
        if is_last {
            break;
        }
    }
    planned
}

fn start() -> Sent {
    Sent { arrived_at_ms: START_MS, event: start_event(60) }
}

/// The events without delay.
fn in_order(planned: &[(Event, i64)]) -> Vec<Sent> {
    let punctual = planned.iter().map(|(event, _)| Sent { arrived_at_ms: event.ts_ms, event: event.clone() });
    std::iter::once(start()).chain(punctual).collect()
}

/// The events in order of arrival with their delays; events with equal times of arrival are in any order.
fn delayed(planned: &[(Event, i64)]) -> Vec<Sent> {
    let mut sent: Vec<Sent> = planned
        .iter()
        .map(|(event, delay_ms)| Sent { arrived_at_ms: event.ts_ms + delay_ms, event: event.clone() })
        .rev()
        .collect();
    sent.sort_by_key(|sent| sent.arrived_at_ms);
    sent.insert(0, start());
    sent
}

/// Whether more than ten events ever wait, so that some leave early.
fn overflows(sent: &[Sent]) -> bool {
    let mut session = opened(SESSION_ID, sent, &mut ());
    sent.iter().enumerate().skip(1).any(|(sequence, sent)| {
        session.advance_to(sent.arrived_at_ms, &settings(), &mut ());
        let is_full = session.waiting_events() == REORDER_EVENTS_MAX;
        arrive(&mut session, sequence, sent, &mut ());
        is_full
    })
}

proptest! {
    #![proptest_config(cases(1_500))]

    /// An event delayed by less than the window arrives before any event of an equal or higher timestamp has waited
    /// long enough to leave. With more than ten waiting the contract gives up earlier, so those cases are left out.
    #[test]
    fn events_that_are_late_by_less_than_the_window_are_put_in_order(moments in moments()) {
        let planned = planned(&moments);
        let delayed = delayed(&planned);
        prop_assume!(!overflows(&delayed));
        prop_assert_eq!(json(&run(&delayed, &mut ())), json(&run(&in_order(&planned), &mut ())));
    }

    #[test]
    fn nothing_late_is_found_when_delays_stay_below_the_window(moments in moments()) {
        let delayed = delayed(&planned(&moments));
        prop_assume!(!overflows(&delayed));
        prop_assert!(!json(&run(&delayed, &mut ())).contains("late_event"));
    }
}
