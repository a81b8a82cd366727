//! Disks that are full or broken, and files that must not be opened.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test"
)]

mod samples;

use std::path::Path;
use std::process::Command;

use playhead_journal::{
    Error, Failure, JOURNAL_FILE_NAME, Journal, JournalReader, LOCK_FILE_NAME, Log, MemoryStore, OpenOptions,
    Sequence, SqliteJournal, open_reader,
};
use samples::{events_commit, recover};

fn open(directory: &Path) -> Result<SqliteJournal, Error> {
    SqliteJournal::open(directory, OpenOptions::new(0))
}

#[test]
fn a_full_journal_refuses_whole_commits_and_goes_on_when_the_limit_is_raised() {
    let directory = tempfile::tempdir().unwrap();
    let options = OpenOptions { max_bytes: Some(600_000), ..OpenOptions::new(0) };
    let mut journal = SqliteJournal::open(directory.path(), options).unwrap();
    let mut reader = open_reader(directory.path()).unwrap();
    let refusal = loop {
        let mut commit = events_commit(&journal, 5, 3, &[b'x'; 30_000]);
        commit.accounting = Some(b"of the last commit".to_vec());
        let before = recover(&mut reader);
        match commit.write(&mut journal) {
            Ok(committed) => assert_eq!(committed.first_sequence.after(3), journal.next_sequence()),
            Err(error) => {
                assert_eq!(recover(&mut reader), before, "nothing of a refused commit is visible");
                assert_eq!(journal.next_sequence(), Sequence::new(before.next_sequence));
                break error;
            }
        }
        assert!(journal.next_sequence() < Sequence::new(100), "the limit holds");
    };
    assert!(matches!(refusal, Error::DiskFull { .. }));
    assert_eq!(
        refusal.to_string(),
        "storing events: no room left on the disk or within the journal's size limit \
         (database or disk is full, SQLite code 13)"
    );
    journal.copy_whole_wal().unwrap();
    assert!(journal.size_bytes().unwrap() <= 600_000);

    // A full journal can still be emptied.
    let full_at = journal.next_sequence();
    let sweep = samples::SampleCommit { replay_from: Some(full_at.get()), ..Default::default() };
    sweep.write(&mut journal).unwrap();
    assert_eq!(journal.trim(Sequence::new(full_at.get() - 3), 100).unwrap().groups, (full_at.get() - 4) / 3);
    let committed = events_commit(&journal, 6, 3, &[b'x'; 30_000]).write(&mut journal).unwrap();
    assert_eq!(committed.first_sequence, full_at, "the sequences of the refused commit are not used up");

    journal.set_max_bytes(None).unwrap();
    for _ in 0..20 {
        events_commit(&journal, 7, 3, &[b'x'; 30_000]).write(&mut journal).unwrap();
    }
    assert_eq!(reader.verify().unwrap(), Vec::<String>::new());
}

/// Set for the process in which [`a_disk_that_stops_writing_in_the_middle_of_a_commit`] really runs.
const INNER: &str = "JOURNAL_TEST_WITH_FILE_SIZE_LIMIT";

/// The limit on file sizes that a process can set for itself makes real writes fail in the middle. Its signal has to
/// be ignored, which only a shell can arrange without unsafe code, so the test runs itself in one.
#[test]
fn a_disk_that_stops_writing_in_the_middle_of_a_commit() {
    if std::env::var_os(INNER).is_some() {
        return fail_in_the_middle_of_a_commit();
    }
    let run = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "a_disk_that_stops_writing_in_the_middle_of_a_commit", "--nocapture"])
        .env(INNER, "1")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{output}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(output.contains("commits refused by the disk: 5"), "the inner test ran: {output}");
}

fn limit_file_size(bytes: Option<u64>) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum }).unwrap();
}

fn fail_in_the_middle_of_a_commit() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path()).unwrap();
    let mut reader = open_reader(directory.path()).unwrap();
    let mut refused = 0;
    // The room left ends in the first frame, between frames, and in the last one.
    for room in [10, 8_216, 20_000, 50_000, 72_000] {
        events_commit(&journal, 1, 3, &[b'a'; 20_000]).write(&mut journal).unwrap();
        let before = recover(&mut reader);
        let log_end = 32 + journal.wal_state().unwrap().log_bytes;
        limit_file_size(Some(log_end + room));
        let commit = events_commit(&journal, 2, 4, &[b'b'; 20_000]);
        let error = commit.write(&mut journal).unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error:?}");
        assert!(error.to_string().contains("disk failure"), "{error}");
        refused += 1;
        assert_eq!(recover(&mut reader), before, "nothing of it is visible");
        assert_eq!(journal.next_sequence(), Sequence::new(before.next_sequence));
        limit_file_size(Some(log_end));
        assert!(
            matches!(journal.maintain(), Err(Error::Io { .. })),
            "the probe says that the disk still fails"
        );
        assert!(matches!(commit.write(&mut journal), Err(Error::Io { .. })));

        limit_file_size(None);
        journal.maintain().unwrap();
        assert_eq!(commit.write(&mut journal).unwrap().first_sequence, Sequence::new(before.next_sequence));
        assert_eq!(recover(&mut reader).next_sequence, before.next_sequence + 4);
    }
    let expected = recover(&mut reader);
    drop(reader);
    drop(journal);
    let _reopened = open(directory.path()).unwrap();
    let mut reader = open_reader(directory.path()).unwrap();
    assert_eq!(recover(&mut reader), expected);
    assert_eq!(reader.verify().unwrap(), Vec::<String>::new());
    println!("commits refused by the disk: {refused}");
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path()).unwrap();
    let error = open(directory.path()).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }));
    assert_eq!(
        error.to_string(),
        format!(
            "{} is in use by another writer (process {}); only one server may use a data directory",
            directory.path().join(LOCK_FILE_NAME).display(),
            std::process::id()
        )
    );
    drop(journal);
    open(directory.path()).unwrap();
}

fn change_file(directory: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(directory.join(JOURNAL_FILE_NAME)).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn a_journal_of_a_newer_release_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path()).unwrap());
    change_file(directory.path(), "PRAGMA user_version = 5");
    let path = directory.path().join(JOURNAL_FILE_NAME);
    let bytes = std::fs::read(&path).unwrap();
    for error in [open(directory.path()).unwrap_err(), open_reader(directory.path()).unwrap_err()] {
        assert!(matches!(error, Error::NewerVersion { found: 5, supported: 4, .. }), "{error:?}");
        assert!(
            error.to_string().starts_with(&format!("{} has journal format 5", path.display())),
            "{error}"
        );
    }
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn files_of_others_are_refused_and_left_as_they_are() {
    type WriteFile = fn(&Path);
    let contents: [(&str, WriteFile); 3] = [
        ("it is not an SQLite database", |directory| {
            std::fs::write(directory.join(JOURNAL_FILE_NAME), "a letter, and a long one\n".repeat(500))
                .unwrap();
        }),
        ("it is an SQLite database of another application (application id 0x00000000)", |directory| {
            change_file(directory, "CREATE TABLE notes (text)");
        }),
        ("it is an SQLite database of another application (application id 0x0000002a)", |directory| {
            change_file(directory, "PRAGMA application_id = 42");
        }),
    ];
    for (found, write) in contents {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path());
        let path = directory.path().join(JOURNAL_FILE_NAME);
        let bytes = std::fs::read(&path).unwrap();
        for error in [open(directory.path()).unwrap_err(), open_reader(directory.path()).unwrap_err()] {
            assert!(matches!(error, Error::Foreign { .. }), "{error:?}");
            assert_eq!(error.to_string(), format!("{} is not a journal: {found}", path.display()));
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn a_directory_without_a_journal_has_nothing_to_read() {
    let directory = tempfile::tempdir().unwrap();
    let error = open_reader(directory.path()).unwrap_err();
    let path = directory.path().join(JOURNAL_FILE_NAME);
    assert_eq!(error.to_string(), format!("there is no journal at {}", path.display()));
    assert!(!path.exists(), "asking creates nothing");
}

#[test]
fn verification_finds_damaged_missing_and_misplaced_groups() {
    let findings_after = |sql: &str| {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = open(directory.path()).unwrap();
        for _ in 0..4 {
            events_commit(&journal, 1, 2, b"body").write(&mut journal).unwrap();
        }
        let swept = samples::SampleCommit { replay_from: Some(9), ..Default::default() };
        swept.write(&mut journal).unwrap();
        drop(journal);
        change_file(directory.path(), sql);
        open_reader(directory.path()).unwrap().verify().unwrap()
    };
    assert_eq!(findings_after("SELECT 1"), Vec::<String>::new());
    assert_eq!(
        findings_after("UPDATE groups SET data = substr(data, 1, 40) WHERE first_sequence = 3"),
        ["events 3 to 4 cannot be read: group of events from 3: its checksum does not fit its bytes"]
    );
    assert_eq!(
        findings_after("DELETE FROM groups WHERE first_sequence = 5"),
        ["events 5 to 6 cannot be read: they are missing"]
    );
    assert_eq!(
        findings_after("UPDATE groups SET last_sequence = 9 WHERE first_sequence = 7"),
        [
            "events 7 to 9 cannot be read: group of events from 7: it is listed up to event 9 but holds 2 events"
        ]
    );
    assert_eq!(
        findings_after("DELETE FROM groups WHERE first_sequence = 1"),
        ["events 1 to 2 cannot be read: they are missing"]
    );
    assert_eq!(
        findings_after("UPDATE meta SET value = 20 WHERE key = 'journal/next_sequence'"),
        [r#"the checksum of the stored value "journal/next_sequence" does not fit it"#; 3],
        "by itself, and wherever it is needed"
    );
    assert_eq!(
        findings_after("DELETE FROM groups WHERE first_sequence = 7"),
        ["events 7 to 8 cannot be read: they are missing"]
    );
}

#[test]
fn a_recovery_ends_at_the_first_missing_event() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path()).unwrap();
    for _ in 0..3 {
        events_commit(&journal, 1, 2, b"body").write(&mut journal).unwrap();
    }
    drop(journal);
    change_file(directory.path(), "DELETE FROM groups WHERE first_sequence = 3");
    let mut reader = open_reader(directory.path()).unwrap();
    let items: Vec<_> = reader.recover().unwrap().items.collect();
    assert_eq!(items.len(), 3);
    assert!(
        matches!(&items[2], Err(Error::Corrupt(finding)) if finding == "events 3 to 4 cannot be read: they are missing"),
        "{items:?}"
    );
}

#[test]
fn memory_fails_as_told_and_survives_its_writer() {
    let store = MemoryStore::new();
    let mut journal = store.open(1).unwrap();
    assert!(matches!(store.open(2), Err(Error::InUse { .. })));
    store.fail_next(2, Failure::DiskFull);
    let commit = events_commit(&journal, 1, 2, b"body");
    assert!(matches!(commit.write(&mut journal), Err(Error::DiskFull { .. })));
    assert!(matches!(commit.write(&mut journal), Err(Error::DiskFull { .. })));
    assert_eq!(recover(&mut store.reader()).events, []);
    assert_eq!(commit.write(&mut journal).unwrap().first_sequence, Sequence::new(1));
    store.fail_until_cleared(Failure::Io);
    assert!(matches!(commit.write(&mut journal), Err(Error::Io { .. })));
    assert!(matches!(journal.maintain(), Err(Error::Io { .. })));
    store.clear_failure();
    journal.maintain().unwrap();
    drop(journal);
    let journal = store.open(3).unwrap();
    assert_eq!(journal.next_sequence(), Sequence::new(3));
    assert_eq!(recover(&mut store.reader()).events, commit.events);
}

#[test]
fn events_written_by_something_else_are_noticed_and_never_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path()).unwrap();
    events_commit(&journal, 1, 2, b"body").write(&mut journal).unwrap();
    change_file(directory.path(), "INSERT INTO groups VALUES (3, 3, 0, x'00')");
    let commit = events_commit(&journal, 1, 2, b"body");
    assert!(matches!(commit.write(&mut journal), Err(Error::Sqlite { .. })), "the place is taken");
    for _ in 0..2 {
        let error = commit.write(&mut journal).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the journal is damaged: its next event is 4, where this writer expects 3; \
             something else wrote to it, open it again"
        );
    }
    change_file(directory.path(), "DELETE FROM groups WHERE first_sequence = 3");
    assert_eq!(commit.write(&mut journal).unwrap().first_sequence, Sequence::new(3));
}

#[test]
fn a_journal_of_the_format_before_packed_bodies_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path()).unwrap();
    events_commit(&journal, 1, 40, b"{\"eventType\":\"ping\",\"params\":{}}").write(&mut journal).unwrap();
    drop(journal);
    change_file(directory.path(), "PRAGMA user_version = 3");
    let before = recover(&mut open_reader(directory.path()).unwrap());
    assert_eq!(before.events.len(), 40);
    let mut journal = open(directory.path()).unwrap();
    assert_eq!(recover(&mut *journal.reader().unwrap()), before);
    events_commit(&journal, 2, 1, b"{}").write(&mut journal).unwrap();
    drop(journal);
    let connection = rusqlite::Connection::open(directory.path().join(JOURNAL_FILE_NAME)).unwrap();
    let format: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(format, 4, "a release that cannot read packed bodies is kept off");
}
