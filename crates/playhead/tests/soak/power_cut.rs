//! Power cuts: the data directory lies on a file system that loses everything that was not synced.
//!
//! The file system is an ext4 image on a loop device. Its shutdown call, without flushing the log, is what a cut is to it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

use crate::chance::{Chance, is_long, seed};
use crate::load::{Ledger, OpenPaths};
use crate::support::{ServerProcess, playhead, run, wait_until};

const ARGS: [&str; 8] = [
    "--reorder-window",
    "0ms",
    "--lake-interval",
    "300ms",
    "--checkpoint-interval",
    "200ms",
    "--admin-token",
    "token-of-the-trials",
];

/// Players at a time.
const PLAYERS: u64 = 4;

/// The request to ext4 to stop at once: `_IOR('X', 125, u32)` with 2, "do not flush the log".
const CUT: &str = "import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";

/// A library that makes syncing do nothing.
const NO_SYNC: &str = "
int fsync(int file) { return 0; }
int fdatasync(int file) { return 0; }
int syncfs(int file) { return 0; }
int sync_file_range(int file, long from, long bytes, unsigned flags) { return 0; }
int msync(void *from, unsigned long bytes, int flags) { return 0; }
void sync(void) {}
";

/// A file system whose power can be cut. It is taken away when the test ends.
struct Disk {
    image: PathBuf,
    mount: PathBuf,
    is_mounted: bool,
}

impl Disk {
    /// A new one; `None` where loop mounts are not allowed.
    fn new(directory: &Path) -> Option<Self> {
        let (image, mount) = (directory.join("disk.img"), directory.join("disk"));
        std::fs::create_dir_all(&mount).unwrap();
        std::fs::File::create(&image).unwrap().set_len(256 << 20).unwrap();
        let made = Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image).output();
        let is_made = made.is_ok_and(|made| made.status.success());
        let mut disk = Self { image, mount, is_mounted: false };
        (is_made && geteuid().is_root() && disk.mount()).then_some(disk)
    }

    fn mount(&mut self) -> bool {
        let mounted = Command::new("mount").args(["-o", "loop"]).arg(&self.image).arg(&self.mount).output();
        self.is_mounted = mounted.is_ok_and(|mounted| mounted.status.success());
        self.is_mounted
    }

    fn cut(&self) {
        let mut command = Command::new("python3");
        let cut = run(command.args(["-c", CUT]).arg(&self.mount));
        assert_eq!(cut.code, Some(0), "{}", cut.err);
    }

    /// Mounts it again, as after a cut.
    fn come_back(&mut self) {
        wait_until("nobody uses the disk", || {
            Command::new("umount").arg(&self.mount).output().unwrap().status.success().then_some(())
        });
        assert!(self.mount(), "the file system does not come back");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            let _already_gone = Command::new("umount").args(["-l"]).arg(&self.mount).output();
        }
    }
}

/// One cut under load. Returns how many events were acknowledged, and what is wrong afterwards; `None` where no power
/// can be cut.
fn cut_once(seed: u64, library: Option<&Path>) -> Option<(usize, Vec<String>)> {
    let directory = TempDir::new().unwrap();
    let mut disk = Disk::new(directory.path())?;
    let data = disk.mount.join("data");
    let mut chance = Chance::new(seed);
    let mut server = match library {
        Some(library) => ServerProcess::start_with_library(&data, &ARGS, library),
        None => ServerProcess::start_on(&data, &ARGS),
    };
    let stop = AtomicBool::new(false);
    let is_cut = Arc::new(AtomicBool::new(false));
    let ledgers: Vec<Ledger> = std::thread::scope(|scope| {
        let players: Vec<_> = (0..PLAYERS)
            .map(|number| {
                let (server, stop, is_cut) = (&server, &stop, is_cut.clone());
                let mut chance = Chance::new(seed ^ (number + 1));
                scope.spawn(move || {
                    let mut ledger = Ledger { is_cut, ..Ledger::default() };
                    let mut open = OpenPaths::new();
                    while !stop.load(Ordering::SeqCst) {
                        ledger.send(server, &mut open, &mut chance);
                    }
                    ledger
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(300 + chance.below(1_500)));
        is_cut.store(true, Ordering::SeqCst);
        disk.cut();
        let pid = Pid::from_raw(i32::try_from(server.pid()).unwrap()).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
        stop.store(true, Ordering::SeqCst);
        players.into_iter().map(|player| player.join().unwrap()).collect()
    });
    server.kill9();
    let all = Ledger {
        events: ledgers.into_iter().flat_map(|ledger| ledger.events).collect(),
        ..Ledger::default()
    };
    disk.come_back();
    // Without syncing, there may not even be a journal.
    if library.is_some() && !data.join("journal.sqlite3").exists() {
        return Some((all.acknowledged(), vec!["lost: everything".into()]));
    }
    let mut server = ServerProcess::start_on(&data, &ARGS);
    let faults = all.faults(&server).unwrap_or_else(|error| vec![error]);
    if library.is_none() {
        let verified = playhead(&["verify", "--thorough", "--data", data.to_str().unwrap()]);
        assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
    }
    server.kill9();
    Some((all.acknowledged(), faults))
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let cuts = if is_long() { 24 } else { 3 };
    let seed = seed();
    let mut acknowledged = 0;
    for number in 0..cuts {
        let Some((count, faults)) = cut_once(seed.wrapping_add(number), None) else {
            println!("SKIPPED: NO POWER WAS CUT, because loop mounts are not allowed here");
            return;
        };
        assert!(faults.is_empty(), "cut {number}: {faults:?}");
        acknowledged += count;
    }
    assert!(acknowledged > 100, "only {acknowledged} events were acknowledged: the load was none");
    let library = no_sync();
    let (count, faults) = cut_once(seed, Some(&library.path().join("nosync.so"))).unwrap();
    assert!(!faults.is_empty(), "without syncing, none of {count} events was lost: the cut was none");
    println!(
        "{cuts} cuts, {acknowledged} acknowledged events: nothing lost, nothing doubled; without syncing {} of {count} lost",
        faults.len()
    );
}

/// The library that makes syncing do nothing, built.
fn no_sync() -> TempDir {
    let directory = TempDir::new().unwrap();
    let source = directory.path().join("nosync.c");
    std::fs::write(&source, NO_SYNC).unwrap();
    let built = run(Command::new("cc")
        .args(["-shared", "-fPIC", "-w", "-o"])
        .arg(directory.path().join("nosync.so"))
        .arg(&source));
    assert_eq!(built.code, Some(0), "{}", built.err);
    directory
}
