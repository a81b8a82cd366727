//! Wherever a hand-over breaks off, every row is in the tables exactly once.

use std::sync::Arc;

use crate::failing_store::{FailingStore, Failure};
use crate::filled_journal::{
    FilledJournal, assert_exact, directory, directory_through, four_writers_leave_every_row_once,
};
use playhead_journal::{OutboxPosition, ProgressReader};
use playhead_lake::{Error, SESSION_TABLES};
use tempfile::TempDir;

/// Hands over with a failure at each write in turn; then another process continues.
async fn fail_at_every_write(failure: Failure) {
    let mut filled = FilledJournal::new("here", 11, 2);
    filled.add(12, 2);
    assert!(SESSION_TABLES.into_iter().all(|table| filled.expected(table).num_rows() > 0));
    let mut failures = 0;
    loop {
        let place = TempDir::new().unwrap();
        let store = FailingStore::at(failures, failure);
        let lake = filled.lake(directory_through(place.path(), Arc::new(store.clone())));
        let outcome = filled.hand_over(&lake, 4).await;
        if !store.has_failed() {
            outcome.unwrap();
            break;
        }
        if !failure.is_last {
            // The same process tries again.
            filled.hand_over(&lake, 2).await.unwrap();
        }
        let restarted = filled.lake(directory(place.path()));
        filled.hand_over(&restarted, 3).await.unwrap();
        assert_exact(&restarted, &[&filled], &format!("after {failure:?} at write {failures}")).await;
        failures += 1;
        assert!(failures < 200, "it never comes to an end");
    }
    assert_eq!(failures, 5 + 4 * 2 + 3 * 2, "tables made, then a file and a version for each commit");
}

#[tokio::test]
async fn a_crash_before_any_write() {
    fail_at_every_write(Failure { is_written: false, is_last: true }).await;
}

#[tokio::test]
async fn a_crash_after_any_write() {
    fail_at_every_write(Failure { is_written: true, is_last: true }).await;
}

#[tokio::test]
async fn any_write_that_fails() {
    fail_at_every_write(Failure { is_written: false, is_last: false }).await;
}

#[tokio::test]
async fn any_write_whose_response_is_lost() {
    fail_at_every_write(Failure { is_written: true, is_last: false }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_servers_at_the_same_time() {
    let place = TempDir::new().unwrap();
    four_writers_leave_every_row_once(directory(place.path())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_of_one_server_double_nothing() {
    let place = TempDir::new().unwrap();
    let filled = Arc::new(FilledJournal::new("here", 7, 12));
    let mut tasks = Vec::new();
    for page in [2, 3] {
        let (filled, location) = (filled.clone(), directory(place.path()));
        tasks.push(tokio::spawn(async move {
            let lake = filled.lake(location);
            let mut taken_over = 0;
            // The process that comes second gets an error and continues from the position in the tables.
            while let Err(error) = filled.hand_over(&lake, page).await {
                assert!(matches!(error, Error::TakenOver { .. }), "{error}");
                taken_over += 1;
                assert!(taken_over < 100, "nobody gets through");
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_exact(&filled.lake(directory(place.path())), &[&filled], "after a race").await;
}

#[tokio::test]
async fn rows_that_another_process_took_in_meanwhile_are_not_taken_in_again() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, 8);
    let (one, two) = (filled.lake(directory(place.path())), filled.lake(directory(place.path())));
    let records = filled.store.reader().outbox(OutboxPosition::new(0), 100).unwrap();
    // Both have read the empty tables; then one is ahead of the other.
    assert_eq!(one.taken().await.unwrap(), two.taken().await.unwrap());
    one.take_sessions(&records[..5]).await.unwrap();
    two.take_sessions(&records).await.unwrap();
    one.take_events(&filled.events[..7]).await.unwrap();
    two.take_events(&filled.events).await.unwrap();
    assert_exact(&filled.lake(directory(place.path())), &[&filled], "after one overtook the other").await;
}

/// The last version of a table's log, emptied: what a power cut leaves of a version whose content was not on disk.
fn cut_last_version(table: &std::path::Path) {
    let versions = std::fs::read_dir(table.join("_delta_log")).unwrap().map(|entry| entry.unwrap().path());
    let last = versions.filter(|path| path.extension().is_some_and(|extension| extension == "json")).max();
    std::fs::write(last.unwrap(), "").unwrap();
}

#[tokio::test]
async fn a_power_cut_left_a_version_without_its_content_and_the_table_was_lost() {
    // Version 0 makes a table, version 1 is its first hand-over, version 2 the next.
    for versions in 0..=2 {
        let place = TempDir::new().unwrap();
        let mut filled = FilledJournal::new("here", 11, 4);
        let lake = filled.lake(directory(place.path()));
        if versions > 0 {
            filled.hand_over(&lake, 100).await.unwrap();
        }
        if versions > 1 {
            filled.add(12, 3);
            filled.hand_over(&lake, 100).await.unwrap();
        }
        if versions == 0 {
            let log = place.path().join("lake").join("errors").join("_delta_log");
            std::fs::create_dir_all(&log).unwrap();
            std::fs::write(log.join("00000000000000000000.json"), "").unwrap();
        } else {
            // The others were on disk in time.
            cut_last_version(&place.path().join("lake").join("errors"));
        }
        let restarted = filled.lake(directory(place.path()));
        filled.hand_over(&restarted, 100).await.unwrap();
        assert_exact(&restarted, &[&filled], &format!("after a cut at version {versions}")).await;
    }
}
