//! Whether the tables can be read: every file of their logs and of their latest versions, one by one.

use std::collections::BTreeSet;

use deltalake::ObjectStore;
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use object_store::path::Path;

use crate::delta::Delta;
use crate::delta::finding::Finding;
use crate::delta::log_files::log_findings;
use crate::delta::stored_file::{footer_rows, read_whole};
use crate::error::Error;
use crate::lake::Lake;
use crate::limits::{EXPLAIN, FILES_AT_ONCE};
use crate::tables::Table;

/// The result of a verification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// The faults; empty if there are none.
    pub findings: Vec<Finding>,
    /// Data files of the latest versions.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Their rows.
    pub rows: u64,
    /// Data files that no latest version has: of earlier versions, or left by work that was cut short. They do no harm
    /// and go with the upkeep.
    pub unreferenced_files: u64,
    /// Their bytes.
    pub unreferenced_bytes: u64,
}

/// The progress of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The table or rollup.
    pub table: &'static str,
    /// Data files of it that were looked at.
    pub files: u64,
    /// Data files that it has.
    pub of_files: u64,
}

/// A data file as the log has it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) path: Path,
    bytes: u64,
    rows: Option<u64>,
}

impl Lake {
    /// Checks all tables and rollups. With `is_thorough`, it reads every page of every data file, and not only its size and
    /// footer; a damaged value that still decodes is not noticed even then, because the files hold no checksums.
    pub async fn verify(&self, is_thorough: bool, mut progress: impl FnMut(Progress)) -> Verified {
        let mut verified = Verified::default();
        for delta in self.deltas() {
            delta.verify(is_thorough, &mut verified, &mut progress).await;
        }
        // Where files cannot be read, that is a finding already.
        if is_thorough && verified.findings.is_empty() {
            for table in Table::ALL {
                let twice = self.rows_twice(table).await.unwrap_or_else(|error| {
                    Some(Finding { table: table.name(), file: None, message: error.to_string() })
                });
                verified.findings.extend(twice);
            }
        }
        verified
    }

    /// Names the files of a table that make a query about it fail; `None` if its files are fine. Reads for at most
    /// [`EXPLAIN`].
    pub async fn explain_failure(&self, table: Table) -> Option<String> {
        let delta = self.delta(table);
        for is_thorough in [false, true] {
            let mut verified = Verified::default();
            let mut nobody = |_| {};
            let verify = delta.verify(is_thorough, &mut verified, &mut nobody);
            // Findings up to the time limit count.
            let _is_in_time = tokio::time::timeout(EXPLAIN, verify).await;
            if !verified.findings.is_empty() {
                let findings: Vec<String> = verified.findings.iter().map(ToString::to_string).collect();
                return Some(findings.join("; "));
            }
        }
        None
    }
}

impl Delta {
    async fn verify(&self, is_thorough: bool, verified: &mut Verified, progress: &mut impl FnMut(Progress)) {
        let log = log_findings(self.log_store(), self.name(), is_thorough).await;
        let is_log_broken = !log.is_empty();
        verified.findings.extend(log);
        let listed = match self.listed().await {
            Ok(listed) => listed,
            // The files of the log that are at fault have been named.
            Err(_) if is_log_broken => return,
            Err(error) => {
                let message = error.to_string();
                verified.findings.push(Finding { table: self.name(), file: None, message });
                return;
            }
        };
        let of_files = listed.len() as u64;
        let report = |files| Progress { table: self.name(), files, of_files };
        progress(report(0));
        let store = self.log_store().object_store(None);
        let mut looked_at = futures::stream::iter(listed.clone())
            .map(|file| async {
                let outcome = self.look_at(&store, &file, is_thorough).await;
                (file, outcome)
            })
            .buffer_unordered(if is_thorough { 1 } else { FILES_AT_ONCE });
        let mut files = 0;
        while let Some((file, outcome)) = looked_at.next().await {
            files += 1;
            progress(report(files));
            match outcome {
                Ok(rows) => verified.rows += rows,
                Err(message) => {
                    verified.findings.push(Finding::new(self.name(), file.path.as_ref(), message));
                }
            }
        }
        verified.files += of_files;
        verified.bytes += listed.iter().map(|file| file.bytes).sum::<u64>();
        self.count_unreferenced(&*store, &listed, verified).await;
    }

    /// The data files of the latest version.
    pub(crate) async fn listed(&self) -> Result<Vec<Listed>, Error> {
        let Some(table) = self.latest().await? else { return Ok(Vec::new()) };
        let state = table.snapshot().map_err(|error| self.error(&error))?;
        let files = state.log_data();
        let listed = files.iter().map(|file| Listed {
            path: file.object_store_path(),
            bytes: u64::try_from(file.size()).unwrap_or(0),
            rows: file.num_records().map(|rows| rows as u64),
        });
        Ok(listed.collect())
    }

    /// The rows of a data file, or what is wrong with it.
    async fn look_at(
        &self,
        store: &std::sync::Arc<dyn ObjectStore>,
        file: &Listed,
        is_thorough: bool,
    ) -> Result<u64, String> {
        let found = match store.head(&file.path).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Err("it is missing".into()),
            Err(error) => return Err(error.to_string()),
        };
        if found.size != file.bytes {
            return Err(format!("it has {} bytes; the log says {}", found.size, file.bytes));
        }
        let footer = footer_rows(&**store, &file.path, file.bytes).await;
        let rows = footer.map_err(|error| error.to_string())?;
        if file.rows.is_some_and(|listed| listed != rows) {
            let listed = file.rows.unwrap_or_default();
            return Err(format!("it says that it has {rows} rows; the log says {listed}"));
        }
        if is_thorough {
            let on_disk = self.folder().map(|folder| folder.join(file.path.as_ref()));
            let read = read_whole(store, &file.path, on_disk).await.map_err(|error| error.to_string())?;
            if read != rows {
                return Err(format!("it has {read} rows; its footer says {rows}"));
            }
        }
        Ok(rows)
    }

    async fn count_unreferenced(&self, store: &dyn ObjectStore, listed: &[Listed], verified: &mut Verified) {
        let active: BTreeSet<&Path> = listed.iter().map(|file| &file.path).collect();
        let mut files = store.list(None);
        // A folder that cannot be listed has been a finding by now, or has no files that anybody misses.
        while let Ok(Some(file)) = files.try_next().await {
            let is_data = file.location.as_ref().ends_with(".parquet")
                && !file.location.prefix_matches(&Path::from("_delta_log"));
            if is_data && !active.contains(&file.location) {
                verified.unreferenced_files += 1;
                verified.unreferenced_bytes += file.size;
            }
        }
    }
}
