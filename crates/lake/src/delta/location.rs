//! The location of the lake: a directory, or a bucket of an object store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use deltalake::ObjectStore;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::client::SpawnedReqwestConnector;
use object_store::memory::InMemory;
use tokio::runtime::Handle;
use url::Url;

use crate::delta::synced_files::SyncedFiles;
use crate::error::Error;

/// The location of a lake.
#[derive(Debug, Clone)]
pub struct Location {
    /// The store; `/` is the root of the file system or of the bucket.
    pub(crate) store: Arc<dyn ObjectStore>,
    /// The URL, which ends with `/`; the tables are its folders.
    pub(crate) url: Url,
    /// The directory, if the lake is on this machine.
    pub(crate) directory: Option<PathBuf>,
}

impl Location {
    /// Parses an operator's location: a directory, `file:///...`, or `s3://bucket/prefix`. `environment` holds the
    /// variables `AWS_...` for an object store: endpoint, region, credentials. Requests to an object store run in the
    /// runtime of the caller, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::Location`] if the kind of location is not supported, or a variable is invalid.
    pub fn parse(text: &str, environment: &[(String, String)]) -> Result<Self, Error> {
        match text.split_once("://") {
            None => Self::directory(Path::new(text)),
            Some(("file", _)) => {
                let url = Url::parse(text).map_err(|error| misplaced(text, error.to_string()))?;
                let path = url.to_file_path();
                Self::directory(&path.map_err(|()| misplaced(text, "it names no directory here".into()))?)
            }
            Some(("s3" | "s3a", _)) => Self::bucket(text, environment),
            Some((scheme, _)) => Err(misplaced(
                text,
                format!("{scheme}:// is not supported; a directory, file:// and s3:// are"),
            )),
        }
    }

    /// A directory; it does not have to exist yet.
    ///
    /// # Errors
    ///
    /// [`Error::Location`] if the path cannot be a URL.
    pub fn directory(path: &Path) -> Result<Self, Error> {
        let text = path.display().to_string();
        let absolute = std::path::absolute(path).map_err(|error| misplaced(&text, error.to_string()))?;
        let url = Url::from_directory_path(&absolute)
            .map_err(|()| misplaced(&text, "the path makes no URL".into()))?;
        Ok(Self { store: Arc::new(SyncedFiles::new()), url, directory: Some(absolute) })
    }

    /// A location in memory, for tests and benchmarks; it ends with its last clone.
    ///
    /// # Errors
    ///
    /// None; the signature matches that of the others.
    pub fn memory() -> Result<Self, Error> {
        let url = Url::parse("memory:///lake/").map_err(|error| misplaced("memory", error.to_string()))?;
        Ok(Self { store: Arc::new(InMemory::new()), url, directory: None })
    }

    /// A directory behind a store of the caller, for tests in which operations fail.
    ///
    /// # Errors
    ///
    /// As for [`Location::directory`].
    pub fn directory_through(path: &Path, store: Arc<dyn ObjectStore>) -> Result<Self, Error> {
        Ok(Self { store, ..Self::directory(path)? })
    }

    fn bucket(text: &str, environment: &[(String, String)]) -> Result<Self, Error> {
        let mut url = Url::parse(text).map_err(|error| misplaced(text, error.to_string()))?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        // Conditional writes are on by default; every version is made with one.
        let mut builder = AmazonS3Builder::new();
        for (name, value) in environment.iter().filter(|(name, _)| name.starts_with("AWS_")) {
            // Variables that the store does not know are for other programs.
            if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
            // An endpoint without TLS is the operator's explicit choice.
            if name.starts_with("AWS_ENDPOINT") && value.starts_with("http://") {
                builder = builder.with_allow_http(true);
            }
        }
        // Upkeep blocks its thread for long and connections are shared, so requests run where they do not block others.
        if let Ok(handle) = Handle::try_current() {
            builder = builder.with_http_connector(SpawnedReqwestConnector::new(handle));
        }
        let bucket = url.host_str().ok_or_else(|| misplaced(text, "it names no bucket".into()))?;
        let store =
            builder.with_bucket_name(bucket).build().map_err(|error| misplaced(text, error.to_string()))?;
        Ok(Self { store: Arc::new(store), url, directory: None })
    }

    /// The location as a URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The folder of a table.
    pub(crate) fn table_url(&self, table: &str) -> Result<Url, Error> {
        self.url.join(&format!("{table}/")).map_err(|error| misplaced(self.url.as_str(), error.to_string()))
    }
}

fn misplaced(location: &str, message: String) -> Error {
    Error::Location { location: location.to_owned(), message }
}
