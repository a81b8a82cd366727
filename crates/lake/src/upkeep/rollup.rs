//! Rollups made, and used only while they say what the sessions say.
//!
//! A rollup of a day is good for exactly the files of sessions that it was made from. Its rows name them by a
//! fingerprint, which the log keeps as a bound of its files, so whether it is good is seen without reading it. A day
//! whose rollup is not good is read from its sessions: slower, never wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::catalog::TableProvider;
use datafusion::prelude::{col, lit};
use datafusion::scalar::ScalarValue;
use deltalake::DeltaTable;
use deltalake::protocol::{DeltaOperation, SaveMode};
use xxhash_rust::xxh3::Xxh3;

use crate::delta::bounds::Bounds;
use crate::delta::data_files::{DataFile, Exchange, files_by_day, rows_of_add};
use crate::delta::scan::StoredRows;
use crate::delta::writing::write_stream;
use crate::error::Error;
use crate::lake::{Lake, Snapshot};
use crate::limits::COMPACT_ZSTD_LEVEL;
use crate::tables::rollup_tables::{Rollup, SOURCE_FINGERPRINT};
use crate::tables::{DAY, Table};
use crate::upkeep::compact::Rewritten;

/// A version of the table of sessions, divided into days whose rollup is good and others.
#[derive(Debug, Clone)]
pub struct RolledUp {
    rollup: &'static Rollup,
    days: Vec<i32>,
    rollup_table: Option<(DeltaTable, Vec<String>)>,
    sessions: Option<DeltaTable>,
    covered: Vec<String>,
    uncovered: Vec<String>,
}

/// The fingerprint of a day's files of sessions, as a rollup of them has it.
fn fingerprint(rollup: &Rollup, files: &[DataFile]) -> i64 {
    let mut paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    let mut hasher = Xxh3::new();
    hasher.update(rollup.name.as_bytes());
    for path in paths {
        hasher.update(&[0]);
        hasher.update(path.as_bytes());
    }
    hasher.digest().cast_signed()
}

/// The one fingerprint that all rows of these files have.
fn source_of(files: &[DataFile]) -> Option<i64> {
    let bounds = |file: &DataFile| {
        let stats: serde_json::Value = serde_json::from_str(file.stats.as_deref()?).ok()?;
        let lowest = stats["minValues"][SOURCE_FINGERPRINT].as_i64()?;
        (stats["maxValues"][SOURCE_FINGERPRINT].as_i64() == Some(lowest)).then_some(lowest)
    };
    let first = bounds(files.first()?)?;
    files.iter().all(|file| bounds(file) == Some(first)).then_some(first)
}

/// The days before `today` with at least so many sessions whose rollup is missing or no longer good, the latest first.
pub(crate) fn due_days(
    rollup: &Rollup,
    sessions: &BTreeMap<i32, Vec<DataFile>>,
    rolled_up: &BTreeMap<i32, Vec<DataFile>>,
    today: i32,
    least_sessions: u64,
) -> Vec<i32> {
    let is_due = |day: i32, files: &[DataFile]| {
        let rows: u64 = files.iter().map(|file| file.rows).sum();
        let source = rolled_up.get(&day).and_then(|files| source_of(files));
        rows >= least_sessions && source != Some(fingerprint(rollup, files))
    };
    let days = sessions.range(..today).rev();
    days.filter(|(day, files)| is_due(**day, files)).map(|(day, _)| *day).collect()
}

/// The days of a rollup that no longer have sessions.
pub(crate) fn orphaned_days(
    sessions: &BTreeMap<i32, Vec<DataFile>>,
    rolled_up: &BTreeMap<i32, Vec<DataFile>>,
) -> Vec<i32> {
    rolled_up.keys().filter(|day| !sessions.contains_key(day)).copied().collect()
}

impl Lake {
    /// What `rollup` says about a version of the table of sessions, and what has to be read from the sessions. Of the days
    /// in `left_out` it says nothing: they have sessions that do not count.
    ///
    /// # Errors
    ///
    /// When the rollup's table cannot be read. The sessions answer all the same.
    pub async fn rolled_up(
        &self,
        rollup: &'static Rollup,
        sessions: &Snapshot,
        left_out: &BTreeSet<i32>,
    ) -> Result<RolledUp, Error> {
        let mut divided = RolledUp {
            rollup,
            days: Vec::new(),
            rollup_table: None,
            sessions: sessions.delta().cloned(),
            covered: Vec::new(),
            uncovered: Vec::new(),
        };
        let (Some(table), Table::Sessions) = (sessions.delta(), sessions.table()) else { return Ok(divided) };
        let rollup_table = match self.rollup_delta(rollup) {
            Some(delta) => delta.recent().await?,
            None => None,
        };
        let mut rolled_up = match &rollup_table {
            Some(rollup_table) => files_by_day(rollup_table)?,
            None => BTreeMap::new(),
        };
        let mut rollup_files = Vec::new();
        for (day, files) in files_by_day(table)? {
            let of_day = rolled_up.remove(&day).unwrap_or_default();
            let is_good = !left_out.contains(&day) && source_of(&of_day) == Some(fingerprint(rollup, &files));
            let paths = files.into_iter().map(|file| file.path);
            if is_good {
                divided.days.push(day);
                divided.covered.extend(paths);
                rollup_files.extend(of_day.into_iter().map(|file| file.path));
            } else {
                divided.uncovered.extend(paths);
            }
        }
        divided.rollup_table =
            rollup_table.filter(|_| !rollup_files.is_empty()).map(|table| (table, rollup_files));
        Ok(divided)
    }

    /// Makes the rollup of a day from its sessions, in place of what was there.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when another process did so first; otherwise when the tables cannot be read or written.
    pub(crate) async fn roll_up(
        &self,
        rollup: &'static Rollup,
        day: i32,
        bounds: &Bounds,
        now_ms: i64,
    ) -> Result<Rewritten, Error> {
        let (Some(delta), Some(sessions)) =
            (self.rollup_delta(rollup), self.delta(Table::Sessions).latest().await?)
        else {
            return Ok(Rewritten::default());
        };
        let files = files_by_day(&sessions)?.remove(&day).unwrap_or_default();
        let current = delta.latest_or_new().await?;
        let removed = files_by_day(&current)?.remove(&day).unwrap_or_default();
        let context = bounds.context()?;
        let paths = files.iter().map(|file| file.path.clone());
        let rows = bounds.rows_of(&context, &sessions, &Table::Sessions.schema(), paths)?;
        let source = lit(ScalarValue::Int64(Some(fingerprint(rollup, &files))));
        let order = rollup.dimensions.iter().map(|name| col(*name).sort(true, true)).collect();
        let rows = rollup
            .of_sessions(rows)?
            .sort(order)?
            .with_column(DAY, lit(ScalarValue::Date32(Some(day))))?
            .with_column(SOURCE_FINGERPRINT, source)?;
        let stream = rows.execute_stream().await?;
        let added = write_stream(&current, rollup.name, stream, COMPACT_ZSTD_LEVEL).await?;
        let rewritten = Rewritten {
            files_before: removed.len(),
            files_after: added.len(),
            bytes_before: removed.iter().map(|file| file.bytes).sum(),
            bytes_after: added.iter().map(|add| u64::try_from(add.size).unwrap_or(0)).sum(),
            rows: added.iter().filter_map(rows_of_add).sum(),
        };
        let operation = DeltaOperation::Write {
            mode: SaveMode::Overwrite,
            partition_by: Some(vec![DAY.to_owned()]),
            predicate: None,
        };
        let exchange = Exchange { removed, added, whole_day: Some(day), changes_rows: true, operation };
        delta.exchange(exchange, now_ms).await?;
        Ok(rewritten)
    }
}

impl RolledUp {
    /// The rollup.
    pub fn rollup(&self) -> &'static Rollup {
        self.rollup
    }

    /// The partitions of sessions for which the rollup is good, as days since the epoch, ascending.
    pub fn days(&self) -> &[i32] {
        &self.days
    }

    /// The rollup's rows of those days, with the columns of [`Rollup::schema`]; `None` when there are none.
    ///
    /// # Errors
    ///
    /// When the rollup's table cannot be read.
    pub async fn rows(&self) -> Result<Option<Arc<dyn TableProvider>>, Error> {
        match &self.rollup_table {
            Some((table, paths)) => files_of(table, &self.rollup.schema(), paths).await,
            None => Ok(None),
        }
    }

    /// The sessions of all other days; `None` when there are none.
    ///
    /// # Errors
    ///
    /// When the table of sessions cannot be read.
    pub async fn other_sessions(&self) -> Result<Option<Arc<dyn TableProvider>>, Error> {
        match &self.sessions {
            Some(table) => files_of(table, &Table::Sessions.schema(), &self.uncovered).await,
            None => Ok(None),
        }
    }

    /// The sessions of the rollup's days, for what it cannot say: parts of days at the ends of a time range. `None`
    /// when there are none.
    ///
    /// # Errors
    ///
    /// When the table of sessions cannot be read.
    pub async fn covered_sessions(&self) -> Result<Option<Arc<dyn TableProvider>>, Error> {
        match &self.sessions {
            Some(table) => files_of(table, &Table::Sessions.schema(), &self.covered).await,
            None => Ok(None),
        }
    }
}

async fn files_of(
    table: &DeltaTable,
    of_release: &Schema,
    paths: &[String],
) -> Result<Option<Arc<dyn TableProvider>>, Error> {
    if paths.is_empty() {
        return Ok(None);
    }
    Ok(Some(Arc::new(StoredRows::of_files(table, of_release, paths.iter().cloned())?)))
}
