//! A journal put back from a copy, and a copied directory that runs beside its original: nothing that either acknowledges
//! is missing in the tables, and nothing is there twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};

use crate::support::{ServerProcess, event, playhead, session_start};

/// Sessions close at once, and move into the tables when a test says so.
const ARGS: [&str; 4] = ["--reorder-window", "0ms", "--lake-interval", "1h"];

const START_MS: i64 = 1_793_491_200_000;

/// What was acknowledged: the bodies of each session.
type Acknowledged = BTreeMap<String, Vec<String>>;

/// Makes every body its own.
static NEXT_MS: AtomicI64 = AtomicI64::new(0);

fn next_ms() -> i64 {
    START_MS + NEXT_MS.fetch_add(1, Ordering::Relaxed)
}

/// Opens a session with a few events, and ends it if `is_ended`.
fn watch(server: &ServerProcess, is_ended: bool, acknowledged: &mut Acknowledged) -> String {
    let start = session_start(next_ms()).to_string();
    let before: Vec<String> = acknowledged.keys().cloned().collect();
    let (status, answer) = server.post("/api/v1/sessions", &start);
    assert_eq!(status, 201, "{answer}");
    let listed = server.get_json("/reports/v1/sessions?limit=1000");
    let ids = listed["sessions"].as_array().unwrap().iter();
    let mut ids = ids.map(|row| row["session_id"].as_str().unwrap().to_owned());
    let id = ids.find(|id| !before.contains(id)).unwrap();
    acknowledged.insert(id.clone(), vec![start]);
    go_on(
        server,
        &id,
        if is_ended { &["play", "ping", "sessionEnd"] } else { &["play", "ping"] },
        acknowledged,
    );
    id
}

fn go_on(server: &ServerProcess, id: &str, events: &[&str], acknowledged: &mut Acknowledged) {
    for event_type in events {
        let body = event(event_type, next_ms(), 1.0).to_string();
        let (status, answer) = server.post(&format!("/api/v1/sessions/{id}/events"), &body);
        assert_eq!(status, 204, "{answer}");
        acknowledged.entry(id.to_owned()).or_default().push(body);
    }
    if events.contains(&"sessionEnd") {
        server.wait_until_closed(id);
    }
}

/// Moves all that the journal has into the tables.
fn maintain(server: &ServerProcess) {
    let (status, answer) = server.post_with_token("/reports/v1/maintenance", "");
    assert_eq!(status, 200, "{answer}");
    assert!(!answer.contains("failed"), "{answer}");
}

fn copy(from: &Path, to: &Path, is_of_copy: impl Fn(&str) -> bool + Copy) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_file() && is_of_copy(&name) {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

fn is_of_journal(name: &str) -> bool {
    name.starts_with("journal")
}

/// The events of these sessions that a query over all rows finds, by session.
fn found_events(server: &ServerProcess) -> BTreeMap<String, Vec<String>> {
    let rows = sql(server, "select session_id, body from events");
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let text = |place: usize| row[place].as_str().unwrap().to_owned();
        found.entry(text(0)).or_default().push(text(1));
    }
    found
}

fn sql(server: &ServerProcess, query: &str) -> Vec<Value> {
    let (status, answer) = server.post_with_token("/reports/v1/sql", &json!({"query": query}).to_string());
    assert_eq!(status, 200, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["rows"].as_array().unwrap().clone()
}

fn check(server: &ServerProcess, acknowledged: &Acknowledged, closed: &[&str]) {
    let mut found = found_events(server);
    for (session, bodies) in acknowledged {
        let mut bodies = bodies.clone();
        bodies.sort();
        let mut stored = found.remove(session).unwrap_or_default();
        stored.sort();
        assert_eq!(stored, bodies, "{session}");
    }
    assert!(found.is_empty(), "nobody sent {found:?}");
    let listed = server.get_json("/reports/v1/sessions?limit=1000");
    let ids = listed["sessions"].as_array().unwrap().iter().map(|row| json!([row["session_id"]]));
    let mut ids: Vec<Value> = ids.collect();
    ids.sort_by_key(ToString::to_string);
    let rows = sql(server, "select distinct session_id from sessions order by session_id");
    assert_eq!(ids, rows, "the list of sessions has those of the tables");
    let rows = sql(server, "select session_id, count(*) from sessions where not is_open group by session_id");
    let mut counted: Vec<(&str, i64)> =
        rows.iter().map(|row| (row[0].as_str().unwrap(), row[1].as_i64().unwrap())).collect();
    counted.sort_unstable();
    let mut expected: Vec<(&str, i64)> = closed.iter().map(|session| (*session, 1)).collect();
    expected.sort_unstable();
    assert_eq!(counted, expected);
}

fn verified(server: &ServerProcess) -> Value {
    let data = server.data().to_str().unwrap();
    playhead(&["verify", "--thorough", "--format", "json", "--data", data]).json()
}

#[test]
fn a_journal_put_back_from_a_copy_lost_every_new_event() {
    let mut acknowledged = Acknowledged::new();
    let mut server = ServerProcess::start(&ARGS);
    let ended = watch(&server, true, &mut acknowledged);
    let open = watch(&server, false, &mut acknowledged);
    assert!(server.sigterm().success());
    let kept = tempfile::tempdir().unwrap();
    copy(server.data(), kept.path(), is_of_journal);

    let mut server = server.restart();
    go_on(&server, &open, &["ping", "sessionEnd"], &mut acknowledged);
    let later = watch(&server, true, &mut acknowledged);
    maintain(&server);
    assert!(server.sigterm().success());
    for entry in std::fs::read_dir(server.data()).unwrap() {
        let entry = entry.unwrap();
        if is_of_journal(entry.file_name().to_str().unwrap()) {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    copy(kept.path(), server.data(), is_of_journal);

    let server = server.restart();
    let new = watch(&server, true, &mut acknowledged);
    // The tables know that it has ended, so nothing more is taken for it.
    let (status, _) =
        server.post(&format!("/api/v1/sessions/{open}/events"), &event("ping", next_ms(), 1.0).to_string());
    assert_eq!(status, 410);
    let closed = [&*ended, &*open, &*later, &*new];
    maintain(&server);
    check(&server, &acknowledged, &closed);
    let new = watch(&server, true, &mut acknowledged);
    check(&server, &acknowledged, &[&closed[..], &[&*new]].concat());
    maintain(&server);
    check(&server, &acknowledged, &[&closed[..], &[&*new]].concat());
    assert_eq!(server.log().matches("went on under the name").count(), 1, "{}", server.log());
    let verified = verified(&server);
    assert_eq!(verified["findings"], json!([]), "{verified}");
    let notes = verified["notes"].as_array().unwrap();
    assert!(notes.len() == 1 && notes[0].as_str().unwrap().contains("3 closed sessions"), "{verified}");
}

#[test]
fn a_journal_whose_write_ahead_log_was_damaged_lost_every_new_event() {
    let mut acknowledged = Acknowledged::new();
    let mut server = ServerProcess::start(&ARGS);
    let mut closed: Vec<String> = (0..3).map(|_| watch(&server, true, &mut acknowledged)).collect();
    maintain(&server);
    server.kill9();
    let wal = server.data().join("journal.sqlite3-wal");
    let mut bytes = std::fs::read(&wal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(&wal, bytes).unwrap();

    let server = server.restart();
    closed.extend((0..3).map(|_| watch(&server, true, &mut acknowledged)));
    maintain(&server);
    let closed: Vec<&str> = closed.iter().map(String::as_str).collect();
    check(&server, &acknowledged, &closed);
}

#[test]
fn a_copied_directory_that_shared_the_tables_lost_what_both_counted() {
    let mut acknowledged = Acknowledged::new();
    let lake = tempfile::tempdir().unwrap();
    let lake = lake.path().join("lake");
    let args = [&ARGS[..], &["--lake", lake.to_str().unwrap(), "--admin-token", "0123456789abcdef"]].concat();
    let first = ServerProcess::start(&args);
    let mut closed = vec![watch(&first, true, &mut acknowledged)];
    maintain(&first);
    let copied = tempfile::tempdir().unwrap();
    let data = copied.path().join("data");
    copy(first.data(), &data, is_of_journal);
    let second = ServerProcess::start_on(&data, &args);
    for _ in 0..3 {
        closed.push(watch(&first, true, &mut acknowledged));
        closed.push(watch(&second, true, &mut acknowledged));
        closed.push(watch(&second, true, &mut acknowledged));
        maintain(&second);
        maintain(&first);
    }
    let closed: Vec<&str> = closed.iter().map(String::as_str).collect();
    check(&first, &acknowledged, &closed);
    // A reader may have seen the tables as they were a moment ago.
    maintain(&second);
    check(&second, &acknowledged, &closed);
    let told = |server: &ServerProcess| server.log().matches("went on under the name").count();
    assert_eq!(told(&first) + told(&second), 1, "{}{}", first.log(), second.log());
}

#[test]
fn a_stop_moved_nothing_into_the_tables() {
    let mut acknowledged = Acknowledged::new();
    let mut server = ServerProcess::start(&ARGS);
    watch(&server, true, &mut acknowledged);
    assert!(server.sigterm().success());
    let rows = |table: &str| {
        let folder = server.data().join("lake").join(table);
        let days = std::fs::read_dir(folder).unwrap().map(|day| day.unwrap().path());
        days.filter(|day| !day.ends_with("_delta_log")).count()
    };
    assert_eq!((rows("sessions"), rows("events")), (1, 1), "{}", server.log());
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}
