//! Copies of a data directory: made while a server works in it, checked, and put back.
//!
//! A copy is a directory with the journal, the tables, and a list of all files with their hashes, which is written last.
//! First the versions of the tables are noted, then the journal is copied, then the files of those versions: what the
//! tables do not have by then is in the copied journal, and the journal is never older than its tables.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use playhead_journal::{JOURNAL_FILE_NAME, JournalReader, copy_journal, open_reader};
use playhead_lake::{CopiedFile, Lake, Location};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::tables::line::stored_lake_name;

/// The list of files of a copy.
const LIST_NAME: &str = "backup.json";

/// The folder of the tables in a copy.
const TABLES: &str = "lake";

/// The format of copies that this release writes, and the newest that it puts back.
const FORMAT: u32 = 1;

/// Bytes that are read at a time.
const READ_BYTES: usize = 1024 * 1024;

/// Why a copy cannot be made or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something where the copy is to go, or where it is to be put back.
    #[error("{place} is not empty: {advice}")]
    NotEmpty {
        /// The place.
        place: String,
        /// The advice.
        advice: &'static str,
    },
    /// The directory is no complete copy.
    #[error("{place} is not a complete backup: {reason}")]
    Incomplete {
        /// The directory.
        place: String,
        /// The reason.
        reason: String,
    },
    /// The copy is damaged.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// The journal cannot be read or copied.
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    /// The tables cannot be read or copied.
    #[error(transparent)]
    Lake(#[from] playhead_lake::Error),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or directory.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
}

/// The content of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    format: u32,
    /// When it was made: milliseconds since the Unix epoch.
    pub made_at_ms: i64,
    /// The sequence that the next event would have got.
    pub next_sequence: u64,
    /// The position of the last closed session.
    pub last_position: u64,
    /// The journal.
    journal: CopiedFile,
    /// The files of the tables.
    tables: Vec<CopiedFile>,
}

impl Copy {
    /// How many files it has.
    pub fn files(&self) -> u64 {
        self.tables.len() as u64 + 1
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.tables.iter().map(|file| file.bytes).sum::<u64>() + self.journal.bytes
    }
}

/// Makes a copy of the data directory `data`, whose tables are at `location`, in the directory `target`, and checks it. A
/// server may work in the data directory meanwhile. `progress` gets the number of files so far and of all.
///
/// # Errors
///
/// If the target is not empty, or something cannot be read, written, or is damaged.
pub async fn back_up(
    data: &Path,
    location: Location,
    target: &Path,
    now_ms: i64,
    mut progress: impl FnMut(u64, u64),
) -> Result<Copy, BackupError> {
    let name = stored_lake_name(&open_reader(data)?)?.unwrap_or_default();
    let is_empty = std::fs::read_dir(target).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty {
        let advice = "give a directory that does not exist yet";
        return Err(BackupError::NotEmpty { place: target.display().to_string(), advice });
    }
    std::fs::create_dir_all(target).map_err(file_error(target))?;
    let lake = Lake::new(location, &name)?;
    let pinned = lake.pin_files().await?;
    copy_journal(data, target)?;
    let tables_target = target.join(TABLES);
    let of = pinned.count() + 1;
    let tables = lake.copy_out(&pinned, &tables_target, |files| progress(files, of)).await?;
    let mut reader = open_reader(target)?;
    let ends = reader.ends()?;
    let mut findings = reader.verify()?;
    drop(reader);
    let copied = Lake::new(Location::directory(&tables_target)?, &name)?;
    let verified = copied.verify(false, |_| {}).await;
    findings.extend(verified.findings.iter().map(ToString::to_string));
    if !findings.is_empty() {
        return Err(BackupError::Damaged(findings.join("; ")));
    }
    let journal = hashed(&target.join(JOURNAL_FILE_NAME), JOURNAL_FILE_NAME)?;
    let copy = Copy {
        format: FORMAT,
        made_at_ms: now_ms,
        next_sequence: ends.next_sequence.get(),
        last_position: ends.last_position.get(),
        journal,
        tables,
    };
    write_list(target, &copy)?;
    progress(of, of);
    Ok(copy)
}

/// Puts a copy back: the journal into the data directory `data`, which has none, and the tables to `location`, which is
/// empty; only the journal if `location` is `None`. Checks every file against the copy's list first.
///
/// # Errors
///
/// If the copy is not complete or damaged, if something is there already, or a file cannot be written.
pub async fn restore(
    source: &Path,
    data: &Path,
    location: Option<Location>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Copy, BackupError> {
    let copy = read_list(source)?;
    for file in
        copy.tables.iter().map(|file| (source.join(TABLES), file)).chain([(source.into(), &copy.journal)])
    {
        let (folder, file) = file;
        if hashed(&folder.join(&file.path), &file.path)? != *file {
            return Err(BackupError::Damaged(format!("{} is not what was copied", file.path)));
        }
    }
    let journal = data.join(JOURNAL_FILE_NAME);
    if journal.exists() {
        let advice = "it has a journal; move it away first";
        return Err(BackupError::NotEmpty { place: data.display().to_string(), advice });
    }
    if let Some(location) = &location {
        if !location.is_empty().await? {
            let advice =
                "it may have tables; move them away, or put back the journal alone with --journal-only";
            return Err(BackupError::NotEmpty { place: location.url().to_string(), advice });
        }
        let of = copy.files();
        location.copy_in(&source.join(TABLES), &copy.tables, |files| progress(files, of)).await?;
    }
    // The journal comes last: a directory without one is not taken for a complete one.
    std::fs::create_dir_all(data).map_err(file_error(data))?;
    let partial = data.join(format!("{JOURNAL_FILE_NAME}.partial"));
    std::fs::copy(source.join(JOURNAL_FILE_NAME), &partial).map_err(file_error(&partial))?;
    File::open(&partial).and_then(|file| file.sync_all()).map_err(file_error(&partial))?;
    std::fs::rename(&partial, &journal).map_err(file_error(&journal))?;
    File::open(data).and_then(|folder| folder.sync_all()).map_err(file_error(data))?;
    progress(copy.files(), copy.files());
    Ok(copy)
}

fn write_list(target: &Path, copy: &Copy) -> Result<(), BackupError> {
    let path = target.join(LIST_NAME);
    let failed = file_error(&path);
    let text = serde_json::to_vec_pretty(copy).map_err(std::io::Error::from);
    let written = text.and_then(|text| {
        std::fs::write(&path, text)?;
        File::open(&path)?.sync_all()?;
        File::open(target)?.sync_all()
    });
    written.map_err(failed)
}

fn read_list(source: &Path) -> Result<Copy, BackupError> {
    let incomplete = |reason: String| BackupError::Incomplete { place: source.display().to_string(), reason };
    let text = std::fs::read(source.join(LIST_NAME))
        .map_err(|error| incomplete(format!("{LIST_NAME} cannot be read ({error})")))?;
    let copy: Copy =
        serde_json::from_slice(&text).map_err(|error| incomplete(format!("{LIST_NAME}: {error}")))?;
    if copy.format > FORMAT {
        let format = copy.format;
        return Err(incomplete(format!("it has format {format}; this release knows formats up to {FORMAT}")));
    }
    let is_outside = |file: &&CopiedFile| {
        file.path.starts_with('/') || file.path.split('/').any(|part| part.is_empty() || part == "..")
    };
    if let Some(file) = copy.tables.iter().chain([&copy.journal]).find(is_outside) {
        return Err(incomplete(format!("{LIST_NAME} names a file outside of it: {}", file.path)));
    }
    Ok(copy)
}

fn hashed(path: &Path, name: &str) -> Result<CopiedFile, BackupError> {
    let mut file = File::open(path).map_err(file_error(path))?;
    let mut hash = Xxh3::new();
    let (mut bytes, mut buffer) = (0, vec![0; READ_BYTES]);
    loop {
        let length = file.read(&mut buffer).map_err(file_error(path))?;
        if length == 0 {
            return Ok(CopiedFile { path: name.to_owned(), bytes, xxh3: format!("{:016x}", hash.digest()) });
        }
        hash.update(&buffer[..length]);
        bytes += length as u64;
    }
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let path = path.display().to_string();
    move |source| BackupError::File { path, source }
}
