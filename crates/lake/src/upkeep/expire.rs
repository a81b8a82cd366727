//! Removes days beyond a table's retention, and files that no version needs any more.

use std::collections::{BTreeMap, BTreeSet};

use deltalake::ObjectStore;
use deltalake::protocol::DeltaOperation;
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use object_store::path::Path;

use crate::delta::Delta;
use crate::delta::data_files::{DataFile, Exchange, day_text};
use crate::error::Error;
use crate::tables::DAY;
use crate::upkeep::compact::Rewritten;

/// Takes whole days out of a table, in one version. `what` says which, in the log.
///
/// # Errors
///
/// [`Error::Conflict`] when another process changed the files first; otherwise when the table cannot be written.
pub(crate) async fn remove_days(
    delta: &Delta,
    removed: Vec<DataFile>,
    what: String,
    now_ms: i64,
) -> Result<Rewritten, Error> {
    let rewritten = Rewritten {
        files_before: removed.len(),
        bytes_before: removed.iter().map(|file| file.bytes).sum(),
        rows: removed.iter().map(|file| file.rows).sum(),
        ..Rewritten::default()
    };
    let operation = DeltaOperation::Delete { predicate: Some(what) };
    let exchange = Exchange { removed, added: Vec::new(), whole_day: None, changes_rows: true, operation };
    delta.exchange(exchange, now_ms).await?;
    Ok(rewritten)
}

/// The files of all days before `day`, with the predicate that says so.
pub(crate) fn files_before(files: &BTreeMap<i32, Vec<DataFile>>, day: i32) -> (Vec<DataFile>, String) {
    let expired = files.range(..day).flat_map(|(_, files)| files.iter().cloned()).collect();
    (expired, format!("{DAY} < '{}'", day_text(day)))
}

/// The predicate of some days.
pub(crate) fn days_predicate(days: &[i32]) -> String {
    let days: Vec<String> = days.iter().map(|day| format!("'{}'", day_text(*day))).collect();
    format!("{DAY} IN ({})", days.join(", "))
}

/// Deletes the files of a table that its latest version does not have and that nobody can still be reading: those that
/// a version gave up longer than `unreferenced_for_ms` ago, and those that no version ever had, left by work that was
/// cut short, when they are as old.
///
/// # Errors
///
/// When the table or its files cannot be listed, or a file cannot be deleted.
pub(crate) async fn vacuum(delta: &Delta, unreferenced_for_ms: i64, now_ms: i64) -> Result<Rewritten, Error> {
    let before_ms = now_ms.saturating_sub(unreferenced_for_ms);
    let Some(table) = delta.latest().await? else { return Ok(Rewritten::default()) };
    let store = table.object_store();
    // The files are listed before the version is looked up: one that a version takes up meanwhile is then seen there.
    let listed: Vec<(Path, u64)> = store
        .list(None)
        .try_filter_map(async |file| {
            let is_data = file.location.filename().is_some_and(|name| name.ends_with(".parquet"))
                && !file.location.prefix_matches(&Path::from("_delta_log"));
            let is_old = file.last_modified.timestamp_millis() < before_ms;
            Ok((is_data && is_old).then_some((file.location, file.size)))
        })
        .try_collect()
        .await?;
    let Some(table) = delta.latest().await? else { return Ok(Rewritten::default()) };
    let state = table.snapshot().map_err(|error| Error::table(delta.name(), &error))?;
    let mut kept: BTreeSet<String> =
        state.log_data().iter().map(|file| file.object_store_path().to_string()).collect();
    let mut tombstones = state.all_tombstones(&*table.log_store());
    while let Some(tombstone) = tombstones.next().await {
        let tombstone = tombstone.map_err(|error| Error::table(delta.name(), &error))?;
        if tombstone.deletion_timestamp().is_none_or(|deleted_ms| deleted_ms >= before_ms) {
            kept.insert(tombstone.path().into_owned());
        }
    }
    let mut vacuumed = Rewritten::default();
    for (path, bytes) in listed {
        if kept.contains(path.as_ref()) {
            continue;
        }
        store.delete(&path).await?;
        vacuumed.files_before += 1;
        vacuumed.bytes_before += bytes;
    }
    Ok(vacuumed)
}
