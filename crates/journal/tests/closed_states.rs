//! States of sessions that have closed: a recovery never opens them again, whenever they are removed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod samples;

use std::path::Path;

use playhead_journal::{
    CheckpointState, JOURNAL_FILE_NAME, Journal, OpenOptions, OutboxPosition, Progress, ProgressReader,
    Sequence, SqliteJournal, open_reader,
};
use samples::{SampleCommit, closed, events_commit, recover};

/// More calls of the maintenance than removing all states takes.
const MANY_CALLS: u32 = 200;

fn open(directory: &Path) -> SqliteJournal {
    SqliteJournal::open(directory, OpenOptions::new(0)).unwrap()
}

fn number(directory: &Path, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open(directory.join(JOURNAL_FILE_NAME)).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// A journal with the states of six sessions, of which those with even numbers have closed since.
fn half_closed(directory: &Path) -> SqliteJournal {
    let mut journal = open(directory);
    let mut commit = events_commit(&journal, 5, 6, b"{}");
    commit.checkpoints = (1..=6)
        .map(|start| CheckpointState { start_sequence: Sequence::new(start), state: b"a state".to_vec() })
        .collect();
    commit.write(&mut journal).unwrap();
    let closed = [4, 2, 6].map(|number| closed(number, number, 1_000)).to_vec();
    SampleCommit { closed, ..SampleCommit::default() }.write(&mut journal).unwrap();
    journal
}

fn opened(directory: &Path) -> Vec<u64> {
    let recovered = recover(&mut open_reader(directory).unwrap());
    recovered.checkpoints.iter().map(|state| state.start_sequence.get()).collect()
}

#[test]
fn a_session_that_had_closed_was_opened_again_from_its_state() {
    let directory = tempfile::tempdir().unwrap();
    let journal = half_closed(directory.path());
    assert_eq!(opened(directory.path()), [1, 3, 5]);
    drop(journal);
    let mut journal = open(directory.path());
    assert_eq!(opened(directory.path()), [1, 3, 5]);
    assert!(number(directory.path(), "SELECT count(*) FROM open_sessions") > 3);
    for _ in 0..MANY_CALLS {
        journal.maintain().unwrap();
    }
    assert_eq!(number(directory.path(), "SELECT count(*) FROM open_sessions"), 3);
    assert_eq!(opened(directory.path()), [1, 3, 5]);
}

#[test]
fn rows_that_tell_of_a_close_were_trimmed_before_the_states() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = half_closed(directory.path());
    SampleCommit { replay_from: Some(7), ..SampleCommit::default() }.write(&mut journal).unwrap();
    journal.acknowledge(OutboxPosition::new(2)).unwrap();
    assert_eq!(journal.trim_closed(0..0, 10).unwrap(), 2);
    assert_eq!(open_reader(directory.path()).unwrap().outbox(OutboxPosition::default(), 9).unwrap().len(), 1);
    assert_eq!(opened(directory.path()), [1, 3, 5]);
}

#[test]
fn a_damaged_close_took_the_state_of_another_session_with_it() {
    let directory = tempfile::tempdir().unwrap();
    drop(half_closed(directory.path()));
    let connection = rusqlite::Connection::open(directory.path().join(JOURNAL_FILE_NAME)).unwrap();
    connection.execute("UPDATE closed_sessions SET start_sequence = 3 WHERE start_sequence = 2", []).unwrap();
    drop(connection);
    assert_eq!(opened(directory.path()), [1, 2, 3, 5]);
}

#[test]
fn a_journal_of_the_format_before_keeps_its_rows_and_loses_its_indexes() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = half_closed(directory.path());
    for _ in 0..MANY_CALLS {
        journal.maintain().unwrap();
    }
    drop(journal);
    let connection = rusqlite::Connection::open(directory.path().join(JOURNAL_FILE_NAME)).unwrap();
    connection
        .execute_batch(
            "CREATE INDEX closed_by_start ON closed_sessions (started_at, session_id);
             CREATE INDEX closed_by_visitor ON closed_sessions (visitor_id, started_at, session_id);
             UPDATE closed_sessions SET row = CAST(row AS TEXT);
             DELETE FROM meta WHERE key = 'journal/states_removed_up_to';
             PRAGMA user_version = 3;",
        )
        .unwrap();
    drop(connection);
    let expected = open_reader(directory.path()).unwrap().outbox(OutboxPosition::default(), 9).unwrap();
    assert_eq!(expected.len(), 3);
    assert_eq!(opened(directory.path()), [1, 3, 5]);
    let mut journal = open(directory.path());
    assert_eq!(
        number(directory.path(), "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'closed_by_%'"),
        0
    );
    assert_eq!(opened(directory.path()), [1, 3, 5]);
    let new = SampleCommit { closed: vec![closed(3, 3, 1_000)], ..SampleCommit::default() };
    new.write(&mut journal).unwrap();
    assert_eq!(opened(directory.path()), [1, 5]);
    let rows = open_reader(directory.path()).unwrap().outbox(OutboxPosition::default(), 9).unwrap();
    assert_eq!(rows[..3], expected);
    assert_eq!(rows[3].row, closed(3, 3, 1_000).row);
}
