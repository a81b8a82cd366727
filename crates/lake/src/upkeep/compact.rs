//! Days put together: the many small files of appends become a few large ones with their rows in order.

use std::collections::BTreeMap;

use datafusion::prelude::col;
use deltalake::protocol::DeltaOperation;

use crate::delta::Delta;
use crate::delta::bounds::Bounds;
use crate::delta::data_files::{DataFile, Exchange, SORTED_TAG, rows_of_add};
use crate::delta::writing::write_stream;
use crate::error::Error;
use crate::limits::{
    COMPACT_ZSTD_LEVEL, EVENTS_ZSTD_LEVEL, FILE_BYTES, LATE_ROWS_WAIT_MS, SMALL_FILES, TIER_RATIO,
    WHOLE_DAY_BYTES,
};
use crate::tables::Table;

/// The result of an exchange of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub(crate) files_before: usize,
    pub(crate) files_after: usize,
    pub(crate) bytes_before: u64,
    pub(crate) bytes_after: u64,
    pub(crate) rows: u64,
}

/// Which files of a day are to be put together at `now_ms`; none when it is not due. `is_over` says that the day is an
/// earlier one than today.
pub(crate) fn due_files(files: &[DataFile], is_over: bool, now_ms: i64) -> Vec<DataFile> {
    let (unsorted, sorted): (Vec<&DataFile>, Vec<&DataFile>) =
        files.iter().partition(|file| file.sorted_in.is_none());
    let mut passes: BTreeMap<&str, Vec<&DataFile>> = BTreeMap::new();
    for file in sorted {
        passes.entry(file.sorted_in.as_deref().unwrap_or_default()).or_default().push(file);
    }
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    let is_whole = is_over && bytes <= WHOLE_DAY_BYTES;
    let last_written_ms = unsorted.iter().map(|file| file.written_ms).max().unwrap_or(i64::MIN);
    let is_quiet = last_written_ms.saturating_add(LATE_ROWS_WAIT_MS) <= now_ms;
    let is_due = unsorted.len() >= SMALL_FILES
        || (is_over && is_quiet && !unsorted.is_empty())
        || (is_whole && unsorted.is_empty() && passes.len() > 1);
    if !is_due {
        return Vec::new();
    }
    // What was put in order before is taken along while it is not much more than what came since, so that a row is
    // written anew a few times only, however many appends a day has.
    let mut chosen: Vec<DataFile> = unsorted.into_iter().cloned().collect();
    let mut chosen_bytes: u64 = chosen.iter().map(|file| file.bytes).sum();
    let mut passes: Vec<(u64, Vec<&DataFile>)> =
        passes.into_values().map(|files| (files.iter().map(|file| file.bytes).sum(), files)).collect();
    passes.sort_by_key(|(bytes, _)| *bytes);
    for (bytes, files) in passes {
        if is_whole || bytes <= chosen_bytes.saturating_mul(TIER_RATIO) {
            chosen.extend(files.into_iter().cloned());
            chosen_bytes += bytes;
        }
    }
    chosen
}

/// Writes these files of a day anew, with their rows in order, and exchanges the ones for the others. Events, by far the
/// most of what is stored, are compressed as strongly as can be once their day is over.
///
/// # Errors
///
/// [`Error::Conflict`] when another process changed the files first; otherwise when they cannot be read or written.
/// In each case the table is as it was, or as it was to be.
pub(crate) async fn compact_files(
    table: Table,
    delta: &Delta,
    files: Vec<DataFile>,
    is_over: bool,
    bounds: &Bounds,
    now_ms: i64,
) -> Result<Rewritten, Error> {
    let Some(current) = delta.latest().await? else { return Ok(Rewritten::default()) };
    let context = bounds.context()?;
    let paths = files.iter().map(|file| file.path.clone());
    let rows = bounds.rows_of(&context, &current, delta.schema(), paths)?;
    let order = table.sort_columns().iter().map(|name| col(*name).sort(true, true)).collect();
    let stream = rows.sort(order)?.execute_stream().await?;
    let is_final = is_over && table == Table::Events;
    let zstd_level = if is_final { EVENTS_ZSTD_LEVEL } else { COMPACT_ZSTD_LEVEL };
    let mut added = write_stream(&current, delta.name(), stream, zstd_level).await?;
    // The name of its first file names the pass: no other has it.
    let pass = added.first().map(|add| add.path.clone());
    for add in &mut added {
        add.tags = Some([(SORTED_TAG.to_owned(), pass.clone())].into());
    }
    let rewritten = Rewritten {
        files_before: files.len(),
        files_after: added.len(),
        bytes_before: files.iter().map(|file| file.bytes).sum(),
        bytes_after: added.iter().map(|add| u64::try_from(add.size).unwrap_or(0)).sum(),
        rows: files.iter().map(|file| file.rows).sum(),
    };
    let written: u64 = added.iter().filter_map(rows_of_add).sum();
    if written != rewritten.rows {
        let message = format!("{} rows were read, {written} written; nothing was changed", rewritten.rows);
        return Err(Error::Table { table: delta.name().to_owned(), message });
    }
    let operation = DeltaOperation::Optimize {
        predicate: None,
        target_size: i64::try_from(FILE_BYTES).unwrap_or(i64::MAX),
    };
    let exchange = Exchange { removed: files, added, whole_day: None, changes_rows: false, operation };
    delta.exchange(exchange, now_ms).await?;
    Ok(rewritten)
}
