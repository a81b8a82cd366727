//! A full or failing disk, and limits: the server never acknowledges an event that is not stored, and recovers without a
//! restart.
use crate::support::{START_MS, Settings, TOKEN, TestServer, event, session_start, settings};
use playhead_journal::{
    Failure, JournalReader as _, MemoryStore, OutboxPosition, ProgressReader as _, Sequence,
};
use playhead_node::settings::LakeSettings;
use serde_json::json;

/// The number of events in a store.
fn stored_events(store: &MemoryStore) -> u64 {
    store.reader().recover().unwrap().next_sequence.get() - 1
}

/// The number of closed sessions in a store.
fn stored_rows(store: &MemoryStore) -> usize {
    store.reader().outbox(OutboxPosition::new(0), 1_000).unwrap().len()
}

/// Waits until the server notices that the disk works again.
fn mend(server: &TestServer) {
    server.store.clear_failure();
    server.wait_until("ready again", |server| server.get("/readyz").status == 200);
}

#[test]
fn an_event_that_cannot_be_stored_is_refused_for_now_and_taken_once_later() {
    for failure in [Failure::DiskFull, Failure::Io] {
        let server = TestServer::start(settings());
        let sid = server.open(&session_start(START_MS));
        let path = format!("/api/v1/sessions/{sid}/events");
        assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
        let (row, events) = (server.row(&sid), stored_events(&server.store));
        let list = server.get("/reports/v1/sessions").json();

        server.store.fail_until_cleared(failure);
        let ping = event("ping", 1.0, START_MS + 1_000);
        let start = session_start(START_MS + 1);
        let batch = json!([start, event("play", 0.0, START_MS)]);
        let mut refused = 0.0;
        for (path, body) in [(&*path, &ping), ("/api/v1/sessions", &start), ("/api/v1/downloaded", &batch)] {
            for _ in 0..3 {
                let answer = server.send(path, body);
                answer.assert_refused(503);
                assert_eq!(answer.header("retry-after"), Some("5"));
                refused += 1.0;
            }
        }
        server.send(&path, &json!({})).assert_refused(400);
        server.send(&format!("/api/v1/sessions/{}/events", "0".repeat(64)), &ping).assert_refused(404);
        assert_eq!(server.refused("not_stored"), refused);
        assert!(server.metric("playhead_commit_failures_total") >= refused);
        assert_eq!(server.row(&sid), row, "reports go on, unchanged");
        assert_eq!(server.get("/reports/v1/sessions").json(), list);
        assert_eq!(stored_events(&server.store), events);

        mend(&server);
        assert_eq!(server.row(&sid), row);
        for _ in 0..2 {
            assert_eq!(server.event(&sid, &ping), 204);
        }
        assert_eq!(stored_events(&server.store), events + 1);
        assert_eq!(server.row(&sid)["event_count"], 3);
        assert_eq!(server.metric("playhead_duplicates_total"), 1.0);
        assert_eq!(server.send("/api/v1/sessions", &start).status, 201);
        assert_eq!(server.send("/api/v1/downloaded", &batch).status, 201);
        assert_eq!(server.accepted("collection_v1") + server.accepted("downloaded"), 6.0);
        assert_eq!(stored_events(&server.store), 6);
        let (store, clock) = server.stop();
        let server = TestServer::start_on(settings(), store, clock);
        assert_eq!(server.row(&sid)["event_count"], 3);
        assert_eq!(ids(&server), 3);
    }
}

fn ids(server: &TestServer) -> usize {
    server.get("/reports/v1/sessions").json()["sessions"].as_array().unwrap().len()
}

#[test]
fn a_retry_during_a_failure_is_not_acknowledged_before_it_is_stored() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    server.store.fail_until_cleared(Failure::DiskFull);
    let end = event("sessionEnd", 1.0, START_MS + 1_000);
    for _ in 0..3 {
        assert_eq!(server.event(&sid, &end), 503, "an end that is not stored is not repeated but refused");
    }
    mend(&server);
    assert_eq!(server.event(&sid, &event("ping", 2.0, START_MS + 2_000)), 204, "it has not ended");
    assert_eq!(server.event(&sid, &end), 204);
    assert_eq!(server.event(&sid, &end), 204);
    server.clock.advance(5_000);
    assert_eq!(server.closed_row(&sid)["close_reason"], "session_end");
}

#[test]
fn a_retry_in_the_same_commit_as_its_original_is_not_acknowledged_if_the_commit_fails() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let body = event("ping", 1.0, START_MS + 1_000).to_string();
    let request = format!(
        "POST /api/v1/sessions/{sid}/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connections: Vec<_> = (0..16).map(|_| server.connect()).collect();
    server.store.fail_until_cleared(Failure::DiskFull);
    for _ in 0..40 {
        for connection in &mut connections {
            connection.send(request.as_bytes());
        }
        for connection in &mut connections {
            connection.read_answer(false).assert_refused(503);
        }
    }
    mend(&server);
    for connection in &mut connections {
        assert_eq!(connection.exchange(request.as_bytes()).status, 204);
    }
    assert_eq!(server.row(&sid)["event_count"], 2);
}

#[test]
fn sessions_that_close_while_the_disk_fails_reach_it_later() {
    let server = TestServer::start(settings());
    let ended = server.open(&session_start(START_MS));
    let left = server.open(&session_start(START_MS));
    for sid in [&ended, &left] {
        assert_eq!(server.event(sid, &event("play", 0.0, START_MS)), 204);
        assert_eq!(server.event(sid, &event("ping", 10.0, START_MS + 10_000)), 204);
    }
    assert_eq!(server.event(&ended, &event("sessionEnd", 20.0, START_MS + 20_000)), 204);
    server.store.fail_until_cleared(Failure::Io);
    server.clock.advance(10 * 60_000);
    let rows = [&ended, &left].map(|sid| server.closed_row(sid));
    assert_eq!(
        rows.each_ref().map(|row| row["close_reason"].clone()),
        [json!("session_end"), json!("idle_10m")]
    );
    assert_eq!(rows.each_ref().map(|row| row["content_time_spent"].clone()), [json!(20.0), json!(10.0)]);
    assert_eq!(stored_rows(&server.store), 0);
    assert_eq!(server.event(&ended, &event("ping", 21.0, START_MS + 21_000)), 410);
    assert_eq!(server.event(&left, &event("ping", 21.0, START_MS + 21_000)), 410);
    assert_eq!(ids(&server), 2, "listed once, on disk or not");
    server.wait_until("it is noticed", |server| server.get("/readyz").status == 503);

    mend(&server);
    server.wait_until("both rows are stored", |server| stored_rows(&server.store) == 2);
    assert_eq!([&ended, &left].map(|sid| server.row(sid)), rows);
    assert_eq!(ids(&server), 2);
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!([&ended, &left].map(|sid| server.row(sid)), rows);
}

#[test]
fn checkpoints_that_fail_are_made_up_for() {
    let often = Settings { checkpoint_interval: std::time::Duration::ZERO, ..settings() };
    let server = TestServer::start(often.clone());
    let sids: Vec<String> = (0..20).map(|index| server.open(&session_start(START_MS + index))).collect();
    for round in 1..6 {
        let failure = if round % 2 == 0 { Failure::DiskFull } else { Failure::Io };
        server.store.fail_until_cleared(failure);
        server.wait_until("a commit has failed", |server| {
            server.event(&sids[0], &event("ping", 0.0, START_MS + round * 1_000)) == 503
        });
        server.clock.advance(5_000);
        mend(&server);
        for (sid, shift) in sids.iter().zip(0..) {
            let ping = event("ping", round as f64 + f64::from(shift), START_MS + round * 1_000 + 1);
            assert_eq!(server.event(sid, &ping), 204);
        }
    }
    server.clock.advance(5_000);
    let is_done =
        |server: &TestServer, sid: &String| server.row(sid)["last_event_at"] == "2026-11-01T00:00:05.001Z";
    server.wait_until("all is processed", |server| sids.iter().all(|sid| is_done(server, sid)));
    let rows: Vec<_> = sids.iter().map(|sid| server.row(sid)).collect();
    let (store, clock) = server.stop();
    let replayed_from = store.reader().recover().unwrap().replay_from;
    assert_eq!(
        replayed_from,
        Sequence::new(stored_events(&store) + 1),
        "a clean stop leaves nothing to replay"
    );
    let server = TestServer::start_on(often, store, clock);
    // Recovered events take effect with the first tick, which may come after the first query.
    server.wait_until("all is recovered", |server| sids.iter().all(|sid| is_done(server, sid)));
    for (sid, row) in sids.iter().zip(rows) {
        assert_eq!(server.row(sid), row);
    }
}

#[test]
fn a_stop_while_the_disk_fails_loses_nothing_that_was_accepted() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let ended = server.open(&session_start(START_MS));
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    assert_eq!(server.event(&ended, &event("sessionEnd", 0.0, START_MS)), 204);
    server.store.fail_until_cleared(Failure::DiskFull);
    server.clock.advance(5_000);
    let rows = [server.row(&sid), server.closed_row(&ended)];
    let (store, clock) = server.stop();
    store.clear_failure();
    let server = TestServer::start_on(settings(), store, clock);
    server.wait_until("time has caught up", |server| server.row(&ended)["is_open"] == false);
    server.wait_until("time has caught up", |server| server.row(&sid)["content_start"] == true);
    assert_eq!(server.row(&ended), rows[1]);
    assert_eq!(server.row(&sid)["event_count"], rows[0]["event_count"]);
}

#[test]
fn no_room_for_more_sessions_leaves_open_ones_alone() {
    let mut small = settings();
    small.capacity.open_sessions = 2;
    let server = TestServer::start(small);
    let sids = [server.open(&session_start(START_MS)), server.open(&session_start(START_MS))];
    let start = session_start(START_MS);
    let batch = json!([start, event("play", 0.0, START_MS)]);
    for (path, body) in [("/api/v1/sessions", &start), ("/api/v1/downloaded", &batch)] {
        let answer = server.send(path, body);
        answer.assert_refused(503);
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    assert_eq!(server.refused("busy"), 2.0);
    assert_eq!(server.get("/readyz").status, 200);
    for sid in &sids {
        assert_eq!(server.event(sid, &event("ping", 1.0, START_MS + 1)), 204);
    }
    assert_eq!(stored_events(&server.store), 4);
    assert_eq!(server.event(&sids[0], &event("sessionEnd", 1.0, START_MS + 2)), 204);
    server.clock.advance(5_000);
    server.wait_until("there is room again", |server| server.send("/api/v1/sessions", &start).status == 201);
    server.send("/api/v1/sessions", &start).assert_refused(503);
}

#[test]
fn no_memory_for_more_sessions_leaves_open_ones_alone() {
    let mut small = settings();
    small.capacity.open_sessions_bytes = 1;
    let server = TestServer::start(small);
    let sid = server.open(&session_start(START_MS));
    server.send("/api/v1/sessions", &session_start(START_MS)).assert_refused(503);
    assert_eq!(server.event(&sid, &event("ping", 1.0, START_MS + 1)), 204);
}

#[test]
fn a_burst_of_starts_cannot_exceed_the_room() {
    let mut small = settings();
    small.capacity.open_sessions = 10;
    let server = TestServer::start(small);
    let opened: usize = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..8)
            .map(|sender| {
                let server = &server;
                scope.spawn(move || {
                    let start = session_start(START_MS + sender);
                    (0..10).filter(|_| server.send("/api/v1/sessions", &start).status == 201).count()
                })
            })
            .collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).sum()
    });
    assert_eq!(opened, 10);
    assert_eq!(ids(&server), 10);
}

#[test]
fn a_scratch_directory_that_could_not_be_made_refused_the_start() {
    let directory = tempfile::tempdir().unwrap();
    // A directory in one that is missing cannot be made, as none can be made on a full disk.
    let scratch = directory.path().join("missing").join("scratch");
    let lake = LakeSettings {
        interval: std::time::Duration::from_secs(3_600),
        ..LakeSettings::with_scratch(scratch)
    };
    let server = TestServer::start(Settings { lake, ..settings() });
    server.store.fail_until_cleared(Failure::DiskFull);
    server.send("/api/v1/sessions", &session_start(START_MS)).assert_refused(503);
    server.wait_until("it is noticed", |server| server.get("/readyz").status == 503);
    let count = || {
        let headers = [("Authorization", &*format!("Bearer {TOKEN}"))];
        let body = br#"{"query": "select count(*) from sessions"}"#;
        server.connect().request("POST", "/reports/v1/sql", &headers, body).status
    };
    assert_eq!(count(), 200, "a query that fits into memory needs no disk");
    std::fs::create_dir(directory.path().join("missing")).unwrap();
    mend(&server);
    server.assert_well();
    assert_eq!(count(), 200);
    assert!(directory.path().join("missing").join("scratch").exists(), "queries can spill again");
}

#[test]
fn a_full_disk_under_the_journal_refused_the_start() {
    let (store, clock) = TestServer::start(settings()).stop();
    store.fail_until_cleared(Failure::DiskFull);
    let server = TestServer::start_on(settings(), store, clock);
    server.send("/api/v1/sessions", &session_start(START_MS)).assert_refused(503);
    server.wait_until("it is noticed", |server| server.get("/readyz").status == 503);
    assert_eq!(server.get("/livez").status, 200);
    mend(&server);
    server.assert_well();
    server.open(&session_start(START_MS + 1));
    let headers = [("Authorization", &*format!("Bearer {TOKEN}"))];
    let maintained = server.connect().request("POST", "/reports/v1/maintenance", &headers, b"");
    assert_eq!(maintained.status, 200);
    assert_eq!(stored_events(&server.store), 3);
}
