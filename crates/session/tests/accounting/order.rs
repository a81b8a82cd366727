//! Metrics contract, section 1: the order in which events take effect.

use playhead_protocol::EventType::*;
use playhead_protocol::{Event, EventType};
use playhead_session::Admission;
use serde_json::{Value, json};

use crate::player::{Carrying, View, event, expect, moment, permutations, start_event};

#[test]
fn session_start_is_processed_at_once() {
    let view = View::start();
    assert_eq!(view.session.waiting_events(), 0);
    expect(&view.rows(), &json!({"media_start": true, "is_open": true, "event_count": 1}));
}

#[test]
fn every_other_event_waits() {
    for &event_type in EventType::ALL.iter().filter(|&&event_type| event_type != SessionStart) {
        let mut view = View::start();
        view.at(1, 0, event_type);
        assert_eq!(view.session.waiting_events(), 1, "{event_type}");
        assert!(view.processed().is_empty(), "{event_type}");
    }
}

#[test]
fn an_event_leaves_when_it_has_waited_five_seconds() {
    let mut view = View::start();
    assert_eq!(view.send_at(moment(2), event(Play, 0, 0)), Admission::Accept);
    view.advance(6.999);
    assert_eq!(view.session.waiting_events(), 1);
    view.advance(7);
    assert_eq!(view.processed(), [Play]);
}

#[test]
fn events_of_lower_or_equal_ts_leave_with_it_in_ascending_order() {
    let mut view = View::start();
    view.send_at(moment(10), event(Play, 10, 0));
    view.send_at(moment(11), event(Error, 10, 0));
    view.send_at(moment(12), event(BitrateChange, 9, 0));
    view.send_at(moment(13), event(BufferStart, 8, 0));
    view.send_at(moment(14), event(PauseStart, 10.001, 0));
    view.advance(15);
    assert_eq!(view.processed(), [BufferStart, BitrateChange, Play, Error]);
    assert_eq!(view.session.waiting_events(), 1);
    assert_eq!(view.settle()["diagnoses"], json!([]));
}

#[test]
fn the_eleventh_event_makes_the_lowest_leave() {
    let mut view = View::start();
    view.send_at(moment(0), event(BufferStart, 50, 0));
    view.send_at(moment(0), event(PauseStart, 3, 0));
    for place in 0..8 {
        view.send_at(moment(0), event(Ping, 10 + place, 0));
    }
    assert_eq!(view.session.waiting_events(), 10);
    assert!(view.processed().is_empty(), "ten may wait");
    view.send_at(moment(0), event(Error, 4, 0));
    assert_eq!(view.processed(), [PauseStart]);
    assert_eq!(view.session.waiting_events(), 10);
}

#[test]
fn the_equals_of_the_lowest_leave_with_it_when_more_than_ten_wait() {
    let mut view = View::start();
    for place in 0..8 {
        view.send_at(moment(0), event(Ping, 10 + place, 0));
    }
    view.send_at(moment(0), event(PauseStart, 3, 0));
    view.send_at(moment(0), event(Error, 3, 0));
    view.send_at(moment(0), event(BitrateChange, 3, 0));
    assert_eq!(view.processed(), [PauseStart, Error, BitrateChange]);
    assert_eq!(view.session.waiting_events(), 8);
}

#[test]
fn the_eleventh_event_itself_leaves_when_it_is_the_lowest() {
    let mut view = View::start();
    for place in 0..10 {
        view.send_at(moment(0), event(Ping, 10 + place, 0));
    }
    view.send_at(moment(0), event(Error, 2, 0));
    assert_eq!(view.processed(), [Error]);
}

#[test]
fn due_events_leave_before_a_new_event_is_added() {
    for (arrives_at, diagnoses) in [(4.999, json!([])), (5.0, json!(["late_event"]))] {
        let mut view = View::start();
        view.send_at(moment(0), event(Play, 10, 0));
        view.send_at(moment(arrives_at), event(Ping, 8, 0));
        expect(&view.settle(), &json!({"diagnoses": diagnoses}));
    }
}

#[test]
fn several_deadlines_that_pass_between_two_ticks_are_met_one_after_the_other() {
    let sent = [(0.0, event(Play, 10, 0)), (1.0, event(Ping, 30, 20)), (4.0, event(Ping, 20, 10))];
    let rows: Vec<Value> = [1, 100]
        .map(|ticks| {
            let mut view = View::start();
            for (arrives_at, event) in sent.clone() {
                view.send_at(moment(arrives_at), event);
            }
            for tick in 1..=ticks {
                view.advance(4.0 + 6.0 * f64::from(tick) / f64::from(ticks));
            }
            view.rows()
        })
        .into();
    assert_eq!(rows[0], rows[1]);
    expect(&rows[0], &json!({"content_time_spent": 20.0, "diagnoses": []}));
}

/// The rows for every order of arrival of some events of one timestamp; `before` and `after` are fixed.
#[track_caller]
fn same_rows_in_every_order(before: &[Event], equals: &[Event], after: &[Event]) -> Value {
    let mut outcomes: Vec<Value> = Vec::new();
    for order in permutations(equals) {
        let mut view = View::start();
        for event in before.iter().chain(&order).chain(after) {
            view.with(event.clone());
        }
        outcomes.push(view.leave());
    }
    for outcome in &outcomes {
        assert_eq!(outcome, &outcomes[0]);
    }
    outcomes.remove(0)
}

#[test]
fn a_pre_roll_in_any_order_gives_one_row() {
    let equals = [event(AdBreakStart, 0, 0), event(AdStart, 0, 0), event(Play, 0, 0), event(Ping, 0, 0)];
    let after = [
        event(AdComplete, 15, 0),
        event(AdBreakComplete, 15, 0),
        event(Ping, 25, 10),
        event(SessionEnd, 30, 15),
    ];
    let rows = same_rows_in_every_order(&[], &equals, &after);
    expect(
        &rows,
        &json!({"ad_time_spent": 15.0, "content_time_spent": 15.0, "ad_count": 1, "ad_completes": 1,
            "content_start": true, "diagnoses": [], "ads": [{"end": "completed", "time_played": 15.0}]}),
    );
}

#[test]
fn play_of_a_pre_roll_waits_for_its_ad_and_does_not_start_content() {
    let equals = [event(AdBreakStart, 1, 0), event(AdStart, 1, 0), event(Play, 1, 0)];
    for order in permutations(&equals) {
        let mut view = View::start();
        for event in order {
            view.with(event);
        }
        expect(&view.settle(), &json!({"content_start": false, "diagnoses": []}));
        assert_eq!(view.processed(), [AdBreakStart, AdStart, Play]);
    }
}

#[test]
fn an_ad_follows_another_in_any_order() {
    let before = [event(AdBreakStart, 0, 0), event(AdStart, 0, 0)];
    let equals = [event(AdComplete, 10, 0), event(AdStart, 10, 0)];
    let after = [event(AdSkip, 14, 0), event(AdBreakComplete, 14, 0), event(SessionEnd, 20, 0)];
    let rows = same_rows_in_every_order(&before, &equals, &after);
    expect(
        &rows,
        &json!({"diagnoses": [], "ads": [{"end": "completed", "time_played": 10.0},
            {"end": "skipped", "time_played": 4.0}]}),
    );
}

#[test]
fn the_end_of_an_ad_and_of_its_break_come_in_any_order() {
    for end in [AdComplete, AdSkip] {
        let before = [event(AdBreakStart, 0, 0), event(AdStart, 0, 0), event(Play, 0, 0)];
        let equals = [event(end, 10, 0), event(AdBreakComplete, 10, 0)];
        let rows = same_rows_in_every_order(&before, &equals, &[event(SessionEnd, 20, 10)]);
        expect(&rows, &json!({"diagnoses": [], "ad_time_spent": 10.0, "content_time_spent": 10.0}));
    }
}

#[test]
fn an_ad_break_follows_another_in_any_order() {
    let before = [event(AdBreakStart, 0, 0), event(Play, 0, 0)];
    let equals = [event(AdBreakComplete, 10, 0), event(AdBreakStart, 10, 0)];
    let rows = same_rows_in_every_order(&before, &equals, &[event(SessionEnd, 20, 0)]);
    expect(&rows, &json!({"diagnoses": [], "content_time_spent": 0.0}));
}

#[test]
fn a_chapter_follows_another_in_any_order() {
    for end in [ChapterComplete, ChapterSkip] {
        let before = [event(Play, 0, 0), event(ChapterStart, 0, 0)];
        let equals = [event(end, 10, 10), event(ChapterStart, 10, 10)];
        let rows = same_rows_in_every_order(&before, &equals, &[event(SessionEnd, 14, 14)]);
        expect(
            &rows,
            &json!({"diagnoses": [], "chapter_count": 2,
                "chapters": [{"time_played": 10.0}, {"time_played": 4.0, "end": "not_completed"}]}),
        );
    }
}

#[test]
fn a_state_that_is_open_ends_before_it_begins_again_and_one_that_is_not_begins_before_it_ends() {
    let equals =
        [event(StateEnd, 10, 0).states(&[], &["mute"]), event(StateStart, 10, 0).states(&["mute"], &[])];
    let after = [event(SessionEnd, 15, 0)];
    let before = [event(StateStart, 0, 0).states(&["mute"], &[])];
    let rows = same_rows_in_every_order(&before, &equals, &after);
    expect(&rows, &json!({"diagnoses": [], "states": [{"name": "mute", "count": 2, "time": 15.0}]}));
    let rows = same_rows_in_every_order(&[], &equals, &after);
    expect(&rows, &json!({"diagnoses": [], "states": [{"name": "mute", "count": 1, "time": 0.0}]}));
}

#[test]
fn session_complete_waits_for_all_others_and_session_end_for_session_complete() {
    let equals = [event(SessionEnd, 10, 10), event(SessionComplete, 10, 10), event(ChapterComplete, 10, 10)];
    for order in permutations(&equals) {
        let mut view = View::start();
        view.at(0, 0, Play).at(0, 0, ChapterStart);
        for event in order {
            view.with(event);
        }
        let rows = view.settle();
        expect(
            &rows,
            &json!({"content_complete": true, "chapter_completes": 1, "close_reason": "session_end"}),
        );
        assert_eq!(view.processed()[2..], [ChapterComplete, SessionComplete, SessionEnd]);
    }
}

#[test]
fn when_none_is_legal_the_first_to_have_arrived_is_taken_as_it_is() {
    for order in permutations(&[event(AdStart, 3, 0), event(AdComplete, 3, 0), event(AdBreakComplete, 3, 0)])
    {
        let mut view = View::start();
        for event in &order {
            view.with(event.clone());
        }
        let rows = view.settle();
        expect(
            &rows,
            &json!({"ad_count": 0, "diagnoses": ["ad_outside_break", "ad_not_started", "ad_break_not_started"]}),
        );
        assert_eq!(view.processed(), order.iter().map(|event| event.event_type).collect::<Vec<_>>());
    }
}

/// Nothing counts after `sessionEnd`, so it goes last also behind events that can never become legal.
#[test]
fn a_session_end_lost_the_completion_of_its_moment_when_a_chapter_had_no_start() {
    for order in
        permutations(&[event(SessionEnd, 3, 0), event(ChapterComplete, 3, 0), event(SessionComplete, 3, 0)])
    {
        let mut view = View::start();
        for event in &order {
            view.with(event.clone());
        }
        expect(
            &view.settle(),
            &json!({"close_reason": "session_end", "content_complete": true, "diagnoses": ["chapter_not_started"]}),
        );
        assert_eq!(view.processed().last(), Some(&SessionEnd));
    }
}

#[test]
fn equals_that_are_all_legal_keep_their_order_of_arrival() {
    for (order, pauses) in [([PauseStart, BufferStart], 0.0), ([BufferStart, PauseStart], 5.0)] {
        let mut view = View::start();
        for event_type in order {
            view.at(1, 0, event_type);
        }
        view.at(6, 0, Ping);
        expect(
            &view.settle(),
            &json!({"total_pause_duration": pauses, "total_buffer_duration": 5.0 - pauses}),
        );
    }
}

#[test]
fn an_equal_that_becomes_legal_does_not_overtake_an_earlier_arrival_that_is_legal() {
    let mut view = View::start();
    view.at(1, 0, AdStart).at(1, 0, Error).at(1, 0, AdBreakStart).at(1, 0, Ping);
    view.settle();
    assert_eq!(view.processed(), [Error, AdBreakStart, AdStart, Ping]);
}

#[test]
fn a_first_event_with_a_lower_ts_becomes_the_start() {
    let mut view = View::opened_by(Event { ts_ms: moment(100), ..start_event(1_000) });
    view.at(40, 0, Play).at(50, 10, Ping).at(110, 70, SessionEnd);
    let rows = view.leave();
    expect(
        &rows,
        &json!({"diagnoses": ["event_before_start"], "content_time_spent": 70.0,
            "started_at": "2023-11-14T22:14:00.000Z", "last_event_at": "2023-11-14T22:15:10.000Z"}),
    );
}

#[test]
fn a_first_event_with_the_ts_of_the_start_is_an_ordinary_one() {
    let mut view = View::start();
    view.at(0, 0, Play);
    view.settle();
    view.with(event(Ping, -1, 0));
    expect(&view.settle(), &json!({"diagnoses": ["late_event"], "started_at": "2023-11-14T22:13:20.000Z"}));
}

#[test]
fn only_the_first_event_can_come_before_the_start() {
    let mut view = View::start();
    view.at(-5, 0, Play);
    view.settle();
    view.at(-7, 0, PauseStart);
    let rows = view.settle();
    expect(&rows, &json!({"diagnoses": ["event_before_start", "late_event"], "pause_events": 1}));
    assert_eq!(rows["started_at"], "2023-11-14T22:13:15.000Z");
}

#[test]
fn a_late_event_takes_effect_with_no_elapsed_time() {
    let mut view = View::start();
    view.at(0, 0, Play).at(20, 20, Ping);
    view.settle();
    view.at(12, 12, PauseStart);
    let rows = view.settle();
    expect(
        &rows,
        &json!({"content_time_spent": 20.0, "pause_events": 1, "total_pause_duration": 0.0,
            "diagnoses": ["late_event"]}),
    );
    assert_eq!(rows["last_event_at"], "2023-11-14T22:13:40.000Z");
}

/// The contract does not define "previous" after a late event; the accounting does not attribute time twice.
#[test]
fn time_before_a_late_event_is_not_attributed_twice() {
    let mut view = View::start();
    view.at(0, 0, Play).at(20, 20, Ping);
    view.settle();
    view.at(12, 12, PauseStart);
    view.settle();
    view.at(16, 16, Play);
    view.settle();
    view.at(30, 30, SessionEnd);
    let rows = view.settle();
    expect(&rows, &json!({"content_time_spent": 30.0, "total_pause_duration": 0.0}));
}
