//! Files on this machine, of which those of a table's log are on disk before they can be seen.
//!
//! A version of a table is a file that appears as a whole, but without syncing first a power cut may leave its name without
//! its content, and a table with an empty version cannot be read.

use std::fs::{self, OpenOptions};
use std::io::{Error as IoError, ErrorKind, Write};
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use deltalake::ObjectStore;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStoreExt,
    PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};

/// The folder of a table's log.
const LOG: &str = "_delta_log";

/// The store's name in its errors.
const NAME: &str = "synced files";

/// The file system of this machine.
#[derive(Debug, Clone)]
pub(crate) struct SyncedFiles(Arc<LocalFileSystem>);

impl SyncedFiles {
    pub(crate) fn new() -> Self {
        Self(Arc::new(LocalFileSystem::new()))
    }
}

impl std::fmt::Display for SyncedFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

fn is_of_log(location: &Path) -> bool {
    location.parts().any(|part| part.as_ref() == LOG)
}

/// Writes a file that appears with all its content, which is on disk by then.
fn write_synced(path: &FilePath, payload: &PutPayload, is_new: bool) -> std::result::Result<(), IoError> {
    let mut number = 0;
    let (staged, mut file) = loop {
        // Names that end so are not listed by the store.
        let staged = PathBuf::from(format!("{}#{number}", path.display()));
        match OpenOptions::new().write(true).create_new(true).open(&staged) {
            Ok(file) => break (staged, file),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) if error.kind() == ErrorKind::NotFound && number == 0 => {
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
                number += 1;
            }
            Err(error) => return Err(error),
        }
    };
    let written = payload.iter().try_for_each(|piece| file.write_all(piece)).and_then(|()| file.sync_all());
    let outcome =
        written.and_then(|()| if is_new { fs::hard_link(&staged, path) } else { fs::rename(&staged, path) });
    if is_new || outcome.is_err() {
        // A staged file that stays takes room, and nothing else.
        let _removed = fs::remove_file(&staged);
    }
    outcome
}

fn failed(location: &Path, error: IoError) -> Error {
    match error.kind() {
        ErrorKind::AlreadyExists => Error::AlreadyExists { path: location.to_string(), source: error.into() },
        _ => Error::Generic { store: NAME, source: error.into() },
    }
}

#[async_trait]
impl ObjectStore for SyncedFiles {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let is_new = match &options.mode {
            PutMode::Create => true,
            PutMode::Overwrite => false,
            PutMode::Update(_) => return self.0.put_opts(location, payload, options).await,
        };
        if !is_of_log(location) {
            return self.0.put_opts(location, payload, options).await;
        }
        let path = self.0.path_to_filesystem(location)?;
        let written = tokio::task::spawn_blocking(move || write_synced(&path, &payload, is_new)).await;
        let written = written.map_err(|error| Error::Generic { store: NAME, source: error.into() })?;
        written.map_err(|error| failed(location, error))?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        if !is_of_log(location) {
            return self.0.put_multipart_opts(location, options).await;
        }
        let staged = Path::from(format!("{location}.part"));
        let inner = self.0.put_multipart_opts(&staged, options).await?;
        Ok(Box::new(Upload { inner, files: self.0.clone(), staged, location: location.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.0.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.0.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.0.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.0.copy_opts(from, to, options).await
    }
}

/// A large file of a log, which gets its name when it is on disk.
#[derive(Debug)]
struct Upload {
    inner: Box<dyn MultipartUpload>,
    files: Arc<LocalFileSystem>,
    staged: Path,
    location: Path,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.inner.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let result = self.inner.complete().await?;
        let path = self.files.path_to_filesystem(&self.staged)?;
        let synced = fs::File::open(path).and_then(|file| file.sync_all());
        synced.map_err(|error| failed(&self.location, error))?;
        self.files.rename(&self.staged, &self.location).await?;
        Ok(result)
    }

    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}

/// Takes away the last version of a log if it is empty: a power cut has left its name without its content, so nothing
/// that relies on it can have happened. Releases before this did not sync it before they named it. Returns whether it did.
pub(crate) fn remove_empty_version(log: &FilePath) -> std::result::Result<bool, IoError> {
    let mut last: Option<(std::ffi::OsString, u64)> = None;
    for entry in fs::read_dir(log)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_version = FilePath::new(&name).extension().is_some_and(|extension| extension == "json");
        if is_version && last.as_ref().is_none_or(|(latest, _)| *latest < name) {
            last = Some((name, entry.metadata()?.len()));
        }
    }
    let Some((name, 0)) = last else { return Ok(false) };
    fs::remove_file(log.join(&name))?;
    tracing::warn!(version = %log.join(&name).display(), "an empty version of a table was taken away: a power cut left it");
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_version_appears_once_and_whole() {
        let directory = tempfile::tempdir().unwrap();
        let files = SyncedFiles::new();
        let location =
            Path::from_absolute_path(directory.path().join("table").join(LOG).join("0.json")).unwrap();
        let create = || PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        files.put_opts(&location, "first".into(), create()).await.unwrap();
        let again = files.put_opts(&location, "second".into(), create()).await;
        assert!(matches!(again, Err(Error::AlreadyExists { .. })), "{again:?}");
        let read = async || files.get(&location).await.unwrap().bytes().await.unwrap();
        assert_eq!(read().await, "first");
        files.put(&location, "third".into()).await.unwrap();
        assert_eq!(read().await, "third");
        let left = fs::read_dir(directory.path().join("table").join(LOG)).unwrap().count();
        assert_eq!(left, 1, "staged files are left");
    }

    #[tokio::test]
    async fn a_large_file_of_a_log_appears_whole() {
        let directory = tempfile::tempdir().unwrap();
        let files = SyncedFiles::new();
        let path = directory.path().join(LOG).join("1.checkpoint.parquet");
        let location = Path::from_absolute_path(&path).unwrap();
        let mut upload = files.put_multipart(&location).await.unwrap();
        upload.put_part("half and ".into()).await.unwrap();
        assert!(!path.exists());
        upload.put_part("half".into()).await.unwrap();
        upload.complete().await.unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "half and half");
    }

    #[test]
    fn only_the_last_version_is_taken_away_and_only_if_it_is_empty() {
        let directory = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        put("00.json", "");
        put("01.json", "{}");
        assert!(!remove_empty_version(directory.path()).unwrap());
        put("02.json", "");
        put("_last_checkpoint", "");
        assert!(remove_empty_version(directory.path()).unwrap());
        assert!(!directory.path().join("02.json").exists() && directory.path().join("01.json").exists());
    }
}
