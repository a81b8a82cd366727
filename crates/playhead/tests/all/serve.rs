//! Starting and stopping a server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{ServerProcess, binary, event, playhead, run, session_start, wait_until, write_events};
use playhead_journal::{Commit, Journal, NewEvent, OpenOptions, SqliteJournal};
use playhead_protocol::{Origin, Recorded, SessionId};
use serde_json::Value;

const START_MS: i64 = 1_793_491_200_000;

fn start_session(server: &ServerProcess) -> String {
    let file = server.data().with_extension("json");
    std::fs::write(&file, serde_json::to_vec(&[session_start(START_MS)]).unwrap()).unwrap();
    server.replay(&file)
}

fn listed(page: &Value) -> Vec<&str> {
    page["sessions"].as_array().unwrap().iter().map(|row| row["session_id"].as_str().unwrap()).collect()
}

#[test]
fn a_server_that_is_told_to_stop_exits_with_0_and_has_everything_after_a_restart() {
    let mut server = ServerProcess::start(&[]);
    let session = start_session(&server);
    assert_eq!(server.sigterm().code(), Some(0), "{}", server.log());
    // The data directory is readable without a server.
    assert_eq!(listed(&server.sessions(&["--format", "json"]).json()), [&session]);
    let mut server = server.restart();
    let page = server.get_json("/reports/v1/sessions");
    assert_eq!(listed(&page), [&session]);
    server.send_sigint();
    assert_eq!(server.wait().code(), Some(0), "{}", server.log());
}

#[test]
fn a_session_goes_on_where_it_was_when_the_server_was_killed() {
    let mut server = ServerProcess::start(&["--reorder-window", "0s"]);
    let session = start_session(&server);
    server.kill9();
    let server = server.restart();
    let body = event("play", START_MS, 0.0).to_string();
    assert_eq!(server.post(&format!("/api/v1/sessions/{session}/events"), &body).0, 204);
    let row = server.get_json(&format!("/reports/v1/sessions/{session}"));
    assert_eq!(row["event_count"], 2);
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let server = ServerProcess::start(&[]);
    let mut second = binary();
    let ended = run(second.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(server.data()));
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("is in use by another writer"), "{}", ended.err);
    assert!(ended.err.contains(&format!("(process {})", server.pid())), "{}", ended.err);
    assert_eq!(server.get("/readyz").0, 200);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let directory = tempfile::tempdir().unwrap();
    let ended = run(binary().args(["serve", "--listen", &address, "--data"]).arg(directory.path()));
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains(&format!("cannot listen on {address}")), "{}", ended.err);
}

#[test]
fn the_token_is_made_once_kept_and_replaced_on_demand() {
    let mut server = ServerProcess::start(&[]);
    let first = server.token().to_owned();
    assert_eq!(first.len(), 64);
    assert_eq!(server.get("/reports/v1/sessions").0, 200);
    server.sigterm();

    let mut server = server.restart();
    assert!(server.banner().contains("created at an earlier start; --new-admin-token creates a new one"));
    assert!(!server.banner().contains(&first));
    assert_eq!(server.get("/reports/v1/sessions").0, 200);
    server.sigterm();

    let server = ServerProcess::start_on(server.data(), &["--new-admin-token"]);
    assert_ne!(server.token(), first);
    assert_eq!(server.get("/reports/v1/sessions").0, 200);
    let ended = playhead(&["sessions", "--server", server.base(), "--token", &first]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("401"), "{}", ended.err);
}

#[test]
fn a_token_that_was_set_is_neither_printed_nor_logged() {
    let token = "token-of-this-test";
    let server = ServerProcess::start(&["--admin-token", token, "--log", "trace"]);
    assert_eq!(server.get("/reports/v1/sessions").0, 200);
    assert!(server.banner().contains("set by the flag --admin-token"), "{}", server.banner());
    assert!(!server.banner().contains(token));
    let started = server.log().lines().filter(|line| line.contains("listening")).count();
    assert_eq!(started, 1, "{}", server.log());
    assert!(!server.log().contains(token), "{}", server.log());
}

#[test]
fn the_log_can_be_json() {
    let mut server = ServerProcess::start(&["--log-format", "json"]);
    server.sigterm();
    let log = server.log();
    assert!(!log.is_empty());
    for line in log.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
    }
}

/// Settings reach the server from each place: here one from the environment, one from the file, one from a flag.
#[test]
fn settings_of_all_places_are_in_force() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("playhead.toml");
    std::fs::write(&config, "report_suites = [\"other\"]\nlisten = \"127.0.0.1:1\"\n").unwrap();
    let data = directory.path().join("data");
    let server = ServerProcess::start_on(&data, &["--config", config.to_str().unwrap(), "--metrics-open"]);
    assert_ne!(server.port(), 1);
    let (status, body) = server.post("/api/v1/sessions", &session_start(START_MS).to_string());
    assert_eq!(status, 400);
    assert!(body.contains("is not a report suite that this server collects"), "{body}");
}

#[test]
fn current_requests_are_answered_before_the_end() {
    let mut server = ServerProcess::start(&[]);
    let directory = tempfile::tempdir().unwrap();
    let mut events = vec![session_start(START_MS)];
    events.extend((1..400).map(|second| event("ping", START_MS + second * 1_000, 0.0)));
    let file = write_events(directory.path(), "long.json", &events);
    let base = server.base().to_owned();
    let replay = std::thread::spawn(move || {
        playhead(&["replay", file.to_str().unwrap(), "--to", &base, "--format", "json"])
    });
    wait_until("some events have arrived", || {
        let (_, body) = server.get("/reports/v1/sessions");
        let page: Value = serde_json::from_str(&body).ok()?;
        (page["sessions"][0]["event_count"].as_u64()? > 5).then_some(())
    });
    assert_eq!(server.sigterm().code(), Some(0), "{}", server.log());
    // The replay either finished or lost its server; acknowledged events are stored.
    let ended = replay.join().unwrap();
    assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
    let page = server.sessions(&["--format", "json"]).json();
    assert!(page["sessions"][0]["event_count"].as_u64().unwrap() > 5, "{page}");
}

#[test]
fn a_second_signal_ends_a_server_that_still_waits_for_a_request() {
    let mut server = ServerProcess::start(&[]);
    let mut slow = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    slow.write_all(b"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{").unwrap();
    // When another request is answered, the server has accepted the slow one.
    assert_eq!(server.get("/readyz").0, 200);
    server.send_sigterm();
    wait_until("the server is stopping", || {
        server.log().contains("a second signal ends at once").then_some(())
    });
    server.send_sigterm();
    assert_eq!(server.wait().code(), Some(1), "{}", server.log());
    assert!(server.log().contains("stopped by a second signal"), "{}", server.log());
}

#[test]
fn a_journal_that_cannot_be_replayed_ends_the_server_with_the_reason() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(directory.path(), OpenOptions::new(START_MS)).unwrap();
    let event = NewEvent {
        session: SessionId::from_bytes([7; 32]),
        previous: None,
        last_of_batch: false,
        recorded: Recorded::new(Origin::COLLECTION_V1, b"no event"),
    };
    let commit = Commit { received_at_ms: START_MS, events: &[event], ..Commit::default() };
    journal.commit(&commit).unwrap();
    drop(journal);
    let data = directory.path().to_str().unwrap();
    for call in [&["serve", "--listen", "127.0.0.1:0", "--data", data][..], &["sessions", "--data", data]] {
        let ended = playhead(call);
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        assert!(ended.err.contains("the body of event 1 is not what was accepted"), "{}", ended.err);
    }
}

/// All that is in a directory whose mode lets others in.
fn open_to_others(directory: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.metadata().unwrap();
        let mode = kind.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            found.push((entry.path(), mode));
        }
        if kind.is_dir() {
            found.extend(open_to_others(&entry.path()));
        }
    }
    found
}

#[test]
fn whoever_had_an_account_on_the_machine_could_read_what_players_sent() {
    let mut server = ServerProcess::start(&[]);
    start_session(&server);
    assert_eq!(server.post_with_token("/reports/v1/maintenance", "").0, 200);
    assert_eq!(open_to_others(server.data()), []);
    let mode = std::fs::metadata(server.data()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);

    let backup = server.data().with_extension("backup");
    let copied = run(binary().arg("backup").arg("--to").arg(&backup).arg("--data").arg(server.data()));
    copied.fine();
    assert_eq!(open_to_others(&backup), []);
    server.sigterm();
}

#[test]
fn the_log_names_the_client_behind_a_trusted_proxy() {
    let server = ServerProcess::start(&["--trusted-proxy", "192.0.2.0/24", "--trusted-proxy", "127.0.0.1"]);
    let wrong = "Authorization: Bearer wrong-token-of-the-tests";
    let guess = |headers: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        let request = format!(
            "GET /reports/v1/access HTTP/1.1\r\nHost: localhost\r\n{wrong}\r\n{headers}Connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    for turn in 0..22 {
        let status = guess("X-Forwarded-For: 203.0.113.9, 198.51.100.7, 192.0.2.3\r\n");
        assert_eq!(status, if turn < 20 { "401" } else { "429" }, "{turn}");
    }
    let log = server.log();
    assert_eq!(log.matches("too many wrong tokens").count(), 1, "{log}");
    assert!(log.contains("client=198.51.100.7"), "{log}");
    assert_eq!(guess(""), "401", "the proxy has sent none");
}
