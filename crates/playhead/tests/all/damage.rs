//! A journal with damaged bytes: what is whole stays readable, and what is lost is told.

use std::path::{Path, PathBuf};

use playhead_journal::{JOURNAL_FILE_NAME, JournalReader, OpenOptions, SqliteJournal, open_reader};
use playhead_protocol::SessionId;
use serde_json::{Value, json};

use crate::support::{ServerProcess, event, playhead, session_start, wait_until};

const START_MS: i64 = 1_793_491_200_000;
const TOKEN: &str = "0123456789abcdef";
const ARGS: [&str; 8] = [
    "--reorder-window",
    "0ms",
    "--lake-interval",
    "1h",
    "--checkpoint-interval",
    "100ms",
    "--admin-token",
    TOKEN,
];

/// The time of an event, which its body has as text.
fn ts_ms(number: i64, after_ms: i64) -> i64 {
    START_MS + number * 1_000 + after_ms
}

/// Begins the session of a number, and plays it, to its end or not.
fn watch(server: &ServerProcess, number: i64, is_ended: bool) -> String {
    let (status, answer) = server.post("/api/v1/sessions", &session_start(ts_ms(number, 0)).to_string());
    assert_eq!(status, 201, "{answer}");
    let listed = server.get_json("/reports/v1/sessions?limit=1&open=true");
    let id = listed["sessions"][0]["session_id"].as_str().unwrap().to_owned();
    for (event_type, after_ms) in [("play", 1), ("ping", 2), ("sessionEnd", 3)] {
        if event_type != "sessionEnd" || is_ended {
            send(server, &id, event_type, ts_ms(number, after_ms));
        }
    }
    if is_ended {
        server.wait_until_closed(&id);
    }
    id
}

fn send(server: &ServerProcess, id: &str, event_type: &str, ts_ms: i64) {
    let body = event(event_type, ts_ms, 1.0).to_string();
    assert_eq!(server.post(&format!("/api/v1/sessions/{id}/events"), &body).0, 204);
}

fn sql(server: &ServerProcess, query: &str) -> (u16, String) {
    server.post_with_token("/reports/v1/sql", &json!({ "query": query }).to_string())
}

fn rows(server: &ServerProcess, query: &str) -> Value {
    let (status, answer) = sql(server, query);
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str::<Value>(&answer).unwrap()["rows"].clone()
}

fn maintain(server: &ServerProcess) -> String {
    let (status, answer) = server.post_with_token("/reports/v1/maintenance", "");
    assert_eq!(status, 200, "{answer}");
    answer
}

fn journal_file(data: &Path) -> PathBuf {
    data.join(JOURNAL_FILE_NAME)
}

/// Ends the server once a start has nothing to replay, with everything in the database file.
fn end(server: &mut ServerProcess) {
    wait_until("all is in a checkpoint", || {
        let mut reader = open_reader(server.data()).ok()?;
        let recovery = reader.recover().ok()?;
        (recovery.replay_from == recovery.next_sequence).then_some(())
    });
    server.kill9();
    SqliteJournal::open(server.data(), OpenOptions::new(0)).unwrap().copy_whole_wal().unwrap();
}

/// Changes the byte `behind` bytes behind the only place where `is_there` says that the file has what is sought.
fn damage(data: &Path, behind: usize, is_there: impl Fn(&[u8]) -> bool) {
    let mut bytes = std::fs::read(journal_file(data)).unwrap();
    let places: Vec<usize> = (0..bytes.len()).filter(|place| is_there(&bytes[*place..])).collect();
    assert!(!places.is_empty(), "the file does not have it");
    for place in places {
        bytes[place + behind] ^= 1;
    }
    std::fs::write(journal_file(data), bytes).unwrap();
}

/// What `playhead verify` finds in the journal.
fn findings(data: &Path) -> Vec<String> {
    let ended = playhead(&["verify", "--data", data.to_str().unwrap(), "--format", "json"]);
    let verified: Value = serde_json::from_str(&ended.out).unwrap();
    let findings = verified["findings"].as_array().unwrap();
    assert_eq!(ended.code, Some(i32::from(!findings.is_empty())), "{verified}");
    findings.iter().map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[test]
fn a_damaged_group_hid_all_events_behind_it_and_the_hand_over_passed_it_by() {
    let mut server = ServerProcess::start(&ARGS);
    let ids: Vec<String> = (0..6).map(|number| watch(&server, number, true)).collect();
    let all = rows(&server, "select sequence, event_type, ts from events order by sequence");
    assert_eq!(all.as_array().unwrap().len(), 24);
    let sessions = rows(&server, "select * from sessions order by session_id");
    end(&mut server);
    let whole = std::fs::read(journal_file(server.data())).unwrap();
    let body = ts_ms(3, 2).to_string();
    damage(server.data(), 3, |bytes| bytes.starts_with(body.as_bytes()));
    let found = findings(server.data());
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("event 15 cannot be read: "), "{found:?}");

    let mut server = server.restart();
    let (status, answer) = sql(&server, "select count(*) from events");
    assert_ne!(status, 200, "{answer}");
    assert!(answer.contains("event 15 cannot be read"), "{answer}");
    assert_eq!(rows(&server, "select * from sessions order by session_id"), sessions);
    for _ in 0..2 {
        let told = maintain(&server);
        assert!(told.contains("event 15 cannot be read"), "{told}");
        assert!(sql(&server, "select count(*) from events").1.contains("event 15 cannot be read"));
    }
    let log = server.log();
    assert_eq!(count(&log, "the hand-over to the tables stops"), 1, "{log}");
    assert!(log.contains("event 15 cannot be read"), "{log}");
    assert_eq!(rows(&server, "select * from sessions order by session_id"), sessions);
    // Sessions of which it has all events are explained as before.
    let explained = server.get_json(&format!("/reports/v1/sessions/{}/events", ids[5]));
    assert_eq!(explained["events"].as_array().unwrap().len(), 4, "{explained}");
    // Collection goes on.
    watch(&server, 7, true);
    end(&mut server);

    // With the byte put right, nothing is missing and nothing is there twice.
    let body = &body.as_bytes()[..3];
    let right = whole.windows(13).position(|bytes| bytes == ts_ms(3, 2).to_string().as_bytes()).unwrap();
    let mut bytes = std::fs::read(journal_file(server.data())).unwrap();
    assert_eq!(&bytes[right..right + 3], body);
    bytes[right + 3] ^= 1;
    std::fs::write(journal_file(server.data()), bytes).unwrap();
    let server = server.restart();
    maintain(&server);
    let now = rows(&server, "select sequence, event_type, ts from events order by sequence");
    assert_eq!(now.as_array().unwrap().len(), 28);
    assert_eq!(now.as_array().unwrap()[..24], all.as_array().unwrap()[..]);
    assert_eq!(findings(server.data()), Vec::<String>::new());
}

#[test]
fn a_session_with_a_damaged_row_was_dropped_though_its_events_were_whole() {
    let mut server = ServerProcess::start(&ARGS);
    let ids: Vec<String> = (0..4).map(|number| watch(&server, number, true)).collect();
    let sessions = rows(&server, "select * from sessions order by session_id");
    end(&mut server);
    // Its rows are packed: the number of the layout, the id, and the states of its columns. The index has the id as well, and
    // its position behind it.
    let id: SessionId = ids[1].parse().unwrap();
    let begins = [&[1], id.as_bytes().as_slice()].concat();
    damage(server.data(), 70, |bytes| bytes.starts_with(&begins) && bytes.get(begins.len()) != Some(&2));
    let found = findings(server.data());
    let name = format!("closed session {} (position 2) cannot be read", ids[1]);
    assert!(found.iter().any(|finding| finding.starts_with(&name)), "{found:?}");

    let server = server.restart();
    assert_eq!(rows(&server, "select * from sessions order by session_id"), sessions);
    let listed = server.get_json("/reports/v1/sessions");
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 4, "{listed}");
    let told = maintain(&server);
    assert!(told.contains("moved 4 sessions and 16 events"), "{told}");
    assert_eq!(rows(&server, "select * from sessions order by session_id"), sessions);
    let log = server.log();
    // The server says it once, and so does the process that answers queries.
    let told = count(&log, "the row of a closed session was made anew from its events");
    assert!((1..=2).contains(&told), "{log}");
    assert!(log.contains(&name), "{log}");
}

#[test]
fn a_damaged_checkpoint_of_an_open_session_kept_the_server_from_starting_or_changed_its_row() {
    let mut server = ServerProcess::start(&ARGS);
    let twin = watch(&server, 0, false);
    let damaged = watch(&server, 1, false);
    end(&mut server);
    // Format, fingerprint of the parameters, and the session's last event, which is the sixth of all.
    let last = 6_u64.to_le_bytes();
    damage(server.data(), 40, |bytes| bytes[0] == 8 && bytes.get(9..17) == Some(&last));
    let found = findings(server.data());
    let name = "the state of the open session that begins with event 4 cannot be read";
    assert!(found.iter().any(|finding| finding.starts_with(name)), "{found:?}");

    let server = server.restart();
    let log = server.log();
    assert!(log.contains("the checkpoint of an open session is damaged; it was made anew"), "{log}");
    assert!(log.contains(&damaged), "{log}");
    let row = |id: &str| {
        send(&server, id, "sessionEnd", ts_ms(1, 5_000));
        let mut row = server.wait_until_closed(id);
        for name in ["session_id", "received_at", "closed_at"] {
            row.as_object_mut().unwrap().remove(name);
        }
        row
    };
    assert_eq!(row(&damaged)["ping_count"], row(&twin)["ping_count"]);
    wait_until("the state is written anew", || findings(server.data()).is_empty().then_some(()));
}
