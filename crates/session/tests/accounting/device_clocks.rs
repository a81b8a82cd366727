//! Metrics contract, section 11: devices whose clocks are wrong, or are set while they play.

use playhead_protocol::EventType::*;
use playhead_protocol::{Event, Origin};
use playhead_session::{Arrival, ClockStep, Diagnosis, Session};
use serde_json::{Value, json};

use crate::player::{Carrying, SESSION_ID, START_MS, View, event, expect, fingerprint, moment, start_event};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// 2015-01-01, ms since the epoch.
const YEAR_2015_MS: i64 = 1_420_070_400_000;

/// A session whose start says `ts_ms` and arrives at second 0.
fn started_at(ts_ms: i64) -> View {
    let mut view = View::start();
    let start = Event { ts_ms, ..start_event(10_000) };
    let fingerprint = fingerprint(&start);
    let arrival = Arrival { sequence: 1, arrived_at_ms: START_MS, event: start, fingerprint };
    view.session = Session::open(SESSION_ID, Origin::COLLECTION_V1, arrival, &mut ());
    view
}

/// Sends a ping each ten seconds of a minute that begins at second `from`, by a clock that is ahead by `ahead_ms`.
fn watch_a_minute(view: &mut View, from: i32, ahead_ms: i64) {
    for at in (from..=from + 60).step_by(10) {
        let ping = event(Ping, at, at);
        view.send_at(moment(at), Event { ts_ms: ping.ts_ms + ahead_ms, ..ping });
        view.advance(f64::from(at) + 5.0);
    }
}

#[test]
fn a_device_that_booted_in_1970_gave_a_session_of_57_years() {
    let mut view = started_at(21_000);
    view.send_at(moment(0), Event { ts_ms: 21_000, ..event(Play, 0, 0) });
    watch_a_minute(&mut view, 0, 21_000 - START_MS);
    // The time came by radio.
    watch_a_minute(&mut view, 70, 0);
    let rows = view.settle();
    expect(
        &rows,
        &json!({"content_time_spent": 130.0, "unique_time_played": 130.0, "clock_offset_ms": 0,
            "started_at": "2023-11-14T22:13:20.000Z", "last_event_at": "2023-11-14T22:15:30.000Z",
            "diagnoses": ["clock_wrong", "clock_step"]}),
    );
    let span = |to: &str| json!([{"from": "2023-11-14T22:13:20.000Z", "to": to}]);
    // Half a minute more before it would be silent.
    assert_eq!(rows["active_spans"], span("2023-11-14T22:16:00.000Z"), "no minute of 1970 has a viewer");
    assert_eq!(rows["playing_spans"], span("2023-11-14T22:15:30.000Z"));
}

#[test]
fn a_device_that_never_gets_the_time_is_counted_from_the_arrival_of_its_start() {
    let mut view = started_at(946_684_800_000);
    let ahead_ms = 946_684_800_000 - START_MS;
    view.send_at(moment(0), Event { ts_ms: 946_684_800_000, ..event(Play, 0, 0) });
    watch_a_minute(&mut view, 0, ahead_ms);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 60.0, "clock_offset_ms": -ahead_ms, "diagnoses": ["clock_wrong"],
            "started_at": "2023-11-14T22:13:20.000Z", "last_event_at": "2023-11-14T22:14:20.000Z"}),
    );
}

#[test]
fn one_ping_of_the_year_2199_gave_five_billion_seconds() {
    let mut view = View::start();
    view.at(0, 0, Play);
    watch_a_minute(&mut view, 0, 0);
    view.send_at(moment(70), Event { ts_ms: 7_226_582_400_000, ..event(Ping, 70, 70) });
    view.advance(75);
    watch_a_minute(&mut view, 80, 0);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 140.0, "unique_time_played": 140.0, "clock_offset_ms": 0,
            "last_event_at": "2023-11-14T22:15:40.000Z", "diagnoses": ["clock_step"]}),
    );
}

#[test]
fn a_clock_that_was_set_back_by_an_hour_lost_fifty_minutes() {
    let mut view = View::start();
    view.at(0, 0, Play);
    watch_a_minute(&mut view, 0, 0);
    watch_a_minute(&mut view, 70, -HOUR_MS);
    expect(
        &view.settle(),
        &json!({"content_time_spent": 130.0, "clock_offset_ms": HOUR_MS, "diagnoses": ["clock_step"]}),
    );
}

#[test]
fn a_clock_that_was_set_a_day_forward_gave_a_day() {
    let mut view = View::start();
    view.at(0, 0, Play);
    watch_a_minute(&mut view, 0, 0);
    watch_a_minute(&mut view, 70, DAY_MS);
    view.send_at(moment(140), Event { ts_ms: moment(140) + DAY_MS, ..event(AdBreakStart, 140, 140) });
    view.send_at(moment(140), Event { ts_ms: moment(140) + DAY_MS, ..event(AdStart, 140, 140) });
    view.send_at(moment(141), Event { ts_ms: moment(141) + DAY_MS, ..event(Error, 141, 140) });
    view.send_at(moment(142), Event { ts_ms: moment(142) + DAY_MS, ..event(ChapterStart, 142, 140) });
    expect(
        &view.settle(),
        &json!({"content_time_spent": 140.0, "clock_offset_ms": -DAY_MS, "diagnoses": ["clock_step"],
            "ads": [{"ad_started_at": "2023-11-14T22:15:40.000Z", "time_played": 2.0}],
            "errors": [{"at": "2023-11-14T22:15:41.000Z"}],
            "chapters": [{"chapter_started_at": "2023-11-14T22:15:42.000Z"}]}),
    );
}

/// What a ping says that comes 10 s after the last event, with a timestamp `ahead_ms` after that one's.
fn ping_ahead(ahead_ms: i64, idle_timeout_ms: i64) -> Value {
    let mut view = View::start();
    view.settings.idle_timeout_ms = idle_timeout_ms;
    view.at(0, 0, Play).at(100, 100, Ping).advance(105);
    view.send_at(moment(110), Event { ts_ms: moment(100) + ahead_ms, ..event(Ping, 110, 110) });
    view.settle()
}

#[test]
fn only_what_no_open_session_can_have_been_silent_for_is_a_step() {
    let idle_ms = 10 * MINUTE_MS;
    let late = json!({"content_time_spent": 100.0, "diagnoses": ["late_event"], "clock_offset_ms": 0});
    expect(&ping_ahead(-idle_ms, idle_ms), &late);
    let long = json!({"content_time_spent": 700.0, "diagnoses": [], "clock_offset_ms": 0});
    expect(&ping_ahead(idle_ms, idle_ms), &long);
    for ahead_ms in [-idle_ms - 1, idle_ms + 1] {
        let stepped = json!({"content_time_spent": 110.0, "diagnoses": ["clock_step"],
            "clock_offset_ms": 10_000 - ahead_ms});
        expect(&ping_ahead(ahead_ms, idle_ms), &stepped);
    }
}

#[test]
fn a_longer_idle_timeout_allows_longer_silence_and_a_shorter_one_says_nothing_about_clocks() {
    for (idle_ms, step_ms) in [(2 * HOUR_MS, 2 * HOUR_MS), (2 * MINUTE_MS, 10 * MINUTE_MS)] {
        let last = json!({"content_time_spent": 100.0 + step_ms as f64 / 1_000.0, "diagnoses": []});
        expect(&ping_ahead(step_ms, idle_ms), &last);
        expect(&ping_ahead(step_ms + 1, idle_ms), &json!({"content_time_spent": 110.0}));
    }
}

#[test]
fn a_start_of_before_2015_or_more_than_a_day_ahead_is_wrong_and_no_other() {
    for (ts_ms, is_wrong) in [
        (1, true),
        (315_532_800_000, true),
        (YEAR_2015_MS - 1, true),
        (YEAR_2015_MS, false),
        (START_MS - 1, false),
        (START_MS + DAY_MS, false),
        (START_MS + DAY_MS + 1, true),
        (7_226_582_400_000, true),
    ] {
        let view = started_at(ts_ms);
        let offset_ms = if is_wrong { START_MS - ts_ms } else { 0 };
        let diagnoses = if is_wrong { json!(["clock_wrong"]) } else { json!([]) };
        expect(&view.rows(), &json!({"clock_offset_ms": offset_ms, "diagnoses": diagnoses}));
        assert_eq!(view.session.started_at_ms(), if is_wrong { START_MS } else { ts_ms });
    }
}

#[test]
fn seconds_in_place_of_milliseconds_are_taken_and_diagnosed() {
    for (ts_ms, is_diagnosed) in
        [(999_999_999, false), (1_000_000_000, true), (4_000_000_000, true), (4_000_000_001, false)]
    {
        let at_start = started_at(ts_ms);
        assert_eq!(at_start.session.diagnoses().has(Diagnosis::TsInSeconds), is_diagnosed, "{ts_ms}");
        let mut view = View::start();
        view.send_at(moment(1), Event { ts_ms, ..event(Ping, 1, 1) });
        view.settle();
        assert_eq!(view.session.diagnoses().has(Diagnosis::TsInSeconds), is_diagnosed, "{ts_ms}");
    }
    // A whole session in seconds lasts a thousandth of its time, and no more.
    let mut view = started_at(1_700_000_000);
    for at in [0, 10, 20] {
        view.send_at(moment(at), Event { ts_ms: 1_700_000_000 + i64::from(at), ..event(Play, at, at) });
    }
    let diagnoses = json!(["clock_wrong", "ts_in_seconds"]);
    expect(&view.settle(), &json!({"content_time_spent": 0.02, "diagnoses": diagnoses}));
}

#[test]
fn an_event_before_the_start_of_a_wrong_clock_moves_the_start() {
    let mut view = started_at(100_000);
    view.send_at(moment(0), Event { ts_ms: 40_000, ..event(Play, 0, 0) });
    view.send_at(moment(0), Event { ts_ms: 110_000, ..event(Ping, 70, 70) });
    expect(
        &view.settle(),
        &json!({"content_time_spent": 70.0, "diagnoses": ["event_before_start", "clock_wrong"],
            "started_at": "2023-11-14T22:12:20.000Z", "last_event_at": "2023-11-14T22:13:30.000Z"}),
    );
}

#[test]
fn events_of_before_and_after_a_step_that_wait_together_make_no_time() {
    for ahead_ms in [-HOUR_MS, HOUR_MS] {
        let mut view = View::start();
        view.at(0, 0, Play).advance(5);
        for at in [7, 8, 9] {
            view.send_at(moment(at), event(Ping, at, at));
        }
        for at in [10, 11, 12] {
            view.send_at(moment(at), Event { ts_ms: moment(at) + ahead_ms, ..event(Ping, at, at) });
        }
        view.advance(20);
        view.send_at(moment(22), Event { ts_ms: moment(22) + ahead_ms, ..event(Ping, 22, 22) });
        let rows = view.settle();
        expect(&rows, &json!({"diagnoses": ["clock_step"]}));
        let spent = rows["content_time_spent"].as_f64().unwrap();
        assert!((20.0..=24.0).contains(&spent), "{spent} of 22 s");
    }
}

#[test]
fn an_event_that_arrived_before_the_last_one_lies_beside_it_and_not_before() {
    let mut view = View::start();
    view.at(0, 0, Play);
    view.send_at(moment(10), Event { ts_ms: moment(10) + HOUR_MS, ..event(Ping, 10, 10) });
    view.send_at(moment(12), event(Ping, 12, 12));
    view.send_at(moment(14), event(Ping, 14, 14));
    view.advance(15);
    // The one of an hour ahead left last, four seconds after it had arrived.
    view.send_at(moment(24), event(Ping, 24, 24));
    expect(
        &view.settle(),
        &json!({"content_time_spent": 24.0, "clock_offset_ms": 0, "diagnoses": ["clock_step"]}),
    );
}

#[test]
fn time_between_arrivals_is_what_passed_although_the_clock_of_the_server_was_set_as_well() {
    for by_ms in [-400 * DAY_MS, DAY_MS] {
        let mut view = View::start();
        view.at(0, 0, Play).at(10, 10, Ping).advance(15);
        let step = ClockStep { number: 1, sequence: 100, from_ms: moment(16), to_ms: moment(16) + by_ms };
        view.session.step_clock(&step, &view.settings, &mut ());
        let arrived_at_ms = moment(20) + by_ms;
        let ping = Event { ts_ms: moment(20) + HOUR_MS, ..event(Ping, 20, 20) };
        let fingerprint = fingerprint(&ping);
        view.session.advance_to(arrived_at_ms, &view.settings, &mut ());
        let arrival = Arrival { sequence: 100, arrived_at_ms, event: ping, fingerprint };
        view.session.push(arrival, &view.settings, &mut ());
        view.session.advance_to(arrived_at_ms + 5_000, &view.settings, &mut ());
        expect(
            &view.rows(),
            &json!({"content_time_spent": 20.0, "diagnoses": ["clock_step", "server_clock_stepped"]}),
        );
    }
}

#[test]
fn what_waits_has_the_time_that_it_would_have_now() {
    let mut view = View::start();
    view.at(0, 0, Play).advance(5);
    view.send_at(moment(10), event(Ping, 10, 10));
    view.send_at(moment(12), Event { ts_ms: moment(12) + HOUR_MS, ..event(Ping, 12, 12) });
    assert_eq!(view.session.waiting_offsets(&view.settings), [(3, 0), (4, -HOUR_MS)]);
    view.settle();
    assert_eq!(view.session.clock_offset_ms(), -HOUR_MS);
    assert_eq!(view.session.waiting_offsets(&view.settings), []);
}

#[test]
fn the_rules_of_section_1_go_by_the_time_on_the_device_while_an_event_waits() {
    let mut view = started_at(1_000);
    for (at, event_type) in [(3, PauseStart), (1, BufferStart), (2, Error)] {
        let ts_ms = 1_000 + i64::from(at) * 1_000;
        view.send_at(moment(4), Event { ts_ms, ..event(event_type, at, 0).error(None, "player") });
    }
    let rows = view.settle();
    expect(
        &rows,
        &json!({"total_buffer_duration": 2.0, "diagnoses": ["clock_wrong"],
            "errors": [{"at": "2023-11-14T22:13:22.000Z"}]}),
    );
}
