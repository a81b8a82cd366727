//! One Delta table: created if it is missing, read as of its latest version, appended to exactly once.

pub(crate) mod append;
pub(crate) mod bounds;
pub(crate) mod columns;
pub(crate) mod data_files;
pub(crate) mod file_list;
pub(crate) mod files;
pub(crate) mod finding;
pub(crate) mod location;
pub(crate) mod log_files;
pub(crate) mod scan;
pub(crate) mod stored_file;
pub(crate) mod synced_files;
pub(crate) mod writing;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use datafusion::arrow::datatypes::SchemaRef;
use deltalake::checkpoints::cleanup_metadata;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::transaction::{
    CommitBuilder, CommitConflictError, CommitProperties, FinalizedCommit, TransactionError,
};
use deltalake::kernel::{Action, StructField, StructType, Transaction};
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::{DeltaTable, DeltaTableError};
use object_store::prefix::PrefixStore;
use tokio::sync::Mutex;

use crate::delta::location::Location;
use crate::delta::log_files::{log_findings, version_of};
use crate::delta::synced_files::remove_empty_version;
use crate::error::Error;
use crate::limits::{CHECKPOINT_VERSIONS, RECENT};
use crate::tables::DAY;
use crate::tables::definition::Definition;

/// A table of the lake.
#[derive(Debug)]
pub(crate) struct Delta {
    definition: Definition,
    location: Location,
    log_store: LogStoreRef,
    seen: Mutex<Seen>,
    /// Versions that this process made.
    written: AtomicU64,
}

/// The last known state of a table.
#[derive(Debug, Default)]
struct Seen {
    /// `None` before the first load, and while the table does not exist.
    table: Option<DeltaTable>,
    looked_at: Option<Instant>,
    /// The version up to which the log is known to be on disk.
    synced: Option<u64>,
}

impl Delta {
    pub(crate) fn new(definition: Definition, location: Location) -> Result<Self, Error> {
        let url = location.table_url(definition.name)?;
        let prefix = object_store::path::Path::from_url_path(url.path())
            .map_err(|error| Error::Location { location: url.to_string(), message: error.to_string() })?;
        let root = location.store.clone();
        let folder = Arc::new(PrefixStore::new(root.clone(), prefix));
        let log_store = default_logstore(folder, root, &url, &StorageConfig::default());
        Ok(Self { definition, location, log_store, seen: Mutex::default(), written: AtomicU64::new(0) })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.definition.name
    }

    /// The columns of this release.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.definition.schema
    }

    pub(crate) fn log_store(&self) -> &LogStoreRef {
        &self.log_store
    }

    pub(crate) fn error(&self, error: &DeltaTableError) -> Error {
        Error::table(self.name(), error)
    }

    /// The table as of its latest version; `None` if it does not exist yet.
    pub(crate) async fn latest(&self) -> Result<Option<DeltaTable>, Error> {
        let mut seen = self.seen.lock().await;
        self.refresh(&mut seen).await?;
        Ok(seen.table.clone())
    }

    /// The table as of a moment ago ([`RECENT`]), with everything that this process wrote, so that a series of queries
    /// does not list the log each time.
    pub(crate) async fn recent(&self) -> Result<Option<DeltaTable>, Error> {
        let mut seen = self.seen.lock().await;
        if seen.looked_at.is_none_or(|looked_at| looked_at.elapsed() >= RECENT) {
            self.refresh(&mut seen).await?;
        }
        Ok(seen.table.clone())
    }

    /// Looks for a newer version, before one is written: what a power cut has left of one is taken away.
    async fn refresh_after_cut(&self, seen: &mut Seen) -> Result<(), Error> {
        let outcome = self.refresh(seen).await;
        if outcome.is_ok() && seen.table.is_some() {
            return Ok(());
        }
        let log = self.folder().map(|folder| folder.join("_delta_log")).filter(|log| log.exists());
        match log.map(|log| remove_empty_version(&log)) {
            Some(Ok(true)) => self.refresh(seen).await,
            _ => outcome,
        }
    }

    /// How many versions this process made.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Looks at the log again the next time, however recently it did.
    pub(crate) async fn look_anew(&self) {
        self.seen.lock().await.looked_at = None;
    }

    async fn refresh(&self, seen: &mut Seen) -> Result<(), Error> {
        let looking = Instant::now();
        if let Some(table) = &mut seen.table {
            let refreshed = table.update_state().await;
            if refreshed.is_ok() {
                seen.looked_at = Some(looking);
                return Ok(());
            }
            // The loaded version may be older than the log after a clean-up, so the table is loaded again.
            seen.table = None;
            seen.looked_at = None;
        }
        // The library treats a missing folder as an error; here it means that nothing was ever written.
        if self.folder().is_some_and(|folder| !folder.join("_delta_log").exists()) {
            seen.looked_at = Some(looking);
            return Ok(());
        }
        let mut table = DeltaTable::new(self.log_store.clone());
        match table.load().await {
            Ok(()) => seen.table = Some(table),
            Err(DeltaTableError::NotATable(_)) => {}
            Err(error) => return Err(self.unreadable(&error).await),
        }
        seen.looked_at = Some(looking);
        Ok(())
    }

    /// The error of a table that cannot be loaded; it names the files of the log that are at fault.
    async fn unreadable(&self, error: &DeltaTableError) -> Error {
        let findings = log_findings(&self.log_store, self.name(), false).await;
        if findings.is_empty() {
            return self.error(error);
        }
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        Error::Table { table: self.name().into(), message: format!("{} ({error})", findings.join("; ")) }
    }

    /// The table as of its latest version, which is on disk, to write rows of this release to; creates the table if it is
    /// missing, and adds the columns that an earlier release did not have.
    pub(crate) async fn latest_or_new(&self) -> Result<DeltaTable, Error> {
        let mut seen = self.seen.lock().await;
        self.refresh_after_cut(&mut seen).await?;
        if seen.table.is_none() {
            match self.create().await {
                Ok(table) => seen.table = Some(table),
                // Another process may have created it at the same moment.
                Err(error) => {
                    self.refresh(&mut seen).await?;
                    if seen.table.is_none() {
                        return Err(self.error(&error));
                    }
                }
            }
        }
        self.add_missing_columns(&mut seen).await?;
        self.sync_seen(&mut seen)?;
        let vanished = || Error::Table { table: self.name().into(), message: "it vanished".into() };
        seen.table.clone().ok_or_else(vanished)
    }

    async fn add_missing_columns(&self, seen: &mut Seen) -> Result<(), Error> {
        let Some(table) = &seen.table else { return Ok(()) };
        let missing = self.missing_columns(table)?;
        if missing.is_empty() {
            return Ok(());
        }
        match self.with_columns(table.clone(), missing).await {
            Ok(table) => {
                self.written.fetch_add(1, Ordering::Release);
                seen.table = Some(table);
                Ok(())
            }
            // Another process may have added them at the same moment.
            Err(error) => {
                self.refresh(seen).await?;
                let is_there = match &seen.table {
                    Some(table) => self.missing_columns(table)?.is_empty(),
                    None => false,
                };
                if is_there { Ok(()) } else { Err(self.error(&error)) }
            }
        }
    }

    /// The table as of its latest version, which is on disk; `None` if it does not exist yet.
    pub(crate) async fn latest_on_disk(&self) -> Result<Option<DeltaTable>, Error> {
        let mut seen = self.seen.lock().await;
        self.refresh_after_cut(&mut seen).await?;
        self.sync_seen(&mut seen)?;
        Ok(seen.table.clone())
    }

    async fn create(&self) -> Result<DeltaTable, DeltaTableError> {
        if let Some(folder) = self.folder() {
            std::fs::create_dir_all(&folder).map_err(|source| DeltaTableError::Io { source })?;
        }
        let kernel: StructType = self.definition.schema.as_ref().try_into_kernel()?;
        let fields: Vec<StructField> = kernel.fields().cloned().collect();
        let configuration = [
            ("delta.dataSkippingStatsColumns", self.definition.pruning_columns.join(",")),
            ("delta.checkpointInterval", CHECKPOINT_VERSIONS.to_string()),
            ("delta.logRetentionDuration", "interval 1 days".into()),
            ("delta.enableExpiredLogCleanup", "true".into()),
        ];
        CreateBuilder::new()
            .with_log_store(self.log_store.clone())
            .with_table_name(self.name())
            .with_comment(self.definition.meaning)
            .with_columns(fields)
            .with_partition_columns([DAY])
            .with_configuration(configuration.map(|(key, value)| (key.to_owned(), Some(value))))
            .with_save_mode(SaveMode::ErrorIfExists)
            // A retry would become the second version of a table that another process created in the meantime.
            .with_commit_properties(CommitProperties::default().with_max_retries(0))
            .await
    }

    /// Makes `actions` the table's next version, durably. The version also records the progress of
    /// these applications.
    pub(crate) async fn commit(
        &self,
        table: &DeltaTable,
        actions: Vec<Action>,
        operation: DeltaOperation,
        transactions: Vec<(String, u64)>,
    ) -> Result<(), Error> {
        self.sync_files(&actions)?;
        let mut properties = CommitProperties::default().with_cleanup_expired_logs(Some(false));
        for (application, version) in transactions {
            let version = i64::try_from(version).unwrap_or(i64::MAX);
            properties = properties.with_application_transaction(Transaction::new(application, version));
        }
        let snapshot = table.snapshot().map_err(|error| self.error(&error))?;
        let finalized = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(snapshot), table.log_store(), operation)
            .await
            .map_err(|error| match &error {
                DeltaTableError::Transaction {
                    source: TransactionError::CommitConflict(CommitConflictError::ConcurrentTransaction),
                } => Error::TakenOver { table: self.name().into() },
                _ => self.error(&error),
            })?;
        self.keep(table, &finalized).await
    }

    /// Makes `actions` the version after the given one; `false` if another version came first.
    pub(crate) async fn commit_next(
        &self,
        table: &DeltaTable,
        actions: Vec<Action>,
        operation: DeltaOperation,
    ) -> Result<bool, Error> {
        self.sync_files(&actions)?;
        let properties =
            CommitProperties::default().with_max_retries(0).with_cleanup_expired_logs(Some(false));
        let snapshot = table.snapshot().map_err(|error| self.error(&error))?;
        let finalized = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(snapshot), table.log_store(), operation)
            .await;
        match finalized {
            Ok(finalized) => self.keep(table, &finalized).await.map(|()| true),
            Err(DeltaTableError::Transaction { source: TransactionError::MaxCommitAttempts(_) }) => Ok(false),
            Err(error) => Err(self.error(&error)),
        }
    }

    /// Flushes a new version to disk and continues from it.
    async fn keep(&self, table: &DeltaTable, finalized: &FinalizedCommit) -> Result<(), Error> {
        let version = finalized.version();
        self.written.fetch_add(1, Ordering::Release);
        let mut seen = self.seen.lock().await;
        if seen.table.as_ref().and_then(DeltaTable::version).is_none_or(|known| known < version) {
            let mut newer = table.clone();
            newer.state = Some(finalized.snapshot());
            seen.table = Some(newer);
        }
        self.sync_seen(&mut seen)?;
        if (version + 1).is_multiple_of(CHECKPOINT_VERSIONS)
            && let Some(table) = &seen.table
        {
            // Only now is the checkpoint on disk that replaces the old files. If this fails, the next call cleans up.
            if let Err(error) = cleanup_metadata(table, None).await {
                tracing::warn!(table = self.name(), %error, "versions that are over were not cleaned up");
            }
        }
        Ok(())
    }

    /// The operation of an append.
    pub(crate) fn append_operation() -> DeltaOperation {
        DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: Some(vec![DAY.to_owned()]),
            predicate: None,
        }
    }

    /// The progress of `application` in the table as of this version.
    pub(crate) async fn transaction(&self, table: &DeltaTable, application: &str) -> Result<u64, Error> {
        Ok(self.transaction_if_any(table, application).await?.unwrap_or(0))
    }

    /// The same, or `None` if the table knows nothing of this application.
    pub(crate) async fn transaction_if_any(
        &self,
        table: &DeltaTable,
        application: &str,
    ) -> Result<Option<u64>, Error> {
        let state = table.snapshot().map_err(|error| self.error(&error))?;
        let store = table.log_store();
        let version = state.snapshot().transaction_version(&*store, application).await;
        let version = version.map_err(|error| self.error(&error))?;
        Ok(version.and_then(|version| u64::try_from(version).ok()))
    }

    /// The table's directory, if it is on this machine.
    pub(crate) fn folder(&self) -> Option<std::path::PathBuf> {
        Some(self.location.directory.as_ref()?.join(self.name()))
    }

    /// Flushes new data files to disk before a version names them.
    fn sync_files(&self, actions: &[Action]) -> Result<(), Error> {
        let Some(folder) = self.folder() else { return Ok(()) };
        let mut folders = BTreeSet::new();
        for action in actions {
            if let Action::Add(add) = action {
                let path = folder.join(&add.path);
                sync(&path)?;
                folders.extend(path.parent().map(Path::to_path_buf));
            }
        }
        if !folders.is_empty() {
            folders.insert(folder);
        }
        folders.iter().try_for_each(|folder| sync(folder))
    }

    /// Flushes the log to disk up to this version before anything relies on it. The process that made the versions may
    /// have stopped before it did so.
    fn sync_seen(&self, seen: &mut Seen) -> Result<(), Error> {
        let (Some(folder), Some(version)) =
            (self.folder(), seen.table.as_ref().and_then(DeltaTable::version))
        else {
            return Ok(());
        };
        if seen.synced.is_some_and(|synced| synced >= version) {
            return Ok(());
        }
        let log = folder.join("_delta_log");
        let unreadable = |source| Error::Sync { path: log.display().to_string(), source };
        for entry in std::fs::read_dir(&log).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let of_file = path.file_name().and_then(|name| name.to_str()).and_then(version_of);
            if of_file.is_some_and(|of_file| seen.synced.is_none_or(|synced| of_file > synced)) {
                sync_if_there(&path)?;
            }
        }
        sync(&log)?;
        if seen.synced.is_none() {
            // The folders themselves may be new.
            sync(&folder)?;
            folder.parent().map_or(Ok(()), sync)?;
        }
        seen.synced = Some(version);
        Ok(())
    }
}

fn sync(path: &Path) -> Result<(), Error> {
    std::fs::File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|source| Error::Sync { path: path.display().to_string(), source })
}

/// Like [`sync`], for a file that may be gone: a checkpoint holds the versions that were cleaned up.
fn sync_if_there(path: &Path) -> Result<(), Error> {
    match sync(path) {
        Err(Error::Sync { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// A shared table.
pub(crate) type SharedDelta = Arc<Delta>;
