//! Damage anywhere in the file stays where it is, and is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod samples;

use std::path::Path;

use playhead_journal::{
    CheckpointState, ClosedRecord, Error, JOURNAL_FILE_NAME, JournalReader, Log, LogReader, OpenOptions,
    OutboxPosition, OwnedEvent, Progress, ProgressReader, RecoveryItem, Sequence, SqliteJournal,
    SqliteReader, limits, open_reader,
};
use rusqlite::types::Value;
use samples::{Random, SampleCommit, closed, events_commit, session};

fn open(directory: &Path) -> SqliteJournal {
    SqliteJournal::open(directory, OpenOptions::new(0)).unwrap()
}

fn change_file(directory: &Path, sql: &str, params: impl rusqlite::Params) {
    let connection = rusqlite::Connection::open(directory.join(JOURNAL_FILE_NAME)).unwrap();
    connection.execute(sql, params).unwrap();
}

/// A journal with three closed sessions and three open ones.
fn small_journal(directory: &Path) -> Vec<ClosedRecord> {
    let mut journal = open(directory);
    let events = events_commit(&journal, 5, 6, b"{}");
    events.write(&mut journal).unwrap();
    let records: Vec<ClosedRecord> = (1..=3).map(|number| closed(number, number, 1_000)).collect();
    let states = (4..=6)
        .map(|number| CheckpointState { start_sequence: Sequence::new(number), state: b"a state".to_vec() });
    let progress = SampleCommit {
        closed: records.clone(),
        checkpoints: states.collect(),
        replay_from: Some(7),
        ..SampleCommit::default()
    };
    progress.write(&mut journal).unwrap();
    journal.copy_whole_wal().unwrap();
    let positioned = |(position, record)| ClosedRecord { position: OutboxPosition::new(position), ..record };
    (1..).zip(records).map(positioned).collect()
}

/// Each byte of a value changed in each bit, and the value cut short; and no value.
fn damaged(value: &Value) -> Vec<Value> {
    let bytes = match value {
        Value::Integer(number) => {
            return (0..63).map(|bit| Value::Integer(number ^ (1 << bit))).collect();
        }
        Value::Text(text) => text.as_bytes().to_vec(),
        Value::Blob(bytes) => bytes.clone(),
        other => panic!("{other:?}"),
    };
    let mut all = Vec::new();
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            all.push(changed);
        }
        all.push(bytes[..place].to_vec());
    }
    let is_text = matches!(value, Value::Text(_));
    // SQLite keeps text as it is given, but the library does not give text that is none.
    let as_stored = |bytes: Vec<u8>| match String::from_utf8(bytes) {
        Ok(text) if is_text => Value::Text(text),
        Ok(text) => Value::Blob(text.into_bytes()),
        Err(error) => Value::Blob(error.into_bytes()),
    };
    all.into_iter().map(as_stored).collect()
}

/// Calls `check` with each damaged form of a value in the file.
fn with_each_damage(directory: &Path, table: &str, column: &str, key: &str, mut check: impl FnMut(&str)) {
    let connection = rusqlite::Connection::open(directory.join(JOURNAL_FILE_NAME)).unwrap();
    let select = format!("SELECT {column} FROM {table} WHERE {key}");
    let value: Value = connection.query_row(&select, [], |row| row.get(0)).unwrap();
    let update = format!("UPDATE {table} SET {column} = ?1 WHERE {key}");
    for changed in damaged(&value) {
        connection.execute(&update, [&changed]).unwrap();
        check(&format!("{column} changed to {changed:?}"));
    }
    connection.execute(&update, [&value]).unwrap();
}

#[test]
fn a_changed_row_of_a_closed_session_was_not_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let records = small_journal(directory.path());
    let mut reader = open_reader(directory.path()).unwrap();
    let columns = [
        "session_id",
        "start_sequence",
        "last_sequence",
        "started_at",
        "closed_at",
        "report_suite",
        "content_id",
        "visitor_id",
        "row",
        "checksum",
        "row_checksum",
    ];
    let second = OutboxPosition::new(2);
    for column in columns {
        let check = |what: &str| {
            let first = reader.outbox(OutboxPosition::default(), 10).unwrap();
            assert_eq!(first, records[..1], "{what}: what stands before it is whole");
            let Err(Error::DamagedRow(damaged)) = reader.outbox(first[0].position, 10) else {
                panic!("{what}: it was not noticed");
            };
            assert_eq!((damaged.first, damaged.last), (second, second), "{what}");
            let is_sure = damaged.session.is_some_and(|known| known.is_sure);
            assert_eq!(is_sure, ["row", "row_checksum"].contains(&column), "{what}: {damaged:?}");
            assert_eq!(reader.outbox(damaged.last, 10).unwrap(), records[2..], "{what}");
            if column != "session_id" {
                let found = reader.closed_session(&session(2));
                assert!(matches!(found, Err(Error::DamagedRow(_))), "{what}: {found:?}");
            }
        };
        with_each_damage(directory.path(), "closed_sessions", column, "position = 2", check);
    }
    let verified = |reader: &mut SqliteReader| reader.verify().unwrap();
    assert_eq!(verified(&mut reader), Vec::<String>::new());
    with_each_damage(directory.path(), "closed_sessions", "row", "position = 2", |what| {
        let findings = verified(&mut reader);
        let name = format!("closed session {} (position 2) cannot be read: ", session(2));
        assert!(findings.iter().any(|finding| finding.starts_with(&name)), "{what}: {findings:?}");
    });
}

#[test]
fn a_lost_row_of_a_closed_session_was_passed_by() {
    let directory = tempfile::tempdir().unwrap();
    let records = small_journal(directory.path());
    let mut reader = open_reader(directory.path()).unwrap();
    let lost = |outcome: Result<Vec<ClosedRecord>, Error>| match outcome {
        Err(Error::DamagedRow(damaged)) => (damaged.first.get(), damaged.last.get()),
        other => panic!("{other:?}"),
    };
    change_file(directory.path(), "DELETE FROM closed_sessions WHERE position = 2", []);
    assert_eq!(reader.outbox(OutboxPosition::default(), 10).unwrap(), records[..1]);
    assert_eq!(lost(reader.outbox(OutboxPosition::new(1), 10)), (2, 2));
    assert!(reader.outbox_sessions(OutboxPosition::new(1), 10).is_err());
    assert_eq!(reader.outbox(OutboxPosition::new(2), 10).unwrap(), records[2..]);
    assert_eq!(reader.outbox(OutboxPosition::new(1), 0).unwrap(), [], "nothing was asked for");
    change_file(directory.path(), "UPDATE closed_sessions SET row = 'x' WHERE position = 3", []);
    assert_eq!(lost(reader.outbox(OutboxPosition::new(1), 10)), (2, 2), "not only the damaged one behind it");
    change_file(directory.path(), "DELETE FROM closed_sessions WHERE position = 3", []);
    assert_eq!(lost(reader.outbox(OutboxPosition::new(1), 10)), (2, 3));
    let findings = reader.verify().unwrap();
    assert_eq!(findings, ["the closed sessions at positions 2 to 3 cannot be read: nothing is there"]);
}

#[test]
fn a_changed_state_of_an_open_session_was_not_noticed() {
    let directory = tempfile::tempdir().unwrap();
    small_journal(directory.path());
    let mut reader = open_reader(directory.path()).unwrap();
    for column in ["state", "checksum"] {
        with_each_damage(directory.path(), "open_sessions", column, "start_sequence = 5", |what| {
            let states: Vec<RecoveryItem> =
                reader.recover().unwrap().items.map(Result::unwrap).take(3).collect();
            let [RecoveryItem::Checkpoint(first), damaged, RecoveryItem::Checkpoint(last)] = &states[..]
            else {
                panic!("{what}: {states:?}");
            };
            assert_eq!((first.start_sequence.get(), last.start_sequence.get()), (4, 6));
            let RecoveryItem::DamagedCheckpoint { start_sequence, .. } = damaged else {
                panic!("{what}: it was not noticed");
            };
            assert_eq!(start_sequence.get(), 5);
            let findings = reader.verify().unwrap();
            let name = "the state of the open session that begins with event 5 cannot be read: ";
            assert!(findings.iter().any(|finding| finding.starts_with(name)), "{what}: {findings:?}");
        });
    }
}

#[test]
fn what_a_release_before_wrote_without_checksums_is_read_as_before() {
    let directory = tempfile::tempdir().unwrap();
    let records = small_journal(directory.path());
    let connection = rusqlite::Connection::open(directory.path().join(JOURNAL_FILE_NAME)).unwrap();
    connection
        .execute_batch(
            "ALTER TABLE open_sessions DROP COLUMN checksum;
             ALTER TABLE closed_sessions DROP COLUMN checksum;
             ALTER TABLE closed_sessions DROP COLUMN row_checksum;
             ALTER TABLE meta DROP COLUMN checksum;
             DELETE FROM meta WHERE key NOT IN ('journal/created_at_ms', 'journal/replay_from');
             PRAGMA user_version = 2;",
        )
        .unwrap();
    // Releases before left positions out.
    connection.execute("DELETE FROM closed_sessions WHERE position = 2", []).unwrap();
    drop(connection);
    let expected = [records[0].clone(), records[2].clone()];
    let check = |reader: &mut SqliteReader| {
        assert_eq!(reader.outbox(OutboxPosition::default(), 10).unwrap(), expected);
        assert_eq!(samples::recover(reader).checkpoints.len(), 3);
        assert_eq!(reader.events_from(Sequence::FIRST, 10).unwrap().len(), 6);
        assert_eq!(reader.verify().unwrap(), Vec::<String>::new());
    };
    check(&mut open_reader(directory.path()).unwrap());
    let mut journal = open(directory.path());
    let mut reader = open_reader(directory.path()).unwrap();
    check(&mut reader);

    // What is written from now on has checksums, and a row without one is not what was written.
    events_commit(&journal, 5, 1, b"{}").write(&mut journal).unwrap();
    let new = SampleCommit { closed: vec![closed(7, 7, 2_000)], ..SampleCommit::default() };
    new.write(&mut journal).unwrap();
    assert_eq!(reader.outbox(OutboxPosition::new(3), 10).unwrap().len(), 1);
    change_file(directory.path(), "UPDATE closed_sessions SET checksum = NULL WHERE position = 4", []);
    assert!(matches!(reader.outbox(OutboxPosition::new(3), 10), Err(Error::DamagedRow(_))));
}

#[test]
fn a_trim_is_not_taken_for_a_loss() {
    let directory = tempfile::tempdir().unwrap();
    small_journal(directory.path());
    let mut journal = open(directory.path());
    events_commit(&journal, 6, 4, b"{}").write(&mut journal).unwrap();
    journal.acknowledge(OutboxPosition::new(2)).unwrap();
    assert_eq!(journal.trim_closed(0..0, 10).unwrap(), 2);
    assert_eq!(journal.trim(Sequence::new(7), 10).unwrap().groups, 1);
    let mut reader = open_reader(directory.path()).unwrap();
    assert_eq!(reader.outbox(OutboxPosition::default(), 10).unwrap().len(), 1);
    assert_eq!(reader.events_from(Sequence::FIRST, 10).unwrap().len(), 4);
    assert_eq!(reader.events_of(Sequence::new(3), 10).unwrap(), []);
    assert_eq!(reader.verify().unwrap(), Vec::<String>::new());
}

/// Everything that the events of a journal give, page after page; and the error that ended it.
fn all_events(reader: &mut dyn JournalReader) -> (Vec<OwnedEvent>, Option<Error>) {
    let mut events: Vec<OwnedEvent> = Vec::new();
    loop {
        let from = events.last().map_or(Sequence::FIRST, |event| event.sequence.next());
        match reader.events_from(from, 50) {
            Ok(page) if page.is_empty() => return (events, None),
            Ok(page) => events.extend(page),
            Err(error) => return (events, Some(error)),
        }
    }
}

/// The same of closed sessions; damaged ones are passed over.
fn all_closed(reader: &dyn JournalReader) -> (Vec<ClosedRecord>, Option<Error>) {
    let mut records: Vec<ClosedRecord> = Vec::new();
    let mut after = OutboxPosition::default();
    let mut damage = None;
    loop {
        match reader.outbox(after, 50) {
            Ok(page) => match page.last() {
                Some(last) => {
                    after = last.position;
                    records.extend(page);
                }
                None => return (records, damage),
            },
            Err(Error::DamagedRow(damaged)) => {
                assert!(damaged.last > after, "{damaged:?}");
                after = damaged.last;
                damage = Some(Error::DamagedRow(damaged));
            }
            Err(error) => return (records, Some(error)),
        }
    }
}

#[test]
fn a_damaged_page_hid_thousands_of_intact_events_without_a_word() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = open(directory.path());
    for number in 0..150_u64 {
        let mut commit = events_commit(&journal, 5, 4, &[b'x'; 300]);
        let first = journal.next_sequence().get();
        let last = first + 3;
        commit.closed = vec![ClosedRecord { row: vec![b'r'; 700], ..closed(first, first, 1_000) }];
        commit.checkpoints =
            vec![CheckpointState { start_sequence: Sequence::new(last), state: vec![b's'; 500] }];
        commit.replay_from = (number % 50 == 49).then_some(last + 1);
        commit.write(&mut journal).unwrap();
    }
    journal.copy_whole_wal().unwrap();
    drop(journal);
    let path = directory.path().join(JOURNAL_FILE_NAME);
    let whole = std::fs::read(&path).unwrap();
    let mut reader = open_reader(directory.path()).unwrap();
    let ((events, None), (records, None)) = (all_events(&mut reader), all_closed(&reader)) else {
        panic!("it is whole");
    };
    assert_eq!((events.len(), records.len()), (600, 150));
    drop(reader);

    let mut random = Random(0x5eed);
    let (mut damaged_files, mut noticed) = (0, 0);
    for page in (0..whole.len()).step_by(limits::PAGE_BYTES as usize) {
        // The head of a page, where SQLite keeps what it finds its cells by, and anything behind it.
        let places =
            [random.below(8), random.below(12), 8 + random.below(60), random.below(limits::PAGE_BYTES)];
        for place in places.map(|place| page + place as usize).into_iter().filter(|place| *place >= 100) {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << random.below(8);
            std::fs::write(&path, &bytes).unwrap();
            damaged_files += 1;
            let what = format!("byte {} of page {}", place - page, 1 + page / limits::PAGE_BYTES as usize);
            let Ok(mut reader) = open_reader(directory.path()) else {
                noticed += 1;
                continue;
            };
            let (read, error) = all_events(&mut reader);
            let (closed, damage) = all_closed(&reader);
            assert_eq!(read, events[..read.len()], "{what}");
            assert!(read.len() == events.len() || error.is_some(), "{what}: {} events", read.len());
            assert!(closed.iter().all(|record| records.contains(record)), "{what}");
            assert!(closed.len() == records.len() || damage.is_some(), "{what}: {} sessions", closed.len());
            let findings = reader.verify().unwrap_or_else(|error| vec![error.to_string()]);
            if error.is_some() || damage.is_some() {
                assert!(!findings.is_empty(), "{what}: {error:?} {damage:?}");
            }
            noticed += usize::from(!findings.is_empty());
        }
    }
    // The rest hit bytes that nothing is kept in.
    assert!(damaged_files > 100 && noticed * 2 > damaged_files, "{noticed} of {damaged_files}");
}
