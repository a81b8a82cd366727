//! Writes reports into a folder: whole or not at all, never over anything else, and never outside the operator's directory.

use std::fs::File;
use std::io::{Error as IoError, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, Mode, OFlags, RenameFlags, linkat, mkdirat, open, openat, renameat_with, unlinkat,
};
use rustix::io::Errno;

use crate::kept::schedule::places::folder_of;
use crate::limits::FILES_OF_ONE_NAME;
use crate::schedules::run::NotSent;

/// A file to be written.
#[derive(Debug)]
pub(crate) struct NewFile<'a> {
    /// The operator's directory.
    pub(crate) root: &'a Path,
    /// The folder below it.
    pub(crate) folder: &'a str,
    /// Its name, without the ending.
    pub(crate) stem: &'a str,
    /// The ending of its name.
    pub(crate) extension: &'a str,
    /// Whose it is: a schedule has one file at a time that is not whole.
    pub(crate) owner: &'a str,
    /// What it holds.
    pub(crate) bytes: &'a [u8],
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl NewFile<'_> {
    /// Writes it, and returns its path below the operator's directory. A file of that name with the same bytes is left as it
    /// is: an earlier run wrote it whose end nobody noticed.
    ///
    /// # Errors
    ///
    /// If the directory is gone, the disk is full, or the like.
    pub(crate) fn write(&self) -> Result<String, NotSent> {
        let directory = self.directory()?;
        let part = format!(".{}.part", self.owner);
        let name = self.write_into(directory.as_fd(), &part).inspect_err(|_| {
            // What is left of it goes; if that fails too, the next run of the schedule takes its place.
            let _gone = unlinkat(&directory, &*part, AtFlags::empty());
        })?;
        Ok(if self.folder == "." { name } else { format!("{}/{name}", self.folder) })
    }

    /// Opens the folder, and makes what is missing of it. The operator's directory itself is not made: where it is missing, a
    /// disk may be.
    fn directory(&self) -> Result<OwnedFd, NotSent> {
        let mut directory = open(self.root, DIRECTORY, Mode::empty())
            .map_err(|error| self.failed("the server's directory for reports cannot be opened", error))?;
        for part in folder_of(self.folder).map_err(NotSent::for_good)? {
            let open_part = || openat(&directory, part, DIRECTORY | OFlags::NOFOLLOW, Mode::empty());
            let opened = match open_part() {
                Err(Errno::NOENT) => match mkdirat(&directory, part, Mode::RWXU | Mode::RWXG | Mode::RWXO) {
                    Ok(()) | Err(Errno::EXIST) => open_part(),
                    Err(error) => Err(error),
                },
                opened => opened,
            };
            directory = opened.map_err(|error| self.failed("the folder cannot be opened", error))?;
        }
        Ok(directory)
    }

    fn write_into(&self, directory: BorrowedFd<'_>, part: &str) -> Result<String, NotSent> {
        let failed = |error: Errno| self.failed("the file cannot be written", error);
        let broken = |error: IoError| NotSent::this_time(format!("the file cannot be written: {error}"));
        match unlinkat(directory, part, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(failed(error)),
        }
        let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
        let mut file = File::from(openat(directory, part, new, mode).map_err(failed)?);
        file.write_all(self.bytes).and_then(|()| file.sync_all()).map_err(broken)?;
        for place in 1..=FILES_OF_ONE_NAME {
            let behind = if place == 1 { String::new() } else { format!("-{place}") };
            let name = format!("{}{behind}.{}", self.stem, self.extension);
            match take_name(directory, part, &name) {
                Ok(()) => {
                    rustix::fs::fsync(directory).map_err(failed)?;
                    return Ok(name);
                }
                Err(Errno::EXIST) if self.is_whole(directory, &name) => {
                    unlinkat(directory, part, AtFlags::empty()).map_err(failed)?;
                    return Ok(name);
                }
                Err(Errno::EXIST) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(NotSent::for_good(format!(
            "{FILES_OF_ONE_NAME} files with the name of this report are there already"
        )))
    }

    /// Whether a file holds exactly these bytes.
    fn is_whole(&self, directory: BorrowedFd<'_>, name: &str) -> bool {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let Ok(file) = openat(directory, name, flags, Mode::empty()).map(File::from) else { return false };
        let is_as_long =
            file.metadata().is_ok_and(|data| data.is_file() && data.len() == self.bytes.len() as u64);
        let mut found = Vec::new();
        is_as_long
            && file.take(self.bytes.len() as u64).read_to_end(&mut found).is_ok()
            && found == self.bytes
    }

    fn failed(&self, what: &str, error: Errno) -> NotSent {
        NotSent::this_time(format!("{what}: {}", IoError::from(error)))
    }
}

/// Gives a file a name that no other one has.
fn take_name(directory: BorrowedFd<'_>, part: &str, name: &str) -> Result<(), Errno> {
    match renameat_with(directory, part, directory, name, RenameFlags::NOREPLACE) {
        // Not every file system can do that; most of the others have hard links.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            linkat(directory, part, directory, name, AtFlags::empty())?;
            unlinkat(directory, part, AtFlags::empty())
        }
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn write(root: &Path, folder: &str, bytes: &[u8]) -> Result<String, NotSent> {
        NewFile { root, folder, stem: "report", extension: "csv", owner: "0123", bytes }.write()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_took_the_place_of_another_or_was_left_half_written() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        fs::write(root.join(".0123.part"), "half of another day").unwrap();
        assert_eq!(write(root, ".", b"one").unwrap(), "report.csv");
        assert_eq!(write(root, ".", b"two").unwrap(), "report-2.csv");
        assert_eq!(write(root, ".", b"one").unwrap(), "report.csv");
        assert_eq!(write(root, "a/b", b"one").unwrap(), "a/b/report.csv");
        assert_eq!(names(root), ["a", "report-2.csv", "report.csv"]);
        assert_eq!(fs::read(root.join("report.csv")).unwrap(), b"one");
        assert_eq!(fs::read(root.join("a/b/report.csv")).unwrap(), b"one");
    }

    #[test]
    fn a_report_left_the_directory_of_the_operator() {
        let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        symlink(other.path(), root.path().join("out")).unwrap();
        for folder in ["out", "..", "a/../..", "/tmp"] {
            assert!(write(root.path(), folder, b"one").is_err(), "{folder}");
        }
        symlink(other.path().join("target"), root.path().join("report.csv")).unwrap();
        assert_eq!(write(root.path(), ".", b"one").unwrap(), "report-2.csv");
        assert!(names(other.path()).is_empty());
    }

    #[test]
    fn a_directory_that_is_gone_was_made_anew() {
        let root = tempfile::tempdir().unwrap();
        let gone = root.path().join("disk");
        let fault = write(&gone, "daily", b"one").unwrap_err();
        assert!(
            fault.may_pass && fault.message.contains("directory for reports cannot be opened"),
            "{fault:?}"
        );
        assert!(!gone.exists());
        fs::write(&gone, "a file").unwrap();
        assert!(write(&gone, ".", b"one").unwrap_err().may_pass);
        fs::write(root.path().join("daily"), "a file").unwrap();
        assert!(write(root.path(), "daily", b"one").unwrap_err().message.contains("folder cannot be opened"));
    }
}
