//! What operators and machines do to a data directory, in any order, with events in between: nothing that was
//! acknowledged is lost, nothing is there twice, unless `verify` says so.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::chance::{Chance, is_long, seed};
use crate::clock::Clock;
use crate::load::{Kept, Ledger, OpenPaths};
use crate::support::{Ended, ServerProcess, playhead};

/// Sessions close at once; rows move into the tables when a step says so.
const ARGS: [&str; 10] = [
    "--reorder-window",
    "0ms",
    "--lake-interval",
    "1h",
    "--checkpoint-interval",
    "200ms",
    // The events are of one day, and the clock may be any.
    "--event-retention",
    "none",
    // One that an older copy of the journal knows as well.
    "--admin-token",
    "token-of-the-trials",
];

/// A data directory, what runs on it, and what was sent to it.
struct History {
    /// Dropped after the server.
    _directory: TempDir,
    data: PathBuf,
    clock: Clock,
    chance: Chance,
    server: Option<ServerProcess>,
    ledger: Ledger,
    open: OpenPaths,
    /// Bodies that the tables have for certain.
    in_tables: BTreeSet<String>,
    copy: Option<JournalCopy>,
    /// Whether bytes were changed.
    is_damaged: bool,
    told: Vec<String>,
}

/// A copy of the journal, and what had been acknowledged when it was made.
struct JournalCopy {
    path: PathBuf,
    acknowledged: BTreeSet<String>,
}

/// What happens next.
#[derive(Debug, Clone, Copy)]
enum Step {
    Send,
    Maintain,
    Restart,
    Kill,
    CopyJournal,
    PutJournalBack,
    BackUpAndRestore,
    CloneBeside,
    Flip,
    SetClock,
}

const STEPS: [Step; 14] = [
    Step::Send,
    Step::Send,
    Step::Send,
    Step::Maintain,
    Step::Maintain,
    Step::Restart,
    Step::Kill,
    Step::CopyJournal,
    Step::PutJournalBack,
    Step::BackUpAndRestore,
    Step::CloneBeside,
    Step::Flip,
    Step::SetClock,
    Step::SetClock,
];

#[test]
fn no_history_loses_or_doubles_what_was_acknowledged() {
    let (histories, steps) = if is_long() { (200, 10) } else { (4, 6) };
    let seed = seed();
    let mut acknowledged = 0;
    for number in 0..histories {
        let mut history = History::begin(seed.wrapping_add(number));
        for _ in 0..steps {
            history.step();
        }
        acknowledged += history.end();
    }
    println!(
        "{histories} histories, {acknowledged} acknowledged events: each is there once, or verify names it"
    );
    assert!(acknowledged > 0);
}

#[test]
fn a_clock_that_was_set_is_seen_by_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::new(directory.path());
    let mut chance = Chance::new(seed());
    let server = ServerProcess::start_with_library(&directory.path().join("data"), &ARGS, clock.library());
    while clock.step(&mut chance) != "400 days ahead" {}
    let mut ledger = Ledger::default();
    ledger.send(&server, &mut OpenPaths::new(), &mut chance);
    let sessions = server.get_json("/reports/v1/sessions");
    let received_at = sessions["sessions"][0]["received_at"].as_str().unwrap().to_owned();
    let now = jiff::Timestamp::now().to_string();
    assert!(received_at[..4] > now[..4], "without another time, a trial shows nothing: {received_at} {now}");
}

impl History {
    fn begin(seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let mut history = Self {
            clock: Clock::new(directory.path()),
            _directory: directory,
            server: None,
            data,
            chance: Chance::new(seed),
            ledger: Ledger::default(),
            open: OpenPaths::new(),
            in_tables: BTreeSet::new(),
            copy: None,
            is_damaged: false,
            told: vec![format!("seed {seed}")],
        };
        history.start();
        history.step_of(Step::Send);
        history
    }

    /// Starts a server. One that does not start on damaged bytes has said why.
    fn start(&mut self) {
        let (data, library) = (self.data.clone(), self.clock.library());
        let started =
            catch_unwind(AssertUnwindSafe(|| ServerProcess::start_with_library(&data, &ARGS, library)));
        match started {
            Ok(server) => self.server = Some(server),
            Err(_) => assert!(self.is_damaged, "no start after {:?}", self.told),
        }
    }

    fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            assert!(server.sigterm().success(), "{:?}", self.told);
        }
        // The last hand-over of a stop.
        self.note_in_tables();
    }

    fn note_in_tables(&mut self) {
        if !self.is_damaged {
            self.in_tables = self.acknowledged();
        }
    }

    fn acknowledged(&self) -> BTreeSet<String> {
        let must = self.ledger.events.iter().filter(|(_, kept)| **kept == Kept::Must);
        must.map(|(body, _)| body.clone()).collect()
    }

    fn step(&mut self) {
        let step = *self.chance.one_of(&STEPS);
        if self.server.is_some() {
            self.step_of(step);
        }
    }

    fn step_of(&mut self, step: Step) {
        self.told.push(format!("{step:?}"));
        match step {
            Step::Send => {
                let Some(server) = &self.server else { return };
                self.ledger.send(server, &mut self.open, &mut self.chance);
            }
            Step::Maintain => {
                let Some(server) = &self.server else { return };
                let (status, answer) = server.post_with_token("/reports/v1/maintenance", "");
                if status == 200 && !answer.contains("failed") {
                    self.note_in_tables();
                } else {
                    assert!(self.is_damaged, "{status} {answer} {:?}", self.told);
                }
            }
            Step::Restart => {
                self.stop();
                self.start();
            }
            Step::Kill => {
                if let Some(mut server) = self.server.take() {
                    server.kill9();
                }
                self.start();
            }
            Step::CopyJournal => self.copy_journal(),
            Step::PutJournalBack => self.put_journal_back(),
            Step::BackUpAndRestore => self.back_up_and_restore(),
            Step::CloneBeside => self.clone_beside(),
            Step::Flip => self.flip(),
            // The server goes on; what it takes up next, it takes up by the new time.
            Step::SetClock => self.told.push(self.clock.step(&mut self.chance).to_owned()),
        }
    }

    fn copy_journal(&mut self) {
        self.stop();
        let path = self.data.with_file_name("copy");
        let _none = std::fs::remove_dir_all(&path);
        copy(&self.data, &path, |name| name.starts_with("journal"));
        self.copy = Some(JournalCopy { path, acknowledged: self.acknowledged() });
        self.start();
    }

    /// Puts the copy back. What neither the copy nor the tables have is gone by the hand of the operator.
    fn put_journal_back(&mut self) {
        let Some(kept) = self.copy.take() else { return };
        // A stop would bring the rest into the tables; a crash does not.
        if self.chance.below(2) == 0 {
            self.stop();
        } else if let Some(mut server) = self.server.take() {
            server.kill9();
        }
        for entry in std::fs::read_dir(&self.data).unwrap().map(Result::unwrap) {
            if entry.file_name().to_str().unwrap().starts_with("journal") {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
        copy(&kept.path, &self.data, |_| true);
        for (body, sure) in &mut self.ledger.events {
            if !kept.acknowledged.contains(body) && !self.in_tables.contains(body) {
                *sure = Kept::May;
            }
        }
        self.copy = Some(kept);
        self.start();
    }

    /// Copies all with the command while the server runs, and goes on with the copy.
    fn back_up_and_restore(&mut self) {
        let backup = self.data.with_file_name(format!("backup-{}", self.told.len()));
        let Ended { code, err, .. } =
            playhead(&["backup", "--data", text(&self.data), "--to", text(&backup)]);
        if code != Some(0) {
            assert!(self.is_damaged, "{err} {:?}", self.told);
            return;
        }
        let has_copied = self.acknowledged();
        self.step_of(Step::Send);
        self.stop();
        std::fs::remove_dir_all(&self.data).unwrap();
        let Ended { code, err, .. } =
            playhead(&["restore", "--data", text(&self.data), "--from", text(&backup)]);
        assert_eq!(code, Some(0), "{err} {:?}", self.told);
        for (body, sure) in &mut self.ledger.events {
            if !has_copied.contains(body) {
                *sure = Kept::May;
            }
        }
        self.in_tables.retain(|body| has_copied.contains(body));
        self.start();
    }

    /// Copies the directory and lets a second server work on the copy, beside the first, into the same tables.
    fn clone_beside(&mut self) {
        self.stop();
        let cloned = self.data.with_file_name(format!("clone-{}", self.told.len()));
        copy(&self.data, &cloned, |name| name.starts_with("journal"));
        self.start();
        let tables = self.data.join("lake");
        let args = [&ARGS[..], &["--lake", text(&tables)]].concat();
        let mut beside = ServerProcess::start_with_library(&cloned, &args, self.clock.library());
        let mut open = OpenPaths::new();
        self.step_of(Step::Send);
        self.ledger.send(&beside, &mut open, &mut self.chance);
        self.step_of(Step::Maintain);
        // Both end their open sessions in their own way, so only what the clone got is followed.
        assert!(beside.sigterm().success(), "{:?} {}", self.told, beside.log());
        self.step_of(Step::Maintain);
    }

    /// Changes a byte in some file.
    fn flip(&mut self) {
        self.stop();
        let files = files_below(&self.data);
        let file = self.chance.one_of(&files).clone();
        let mut bytes = std::fs::read(&file).unwrap();
        if !bytes.is_empty() {
            let place = usize::try_from(self.chance.below(bytes.len() as u64)).unwrap();
            bytes[place] ^= 1 << self.chance.below(8);
            std::fs::write(&file, bytes).unwrap();
            self.told.push(format!("byte {place} of {}", file.display()));
            self.is_damaged = true;
        }
        self.start();
    }

    /// Looks at what is left; returns how many events were acknowledged and are still owed.
    fn end(mut self) -> usize {
        self.step_of(Step::Maintain);
        let acknowledged = self.ledger.acknowledged();
        let faults = match &self.server {
            Some(server) => self.ledger.faults(server),
            None => Err("the server does not start".to_owned()),
        };
        let is_sound = faults.as_ref().is_ok_and(Vec::is_empty);
        if !is_sound {
            let verified = playhead(&["verify", "--thorough", "--data", text(&self.data)]);
            let is_named = verified.code == Some(1) && self.is_damaged;
            assert!(is_named, "{faults:?}\n{}{}\n{:?}", verified.out, verified.err, self.told);
        }
        drop(self.server.take());
        acknowledged
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn copy(from: &Path, to: &Path, is_of_copy: impl Fn(&str) -> bool) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_file() && is_of_copy(&name) {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

/// All files of a directory that are kept, in order of their names.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&path));
        } else if path.file_name().is_some_and(|name| name != "journal.lock") {
            found.push(path);
        }
    }
    found.sort();
    found
}
