//! Copies of the tables: out of a lake into a directory, and from there into an empty lake.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path as FilePath, PathBuf};

use deltalake::ObjectStore;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStoreExt, WriteMultipart};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::delta::Delta;
use crate::delta::location::Location;
use crate::delta::log_files::{LOG, version_of};
use crate::error::Error;
use crate::lake::Lake;
use crate::limits::COPY_BYTES;

/// Tells where the last checkpoint of a log is.
const LAST_CHECKPOINT: &str = "_last_checkpoint";

/// The files of all tables as of one moment.
#[derive(Debug)]
pub struct PinnedFiles(Vec<PinnedFile>);

#[derive(Debug)]
struct PinnedFile {
    table: &'static str,
    /// Relative to the table.
    path: Path,
}

/// A file of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedFile {
    /// Its path within the copy, with `/` between the parts.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// XXH3 of its bytes, 64 bits, in hexadecimal digits.
    pub xxh3: String,
}

impl PinnedFiles {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }
}

impl Lake {
    /// The files of the latest versions of all tables and rollups.
    ///
    /// # Errors
    ///
    /// If a table cannot be read.
    pub async fn pin_files(&self) -> Result<PinnedFiles, Error> {
        loop {
            let before = self.exclusion_delta().latest().await?.and_then(|table| table.version());
            let mut pinned = Vec::new();
            for delta in self.deltas() {
                delta.pin_files(&mut pinned).await?;
            }
            // The rows of a session that is being excluded are on their way from table to table. Where they are is said
            // before they leave, and after they have come.
            if self.exclusion_delta().latest().await?.and_then(|table| table.version()) == before {
                return Ok(PinnedFiles(pinned));
            }
        }
    }

    /// Copies pinned files into a directory, each table into a folder of its name; they are on disk when this returns.
    /// `progress` gets the number of files so far.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or written. A file may be gone by now because the tables were tidied up: then a new copy is
    /// to be made.
    pub async fn copy_out(
        &self,
        files: &PinnedFiles,
        to: &FilePath,
        mut progress: impl FnMut(u64),
    ) -> Result<Vec<CopiedFile>, Error> {
        let mut copied = Vec::new();
        for file in &files.0 {
            let Some(delta) = self.any_delta(file.table) else { continue };
            let relative = format!("{}/{}", file.table, file.path);
            let target = to.join(&relative);
            let (bytes, xxh3) =
                copy_file_out(&*delta.log_store().object_store(None), &file.path, &target).await?;
            copied.push(CopiedFile { path: relative, bytes, xxh3 });
            progress(copied.len() as u64);
        }
        Ok(copied)
    }
}

impl Location {
    /// Whether nothing is here.
    ///
    /// # Errors
    ///
    /// If the location cannot be read.
    pub async fn is_empty(&self) -> Result<bool, Error> {
        if let Some(directory) = &self.directory {
            return match std::fs::read_dir(directory) {
                Ok(mut entries) => Ok(entries.next().is_none()),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
                Err(source) => Err(Error::Sync { path: directory.display().to_string(), source }),
            };
        }
        let prefix = Path::from_url_path(self.url.path()).map_err(object_store::Error::from)?;
        Ok(self.store.list(Some(&prefix)).try_next().await?.is_none())
    }

    /// Copies files of a copy in `from` to this location, which is empty. The files of logs come last, so that a table is
    /// there as a whole or not at all.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or written, or is not what was copied out.
    pub async fn copy_in(
        &self,
        from: &FilePath,
        files: &[CopiedFile],
        mut progress: impl FnMut(u64),
    ) -> Result<(), Error> {
        let is_of_log = |file: &&CopiedFile| file.path.contains(&format!("/{LOG}/"));
        let is_last = |file: &&CopiedFile| file.path.ends_with(LAST_CHECKPOINT);
        let data = files.iter().filter(|file| !is_of_log(file));
        let log = files.iter().filter(|file| is_of_log(file) && !is_last(file));
        let last = files.iter().filter(|file| is_of_log(file) && is_last(file));
        for (count, file) in (1..).zip(data.chain(log).chain(last)) {
            let source = from.join(&file.path);
            match &self.directory {
                Some(directory) => {
                    let path = Path::from_filesystem_path(&source).map_err(object_store::Error::from)?;
                    let store = object_store::local::LocalFileSystem::new();
                    check(file, copy_file_out(&store, &path, &directory.join(&file.path)).await?)?;
                }
                None => self.upload(&source, file).await?,
            }
            progress(count);
        }
        Ok(())
    }

    async fn upload(&self, source: &FilePath, file: &CopiedFile) -> Result<(), Error> {
        let failed = |error| Error::Sync { path: source.display().to_string(), source: error };
        let path = self.url.join(&file.path).map_err(|error| Error::Location {
            location: self.url.to_string(),
            message: error.to_string(),
        })?;
        let path = Path::from_url_path(path.path()).map_err(object_store::Error::from)?;
        let mut upload = WriteMultipart::new(self.store.put_multipart(&path).await?);
        let mut opened = File::open(source).map_err(failed)?;
        let mut hash = Xxh3::new();
        let (mut bytes, mut buffer) = (0, vec![0; COPY_BYTES]);
        loop {
            let length = opened.read(&mut buffer).map_err(failed)?;
            if length == 0 {
                break;
            }
            hash.update(&buffer[..length]);
            bytes += length as u64;
            upload.write(&buffer[..length]);
            upload.wait_for_capacity(4).await?;
        }
        check(file, (bytes, format!("{:016x}", hash.digest())))?;
        upload.finish().await?;
        Ok(())
    }
}

impl Delta {
    async fn pin_files(&self, pinned: &mut Vec<PinnedFile>) -> Result<(), Error> {
        let Some(table) = self.latest().await? else { return Ok(()) };
        let version = table.version().unwrap_or(0);
        let store = self.log_store().object_store(None);
        let log: Vec<_> = store.list(Some(&Path::from(LOG))).try_collect().await?;
        for file in log {
            let name = file.location.filename().unwrap_or_default();
            let is_wanted = match version_of(name) {
                Some(of_file) => of_file <= version,
                None if name == LAST_CHECKPOINT => {
                    let text = store.get(&file.location).await?.bytes().await?;
                    let text: Option<serde_json::Value> = serde_json::from_slice(&text).ok();
                    text.and_then(|text| text["version"].as_u64()).is_some_and(|of_file| of_file <= version)
                }
                None => false,
            };
            if is_wanted {
                pinned.push(PinnedFile { table: self.name(), path: file.location });
            }
        }
        let data = self.listed().await?;
        pinned.extend(data.into_iter().map(|file| PinnedFile { table: self.name(), path: file.path }));
        Ok(())
    }
}

/// Copies a file to a place on this machine; returns its size and hash.
async fn copy_file_out(
    store: &dyn ObjectStore,
    path: &Path,
    target: &FilePath,
) -> Result<(u64, String), Error> {
    let failed = |source| Error::Sync { path: target.display().to_string(), source };
    let folder: PathBuf = target.parent().map(FilePath::to_path_buf).unwrap_or_default();
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let mut file = File::create_new(target).map_err(failed)?;
    let mut hash = Xxh3::new();
    let mut bytes = 0;
    let mut pieces = store.get(path).await?.into_stream();
    while let Some(piece) = pieces.try_next().await? {
        hash.update(&piece);
        bytes += piece.len() as u64;
        file.write_all(&piece).map_err(failed)?;
    }
    file.sync_all().map_err(failed)?;
    File::open(&folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok((bytes, format!("{:016x}", hash.digest())))
}

fn check(file: &CopiedFile, (bytes, xxh3): (u64, String)) -> Result<(), Error> {
    if (bytes, &xxh3) == (file.bytes, &file.xxh3) {
        return Ok(());
    }
    Err(Error::Damaged { path: file.path.clone() })
}
