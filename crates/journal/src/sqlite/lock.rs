//! The lock file that keeps a second writer out of a data directory.
//!
//! The lock is advisory and belongs to the open file, so it ends with the process however that ends; a lock file that
//! was left behind means nothing. The file is never removed: removing it would let two writers lock two files of one
//! name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The lock file's name in the data directory. It holds the writer's process id as decimal text.
pub const LOCK_FILE_NAME: &str = "playhead.lock";

/// The writer's hold on its data directory; let go when dropped.
#[derive(Debug)]
pub(crate) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock of `directory` without waiting.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] when another writer has it, [`Error::File`] when the file cannot be used.
    pub(crate) fn acquire(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(LOCK_FILE_NAME);
        let failed =
            |path: PathBuf| move |source| Error::File { context: "cannot use the lock file", path, source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed(path.clone()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse { pid: read_pid(&mut file), path }),
            Err(TryLockError::Error(source)) => return Err(failed(path)(source)),
        }
        // Emptied first: a longer process id of an earlier writer must not shine through.
        file.set_len(0).map_err(failed(path.clone()))?;
        file.write_all(format!("{}\n", std::process::id()).as_bytes()).map_err(failed(path))?;
        Ok(Self { _file: file })
    }
}

/// The process id in the lock file; `None` when its writer has not come to write it, or it is not a number.
fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_told_who_has_the_lock() {
        let directory = tempfile::tempdir().unwrap();
        let held = WriterLock::acquire(directory.path()).unwrap();
        match WriterLock::acquire(directory.path()) {
            Err(Error::InUse { path, pid }) => {
                assert_eq!(path, directory.path().join(LOCK_FILE_NAME));
                assert_eq!(pid, Some(std::process::id()));
            }
            other => panic!("{other:?}"),
        }
        drop(held);
        WriterLock::acquire(directory.path()).unwrap();
    }

    #[test]
    fn a_lock_file_left_by_a_dead_writer_does_not_lock() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(LOCK_FILE_NAME);
        std::fs::write(&path, "4294967295 and more that is no number").unwrap();
        let _held = WriterLock::acquire(directory.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{}\n", std::process::id()));
    }
}
