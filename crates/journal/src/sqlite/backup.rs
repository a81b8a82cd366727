//! A copy of the journal, made while a writer goes on.

use std::fs::File;
use std::path::Path;

use super::schema::{self, JOURNAL_FILE_NAME};
use crate::error::{Error, SqliteContext};

/// Writes a copy of the journal of `directory` into the directory `target`, which exists and has no journal. It is the
/// journal as of one moment, on disk when this returns; a writer and readers go on meanwhile.
///
/// # Errors
///
/// [`Error::Missing`] if there is no journal, [`Error::File`] if the target has one or cannot be written, and the errors of
/// reading.
pub fn copy_journal(directory: &Path, target: &Path) -> Result<(), Error> {
    let path = target.join(JOURNAL_FILE_NAME);
    let failed = |context, source| Error::File { context, path: path.clone(), source };
    if path.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(failed("cannot write a copy of the journal to", source));
    }
    let connection = schema::open_for_reading(directory)?;
    let text = path.to_str().ok_or_else(|| {
        let source = std::io::Error::from(std::io::ErrorKind::InvalidFilename);
        failed("cannot write a copy of the journal to", source)
    })?;
    connection.execute("VACUUM INTO ?1", [text]).context("copying the journal")?;
    File::open(&path).and_then(|file| file.sync_all()).map_err(|source| failed("cannot sync", source))?;
    schema::sync_directory(target)
}
