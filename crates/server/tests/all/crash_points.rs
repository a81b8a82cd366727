//! A process may die after any commit. Whatever the disk holds then, a restart and the rest of the events lead to the
//! rows of an undisturbed run.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::support::crash_points::RecordingJournal;
use crate::support::{START_MS, Settings, TestClock, TestServer, event, session_start, settings};
use playhead_journal::MemoryStore;
use playhead_node::clock::{Clock, Moment};
use playhead_node::limits::COMMIT_CHECKPOINTS;
use serde_json::{Value, json};

/// An action from outside, at a moment of the server's clock.
#[derive(Debug, Clone)]
struct Step {
    at_ms: i64,
    session: usize,
    body: Value,
}

/// Three live sessions and a downloaded one: ads, a pause, events out of order, an end, and two that just stop.
fn script() -> Vec<Step> {
    let mut steps = Vec::new();
    let mut step = |after_ms: i64, session: usize, body: Value| {
        steps.push(Step { at_ms: START_MS + after_ms, session, body });
    };
    let at =
        |event_type: &str, playhead: f64, after_ms: i64| event(event_type, playhead, START_MS + after_ms);
    let mut ad_break = at("adBreakStart", 0.0, 1_000);
    ad_break["params"] = json!({"media.ad.podIndex": 0, "media.ad.podSecond": 0});
    let mut ad = at("adStart", 0.0, 1_000);
    ad["params"] = json!({"media.ad.id": "a", "media.ad.length": 6, "media.ad.podPosition": 1, "media.ad.playerName": "p"});
    let mut downloaded = session_start(START_MS - 1_000_000);
    downloaded["params"]["media.downloaded"] = json!(true);

    step(0, 0, session_start(START_MS));
    step(0, 1, session_start(START_MS));
    step(100, 0, at("play", 0.0, 0));
    step(1_100, 1, ad);
    step(1_100, 1, ad_break);
    step(3_000, 0, at("ping", 3.0, 3_000));
    step(4_000, 2, session_start(START_MS + 4_000));
    step(7_000, 1, at("adBreakComplete", 0.0, 7_000));
    step(7_000, 1, at("adComplete", 0.0, 7_000));
    step(7_100, 1, at("play", 0.0, 7_000));
    step(9_000, 0, at("pauseStart", 9.0, 9_000));
    step(9_500, 0, at("ping", 8.0, 8_000));
    step(9_900, 2, at("play", 0.0, 4_500));
    step(15_000, 0, at("play", 9.0, 15_000));
    step(
        15_100,
        3,
        json!([
            downloaded,
            event("play", 0.0, START_MS - 1_000_000),
            event("ping", 50.0, START_MS - 950_000),
            event("pauseStart", 80.0, START_MS - 920_000),
        ]),
    );
    step(16_000, 2, at("ping", 11.0, 16_000));
    step(16_100, 2, at("ping", 10.0, 15_000));
    step(17_000, 1, at("sessionEnd", 10.0, 17_000));
    step(17_000, 1, at("ping", 9.0, 16_000));
    step(21_000, 0, at("ping", 15.0, 21_000));
    step(30_000, 2, at("ping", 25.0, 30_000));
    step(400_000, 2, at("ping", 395.0, 400_000));
    step(650_000, 2, at("ping", 500.0, 650_000));
    steps
}

/// Sends a step; `sids` are the sessions so far.
fn take(server: &TestServer, step: &Step, sids: &mut Vec<Option<String>>) {
    server.clock.advance_to(step.at_ms);
    match sids.get(step.session).cloned().flatten() {
        Some(sid) => assert_eq!(server.event(&sid, &step.body), 204, "{step:?}"),
        None => {
            sids.resize(sids.len().max(step.session + 1), None);
            sids[step.session] = Some(server.send("/api/v1/sessions", &step.body).session());
        }
    }
}

/// Lets all sessions time out and returns their rows, less their ids.
fn final_rows(server: &TestServer, sids: &[Option<String>], settings: &Settings) -> Vec<Value> {
    server.clock.advance_to(START_MS + 650_000 + settings.accounting.idle_timeout_ms);
    let rows = sids.iter().flatten().map(|sid| {
        let mut row = server.closed_row(sid);
        row.as_object_mut().unwrap().shift_remove("session_id");
        row
    });
    rows.collect()
}

#[test]
fn a_crash_after_any_commit_changes_no_row() {
    let often = Settings { checkpoint_interval: Duration::ZERO, ..settings() };
    let steps = script();
    let store = MemoryStore::new();
    let journal = RecordingJournal::new(store.open(START_MS).unwrap());
    let log = journal.log();
    let server = TestServer::start_with(often.clone(), store, TestClock::at(START_MS), Box::new(journal));
    let mut sids = Vec::new();
    for step in &steps {
        let commits = log.len();
        take(&server, step, &mut sids);
        // A checkpoint follows each event sooner or later. The run waits for some of them, so that crash points come after
        // checkpoints that are newer and older than the last event.
        if step.at_ms % 3_000 != 0 {
            server.wait_until("a checkpoint", |_| (commits..log.len()).any(|commit| log.has_upkeep(commit)));
        }
    }
    let all_sids = sids.clone();
    let expected = final_rows(&server, &sids, &often);
    let events_of = |step: &Step| step.body.as_array().map_or(1, Vec::len);
    let sent: usize = steps.iter().map(events_of).sum();
    server.wait_until("all rows are stored", |server| server.metric("playhead_outbox_rows_total") == 4.0);
    assert_eq!(log.events_in(log.len()), sent);
    assert_eq!(expected.iter().map(|row| row["event_count"].as_u64().unwrap()).sum::<u64>(), sent as u64);
    assert_eq!(expected[2]["close_reason"], "idle_10m");
    assert!((0..log.len()).filter(|&commit| log.has_upkeep(commit)).count() > 10, "checkpoints in between");

    for crash_point in 1..=log.len() {
        let mut durable = log.events_in(crash_point);
        let mut sids: Vec<Option<String>> = Vec::new();
        let mut taken = 0;
        for step in &steps {
            if durable == 0 {
                break;
            }
            durable -= events_of(step);
            taken += 1;
            sids.resize(sids.len().max(step.session + 1), None);
            sids[step.session].clone_from(&all_sids[step.session]);
        }
        let now_ms = steps.get(taken).or(steps.last()).unwrap().at_ms;
        let server = TestServer::start_on(often.clone(), log.store_after(crash_point), TestClock::at(now_ms));
        if let Some(last) = taken.checked_sub(1)
            && steps[last].body["eventType"] != "sessionStart"
            && !steps[last].body.is_array()
        {
            // The client did not get the response, so it sends the event again.
            let sid = sids[steps[last].session].clone().unwrap();
            assert!([204, 410].contains(&server.event(&sid, &steps[last].body)), "crash point {crash_point}");
        }
        for step in &steps[taken..] {
            take(&server, step, &mut sids);
        }
        let rows = final_rows(&server, &sids, &often);
        assert_eq!(rows, expected, "crash point {crash_point} of {}, after {taken} steps", log.len());
    }
}

#[test]
fn a_crash_in_the_middle_of_a_sweep_of_checkpoints_counts_no_event_twice() {
    // One commit does not checkpoint all sessions, so some states are newer than the place where a replay begins.
    const SESSIONS: usize = 2 * COMMIT_CHECKPOINTS + 100;
    let rarely = Settings { checkpoint_interval: Duration::from_secs(3_600), ..settings() };
    let store = MemoryStore::new();
    let journal = RecordingJournal::new(store.open(START_MS).unwrap());
    let log = journal.log();
    let server = TestServer::start_with(rarely.clone(), store, TestClock::at(START_MS), Box::new(journal));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let server = &server;
            scope.spawn(move || {
                let mut connection = server.connect();
                let mut post = |path: &str, body: Value| {
                    connection.request("POST", path, &[], body.to_string().as_bytes())
                };
                for _ in 0..SESSIONS / 4 {
                    let sid = post("/api/v1/sessions", session_start(START_MS)).session();
                    let ping = event("ping", 1.0, START_MS + 1);
                    assert_eq!(post(&format!("/api/v1/sessions/{sid}/events"), ping).status, 204);
                }
            });
        }
    });
    let before_the_sweep = log.len();
    // A stop writes all states, one part after another.
    drop(server.stop());
    assert!(log.len() >= before_the_sweep + 2, "the states took more than one commit");
    for crash_point in before_the_sweep..=log.len() {
        let server =
            TestServer::start_on(rarely.clone(), log.store_after(crash_point), TestClock::at(START_MS));
        let mut counts = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let page = server.get(&format!("/reports/v1/sessions?limit=1000{cursor}")).json();
            for row in page["sessions"].as_array().unwrap() {
                let id = row["session_id"].as_str().unwrap().to_owned();
                counts.insert(id, row["event_count"].as_u64().unwrap());
            }
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(counts, log.events_by_session(crash_point), "crash point {crash_point}");
    }
}

/// A clock that advances between any two readings.
#[derive(Debug)]
struct RestlessClock(AtomicI64);

impl Clock for RestlessClock {
    fn moment(&self) -> Moment {
        let now_ms = self.0.fetch_add(300, Ordering::SeqCst);
        Moment { now_ms, elapsed_ms: now_ms }
    }
}

#[test]
fn time_that_passes_while_an_event_is_committed_changes_no_row_of_a_replay() {
    // The server must not advance a session past the arrival that the journal has for a later event of it, because a
    // replay advances the session only to that arrival.
    let rarely = Settings { checkpoint_interval: Duration::from_secs(3_600), ..settings() };
    let store = MemoryStore::new();
    let journal = RecordingJournal::new(store.open(START_MS).unwrap());
    let log = journal.log();
    let restless = Arc::new(RestlessClock(AtomicI64::new(START_MS)));
    let test_clock = TestClock::at(START_MS);
    let server = TestServer::start_by(rarely.clone(), store, test_clock, restless.clone(), Box::new(journal));
    let sids: Vec<String> = (0..2).map(|_| server.open(&session_start(START_MS))).collect();
    let mut accepted = 0;
    // Long enough for a dozen ticks of the server in between.
    for index in 0..800_i64 {
        for sid in &sids {
            // Out of order by more than the window, so that it matters which events wait together.
            let ts_ms = START_MS + 1_000 * (index + index * 7 % 11);
            let event_type = ["play", "pauseStart", "ping"][index as usize % 3];
            let status = server.event(sid, &event(event_type, index as f64, ts_ms));
            assert!([204, 410].contains(&status), "{status}");
            accepted += i64::from(status == 204);
        }
    }
    assert!(accepted > 100, "{accepted}");
    let commits = log.len();
    let events = log.events_in(commits);
    // Far beyond all deadlines and timeouts.
    restless.0.fetch_add(3_600_000, Ordering::SeqCst);
    let live: Vec<Value> = sids.iter().map(|sid| server.closed_row(sid)).collect();
    assert_eq!(live.iter().map(|row| row["event_count"].as_i64().unwrap()).sum::<i64>(), accepted + 2);
    assert_eq!(events as i64, accepted + 2);
    let late = TestClock::at(restless.0.load(Ordering::SeqCst));
    let server = TestServer::start_on(rarely, log.store_after(commits), late);
    let replayed: Vec<Value> = sids.iter().map(|sid| server.closed_row(sid)).collect();
    assert_eq!(replayed, live);
}
