//! The work that keeps the lake small and fast, one bounded piece at a time: what is over is dropped, days are put
//! together, rollups are made, and files that nobody needs are deleted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deltalake::DeltaTable;
use futures::{StreamExt, stream};
use parking_lot::Mutex;
use playhead_protocol::time::DAY_MS;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::delta::Delta;
use crate::delta::bounds::Bounds;
use crate::delta::data_files::{DataFile, files_by_day};
use crate::error::Error;
use crate::lake::Lake;
use crate::limits::{RETRY_AFTER_MS, ROLLUP_SESSIONS, VACUUM_EVERY_MS};
use crate::tables::Table;
use crate::tables::exclusion_table::EXCLUSIONS;
use crate::tables::rollup_tables::{ROLLUPS, Rollup};
use crate::upkeep::compact::{Rewritten, compact_files, due_files};
use crate::upkeep::expire::{days_predicate, files_before, remove_days, vacuum};
use crate::upkeep::rollup::{due_days, orphaned_days};

/// How the lake is kept.
#[derive(Debug, Clone)]
pub struct MaintenanceSettings {
    /// The bounds of the work.
    pub bounds: Bounds,
    /// Days for which rows are kept, of the tables that do not keep them for ever. The current day does not count.
    pub retention_days: BTreeMap<Table, u32>,
    /// Sessions of a day from which on its rollups are made: fewer are read as fast.
    pub rollup_sessions: u64,
    /// How long a file stays after the last version that had it, in milliseconds. No query and no append may take
    /// as long; at most seven days count.
    pub unreferenced_for_ms: i64,
}

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Work {
    /// Days beyond the retention are dropped.
    Expire,
    /// The files of a day are put together.
    Compact,
    /// The rollup of a day is made.
    RollUp,
    /// Files that no version needs are deleted.
    Vacuum,
}

impl Work {
    /// The kinds, the most urgent first.
    const ALL: [Self; 4] = [Self::Expire, Self::Compact, Self::RollUp, Self::Vacuum];
}

/// A piece of work that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Which kind.
    pub work: Work,
    /// On which table or rollup.
    pub table: &'static str,
    /// On which day since the epoch, when it was on one.
    pub day: Option<i32>,
    /// Files that it took away.
    pub files_before: usize,
    /// Files that it put in their place.
    pub files_after: usize,
    /// Bytes of those that it took away.
    pub bytes_before: u64,
    /// Bytes of those that it put in their place.
    pub bytes_after: u64,
    /// Rows that it wrote, or dropped.
    pub rows: u64,
}

/// Keeps a lake. Run on threads of its own: sorting and compressing hold a thread for as long as they take.
#[derive(Debug)]
pub struct Maintenance {
    settings: MaintenanceSettings,
    state: Mutex<State>,
}

/// A piece of work by its kind, its table, and its day if it is on one.
type Key = (Work, &'static str, Option<i32>);

#[derive(Debug, Default)]
struct State {
    /// When a piece that failed may be tried again.
    retry_at_ms: HashMap<Key, i64>,
    vacuumed_at_ms: HashMap<&'static str, i64>,
    /// Rows are dropped by this time at most.
    retention_at_most_ms: Option<i64>,
}

/// A piece of work that is due.
#[derive(Debug)]
enum Piece {
    Expire(&'static str, Vec<DataFile>, String),
    /// With whether the day is over.
    Compact(Table, i32, Vec<DataFile>, bool),
    RollUp(&'static Rollup, i32),
    Vacuum(&'static str),
}

impl Piece {
    fn key(&self) -> Key {
        match self {
            Self::Expire(table, ..) => (Work::Expire, table, None),
            Self::Compact(table, day, ..) => (Work::Compact, table.name(), Some(*day)),
            Self::RollUp(rollup, day) => (Work::RollUp, rollup.name, Some(*day)),
            Self::Vacuum(table) => (Work::Vacuum, table, None),
        }
    }
}

impl MaintenanceSettings {
    /// The default: events are kept for 30 days, everything else for ever; files that nobody needs for another day.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            retention_days: [(Table::Events, 30)].into(),
            rollup_sessions: ROLLUP_SESSIONS,
            unreferenced_for_ms: DAY_MS,
        }
    }
}

impl Maintenance {
    /// Work by these settings.
    pub fn new(settings: MaintenanceSettings) -> Self {
        Self { settings, state: Mutex::default() }
    }

    /// The settings.
    pub fn settings(&self) -> &MaintenanceSettings {
        &self.settings
    }

    /// From now on rows are dropped as of `now_ms` at most, in milliseconds, whatever time a step is given.
    pub fn hold_retention(&self, now_ms: i64) {
        self.state.lock().retention_at_most_ms = Some(now_ms);
    }

    /// Does the most useful piece of work that is due at `now_ms`, at most a day of a table; `None` when none is.
    ///
    /// # Errors
    ///
    /// When the piece failed. The table is as it was, or as it was to be; the piece is left alone for a while, and the
    /// next call does another one. [`Error::Conflict`] says that another process was faster, which needs nobody.
    pub async fn step(&self, lake: &Lake, now_ms: i64) -> Result<Option<Done>, Error> {
        for kind in Work::ALL {
            for piece in self.due(lake, kind, now_ms).await? {
                if self.rests(piece.key(), now_ms) {
                    continue;
                }
                let key = piece.key();
                let outcome = run(&self.settings, lake, piece, now_ms).await;
                return self.settle(key, outcome, now_ms).map(Some);
            }
        }
        Ok(None)
    }

    /// Does all that is due at `now_ms`, and tells of each piece. A piece that fails is told of, too, and does not keep
    /// others from being done. Pieces of a kind go side by side, one a thread of the bounds, and share their memory: each is
    /// on a day or a table of its own.
    pub async fn all(&self, lake: &Arc<Lake>, now_ms: i64, mut progress: impl FnMut(&Result<Done, Error>)) {
        {
            let mut state = self.state.lock();
            state.retry_at_ms.clear();
            state.vacuumed_at_ms.clear();
        }
        while let Some((kind, pieces)) = self.next_pieces(lake, now_ms, &mut progress).await {
            let side_by_side = self.settings.bounds.threads.clamp(1, pieces.len());
            // Rollups of one day have one table each, but read the same files: they are quick, and go one by one.
            let side_by_side = if kind == Work::Compact { side_by_side } else { 1 };
            let bounds = self.settings.bounds.shared_by(side_by_side);
            let settings = MaintenanceSettings { bounds, ..self.settings.clone() };
            let work = pieces.into_iter().map(|piece| {
                let (lake, settings, key) = (lake.clone(), settings.clone(), piece.key());
                async move {
                    if side_by_side == 1 {
                        return (key, run(&settings, &lake, piece, now_ms).await);
                    }
                    let runtime = Handle::current();
                    let work = move || runtime.block_on(run(&settings, &lake, piece, now_ms));
                    let outcome = spawn_blocking(work).await.unwrap_or_else(|ended| {
                        Err(Error::Table { table: key.1.to_owned(), message: ended.to_string() })
                    });
                    (key, outcome)
                }
            });
            let mut work = stream::iter(work).buffer_unordered(side_by_side);
            while let Some((key, outcome)) = work.next().await {
                progress(&self.settle(key, outcome, now_ms));
            }
        }
    }

    /// The pieces that are due of the first kind of which some are. That a table cannot be read is told, and it rests.
    async fn next_pieces(
        &self,
        lake: &Lake,
        now_ms: i64,
        progress: &mut impl FnMut(&Result<Done, Error>),
    ) -> Option<(Work, Vec<Piece>)> {
        for kind in Work::ALL {
            let mut pieces = loop {
                match self.due(lake, kind, now_ms).await {
                    Ok(pieces) => break pieces,
                    Err(error) => progress(&Err(error)),
                }
            };
            pieces.retain(|piece| !self.rests(piece.key(), now_ms));
            if !pieces.is_empty() {
                return Some((kind, pieces));
            }
        }
        None
    }

    /// Remembers what came of a piece.
    fn settle(&self, key: Key, outcome: Result<Rewritten, Error>, now_ms: i64) -> Result<Done, Error> {
        match outcome {
            Ok(rewritten) => {
                if key.0 == Work::Vacuum {
                    self.state.lock().vacuumed_at_ms.insert(key.1, now_ms);
                }
                Ok(done(key, rewritten))
            }
            Err(error) => {
                self.rest(key, now_ms);
                Err(error)
            }
        }
    }

    fn rests(&self, key: Key, now_ms: i64) -> bool {
        self.state.lock().retry_at_ms.get(&key).is_some_and(|retry_at_ms| now_ms < *retry_at_ms)
    }

    fn rest(&self, key: Key, now_ms: i64) {
        let mut state = self.state.lock();
        state.retry_at_ms.retain(|_, retry_at_ms| now_ms < *retry_at_ms);
        state.retry_at_ms.insert(key, now_ms.saturating_add(RETRY_AFTER_MS));
    }

    /// A table's files by day. A table that cannot be read is left alone for a while, so that the others are kept.
    async fn files(
        &self,
        delta: &Delta,
        kind: Work,
        now_ms: i64,
    ) -> Result<BTreeMap<i32, Vec<DataFile>>, Error> {
        let key = (kind, delta.name(), None);
        if self.rests(key, now_ms) {
            return Ok(BTreeMap::new());
        }
        let files = delta.latest().await.and_then(|table| match table {
            Some(table) => files_of(&table, delta),
            None => Ok(BTreeMap::new()),
        });
        files.inspect_err(|_| self.rest(key, now_ms))
    }

    /// The work of a kind that is due, the most useful first.
    async fn due(&self, lake: &Lake, kind: Work, now_ms: i64) -> Result<Vec<Piece>, Error> {
        let today = day_of(now_ms);
        let mut pieces = Vec::new();
        match kind {
            Work::Expire => {
                let at_most_ms = self.state.lock().retention_at_most_ms.unwrap_or(i64::MAX);
                let today = day_of(now_ms.min(at_most_ms));
                // What is kept of excluded sessions is kept as long as sessions are.
                let of_excluded = self.settings.retention_days.get(&Table::Sessions);
                let of_excluded = of_excluded.map(|days| (lake.exclusion_delta(), days));
                let of_tables = self.settings.retention_days.iter();
                let of_tables = of_tables.map(|(table, days)| (lake.delta(*table), days));
                for (delta, days) in of_tables.chain(of_excluded) {
                    let files = self.files(delta, kind, now_ms).await?;
                    let first = today.saturating_sub(i32::try_from(*days).unwrap_or(i32::MAX));
                    let (expired, predicate) = files_before(&files, first);
                    if !expired.is_empty() {
                        pieces.push(Piece::Expire(delta.name(), expired, predicate));
                    }
                }
                pieces.extend(self.orphaned_rollups(lake, now_ms).await?);
            }
            Work::Compact => {
                for table in Table::ALL {
                    for (day, files) in self.files(lake.delta(table), kind, now_ms).await? {
                        let due = due_files(&files, day < today, now_ms);
                        if !due.is_empty() {
                            pieces.push(Piece::Compact(table, day, due, day < today));
                        }
                    }
                }
                // Where the most files go, the most is gained.
                pieces.sort_by_key(|piece| match piece {
                    Piece::Compact(_, _, files, _) => std::cmp::Reverse(files.len()),
                    _ => std::cmp::Reverse(0),
                });
            }
            Work::RollUp => {
                let sessions = self.files(lake.delta(Table::Sessions), kind, now_ms).await?;
                for (rollup, delta) in lake.rollups() {
                    let rolled_up = self.files(delta, kind, now_ms).await?;
                    let least = self.settings.rollup_sessions;
                    let due = due_days(rollup, &sessions, &rolled_up, today, least);
                    pieces.extend(due.into_iter().map(|day| Piece::RollUp(rollup, day)));
                }
            }
            Work::Vacuum => {
                let state = self.state.lock();
                let is_due = |name: &&'static str| {
                    state
                        .vacuumed_at_ms
                        .get(name)
                        .is_none_or(|vacuumed_at_ms| vacuumed_at_ms.saturating_add(VACUUM_EVERY_MS) <= now_ms)
                };
                let names = Table::ALL.iter().map(|table| table.name());
                let names = names.chain(ROLLUPS.iter().map(|rollup| rollup.name)).chain([EXCLUSIONS]);
                pieces.extend(names.filter(is_due).map(Piece::Vacuum));
            }
        }
        Ok(pieces)
    }

    /// Days of rollups whose sessions are gone.
    async fn orphaned_rollups(&self, lake: &Lake, now_ms: i64) -> Result<Vec<Piece>, Error> {
        let sessions = lake.delta(Table::Sessions);
        if self.rests((Work::Expire, sessions.name(), None), now_ms) {
            return Ok(Vec::new());
        }
        let sessions = self.files(sessions, Work::Expire, now_ms).await?;
        let mut pieces = Vec::new();
        for (rollup, delta) in lake.rollups() {
            let mut files = self.files(delta, Work::Expire, now_ms).await?;
            let days = orphaned_days(&sessions, &files);
            let predicate = days_predicate(&days);
            let orphaned: Vec<DataFile> =
                days.into_iter().filter_map(|day| files.remove(&day)).flatten().collect();
            if !orphaned.is_empty() {
                pieces.push(Piece::Expire(rollup.name, orphaned, predicate));
            }
        }
        Ok(pieces)
    }
}

async fn run(
    settings: &MaintenanceSettings,
    lake: &Lake,
    piece: Piece,
    now_ms: i64,
) -> Result<Rewritten, Error> {
    let bounds = &settings.bounds;
    match piece {
        Piece::Expire(name, files, what) => match lake.any_delta(name) {
            Some(delta) => remove_days(delta, files, what, now_ms).await,
            None => Ok(Rewritten::default()),
        },
        Piece::Compact(table, _, files, is_over) => {
            compact_files(table, lake.delta(table), files, is_over, bounds, now_ms).await
        }
        Piece::RollUp(rollup, day) => lake.roll_up(rollup, day, bounds, now_ms).await,
        Piece::Vacuum(name) => match lake.any_delta(name) {
            Some(delta) => vacuum(delta, settings.unreferenced_for_ms, now_ms).await,
            None => Ok(Rewritten::default()),
        },
    }
}

fn day_of(now_ms: i64) -> i32 {
    i32::try_from(now_ms.div_euclid(DAY_MS)).unwrap_or(if now_ms < 0 { i32::MIN } else { i32::MAX })
}

fn files_of(table: &DeltaTable, delta: &Delta) -> Result<BTreeMap<i32, Vec<DataFile>>, Error> {
    files_by_day(table).map_err(|error| match error {
        Error::Table { message, .. } => Error::Table { table: delta.name().to_owned(), message },
        other => other,
    })
}

fn done((work, table, day): Key, rewritten: Rewritten) -> Done {
    let Rewritten { files_before, files_after, bytes_before, bytes_after, rows } = rewritten;
    Done { work, table, day, files_before, files_after, bytes_before, bytes_after, rows }
}
