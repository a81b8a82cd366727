//! What is left after a crash: the database as it was, and a write-ahead log cut or damaged anywhere.
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
    CheckpointState, Error, JOURNAL_FILE_NAME, Journal, JournalReader, Log, OpenOptions, OutboxPosition,
    ProgressReader, Sequence, SqliteJournal, open_reader,
};
use samples::{Random, SampleCommit, closed, event, recover};
use tempfile::TempDir;

/// Bytes of the log's own header, of a frame's header, and of a frame.
const LOG_HEADER_BYTES: u64 = 32;
const FRAME_HEADER_BYTES: u64 = 24;
const FRAME_BYTES: u64 = FRAME_HEADER_BYTES + 8192;

/// Commit `number`, from 1: two to four events, a closed session, a checkpoint and settings that all carry the number,
/// so that half a commit would show. Some bodies are large, so that commits differ in frames.
fn numbered_commit(number: u64, first: u64) -> SampleCommit {
    let received_at_ms = number as i64;
    let length = if number.is_multiple_of(3) { 30_000 } else { 300 };
    let count = 2 + number % 3;
    let body = vec![number as u8; length];
    SampleCommit {
        received_at_ms,
        events: (first..first + count)
            .map(|sequence| event(sequence, received_at_ms, sequence, None, &body))
            .collect(),
        checkpoints: vec![CheckpointState {
            start_sequence: Sequence::new(1),
            state: number.to_le_bytes().to_vec(),
        }],
        closed: vec![closed(number + 1_000_000, first + 1, received_at_ms)],
        replay_from: None,
        accounting: Some(number.to_le_bytes().to_vec()),
    }
}

/// The two files as they lie on the disk while the writer has them open. Read through a copy that another process
/// makes: closing a database file drops this process's own locks on it.
struct Files {
    database: Vec<u8>,
    log: Vec<u8>,
}

impl Files {
    fn of(directory: &Path) -> Self {
        let copy = tempfile::tempdir().unwrap();
        let log_name = format!("{JOURNAL_FILE_NAME}-wal");
        for name in [JOURNAL_FILE_NAME, &log_name] {
            assert!(
                Command::new("cp").arg(directory.join(name)).arg(copy.path()).status().unwrap().success()
            );
        }
        let read = |name: &str| std::fs::read(copy.path().join(name)).unwrap();
        Self { database: read(JOURNAL_FILE_NAME), log: read(&log_name) }
    }

    /// A data directory with the database and this log, as a restart after a crash finds it.
    fn restored_with(&self, log: &[u8]) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(JOURNAL_FILE_NAME), &self.database).unwrap();
        std::fs::write(directory.path().join(format!("{JOURNAL_FILE_NAME}-wal")), log).unwrap();
        directory
    }
}

/// How many numbered commits a journal holds; fails when it holds anything but a whole number of them.
fn commits_in(directory: &Path) -> u64 {
    let mut journal = SqliteJournal::open(directory, OpenOptions::new(0)).unwrap();
    let mut reader = open_reader(directory).unwrap();
    assert_eq!(reader.verify().unwrap(), Vec::<String>::new());
    let found = recover(&mut reader);
    let number =
        found.accounting.as_ref().map_or(0, |number| u64::from_le_bytes(number[..].try_into().unwrap()));

    let mut events = Vec::new();
    for earlier in 1..=number {
        events.extend(numbered_commit(earlier, events.len() as u64 + 1).events);
    }
    assert_eq!(found.events, events);
    assert_eq!(found.next_sequence, events.len() as u64 + 1);
    let states: Vec<Vec<u8>> = found.checkpoints.into_iter().map(|checkpoint| checkpoint.state).collect();
    let expected_states: Vec<Vec<u8>> =
        (number > 0).then(|| number.to_le_bytes().to_vec()).into_iter().collect();
    assert_eq!(states, expected_states);
    let sessions: Vec<_> = reader
        .outbox(OutboxPosition::new(0), 1_000)
        .unwrap()
        .into_iter()
        .map(|record| record.session)
        .collect();
    assert_eq!(sessions, (1..=number).map(|number| samples::session(number + 1_000_000)).collect::<Vec<_>>());

    // And it goes on from there.
    numbered_commit(number + 1, journal.next_sequence().get()).write(&mut journal).unwrap();
    assert_eq!(recover(&mut reader).next_sequence, journal.next_sequence().get());
    number
}

/// Commits `count` numbered commits behind those that the journal holds; returns where the log ends after each.
fn write_commits(journal: &mut SqliteJournal, numbers: std::ops::RangeInclusive<u64>) -> Vec<(u64, u64)> {
    let mut ends = Vec::new();
    for number in numbers {
        numbered_commit(number, journal.next_sequence().get()).write(journal).unwrap();
        ends.push((number, LOG_HEADER_BYTES + journal.wal_state().unwrap().log_bytes));
    }
    ends
}

/// The last commit whose frames all lie before `intact_bytes` of the log; `base` when there is none.
fn last_commit_before(ends: &[(u64, u64)], base: u64, intact_bytes: u64) -> u64 {
    ends.iter().filter(|(_, end)| *end <= intact_bytes).map(|(number, _)| *number).max().unwrap_or(base)
}

/// Places that are likely to be handled wrongly, and places that nobody thought of.
fn places(log_bytes: u64, random: &mut Random) -> Vec<u64> {
    let mut places = vec![0, 1, LOG_HEADER_BYTES - 1, LOG_HEADER_BYTES];
    let mut frame = LOG_HEADER_BYTES;
    while frame < log_bytes {
        places.extend([frame, frame + 1, frame + FRAME_HEADER_BYTES, frame + FRAME_BYTES - 1]);
        frame += FRAME_BYTES;
    }
    // All of them take too long; each run takes the same ones.
    let mut chosen: Vec<u64> = (0..40).map(|_| places[random.below(places.len() as u64) as usize]).collect();
    chosen.extend((0..20).map(|_| random.below(log_bytes)));
    chosen.retain(|place| *place < log_bytes);
    chosen
}

#[test]
fn a_log_cut_anywhere_leaves_whole_commits_up_to_the_cut() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(directory.path(), OpenOptions::new(0)).unwrap();
    let ends = write_commits(&mut journal, 1..=9);
    let files = Files::of(directory.path());
    assert_eq!(files.log.len() as u64, ends[8].1, "the log ends with the last commit");
    assert_eq!(commits_in(files.restored_with(&files.log).path()), 9);
    for cut in places(files.log.len() as u64, &mut Random(0x51)) {
        let restored = files.restored_with(&files.log[..cut as usize]);
        assert_eq!(commits_in(restored.path()), last_commit_before(&ends, 0, cut), "cut at {cut}");
    }
}

#[test]
fn a_log_damaged_anywhere_leaves_whole_commits_up_to_the_damage() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(directory.path(), OpenOptions::new(0)).unwrap();
    let ends = write_commits(&mut journal, 1..=9);
    let files = Files::of(directory.path());
    let mut random = Random(0x52);
    for place in places(files.log.len() as u64, &mut random) {
        let mut log = files.log.clone();
        let length = (1 + random.below(5_000) as usize).min(log.len() - place as usize);
        for byte in &mut log[place as usize..place as usize + length] {
            *byte ^= 0xa5;
        }
        // Damage in a frame takes the whole frame; before the first, all of them.
        let frames_before = place.saturating_sub(LOG_HEADER_BYTES) / FRAME_BYTES;
        let intact =
            if place < LOG_HEADER_BYTES { 0 } else { LOG_HEADER_BYTES + frames_before * FRAME_BYTES };
        let restored = files.restored_with(&log);
        assert_eq!(commits_in(restored.path()), last_commit_before(&ends, 0, intact), "damage at {place}");
    }
}

#[test]
fn what_a_torn_write_leaves_behind_the_last_commit_is_ignored() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(directory.path(), OpenOptions::new(0)).unwrap();
    write_commits(&mut journal, 1..=4);
    let files = Files::of(directory.path());
    let mut random = Random(0x53);
    let stale_frames = files.log[LOG_HEADER_BYTES as usize..].to_vec();
    let garbage: Vec<u8> = (0..20_000).map(|_| random.below(256) as u8).collect();
    for tail in [vec![0; 20_000], garbage, stale_frames, vec![0xff; 5]] {
        let log = [files.log.as_slice(), &tail].concat();
        assert_eq!(commits_in(files.restored_with(&log).path()), 4);
    }
}

#[test]
fn a_log_that_started_over_keeps_what_was_copied_before() {
    let directory = tempfile::tempdir().unwrap();
    let options = OpenOptions { copy_after_bytes: 1, ..OpenOptions::new(0) };
    let mut journal = SqliteJournal::open(directory.path(), options).unwrap();
    let earlier = write_commits(&mut journal, 1..=9);
    // Copies the whole log; the next commit starts it over, with the old frames behind it.
    journal.maintain().unwrap();
    let ends = write_commits(&mut journal, 10..=13);
    assert!(ends[0].1 < earlier[8].1, "the log started over");
    let files = Files::of(directory.path());
    assert!(files.log.len() as u64 > ends[3].1, "old frames are behind the new ones");
    assert_eq!(commits_in(files.restored_with(&files.log).path()), 13);
    for cut in places(ends[3].1, &mut Random(0x54)) {
        let restored = files.restored_with(&files.log[..cut as usize]);
        assert_eq!(commits_in(restored.path()), last_commit_before(&ends, 9, cut), "cut at {cut}");
    }
    assert_eq!(commits_in(files.restored_with(&[]).path()), 9);
}

/// A sync that fails leaves complete frames behind the last commit. They are put there here by way of a copy of the
/// journal that does commit them.
#[test]
fn frames_of_a_refused_commit_do_not_come_back_after_the_probe() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(directory.path(), OpenOptions::new(0)).unwrap();
    write_commits(&mut journal, 1..=3);
    let files = Files::of(directory.path());

    let elsewhere = files.restored_with(&files.log);
    let mut other = SqliteJournal::open(elsewhere.path(), OpenOptions::new(0)).unwrap();
    write_commits(&mut other, 4..=4);
    let stale_frames = Files::of(elsewhere.path()).log.split_off(files.log.len());
    let log_path = directory.path().join(format!("{JOURNAL_FILE_NAME}-wal"));
    let mut log = std::fs::OpenOptions::new().append(true).open(log_path).unwrap();
    std::io::Write::write_all(&mut log, &stale_frames).unwrap();

    let with_stale_frames = Files::of(directory.path());
    let crashed = with_stale_frames.restored_with(&with_stale_frames.log);
    assert_eq!(commits_in(crashed.path()), 4, "without a probe a crash brings the refused commit back");

    journal.set_max_bytes(Some(8192)).unwrap();
    let refused = samples::events_commit(&journal, 4, 1, &[0; 100_000]).write(&mut journal);
    assert!(matches!(refused, Err(Error::DiskFull { .. })), "{refused:?}");
    journal.maintain().unwrap();
    let after_probe = Files::of(directory.path());
    assert_eq!(commits_in(after_probe.restored_with(&after_probe.log).path()), 3);

    journal.set_max_bytes(None).unwrap();
    write_commits(&mut journal, 4..=5);
    let at_last = Files::of(directory.path());
    assert_eq!(commits_in(at_last.restored_with(&at_last.log).path()), 5);
}

#[test]
fn a_crash_during_creation_leaves_a_file_that_opens() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(JOURNAL_FILE_NAME), b"").unwrap();
    assert!(matches!(open_reader(directory.path()), Err(Error::Missing { .. })));
    assert_eq!(commits_in(directory.path()), 0);
}
