//! A lake in a directory of its own, filled from samples, and a store that fails or waits on demand.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::{SessionContext, col};
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result as StoreResult,
};
use playhead_journal::{OwnedEvent, Sequence};
use playhead_lake::{
    Bounds, Done, Lake, Location, Maintenance, MaintenanceSettings, RowsBuilder, Table, event_batch,
};
use playhead_protocol::{Delivery, PackedFacts, Wire};
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::SessionRows;
use tempfile::TempDir;
use tokio::sync::Barrier;

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
pub(crate) const HOUR_MS: i64 = 60 * 60 * 1_000;

pub(crate) struct KeptLake {
    pub(crate) directory: TempDir,
    pub(crate) lake: Arc<Lake>,
    position: u64,
}

/// The time at which files are written, whatever the days of their rows.
pub(crate) fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

pub(crate) fn samples(sessions: u64) -> Sessions {
    Sessions::new(7, SampleSettings { sessions, ..SampleSettings::default() })
}

pub(crate) fn settings(directory: &Path) -> MaintenanceSettings {
    MaintenanceSettings {
        rollup_sessions: 1,
        ..MaintenanceSettings::new(Bounds::new(directory.join("spill")))
    }
}

impl KeptLake {
    pub(crate) fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let lake = lake_at(&directory.path().join("lake"), Arc::new(LocalFileSystem::new()), "here");
        Self { directory, lake, position: 0 }
    }

    /// A copy of the lake on disk, in another directory.
    pub(crate) fn copy(&self) -> Self {
        let directory = TempDir::new().unwrap();
        copy_folder(&self.path(), &directory.path().join("lake"));
        let lake = lake_at(&directory.path().join("lake"), Arc::new(LocalFileSystem::new()), "here");
        Self { directory, lake, position: self.position }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("lake")
    }

    pub(crate) fn settings(&self) -> MaintenanceSettings {
        settings(self.directory.path())
    }

    pub(crate) fn maintenance(&self) -> Maintenance {
        Maintenance::new(self.settings())
    }

    /// The same lake, as another server opens it, through another store.
    pub(crate) fn other(&self, store: Arc<dyn ObjectStore>, server: &str) -> Arc<Lake> {
        lake_at(&self.path(), store, server)
    }

    /// Appends the rows of some sessions to a table.
    pub(crate) async fn append(&mut self, table: Table, rows: impl IntoIterator<Item = SessionRows>) {
        let mut builder = RowsBuilder::new(table, None);
        rows.into_iter().for_each(|rows| builder.push(&rows));
        self.append_batch(table, builder.finish().unwrap()).await;
    }

    /// Appends sample events from this time on.
    pub(crate) async fn append_events(&mut self, first_ms: i64, from: usize, count: usize) -> usize {
        let events = playhead_samples::events(3, first_ms).enumerate().skip(from).take(count);
        let events: Vec<OwnedEvent> = events
            .map(|(place, event)| OwnedEvent {
                sequence: Sequence::new(place as u64 + 1),
                received_at_ms: event.received_at_ms,
                session: event.session,
                previous: None,
                wire: Wire::CollectionV1,
                delivery: Delivery::Live,
                facts: PackedFacts::default(),
                last_of_batch: false,
                body: event.body.into_bytes(),
            })
            .collect();
        self.append_batch(Table::Events, event_batch(&events, "here").unwrap()).await;
        events.iter().map(|event| event.body.len()).sum()
    }

    async fn append_batch(&mut self, table: Table, batch: RecordBatch) {
        self.position += 1;
        self.lake.append(table, [batch], self.position).await.unwrap();
    }
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn lake_at(path: &Path, store: Arc<dyn ObjectStore>, server: &str) -> Arc<Lake> {
    Arc::new(Lake::new(Location::directory_through(path, store).unwrap(), server).unwrap())
}

/// All rows of a table, as text, in a fixed order.
pub(crate) async fn rows(lake: &Lake, table: Table) -> Vec<String> {
    let Some(provider) = lake.snapshot(table).await.unwrap().provider().await.unwrap() else {
        return Vec::new();
    };
    let context = SessionContext::new();
    let order = table.sort_columns().iter().map(|name| col(*name).sort(true, true)).collect();
    let rows = context.read_table(provider).unwrap().sort(order).unwrap().collect().await.unwrap();
    pretty_format_batches(&rows).unwrap().to_string().lines().map(str::to_owned).collect()
}

/// Does all upkeep that is due; none of it may fail.
pub(crate) async fn keep(maintenance: &Maintenance, lake: &Arc<Lake>, now_ms: i64) -> Vec<Done> {
    let mut all = Vec::new();
    maintenance.all(lake, now_ms, |done| all.push(done.as_ref().unwrap().clone())).await;
    all
}

/// Does all upkeep that is due, as far as possible.
pub(crate) async fn try_to_keep(maintenance: &Maintenance, lake: &Arc<Lake>, now_ms: i64) -> Vec<String> {
    let mut errors = Vec::new();
    maintenance.all(lake, now_ms, |done| errors.extend(done.as_ref().err().map(ToString::to_string))).await;
    errors
}

/// The data files in a table's folder, of any version or none.
pub(crate) fn data_files(lake: &Path, table: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(days) = std::fs::read_dir(lake.join(table)) else { return files };
    for day in days.map(Result::unwrap).filter(|day| day.file_name() != "_delta_log") {
        if day.path().is_dir() {
            files.extend(std::fs::read_dir(day.path()).unwrap().map(|file| file.unwrap().path()));
        }
    }
    files
}

/// A store over the file system that refuses to write after some writes, or waits for others before it makes a version.
#[derive(Debug)]
pub(crate) struct Obstructed {
    inner: LocalFileSystem,
    writes: AtomicUsize,
    refused_from: usize,
    gate: Option<Arc<Barrier>>,
    gated: AtomicUsize,
}

impl Obstructed {
    /// Refuses all writes and deletions from that one on.
    pub(crate) fn refusing_from(refused_from: usize) -> Self {
        Self { refused_from, ..Self::waiting_at(None) }
    }

    /// Waits at the gate before the first version that it makes.
    pub(crate) fn waiting_at(gate: Option<Arc<Barrier>>) -> Self {
        Self {
            inner: LocalFileSystem::new(),
            writes: AtomicUsize::new(0),
            refused_from: usize::MAX,
            gate,
            gated: AtomicUsize::new(0),
        }
    }

    pub(crate) fn has_refused(&self) -> bool {
        self.writes.load(Ordering::SeqCst) > self.refused_from
    }

    fn write(&self) -> StoreResult<()> {
        if self.writes.fetch_add(1, Ordering::SeqCst) >= self.refused_from {
            let source = "refused".into();
            return Err(object_store::Error::Generic { store: "obstructed", source });
        }
        Ok(())
    }
}

impl std::fmt::Display for Obstructed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Obstructed")
    }
}

#[async_trait]
impl ObjectStore for Obstructed {
    async fn put_opts(
        &self,
        location: &object_store::path::Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> StoreResult<PutResult> {
        if let Some(gate) = &self.gate
            && location.as_ref().contains("_delta_log")
            && self.gated.fetch_add(1, Ordering::SeqCst) == 0
        {
            // Once to announce itself, once to pass.
            gate.wait().await;
            gate.wait().await;
        }
        self.write()?;
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &object_store::path::Path,
        options: PutMultipartOptions,
    ) -> StoreResult<Box<dyn MultipartUpload>> {
        self.write()?;
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(
        &self,
        location: &object_store::path::Path,
        options: GetOptions,
    ) -> StoreResult<GetResult> {
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, StoreResult<object_store::path::Path>>,
    ) -> BoxStream<'static, StoreResult<object_store::path::Path>> {
        match self.write() {
            Ok(()) => self.inner.delete_stream(locations),
            Err(error) => futures::stream::once(async { Err(error) }).boxed(),
        }
    }

    fn list(&self, prefix: Option<&object_store::path::Path>) -> BoxStream<'static, StoreResult<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(
        &self,
        prefix: Option<&object_store::path::Path>,
    ) -> StoreResult<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &object_store::path::Path,
        to: &object_store::path::Path,
        options: CopyOptions,
    ) -> StoreResult<()> {
        self.write()?;
        self.inner.copy_opts(from, to, options).await
    }
}
