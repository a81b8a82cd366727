//! The hand-over: what the journal has moves into the tables, each row exactly once.
//!
//! Each table records how far it has got, so an interrupted hand-over continues where each table is. The caller reads the
//! journal, because that waits for the disk; pages come in as values.
//!
//! [`Lake::taken`] covers only rows that are on disk, so a journal may remove them. A closed session whose row cannot be
//! read is skipped, because one row must not hold up all others; it is logged and counted, its events are in the table of
//! events, and its row stays in the journal as long as rows of closed sessions do.

use std::collections::HashSet;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::{SortColumn, SortOptions, lexsort_to_indices, take_record_batch};
use playhead_journal::{ClosedRecord, OutboxPosition, OwnedEvent, Sequence};
use playhead_protocol::SessionId;
use playhead_session::ReadRows;

use crate::delta::append::Append;
use crate::error::Error;
use crate::lake::Lake;
use crate::limits::{COMMIT_EVENTS, COMMIT_ROW_BYTES, COMMIT_SESSIONS, SORTED_BYTES};
use crate::rows::RowsBuilder;
use crate::rows::event_rows::event_batch;
use crate::tables::Table;

/// The tables that closed sessions go into.
pub const SESSION_TABLES: [Table; 4] = [Table::Sessions, Table::Ads, Table::Chapters, Table::Errors];

/// How far the journal is in the lake, durably, in all tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Closed sessions up to this position of the outbox.
    pub position: OutboxPosition,
    /// Events up to this sequence.
    pub sequence: Sequence,
}

/// The result of a step of the hand-over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HandedIn {
    /// Rows that went into the table of sessions, or of events.
    pub rows: u64,
    /// Closed sessions whose row cannot be read; they are passed over, and the log names them.
    pub unreadable: u64,
}

impl Lake {
    /// How far the journal is in the lake, on disk.
    ///
    /// # Errors
    ///
    /// When a table cannot be read, or its log not brought to disk.
    pub async fn taken(&self) -> Result<Taken, Error> {
        let mut position = u64::MAX;
        for table in SESSION_TABLES {
            position = position.min(self.taken_by(table).await?);
        }
        let position = OutboxPosition::new(position);
        Ok(Taken { position, sequence: Sequence::new(self.taken_by(Table::Events).await?) })
    }

    async fn taken_by(&self, table: Table) -> Result<u64, Error> {
        let delta = self.delta(table);
        match delta.latest_on_disk().await? {
            Some(current) => delta.transaction(&current, &self.application()).await,
            None => Ok(0),
        }
    }

    /// Takes in closed sessions, in the order of the outbox and without a gap behind what is taken; those that a table
    /// has already are passed over there. Many are taken in by several versions.
    ///
    /// # Errors
    ///
    /// [`Error::TakenOver`] when another process hands the same journal over; otherwise when a table cannot be read or
    /// written. What the tables have by then stays; the same call can be made again.
    pub async fn take_sessions(&self, records: &[ClosedRecord]) -> Result<HandedIn, Error> {
        self.take_sessions_except(records, &HashSet::new()).await
    }

    /// The same, but for sessions that the tables have from another history of the journal: they are passed over.
    ///
    /// # Errors
    ///
    /// As for [`Lake::take_sessions`].
    pub async fn take_sessions_except(
        &self,
        records: &[ClosedRecord],
        known: &HashSet<SessionId>,
    ) -> Result<HandedIn, Error> {
        let mut handed_in = HandedIn::default();
        let mut rest = records;
        while !rest.is_empty() {
            let (some, later) = rest.split_at(commit_length(rest));
            self.take_some_sessions(some, known, &mut handed_in).await?;
            rest = later;
        }
        Ok(handed_in)
    }

    /// Each row is read once, for all tables.
    async fn take_some_sessions(
        &self,
        records: &[ClosedRecord],
        known: &HashSet<SessionId>,
        handed_in: &mut HandedIn,
    ) -> Result<(), Error> {
        let Some(last) = records.last() else { return Ok(()) };
        let mut intakes = Vec::new();
        for table in SESSION_TABLES {
            let append = self.begin_append(table).await?;
            if append.taken() < last.position.get() {
                intakes.push(Intake { table, append, builder: RowsBuilder::new(table, None), rows: 0 });
            }
        }
        let mut unreadable = 0;
        let taken = intakes.iter().map(|intake| intake.append.taken()).min();
        let first_new =
            records.partition_point(|record| taken.is_none_or(|taken| record.position.get() <= taken));
        for record in records[first_new..].iter().filter(|record| !known.contains(&record.session)) {
            match ReadRows::read(&record.row) {
                Ok(rows) => take_in(&mut intakes, record.position.get(), &rows).await?,
                Err(error) => {
                    let is_for_sessions = |intake: &Intake<'_>| {
                        intake.table == Table::Sessions && intake.append.taken() < record.position.get()
                    };
                    // Once a session, however often its row comes by.
                    if intakes.iter().any(is_for_sessions) {
                        unreadable += 1;
                        tracing::error!(session = %record.session, %error, "a closed session is passed over");
                    }
                }
            }
        }
        for mut intake in intakes {
            intake.write().await?;
            if intake.table == Table::Sessions {
                handed_in.rows += intake.rows;
                handed_in.unreadable += unreadable;
            }
            intake.append.commit(last.position.get()).await?;
        }
        Ok(())
    }

    /// Takes in events, in the order of the journal and without a gap behind what is taken; those that the table has
    /// already are passed over. Many are taken in by several versions.
    ///
    /// # Errors
    ///
    /// As for [`Lake::take_sessions`].
    pub async fn take_events(&self, events: &[OwnedEvent]) -> Result<HandedIn, Error> {
        let mut handed_in = HandedIn::default();
        for some in events.chunks(COMMIT_EVENTS) {
            let mut append = self.begin_append(Table::Events).await?;
            let new = &some[some.partition_point(|event| event.sequence.get() <= append.taken())..];
            let Some(last) = new.last() else { continue };
            let mut rest = new;
            while !rest.is_empty() {
                let (page, later) = rest.split_at(sorted_length(rest));
                append.write(&sorted(Table::Events, &event_batch(page, &self.server())?)?).await?;
                rest = later;
            }
            append.commit(last.sequence.get()).await?;
            handed_in.rows += new.len() as u64;
        }
        Ok(handed_in)
    }
}

/// Rows on their way into one table.
struct Intake<'lake> {
    table: Table,
    append: Append<'lake>,
    builder: RowsBuilder,
    /// How many rows were added.
    rows: u64,
}

impl Intake<'_> {
    /// Adds the rows of a session, and writes whenever enough are together.
    async fn add(&mut self, rows: &ReadRows<'_>) -> Result<(), Error> {
        let mut next = Some(0);
        while let Some(first) = next {
            let before = self.builder.len();
            next = self.builder.push_read_from(rows, first, SORTED_BYTES);
            self.rows += (self.builder.len() - before) as u64;
            if self.builder.text_bytes() >= SORTED_BYTES {
                self.write().await?;
            }
        }
        Ok(())
    }

    /// Writes the rows that are together, in order.
    async fn write(&mut self) -> Result<(), Error> {
        self.append.write(&sorted(self.table, &self.builder.finish()?)?).await
    }
}

/// Adds the rows of a session to the tables that do not have them. What is together for all tables takes no more memory
/// than for one: the fullest is written first.
async fn take_in(intakes: &mut [Intake<'_>], position: u64, rows: &ReadRows<'_>) -> Result<(), Error> {
    for intake in intakes.iter_mut().filter(|intake| intake.append.taken() < position) {
        intake.add(rows).await?;
    }
    while intakes.iter().map(|intake| intake.builder.text_bytes()).sum::<usize>() >= SORTED_BYTES {
        let Some(fullest) = intakes.iter_mut().max_by_key(|intake| intake.builder.text_bytes()) else {
            break;
        };
        fullest.write().await?;
    }
    Ok(())
}

/// How many of these closed sessions one version takes in, at least one.
fn commit_length(records: &[ClosedRecord]) -> usize {
    let mut bytes = 0;
    let fits = |record: &&ClosedRecord| {
        let fits = bytes < COMMIT_ROW_BYTES;
        bytes += record.row.len();
        fits
    };
    records.iter().take(COMMIT_SESSIONS).take_while(fits).count()
}

/// How many of these events stand in order together, at least one.
fn sorted_length(events: &[OwnedEvent]) -> usize {
    let mut bytes = 0;
    let fits = |event: &&OwnedEvent| {
        let fits = bytes < SORTED_BYTES;
        bytes += event.body.len();
        fits
    };
    events.iter().take_while(fits).count()
}

/// The rows in the order in which files have them.
pub(crate) fn sorted(table: Table, rows: &RecordBatch) -> Result<RecordBatch, Error> {
    if rows.num_rows() < 2 {
        return Ok(rows.clone());
    }
    let values = |name: &&str| rows.column_by_name(name).cloned();
    let column = |values: ArrayRef| SortColumn { values, options: Some(SortOptions::default()) };
    let columns: Vec<SortColumn> = table.sort_columns().iter().filter_map(values).map(column).collect();
    let order = lexsort_to_indices(&columns, None).map_err(Error::Arrow)?;
    take_record_batch(rows, &order).map_err(Error::Arrow)
}
