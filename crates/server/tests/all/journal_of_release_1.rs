//! A journal of format 1, written by the release before format 2 in the middle of sessions: it is read, and goes on, and
//! every session gets the row that the release before would have given it. `testdata/journal-1/README.md` says how the
//! journal was made.
use std::path::{Path, PathBuf};

use crate::support::{START_MS, TestClock, TestServer, event, session_start, settings};
use playhead_journal::{JOURNAL_FILE_NAME, MemoryStore, OpenOptions, SqliteJournal};
use serde_json::{Value, json};

const SECOND_MS: i64 = 1_000;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/journal-1")
}

fn read(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(testdata().join(name)).unwrap()).unwrap()
}

fn server_on(directory: &Path, clock_ms: i64) -> TestServer {
    let clock = TestClock::at(clock_ms);
    let journal = SqliteJournal::open(directory, OpenOptions::new(clock_ms)).unwrap();
    TestServer::start_with(settings(), MemoryStore::default(), clock, Box::new(journal))
}

/// Lets the sessions that the journal left open go on, and one more begin; gives the rows of all.
fn go_on(server: &TestServer, sids: &Value) -> Value {
    let at = |seconds: i64| START_MS + seconds * SECOND_MS;
    let sid = |name: &str| sids[name].as_str().unwrap().to_owned();
    for (name, event) in [
        ("in_an_ad", json!({"playerTime": {"playhead": 0, "ts": at(35)}, "eventType": "adComplete"})),
        ("in_an_ad", json!({"playerTime": {"playhead": 0, "ts": at(35)}, "eventType": "adBreakComplete"})),
        ("in_an_ad", event("play", 0.0, at(35))),
        ("in_an_ad", event("ping", 5.0, at(40))),
        ("in_a_stall", event("play", 12.0, at(36))),
        ("in_a_stall", event("ping", 20.0, at(44))),
        ("in_a_stall", event("sessionEnd", 21.0, at(45))),
        ("only_started", event("play", 0.0, at(38))),
        ("only_started", event("sessionComplete", 600.0, at(46))),
    ] {
        assert_eq!(server.event(&sid(name), &event), 204, "{name}: {event}");
    }
    for name in ["ended", "downloaded"] {
        assert_eq!(server.event(&sid(name), &event("ping", 1.0, at(40))), 410, "{name} is closed");
    }
    assert_eq!(server.event(&sid("ended"), &event("sessionEnd", 31.0, at(31))), 204, "a repeated end");
    // What waits in the reorder windows leaves them.
    server.clock.advance(20 * SECOND_MS);
    server.wait_until("the session has ended", |server| server.row(&sid("in_a_stall"))["is_open"] == false);
    let names = sids.as_object().unwrap().keys();
    names.map(|name| (name.clone(), server.row(&sid(name)))).collect::<serde_json::Map<_, _>>().into()
}

fn copied() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::copy(testdata().join(JOURNAL_FILE_NAME), directory.path().join(JOURNAL_FILE_NAME)).unwrap();
    directory
}

#[test]
fn a_journal_of_format_1_goes_on_in_the_middle_of_its_sessions() {
    let directory = copied();
    let server = server_on(directory.path(), START_MS + 34 * SECOND_MS);
    let rows = go_on(&server, &read("sessions.json"));
    let expected = read("expected.json");
    for (name, row) in rows.as_object().unwrap() {
        assert_eq!(row, &expected[name], "{name}");
    }
    assert_eq!(rows.as_object().unwrap().len(), expected.as_object().unwrap().len());
}

/// Opens sessions one after the other, and lets each play for 10 seconds.
fn keep_busy(server: &TestServer, count: usize) -> Vec<String> {
    let at = |seconds: i64| START_MS + seconds * SECOND_MS;
    let watch = |_| {
        let sid = server.open(&session_start(at(34)));
        for (event_type, playhead, seconds) in
            [("play", 0.0, 34), ("ping", 6.0, 40), ("sessionEnd", 10.0, 44)]
        {
            assert_eq!(server.event(&sid, &event(event_type, playhead, at(seconds))), 204);
        }
        sid
    };
    (0..count).map(watch).collect()
}

#[test]
fn sessions_of_a_journal_of_format_1_were_other_ones_while_others_came_in() {
    let directory = copied();
    let (sids, expected) = (read("sessions.json"), read("expected.json"));
    // The first server of a test makes the ids that the journal has already.
    TestServer::start(settings()).stop();
    let server = server_on(directory.path(), START_MS + 34 * SECOND_MS);
    let (rows, others) = std::thread::scope(|scope| {
        let busy: Vec<_> = (0..4).map(|_| scope.spawn(|| keep_busy(&server, 25))).collect();
        let rows = go_on(&server, &sids);
        let others: Vec<String> = busy.into_iter().flat_map(|busy| busy.join().unwrap()).collect();
        (rows, others)
    });
    assert_eq!(rows, expected);
    server.clock.advance(20 * SECOND_MS);
    let played = |server: &TestServer| {
        others.iter().map(|sid| server.closed_row(sid)["content_time_spent"].as_f64().unwrap()).sum::<f64>()
    };
    assert_eq!(played(&server), 1_000.0);
    // What was written in the format of before and in that of now is read together.
    server.stop();
    let server = server_on(directory.path(), START_MS + 80 * SECOND_MS);
    assert_eq!(played(&server), 1_000.0);
    for (name, row) in expected.as_object().unwrap() {
        if row["is_open"] == false {
            assert_eq!(&server.row(sids[name].as_str().unwrap()), row, "{name}");
        }
    }
    server.stop();
}
