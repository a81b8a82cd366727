//! The journal on disk in use: readers beside the writer, the outbox, the write-ahead log, trims.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test"
)]

mod samples;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use playhead_journal::{
    Ends, Error, JOURNAL_FILE_NAME, Journal, JournalReader, Log, LogReader, MemoryStore, NewEvent,
    OpenOptions, OutboxPosition, Progress, ProgressReader, Sequence, SqliteJournal, Upkeep, limits,
    open_reader,
};
use samples::{SampleCommit, closed, event, events_commit, recover, session};

/// Closed sessions of all times may go.
const NONE_KEPT: Range<i64> = 0..0;

fn open(directory: &Path) -> SqliteJournal {
    SqliteJournal::open(directory, OpenOptions::new(1_700_000_000_000)).unwrap()
}

fn wal_path(directory: &Path) -> PathBuf {
    directory.join(format!("{JOURNAL_FILE_NAME}-wal"))
}

#[test]
fn a_new_journal_is_empty_and_knows_its_creation() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("new/data");
    let journal = open(&directory);
    assert_eq!((journal.next_sequence(), journal.replay_from()), (Sequence::FIRST, Sequence::FIRST));
    let mut reader = journal.reader().unwrap();
    assert_eq!(reader.created_at_ms().unwrap(), 1_700_000_000_000);
    assert_eq!(recover(&mut *reader).events, []);
    assert_eq!(reader.outbox(OutboxPosition::new(0), 10).unwrap(), []);
    assert_eq!(reader.sequence_before(i64::MAX).unwrap(), Sequence::new(1));
    assert_eq!(reader.events_of(Sequence::new(0), 10).unwrap(), []);
    assert_eq!(reader.events_of(Sequence::new(u64::MAX), 10).unwrap(), []);
    assert_eq!(reader.verify().unwrap(), Vec::<String>::new());
}

/// A log takes events and nothing else, and goes on behind what a commit wrote.
#[test]
fn a_log_appends_events_and_leaves_progress_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let journals: [Box<dyn Journal>; 2] =
        [Box::new(open(directory.path())), Box::new(store.open(0).unwrap())];
    for mut journal in journals {
        events_commit(&*journal, 5, 1, b"first").write(&mut *journal).unwrap();
        let appended = [event(2, 6, 1, Some(1), b"second"), event(3, 6, 2, None, b"third")];
        let events: Vec<NewEvent<'_>> = appended
            .iter()
            .map(|event| NewEvent {
                session: event.session,
                previous: event.previous,
                last_of_batch: event.last_of_batch,
                recorded: event.recorded(),
            })
            .collect();
        let committed = journal.append(6, &events).unwrap();
        assert_eq!((committed.first_sequence.get(), committed.event_count), (2, 2));
        assert_eq!((journal.next_sequence().get(), journal.replay_from().get()), (4, 1));
        let mut reader = journal.reader().unwrap();
        assert_eq!(reader.events_from(Sequence::new(2), 10).unwrap(), appended);
        assert_eq!(reader.outbox(OutboxPosition::new(0), 10).unwrap(), []);
    }
}

#[test]
fn settings_of_the_file_are_in_effect() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path());
    events_commit(&journal, 1, 1, b"x").write(&mut journal).unwrap();
    let connection = rusqlite::Connection::open(directory.path().join(JOURNAL_FILE_NAME)).unwrap();
    let pragma = |name: &str| -> String {
        connection
            .query_row(&format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"), [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(pragma("page_size"), "8192");
    assert_eq!(pragma("auto_vacuum"), "2", "incremental");
    assert_eq!(pragma("journal_mode"), "wal");
    assert_eq!(pragma("user_version"), "4");
}

#[test]
fn a_reader_sees_each_commit_while_the_writer_is_open() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path());
    let mut reader = open_reader(directory.path()).unwrap();
    let commits: Vec<SampleCommit> = (1..=5)
        .map(|time| {
            let commit = events_commit(&journal, time, 3, b"{}");
            commit.write(&mut journal).unwrap();
            assert_eq!(recover(&mut reader).next_sequence, journal.next_sequence().get());
            commit
        })
        .collect();
    let on_another_thread = std::thread::spawn(move || recover(&mut reader).events);
    let events: Vec<_> = commits.into_iter().flat_map(|commit| commit.events).collect();
    assert_eq!(on_another_thread.join().unwrap(), events);
}

/// Names the data directory for the process that [`another_process_reads_with_and_without_a_writer`] starts.
const READ_DIRECTORY: &str = "JOURNAL_TEST_READ_DIRECTORY";

#[test]
fn another_process_reads_with_and_without_a_writer() {
    if let Some(directory) = std::env::var_os(READ_DIRECTORY) {
        let mut reader = open_reader(Path::new(&directory)).unwrap();
        println!("found {} events", recover(&mut reader).events.len());
        let refused = SqliteJournal::open(Path::new(&directory), OpenOptions::new(0));
        println!("refused as writer: {}", matches!(refused, Err(Error::InUse { .. })));
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let read_elsewhere = || {
        let run = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "another_process_reads_with_and_without_a_writer", "--nocapture"])
            .env(READ_DIRECTORY, directory.path())
            .output()
            .unwrap();
        assert!(run.status.success(), "{run:?}");
        String::from_utf8(run.stdout).unwrap()
    };
    let mut journal = open(directory.path());
    events_commit(&journal, 1, 4, b"{}").write(&mut journal).unwrap();
    let found = read_elsewhere();
    assert!(found.contains("found 4 events") && found.contains("refused as writer: true"), "{found}");
    // The other process's end takes nothing from this one.
    events_commit(&journal, 2, 4, b"{}").write(&mut journal).unwrap();
    drop(journal);
    assert!(!wal_path(directory.path()).exists(), "a clean end leaves no log");
    let found = read_elsewhere();
    assert!(found.contains("found 8 events") && found.contains("refused as writer: false"), "{found}");
    assert_eq!(open(directory.path()).next_sequence(), Sequence::new(9));
}

#[test]
fn a_recovery_keeps_its_view_while_the_writer_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path());
    for time in 1..=3 {
        events_commit(&journal, time, 2, b"{}").write(&mut journal).unwrap();
    }
    let mut reader = open_reader(directory.path()).unwrap();
    let mut recovery = reader.recover().unwrap();
    let first = recovery.items.next().unwrap().unwrap();
    let sweep = SampleCommit { replay_from: Some(7), ..events_commit(&journal, 4, 2, b"{}") };
    sweep.write(&mut journal).unwrap();
    assert_eq!(journal.trim(Sequence::new(7), 100).unwrap().groups, 3);
    let rest: Vec<_> = recovery.items.by_ref().map(Result::unwrap).collect();
    drop(recovery);
    assert_eq!(rest.len(), 5, "{first:?} then {rest:?}");
    assert_eq!(recover(&mut reader).events, sweep.events);
}

#[test]
fn the_outbox_is_taken_over_exactly_once_across_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let mut taken = Vec::new();
    for round in 0..6_u64 {
        let mut journal = open(directory.path());
        let reader = open_reader(directory.path()).unwrap();
        let mut commit = events_commit(&journal, 1, 3, b"{}");
        let sessions =
            commit.events.iter().map(|event| closed(event.sequence.get(), event.sequence.get(), 5));
        commit.closed = sessions.collect();
        if round > 0 {
            // A replay closes an old session again.
            commit.closed.insert(0, closed(1, 1, 5));
        }
        commit.write(&mut journal).unwrap();
        let page = reader.outbox(reader.acknowledged().unwrap(), 2).unwrap();
        taken.extend(page.iter().map(|record| record.session));
        let last = page.last().unwrap().position;
        journal.acknowledge(last).unwrap();
        journal.acknowledge(OutboxPosition::new(1)).unwrap();
        assert_eq!(reader.acknowledged().unwrap(), last, "it never goes back");
        let beyond = journal.acknowledge(OutboxPosition::new(1_000_000));
        assert!(matches!(beyond, Err(Error::Refused(_))), "{beyond:?}");
    }
    let reader = open_reader(directory.path()).unwrap();
    taken.extend(
        reader.outbox(reader.acknowledged().unwrap(), 100).unwrap().iter().map(|record| record.session),
    );
    assert_eq!(taken, (1..=18).map(session).collect::<Vec<_>>());
}

#[test]
fn a_position_is_not_given_again_after_its_session_was_trimmed() {
    let directory = tempfile::tempdir().unwrap();
    let close = |number: u64| {
        let mut journal = open(directory.path());
        let mut commit = events_commit(&journal, 1, 1, b"{}");
        commit.closed = vec![closed(number, journal.next_sequence().get(), 5)];
        commit.replay_from = Some(journal.next_sequence().next().get());
        commit.write(&mut journal).unwrap();
        let position = journal.reader().unwrap().closed_session(&session(number)).unwrap().unwrap().position;
        assert_eq!(journal.trim_closed(NONE_KEPT, 10).unwrap(), 0, "the outbox still holds it");
        journal.acknowledge(position).unwrap();
        assert_eq!(journal.trim_closed(NONE_KEPT, 10).unwrap(), 1);
        position
    };
    assert!(close(1) < close(2));
}

/// After the clock was set forwards by a day, every closed session looked old enough to go. A replay opened those again that
/// it met from their start on, and they closed a second time.
#[test]
fn a_closed_session_that_a_recovery_would_open_again_stays() {
    let directory = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let journals: [Box<dyn Journal>; 2] =
        [Box::new(open(directory.path())), Box::new(store.open(0).unwrap())];
    for mut journal in journals {
        let mut commit = events_commit(&*journal, 1, 2, b"{}");
        commit.closed = vec![closed(1, 1, 5), closed(2, 2, 5)];
        commit.replay_from = Some(2);
        commit.write(&mut *journal).unwrap();
        journal.acknowledge(OutboxPosition::new(2)).unwrap();
        assert_eq!(journal.trim_closed(NONE_KEPT, 10).unwrap(), 1);
        let commit = SampleCommit { replay_from: Some(3), ..SampleCommit::default() };
        commit.write(&mut *journal).unwrap();
        assert_eq!(journal.trim_closed(NONE_KEPT, 10).unwrap(), 1);
    }
}

/// Sessions that closed by a clock that was far ahead held up the trim of all later ones until that time had come.
#[test]
fn a_session_that_closed_far_in_the_future_goes_like_an_old_one() {
    let directory = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let journals: [Box<dyn Journal>; 2] =
        [Box::new(open(directory.path())), Box::new(store.open(0).unwrap())];
    for mut journal in journals {
        let mut commit = events_commit(&*journal, 1, 4, b"{}");
        commit.closed = vec![closed(1, 1, 9_000), closed(2, 2, 10), closed(3, 3, 100), closed(4, 4, 10)];
        commit.replay_from = Some(5);
        commit.write(&mut *journal).unwrap();
        journal.acknowledge(OutboxPosition::new(4)).unwrap();
        assert_eq!(journal.trim_closed(1_050..1_150, 10).unwrap(), 2);
        assert_eq!(journal.trim_closed(1_050..1_150, 10).unwrap(), 0, "the third stays, and those after it");
    }
}

#[test]
fn pages_of_events_pass_over_what_was_trimmed() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path());
    let mut events = Vec::new();
    for time in 1..=4 {
        let commit = events_commit(&journal, time, 3, b"{}");
        commit.write(&mut journal).unwrap();
        events.extend(commit.events);
    }
    let mut reader = journal.reader().unwrap();
    assert_eq!(reader.events_from(Sequence::new(1), 100).unwrap(), events);
    assert_eq!(reader.events_from(Sequence::new(5), 4).unwrap(), events[4..8]);
    assert_eq!(reader.events_from(Sequence::new(13), 4).unwrap(), []);
    assert_eq!(
        reader.ends().unwrap(),
        Ends { next_sequence: Sequence::new(13), last_position: OutboxPosition::new(0) }
    );
    let sweep = SampleCommit { replay_from: Some(13), ..events_commit(&journal, 5, 1, b"{}") };
    sweep.write(&mut journal).unwrap();
    assert_eq!(journal.trim(Sequence::new(7), 100).unwrap().groups, 2);
    assert_eq!(reader.events_from(Sequence::new(0), 2).unwrap(), events[6..8]);
    assert_eq!(reader.events_from(Sequence::new(1), 100).unwrap().len(), 7);
}

#[test]
fn sequences_go_on_after_everything_was_trimmed() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path());
    events_commit(&journal, 1, 5, b"{}").write(&mut journal).unwrap();
    SampleCommit { replay_from: Some(6), ..SampleCommit::default() }.write(&mut journal).unwrap();
    assert_eq!(journal.trim(Sequence::new(u64::MAX), 10).unwrap().groups, 1);
    drop(journal);
    assert_eq!(open(directory.path()).next_sequence(), Sequence::new(6));
}

#[test]
fn an_event_that_names_another_session_as_its_own_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path());
    let events = vec![event(1, 1, 1, None, b"a"), event(2, 1, 2, Some(1), b"b")];
    SampleCommit { events, ..SampleCommit::default() }.write(&mut journal).unwrap();
    assert!(matches!(
        open_reader(directory.path()).unwrap().events_of(Sequence::new(2), 10),
        Err(Error::Corrupt(_))
    ));
}

#[test]
fn commits_that_break_a_rule_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path());
    events_commit(&journal, 1, 5, b"{}").write(&mut journal).unwrap();
    SampleCommit { replay_from: Some(4), ..SampleCommit::default() }.write(&mut journal).unwrap();
    let refused = |commit: SampleCommit, journal: &mut SqliteJournal| match commit.write(journal) {
        Err(Error::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    };
    let commit = SampleCommit { replay_from: Some(3), ..SampleCommit::default() };
    assert_eq!(
        refused(commit, &mut journal),
        "replay from event 3: it may not go back before 4, nor beyond 6, the event after the commit"
    );
    let commit = SampleCommit { replay_from: Some(7), ..SampleCommit::default() };
    refused(commit, &mut journal);
    let commit = SampleCommit { closed: vec![closed(1, 6, 5)], ..SampleCommit::default() };
    assert_eq!(refused(commit, &mut journal), "closed session from event 6 to event 6, which do not exist");
    let value = vec![0; limits::MAX_META_VALUE_BYTES + 1];
    assert!(matches!(journal.meta_set("key", &value), Err(Error::TooLarge { .. })));
    let commit = SampleCommit { accounting: Some(value), ..SampleCommit::default() };
    assert!(matches!(commit.write(&mut journal), Err(Error::TooLarge { .. })));
}

#[test]
fn the_log_is_reused_and_cut_back_by_maintenance() {
    let directory = tempfile::tempdir().unwrap();
    let options =
        OpenOptions { copy_after_bytes: 400_000, restart_after_bytes: 2_000_000, ..OpenOptions::new(0) };
    let mut journal = SqliteJournal::open(directory.path(), options).unwrap();
    let mut longest = 0;
    for time in 0..100 {
        events_commit(&journal, time, 10, &[b'x'; 10_000]).write(&mut journal).unwrap();
        journal.maintain().unwrap();
        longest = longest.max(journal.wal_state().unwrap().log_bytes);
    }
    assert!(longest < 700_000, "{longest}");

    // A reader that stays in one place holds the log up, but not the commits.
    let mut reader = open_reader(directory.path()).unwrap();
    let recovery = reader.recover().unwrap();
    for time in 0..30 {
        events_commit(&journal, time, 10, &[b'x'; 10_000]).write(&mut journal).unwrap();
    }
    journal.maintain().unwrap();
    let held_up = journal.wal_state().unwrap();
    assert!(held_up.log_bytes > options.restart_after_bytes, "{held_up:?}");
    drop(recovery);
    journal.maintain().unwrap();
    events_commit(&journal, 0, 1, b"{}").write(&mut journal).unwrap();
    assert!(journal.wal_state().unwrap().log_bytes < 200_000, "the log started over");
    assert!(journal.copy_whole_wal().unwrap().log_bytes == 0);
    assert_eq!(std::fs::metadata(wal_path(directory.path())).unwrap().len(), 0);
    assert_eq!(reader.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn a_copier_on_another_thread_keeps_the_log_short() {
    let directory = tempfile::tempdir().unwrap();
    let options = OpenOptions { copy_after_bytes: 400_000, ..OpenOptions::new(0) };
    let mut journal = SqliteJournal::open(directory.path(), options).unwrap();
    let mut copier: Box<dyn Upkeep> = journal.upkeep().unwrap().unwrap();
    let (work, due) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        while due.recv().is_ok() {
            copier.work_if_due().unwrap();
        }
        copier
    });
    for time in 0..60 {
        events_commit(&journal, time, 10, &[b'x'; 10_000]).write(&mut journal).unwrap();
        work.send(()).unwrap();
        journal.maintain().unwrap();
    }
    drop(work);
    let mut copier = thread.join().unwrap();
    copier.work_if_due().unwrap();
    let left = journal.wal_state().unwrap();
    assert!(left.pending_bytes < options.copy_after_bytes, "{left:?}");
    assert_eq!(recover(&mut open_reader(directory.path()).unwrap()).events.len(), 600);
    assert_eq!(open_reader(directory.path()).unwrap().verify().unwrap(), Vec::<String>::new());
}

#[test]
fn trimmed_space_is_reused_and_the_file_shrinks() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path());
    let fill = |journal: &mut SqliteJournal| {
        for time in 0..100 {
            events_commit(journal, time, 4, &[b'x'; 50_000]).write(journal).unwrap();
        }
        journal.copy_whole_wal().unwrap();
        std::fs::metadata(directory.path().join(JOURNAL_FILE_NAME)).unwrap().len()
    };
    let trim_all = |journal: &mut SqliteJournal| {
        let replay_from = Some(journal.next_sequence().get());
        SampleCommit { replay_from, ..SampleCommit::default() }.write(journal).unwrap();
        while journal.trim(Sequence::new(u64::MAX), 7).unwrap().groups > 0 {}
    };
    let filled_once = fill(&mut journal);
    trim_all(&mut journal);
    let filled_twice = fill(&mut journal);
    assert!(filled_twice < filled_once + 1_000_000, "{filled_once} then {filled_twice}");

    trim_all(&mut journal);
    for _ in 0..10 {
        journal.maintain().unwrap();
    }
    journal.copy_whole_wal().unwrap();
    let shrunk = journal.size_bytes().unwrap();
    assert!(shrunk <= (limits::FREE_PAGES_KEPT + 50) * limits::PAGE_BYTES, "{filled_twice} then {shrunk}");
    assert_eq!(journal.reader().unwrap().verify().unwrap(), Vec::<String>::new());
}
