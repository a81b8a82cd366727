//! The lake as a whole: its tables, appends that count once, and snapshots for queries.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::catalog::TableProvider;
use deltalake::DeltaTable;
use parking_lot::Mutex;

use crate::delta::location::Location;
use crate::delta::scan::StoredRows;
use crate::delta::{Delta, SharedDelta};
use crate::error::Error;
use crate::exclusion::StoredExclusion;
use crate::line::{Feeder, application_of};
use crate::tables::Table;
use crate::tables::definition::Definition;
use crate::tables::exclusion_table::exclusion_definition;
use crate::tables::rollup_tables::{ROLLUPS, Rollup};

/// The tables at one location, as one data directory writes them.
#[derive(Debug)]
pub struct Lake {
    location: Location,
    feeder: Feeder,
    tables: [SharedDelta; Table::ALL.len()],
    /// One for each of [`ROLLUPS`].
    rollups: Vec<SharedDelta>,
    exclusions: SharedDelta,
    /// The exclusions of a version of their table.
    pub(crate) seen_exclusions: Mutex<Option<(u64, Arc<[StoredExclusion]>)>>,
}

/// A table as of one version.
#[derive(Debug, Clone)]
pub struct Snapshot {
    table: Table,
    delta: Option<DeltaTable>,
    taken: u64,
}

impl Lake {
    /// The lake at `location`. This reads and writes nothing. `server` names the data directory whose journal feeds the
    /// lake: several may feed one lake, each under a name of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Location`] if the location cannot form URLs.
    pub fn new(location: Location, server: &str) -> Result<Self, Error> {
        let delta = |table: Table| {
            let definition = Definition {
                name: table.name(),
                meaning: table.meaning(),
                schema: table.schema(),
                pruning_columns: table.pruning_columns().to_vec(),
            };
            Delta::new(definition, location.clone()).map(Arc::new)
        };
        let [sessions, ads, chapters, errors, events] = Table::ALL.map(delta);
        let tables = [sessions?, ads?, chapters?, errors?, events?];
        let rollup = |rollup: &Rollup| Delta::new(rollup.definition(), location.clone()).map(Arc::new);
        let rollups = ROLLUPS.iter().map(rollup).collect::<Result<_, _>>()?;
        let exclusions = Arc::new(Delta::new(exclusion_definition(), location.clone())?);
        let feeder = Feeder::new(server);
        Ok(Self { location, feeder, tables, rollups, exclusions, seen_exclusions: Mutex::default() })
    }

    /// The name under which the tables record the journal's positions.
    pub fn server(&self) -> Arc<str> {
        self.feeder.server()
    }

    pub(crate) fn feeder(&self) -> &Feeder {
        &self.feeder
    }

    /// Its location.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// How many versions of tables this process made. Whoever reads them elsewhere looks at them again when it has grown.
    pub fn written(&self) -> u64 {
        self.deltas().map(|delta| delta.written()).sum()
    }

    /// Takes no table as of a moment ago the next time: another process has written to some.
    pub async fn look_anew(&self) {
        for delta in self.deltas() {
            delta.look_anew().await;
        }
    }

    pub(crate) fn delta(&self, table: Table) -> &SharedDelta {
        &self.tables[table as usize]
    }

    pub(crate) fn rollup_delta(&self, rollup: &Rollup) -> Option<&SharedDelta> {
        self.rollups().find(|(found, _)| *found == rollup).map(|(_, delta)| delta)
    }

    /// All rollups with their tables.
    pub(crate) fn rollups(&self) -> impl Iterator<Item = (&'static Rollup, &SharedDelta)> {
        ROLLUPS.iter().zip(&self.rollups)
    }

    /// The table of that name, of whatever kind.
    pub(crate) fn any_delta(&self, name: &str) -> Option<&SharedDelta> {
        self.deltas().find(|delta| delta.name() == name)
    }

    /// All tables and rollups, and the table of excluded sessions.
    pub(crate) fn deltas(&self) -> impl Iterator<Item = &SharedDelta> {
        self.tables.iter().chain(&self.rollups).chain([&self.exclusions])
    }

    /// The table of excluded sessions.
    pub(crate) fn exclusion_delta(&self) -> &SharedDelta {
        &self.exclusions
    }

    /// Appends rows to a table, in one version that records the journal's `position`. Does nothing if the table has
    /// this position already. Creates the table if it is missing.
    ///
    /// # Errors
    ///
    /// [`Error::TakenOver`] if another process appends for the same journal; otherwise if the table cannot be read or
    /// written. In each case the append either took effect as a whole or not at all.
    pub async fn append(
        &self,
        table: Table,
        batches: impl IntoIterator<Item = RecordBatch>,
        position: u64,
    ) -> Result<(), Error> {
        let mut append = self.begin_append(table).await?;
        if append.taken() >= position {
            return Ok(());
        }
        for batch in batches {
            append.write(&batch).await?;
        }
        append.commit(position).await
    }

    /// A table as of a moment ago ([`RECENT`](crate::limits::RECENT)), with everything that this process wrote; empty if
    /// it was never written.
    ///
    /// # Errors
    ///
    /// If the table cannot be read.
    pub async fn snapshot(&self, table: Table) -> Result<Snapshot, Error> {
        self.snapshot_of(table, self.delta(table).recent().await?).await
    }

    /// A table as of now, with the writes of all processes; empty if it was never written.
    ///
    /// # Errors
    ///
    /// If the table cannot be read.
    pub async fn latest_snapshot(&self, table: Table) -> Result<Snapshot, Error> {
        self.snapshot_of(table, self.delta(table).latest().await?).await
    }

    async fn snapshot_of(&self, table: Table, current: Option<DeltaTable>) -> Result<Snapshot, Error> {
        let taken = match &current {
            Some(current) => self.delta(table).transaction(current, &self.application()).await?,
            None => 0,
        };
        Ok(Snapshot { table, delta: current, taken })
    }

    pub(crate) fn application(&self) -> String {
        application_of(&self.server())
    }
}

impl Snapshot {
    /// The table.
    pub fn table(&self) -> Table {
        self.table
    }

    /// The position (for events: the sequence) of the journal up to which its rows are in the table.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The table's version; `None` if it was never written.
    pub fn version(&self) -> Option<u64> {
        self.delta.as_ref().and_then(DeltaTable::version)
    }

    pub(crate) fn delta(&self) -> Option<&DeltaTable> {
        self.delta.as_ref()
    }

    /// The stored rows as a source for queries; `None` if there are none.
    ///
    /// # Errors
    ///
    /// If the table cannot be read.
    pub async fn provider(&self) -> Result<Option<Arc<dyn TableProvider>>, Error> {
        let Some(delta) = &self.delta else { return Ok(None) };
        Ok(Some(Arc::new(StoredRows::all(delta, &self.table.schema())?)))
    }
}
