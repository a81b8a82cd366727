//! The server's clock is set forwards or back, while the server runs or while it stands.

use std::sync::Arc;
use std::time::Duration;

use playhead_journal::{Failure, LogReader, MemoryStore, ProgressReader, Sequence};
use playhead_node::clock::Clock;
use serde_json::{Value, json};

use crate::support::crash_points::RecordingJournal;
use crate::support::{START_MS, Settings, TOKEN, TestClock, TestServer, event, session_start, settings};

pub(crate) const CLOCK_STEPS_METRIC: &str = "playhead_server_clock_steps_total";

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

fn time(ms: i64) -> Value {
    json!(playhead_session::rfc3339(ms))
}

/// Sets the server's clock, and waits until the server has seen that.
fn set_clock(server: &TestServer, by_ms: i64) {
    let before = server.metric(CLOCK_STEPS_METRIC);
    server.clock.step(by_ms);
    wait_for_step(server, before + 1.0);
}

fn wait_for_step(server: &TestServer, steps: f64) {
    server.wait_until("the step was seen", |server| server.metric(CLOCK_STEPS_METRIC) == steps);
}

/// A session of seven seconds of content by the device's clock, which is right, as far as its first events.
fn begin(server: &TestServer, device_ms: i64) -> String {
    let sid = server.open(&session_start(device_ms));
    assert_eq!(server.event(&sid, &event("play", 0.0, device_ms)), 204);
    assert_eq!(server.event(&sid, &event("ping", 7.0, device_ms + 7_000)), 204);
    sid
}

/// The session has its seven seconds as soon as its reorder window has passed, and times out after ten minutes, not sooner.
fn assert_takes_its_time(server: &TestServer, sid: &str) {
    server.clock.advance(5 * SECOND_MS);
    server.wait_until("the events have taken effect", |server| server.row(sid)["content_time_spent"] == 7.0);
    server.clock.advance(10 * MINUTE_MS - 6 * SECOND_MS);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(server.row(sid)["is_open"], true);
    server.clock.advance(SECOND_MS);
    let row = server.closed_row(sid);
    assert_eq!(row["close_reason"], "idle_10m");
    assert_eq!(row["content_time_spent"], 7.0);
}

#[test]
fn after_one_start_a_day_ahead_no_later_session_closed() {
    let server = TestServer::start_on(settings(), MemoryStore::new(), TestClock::at(START_MS + DAY_MS));
    let left_open = begin(&server, START_MS);
    let (store, _) = server.stop();

    let server = TestServer::start_on(settings(), store, TestClock::at(START_MS + MINUTE_MS));
    wait_for_step(&server, 1.0);
    let later = begin(&server, START_MS + MINUTE_MS);
    assert_eq!(server.row(&later)["received_at"], time(START_MS + MINUTE_MS));
    assert_takes_its_time(&server, &later);
    assert_eq!(server.row(&later)["diagnoses"], json!([]));
    let row = server.closed_row(&left_open);
    assert_eq!(row["diagnoses"], json!(["server_clock_stepped"]));
    assert_eq!(row["content_time_spent"], 7.0);
    assert_eq!(row["received_at"], time(START_MS + DAY_MS), "as the clock said then");

    // A further start goes over the same step, and finds no other.
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    let last = begin(&server, START_MS + HOUR_MS);
    assert_takes_its_time(&server, &last);
    assert_eq!(server.metric(CLOCK_STEPS_METRIC), 0.0);
}

#[test]
fn after_a_step_back_of_an_hour_no_session_closed() {
    let server = TestServer::start(settings());
    let before = begin(&server, START_MS);
    set_clock(&server, -HOUR_MS);
    let after = begin(&server, START_MS);
    assert_eq!(server.row(&after)["received_at"], time(START_MS - HOUR_MS));
    assert_takes_its_time(&server, &after);
    assert_eq!(server.row(&after)["diagnoses"], json!([]));
    let row = server.closed_row(&before);
    assert_eq!(row["close_reason"], "idle_10m");
    assert_eq!(row["content_time_spent"], 7.0);
    assert_eq!(row["diagnoses"], json!(["server_clock_stepped"]));
}

#[test]
fn a_session_that_is_open_over_a_step_goes_on_as_if_there_had_been_none() {
    for by_ms in [DAY_MS, -DAY_MS, 6 * SECOND_MS, -400 * DAY_MS] {
        let server = TestServer::start(settings());
        let sid = begin(&server, START_MS);
        server.clock.advance(MINUTE_MS);
        set_clock(&server, by_ms);
        assert_eq!(server.row(&sid)["is_open"], true, "{by_ms}");
        server.clock.advance(SECOND_MS);
        assert_eq!(server.event(&sid, &event("ping", 8.0, START_MS + 8_000)), 204);
        let received = START_MS + MINUTE_MS + by_ms + SECOND_MS;
        let events = server.get(&format!("/reports/v1/sessions/{sid}/events")).json();
        let events = events["events"].as_array().unwrap();
        assert_eq!(events.last().map(|event| &event["received_at"]), Some(&time(received)));
        server.clock.advance(5 * SECOND_MS);
        server.wait_until("the last event has taken effect", |server| {
            server.row(&sid)["content_time_spent"] == 8.0
        });
        let explained = server.get(&format!("/reports/v1/sessions/{sid}/explain")).json();
        assert_eq!(explained["metrics"]["content_time_spent"]["value"], 8.0, "{explained}");
        server.clock.advance(10 * MINUTE_MS - 6 * SECOND_MS);
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(server.row(&sid)["is_open"], true, "{by_ms}");
        server.clock.advance(SECOND_MS);
        let row = server.closed_row(&sid);
        assert_eq!(row["event_count"], 4);
        assert_eq!(row["diagnoses"], json!(["server_clock_stepped"]));
    }
}

#[test]
fn a_clock_that_is_set_again_at_once_is_followed_after_a_rest() {
    let server = TestServer::start(settings());
    set_clock(&server, DAY_MS);
    server.clock.step(-DAY_MS);
    server.clock.advance(9 * SECOND_MS);
    let early = begin(&server, START_MS);
    assert_eq!(server.row(&early)["received_at"], time(START_MS + DAY_MS + 9 * SECOND_MS));
    server.clock.advance(2 * SECOND_MS);
    wait_for_step(&server, 2.0);
    let late = begin(&server, START_MS);
    assert_eq!(server.row(&late)["received_at"], time(START_MS + 11 * SECOND_MS));
}

#[test]
fn a_step_that_the_disk_does_not_take_is_followed_later() {
    let server = TestServer::start(settings());
    let sid = begin(&server, START_MS);
    server.store.fail_until_cleared(Failure::DiskFull);
    server.clock.step(-DAY_MS);
    server.wait_until("the server has tried", |server| server.get("/readyz").status == 503);
    server.store.clear_failure();
    server.clock.advance(5 * SECOND_MS);
    server.wait_until("time goes on", |server| server.row(&sid)["content_time_spent"] == 7.0);
    assert_eq!(server.metric(CLOCK_STEPS_METRIC), 0.0);
    server.clock.advance(6 * SECOND_MS);
    wait_for_step(&server, 1.0);
    let later = begin(&server, START_MS + 11 * SECOND_MS);
    assert_eq!(server.row(&later)["received_at"], time(START_MS - DAY_MS + 11 * SECOND_MS));
    server.clock.advance(10 * MINUTE_MS);
    assert_eq!(server.closed_row(&sid)["diagnoses"], json!(["server_clock_stepped"]));
}

/// Events of the table were looked for from the arrival of the session's start on, which lies behind theirs after a step back.
#[test]
fn a_stored_session_that_was_open_over_a_step_back_has_its_later_events() {
    let mut settings = settings();
    settings.queries.timeout = Duration::from_secs(1);
    settings.checkpoint_interval = Duration::from_secs(1);
    let server = TestServer::start(settings);
    let sid = begin(&server, START_MS);
    server.clock.advance(MINUTE_MS);
    set_clock(&server, -DAY_MS);
    assert_eq!(server.event(&sid, &event("ping", 12.0, START_MS + 12_000)), 204);
    server.clock.advance(10 * MINUTE_MS);
    server.closed_row(&sid);
    let paths = ["", "/events", "/explain"].map(|part| format!("/reports/v1/sessions/{sid}{part}"));
    let read = || paths.clone().map(|path| server.get(&path).json());
    let before = read();
    assert_eq!(before[0]["content_time_spent"], 12.0);
    assert_eq!(before[1]["events"].as_array().unwrap().len(), 4);

    let maintain = [("Authorization", &*format!("Bearer {TOKEN}"))];
    assert_eq!(server.connect().request("POST", "/reports/v1/maintenance", &maintain, b"").status, 200);
    server.wait_until("the events are given back", |server| {
        server.store.reader().events_from(Sequence::new(1), 1).unwrap().is_empty()
    });
    assert_eq!(read(), before, "with the row in the journal");
    server.clock.advance(DAY_MS + MINUTE_MS);
    server.wait_until("the row is given back", |server| {
        server.store.reader().closed_session(&sid.parse().unwrap()).unwrap().is_none()
    });
    assert_eq!(read(), before, "with nothing in the journal");
}

/// What happens from outside, so many milliseconds after the one before.
#[derive(Debug, Clone)]
enum Action {
    Send { after_ms: i64, session: usize, body: Value },
    SetClock { after_ms: i64, by_ms: i64 },
}

/// Sessions that are open over steps in both directions, one that times out just before a step, and one that does while the
/// steps go on.
fn script() -> Vec<Action> {
    let send = |after_ms, session, body| Action::Send { after_ms, session, body };
    let set = |after_ms, by_ms| Action::SetClock { after_ms, by_ms };
    let at = |event_type: &str, playhead: f64, ts_ms: i64| event(event_type, playhead, START_MS + ts_ms);
    vec![
        send(0, 0, session_start(START_MS)),
        send(0, 1, session_start(START_MS)),
        send(1_000, 0, at("play", 0.0, 1_000)),
        send(10 * MINUTE_MS - 2_000, 0, at("ping", 3.0, 4_000)),
        send(0, 0, at("pauseStart", 2.0, 3_000)),
        // Session 1 times out in the moment of the step.
        set(1_000, -DAY_MS),
        send(0, 2, session_start(START_MS)),
        send(2_000, 0, at("play", 3.0, 9_000)),
        set(12_000, 3 * HOUR_MS),
        send(1_000, 2, at("play", 0.0, 500)),
        send(3_000, 0, at("ping", 5.0, 11_000)),
        send(0, 2, at("ping", 1.0, 1_500)),
        set(5 * MINUTE_MS, 400 * DAY_MS),
        send(4 * MINUTE_MS, 2, at("sessionEnd", 4.0, 4_500)),
        send(MINUTE_MS, 3, session_start(START_MS)),
    ]
}

/// Does what is left of the script from a moment of the clock on; then lets all sessions time out and returns their rows.
fn play(server: &TestServer, script: &[Action], mut sids: Vec<Option<String>>) -> (Vec<String>, Vec<Value>) {
    for action in script {
        match action {
            Action::Send { after_ms, session, body } => {
                server.clock.advance(*after_ms);
                match sids.get(*session).cloned().flatten() {
                    Some(sid) => assert_eq!(server.event(&sid, body), 204, "{action:?}"),
                    None => {
                        sids.resize(sids.len().max(session + 1), None);
                        sids[*session] = Some(server.open(body));
                    }
                }
            }
            Action::SetClock { after_ms, by_ms } => {
                server.clock.advance(*after_ms);
                set_clock(server, *by_ms);
            }
        }
    }
    server.clock.advance(30 * MINUTE_MS);
    let sids: Vec<String> = sids.into_iter().flatten().collect();
    let rows = sids.iter().map(|sid| {
        let mut row = server.closed_row(sid);
        row.as_object_mut().unwrap().shift_remove("session_id");
        row
    });
    let rows = rows.collect();
    (sids, rows)
}

/// The time by the clock after a part of the script.
fn clock_after(script: &[Action]) -> i64 {
    let ms = script.iter().map(|action| match action {
        Action::Send { after_ms, .. } => *after_ms,
        Action::SetClock { after_ms, by_ms } => after_ms + by_ms,
    });
    START_MS + ms.sum::<i64>()
}

#[test]
fn a_crash_after_any_commit_changes_no_row_of_sessions_over_steps() {
    for interval in [Duration::ZERO, Duration::from_secs(3_600)] {
        let settings = Settings { checkpoint_interval: interval, ..settings() };
        let script = script();
        let store = MemoryStore::new();
        let journal = RecordingJournal::new(store.open(START_MS).unwrap());
        let log = journal.log();
        let server =
            TestServer::start_with(settings.clone(), store, TestClock::at(START_MS), Box::new(journal));
        let (all_sids, expected) = play(&server, &script, Vec::new());
        server.wait_until("all rows are stored", |server| server.metric("playhead_outbox_rows_total") == 4.0);
        let stepped: Vec<_> =
            expected.iter().map(|row| row["diagnoses"] == json!(["server_clock_stepped"])).collect();
        assert_eq!(stepped, [true, false, true, false]);
        assert_eq!(expected.iter().map(|row| row["event_count"].as_i64().unwrap()).sum::<i64>(), 12);

        for crash_point in 1..=log.len() {
            let (mut events, mut steps) = (log.events_in(crash_point), log.clock_steps_in(crash_point));
            let mut sids: Vec<Option<String>> = Vec::new();
            let mut taken = 0;
            for action in &script {
                let left = match action {
                    Action::Send { .. } => &mut events,
                    Action::SetClock { .. } => &mut steps,
                };
                if *left == 0 {
                    break;
                }
                *left -= 1;
                taken += 1;
                if let Action::Send { session, .. } = action {
                    sids.resize(sids.len().max(session + 1), None);
                    sids[*session] = Some(all_sids[*session].clone());
                }
            }
            let (done, left) = script.split_at(taken);
            let clock: Arc<TestClock> = TestClock::at(clock_after(done));
            let server = TestServer::start_on(settings.clone(), log.store_after(crash_point), clock.clone());
            let (_, rows) = play(&server, left, sids);
            assert_eq!(rows, expected, "crash point {crash_point} at {}", clock.now_ms());
        }
    }
}
