//! Journals filled from samples, their hand-over into a lake, and a look at what arrived there.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch};
use datafusion::prelude::SessionContext;
use playhead_journal::{
    ClosedSession, Commit, Journal, LogReader, NewEvent, OwnedEvent, ProgressReader, Sequence,
};
use playhead_journal::{MemoryJournal, MemoryStore};
use playhead_lake::{Error, Lake, Location, RowsBuilder, SESSION_TABLES, Table, event_batch};
use playhead_protocol::{Origin, Recorded};
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::SessionRows;

/// Midnight of the first day of 2026.
pub(crate) const FIRST_DAY_MS: i64 = 1_767_225_600_000;

/// A journal of closed sessions and events.
pub(crate) struct FilledJournal {
    pub(crate) store: MemoryStore,
    pub(crate) journal: MemoryJournal,
    pub(crate) sessions: Vec<SessionRows>,
    pub(crate) events: Vec<OwnedEvent>,
    server: String,
}

/// Sample sessions of one day.
pub(crate) fn sessions(seed: u64, count: u64) -> Vec<SessionRows> {
    Sessions::new(seed, SampleSettings { sessions: count, days: 1, ..SampleSettings::default() }).collect()
}

impl FilledJournal {
    /// The journal of the server of that name, with so many sessions and three times as many events.
    pub(crate) fn new(server: &str, seed: u64, count: u64) -> Self {
        let store = MemoryStore::new();
        let journal = store.open(FIRST_DAY_MS).unwrap();
        let mut filled =
            Self { store, journal, sessions: Vec::new(), events: Vec::new(), server: server.to_owned() };
        filled.add(seed, count);
        filled
    }

    /// More sessions close and more events arrive.
    pub(crate) fn add(&mut self, seed: u64, count: u64) {
        let bodies: Vec<_> = playhead_samples::events(seed, FIRST_DAY_MS).take(3 * count as usize).collect();
        let events: Vec<NewEvent<'_>> = bodies
            .iter()
            .map(|event| NewEvent {
                session: event.session,
                previous: None,
                last_of_batch: false,
                recorded: Recorded::new(Origin::COLLECTION_V1, event.body.as_bytes()),
            })
            .collect();
        let received_at_ms = FIRST_DAY_MS + 1_000;
        self.journal.commit(&Commit { received_at_ms, events: &events, ..Commit::default() }).unwrap();
        let sessions = sessions(seed, count);
        for (rows, is_of_release_before) in sessions.iter().zip([false, true].into_iter().cycle()) {
            match is_of_release_before {
                true => self.close(rows, rows.write().unwrap().as_bytes()),
                false => self.close(rows, &rows.pack()),
            }
        }
        self.sessions.extend(sessions);
        self.events = self.store.reader().events_from(Sequence::new(1), usize::MAX).unwrap();
    }

    /// A session closes with that row.
    pub(crate) fn close(&mut self, rows: &SessionRows, row: &[u8]) {
        let closed = ClosedSession {
            session: rows.session.session_id,
            start_sequence: Sequence::new(1),
            last_sequence: Sequence::new(1),
            started_at_ms: rows.session.started_at_ms,
            closed_at_ms: rows.session.last_event_at_ms,
            report_suite: "suite",
            content_id: "content",
            visitor_id: "",
            row,
        };
        self.journal.commit(&Commit { closed: &[closed], ..Commit::default() }).unwrap();
    }

    pub(crate) fn lake(&self, location: Location) -> Lake {
        Lake::new(location, &self.server).unwrap()
    }

    /// Hands over what the journal has, in pages of so many closed sessions and events.
    pub(crate) async fn hand_over(&self, lake: &Lake, page: usize) -> Result<(), Error> {
        self.hand_over_in(lake, page, page).await
    }

    /// As [`FilledJournal::hand_over`], in pages of another size for closed sessions and for events.
    pub(crate) async fn hand_over_in(
        &self,
        lake: &Lake,
        page: usize,
        page_of_events: usize,
    ) -> Result<(), Error> {
        let mut reader = self.store.reader();
        let mut taken = lake.taken().await?;
        loop {
            let records = reader.outbox(taken.position, page)?;
            let Some(last) = records.last() else { break };
            lake.take_sessions(&records).await?;
            taken.position = last.position;
        }
        loop {
            let events = reader.events_from(taken.sequence.next(), page_of_events)?;
            let Some(last) = events.last() else { break };
            lake.take_events(&events).await?;
            taken.sequence = last.sequence;
        }
        assert_eq!(lake.taken().await?, taken);
        Ok(())
    }

    /// The rows that a table is to have.
    pub(crate) fn expected(&self, table: Table) -> RecordBatch {
        match table {
            Table::Events => in_order(table, &event_batch(&self.events, &self.server).unwrap()),
            _ => expected(table, &self.sessions),
        }
    }
}

/// The rows that a table is to have of these sessions.
pub(crate) fn expected(table: Table, sessions: &[SessionRows]) -> RecordBatch {
    let mut builder = RowsBuilder::new(table, None);
    sessions.iter().for_each(|rows| builder.push(rows));
    in_order(table, &builder.finish().unwrap())
}

/// The rows in one order; ids come first, because nothing else is unique.
pub(crate) fn in_order(table: Table, rows: &RecordBatch) -> RecordBatch {
    let keys = ["session_id", "server", "sequence", "ad_number", "chapter_number", "error_number"];
    let keys = keys.iter().filter_map(|name| rows.column_by_name(name).cloned());
    let columns: Vec<SortColumn> =
        keys.map(|values: ArrayRef| SortColumn { values, options: None }).collect();
    assert!(columns.len() > usize::from(table != Table::Sessions));
    take_record_batch(rows, &lexsort_to_indices(&columns, None).unwrap()).unwrap()
}

/// All rows of a table, in one order.
pub(crate) async fn stored(lake: &Lake, table: Table) -> RecordBatch {
    try_stored(lake, table).await.unwrap()
}

/// As [`stored`], as far as the table can be read.
pub(crate) async fn try_stored(lake: &Lake, table: Table) -> Result<RecordBatch, Error> {
    let Some(provider) = lake.latest_snapshot(table).await?.provider().await? else {
        return Ok(RecordBatch::new_empty(table.schema()));
    };
    let schema = provider.schema();
    let rows = SessionContext::new().read_table(provider)?.collect().await?;
    Ok(in_order(table, &concat_batches(&schema, &rows).map_err(Error::Arrow)?))
}

/// Checks that each table has exactly the rows that these journals gave.
pub(crate) async fn assert_exact(lake: &Lake, journals: &[&FilledJournal], when: &str) {
    for table in Table::ALL {
        let parts: Vec<RecordBatch> = journals.iter().map(|journal| journal.expected(table)).collect();
        let all = in_order(table, &concat_batches(&table.schema(), &parts).unwrap());
        assert_same(&stored(lake, table).await, &all, &format!("{} {when}", table.name()));
    }
}

/// Checks that the rows are the same, column by column.
pub(crate) fn assert_same(found: &RecordBatch, expected: &RecordBatch, what: &str) {
    assert_eq!(found.num_rows(), expected.num_rows(), "rows of {what}");
    assert_eq!(found.num_columns(), expected.num_columns(), "columns of {what}");
    for (field, values) in expected.schema().fields().iter().zip(expected.columns()) {
        let column = found.column_by_name(field.name());
        assert_eq!(column, Some(values), "{} of {what}", field.name());
    }
}

/// Four servers feed one lake at the same time, each from a journal of its own; every row is there once.
pub(crate) async fn four_writers_leave_every_row_once(location: Location) {
    let mut tasks = Vec::new();
    for server in 0..4_u64 {
        let location = location.clone();
        tasks.push(tokio::spawn(async move {
            let filled = FilledJournal::new(&format!("server-{server}"), 100 + server, 12);
            let lake = filled.lake(location);
            filled.hand_over(&lake, 4).await.unwrap();
            filled
        }));
    }
    let mut journals = Vec::new();
    for task in tasks {
        journals.push(task.await.unwrap());
    }
    let journals: Vec<&FilledJournal> = journals.iter().collect();
    assert_exact(&journals[0].lake(location), &journals, "after four writers").await;
}

/// A journal is handed over in parts, by one process after the other; every row is there once.
pub(crate) async fn parts_leave_every_row_once(location: Location) {
    let mut filled = FilledJournal::new("here", 7, 10);
    filled.hand_over(&filled.lake(location.clone()), 3).await.unwrap();
    filled.add(8, 9);
    filled.hand_over(&filled.lake(location.clone()), 4).await.unwrap();
    assert_exact(&filled.lake(location), &[&filled], "after two parts").await;
}

/// The positions that each table says.
pub(crate) async fn positions(lake: &Lake) -> Vec<u64> {
    let mut positions = Vec::new();
    for table in SESSION_TABLES {
        positions.push(lake.latest_snapshot(table).await.unwrap().taken());
    }
    positions
}

/// A directory as the place of a lake.
pub(crate) fn directory(path: &std::path::Path) -> Location {
    Location::directory(&path.join("lake")).unwrap()
}

/// A directory as the place of a lake, reached through a store.
pub(crate) fn directory_through(
    path: &std::path::Path,
    store: Arc<dyn object_store::ObjectStore>,
) -> Location {
    Location::directory_through(&path.join("lake"), store).unwrap()
}
