//! `playhead exclude` on a server and on a data directory, and what is left of an exclusion after `kill -9` and after a copy
//! was put back.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Ended, ServerProcess, binary, event, playhead, run, session_start};

const START_MS: i64 = 1_793_491_200_000;
const TOKEN: &str = "0123456789abcdef";
const ARGS: [&str; 6] = ["--reorder-window", "0ms", "--lake-interval", "1h", "--admin-token", TOKEN];

/// A session, which has ended if `is_ended`.
fn watch(server: &ServerProcess, number: i64, is_ended: bool) -> String {
    let ts_ms = START_MS + number * 60_000;
    let known = listed(server);
    let (status, answer) = server.post("/api/v1/sessions", &session_start(ts_ms).to_string());
    assert_eq!(status, 201, "{answer}");
    let id = listed(server).into_iter().find(|id| !known.contains(id)).unwrap();
    let last = if is_ended { "sessionEnd" } else { "ping" };
    for (event_type, after_ms) in [("play", 1), ("error", 1_000), (last, 5_000)] {
        let mut body = event(event_type, ts_ms + after_ms, after_ms as f64 / 1_000.0);
        if event_type == "error" {
            body["params"] = json!({"media.errorId": "e1", "media.errorSource": "player"});
        }
        assert_eq!(server.post(&format!("/api/v1/sessions/{id}/events"), &body.to_string()).0, 204);
    }
    if is_ended {
        server.wait_until_closed(&id);
    }
    id
}

fn listed(server: &ServerProcess) -> Vec<String> {
    let page = server.get_json("/reports/v1/sessions?limit=100");
    let rows = page["sessions"].as_array().unwrap();
    rows.iter().map(|row| row["session_id"].as_str().unwrap().to_owned()).collect()
}

/// How many rows each table has.
fn counts(server: &ServerProcess) -> [i64; 3] {
    ["sessions", "errors", "events"].map(|table| {
        let query = json!({"query": format!("select count(*) from {table}")});
        let (status, answer) = server.post_with_token("/reports/v1/sql", &query.to_string());
        assert_eq!(status, 200, "{answer}");
        serde_json::from_str::<Value>(&answer).unwrap()["rows"][0][0].as_i64().unwrap()
    })
}

fn maintain(server: &ServerProcess) {
    let (status, answer) = server.post_with_token("/reports/v1/maintenance", "");
    assert_eq!((status, answer.contains("failed")), (200, false), "{answer}");
}

fn on_server(server: &ServerProcess, args: &[&str]) -> Ended {
    run(binary().env("PLAYHEAD_TOKEN", TOKEN).arg("exclude").args(args).args(["--server", server.base()]))
}

fn on_directory(data: &Path, args: &[&str]) -> Ended {
    playhead(&[&["exclude", "--data", data.to_str().unwrap()], args].concat())
}

fn report(data: &Path, args: &[&str]) -> String {
    playhead(&[&["report", "sessions", "--data", data.to_str().unwrap()], args].concat()).fine()
}

fn verified(data: &Path) -> Value {
    playhead(&["verify", "--thorough", "--format", "json", "--data", data.to_str().unwrap()]).json()
}

/// The sessions of the table's files, as another program finds them.
fn stored_sessions(data: &Path) -> i64 {
    let lake = data.join("lake");
    let out = playhead(&[
        "sql",
        "select count(*) from sessions",
        "--format",
        "json",
        "--data",
        data.to_str().unwrap(),
    ]);
    let _readable = out.fine();
    let mut rows = 0;
    let log = lake.join("sessions").join("_delta_log");
    let mut live = std::collections::BTreeMap::new();
    let mut versions: Vec<_> = std::fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path()).collect();
    versions.sort();
    for version in
        versions.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"))
    {
        for line in std::fs::read_to_string(version).unwrap().lines() {
            let action: Value = serde_json::from_str(line).unwrap();
            if let Some(path) = action["add"]["path"].as_str() {
                let stats: Value = serde_json::from_str(action["add"]["stats"].as_str().unwrap()).unwrap();
                live.insert(path.to_owned(), stats["numRecords"].as_i64().unwrap());
            }
            if let Some(path) = action["remove"]["path"].as_str() {
                live.remove(path);
            }
        }
    }
    rows += live.values().sum::<i64>();
    rows
}

#[test]
fn a_session_could_not_be_excluded_from_the_command_line() {
    let mut server = ServerProcess::start(&ARGS);
    let data = server.data().to_owned();
    watch(&server, 0, true);
    let stored = watch(&server, 1, true);
    maintain(&server);
    let open = watch(&server, 2, false);
    assert_eq!(counts(&server), [3, 3, 12]);

    // On a server: a directory in use is left alone.
    let refused = on_directory(&data, &[&stored, "--why", "a robot"]);
    assert_eq!((refused.code, refused.err.contains("--server")), (Some(2), true), "{refused:?}");
    let told = on_server(&server, &[&stored[..12], "--why", "a robot"]).fine();
    assert!(told.contains("is excluded from all reports since") && told.contains("a robot"), "{told}");
    let told = on_server(&server, &[&open, "--why", "clock of 1970", "--format", "json"]).json();
    assert_eq!((&told["session_id"], &told["reason"]), (&json!(open), &json!("clock of 1970")));
    assert_eq!(counts(&server), [1, 1, 4]);
    let told = report(&data, &[]);
    assert!(told.contains("2 sessions of this time are excluded from all reports"), "{told}");
    assert!(report(&data, &["--to", "2026-11-01T00:01:30Z"]).contains("1 session of this time is excluded"));
    let list = on_server(&server, &[]).fine();
    assert!(list.contains(&stored) && list.contains("clock of 1970"), "{list}");
    assert_eq!(on_directory(&data, &["--format", "json"]).json()["exclusions"].as_array().unwrap().len(), 2);
    let page = server.sessions(&[&open[..12]]).fine();
    assert!(page.contains("This session is excluded from all reports since"), "{page}");
    assert_eq!(page, server.sessions_over_http(&[&open[..12]]).fine());

    // On a directory: what the server left.
    assert!(server.sigterm().success());
    assert_eq!(stored_sessions(&data), 1, "the files followed");
    let told = on_directory(&data, &[&stored[..12], "--undo"]).fine();
    assert!(told.contains("counts in all reports"), "{told}");
    assert_eq!(stored_sessions(&data), 2);
    let told = report(&data, &[]);
    assert!(told.contains("1 session of this time is excluded"), "{told}");
    on_directory(&data, &[&stored, "--why", "after all"]).fine();
    assert_eq!(stored_sessions(&data), 1);
    let notes = verified(&data);
    assert_eq!(notes["findings"], json!([]), "{notes}");
    let notes = notes["notes"].to_string();
    assert!(
        notes.contains(&format!("session {stored} is excluded")) && notes.contains("after all"),
        "{notes}"
    );

    let server = server.restart();
    assert_eq!(counts(&server), [1, 1, 4]);
    on_server(&server, &[&stored, "--undo"]).fine();
    on_server(&server, &[&open, "--undo"]).fine();
    assert_eq!(counts(&server), [3, 3, 12]);
    for (args, code) in [
        (&["0000000000", "--why", "x"][..], 1),
        (&[&"0".repeat(64), "--why", "x"], 1),
        (&[&"0".repeat(64), "--undo"], 1),
        (&[&stored], 2),
    ] {
        assert_eq!(on_server(&server, args).code, Some(code), "{args:?}");
    }
}

#[test]
fn an_acknowledged_exclusion_was_lost_when_the_server_was_killed() {
    let mut server = ServerProcess::start(&ARGS);
    let stored = watch(&server, 0, true);
    maintain(&server);
    let (closed, open) = (watch(&server, 1, true), watch(&server, 2, false));
    watch(&server, 3, true);
    for id in [&stored, &closed, &open] {
        on_server(&server, &[id, "--why", "a robot"]).fine();
    }
    server.kill9();
    let mut server = server.restart();
    assert_eq!(counts(&server), [1, 1, 4]);
    maintain(&server);
    server.kill9();
    let mut server = server.restart();
    assert_eq!(counts(&server), [1, 1, 4]);
    on_server(&server, &[&stored, "--undo"]).fine();
    on_server(&server, &[&closed, "--undo"]).fine();
    server.kill9();
    let server = server.restart();
    assert_eq!(counts(&server), [3, 3, 12]);
    assert_eq!(on_server(&server, &["--format", "json"]).json()["exclusions"][0]["session_id"], open);
    assert_eq!(verified(server.data())["findings"], json!([]));
}

#[test]
fn a_journal_put_back_from_a_copy_counted_excluded_sessions_again() {
    let server = ServerProcess::start(&ARGS);
    let early = watch(&server, 0, true);
    maintain(&server);
    let (closed, open) = (watch(&server, 1, true), watch(&server, 2, false));
    on_server(&server, &[&early, "--why", "undone later"]).fine();
    maintain(&server);
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let data = server.data().to_owned();
    let backed_up = ["backup", "--data", data.to_str().unwrap(), "--to", backup.to_str().unwrap()];
    playhead(&backed_up).fine();

    // After the copy: one exclusion is undone, and the other sessions are excluded and stored.
    on_server(&server, &[&early, "--undo"]).fine();
    for id in [&closed, &open] {
        on_server(&server, &[id, "--why", "a robot"]).fine();
    }
    let last = event("sessionEnd", START_MS + 130_000, 5.0).to_string();
    assert_eq!(server.post(&format!("/api/v1/sessions/{open}/events"), &last).0, 204);
    server.wait_until_closed(&open);
    maintain(&server);
    assert_eq!(counts(&server), [1, 1, 4]);
    let mut server = server;
    assert!(server.sigterm().success());
    for entry in std::fs::read_dir(&data).unwrap().map(Result::unwrap) {
        if entry.file_name().to_str().unwrap().starts_with("journal") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    let source = backup.to_str().unwrap();
    playhead(&["restore", "--from", source, "--data", data.to_str().unwrap(), "--journal-only"]).fine();

    let server = server.restart();
    maintain(&server);
    assert_eq!(counts(&server)[..2], [1, 1], "{}", server.log());
    assert_eq!(listed(&server), std::slice::from_ref(&early));
    let list = on_server(&server, &["--format", "json"]).json();
    let mut excluded: Vec<&str> = list["exclusions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["session_id"].as_str().unwrap())
        .collect();
    excluded.sort_unstable();
    let mut wanted = [&*closed, &*open];
    wanted.sort_unstable();
    assert_eq!(excluded, wanted);
    for id in [&closed, &open] {
        on_server(&server, &[id, "--undo"]).fine();
    }
    assert_eq!(counts(&server)[..2], [3, 3]);
    maintain(&server);
    assert_eq!(counts(&server)[..2], [3, 3]);
    let verified = verified(&data);
    assert_eq!(verified["findings"], json!([]), "{verified}");

    // The whole copy says what it said when it was made.
    let data = folder.path().join("data");
    playhead(&["restore", "--from", source, "--data", data.to_str().unwrap()]).fine();
    let restored = ServerProcess::start_on(&data, &ARGS);
    assert_eq!(counts(&restored), [2, 2, 8]);
    on_server(&restored, &[&early, "--undo"]).fine();
    assert_eq!(counts(&restored), [3, 3, 12]);
}
