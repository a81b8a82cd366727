//! A store over the file system that fails at one of its writes: before or after the write took effect, once or for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};

/// The failure of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Whether the write takes effect although it fails.
    pub(crate) is_written: bool,
    /// Whether everything fails from then on, as if the process had crashed.
    pub(crate) is_last: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct FailingStore {
    inner: Arc<LocalFileSystem>,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    fails_at: usize,
    failure: Failure,
    /// Only writes to paths that contain this count.
    about: &'static str,
    writes: AtomicUsize,
    lists: AtomicUsize,
    is_dead: AtomicBool,
}

impl FailingStore {
    /// Fails at that write, counted from 0.
    pub(crate) fn at(fails_at: usize, failure: Failure) -> Self {
        Self::about("", fails_at, failure)
    }

    /// Fails at that write to a path that contains `about`.
    pub(crate) fn about(about: &'static str, fails_at: usize, failure: Failure) -> Self {
        let state = State {
            fails_at,
            failure,
            about,
            writes: AtomicUsize::new(0),
            lists: AtomicUsize::new(0),
            is_dead: AtomicBool::new(false),
        };
        Self { inner: Arc::new(LocalFileSystem::new()), state: Arc::new(state) }
    }

    /// Never fails.
    pub(crate) fn sound() -> Self {
        Self::at(usize::MAX, Failure { is_written: false, is_last: false })
    }

    /// Whether there were enough writes to reach the failure.
    pub(crate) fn has_failed(&self) -> bool {
        self.state.writes.load(Ordering::SeqCst) > self.state.fails_at
    }

    /// The number of listings.
    pub(crate) fn lists(&self) -> usize {
        self.state.lists.load(Ordering::SeqCst)
    }

    fn error() -> object_store::Error {
        object_store::Error::Generic { store: "failing", source: "told to fail".into() }
    }

    fn read(&self) -> Result<()> {
        if self.state.is_dead.load(Ordering::SeqCst) { Err(Self::error()) } else { Ok(()) }
    }

    /// Whether this write is the one that fails.
    fn write(&self, path: &Path) -> Result<Option<Failure>> {
        self.read()?;
        if !path.as_ref().contains(self.state.about) {
            return Ok(None);
        }
        let is_now = self.state.writes.fetch_add(1, Ordering::SeqCst) == self.state.fails_at;
        if is_now && self.state.failure.is_last {
            self.state.is_dead.store(true, Ordering::SeqCst);
        }
        Ok(is_now.then_some(self.state.failure))
    }

    async fn written<T>(&self, path: &Path, write: impl Future<Output = Result<T>>) -> Result<T> {
        match self.write(path)? {
            None => write.await,
            Some(Failure { is_written, .. }) => {
                if is_written {
                    write.await?;
                }
                Err(Self::error())
            }
        }
    }
}

impl std::fmt::Display for FailingStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FailingStore")
    }
}

/// An upload whose completion counts as the write.
#[derive(Debug)]
struct Upload {
    inner: Box<dyn MultipartUpload>,
    store: FailingStore,
    path: Path,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.inner.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let store = self.store.clone();
        store.written(&self.path.clone(), self.inner.complete()).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}

#[async_trait]
impl ObjectStore for FailingStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.written(location, self.inner.put_opts(location, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.read()?;
        let inner = self.inner.put_multipart_opts(location, options).await?;
        Ok(Box::new(Upload { inner, store: self.clone(), path: location.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.read()?;
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        match self.read() {
            Ok(()) => self.inner.delete_stream(locations),
            Err(error) => futures::stream::once(async { Err(error) }).boxed(),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.state.lists.fetch_add(1, Ordering::SeqCst);
        match self.read() {
            Ok(()) => self.inner.list(prefix),
            Err(error) => futures::stream::once(async { Err(error) }).boxed(),
        }
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.state.lists.fetch_add(1, Ordering::SeqCst);
        match self.read() {
            Ok(()) => self.inner.list_with_offset(prefix, offset),
            Err(error) => futures::stream::once(async { Err(error) }).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.read()?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.written(to, self.inner.copy_opts(from, to, options)).await
    }
}
