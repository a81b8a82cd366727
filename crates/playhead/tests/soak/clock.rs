//! The server's clock, set while it runs: a library in front of the system's tells another time of day.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::chance::Chance;
use crate::support::run;

/// Adds the seconds of a file to the time of day. All that counts the time that passes stays as it is.
const LIBRARY: &str = "
#include <fcntl.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = syscall(SYS_clock_gettime, clock, now);
    if (result != 0 || clock != CLOCK_REALTIME) return result;
    long long seconds = 0;
    int file = open(SECONDS_FILE, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    if (read(file, &seconds, sizeof seconds) == sizeof seconds) now->tv_sec += seconds;
    close(file);
    return 0;
}
";

const HOUR_S: i64 = 3_600;

/// A clock that can be set.
pub(crate) struct Clock {
    seconds: PathBuf,
    library: PathBuf,
}

impl Clock {
    /// A clock that is right, with its library in a directory.
    pub(crate) fn new(directory: &Path) -> Self {
        let (source, library) = (directory.join("clock.c"), directory.join("clock.so"));
        let clock = Self { seconds: directory.join("clock.seconds"), library };
        clock.set(0);
        std::fs::write(&source, LIBRARY).unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o"]).arg(&clock.library).arg(&source);
        compiler.arg(format!("-DSECONDS_FILE=\"{}\"", clock.seconds.display()));
        let compiled = run(&mut compiler);
        assert_eq!(compiled.code, Some(0), "{}", compiled.err);
        clock
    }

    /// What a program loads to have this clock.
    pub(crate) fn library(&self) -> &Path {
        &self.library
    }

    /// Sets it, and says to what: ahead, back, to where a machine without a battery begins, or right.
    pub(crate) fn step(&self, chance: &mut Chance) -> &'static str {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let to_1970 = -i64::try_from(now).unwrap();
        let (what, seconds) = *chance.one_of(&[
            ("right", 0),
            ("an hour back", -HOUR_S),
            ("a day ahead", 24 * HOUR_S),
            ("400 days ahead", 400 * 24 * HOUR_S),
            ("1970", to_1970),
        ]);
        self.set(seconds);
        what
    }

    fn set(&self, seconds: i64) {
        // Nobody reads half of it.
        let beside = self.seconds.with_extension("new");
        std::fs::write(&beside, seconds.to_ne_bytes()).unwrap();
        std::fs::rename(beside, &self.seconds).unwrap();
    }
}
