//! The data files of a table's version, by day.

use std::collections::{BTreeMap, BTreeSet};

use deltalake::DeltaTable;
use deltalake::kernel::{Action, Add, Remove};
use deltalake::protocol::DeltaOperation;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::delta::Delta;
use crate::error::Error;
use crate::limits::COMMIT_ATTEMPTS;
use crate::tables::DAY;

/// The tag of a file whose rows are in order; all files of one pass over a day have the same value.
pub(crate) const SORTED_TAG: &str = "playhead.sorted";

/// A file that a version of a table consists of.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    /// Relative to the table.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) written_ms: i64,
    /// The pass that sorted it.
    pub(crate) sorted_in: Option<String>,
    /// The lowest and highest values in the log, as JSON.
    pub(crate) stats: Option<String>,
    remove: Remove,
}

/// The files of a version, by the day of their partition. A partition without a day is left out, because no rule about
/// days applies to it.
pub(crate) fn files_by_day(table: &DeltaTable) -> Result<BTreeMap<i32, Vec<DataFile>>, Error> {
    let state = table.snapshot().map_err(|error| Error::table("", &error))?;
    let mut days: BTreeMap<i32, Vec<DataFile>> = BTreeMap::new();
    for view in state.log_data().iter() {
        #[expect(deprecated, reason = "it alone gives the tags of a file")]
        let add = view.add_action();
        let Some(day) = add.partition_values.get(DAY).and_then(Option::as_deref).and_then(parse_day) else {
            continue;
        };
        let sorted_in = add.tags.and_then(|mut tags| tags.remove(SORTED_TAG).flatten());
        days.entry(day).or_default().push(DataFile {
            path: add.path,
            bytes: u64::try_from(add.size).unwrap_or(0),
            rows: view.num_records().unwrap_or(0) as u64,
            written_ms: add.modification_time,
            sorted_in,
            stats: add.stats,
            remove: view.remove_action(false),
        });
    }
    Ok(days)
}

/// The number of rows of a new file, from its statistics.
pub(crate) fn rows_of_add(add: &Add) -> Option<u64> {
    let stats: serde_json::Value = serde_json::from_str(add.stats.as_deref()?).ok()?;
    stats["numRecords"].as_u64()
}

/// A day since the epoch as text, as in the names of partitions.
pub(crate) fn day_text(day: i32) -> String {
    let epoch = Date::constant(1970, 1, 1);
    epoch.checked_add(day.days()).unwrap_or(epoch).to_string()
}

fn parse_day(text: &str) -> Option<i32> {
    let day: Date = text.parse().ok()?;
    i32::try_from(day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24).ok()
}

/// An exchange of files.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The files to remove; all of them must still be there.
    pub(crate) removed: Vec<DataFile>,
    /// The files to add.
    pub(crate) added: Vec<Add>,
    /// A day that must not have other files than the removed ones.
    pub(crate) whole_day: Option<i32>,
    /// Whether the rows change, and not only their storage.
    pub(crate) changes_rows: bool,
    pub(crate) operation: DeltaOperation,
}

impl Delta {
    /// Makes the exchange the table's next version, also if rows were appended in the meantime.
    ///
    /// The table format's own check allows two rewrites of one file, and rows would occur twice. So each attempt checks
    /// the version that it builds on, and succeeds only if no other version was made in between.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if another process changed the files first; then nothing has changed, and upkeep deletes the
    /// new files with other unreferenced files.
    pub(crate) async fn exchange(&self, exchange: Exchange, now_ms: i64) -> Result<(), Error> {
        let conflict = || Error::Conflict { table: self.name().to_owned() };
        let Exchange { removed, added, whole_day, changes_rows, operation } = exchange;
        let removes = removed.iter().map(|file| {
            let remove = file.remove.clone();
            Action::Remove(Remove { data_change: changes_rows, deletion_timestamp: Some(now_ms), ..remove })
        });
        let adds = added.into_iter().map(|add| Action::Add(Add { data_change: changes_rows, ..add }));
        let actions: Vec<Action> = removes.chain(adds).collect();
        for _ in 0..COMMIT_ATTEMPTS {
            let table = self.latest().await?.ok_or_else(conflict)?;
            let files = files_by_day(&table)?;
            let active: BTreeSet<&str> = files.values().flatten().map(|file| file.path.as_str()).collect();
            let is_there = removed.iter().all(|file| active.contains(file.path.as_str()));
            let is_alone = whole_day.is_none_or(|day| files.get(&day).map_or(0, Vec::len) == removed.len());
            if !is_there || !is_alone {
                return Err(conflict());
            }
            if self.commit_next(&table, actions.clone(), operation.clone()).await? {
                return Ok(());
            }
        }
        Err(conflict())
    }
}
