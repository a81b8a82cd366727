//! Backups made while a server works, put back elsewhere, and damaged ones.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Ended, ServerProcess, event, playhead, session_start};

const START_MS: i64 = 1_793_491_200_000;
const TOKEN: &str = "0123456789abcdef";
const ARGS: [&str; 6] = ["--reorder-window", "0ms", "--lake-interval", "1h", "--admin-token", TOKEN];

fn watch(server: &ServerProcess, number: i64) {
    let ts_ms = START_MS + number * 1_000;
    let (status, answer) = server.post("/api/v1/sessions", &session_start(ts_ms).to_string());
    assert_eq!(status, 201, "{answer}");
    let listed = server.get_json("/reports/v1/sessions?limit=1&open=true");
    let id = listed["sessions"][0]["session_id"].as_str().unwrap().to_owned();
    for (event_type, after_ms) in [("play", 1), ("ping", 2), ("sessionEnd", 3)] {
        let body = event(event_type, ts_ms + after_ms, 1.0).to_string();
        assert_eq!(server.post(&format!("/api/v1/sessions/{id}/events"), &body).0, 204);
    }
    server.wait_until_closed(&id);
}

fn counts(server: &ServerProcess) -> Value {
    let count = |table: &str| {
        let query = json!({"query": format!("select count(*) from {table}")});
        let (status, answer) = server.post_with_token("/reports/v1/sql", &query.to_string());
        assert_eq!(status, 200, "{answer}");
        serde_json::from_str::<Value>(&answer).unwrap()["rows"][0][0].clone()
    };
    json!({"sessions": count("sessions"), "events": count("events")})
}

fn back_up(server: &ServerProcess, to: &Path) -> Ended {
    let data = server.data().to_str().unwrap();
    playhead(&["backup", "--data", data, "--to", to.to_str().unwrap(), "--format", "json"])
}

fn restore(from: &Path, data: &Path, more: &[&str]) -> Ended {
    let args = ["restore", "--from", from.to_str().unwrap(), "--data", data.to_str().unwrap()];
    playhead(&[&args[..], more].concat())
}

/// A server with rows in its tables and in its journal.
fn server() -> ServerProcess {
    let server = ServerProcess::start(&ARGS);
    (0..3).for_each(|number| watch(&server, number));
    let (status, answer) = server.post_with_token("/reports/v1/maintenance", "");
    assert_eq!(status, 200, "{answer}");
    (3..5).for_each(|number| watch(&server, number));
    server
}

#[test]
fn a_backup_of_a_running_server_is_put_back_with_every_row() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let made = back_up(&server, &backup).json();
    assert_eq!((&made["last_sequence"], &made["last_position"]), (&json!(20), &json!(5)));
    watch(&server, 5);

    let data = folder.path().join("data");
    restore(&backup, &data, &[]).fine();
    let restored = ServerProcess::start_on(&data, &ARGS);
    assert_eq!(counts(&restored), json!({"sessions": 5, "events": 20}));
    watch(&restored, 6);
    let (status, answer) = restored.post_with_token("/reports/v1/maintenance", "");
    assert_eq!((status, answer.contains("moved 3 sessions and 12 events")), (200, true), "{answer}");
    assert_eq!(counts(&restored), json!({"sessions": 6, "events": 24}));
    assert_eq!(counts(&server), json!({"sessions": 6, "events": 24}));
    let verified = playhead(&["verify", "--thorough", "--format", "json", "--data", data.to_str().unwrap()]);
    let verified = verified.json();
    // It went on with tables of its own, so nobody went on without it.
    assert_eq!((&verified["findings"], &verified["notes"]), (&json!([]), &json!([])));
}

#[test]
fn a_journal_put_back_alone_goes_on_beside_its_tables() {
    let mut server = server();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    back_up(&server, &backup).fine();
    watch(&server, 5);
    assert_eq!(server.post_with_token("/reports/v1/maintenance", "").0, 200);
    assert!(server.sigterm().success());
    let refused = restore(&backup, server.data(), &["--journal-only"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("has a journal; move it away first"), "{}", refused.err);
    for name in ["journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm"] {
        let _may_be_missing = std::fs::remove_file(server.data().join(name));
    }
    let refused = restore(&backup, server.data(), &[]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("--journal-only"), "{}", refused.err);
    restore(&backup, server.data(), &["--journal-only"]).fine();
    let server = server.restart();
    watch(&server, 6);
    assert_eq!(server.post_with_token("/reports/v1/maintenance", "").0, 200);
    assert_eq!(counts(&server), json!({"sessions": 7, "events": 28}));
    assert!(server.log().contains("went on under the name"), "{}", server.log());
}

#[test]
fn a_backup_that_is_damaged_or_incomplete_is_not_put_back() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    back_up(&server, &backup).fine();
    let data = folder.path().join("data");
    let again = back_up(&server, &backup);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("is not empty"), "{}", again.err);

    let path = backup.join("journal.sqlite3");
    let whole = std::fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let refused = restore(&backup, &data, &[]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("journal.sqlite3 is not what was copied"), "{}", refused.err);
    std::fs::write(&path, whole).unwrap();

    let list = backup.join("backup.json");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text.replace("journal.sqlite3", "../journal.sqlite3")).unwrap();
    let refused = restore(&backup, &data, &[]);
    assert!(refused.err.contains("names a file outside of it"), "{}", refused.err);
    std::fs::remove_file(&list).unwrap();
    let refused = restore(&backup, &data, &[]);
    assert!(refused.err.contains("is not a complete backup"), "{}", refused.err);
    assert!(!data.exists());
}
