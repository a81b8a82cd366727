//! Silence: a session counts as present for three of its ping intervals after each event, and no longer.

use playhead_protocol::EventType::*;
use playhead_session::{Account, CloseReason, EventRef, Interval, Observer, Session};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::player::{View, event, expect, moment};
use crate::random::{cases, run, sessions, settings};

fn at(seconds: f64) -> Value {
    let ms = moment(seconds);
    json!(playhead_session::rfc3339(ms))
}

fn span(from: f64, to: f64) -> Value {
    json!({"from": at(from), "to": at(to)})
}

#[test]
fn an_outage_of_five_minutes_counted_as_presence() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, Ping).at(20, 20, Ping).at(320, 320, Ping).at(330, 330, SessionEnd);
    expect(
        &view.settle(),
        &json!({
            "active_spans": [span(0.0, 50.0), span(320.0, 330.0)],
            // What was played in the meantime is played: only nobody can be taken to have been there.
            "playing_spans": [span(0.0, 330.0)], "content_time_spent": 330.0, "playing_until": null,
        }),
    );
}

#[test]
fn who_left_without_a_word_was_gone_at_the_last_event_in_reports() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, Ping);
    let expected = json!({
        "active_spans": [span(0.0, 40.0)], "playing_spans": [span(0.0, 10.0)], "playing_until": at(40.0),
        "content_time_spent": 10.0, "last_event_at": at(10.0),
    });
    expect(&view.settle(), &expected);
    expect(&view.leave(), &expected);
}

#[test]
fn a_pause_is_followed_by_presence_and_not_by_playing() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, PauseStart);
    expect(&view.leave(), &json!({"active_spans": [span(0.0, 40.0)], "playing_until": null}));
}

#[test]
fn an_end_is_an_end() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, SessionEnd);
    expect(&view.settle(), &json!({"active_spans": [span(0.0, 10.0)], "playing_until": null}));
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, SessionComplete).at(20, 10, Ping);
    expect(&view.leave(), &json!({"active_spans": [span(0.0, 10.0)], "playing_until": null}));
}

#[test]
fn a_player_that_pings_each_50_s_was_silent_between_its_pings() {
    let mut view = View::start();
    view.at(0, 0, Play);
    for place in 1..=4_u8 {
        view.at(50.0 * f64::from(place), 50.0 * f64::from(place), Ping);
    }
    // Two pings in a row tell the interval.
    let spans = [span(0.0, 30.0), span(50.0, 80.0), span(100.0, 350.0)];
    expect(&view.leave(), &json!({"active_spans": spans, "playing_until": at(350.0)}));
}

#[test]
fn pings_in_ads_say_nothing_about_those_of_the_content() {
    let mut view = View::start();
    view.at(0, 0, Play).at(50, 50, Ping).at(100, 100, Ping).at(100, 100, AdBreakStart).at(100, 100, AdStart);
    view.at(101, 100, Ping).at(102, 100, Ping).at(102, 100, AdComplete).at(102, 100, AdBreakComplete);
    expect(&view.leave(), &json!({"active_spans": [span(0.0, 30.0), span(50.0, 80.0), span(100.0, 252.0)]}));
}

#[test]
fn an_ad_break_that_a_timeout_closed_was_playing_content_afterwards() {
    let mut view = View::start();
    view.at(0, 0, Play).at(10, 10, AdBreakStart).at(10, 10, AdStart).at(15, 10, PauseStart);
    expect(&view.leave(), &json!({"active_spans": [span(0.0, 45.0)], "playing_until": null}));
}

#[test]
fn nobody_is_present_beyond_the_timeout() {
    let mut view = View::start();
    view.settings.idle_timeout_ms = 20_000;
    view.at(0, 0, Play).at(10, 10, Ping);
    expect(&view.leave(), &json!({"active_spans": [span(0.0, 30.0)], "playing_until": at(30.0)}));
}

#[test]
fn silence_is_counted_from_the_last_arrival() {
    let mut view = View::start();
    view.send_at(moment(7), event(Ping, 5, 5));
    assert!(!view.session.is_silent_at(moment(36.999)));
    assert!(view.session.is_silent_at(moment(37)));
    view.settings.silent_after_ms = 45_000;
    view.send_at(moment(40), event(Play, 38, 38));
    view.advance(45);
    assert!(!view.session.is_silent_at(moment(84.999)));
    assert!(view.session.is_silent_at(moment(85)));
}

/// Notes when a session was present, by the events alone.
#[derive(Debug, Default)]
struct Watch {
    in_break: bool,
    ping_ms: Option<i64>,
    /// Begin, end and account of each presence.
    present: Vec<(i64, i64, Account)>,
    /// The time of the last event, and the account after it.
    last: Option<(i64, Account)>,
}

impl Watch {
    fn bound_ms(&self) -> i64 {
        30_000.max(3 * self.ping_ms.unwrap_or(10_000))
    }
}

impl Observer for Watch {
    fn interval(&mut self, interval: &Interval) {
        let elapsed_ms = interval.to_ms - interval.from_ms;
        self.present.push((
            interval.from_ms,
            interval.to_ms.min(interval.from_ms + self.bound_ms()),
            interval.account,
        ));
        let are_pings = [interval.opened_by, interval.closed_by].iter().all(|event| event.event_type == Ping);
        if are_pings && !self.in_break && elapsed_ms <= 60_000 {
            self.ping_ms = Some(self.ping_ms.unwrap_or(elapsed_ms).min(elapsed_ms));
        }
    }

    fn processed(&mut self, _event: EventRef, session: &Session) {
        self.in_break = session.has_ad_break();
        self.last = Some((session.row().last_event_at_ms, session.account()));
    }
}

/// Spans in order, those that touch as one.
fn united(spans: impl Iterator<Item = (i64, i64)>) -> Vec<(i64, i64)> {
    let mut all: Vec<(i64, i64)> = spans.filter(|(from_ms, to_ms)| from_ms < to_ms).collect();
    all.sort_unstable();
    all.dedup_by(|later, earlier| {
        let touches = later.0 <= earlier.1;
        if touches {
            earlier.1 = earlier.1.max(later.1);
        }
        touches
    });
    all
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_session_is_present_for_three_intervals_after_each_event(sent in sessions(40)) {
        let mut watch = Watch::default();
        let session = run(&sent, &mut watch);
        let row = session.row();
        let (last_ms, account) = watch.last.unwrap();
        if session.close_reason() != Some(CloseReason::SessionEnd) {
            // The timeouts of random sessions are longer than silence, but for that of the playhead.
            let idle = session.close_reason() == Some(CloseReason::Idle);
            let most_ms = if idle { settings().idle_timeout_ms } else { settings().playhead_timeout_ms };
            let end_ms = last_ms + watch.bound_ms().min(most_ms);
            let row_end_ms = row.active_spans.last().map_or(last_ms, |span| span.1);
            let end_ms = if idle { end_ms } else { end_ms.min(row_end_ms.max(last_ms)) };
            watch.present.push((last_ms, end_ms, account));
        }
        let active = watch.present.iter().filter(|(_, _, account)| *account != Account::AfterEnd);
        let expected = united(active.map(|&(from_ms, to_ms, _)| (from_ms, to_ms)));
        prop_assert_eq!(united(row.active_spans.iter().copied()), expected);
        let is_playing = session.close_reason() != Some(CloseReason::SessionEnd) && account.is_playing();
        prop_assert_eq!(row.playing_until_ms.is_some(), is_playing);
    }
}
